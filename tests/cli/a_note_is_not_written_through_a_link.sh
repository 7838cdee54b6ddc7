#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what stands in .repro/cache, where a pull request may put a link, is neither followed nor waited for
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
echo precious >"$WORK/precious"
rm .repro/cache/*-sums
ln -s "$WORK/precious" .repro/cache/verdict-sums
mkfifo .repro/cache/seconds-sums
expect 0 timeout -k 1 30 "$REPRO" verify
holds "$WORK/precious" precious
