#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: where namespaces are forbidden `auto` confines training and says why it is no more, doctor names the remedy, and `--isolation full` fails rather than weaken itself.
. "$(dirname "$0")/lib.sh"
requires unshare setpriv
# A user namespace in which there can be no other one, and no capability to do without.
forbidden() {
    # shellcheck disable=SC2016
    unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
        exec setpriv --inh-caps=-all --bounding-set=-all "$@"' - "$@"
}
forbidden true 2>"$ERR" || skip "no user namespace can be had to forbid others in"
sums_suite
expect 0 forbidden "$REPRO" doctor
grep -q "seccomp refuses sockets, Landlock" "$OUT" || skip "neither Landlock nor seccomp can be had here"
says "isolation    partial: the run"
says "max_user_namespaces=10000"
expect 0 forbidden "$REPRO" record
says "isolation partial: the run"
says "No space left on device"
expect 0 forbidden "$REPRO" verify --json ../result.json
holds ../result.json '"isolation": "partial"'
grep -qE "\"workspace\": \"(copy|reflink)\"" ../result.json || fail "another workspace"
expect 3 forbidden "$REPRO" verify --isolation full
says "cannot isolate the run: make namespaces: No space left on device"
