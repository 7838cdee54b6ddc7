#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: every bad document gets a clear message with file and line, exit status 2, and a JUnit report all the same.
. "$(dirname "$0")/lib.sh"
check() { # check WHAT-IT-SAYS
    rm -f junit.xml
    expect 2 "$REPRO" verify --junit junit.xml
    says "$1"
    holds junit.xml "<error"
}
check "no suites"
sums_suite
rm -f junit.xml
expect 2 "$REPRO" verify nothing-like-it --junit junit.xml
holds junit.xml "<error"
expect 0 "$REPRO" record
good=$(cat suites/sums/suite.json)
document() { printf '%s' "$1" >suites/sums/suite.json; }
document ""
check "suites/sums/suite.json"
document "$(printf '{"suite": "sums\377"}')"
check "UTF-8"
document '{"suite": "sums", "train": {"command": ["true"], "timout": "5m"}}'
check "did you mean 'timeout'?"
document '{"suite": "sums",
"train": {"command": [], "timeout": -1},
"colour": 1}'
check "suites/sums/suite.json:2"
says "suites/sums/suite.json:3"
head -c 20000 /dev/zero | tr '\0' '[' >suites/sums/suite.json
check "suites/sums/suite.json"
head -c 104857600 /dev/zero >suites/sums/suite.json
check "suites/sums/suite.json"
rm suites/sums/suite.json
mkdir suites/sums/suite.json
expect 2 "$REPRO" verify sums --junit junit.xml
says "folder"
rmdir suites/sums/suite.json
document "$good"
expect 0 "$REPRO" verify
edit golden/sums/any/manifest.json 's/"format": 1/"format": 2/'
check "newer"
edit golden/sums/any/manifest.json 's/"format": 2/"format": 1/'
expect 0 "$REPRO" verify
rm -r golden
check "repro record sums"
printf '{\n  "sotre": "/mnt/models"\n}\n' >repro.json
check "repro.json:2"
says "did you mean 'store'?"
