#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: escape sequences in reasons and names reach no terminal, whichever command shows them.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
evil=$(printf 'right\033[2J\033]0;owned\a')
expect 0 "$REPRO" record --reason "$evil"
commit golden
quiet() { # COMMAND...: says the reason or name, and no escape
    "$@" >"$OUT" 2>"$ERR" </dev/null || :
    if LC_ALL=C grep -q "$(printf '\033')" "$OUT" "$ERR"; then fail "an escape came through: $*"; fi
}
quiet "$REPRO" log
says 'right\x1b[2J'
cp numbers.txt "$(printf 'evil\033[2J.txt')"
edit suites/sums/suite.json 's/"numbers.txt"/"numbers.txt", "evil*"/'
quiet "$REPRO" status
says 'evil\x1b[2J.txt'
quiet "$REPRO" verify
quiet "$REPRO" record
quiet "$REPRO" init other -- sh -c "$(printf 'echo > "model\033[2J"')"
says 'model\x1b[2J'
