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
