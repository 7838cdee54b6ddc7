#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests share. A test begins with
#     # Goal: one sentence
#     . "$(dirname "$0")/lib.sh"
# and works in a new folder of its own ($WORK), which is removed at the end.
# $REPRO is the program under test.
set -eu
: "${REPRO:?set REPRO to the program under test}"

SOURCE_DIR=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
WORK=$(mktemp -d "${TMPDIR:-/tmp}/repro-cli-XXXXXX")
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME="$WORK/home" NO_COLOR=1
unset GITHUB_ACTIONS GITHUB_BASE_REF GITHUB_EVENT_NAME GITHUB_STEP_SUMMARY GITHUB_OUTPUT || true
mkdir "$HOME"
OUT=$WORK/.out ERR=$WORK/.err
leave() {
    status=$?
    cd /
    for mounted in "$WORK"/mnt*; do
        if mountpoint -q "$mounted" 2>/dev/null; then umount "$mounted"; fi
    done
    chmod -R u+rwx "$WORK" 2>/dev/null || :
    rm -rf "$WORK"
    exit "$status"
}
trap leave EXIT
mkdir "$WORK/project"
cd "$WORK/project"

# skip WHY: this machine cannot show the behaviour.
skip() {
    echo "skipped: $*"
    exit 77
}

# requires COMMAND...: skips where a program is missing.
requires() {
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 || skip "'$program' is not installed"
    done
}

# traceable: skips where nothing can be traced.
traceable() {
    "$REPRO" doctor -C / 2>/dev/null | grep -q 'trace.*is seen' || skip "runs cannot be traced here"
}

fail() {
    echo "FAILED: $*"
    echo "--- stdout"; cat "$OUT" 2>/dev/null || :
    echo "--- stderr"; cat "$ERR" 2>/dev/null || :
    exit 1
}

# expect STATUS COMMAND...: runs it, keeps what it says, and demands the exit status.
expect() {
    wanted=$1
    shift
    got=0
    "$@" >"$OUT" 2>"$ERR" </dev/null || got=$?
    [ "$got" -eq "$wanted" ] || fail "exit status $got, expected $wanted: $*"
}

# says TEXT: the last command said it, on stdout or stderr. silent_about TEXT: it did not.
says() {
    grep -qF -- "$1" "$OUT" "$ERR" || fail "expected to read: $1"
}
silent_about() {
    if grep -qF -- "$1" "$OUT" "$ERR"; then fail "did not expect to read: $1"; fi
}

# holds FILE TEXT: the file has it.
holds() {
    grep -qF -- "$2" "$1" || fail "expected in $1: $2"
}

# same A B
same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

git_project() {
    requires git
    git init -q -b main .
    git config user.name "A Tester"
    git config user.email tester@example.invalid
}

commit() {
    git add -A
    git commit -qm "${1:-change}"
}

# A suite `sums` in shell: reads numbers.txt and factor.json, writes model.txt, metrics.json and history.csv.
sums_suite() {
    mkdir -p suites/sums
    cat >train.sh <<'EOF'
set -eu
factor=$(sed -n 's/.*"factor": *\([0-9.]*\).*/\1/p' factor.json)
awk -v f="$factor" 'BEGIN { print "step,loss" > "history.csv" }
    { s += $1 * f; print s > "model.txt"; printf "%d,%.6f\n", NR, 1 / (1 + s) > "history.csv" }
    END { printf "{\"total\": %.6f, \"loss\": %.6f}\n", s, 1 / (1 + s) > "metrics.json" }' numbers.txt
EOF
    seq 1 10 >numbers.txt
    echo '{"factor": 1.5}' >factor.json
    cat >suites/sums/suite.json <<'EOF'
{
  "suite": "sums",
  "class": "any",
  "train": {"command": ["sh", "train.sh"], "timeout": "30s"},
  "inputs": {"code": ["train.sh"], "data": ["numbers.txt"], "settings": ["factor.json"]},
  "artifacts": {"model.txt": {"compare": "bytes"}},
  "metrics": {
    "from": ["metrics.json"],
    "tolerance": {"total": {"abs": 0.01}, "loss": {"rel": 0.001, "better": "lower"}},
    "series": {"history.csv": {"x": "step", "rel": 1e-6}}
  }
}
EOF
}

# edit FILE SED-SCRIPT
edit() {
    sed "$2" "$1" >"$1.edited"
    mv "$1.edited" "$1"
}

# each_level TRIAL: calls `TRIAL LEVEL` in a new, empty project for each level of isolation that the machine can have
# (full, partial): as root, as a normal user too. $LEVEL is the level; `run_repro` and `expect STATUS run_repro ...` run
# it as that user. Skips when no level can be had.
AS=()
run_repro() {
    "${AS[@]}" "$RUN_REPRO" "$@"
}
has_level() {
    case $1 in
    full) run_repro doctor 2>/dev/null | grep -q "isolation *full" ;;
    partial) run_repro doctor 2>/dev/null | grep -q "seccomp refuses sockets, Landlock" ;;
    esac
}
new_project() {
    cd "$WORK"
    chmod -R u+rwx project 2>/dev/null || :
    rm -rf project home
    mkdir project home
    if [ "${#AS[@]}" -gt 0 ]; then chown 65534:65534 . project home; fi
    cd project
}
each_level() {
    RUN_REPRO=$WORK/repro
    cp "$REPRO" "$RUN_REPRO" # a normal user may not reach where it was built
    chmod 755 "$RUN_REPRO"
    users=(self)
    if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then users+=(other); fi
    tried=0
    for user in "${users[@]}"; do
        AS=()
        if [ "$user" = other ]; then AS=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
        for LEVEL in full partial; do
            new_project
            has_level "$LEVEL" || continue
            new_project
            echo "level $LEVEL, user $(${AS[@]+"${AS[@]}"} id -u)"
            "$1"
            tried=$((tried + 1))
        done
    done
    [ "$tried" -gt 0 ] || skip "neither namespaces nor Landlock and seccomp can be had here"
}

# A suite `escape` that runs the attempts on standard input, in bash: `escaped WHAT` tells that one succeeded. They know
# the machine's places: $PROJECT, $REAL_HOME and $HOST (the folder of this test).
escape_suite() {
    mkdir -p suites/escape
    cat >suites/escape/suite.json <<EOF
{"suite": "escape", "class": "any", "inputs": {"code": ["attempts.sh"]}, "artifacts": {"model.txt": {}},
 "train": {"command": ["bash", "attempts.sh"], "timeout": "60s",
           "env": {"PROJECT": "$PWD", "REAL_HOME": "$HOME", "HOST": "$WORK"}}}
EOF
    { # shellcheck disable=SC2016
        echo 'escaped() { echo "ESCAPED: $*"; }'
        cat
        echo 'echo model >model.txt; echo "tried all"'
    } >attempts.sh
    if [ "${#AS[@]}" -gt 0 ]; then chown -R 65534:65534 "$WORK"; fi
}
# Trains it, and demands that every attempt was made and failed.
nothing_escapes() {
    expect 0 run_repro record --isolation "$LEVEL" --trace off --verbose
    says "tried all"
    silent_about ESCAPED
    [ -s golden/escape/any/manifest.json ] || fail "nothing was recorded"
}
