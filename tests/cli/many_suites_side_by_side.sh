#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: several suites in one call, by name and glob, one after another or side by side, give the same result.
. "$(dirname "$0")/lib.sh"
sums_suite
for i in 1 2 3 4 5 6; do
    mkdir "suites/many-$i"
    sed "s/\"sums\"/\"many-$i\"/" suites/sums/suite.json >"suites/many-$i/suite.json"
done
expect 0 "$REPRO" record 'many-*' -j 3
[ ! -d golden/sums ] || fail "the glob selected too much"
expect 0 "$REPRO" verify 'many-*' --json one.json
expect 0 "$REPRO" verify 'many-*' -j 4 --json four.json
names() { sed -n 's/.*"\(suite\|name\|verdict\)": //p' "$1"; }
[ "$(names one.json)" = "$(names four.json)" ] || fail "the results differ"
expect 2 "$REPRO" verify many-1 many-9
