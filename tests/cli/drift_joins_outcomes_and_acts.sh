#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the log of predictions is held against the training data, its answers against golden's, what came of them against
# golden's measures; worse outcomes advise to roll back, and a suite may let drift do so by itself.
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p suites/fare
cat >predict.py <<'END'
import json, sys
price = float(open("model.txt").read())
for line in sys.stdin:
    print(json.dumps({"prediction": json.loads(line)["km"] * price}), flush=True)
END
python3 - <<'END'
import json, random
random.seed(1)
def rides(count, seed):
    random.seed(seed)
    return [(round(random.uniform(1, 40), 1), random.gauss(0, 1)) for _ in range(count)]
with open("rides.csv", "w") as out:
    print("km,fare", file=out)
    for km, luck in rides(3000, 1):
        print(f"{km},{km * 2 + luck:.2f}", file=out)
def log(name, fares):
    with open(name + ".jsonl", "w") as entries, open(name + ".csv", "w") as outcomes:
        print("id,fare,late", file=outcomes)
        for i, (km, luck) in enumerate(rides(1000, 2)):
            print(json.dumps({"time": f"2026-03-01T{i // 60 % 24:02}:{i % 60:02}:00Z", "id": f"r{i}", "model": "m",
                              "input": {"km": km}, "output": km * 2}), file=entries)
            print(f"r{i},{km * fares + luck:.2f},{int(i % 10 == 0)}", file=outcomes)
log("good", 2)
log("worse", 2.5)
END
declare_suite() { # MORE
    cat >suites/fare/suite.json <<END
{"suite": "fare", "class": "any", "train": {"command": "cat price.txt >model.txt"},
 "inputs": {"code": ["predict.py"], "data": ["rides.csv"], "settings": ["price.txt"]},
 "artifacts": ["model.txt"], "model": {"stream": ["python3", "predict.py"]},
 "schema": {"from": "rides.csv", "target": "fare", "columns": {"km": {"type": "number"}}},
 "log": {"path": "log.jsonl"},
 "drift": {"outcomes": {"measures": {"mae": {}, "late": {"column": "late", "better": "lower", "max": 0.2}}}$1}}
END
}
declare_suite ""
echo 2 >price.txt
expect 0 "$REPRO" record fare --trace off

expect 0 "$REPRO" drift fare good.jsonl --outcomes good.csv
expect 0 "$REPRO" drift fare good.jsonl --outcomes good.csv --json good.json
python3 - <<'END' || fail "the measures are not told"
import json
checks = {c["name"]: c["reason"] for c in json.load(open("good.json"))["checks"]}
assert checks["mae: outcome"].startswith("0.8"), checks  # the mean of |normal| is 0.798
assert "golden 0.7" in checks["mae: outcome"] and checks["late: outcome"].startswith("0.1 "), checks
assert "prediction: spread" in checks, checks
END

expect 1 "$REPRO" drift fare worse.jsonl --outcomes worse.csv
says 'roll back: 1 of'
says 'repro rollback fare'
expect 2 "$REPRO" drift fare rides.csv --outcomes worse.csv
says 'is no log of predictions'

# What clients saw go wrong is a prediction that is missing.
sed '1~3s/"output": [0-9.]*/"output": null, "error": "boom"/' good.jsonl >errors.jsonl
expect 1 "$REPRO" drift fare errors.jsonl
says "prediction: missing  33.4 % of 1,000, reference 0 %"
sed 's/"output": [0-9.]*/"error": "boom"/' good.jsonl >errors.jsonl
expect 1 "$REPRO" drift fare errors.jsonl
says "prediction: missing  100 % of 1,000, reference 0 %"

# By itself, back to the golden before.
cp golden/fare/any/manifest.json first.json
echo 2.1 >price.txt
expect 0 "$REPRO" record fare --trace off --reason "dearer"
declare_suite ', "on_alarm": "roll back"'
expect 1 "$REPRO" drift fare worse.jsonl --outcomes worse.csv
grep -q '"by": "repro drift"' golden/fare/any/manifest.json || fail "who went back is not told"
python3 - <<'END' || fail "the golden before did not come back"
import json
was, now = (json.load(open(path)) for path in ("first.json", "golden/fare/any/manifest.json"))
assert was["artifacts"] == now["artifacts"], now
END
# Once: whoever looks every hour does not go to and fro.
cp -r golden "$WORK/before"
expect 1 "$REPRO" drift fare worse.jsonl --outcomes worse.csv
says "already, and goes no further by itself"
says "go back to an older one, if it is kept: repro rollback fare --to DIGEST"
diff -r golden "$WORK/before" >/dev/null || fail "it went forward again"
