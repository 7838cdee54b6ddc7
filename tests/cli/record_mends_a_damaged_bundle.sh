#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a golden whose bundle is damaged or missing is whole again after a record that moved nothing
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
cp -r golden before
bundle=$(echo golden/sums/any/*.tar.zst)
echo garbage >"$bundle"
expect 2 "$REPRO" verify
expect 0 "$REPRO" record
says "has its bundle again"
expect 0 "$REPRO" verify
rm "$bundle"
expect 0 "$REPRO" record
diff -r before golden || fail "the golden is another one"

# What the run does not have again cannot be put back.
cat >>train.sh <<'END'
printf '{"total": 82.%s}' "$(date +%N)" >metrics.json
END
edit suites/sums/suite.json 's/"abs": 0.01/"abs": 1000/; /"series"/d; s/"lower"}},/"lower"}}/'
expect 0 "$REPRO" record --reason "another total each time"
expect 0 "$REPRO" record
says "stays as it is"
echo garbage >"$(echo golden/sums/any/*.tar.zst)"
expect 1 "$REPRO" record
says "the bundle, which is damaged or missing"
expect 0 "$REPRO" record --reason "the bundle was lost"
expect 0 "$REPRO" verify
