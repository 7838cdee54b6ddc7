#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: what the machine could not do is exit status 3, with a report: command not found, not executable, no permission.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
edit suites/sums/suite.json 's/"sh", "train.sh"/"no-such-program", "x"/'
expect 3 "$REPRO" verify --junit junit.xml
says "no-such-program"
holds junit.xml "<error"
edit suites/sums/suite.json 's/"no-such-program", "x"/".\/train.sh"/'
expect 3 "$REPRO" verify
says "Permission denied"
