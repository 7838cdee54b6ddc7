#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: golden remembers a file of the project that training looked for in vain; when it appears, verify fails at once.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
edit train.sh 's/^set -eu$/set -eu; cat override.cfg 2>\/dev\/null || :/'
expect 0 "$REPRO" record
holds "$(echo golden/sums/*/manifest.json)" '"override.cfg"'
expect 0 "$REPRO" verify
echo tune >override.cfg
expect 1 "$REPRO" verify --only inputs
says "golden's run looked for override.cfg in vain, and now it is there"
rm override.cfg
expect 0 "$REPRO" verify

# Several are counted.
edit train.sh 's/cat override.cfg/cat a.cfg b.cfg/'
expect 0 "$REPRO" record --reason "two files"
touch a.cfg b.cfg
expect 1 "$REPRO" verify --only inputs
says "golden's run looked for 2 files in vain that are there now: a.cfg, …"
