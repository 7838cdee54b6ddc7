#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: where the outputs of a run could not be read, nothing is said about them and nothing is recorded
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json 's/"model.txt": {/"model*": {/'
expect 0 "$REPRO" record
printf '%s\n' 'echo x >"$(printf "model\\377")"' >>train.sh
expect 2 "$REPRO" verify --json result.json
holds result.json "is not UTF-8"
silent_about "golden has it, but this run did not write it"
expect 2 "$REPRO" record --reason "more files"
silent_about "changed since it was hashed"
