#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: two clones with a common mount verify, and replay, a golden whose bundle is too large for git.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "limits": {"bundle": 1},/'
mkdir "$WORK/models"
printf '{\n  // every machine of ours has it\n  "store": "%s"\n}\n' "$WORK/models" >repro.json
expect 0 "$REPRO" record
says "it lies in the store '$WORK/models', not in git"
name=$(basename "$WORK/models/"*.tar.zst)
[ ! -e golden/sums/any/"$name" ] || fail "the bundle is in git"
holds golden/sums/any/manifest.json '"in_store": true'
holds golden/sums/any/manifest.json "\"store\": \"$WORK/models\""
commit
git clone -q . "$WORK/clone"
cd "$WORK/clone"
git_project
expect 0 "$REPRO" verify
silent_about "is not here"
expect 0 "$REPRO" record
says "nothing moved"
[ -z "$(git status --porcelain)" ] || fail "recording the same changed something"
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" verify --at golden
expect 0 "$REPRO" record --reason "prices"
commit
[ "$(find "$WORK/models" -type f | wc -l)" -eq 2 ] || fail "the store should have both bundles"
cd "$WORK/project"
git pull -q "$WORK/clone" main
expect 0 "$REPRO" verify
expect 0 "$REPRO" verify --at golden
