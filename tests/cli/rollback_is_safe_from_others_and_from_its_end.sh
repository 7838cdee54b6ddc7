#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: rollbacks at once, beside a record, and killed at any moment leave a golden and a folder that are whole.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" record --reason "prices rose"
two=$(grep -l . golden/sums/any/earlier/*/manifest.json | sed 's|.*/earlier/\(.*\)/manifest.json|\1|')
mkdir -p "$WORK/srv/model"
echo theirs >"$WORK/srv/model/model.txt"

# All of them mean the same golden: whoever comes later finds it there.
for i in 1 2 3 4 5 6; do
    "$REPRO" rollback sums --to "$two" --into "$WORK/srv/model" >"$WORK/out.$i" 2>&1 &
    pids[i]=$!
done
for i in 1 2 3 4 5 6; do
    wait "${pids[i]}" || { cat "$WORK/out.$i"; fail "rollback $i"; }
done
grep -q '"rolled_back"' golden/sums/any/manifest.json || fail "nobody went back"
holds "$WORK/srv/model.previous/model.txt" theirs
[ "$(find golden/sums/any/earlier -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 1 ] || fail "a golden was lost"

# Killed after so many milliseconds: whole goldens, a whole folder, and the next one works.
for delay in 0.001 0.002 0.004 0.006 0.008 0.010 0.014 0.020 0.030; do
    { timeout -s KILL "$delay" "$REPRO" rollback sums --into "$WORK/srv/model" >/dev/null || :; } 2>/dev/null
    expect 0 "$REPRO" verify --only golden
    if [ -e "$WORK/srv/model" ]; then # where two folders cannot change places in one step, the next one puts it back
        [ -s "$WORK/srv/model/model.txt" ] || fail "no model is served"
        [ -s "$WORK/srv/model/metrics.json" ] || fail "half a model is served"
    fi
    expect 0 "$REPRO" rollback sums --into "$WORK/srv/model"
done
[ "$(find "$WORK/srv" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ] || fail "something was left: $(ls "$WORK/srv")"
[ "$(find golden/sums/any/earlier -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 1 ] || fail "a golden was lost"
