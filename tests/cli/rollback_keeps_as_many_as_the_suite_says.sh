#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: "keep" says how many earlier goldens stay; names that are the beginning of several are refused; and what is kept
# is never mistaken for a golden of its own.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
edit suites/sums/suite.json 's/"class": "any",/"class": "any", "keep": 2,/'
for factor in 1.5 2.5 3.5 4.5; do
    echo "{\"factor\": $factor}" >factor.json
    expect 0 "$REPRO" record --reason "factor $factor"
    commit "$factor"
done
kept() { find golden/sums/any/earlier -mindepth 1 -maxdepth 1 -type d | wc -l; }
[ "$(kept)" -eq 2 ] || fail "$(kept) goldens are kept, not 2"
# The metrics file of one run is that of no other; history.csv neither: only the identity of nothing is shared.
expect 0 "$REPRO" rollback sums
says "(factor 3.5) again, instead of"
[ "$(kept)" -eq 2 ] || fail "a switch changed how many are kept"
commit back

# What is kept comes and goes without being a golden that was removed.
edit suites/sums/suite.json 's/"keep": 2,/"keep": 1,/'
echo '{"factor": 5.5}' >factor.json
expect 0 "$REPRO" record --reason "factor 5.5"
[ "$(kept)" -eq 1 ] || fail "$(kept) goldens are kept, not 1"
commit another
expect 0 "$REPRO" verify
silent_about "golden removed"
expect 0 "$REPRO" status
says "as in golden (any)"
expect 0 "$REPRO" rollback sums
says "(factor 3.5) again"

edit suites/sums/suite.json 's/"keep": 1,/"keep": 0,/'
echo '{"factor": 6.5}' >factor.json
expect 0 "$REPRO" record --reason "factor 6.5"
[ ! -e golden/sums/any/earlier ] || fail "something is kept"
expect 2 "$REPRO" rollback sums
says "nothing to go back to"
