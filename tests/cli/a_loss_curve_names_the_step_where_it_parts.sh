#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a series is compared point by point and the first step at which it parts is named.
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json 's/"artifacts": .*/"artifacts": {},/'
expect 0 "$REPRO" record
edit train.sh 's|printf "%d,%.6f.n", NR, 1|printf "%d,%.6f\\n", NR, (NR >= 7 ? 1.01 : 1)|'
expect 1 "$REPRO" verify
says "step 7"
says "history.csv"
