#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the command that `ready` names beside "no commit holds these inputs" is one that changes the answer, with data
# that git ignores, too.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
echo "numbers.txt" >.gitignore
expect 0 "$REPRO" record
for round in 1 2 3 4; do
    expect 0 "$REPRO" ready sums
    if grep -q "1 provenance *yes" "$OUT"; then break; fi
    remedy=$(sed -n '/1 provenance/{n;s/^ *→ //p;}' "$OUT")
    sh -c "repro() { '$REPRO' \"\$@\"; }
        git() { command git -c user.name=T -c user.email=t@example.invalid \"\$@\"; }
        EDITOR='echo round $round >' GIT_EDITOR='echo round $round >'
        export EDITOR GIT_EDITOR
        $remedy" >/dev/null 2>&1 || fail "round $round: '$remedy' fails"
done
grep -q "1 provenance *yes" "$OUT" || fail "what is named does not help"
git ls-files --error-unmatch numbers.txt >/dev/null || fail "an input is not committed"
