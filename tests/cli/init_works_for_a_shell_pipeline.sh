#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init on a shell pipeline, outside git, writes a suite.json that records and verifies without an edit.
. "$(dirname "$0")/lib.sh"
printf 'b 2\na 1\nb 3\n' >words.txt
expect 0 "$REPRO" init words -- sh -c 'cut -d" " -f1 words.txt | sort | uniq -c | tee counts.txt > /dev/null'
holds suites/words/suite.json '"words.txt"'
holds suites/words/suite.json '"counts.txt"'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
echo 'c 1' >>words.txt
expect 1 "$REPRO" verify
