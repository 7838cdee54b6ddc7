#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: diff takes goldens by name, at any revision of git, one artifact of them, and a file of the work tree beside one.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
commit start
expect 0 "$REPRO" record
commit golden
edit factor.json 's/1.5/1.6/'
expect 0 "$REPRO" record --reason "more"
commit more
expect 1 "$REPRO" diff sums@HEAD~1 sums
says "model.txt"
says "settings: factor.json"
expect 0 "$REPRO" diff sums@HEAD sums
says "bytes equal"
expect 1 "$REPRO" diff sums@HEAD~1:model.txt sums:model.txt
silent_about "settings"
printf '%s\n' changed >model.txt
expect 1 "$REPRO" diff sums model.txt
expect 2 "$REPRO" diff sums@no-such-revision sums
says "no-such-revision"
expect 2 "$REPRO" diff sum sums
says "did you mean 'sums'?"
expect 2 "$REPRO" diff sums/other-class sums
says "no class 'other-class'"
rm golden/sums/*/*.tar.zst
expect 1 "$REPRO" diff sums@HEAD~1 sums
says "not at hand"
