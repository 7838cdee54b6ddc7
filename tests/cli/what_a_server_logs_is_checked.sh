#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the stage `log` finds in the server's log what is needed to find out what went wrong, and says what is missing.
. "$(dirname "$0")/lib.sh"
[ -x /usr/bin/python3 ] || skip "'/usr/bin/python3' is not installed"
/usr/bin/python3 -c 'import flask' 2>/dev/null || skip "flask is not installed"

mkdir -p suites/price
cat >data.csv <<'EOF'
size,town,price
10.5,north,21.0
20.25,south,41.5
31.125,north,60.0
42,east,80.5
55.5,south,110.0
60.75,,121.0
EOF
cat >train.py <<'EOF'
import csv, json
rows = list(csv.DictReader(open("data.csv")))
slope = sum(float(r["price"]) for r in rows) / sum(float(r["size"]) for r in rows)
json.dump({"slope": slope}, open("model.json", "w"))
EOF
# The file `habit` says how the log is spoilt.
cat >answer.py <<'EOF'
import hashlib, json, sys, time
model_bytes = open("model.json", "rb").read()
slope = json.loads(model_bytes)["slope"]
digest = hashlib.sha256(model_bytes).hexdigest()
habit = open("habit").read().strip()


def predict(row):
    return slope * row["size"] + (1 if row.get("town") == "north" else 0)


def log(name, row, output, kept=[]):
    entry = {"time": time.time(), "request": {"id": name}, "model": digest[:12], "input": row, "output": output}
    if habit == "no entry":
        return
    if habit == "no input":
        del entry["input"]
    if habit == "half the input":
        entry["input"] = {"size": row["size"]}
    if habit == "rounded input":
        entry["input"] = dict(row, size=round(row["size"]))
    if habit == "rounded output":
        entry["output"] = round(output, 2)
    if habit == "no output":
        entry["output"] = None
    if habit == "no time":
        del entry["time"]
    if habit == "wrong model":
        entry["model"] = "0" * 64
    if habit == "no model":
        del entry["model"]
    if habit == "own ids":
        entry["request"]["id"] = "mine-%f" % time.time()
    line = json.dumps(entry) + "\n"
    if habit == "standard output":
        print(line, end="", file=sys.stderr if "--jsonl" in sys.argv else sys.stdout, flush=True)
        return
    if not kept:
        kept.append(open("log.jsonl", "a"))
    kept[0].write(line * (2 if habit == "twice" else 1))
    if habit != "late":
        kept[0].flush()
EOF
cat >serve.py <<'EOF'
import logging, signal, sys
from flask import Flask, jsonify, request
from answer import log, predict
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
app = Flask("price")
logging.getLogger("werkzeug").setLevel(logging.ERROR)


@app.get("/health")
def health():
    return "{}"


@app.post("/predict")
def ask():
    rows = request.get_json()
    rows = rows if isinstance(rows, list) else [rows]
    output = [predict(row) for row in rows]
    for row, value in zip(rows, output):
        log(request.headers.get("X-Request-Id"), row, value)
    return jsonify([{"prediction": value} for value in output])


app.run("127.0.0.1", int(sys.argv[1]))
EOF
cat >stream.py <<'EOF'
import json, sys
from answer import log, predict
for line in sys.stdin:
    row = json.loads(line)
    name = row.pop("id", None)
    value = predict(row)
    log(name, row, value)
    print(json.dumps({"prediction": value}), flush=True)
EOF
cat >batch.py <<'EOF'
import csv, sys
from answer import log, predict
rows = list(csv.DictReader(open(sys.argv[1])))
with open(sys.argv[2], "w") as out:
    print("prediction", file=out)
    for row in rows:
        name = row.pop("id", None)
        row["size"] = float(row["size"])
        value = predict(row)
        log(name, row, value)
        print(repr(value), file=out)
EOF
suite() { # the way of asking
    cat >suites/price/suite.json <<EOF
{"suite": "price", "class": "any", "train": {"command": ["/usr/bin/python3", "-B", "train.py"]},
 "inputs": {"code": ["train.py"], "data": ["data.csv"]}, "artifacts": {"model.json": {}},
 "model": {$1},
 "schema": {"from": "data.csv", "target": "price", "columns": {
   "size": {"type": "number"},
   "town": {"type": "category", "nullable": true, "categories": {"north": 0.4, "south": 0.4, "east": 0.2}}}},
 "log": {"path": "log.jsonl", "id": "request.id"}}
EOF
}
checks() { # HABIT WHAT IS SAID
    echo "$1" >habit
    expect 1 "$REPRO" verify --only log
    says "$2"
    says "repro verify price --only log"
    [ ! -e log.jsonl ] || fail "the work tree was written to"
}

api='"api": {"command": ["/usr/bin/python3", "-B", "serve.py", "{port}"]}'
stream='"stream": ["/usr/bin/python3", "-B", "stream.py", "--jsonl"]'
echo good >habit
suite "$api"
expect 0 "$REPRO" record
ways=("$stream")
if "$REPRO" verify --only log >"$OUT" 2>&1 || ! grep -q "refuses every network socket" "$OUT"; then ways+=("$api"); fi
for way in "${ways[@]}"; do
    suite "$way"
    echo good >habit
    expect 0 "$REPRO" verify --only log --verbose
    says "6 requests by"
    says "each logged once, with its time"
    says "each entry names the model that answered"
    says "6 logged inputs asked again, all answered as logged"
    checks "no entry" "the model wrote no 'log.jsonl'"
    checks "no input" "the entry has no 'input'"
    checks "half the input" "'town' is not in the logged input (asked as \""
    checks "rounded input" "'size' was asked as 10.5 and logged as 10"
    checks "rounded output" "is logged"
    checks "no output" "and the entry has no 'output' of it"
    checks "no time" "6 entries have no time that can be read in 'time'"
    checks "wrong model" "which is the digest (at least 8 digits) neither of golden, nor of its bundle, nor of one"
    checks "no model" "the entry has no 'model': which model answered?"
    checks "twice" "6 requests have more than one entry (repro-0001, repro-0002, repro-0003, …)"
    checks "own ids" "there are 6 under other ids (mine-"
    checks "standard output" "it wrote the id repro-0001 to its standard"
done
suite "$stream"
checks "late" "entries came only when the model ended"

# A batch writes its log when it ends; where nothing can be mounted, the log lies in a copy.
suite '"batch": ["/usr/bin/python3", "-B", "batch.py", "{input}", "{output}"]'
for habit in good late; do
    echo "$habit" >habit
    expect 0 "$REPRO" verify --only log --verbose
    says "6 requests by batch, each logged once, with its time"
done
checks "rounded input" "'size' was asked as 10.5 and logged as 10"
suite "$stream"
echo good >habit
expect 0 "$REPRO" verify --only log --verbose --isolation none
says "6 requests by stream, each logged once, with its time"
