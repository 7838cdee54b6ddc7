#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a schema or a measure that was corrected after golden was recorded counts at once: the training data are held
# against it as the live data are, and recording again keeps that. What nothing is held against is not said to be good.
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p suites/fare
cat >predict.py <<'END'
import json, sys
for line in sys.stdin:
    print(json.dumps({"prediction": json.loads(line)["km"] * 2}), flush=True)
END
python3 - <<'END'
import json, random
def rides(seed):
    random.seed(seed)
    towns = ["bonn", "ulm", "kiel"]
    return [(round(random.uniform(1, 40), 1), random.choice(towns), random.gauss(0, 1)) for _ in range(2000)]
for name, seed in ("rides.csv", 1), ("live.csv", 2):
    with open(name, "w") as out:
        print("km,town,fare", file=out)
        for km, town, luck in rides(seed):
            print(f"{km},{town},{km * 2 + luck:.2f}", file=out)
with open("log.jsonl", "w") as entries, open("came.csv", "w") as came:
    print("id,fare", file=came)
    for i, (km, town, luck) in enumerate(rides(3)):
        print(json.dumps({"id": f"r{i}", "input": {"km": km, "town": town}, "output": km * 2}), file=entries)
        print(f"r{i},{km * 2 + luck + 20:.2f}", file=came)
END
suite() { # SCHEMA-COLUMNS MORE
    cat >suites/fare/suite.json <<END
{"suite": "fare", "class": "any", "train": {"command": "cat price.txt >model.txt"},
 "inputs": {"code": ["predict.py"], "data": ["rides.csv"], "settings": ["price.txt"]},
 "artifacts": ["model.txt"], "model": {"stream": ["python3", "predict.py"]}, "log": {"path": "predictions.jsonl"},
 "schema": {"from": "rides.csv", "target": "fare", "columns": {$1}}${2:-}}
END
}
km='"km": {"type": "number", "min": 0, "max": 41}'
town='"town": {"type": "category", "categories": {"bonn": 0.3, "ulm": 0.3, "kiel": 0.4}}'
echo 2 >price.txt
suite "$km, $town"
expect 0 "$REPRO" record fare --trace off
expect 0 "$REPRO" drift fare live.csv
silent_about "summarised again"
cp golden/fare/any/baseline.json before.json

# Narrower, with fewer categories, of another type, without a column: nothing has moved.
narrow='"km": {"type": "number", "min": 0, "max": 30}'
for columns in "$narrow, $town" "$km, \"town\": {\"type\": \"category\", \"categories\": {\"bonn\": 0.5, \"ulm\": 0.5}}" \
    "$km, \"town\": {\"type\": \"text\"}" "$km"; do
    suite "$columns"
    expect 0 "$REPRO" drift fare live.csv
    says "suite.json has changed since golden's baseline was made"
    same golden/fare/any/baseline.json before.json
done
expect 0 "$REPRO" record fare --trace off
says baseline
expect 0 "$REPRO" drift fare live.csv
silent_about "summarised again"
suite "$km, $town"
expect 0 "$REPRO" record fare --trace off
same golden/fare/any/baseline.json before.json
suite "$km, \"tip\": {\"type\": \"number\"}"
expect 2 "$REPRO" drift fare live.csv
says "'rides.csv' has no column 'tip'"

# A rule that guards nothing is told.
suite "$km, $town" ', "drift": {"columns": {"twon": {"missing": 0.01}, "km": {"chi2": 9, "ks": 0.5}, "*": {"unseen": 0}}}'
expect 0 "$REPRO" drift fare live.csv
says "suites/fare/suite.json:4: drift.columns.twon guards no column; did you mean 'town'?"
says "drift.columns.km.chi2 guards nothing: 'km' has no such thing"
silent_about "drift.columns.km.ks"
silent_about "drift.columns.*"

# A measure that golden does not know yet is told, not praised.
suite "$km, $town" ', "drift": {"outcomes": {"measures": {"mae": {}, "tip": {"column": "fare", "better": "lower"}}}}'
expect 0 "$REPRO" drift fare log.jsonl --outcomes came.csv --json told.json
python3 - <<'END' || fail "a measure that is held against nothing is not skipped"
import json
checks = {c["name"]: c for c in json.load(open("told.json"))["checks"]}
for name in "mae: outcome", "tip: outcome":
    assert checks[name]["verdict"] == "skip", checks[name]
    assert "nothing to hold it against" in checks[name]["reason"], checks[name]
assert "repro record fare" in checks["mae: outcome"]["reason"], checks
assert "repro record" not in checks["tip: outcome"]["reason"], checks
END
expect 0 "$REPRO" record fare --trace off
expect 1 "$REPRO" drift fare log.jsonl --outcomes came.csv
says "mae: outcome"
cp golden/fare/any/baseline.json before.json
expect 0 "$REPRO" record fare --trace off
same golden/fare/any/baseline.json before.json
