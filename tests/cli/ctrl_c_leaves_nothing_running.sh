#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: Ctrl-C ends training, keeps golden whole, writes the report, and exits with 130.
. "$(dirname "$0")/lib.sh"
requires pgrep
sums_suite
expect 0 "$REPRO" record
cp -r golden before
cat >>train.sh <<EOF
echo started > started
sh -c 'exec sleep 987.$$'
EOF
# In the background, a shell ignores SIGINT; env brings it back.
env --default-signal=INT "$REPRO" verify --junit junit.xml >"$OUT" 2>"$ERR" </dev/null &
pid=$!
tries=0
until pgrep -f "sleep 987.$$" >/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "training did not start"
    sleep 0.05
done
kill -INT $pid
got=0
wait $pid || got=$?
[ $got -eq 130 ] || fail "exit status $got, expected 130"
if pgrep -f "sleep 987.$$" >/dev/null; then fail "training goes on"; fi
diff -r golden before >/dev/null || fail "golden was touched"
holds junit.xml "stopped"
