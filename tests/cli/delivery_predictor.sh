#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the delivery predictor answers as well as the trainer said, in both ways the same digits; refuses what is no
# order and says why; and its fallback answers every row.
set -euo pipefail
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
suite=$SOURCE_DIR/suites/delivery-time
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -std=c17 -O2 -ffp-contract=off -o "$scratch/train" "$suite"/src/*.c -lm
"${CC:-cc}" -std=c17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off \
    -o "$scratch/predict" "$suite"/predict/*.c -lm
export ASAN_OPTIONS=detect_leaks=0 # the model is kept until the end
cd "$scratch"
sed 's/"rounds": [0-9]*/"rounds": 40/' "$suite/params.json" >params.json
./train "$suite/orders.csv" params.json . >/dev/null
./predict model.safetensors "$suite/orders.csv" predictions.csv

python3 - "$suite/orders.csv" <<'PYTHON'
import csv, json, math, subprocess, sys

rows = list(csv.DictReader(open(sys.argv[1])))
batch = [float(row["prediction"]) for row in csv.DictReader(open("predictions.csv"))]
metrics = json.load(open("metrics.json"))
squared = sum((float(row["minutes"]) - answer) ** 2 for row, answer in zip(rows, batch))
told = sum(metrics[part]["rmse"] ** 2 * metrics[part]["rows"] for part in ("train", "valid"))
assert len(batch) == len(rows) and math.isclose(squared, told, rel_tol=1e-12), (squared, told)

def value(name, cell):
    return None if cell == "" else cell if name in ("weather", "vehicle") else json.loads(cell)

lines = "".join(json.dumps({name: value(name, row[name]) for name in row if name != "minutes"}) + "\n" for row in rows)
run = subprocess.run(["./predict", "model.safetensors", "--jsonl"], input=lines, stdout=subprocess.PIPE, text=True)
stream = [json.loads(line)["prediction"] for line in run.stdout.splitlines()]
assert run.returncode == 0 and stream == batch
PYTHON

# line ANSWER JSON: what a line is answered with; * for any number. The line behind it must be answered as ever.
clean='{"distance_km": 4.0, "hour": 12}'
usual=$(echo "$clean" | ./predict model.safetensors --jsonl)
line() {
    local answer
    answer=$(printf "%b\n%s\n" "$2" "$clean" | ./predict model.safetensors --jsonl)
    if [ "$1" = '*' ]; then
        [[ $answer == '{"prediction": '*$'\n'"$usual" ]] || { echo "$2: $answer"; exit 1; }
    else
        [ "$answer" = "{\"error\": \"$1\"}"$'\n'"$usual" ] || { echo "$2: $answer"; exit 1; }
    fi
}
line '*' '{"hour": 12.0, "distance_km": 40e-1}'
line '*' '{"hour": 12, "distance_km": 4, "traffic": null, "weather": "cl\\u0065ar", "minutes": 20.7}'
line '*' '\t{"hour":12,"distance_km":-0.0}\r'
object='expected a JSON object: {\"distance_km\": 4.0, …}'
line "$object" ''
line "$object" 'null'
line "$object" '\xff\xfe'
line "$object" 'a\0b'
line "$object" '\xef\xbb\xbf{}'
line 'not JSON: expected \"column\": value' '{'
line 'not JSON: expected \"column\": value' '{"hour": 1,}'
line "something follows the closing '}'" '{"hour": 12, "distance_km": 4}}'
line 'distance_km: is missing' '{"hour": 12}'
line 'distance_km: is missing' '{"distance_km": null, "hour": 12}'
line 'distance_km: not a value of JSON' '{"distance_km": NaN}'
line 'distance_km: expected a number from 0 to 1000' '{"distance_km": 1e400}'
line 'distance_km: expected a number from 0 to 1000' '{"distance_km": "4.0"}'
line 'distance_km: expected a number' '{"distance_km": [4.0]}'
line 'hour: expected a whole number from 0 to 23' '{"hour": 24}'
line 'hour: expected a whole number from 0 to 23' '{"hour": 1.5}'
line 'hour: comes twice' '{"hour": 1, "hour": 1}'
line "not JSON: expected ',' or '}'" '{"hour": 0x1}'
known='known are clear, fog, rain, snow, storm, wind'
line "weather: unknown category; $known" '{"weather": "Clear"}'
line "weather: unknown category; $known" '{"weather": "clear\\u0000"}'
line "weather: expected a category, found a number; $known" '{"weather": 1}'
line 'weather: not a string of JSON' '{"weather": "\\ud800"}'
line 'there is a column that the model does not know; it knows distance_km, traffic, weather, hour, items, vehicle' \
    '{"trafic": 1}'
line 'id: expected 1 to 64 printable characters' '{"id": "\\u0000"}'
line 'id: comes twice' '{"id": 7, "id": 7}'
line 'the line is too long for an order' "{\"weather\": \"$(printf '%070000d' 0)\"}"

# file MESSAGE CSV ROWS: a bad file is refused as a whole, and the fallback answers each of its rows.
file() {
    printf '%b' "$2" >in.csv
    rm -f out.csv
    if ./predict model.safetensors in.csv out.csv 2>said; then echo "answered: $2"; exit 1; fi
    if [ "$(cat said)" != "predict: $1" ] || [ -e out.csv ]; then echo "$2: $(cat said)"; exit 1; fi
    [ "$3" != none ] || return 0
    ./predict --rules in.csv out.csv
    [ "$(wc -l <out.csv)" -eq $(($3 + 1)) ] || { echo "$2: not $3 rows by rules"; cat out.csv; exit 1; }
}
file 'the input is empty' '' none
file 'line 1: the header does not end: the file is cut off' 'distance_km,ho' 0
file 'line 1: there is a column that the model does not know; it knows distance_km, traffic, weather, hour, items, vehicle' 'distance_km,Hour\n4,12\n' 1
file 'line 1: hour: comes twice' 'hour,distance_km,hour\n12,4,12\n' 1
file 'line 2: expected 2 cells, found 3' 'distance_km,hour\n4,12,1\n4,12\n' 2
file 'line 3: expected 2 cells, found 1' 'distance_km,hour\n4,12\n\n' 2
file 'line 2: a quote does not close' 'distance_km,hour\n"4,12\n' 1
file 'line 2: something follows a closing quote' 'distance_km,hour\n"4"x,12\n' 1
file 'line 2: a quote or a NUL byte within a cell' 'distance_km,hour\n4,12\0\n' 1
file 'line 2: a NUL byte' 'distance_km,hour\n"4\0",12\n' 1
file 'line 4: hour: expected a whole number from 0 to 23' 'distance_km,hour,minutes\n4,12,"1\n2"\n4,99,1\n' 2
file 'line 2: hour: is missing' 'distance_km,hour\n4,\n' 1
file 'line 2: distance_km: expected a number from 0 to 1000' 'distance_km,hour\n1 000,12\n' 1
good() {
    printf '%b' "$1" >in.csv
    ./predict model.safetensors in.csv out.csv
    [ "$(tail -n 1 out.csv)" = "$2" ] || { echo "$1: $(cat out.csv)"; exit 1; }
}
usual=${usual#*: }
good 'distance_km,hour\n4,12\n' "${usual%\}}"
good '\xef\xbb\xbf"hour",distance_km\r\n12.0,"4e0"' "${usual%\}}"
good 'hour,distance_km\n' prediction

# With --log each line is kept with its answer, before that is given; whatever was sent, a line of the log stays one.
printf '%s\n%b\n%s\n' '{"distance_km": 4.0, "hour": 12, "id": "a1"}' 'what "is\tthis\xff?' \
    '{"id": 7, "weather": "rain", "hour": 9, "distance_km": 2.5}' >asked
./predict model.safetensors --jsonl <asked >plain
./predict model.safetensors --jsonl --log log.jsonl <asked >answered
cmp plain answered
python3 - "$(sha256sum model.safetensors | cut -d ' ' -f 1)" <<'PYTHON'
import datetime, json, sys
entries = [json.loads(line) for line in open("log.jsonl", encoding="utf-8")]
answers = [json.loads(line) for line in open("answered")]
assert [entry["id"] for entry in entries] == ["a1", None, "7"], entries
for entry, answer in zip(entries, answers):
    assert entry["model"] == sys.argv[1] and 0 <= entry["latency"] < 60, entry
    asked = datetime.datetime.strptime(entry["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert abs((asked - datetime.datetime.utcnow()).total_seconds()) < 3600, entry
    assert entry.get("output") == answer.get("prediction"), (entry, answer)
assert entries[0]["input"] == dict.fromkeys(["traffic", "weather", "items", "vehicle"]) | {"distance_km": 4, "hour": 12}
assert entries[2]["input"]["weather"] == "rain"
assert entries[1]["input"] == {"line": 'what "is\tthis\xff?'} and "expected a JSON object" in entries[1]["error"]
PYTHON
./predict model.safetensors --jsonl --log log.jsonl <asked >/dev/null
[ "$(wc -l <log.jsonl)" -eq 6 ] || { echo "a log that is there is not added to"; exit 1; }
if [ -c /dev/full ]; then
    ./predict model.safetensors --jsonl --log /dev/full <asked >answered 2>said
    cmp plain answered
    grep -q '^predict: the log cannot be written' said || { cat said; exit 1; }
fi

# A damaged model is refused, wherever it is damaged.
size=$(stat -c %s model.safetensors)
for kept in 0 7 8 100 900 $((size - 1)); do
    head -c "$kept" model.safetensors >damaged
    if ./predict damaged --jsonl </dev/null 2>said; then echo "a model of $kept bytes is taken"; exit 1; fi
    grep -q '^predict: the model is damaged' said || { cat said; exit 1; }
done
echo "answers, refusals and rules as they should be"
