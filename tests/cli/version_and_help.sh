#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --version and --help answer for every command, with an example, within a screen.
. "$(dirname "$0")/lib.sh"
expect 0 "$REPRO" --version
says "repro "
expect 0 "$REPRO" --help
says "repro verify churn"
for command in init record verify rollback status log doctor report help; do
    expect 0 "$REPRO" "$command" --help
    says "example:"
    says "usage: repro $command"
    [ "$(wc -l <"$OUT")" -le 40 ] || fail "help of $command is longer than a screen"
    expect 0 "$REPRO" help "$command"
    says "example:"
done
expect 2 "$REPRO"
says "usage: repro"
