#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: when a training without a seed differs, what it drew is told as the likely cause; what every interpreter and
# every program draws at its start is not blamed.
. "$(dirname "$0")/lib.sh"
traceable
python=$(readlink -f /usr/bin/python3) && [ -x "$python" ] || skip "there is no /usr/bin/python3"
mkdir -p suites/toy
cat >suites/toy/suite.json <<END
{"suite": "toy", "class": "any", "inputs": {"code": ["train.py"]}, "artifacts": {"model.txt": {}},
 "train": {"command": ["$python", "train.py"], "timeout": "60s"}}
END
echo 'import os; open("model.txt", "w").write(os.urandom(8).hex())' >train.py
expect 0 "$REPRO" record
expect 1 "$REPRO" verify
says "the training itself is likely random"
says "$(basename "$python") drew entropy (getrandom, 1 time more than by itself)"
[ -z "$(find .repro/runs -name bare)" ] || fail "what was measured is left behind"

echo 'import time; open("model.txt", "w").write(str(time.time_ns()))' >train.py
expect 0 "$REPRO" record --reason "the clock"
expect 1 "$REPRO" verify
says "the training itself may be random"
silent_about "drew entropy"
