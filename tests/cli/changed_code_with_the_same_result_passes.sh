#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: refactoring that keeps the result is a note, not a failure.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
echo "# a comment" >>train.sh
expect 0 "$REPRO" verify
says "train.sh"
