#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: verify says which bundle is missing, where it was looked for and how to fetch it, and goes on without it.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "limits": {"bundle": 1},/'
mkdir "$WORK/models"
printf '{"store": "%s"}\n' "$WORK/models" >repro.json
expect 0 "$REPRO" record
name=$(basename "$WORK/models/"*.tar.zst)
commit
git clone -q . "$WORK/clone"
cd "$WORK/clone"
mv "$WORK/models" "$WORK/unmounted"
expect 0 "$REPRO" verify --junit junit.xml
says "looked for '.repro/store/$name'"
says "'$WORK/models/$name'"
says "is it mounted?"
says "copy $name from there to .repro/store"
holds junit.xml "is not here"
expect 3 "$REPRO" verify --at golden
says "is not here"
expect 3 "$REPRO" record --reason "none"
says "is it mounted?"
[ ! -e "$WORK/models" ] || fail "the mount was made"
mkdir -p .repro/store
cp "$WORK/unmounted/$name" .repro/store/
expect 0 "$REPRO" verify --at golden
silent_about "is not here"
rm -r .repro/store
mv "$WORK/unmounted" "$WORK/models"
expect 0 "$REPRO" verify --at golden
silent_about "is not here"
