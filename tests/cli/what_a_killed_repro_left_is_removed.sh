#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the temporary files of a repro that was killed do not pile up in golden/ and .repro/
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
mkdir -p .repro/store
for folder in .repro/store .repro/cache golden/sums/any; do
    echo half >$folder/.repro-0123456789abcdef.tmp
    touch -d '2 hours ago' $folder/.repro-0123456789abcdef.tmp
done
echo fresh >.repro/cache/.repro-fedcba9876543210.tmp
echo 11 >>numbers.txt
expect 0 "$REPRO" record --reason "one more number"
left=$(find . -name '.repro-*.tmp')
[ "$left" = ./.repro/cache/.repro-fedcba9876543210.tmp ] || fail "left: $left"
