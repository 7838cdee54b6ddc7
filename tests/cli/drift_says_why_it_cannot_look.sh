#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: data that cannot be held against those of training, or outcomes that belong to none of the predictions, are an
# error of usage that says what to do, never a pass and never an alarm.
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p suites/fare
python3 - <<'END'
import json, random
random.seed(1)
rows = [{"km": round(random.uniform(1, 40), 1), "day": f"2026-{1 + i // 84:02}-{1 + i % 28:02}"} for i in range(1000)]
with open("rides.csv", "w") as out:
    print("km,day,fare", file=out)
    out.writelines(f"{row['km']},{row['day']},1\n" for row in rows)
    random.shuffle(rows)
with open("headless.csv", "w") as out:
    out.writelines(f"{row['km']},{row['day']},1\n" for row in rows)
json.dump(rows, open("array.json", "w"), indent=1)
with open("log.jsonl", "w") as out, open("others.csv", "w") as others, open("pending.csv", "w") as pending:
    print("id,fare", file=others)
    print("id,fare", file=pending)
    for i, row in enumerate(rows):
        print(json.dumps({"id": f"r{i}", "time": "2026-11-20", "input": row, "output": 2}), file=out)
        print(f"x{i},2", file=others)
        print(f"r{i},", file=pending)
END
sed 's/"input"/"asked"/' log.jsonl >foreign.jsonl
sed 's/"km"/"miles"/; s/"day"/"date"/' log.jsonl >renamed.jsonl
head -1 others.csv >header.csv
mkfifo pipe
suite() { # MORE
    cat >suites/fare/suite.json <<END
{"suite": "fare", "class": "any", "train": {"command": "cat price.txt >model.txt"},
 "inputs": {"data": ["rides.csv"], "settings": ["price.txt"]}, "artifacts": ["model.txt"],
 "schema": {"from": "rides.csv", "target": "fare", "columns": {"km": {"type": "number"},
            "day": {"type": "date", "format": "%Y-%m-%d"}}}$1}
END
}
suite ""
echo 2 >price.txt
expect 0 "$REPRO" record fare --trace off

refuses() { # TEXT ARGUMENT...
    text=$1
    shift
    expect 2 "$REPRO" drift fare "$@"
    says "$text"
}
for more in '' ', "log": {"path": "out.jsonl"}, "drift": {"outcomes": {"measures": {"mae": {"max": 4}}}}'; do
    suite "$more"
    refuses "there is no file 'nowhere.csv'" nowhere.csv
    refuses "its first line should name them" headless.csv
    refuses "is a JSON array; write an object a line" array.json
    refuses "is not a regular file but a pipe; write what comes into a file first" pipe
    # A table says when by the date of its schema, also where the log has another field for it.
    expect 0 "$REPRO" drift fare rides.csv --since 2026-01-01
    refuses "no row of that time or later" rides.csv --since 2027-01-01
done
sed 's/"time"/"when"/' log.jsonl >timeless.jsonl
refuses "has no row of that time or later to look at: 1000 entries without a time" timeless.jsonl --since 2026-01-01
sed '1~2s/"time"/"when"/' log.jsonl >half.jsonl
expect 0 "$REPRO" drift fare half.jsonl --since 2026-01-01
says "500 entries without a time"
sed 's/"input": {[^}]*}/"input": [1, "x"]/' log.jsonl >lists.jsonl
refuses "2000 rows left out: no object" lists.jsonl
refuses "no line is an entry of the log that suite.json describes" foreign.jsonl
refuses "the rows of its entries should name them" renamed.jsonl
refuses "nothing in 'others.csv' came of a prediction in 'log.jsonl': 1000 predictions without an outcome" \
    log.jsonl --outcomes others.csv
says "is 'id' the column of the ids?"
refuses "'header.csv' has no row" log.jsonl --outcomes header.csv
expect 0 "$REPRO" drift fare log.jsonl --outcomes pending.csv # too early to know
says "1000 outcomes not known yet"

# A time without a unit is none.
for since in 7 0 "7 d" 1y yesterday; do refuses "--since: expected a moment" log.jsonl --since "$since"; done
expect 0 "$REPRO" drift fare log.jsonl --since 1700000000

# What moved, but by less than counts, says so: else a pass beyond the threshold is a riddle.
sed -i '2,40s/^[^,]*,/,/' rides.csv
sed '41,80s/^[^,]*,/,/' rides.csv >live.csv
expect 0 "$REPRO" record fare --trace off --reason "gaps"
expect 0 "$REPRO" drift fare live.csv
says "which is less than counts (0.1)"

# Where all is well, each number can be seen with its number of rows.
expect 0 "$REPRO" drift fare live.csv --verbose
says "km: out_of_range  0 % of 9"
says "beside 961"
