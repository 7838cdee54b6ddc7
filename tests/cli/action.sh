#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the GitHub action records goldens into a patch that makes the same suite verify elsewhere, and passes repro's
# verdict on.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export HOME=$scratch GIT_CONFIG_NOSYSTEM=1 RUNNER_TEMP=$scratch/runner GITHUB_OUTPUT=$scratch/output
unset GITHUB_STEP_SUMMARY
mkdir runner bin
ln -s "$REPRO" bin/repro
export PATH=$scratch/bin:$PATH

run() { # STATUS NAME=VALUE...: the action's second step in the current folder
    local expected=$1 status=0
    shift
    : >"$GITHUB_OUTPUT"
    env "$@" "$SOURCE_DIR/ci/action-run" >"$scratch/said" 2>&1 || status=$?
    [ "$status" = "$expected" ] || { echo "expected $expected of '$*', got $status:"; cat "$scratch/said"; exit 1; }
}
told() { sed -n "s/^$1=//p" "$GITHUB_OUTPUT"; }

git init -q project
cd project
mkdir suites
cp -R "$SOURCE_DIR/suites/delivery-time" suites/
rm -rf suites/delivery-time/out
sed -i 's/"rounds": [0-9]*/"rounds": 20/' suites/delivery-time/params.json
git add .
git -c user.name=test -c user.email=test@localhost commit -qm 'a suite'
git clone -q . ../elsewhere

run 2 INPUT_MODE=nonsense
grep -q "^::error::mode 'nonsense'" ../said
run 2 INPUT_MODE=record
grep -q '^::error::.*reason' ../said
run 0 INPUT_MODE=record INPUT_REASON='first golden' INPUT_SUITES='delivery-*'
[ "$(told status)" = 0 ]
patch=$(told patch)
grep -q 'golden/delivery-time/any/manifest.json' "$patch"
cp "$patch" "$scratch/golden.patch"
run 0 INPUT_MODE=record INPUT_REASON='once more' INPUT_SUITES=delivery-time
cmp "$(told patch)" "$scratch/golden.patch" # not committed yet, and nothing moved

cd ../elsewhere
git apply "$scratch/golden.patch"
git -c user.name=test -c user.email=test@localhost add golden
run 0 INPUT_MODE=verify INPUT_ARGS='-j 2'
[ "$(told status)" = 0 ]
grep -q '<testsuite ' "$(told junit)"

sed -i 's/"depth": [0-9]*/"depth": 3/' suites/delivery-time/params.json
run 1 INPUT_MODE=verify
[ "$(told status)" = 1 ]
grep -q '<failure ' "$(told junit)"
grep -q '^::error ' ../said
