#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a suite behind a link that leads nowhere, or to itself, fails instead of being passed over
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
mkdir suites/other
for target in nowhere suite.json; do
    ln -sfn "$target" suites/other/suite.json
    expect 2 "$REPRO" verify
    says "suites/other/suite.json"
done
rm -r suites/other
for target in nowhere other; do
    ln -sfn "$target" suites/other
    expect 2 "$REPRO" verify
    says "suites/other/suite.json"
done
# What is no suite at all is none.
rm suites/other
mkdir suites/notes
echo text >suites/README
ln -s README suites/link
expect 0 "$REPRO" verify
