#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: training that tries to reach the network fails with address and program, though the attempt came to nothing.
. "$(dirname "$0")/lib.sh"
requires python3
traceable
sums_suite
expect 0 "$REPRO" record
cat >>train.sh <<'PY'
python3 - <<'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    s.connect(("192.0.2.7", 443))
except OSError:
    pass
s.close()
local = socket.socket()
local.bind(("127.0.0.1", 0))
END
PY
expect 1 "$REPRO" verify
says "training tries to reach the network: connect to 192.0.2.7 port 443 by python3"
silent_about "127.0.0.1"
edit suites/sums/suite.json 's/"timeout": "30s"/"timeout": "30s", "network": true/'
expect 0 "$REPRO" record --reason "it may"
expect 0 "$REPRO" verify
says "what training fetches from the network is not known"
