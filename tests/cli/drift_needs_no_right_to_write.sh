#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: whoever may only read the project can hold data against it all the same, is told that the result is not kept in
# it, and gets the reports where they may be written.
. "$(dirname "$0")/lib.sh"
seq 1 500 | sed '1s/.*/km/' >rides.csv
seq 1 500 | sed '1s/.*/km/; s/$/00/; 1s/00//' >far.csv
mkdir -p suites/fare
cat >suites/fare/suite.json <<'END'
{"suite": "fare", "class": "any", "train": {"command": "cat price.txt >model.txt"},
 "inputs": {"data": ["rides.csv"], "settings": ["price.txt"]}, "artifacts": ["model.txt"],
 "schema": {"from": "rides.csv", "columns": {"km": {"type": "number"}}}, "drift": {"on_alarm": "roll back",
 "columns": {"km": {"advice": "roll back"}}}}
END
echo 2 >price.txt
expect 0 "$REPRO" record fare --trace off
echo 3 >price.txt
expect 0 "$REPRO" record fare --trace off --reason "dearer"
rm -rf .repro
cp "$REPRO" "$WORK/repro" # a normal user may not reach where it was built
chmod -R a+rX "$WORK"
chmod 755 "$WORK/repro"
mkdir "$WORK/reports"
chmod 777 "$WORK/reports"
reader=()
if [ "$(id -u)" -eq 0 ]; then
    requires setpriv
    reader=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
    chmod -R a-w .
fi
expect 0 "${reader[@]}" "$WORK/repro" drift fare rides.csv --json "$WORK/reports/result.json"
says "repro: the result is not kept: cannot "
holds "$WORK/reports/result.json" '"advice"'
[ ! -e .repro ] || fail "something was written into the project"
# An alarm is one; what it cannot do by itself is an error.
expect 3 "${reader[@]}" "$WORK/repro" drift fare far.csv
says "Permission denied"
says "roll back: "
