#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: rollback makes the golden from before current, keeps the one that was, says who, why and from which, and going
# back again goes forward; verify and log know it.
. "$(dirname "$0")/lib.sh"
git_project
sums_suite
expect 2 "$REPRO" rollback sums
says "has no golden yet"
expect 0 "$REPRO" record
commit one
expect 2 "$REPRO" rollback sums
says "nothing to go back to: golden sums/any keeps no earlier one"
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" record --reason "prices rose"
cp golden/sums/any/manifest.json "$WORK/two.json"
commit two
expect 0 "$REPRO" rollback sums -m "orders grew" --junit "$WORK/junit.xml" --json "$WORK/result.json"
says "(first golden) again, instead of"
says "the work tree is not what this golden was made from (settings: factor.json: "
holds "$WORK/junit.xml" 'classname="sums.rollback"'
holds "$WORK/result.json" '"rollback"'
holds golden/sums/any/manifest.json '"reason": "orders grew"'
holds golden/sums/any/manifest.json '"rolled_back"'
expect 0 "$REPRO" verify --only golden
says "was rolled back from"
edit factor.json 's/2.5/1.5/'
expect 0 "$REPRO" verify
expect 0 "$REPRO" log
says "to this one: orders grew  (A Tester)"
says ", kept"
id=$(sed -n 's/.*golden \([0-9a-f]*\), kept.*/\1/p' "$OUT" | head -1)
[ "${#id}" -eq 12 ] || fail "log shows no digits to type"

# What is typed: digits of the identity, the bundle or an artifact; what is current already stays.
expect 2 "$REPRO" rollback sums --to 123
says "expected 4 to 64 hexadecimal digits"
expect 2 "$REPRO" rollback sums --to 00000000
says "it keeps: $id (prices rose)"
model=$(sed -n '/model.txt/,/sha256/s/.*"sha256": "\(.\{8\}\).*/\1/p' golden/sums/any/earlier/*/manifest.json)
expect 0 "$REPRO" rollback sums --to "$model"
says "$id (prices rose) again"
says "the work tree is not what this golden was made from"
expect 0 "$REPRO" rollback sums --to "${id:0:4}"
says "is $id (prices rose) already"
# But for who brought it back, it is the golden that it was.
sed '/rolled_back/,/}/d' golden/sums/any/manifest.json | tr -d ' ,\n' >"$WORK/back"
tr -d ' ,\n' <"$WORK/two.json" >"$WORK/was"
same "$WORK/back" "$WORK/was"
edit factor.json 's/1.5/2.5/'
expect 0 "$REPRO" verify
expect 2 "$REPRO" rollback
says "expected one suite"
expect 2 "$REPRO" rollback sums --to "$id" --into ""
says "--into: is empty"
# A pattern that means several suites means none.
mkdir suites/others
sed 's/"sums"/"others"/' suites/sums/suite.json >suites/others/suite.json
expect 0 "$REPRO" record others
cp -r golden "$WORK/before"
expect 2 "$REPRO" rollback '*s*'
says "only one suite goes back at a time"
diff -r golden "$WORK/before" >/dev/null || fail "a golden is another"
expect 0 "$REPRO" rollback 'sum*'
expect 0 "$REPRO" rollback sums
silent_about "the work tree is not"
# A bundle that is gone is named with the command that brings it back.
commit three
rm golden/sums/any/earlier/*/*.tar.zst
expect 2 "$REPRO" rollback sums
says "the bundle of a kept golden is damaged or missing"
sh -c "$(sed -n 's/.*\(git checkout -- golden.*\)/\1/p' "$OUT" | head -1)"
expect 0 "$REPRO" rollback sums
