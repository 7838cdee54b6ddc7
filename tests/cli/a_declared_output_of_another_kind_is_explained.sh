#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an artifact that came out as a folder, a pipe or a socket is called that, not "not written"
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json 's/"model.txt"/"made"/'
cp train.sh plain.sh
echo 'mkdir -p made && echo 1 >made/weights' >>train.sh
expect 1 "$REPRO" record
says 'is a folder; declare what is in it, as in "made/**"'
edit suites/sums/suite.json 's|"made"|"made/**"|'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify

edit suites/sums/suite.json 's|"made/\*\*"|"made"|'
cp plain.sh train.sh
echo 'mkfifo made' >>train.sh
expect 1 "$REPRO" record --reason x
says "is a pipe, a socket or a device"
