#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: on GitHub Actions, annotations, the step summary and outputs are written, and the log of training cannot give commands.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
edit factor.json 's/1.5/1.6/'
echo 'echo "::error::injected"; exit 4' >>train.sh
export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$WORK/summary.md GITHUB_OUTPUT=$WORK/output
expect 1 "$REPRO" verify
says "::error file=factor.json"
says "::stop-commands::"
holds "$WORK/summary.md" "sums"
holds "$WORK/output" "verdict="
before=$(sed -n '/::stop-commands::/,$!p' "$OUT")
case $before in *"::error::injected"*) fail "training gave a command" ;; esac
