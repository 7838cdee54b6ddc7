#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an input that suite.json declares and training never opens is a note, not a failure.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
echo unused >spare.txt
edit suites/sums/suite.json 's/"numbers.txt"\]/"numbers.txt", "spare.txt"]/'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
says "declared, but never read: spare.txt"
