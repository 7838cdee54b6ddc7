#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what was recorded is verified: every stage passes, exit status 0.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record sums
[ -f golden/sums/any/manifest.json ] || fail "no golden"
expect 0 "$REPRO" verify -v
for text in model.txt total history.csv training; do says "$text"; done
says "0 failed"
