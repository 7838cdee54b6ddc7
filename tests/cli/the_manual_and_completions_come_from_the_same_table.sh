#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the manual page is clean roff and the completions are valid shell, with every command in them.
. "$(dirname "$0")/lib.sh"
expect 0 "$REPRO" help man
cp "$OUT" repro.1
for command in init record verify status log doctor report; do holds repro.1 "repro $command"; done
if command -v mandoc >/dev/null 2>&1; then mandoc -T lint -W error repro.1 || fail "mandoc complains"; fi
if command -v groff >/dev/null 2>&1; then [ -z "$(groff -man -ww -z repro.1 2>&1)" ] || fail "groff complains"; fi
expect 0 "$REPRO" help bash
bash -n "$OUT" || fail "not valid bash"
holds "$OUT" "verify"
expect 0 "$REPRO" help fish
expect 0 "$REPRO" help zsh
expect 2 "$REPRO" help tcsh
