#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init writes a suite.json that works where names are not UTF-8, and names a few of many files
. "$(dirname "$0")/lib.sh"
expect 0 "$REPRO" init many -- sh -c 'for i in $(seq 100); do echo $i >out$i; done; echo x >"$(printf "bad\377")"'
says "(100 in all)"
silent_about "out99"
expect 0 "$REPRO" record many
expect 0 "$REPRO" verify many
says "bad"
printf 'a,b\n' >"$(printf 'data\377.csv')"
expect 0 "$REPRO" init other -- sh -c 'echo 1 >model'
expect 0 "$REPRO" record other
expect 2 "$REPRO" init third -- sh -c "$(printf 'echo \377 >model')"
says "is not UTF-8"
