#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: with the data of scikit-learn as references, drift that is put in (shift, scale, missing values, a new category,
# columns that changed places, another unit) raises the alarm and names the column; rows without drift raise none.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
"$python" -c 'import sklearn, pandas' 2>/dev/null || skip "Debian's scikit-learn and pandas are not here"

"$python" - <<'END'
import json, os
from sklearn import datasets

for name, load in ("diabetes", datasets.load_diabetes), ("wine", datasets.load_wine), \
        ("cancer", datasets.load_breast_cancer), ("digits", datasets.load_digits):
    data = load(as_frame=True)
    frame = data.frame.copy()
    if name == "wine":
        frame["grape"] = [data.target_names[t] for t in data.target]
    folder = f"suites/{name}"
    os.makedirs(folder)
    part = frame.sample(frac=0.5, random_state=1)  # what training saw; the other half is live
    rest = frame.drop(part.index)
    part.to_csv(f"{name}.csv", index=False)
    rest.to_csv(f"{name}-none.csv", index=False)
    column = [c for c in frame.columns if c != "target" and frame[c].nunique() > 10][0]
    other = [c for c in frame.columns if c not in ("target", "grape", column) and frame[c].nunique() > 10][1]
    def put(kind, change):
        live = rest.copy()
        live = live.astype({column: float, other: float})
        change(live)
        live.to_csv(f"{name}-{kind}.csv", index=False)
        open("cases.txt", "a").write(f"{name} {kind}\t{'grape' if kind == 'category' else column}\n")
    def shift(live): live[column] += 1.5 * frame[column].std()
    def scale(live): live[column] = (live[column] - frame[column].mean()) * 4 + frame[column].mean()
    def missing(live): live.loc[live.index[::3], column] = None
    def unit(live): live[column] = live[column] * 1000 + 3
    def swap(live): live[[column, other]] = live[[other, column]].values
    for change in (shift, scale, missing, unit):
        put(change.__name__, change)
    if name in ("wine", "cancer"):  # the columns of the others are alike: standardised, pixels
        put("swap", swap)
    if name == "wine":
        def category(live): live.loc[live.index[::4], "grape"] = "class_9"
        put("category", category)
    json.dump({"suite": name, "class": "any", "train": {"command": f"wc -l {name}.csv >model.txt"},
               "inputs": {"data": [f"{name}.csv"]}, "artifacts": ["model.txt"], "drift": {}},
              open(f"{folder}/suite.json", "w"), indent=2)
END

for name in diabetes wine cancer digits; do
    expect 0 "$REPRO" fuzz "$name" --infer "$name.csv" --target target
    expect 0 "$REPRO" record "$name" --trace off
    expect 0 "$REPRO" drift "$name" "$name-none.csv"
done

wrong=0
while IFS="$(printf '\t')" read -r which column; do
    set -- $which
    status=0
    "$REPRO" drift "$1" "$1-$2.csv" --json result.json >"$OUT" 2>&1 || status=$?
    "$python" - "$status" "$which" "$column" <<'END' || wrong=1
import json, sys
status, which, column = sys.argv[1:]
failed = [c["name"] for c in json.load(open("result.json"))["checks"] if c["verdict"] == "fail"]
if status != "1" or not any(name.startswith(column + ": ") for name in failed):
    print(f"{which}: exit {status}, failed: {failed}")
    sys.exit(1)
END
done <cases.txt
[ "$wrong" = 0 ] || fail "drift was not noticed"
