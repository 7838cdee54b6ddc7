#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of every predictor with one seeded defect the search finds that defect, within seconds, and shrinks it to one
# cell where one cell does it; of the predictors without a defect it finds nothing.
. "$(dirname "$0")/lib.sh"
traceable # the portable build sees neither memory nor descriptors grow
requires python3 cc
models=${FIXTURES:-$SOURCE_DIR/tests/fixtures}/models
cc -std=gnu17 -O2 -o model "$models"/*.c -lm -pthread
cp "$models/customers.csv" "$models/defects.tsv" .
diff <(./model --list) <(grep -v '^#' defects.tsv | cut -f 1) || fail "the list and the program name other defects"

python3 - <<'PYTHON'
import csv, json, os

def command(served):
    name = served[0]
    ways = {"stream": ["./model", name], "batch": ["./model", name, "{input}", "{output}"],
            "api": {"command": ["./model", name, "--port", "{port}"], "protocol": "json"}}
    return {way: ways[way] for way in served[1].split("+")}

SCHEMA = {
    "from": "customers.csv", "target": "stays",
    "columns": {
        "id": {"type": "identifier", "invariant": True},
        "age": {"type": "integer", "min": 18, "max": 90},
        "income": {"type": "number", "nullable": True, "missing": 0.08, "min": 10000, "max": 200000},
        "active": {"type": "boolean", "categories": {"true": 0.66, "false": 0.34}},
        "plan": {"type": "category", "categories": {"basic": 0.5, "pro": 0.3, "team": 0.19, "trial": 0.01}},
        "comment": {"type": "text", "longest": 40},
        "joined": {"type": "date", "format": "%Y-%m-%d %H:%M:%S"},
        "visits": {"type": "integer", "min": 0, "max": 80, "monotone": "increasing"}},
    "output": {"type": "number", "field": "prediction", "min": 0, "max": 100}}

for line in open("defects.tsv"):
    if line.startswith("#"):
        continue
    row = line.rstrip("\n").split("\t")
    fuzz = {"timeout": "600ms", **(json.loads("{" + row[7] + "}") if row[7] != "-" else {})}
    suite = {"suite": row[0], "class": "any", "train": {"command": "echo trained >model.txt", "timeout": "30s"},
             "inputs": {}, "artifacts": {"model.txt": {"compare": "bytes"}}, "model": command(row), "schema": SCHEMA,
             "fuzz": fuzz}
    os.makedirs("suites/" + row[0])
    json.dump(suite, open(f"suites/{row[0]}/suite.json", "w"), indent=2)
PYTHON

# Two at a time: what is found depends neither on the others nor on the load, for the number of cases ends each. Only
# those that are asked by batch, a process for each question, are ended by time; on a slow machine that is longer.
search() {
    time=5s
    [ "$2" != batch ] || time=15s
    "$REPRO" fuzz "$1" --trace off --time $time --cases 4000 --json "$1.json" >"$1.log" 2>&1 </dev/null
    echo $? >"$1.status"
}
export -f search
export REPRO
grep -v '^#' defects.tsv | cut -f 1,2 | xargs -P 2 -L 1 bash -c 'search "$@"' search

python3 - <<'PYTHON' || fail "see above"
import fnmatch, json, re, sys

ORACLES = ["crash", "hang", "slow", "status", "unreadable", "count", "nan", "range", "repeat", "process", "neighbours",
           "order", "batch", "parity", "canary", "encodings", "invariance", "monotone", "growth", "leak"]
LIMITS = {"batch": 30}  # seconds for a search: it begins nothing new after half of it, but finishes what it is at
wrong, found, clean, skipped = [], 0, 0, 0

def failures(result):
    """(stage, oracle, column, [(mutation, detail)]) of each check that failed."""
    for check in result["checks"]:
        if check["stage"] in ("fuzz", "parity") and check["verdict"] != "pass" and check["verdict"] != "skip":
            oracle, _, column = check["name"].partition(": ")
            oracle = "parity" if check["stage"] == "parity" else oracle
            pieces = re.split(r"^(?=[a-z][a-z0-9_. ]*(?: of [^\n:]*)?: )", check.get("detail", ""), flags=re.M)
            kinds = [(re.match(r"[a-z0-9_. ]*?(?=(?: of [^\n:]*)?: )", piece).group(), piece) for piece in pieces
                     if re.match(r"(?:clean row|[a-z]+\.[a-z0-9_]+)(?: of [^\n:]*)?: ", piece)]
            yield check, oracle, column or "-", kinds

def line(detail, name):
    match = re.search(rf"^  {name} +(.*)$", detail, flags=re.M)
    return match.group(1) if match else ""

def cells_away(detail):
    """How many values of the clean row are not in what was sent, told from the two texts."""
    sent, was = line(detail, "sent"), line(detail, "clean row")
    begin = 0
    while begin < min(len(sent), len(was)) and sent[begin] == was[begin]:
        begin += 1
    end = 0
    while end < min(len(sent), len(was)) - begin and sent[-1 - end] == was[-1 - end]:
        end += 1
    if sent.endswith(" bytes)"):  # a long text is not shown to its end
        return 1
    return max(was[begin:len(was) - end].count('":'), int(sent != was))

for row in (text.rstrip("\n").split("\t") for text in open("defects.tsv") if not text.startswith("#")):
    name, served, oracle, column, mutations, cells, also, _ = row
    def say(text):
        wrong.append(f"{name}: {text}")
    try:
        result = json.load(open(name + ".json"))
    except (OSError, ValueError) as error:
        say(f"no result ({error}): " + open(name + ".log").read()[-2000:])
        continue
    checks = [check for check in result["checks"] if check["stage"] in ("fuzz", "parity")]
    if checks and all(check["verdict"] == "skip" for check in checks):
        skipped += 1  # no loopback here
        continue
    failed = list(failures(result))
    if oracle == "-":
        clean += 1
        for check, _, _, _ in failed:
            say(f"has no defect, but {check['name']}: {check.get('reason')}\n{check.get('detail', '')}")
        if not any(check["name"] == "cases" and check["verdict"] == "pass" for check in checks):
            say("was not asked")
        continue
    wanted = ORACLES[int(oracle) - 1]
    others = {wanted, *(ORACLES[int(number) - 1] for number in also.split(",") if number != "-")}
    for check, which, _, _ in failed:
        if which not in others:
            say(f"an oracle too many: {check['name']}: {check.get('reason')}\n{check.get('detail', '')}")
    hits = [f for f in failed if f[1] == wanted and column in ("*", f[2])]
    shown = [piece for f in hits for kind, piece in f[3]
             if any(fnmatch.fnmatch(kind, mutation) for mutation in mutations.split(","))]
    if not hits or not (shown or mutations == "-"):
        say(f"not found: {wanted} of {column} by {mutations}; failed: {[(f[0]['name'], [k for k, _ in f[3]]) for f in failed]}")
        continue
    if cells == "1" and min(cells_away(piece) for piece in shown) > 1:
        say(f"not shrunk to one cell:\n{shown[0]}")
    seconds = max(check["seconds"] for check in checks)
    if seconds > LIMITS.get(served, 10):
        say(f"took {seconds:.1f} s")
    if open(name + ".status").read().strip() != "1":
        say("exit status " + open(name + ".status").read().strip())
    found += 1

print(f"{found} defects found, {clean} predictors without one, {skipped} not asked, {len(wrong)} complaints")
print("\n".join(wrong))
sys.exit(bool(wrong) or found + skipped < 40)
PYTHON
