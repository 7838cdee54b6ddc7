#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an input that is edited while training runs is a failing check, not a wrong manifest.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
edit suites/sums/suite.json "s|\"data\": \\[\"numbers.txt\"\\]|\"data\": [\"numbers.txt\"], \"external\": {\"LATE\": \"$WORK/late\"}|"
echo one >"$WORK/late"
cat >>train.sh <<EOF
echo two >"$WORK/late" 2>/dev/null || :
EOF
# Training cannot write there where it is isolated: somebody else does.
(sleep 0 && while ! pgrep -f "sleep 0.987$$" >/dev/null; do :; done && echo two >"$WORK/late") &
echo "sleep 0.987$$" >>train.sh
expect 1 "$REPRO" verify
says "changed while training ran"
wait
