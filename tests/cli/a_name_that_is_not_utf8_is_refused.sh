#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a file whose name no manifest can hold is named and refused, for it would be read back as another
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json '/"artifacts"/d'
printf '%s\n' 'echo x >"$(printf "bad\\377name")"' >>train.sh
expect 2 "$REPRO" record --junit junit.xml
says "is not UTF-8"
holds junit.xml "is not UTF-8"
[ ! -e golden ] || fail "a golden was kept"

sums_suite
edit suites/sums/suite.json 's/"numbers.txt"/"numbers*"/'
expect 0 "$REPRO" record
cp numbers.txt "$(printf 'numbers\377')"
expect 2 "$REPRO" verify
says "is not UTF-8"
