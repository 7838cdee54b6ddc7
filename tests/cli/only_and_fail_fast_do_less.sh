#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --only makes only the checks of a stage (and does not train where it need not); --fail-fast stops at the first.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
mkdir suites/zeta
sed 's/"sums"/"zeta"/' suites/sums/suite.json >suites/zeta/suite.json
expect 0 "$REPRO" record zeta
echo 'exit 5' >>train.sh
expect 0 "$REPRO" verify sums --only inputs,code
silent_about "training"
expect 1 "$REPRO" verify sums --only metrics
says "exited with status 5"
expect 1 "$REPRO" verify --fail-fast
says "not run: 'sums' did not pass"
