#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what is read through a linked folder is declared by the link and by its own name; a link that the run makes is
# no input.
. "$(dirname "$0")/lib.sh"
traceable
mkdir -p data/october
seq 3 >data/october/numbers
ln -s october data/newest
expect 0 "$REPRO" init sums -- sh -c 'ln -s data/october/numbers short; cat data/newest/numbers short >model.txt; rm short'
holds suites/sums/suite.json '"data/october/numbers"'
holds suites/sums/suite.json '"data/newest"'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
mkdir data/november
seq 4 >data/november/numbers
ln -sfn november data/newest
expect 1 "$REPRO" verify
says "data/november/numbers"
