#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a record that a signal stops reports an error, and not an empty result that reads as passed.
. "$(dirname "$0")/lib.sh"
requires pgrep
sums_suite
echo "sh -c 'exec sleep 986.$$'" >>train.sh
"$REPRO" record --junit junit.xml >"$OUT" 2>"$ERR" </dev/null &
pid=$!
tries=0
until pgrep -f "sleep 986.$$" >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "training did not start"
    sleep 0.05
done
kill -TERM $pid
got=0
wait $pid || got=$?
[ $got -eq 143 ] || fail "exit status $got, expected 143"
holds junit.xml "stopped before every check was made"
[ ! -e golden ] || fail "a golden was kept"
