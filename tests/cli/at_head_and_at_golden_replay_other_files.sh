#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --at head trains on the commit, --at golden on what golden was made from, whatever the work tree holds.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
expect 0 "$REPRO" record
commit golden
echo 'exit 9' >>train.sh
edit factor.json 's/1.5/9.5/'
expect 1 "$REPRO" verify
expect 0 "$REPRO" verify --at head
expect 0 "$REPRO" verify --at golden
commit broken
expect 1 "$REPRO" verify --at head
expect 0 "$REPRO" verify --at golden
git checkout -q HEAD~1 -- factor.json
expect 0 "$REPRO" verify --at golden
