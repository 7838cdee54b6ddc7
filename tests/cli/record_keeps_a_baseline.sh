#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: recording keeps a baseline beside the golden: the training columns summarised, rows with what the model answered;
# the same bytes when recorded again, another one for another golden, and none where the suite has no schema.
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p suites/fare
cat >predict.py <<'END'
import json, sys
price = float(open("model.txt").read())
for line in sys.stdin:
    print(json.dumps({"prediction": json.loads(line)["km"] * price}), flush=True)
END
python3 - >rides.csv <<'END'
towns = ["bonn", "ulm", ""]
print("km,town,fare")
for i in range(300):
    print(f"{i % 40 + 0.5},{towns[i % 3]},{i}")
END
cat >suites/fare/suite.json <<'END'
{"suite": "fare", "class": "any", "train": {"command": "cat price.txt >model.txt"},
 "inputs": {"code": ["predict.py"], "data": ["rides.csv"], "settings": ["price.txt"]},
 "artifacts": ["model.txt"], "model": {"stream": ["python3", "predict.py"]},
 "schema": {"from": "rides.csv", "target": "fare",
            "columns": {"km": {"type": "number"}, "town": {"type": "category", "nullable": true}}}}
END
echo 2 >price.txt
baseline=golden/fare/any/baseline.json

expect 0 "$REPRO" record fare --trace off
says baseline
python3 - "$baseline" <<'END' || fail "the baseline is not what it should be"
import json, sys
baseline = json.load(open(sys.argv[1]))
km, town = baseline["columns"]
assert baseline["rows"] == 300 and baseline["kind"] == "stream", baseline
assert km["numbers"]["min"] == 0.5 and km["numbers"]["max"] == 39.5, km
assert town["missing"] == 100, town
assert len(baseline["recorded"]) == 200
for row in baseline["recorded"]:
    asked, answered = (json.loads(v) if isinstance(v, str) else v for v in (row["input"], row["output"]))
    assert answered == asked["km"] * 2 and "fare" not in asked, row
END
cp "$baseline" before.json
expect 0 "$REPRO" record fare --trace off
cmp "$baseline" before.json || fail "recorded again, the baseline is another one"

echo 3 >price.txt
expect 0 "$REPRO" record fare --trace off --reason "prices went up"
cmp -s "$baseline" before.json && fail "another golden has the old baseline"

# Somebody goes back while the model is asked: the golden that is current then keeps its own.
cp "$baseline" before.json
cp predict.py asked.py
{
    echo "import subprocess"
    echo "subprocess.run(['$REPRO', 'rollback', '-C', '$PWD', 'fare'], stdout=subprocess.DEVNULL)"
    cat asked.py
} >predict.py
echo 4 >price.txt
expect 2 "$REPRO" record fare --trace off --isolation none --reason "prices went up again"
says "golden has changed meanwhile"
same "$baseline" before.json
cp asked.py predict.py

rm -r golden
python3 - <<'END'
import json
suite = json.load(open("suites/fare/suite.json"))
del suite["schema"]
json.dump(suite, open("suites/fare/suite.json", "w"))
END
expect 0 "$REPRO" record fare --trace off
[ ! -e "$baseline" ] || fail "without a schema there is nothing to summarise"
