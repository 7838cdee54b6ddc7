#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: golden names the programs and libraries that computed, with the packages they come from; without a trace they
# are left alone.
. "$(dirname "$0")/lib.sh"
requires dpkg-query
traceable
sums_suite
edit train.sh 's/^set -eu$/set -eu; sort -n numbers.txt >sorted.tmp; rm sorted.tmp/'
expect 0 "$REPRO" record
manifest=$(echo golden/sums/*/manifest.json)
version=$(dpkg-query -W -f '${Version}' coreutils)
holds "$manifest" "\"program:sort\": \"coreutils $version\""
holds "$manifest" "\"library:libc.so.6\": \"libc6"
expect 0 "$REPRO" verify -v
says "the same packages, libraries and programs as in golden"
expect 0 "$REPRO" verify --trace off -v
silent_about "the same packages"
says "not known: the run was not traced"
expect 0 "$REPRO" record
says "nothing moved"
edit "$manifest" 's/"program:sort": "coreutils [^"]*"/"program:sort": "coreutils 0.1"/'
expect 0 "$REPRO" verify
says "program:sort: coreutils 0.1 → coreutils $version"
