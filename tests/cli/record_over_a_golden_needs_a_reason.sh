#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: over an existing golden, record shows what moved, keeps it only with --reason, and the reason stands in golden and log.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
expect 0 "$REPRO" record
commit golden
cp -r golden before
edit factor.json 's/1.5/2.5/'
expect 1 "$REPRO" record
says "factor.json"
says "--reason"
says "total"
diff -r golden before >/dev/null || fail "golden was changed without a reason"
expect 2 "$REPRO" record --reason "  "
expect 0 "$REPRO" record --reason "prices rose"
holds golden/sums/any/manifest.json '"prices rose"'
expect 0 "$REPRO" verify
[ "$(find golden/sums/any -maxdepth 1 -name '*.tar.zst' | wc -l)" -eq 1 ] || fail "the old bundle was not removed"
[ "$(find golden/sums/any/earlier -name '*.tar.zst' | wc -l)" -eq 1 ] || fail "the old golden was not kept"
commit "new golden"
expect 0 "$REPRO" log
says "prices rose"
says "first golden"
says "factor.json"
