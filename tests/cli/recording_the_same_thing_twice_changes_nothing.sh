#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: recording twice writes the same bytes and leaves git status clean; in another clone, too.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
commit start
expect 0 "$REPRO" record
commit golden
expect 0 "$REPRO" record
says "nothing moved"
[ -z "$(git status --porcelain)" ] || fail "$(git status --porcelain)"
git clone -q . ../clone
cd ../clone
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
[ -z "$(git status --porcelain)" ] || fail "$(git status --porcelain)"
