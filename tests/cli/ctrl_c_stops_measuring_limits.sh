#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: Ctrl-C while a model is under load, or works on a file, ends it soon and leaves no process.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../fixtures/limits/lib.sh"
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"
requires pgrep

# stop_while PATTERN: starts it, presses Ctrl-C when such a process runs.
stop_while() {
    # In the background, a shell ignores SIGINT; env brings it back.
    env --default-signal=INT "$REPRO" verify served --only limits >"$OUT" 2>"$ERR" </dev/null &
    repro=$!
    tries=0
    until pgrep -f "$1" >/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "no process '$1' was seen"
        sleep 0.05
    done
    began=$SECONDS
    kill -INT "$repro"
    status=0
    wait "$repro" || status=$?
    [ "$status" = 130 ] || fail "exit status $status, expected 130"
    [ $((SECONDS - began)) -le 15 ] || fail "it took $((SECONDS - began)) s to stop"
    if pgrep -f "$1" >/dev/null; then fail "a process of the model is left"; fi
}
mark=only-$$
served_suite none "\"stream\": [\"/usr/bin/python3\", \"model.py\", \"--jsonl\", \"$mark\"]" \
    '"predict": {"rate": 100, "seconds": "10m", "p99": "1s"}'
stop_while "$mark"
served_suite slow "\"batch\": [\"/usr/bin/python3\", \"model.py\", \"--batch\", \"{input}\", \"{output}\", \"$mark\"]" \
    '"predict": {"growth": 2}'
stop_while "$mark"
