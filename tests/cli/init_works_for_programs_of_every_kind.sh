#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init on a make of a C tree, on Python with worker processes, on node and on git: code, data, settings and artifacts
# come out right, and record and verify pass without an edit.
. "$(dirname "$0")/lib.sh"
traceable
export PATH=/usr/bin:/bin

# begin: an empty project. works COMMAND...: init, record and verify. declares LIST FILE...
begin() {
    cd "$WORK"
    rm -rf project
    mkdir project
    cd project
}
works() {
    expect 0 "$REPRO" init all -- "$@"
    expect 0 "$REPRO" record
    expect 0 "$REPRO" verify
}
declares() {
    python3 - "$@" <<'END' || fail "suite.json does not declare as $1: ${*:2}"
import json, sys
suite = json.loads("".join(line for line in open("suites/all/suite.json") if not line.lstrip().startswith("//")))
found = suite["artifacts"] if sys.argv[1] == "artifacts" else suite["inputs"].get(sys.argv[1], [])
sys.exit(f"{list(found)}" if sorted(found) != sorted(sys.argv[2:]) else 0)
END
}
requires python3
tried=0

if command -v make >/dev/null && command -v cc >/dev/null; then
    begin
    mkdir src include
    echo 'int half(int);' >include/half.h
    printf '#include "half.h"\nint half(int x) { return x / 2; }\n' >src/half.c
    printf '#include "half.h"\n#include <stdio.h>\nint main(void) { int x = 0; return scanf("%%d", &x) != 1 || printf("%%d\\n", half(x)) < 0; }\n' >src/main.c
    printf 'model.txt: half data.txt\n\t./half <data.txt >$@\nhalf: src/main.o src/half.o\n\tcc -o $@ $^\n%%.o: %%.c include/half.h\n\tcc -Iinclude -c -o $@ $<\n' >Makefile
    echo 42 >data.txt
    echo unused >README
    works make
    declares code Makefile include/half.h src/half.c src/main.c
    declares data data.txt
    echo 43 >>data.txt
    expect 1 "$REPRO" verify --only inputs
    says data.txt
    tried=$((tried + 1))
fi

if python3 -c 'import joblib' 2>/dev/null; then
    begin
    mkdir data
    for i in 1 2 3; do seq "$i" 100 >"data/$i.csv"; done
    echo '{"workers": 2}' >params.json
    echo 'def total(name): return sum(map(int, open(name)))' >helper.py
    cat >train.py <<'END'
import glob, json
import joblib
from helper import total
if __name__ == "__main__":
    workers = json.load(open("params.json"))["workers"]
    totals = joblib.Parallel(n_jobs=workers)(joblib.delayed(total)(name) for name in sorted(glob.glob("data/*.csv")))
    joblib.dump(totals, "model.joblib")
    json.dump({"total": sum(totals)}, open("metrics.json", "w"))
END
    works python3 train.py
    declares code helper.py train.py
    declares data data/1.csv data/2.csv data/3.csv
    declares settings params.json
    declares artifacts model.joblib
    tried=$((tried + 1))
fi

if command -v node >/dev/null; then
    begin
    mkdir -p node_modules/half
    echo 'module.exports = (x) => x / 2;' >node_modules/half/index.js
    echo '{"name": "half", "version": "1.0.0", "main": "index.js"}' >node_modules/half/package.json
    echo '{"start": 42}' >params.json
    cat >train.js <<'END'
const fs = require("fs");
fs.writeFileSync("model.txt", require("half")(JSON.parse(fs.readFileSync("params.json")).start) + "\n");
END
    works node train.js
    declares code train.js
    declares settings params.json
    declares artifacts model.txt
    tried=$((tried + 1))
fi

if command -v git >/dev/null; then
    begin
    printf 'one\ntwo\n' >old.txt
    printf 'one\n2\n' >new.txt
    works sh -c 'git diff --no-index old.txt new.txt >model.patch || true'
    declares data new.txt old.txt
    declares artifacts model.patch
    tried=$((tried + 1))
fi
[ "$tried" -gt 0 ] || skip "none of the programs is installed"
echo "tried $tried programs"
