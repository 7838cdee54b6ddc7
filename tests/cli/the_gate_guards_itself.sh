#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: against the base branch: a golden edited without a reason of its own fails, loosened tolerances and removed suites are listed.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
expect 0 "$REPRO" record
cp -r suites/sums suites/other
edit suites/other/suite.json 's/"sums"/"other"/'
expect 0 "$REPRO" record other
commit base
git checkout -q -b change
expect 0 "$REPRO" verify --base main
edit factor.json 's/1.5/1.7/'
expect 0 "$REPRO" record sums other --reason "prices rose"
commit recorded
expect 0 "$REPRO" verify --base main
says "prices rose"
edit golden/sums/any/manifest.json 's/"prices rose"/"first golden"/'
expect 1 "$REPRO" verify --base main
says "without a reason"
git checkout -q golden
edit suites/sums/suite.json 's/"abs": 0.01/"abs": 0.5/'
expect 0 "$REPRO" verify --base main
says "loosened"
says "0.01 → 0.5"
git checkout -q suites
git rm -rq suites/other
expect 0 "$REPRO" verify --base main
says "other"
says "removed"
expect 2 "$REPRO" verify --base no-such-branch
git clone -q --depth 1 "file://$PWD" ../shallow
cd ../shallow
GITHUB_EVENT_NAME=pull_request GITHUB_BASE_REF=main expect 0 "$REPRO" verify
says "fetch-depth"
