#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --junit with a folder or with nothing is refused before training, not after it.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
mkdir reports
expect 2 "$REPRO" verify --junit reports
says "--junit: 'reports' is a folder, not a file"
silent_about "training"
expect 2 "$REPRO" verify --json ""
says "--json: expected the name of a file"
expect 0 "$REPRO" verify --junit reports/new/junit.xml
[ -s reports/new/junit.xml ] || fail "no report"
