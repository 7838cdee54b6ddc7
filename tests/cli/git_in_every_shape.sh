#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: works without git, with a detached HEAD, in a linked work tree, a shallow clone, a submodule, a subfolder, and before the first commit.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
expect 0 "$REPRO" verify -v
says "not in a git repository"
git_project
expect 0 "$REPRO" verify
commit one
expect 0 "$REPRO" verify
git checkout -q --detach
expect 0 "$REPRO" verify
git worktree add -q ../linked HEAD
(cd ../linked && expect 0 "$REPRO" verify)
git checkout -q main
echo more >note
commit two
git clone -q --depth 1 "file://$PWD" ../shallow
(cd ../shallow && expect 0 "$REPRO" verify)
mkdir ../outer
cd ../outer
git_project
git -c protocol.file.allow=always submodule add -q "$WORK/project" sub
commit sub
(cd sub && expect 0 "$REPRO" verify)
mkdir nested
cp -r ../project/suites ../project/golden ../project/train.sh ../project/numbers.txt ../project/factor.json nested/
(cd nested && expect 0 "$REPRO" verify)
