#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: inputs that training overwrites or removes in its workspace are named as such, not as undeclared outputs
. "$(dirname "$0")/lib.sh"
sums_suite
cat >>train.sh <<'END'
echo 11 >>numbers.txt
rm factor.json
END
expect 0 "$REPRO" record
says "changes or removes its own inputs: factor.json, …"
silent_about "does not declare"
expect 0 "$REPRO" verify --isolation none
says "changes or removes its own inputs: factor.json, …"
expect 0 "$REPRO" verify
