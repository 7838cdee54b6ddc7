#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: `verify --log FILE` asks today's model what was logged, counts what is answered otherwise, and shows the worst.
. "$(dirname "$0")/lib.sh"
requires gzip
[ -x /usr/bin/python3 ] || skip "'/usr/bin/python3' is not installed"

mkdir -p suites/twice
printf 'x,y\n1,2\n2,4\n3,6\n4,8\n' >data.csv
echo '2' >slope.txt
cat >train.sh <<'EOF'
tail -n +2 data.csv >/dev/null
cat slope.txt >model.txt
EOF
cat >predict.py <<'EOF'
import json, sys
slope = float(open("model.txt").read())
for line in sys.stdin:
    row = json.loads(line)
    try:
        if set(row) - {"x", "id"}:
            raise ValueError("a column that is not known")
        answer = {"prediction": slope * row["x"]}
    except (TypeError, ValueError, KeyError) as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
EOF
suite() { # more of the document
    cat >suites/twice/suite.json <<EOF
{"suite": "twice", "class": "any", "train": {"command": ["sh", "train.sh"]},
 "inputs": {"code": ["train.sh", "predict.py"], "data": ["data.csv"], "settings": ["slope.txt"]},
 "artifacts": {"model.txt": {}}, "model": {"stream": ["/usr/bin/python3", "-B", "predict.py"]},
 "schema": {"from": "data.csv", "target": "y", "columns": {"x": {"type": "number"}}}$1}
EOF
}
entries() { # FIRST LAST FACTOR
    seq "$1" "$2" | awk -v f="$3" '{
        printf "{\"id\": \"r%d\", \"time\": \"2026-11-%02dT08:00:00Z\", \"input\": {\"x\": %d}, \"output\": %.17g}\n",
            $1, 1 + $1 % 28, $1, $1 * f }'
}
suite ""
expect 0 "$REPRO" record

# A thousand entries in three files, one of them compressed.
entries 1 400 2 >log.jsonl.2
gzip log.jsonl.2
entries 401 800 2 >log.jsonl.1
entries 801 1000 2 >log.jsonl
expect 0 "$REPRO" verify --only log --log log.jsonl --verbose
says "replay: log.jsonl"
says "1,000 logged inputs asked again, all answered as logged"

# Broken lines and repetitions are noted; what was refused is refused again.
cat >>log.jsonl <<'EOF'
{"id": "r1000", "input": {"x": 1000}, "output": 2000}
{"id": "r1001", "input": {"x": 1
what is this?
{"id": "r1002", "time": "2026-11-20", "input": {"x": null}, "output": null, "error": "no number"}
{"id": "r1003", "time": "2026-11-20", "input": {"x": 1, "z": 2}, "error": {"message": "z is not known"}}
EOF
expect 0 "$REPRO" verify --only log --log log.jsonl --verbose
says "1,002 logged inputs asked again, all answered as logged, 2 of them refused as they were then"
says "twice: log.jsonl: 2 of 1,005 lines broken: 2 no JSON object"
says "1 line repeated, by id"

# Other answers: counted, the worst first, ten of them; the command that repeats it names the log.
{
    entries 1 20 2
    entries 21 40 2.5
    echo '{"id": "was fine", "time": 0, "input": {"x": null}, "output": 7}'
    echo '{"id": "was refused", "time": 0, "input": {"x": 3}, "error": "too small"}'
} >other.jsonl
expect 1 "$REPRO" verify --only log --log other.jsonl
says "22 of 42 logged inputs are answered otherwise; the worst is was fine: logged 7, now a rejection"
says 'was refused: logged a rejection: "too small", now 6, asked {"x": 3}'
says 'r40: logged 100, now 80 (20 apart), asked {"x": 40}'
says 'r33: logged 82.5, now 66 (16.5 apart)'
silent_about 'r32:'
says "and 12 more"
says "repro verify twice --only log --log other.jsonl"

# A window.
expect 0 "$REPRO" verify --only log --log log.jsonl --last 100 --verbose
says "100 logged inputs asked again"
expect 0 "$REPRO" verify --only log --log log.jsonl --since 2026-11-28 --verbose
says "35 logged inputs asked again"

expect 0 "$REPRO" verify --only log --log log.jsonl --since 36500d --verbose
says "1,002 logged inputs asked again"
cd ..
expect 0 "$REPRO" verify -C project --only log --log log.jsonl --since 2026-11-28 --verbose
says "35 logged inputs asked again"
cd project

# A tolerance that the suite declares holds here, too.
entries 1 10 2.01 >near.jsonl
expect 1 "$REPRO" verify --only log --log near.jsonl
suite ', "fuzz": {"parity": {"rel": 0.01}}'
expect 0 "$REPRO" verify --only log --log near.jsonl
suite ""

# A log of another model: that is told beside what it answered otherwise.
echo '{"id": 1, "model": "0123456789abcdef", "input": {"x": 2}, "output": 5}' >foreign.jsonl
expect 1 "$REPRO" verify --only log --log foreign.jsonl
says 'entries of another model: 1 ("0123456789abcdef")'

# What cannot be: an empty log, none at all, a window that is no window, two suites.
: >empty.jsonl
expect 1 "$REPRO" verify --only log --log empty.jsonl
says "there is no entry to ask again"
expect 2 "$REPRO" verify --only log --log missing.jsonl
says "there is no log"
silent_about "replay" # nobody waits for a training to hear that
expect 2 "$REPRO" verify --log log.jsonl --since yesterday
says "--since: expected a moment"
expect 2 "$REPRO" verify --log log.jsonl --last 0
says "--last: expected a whole number from 1 on"
expect 2 "$REPRO" verify --only inputs --log log.jsonl
says "which --only leaves out"
expect 2 "$REPRO" verify --last 5
says "--last goes with --log"
mkdir suites/other
sed 's/"twice"/"other"/' suites/twice/suite.json >suites/other/suite.json
expect 2 "$REPRO" verify --only log --log log.jsonl
says "--log goes with one suite"
