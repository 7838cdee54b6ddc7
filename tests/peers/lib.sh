#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the tests beside other programs share: repro runs `strace -f` with the command below it, so that both see the very
# same processes, and what they saw is compared (beside_strace.py).
PEERS=$(cd "$(dirname "$0")" && pwd)
. "$PEERS/../cli/lib.sh"
export PATH=/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1

requires strace python3 zstd tar
traceable
strace -f -o "$WORK/can" true 2>/dev/null || skip "strace cannot trace here"

# beside_strace COMMAND [OPTION...]: runs the command in the project, with options of repro's.
beside_strace() {
    local command=$1 level=files option
    shift
    for option in "$@"; do
        case $option in --trace=*) level=${option#--trace=} ;; esac
    done
    rm -rf .repro golden suites
    mkdir -p suites/peer
    python3 - "$command" >suites/peer/suite.json <<'END'
import json, sys
watched = "trace=%file,clone,?clone3,?fork,?vfork,fchdir"
argv = ["strace", "-f", "-y", "-qq", "-e", "signal=none", "-e", watched, "-o", "strace.log", "sh", "-c", sys.argv[1]]
json.dump({"suite": "peer", "class": "any", "train": {"command": argv, "timeout": "4m"},
           "inputs": {"data": ["**"]}, "artifacts": {"strace.log": {}}}, sys.stdout)
END
    expect 0 "$REPRO" record "$@"
    local bundle trace
    bundle=$(find golden .repro/store -name '*.tar.zst' 2>/dev/null | head -n 1)
    trace=$(echo .repro/runs/*/peer/trace.json)
    [ -f "$trace" ] || fail "nothing was traced"
    zstd -dqc "$bundle" | tar -xf - -C "$WORK" --wildcards '*strace.log' --transform 's|.*/||'
    python3 "$PEERS/beside_strace.py" "$trace" "$WORK/strace.log" "$level" >"$OUT" 2>&1 || {
        cp "$WORK/strace.log" "${KEEP_LOG:-/dev/null}" 2>/dev/null || :
        fail "repro and strace disagree about: $command"
    }
    tail -n 1 "$OUT"
}

# beside_strace_everywhere COMMAND: at both levels of tracing, in namespaces and without.
beside_strace_everywhere() {
    beside_strace "$1"
    beside_strace "$1" --trace=full
    beside_strace "$1" --isolation=none
}
