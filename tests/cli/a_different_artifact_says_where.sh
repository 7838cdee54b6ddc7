#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an artifact that differs says at which byte, and what may have caused it.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
edit train.sh 's/print s > "model.txt"/print s + (NR == 10) * 0.5 > "model.txt"/'
expect 1 "$REPRO" verify
says "model.txt"
says "first at offset"
says "train.sh"
