#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: report draws a kept result as junit and github, the same bytes as verify wrote; a broken result is refused.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
expect 0 "$REPRO" verify --junit junit.xml --json result.json
expect 0 "$REPRO" report junit result.json
same "$OUT" junit.xml
kept=$(find .repro/runs -name result.json | sort | tail -1)
same "$kept" result.json
expect 0 "$REPRO" report github result.json
expect 0 "$REPRO" report terminal result.json
says "passed"
expect 2 "$REPRO" report nonsense result.json
expect 2 "$REPRO" report junit
echo '{' >broken.json
expect 2 "$REPRO" report junit broken.json
expect 3 "$REPRO" report junit absent.json
