#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: `--isolation partial` confines training without namespaces; the report says which level held and what it leaves open, and verify agrees with a golden of level full.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
"$REPRO" doctor >"$OUT" || :
grep -q "seccomp refuses sockets" "$OUT" || skip "no seccomp filter can be had here"
expect 0 "$REPRO" verify --isolation partial --junit ../report.xml --json ../result.json
says "isolation partial: the run"
says "no network, not even loopback"
holds ../report.xml 'name="isolation" value="partial"'
holds ../report.xml "Unix sockets of the machine can be reached"
holds ../result.json '"isolation": "partial"'
edit train.sh 's/^set -eu/set -eu; exit 3/'
expect 1 "$REPRO" verify --isolation partial
says "--isolation partial"
