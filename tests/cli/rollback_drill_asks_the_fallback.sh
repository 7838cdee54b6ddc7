#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the suite's fallback rules must answer whatever the model is asked; rules that crash, give no number or one out
# of range, or refuse a valid row fail; refusing what is no valid row does not.
. "$(dirname "$0")/lib.sh"
git_project
mkdir -p suites/toy
seq 1 40 | awk 'BEGIN {print "x,y"} {print $1 "," $1 * 2}' >data.csv
echo "echo 2 >model.txt" >train.sh
cat >suites/toy/suite.json <<'EOF'
{"suite": "toy", "class": "any", "train": {"command": ["sh", "train.sh"], "timeout": "30s"},
 "inputs": {"code": ["train.sh"], "data": ["data.csv"]}, "artifacts": {"model.txt": {"compare": "bytes"}},
 "schema": {"from": "data.csv", "target": "y", "columns": {"x": {"type": "integer", "min": 1, "max": 40}},
            "output": {"type": "number", "min": 0, "max": 100}},
 "fuzz": {"cases": 40}, "fallback": ["sh", "rules.sh", "{input}", "{output}"]}
EOF
rules() { cat >rules.sh; }
rules <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next} {print 42}' "$1" >"$2"
EOF
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
says "the fallback rules answer: 40 cases, none failed"
says "no earlier golden is kept yet"

try() {
    rules
    expect "$1" "$REPRO" verify --only rollback --verbose
    says "$2"
}
try 1 "answered NaN" <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next} {print $1 ~ /[a-zA-Z]/ ? "nan" : 42}' "$1" >"$2"
EOF
try 1 "answered 4200" <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next} {print $1 ~ /[a-zA-Z]/ ? 4200 : 42}' "$1" >"$2"
EOF
try 1 "ended by signal" <<'EOF'
if tail -n +2 "$1" | grep -q '[a-zA-Z]'; then kill -SEGV $$; fi
awk -F, 'NR == 1 {print "prediction"; next} {print 42}' "$1" >"$2"
EOF
# A valid row is refused; others are, too, but those may be.
try 1 "a valid row was refused" <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next}
    $1 !~ /^[0-9]+$/ || $1 > 20 {print "x is no number up to 20" >"/dev/stderr"; exit 2} {print 42}' "$1" >"$2"
EOF
# What is no valid row may be refused, if it is said.
try 0 "the fallback rules answer: 40 cases, none failed" <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next}
    $1 !~ /^[0-9]+(\.0*)?\r?$/ || $1 < 1 || $1 > 40 {print "x is no number from 1 to 40" >"/dev/stderr"; exit 2} {print 42}' "$1" >"$2"
EOF
# And what is no question at all may have any answer that makes sense, or none.
edit suites/toy/suite.json 's/"cases": 40/"cases": 400/'
try 0 "cases, none failed" <<'EOF' # as many as six seconds are enough for
awk -F, 'NR == 1 {print "prediction"; next} {print 42}' "$1" >"$2"
EOF
edit suites/toy/suite.json 's/"cases": 400/"cases": 40/'
# Without a word, that is a crash.
try 1 "without a word" <<'EOF'
awk -F, 'NR == 1 {print "prediction"; next} $1 !~ /^[0-9]+$/ {exit 2} {print 42}' "$1" >"$2"
EOF
