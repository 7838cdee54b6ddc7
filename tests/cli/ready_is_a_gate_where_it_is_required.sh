#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: without a requirement, ready bars nothing; with one, on the command line or in suite.json, a required answer
# that is not yes is exit status 1, and one that cannot be had is no success either.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
commit
expect 0 "$REPRO" ready
expect 0 "$REPRO" record sums
expect 0 "$REPRO" verify sums
commit
expect 0 "$REPRO" ready
says "2 same result     yes"
expect 0 "$REPRO" ready --require 2
expect 1 "$REPRO" ready --require 2,3
says "(required)"
expect 1 "$REPRO" ready sums --require 9,2
expect 1 "$REPRO" ready sums --require all
expect 1 "$REPRO" ready --require 3 --quiet
says "3 messy input"
silent_about "2 same result"
expect 0 "$REPRO" ready --require 2 --quiet
silent_about "3 messy input"
for wrong in "0" "10" "1-3" "x" "" "1," ",1" "2,,3" "1 2"; do
    expect 2 "$REPRO" ready --require "$wrong" --junit junit.xml
    says "expected questions from 1 to 9"
done

edit suites/sums/suite.json 's/"class": "any",/"class": "any", "ready": {"require": [2], "age": "1h"},/'
expect 1 "$REPRO" ready
says "suite.json has changed since (required)"
expect 0 "$REPRO" verify sums
expect 0 "$REPRO" ready
expect 1 "$REPRO" ready --require 5

rm numbers.txt
expect 2 "$REPRO" ready
says "numbers.txt"
echo '{' >suites/sums/suite.json
expect 2 "$REPRO" ready --junit junit.xml
[ -s junit.xml ] || fail "no report of a bad document"
expect 2 "$REPRO" ready nothing
says "no suite 'nothing'"
