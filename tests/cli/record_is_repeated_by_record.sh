#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what fails in record says how to record again, for verify would find no golden
. "$(dirname "$0")/lib.sh"
sums_suite
echo 'exit 7' >>train.sh
expect 1 "$REPRO" record
says "repeat: repro record sums"
silent_about "repro verify"

sums_suite
edit suites/sums/suite.json 's/"model.txt"/"other.txt"/'
expect 1 "$REPRO" record
says "repeat: repro record sums"
