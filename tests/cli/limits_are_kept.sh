#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: wall time, memory and artifact size beyond their limits fail, each with both numbers.
. "$(dirname "$0")/lib.sh"
mkdir -p suites/big
cat >suites/big/suite.json <<'EOF'
{"suite": "big", "class": "any",
 "train": {"command": "head -c 3000000 /dev/zero > model.bin; sleep 0.2"},
 "artifacts": {"model.bin": {}},
 "limits": {"train": {"wall": "20s", "memory": "1GiB"}, "artifact": "4MB", "bundle": "8MiB"}}
EOF
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
edit suites/big/suite.json 's/20s/10ms/; s/1GiB/10KiB/; s/4MB/1MB/'
expect 1 "$REPRO" verify
says "10 ms"
says "model.bin"
says "memory"
