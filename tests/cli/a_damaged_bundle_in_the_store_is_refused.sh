#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: whatever lies in the shared store under a bundle's name, verify refuses it with exit status 2 and does not hang.
. "$(dirname "$0")/lib.sh"
requires timeout
git_project
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "limits": {"bundle": 1},/'
mkdir "$WORK/models"
printf '{"store": "%s"}\n' "$WORK/models" >repro.json
expect 0 "$REPRO" record
bundle=$(echo "$WORK/models/"*.tar.zst)
commit
git clone -q . "$WORK/clone"
cd "$WORK/clone"
refuses() { # refuses WHAT-IT-SAYS
    expect 2 timeout 60 "$REPRO" verify
    says "$1"
    says "$bundle"
    rm -rf "$bundle"
}
mv "$bundle" "$WORK/whole"
head -c 100 "$WORK/whole" >"$bundle"
refuses "damaged"
head -c 1000000 /dev/urandom >"$bundle"
refuses "damaged"
mkfifo "$bundle"
refuses "not a regular file"
mkdir "$bundle"
refuses "is a folder"
ln -s "$WORK/whole" "$bundle"
refuses "is a symbolic link"
cp "$WORK/whole" "$bundle"
expect 0 "$REPRO" verify
# Where it was recorded, recording again mends the store.
head -c 100 "$WORK/whole" >"$bundle"
cd "$WORK/project"
expect 0 "$REPRO" record
same "$bundle" .repro/store/"$(basename "$bundle")"
cd "$WORK/clone"
expect 0 "$REPRO" verify
