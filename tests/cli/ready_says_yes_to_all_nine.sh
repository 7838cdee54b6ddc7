#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a suite that promises what the nine questions ask for, and keeps it, gets nine times yes from `verify` and one
# golden to go back to; what it breaks then is a no, to this question alone.
. "$(dirname "$0")/lib.sh"
traceable
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"
git_project
mkdir -p suites/price
awk 'BEGIN { srand(7); print "x,y"; for (i = 0; i < 2000; i++) { x = rand() * 100; printf "%.3f,%.3f\n", x, 2 * x + rand() } }' >data.csv
echo '{"rounds": 1}' >params.json
cat >train.py <<'PYTHON'
import csv, json
rounds = json.load(open("params.json"))["rounds"]
rows = [(float(r["x"]), float(r["y"])) for r in csv.DictReader(open("data.csv"))]
slope = sum(y for _, y in rows) / sum(x for x, _ in rows)
json.dump({"slope": round(slope, 6), "rounds": rounds}, open("model.json", "w"))
PYTHON
cat >predict.py <<'PYTHON'
import csv, hashlib, json, math, os, sys, time
MODEL = open("model.json", "rb").read()
DIGEST = hashlib.sha256(MODEL).hexdigest()
SLOPE = json.loads(MODEL)["slope"]


class Refused(Exception):
    pass


def predict(x):
    if isinstance(x, bool) or not isinstance(x, (int, float)) or not 0 <= x <= 100:
        raise Refused("x must be a number from 0 to 100")
    return SLOPE * x


def stream():
    log = open("live.jsonl", "a")
    for line in sys.stdin.buffer:
        entry, row = {"time": time.time(), "model": DIGEST}, None
        try:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise Refused("this is not JSON")
            if not isinstance(row, dict) or set(row) - {"x", "id"}:
                raise Refused("expected an object with x")
            answer = {"prediction": predict(row.get("x"))}
            entry["output"] = answer["prediction"]
        except Refused as why:
            answer = {"error": str(why)}
            entry["error"] = str(why)
        if isinstance(row, dict) and "id" in row:
            entry["id"] = row.pop("id")
            entry["input"] = row
            log.write(json.dumps(entry) + "\n")
            log.flush()
        print(json.dumps(answer), flush=True)


def batch(source, target):
    try:
        rows = list(csv.reader(open(source, newline="", encoding="utf-8-sig"), strict=True))
        if not rows or rows[0] != ["x"]:
            raise Refused("expected one column, x")
        answers = []
        for row in rows[1:]:
            if len(row) != 1 or not row[0].strip():
                raise Refused("expected one number in a row")
            answers.append(predict(float(row[0])))
    except (Refused, ValueError, csv.Error) as why:
        sys.exit("refused: %s" % why)
    with open(target, "w") as out:
        print("prediction", *(repr(a) for a in answers), sep="\n", file=out)


stream() if sys.argv[1] == "--jsonl" else batch(*sys.argv[1:3])
PYTHON
# Rules that need no model, and say so where there is no row to answer.
cat >rules.py <<'PYTHON'
import csv, sys
try:
    rows = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8-sig"), strict=True))
    if not rows or rows[0] != ["x"] or any(len(row) != 1 or not 0 <= float(row[0]) <= 100 for row in rows[1:]):
        sys.exit("refused: expected one column, x, of numbers from 0 to 100")
except (ValueError, csv.Error) as why:
    sys.exit("refused: %s" % why)
with open(sys.argv[2], "w") as out:
    print("prediction", *["100"] * (len(rows) - 1), sep="\n", file=out)
PYTHON
cat >suites/price/suite.json <<'JSON'
{
  "suite": "price", "class": "any",
  "train": {"command": ["/usr/bin/python3", "-B", "train.py"], "timeout": "60s"},
  "inputs": {"code": ["train.py", "predict.py", "rules.py"], "data": ["data.csv"], "settings": ["params.json"]},
  "artifacts": {"model.json": {"compare": "bytes"}},
  "model": {"stream": ["/usr/bin/python3", "-B", "predict.py", "--jsonl"],
            "batch": ["/usr/bin/python3", "-B", "predict.py", "{input}", "{output}"]},
  "schema": {"from": "data.csv", "target": "y", "columns": {"x": {"type": "number", "min": 0, "max": 100}},
             "output": {"type": "number", "field": "prediction", "min": 0, "max": 300}},
  "fuzz": {"cases": 200, "timeout": "5s"},
  "limits": {"train": {"wall": "1m", "memory": "1GiB"},
             "predict": {"rate": 50, "seconds": "200ms", "p99": "10s", "memory": "1GiB", "after": 200, "growth": 4},
             "price": {"currency": "EUR", "cpu_hour": 0.05, "million_predictions": 10000}},
  "log": {"path": "live.jsonl"},
  "drift": {"window": 1000, "outcomes": {"measures": {"mae": {"max": 3}}}},
  "fallback": ["/usr/bin/python3", "-B", "rules.py", "{input}", "{output}"]
}
JSON
echo model.json >.gitignore
commit
answer() {
    grep -qE " $1 [a-z ]+  $2  " "$OUT" || fail "question $1 is not answered with '$2'"
}
expect 0 "$REPRO" record price
commit "golden"
echo '{"rounds": 2}' >params.json
expect 0 "$REPRO" record price --reason "one more round"
commit "again"
expect 0 "$REPRO" verify price
expect 0 "$REPRO" ready price --require all
says "9 questions: 9 yes"
says "2 thresholds measured"

# Each can be broken alone.
breaks() { # QUESTION STAGES FILE SED-SCRIPT
    edit "$3" "$4"
    "$REPRO" verify price --only "$2" >"$WORK/verify.out" 2>&1 </dev/null || :
    expect 1 "$REPRO" ready price --require "$1"
    answer "$1" no
    git checkout -q "$3"
}
breaks 2 artifacts train.py 's/round(slope, 6)/round(slope, 5)/'
breaks 3 fuzz predict.py 's/not 0 <= x <= 100/False/'
breaks 4 parity predict.py 's/predict(float(row\[0\]))/& + 1/'
breaks 5 limits suites/price/suite.json 's/"p99": "10s"/"p99": "0.001ms"/'
breaks 6 log predict.py 's/entry\["input"\] = row/entry["input"] = {}/'
breaks 7 drift suites/price/suite.json 's/"window": 1000/&, "columns": {"*": {"ks": 1}}/'
answer 8 no
breaks 9 rollback rules.py 's/"100"/"1000"/'
