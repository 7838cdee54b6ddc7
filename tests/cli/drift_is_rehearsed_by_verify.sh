#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the stage drift of verify is a drill: rows like the reference raise no alarm, rows that moved do, each threshold
# says how often it cries wolf and what it notices; thresholds that hide a move or cry wolf fail.
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p suites/fare
python3 - >rides.csv <<'END'
import random
random.seed(1)
print("km,town,fare")
for i in range(2000):
    print(f"{random.gauss(10, 3):.3f},{random.choice(['bonn', 'ulm', 'jena'])},{i}")
END
declare_drift() { # JSON
    cat >suites/fare/suite.json <<END
{"suite": "fare", "class": "any", "train": {"command": "wc -l rides.csv >model.txt"},
 "inputs": {"data": ["rides.csv"]}, "artifacts": ["model.txt"],
 "schema": {"from": "rides.csv", "target": "fare",
            "columns": {"km": {"type": "number"}, "town": {"type": "category"}}},
 "drift": $1}
END
}
declare_drift '{}'
expect 0 "$REPRO" record fare --trace off
expect 0 "$REPRO" verify fare --trace off --only drift --verbose
says 'drill: nothing moved'
says 'km: threshold'
says 'notices a move of'
says 'outcomes are not watched'

declare_drift '{"columns": {"km": {"ks": 0.9, "psi": 99, "js": 0.99, "wasserstein": 99}, "town": "ignore"}}'
expect 1 "$REPRO" verify fare --trace off --only drift
says 'what suite.json allows hides it'

declare_drift '{"columns": {"km": {"ks": 0.0001}}}'
expect 1 "$REPRO" verify fare --trace off --only drift
says 'the thresholds of suite.json are too narrow'
