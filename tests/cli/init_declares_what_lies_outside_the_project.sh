#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: files that a command reads outside the project become externals, several of one folder as that folder, so that
# the suite records and verifies without an edit; a change of one fails.
. "$(dirname "$0")/lib.sh"
traceable
outside=$(mktemp -d /srv/repro-cli-XXXXXX 2>/dev/null) || skip "cannot write to /srv"
trap 'rm -rf "$outside"; leave' EXIT
mkdir "$outside/set"
echo 1 >"$outside/alone-1.csv"
echo 2 >"$outside/set/a.csv"
echo 3 >"$outside/set/b.csv"
expect 0 "$REPRO" init sum -- sh -c "cat $outside/alone-1.csv $outside/set/a.csv $outside/set/b.csv >model.txt"
holds suites/sum/suite.json "\"ALONE_1_CSV\": \"$outside/alone-1.csv\""
holds suites/sum/suite.json "\"SET\": \"$outside/set\""
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
echo 4 >"$outside/set/b.csv"
expect 1 "$REPRO" verify --only inputs
says "SET:"
