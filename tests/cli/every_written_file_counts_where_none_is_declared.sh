#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a suite that declares no artifacts compares every file that the run writes; one that writes nothing is not recorded.
. "$(dirname "$0")/lib.sh"
mkdir -p suites/all
echo '{"suite": "all", "class": "any", "train": {"command": "echo 1 > a; mkdir -p d; echo 2 > d/b"}}' >suites/all/suite.json
expect 0 "$REPRO" record
expect 0 "$REPRO" verify -v
says "d/b"
echo '{"suite": "all", "class": "any", "train": {"command": "echo 1 > a; mkdir -p d; echo 3 > d/b; echo 4 > c"}}' >suites/all/suite.json
expect 1 "$REPRO" verify
says "golden does not have it"
echo '{"suite": "all", "class": "any", "train": {"command": "true"}}' >suites/all/suite.json
expect 1 "$REPRO" record --reason none
says "nothing to compare"
