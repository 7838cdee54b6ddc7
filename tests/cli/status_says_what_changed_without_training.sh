#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: status knows what changed since golden and trains nothing.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" status
says "no golden yet"
expect 0 "$REPRO" record
expect 0 "$REPRO" status
says "as in golden"
echo 'exit 1' >>train.sh
expect 0 "$REPRO" status
says "train.sh"
says "only code changed"
echo 11 >>numbers.txt
expect 0 "$REPRO" status
says "data: numbers.txt"
rm numbers.txt
expect 2 "$REPRO" status
says "numbers.txt"
