#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a file that training reads and suite.json does not declare fails, with the line to add; once added, it passes.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
echo 0.25 >"bias.dat"
echo 'echo "bias $(cat bias.dat)" >/dev/null' >>train.sh
expect 1 "$REPRO" verify
says "training reads 1 file that suite.json does not declare: bias.dat"
says '"data": ["bias.dat"]'
says "repro verify sums --only inputs,replay"
expect 1 "$REPRO" record --reason "a bias"
says "training reads files that suite.json does not declare"
edit suites/sums/suite.json 's/"numbers.txt"\]/"numbers.txt", "bias.dat"]/'
expect 0 "$REPRO" record --reason "a bias"
expect 0 "$REPRO" verify
