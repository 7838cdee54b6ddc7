#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: ready knows nothing at first, answers yes once things were measured, knows nothing again when what they were
# measured of has changed or is long ago, and says no where a measurement says so.
. "$(dirname "$0")/lib.sh"
traceable # else nobody knows whether training reads more than it declares
requires cc python3
git_project
models=${FIXTURES:-$SOURCE_DIR/tests/fixtures}/models
cc -std=gnu17 -O2 -o model "$models"/*.c -lm -pthread
cp "$models/customers.csv" .
seq 1 10 >numbers.txt
echo 'sort -n numbers.txt >model.txt' >train.sh

# suite MODEL KEYS: a suite `churn` that is asked by stream and batch; KEYS are further ones of suite.json.
suite() {
    mkdir -p suites/churn
    cat >suites/churn/suite.json <<END
{
  "suite": "churn", "class": "any",
  "train": {"command": ["sh", "train.sh"], "timeout": "30s"},
  "inputs": {"code": ["train.sh"], "data": ["numbers.txt"]},
  "artifacts": {"model.txt": {"compare": "bytes"}},
  "model": {"stream": ["./model", "$1"], "batch": ["./model", "$1", "{input}", "{output}"]},
  "schema": {
    "from": "customers.csv", "target": "stays",
    "columns": {
      "id": {"type": "identifier", "invariant": true},
      "age": {"type": "integer", "min": 18, "max": 90},
      "income": {"type": "number", "nullable": true, "missing": 0.08, "min": 10000, "max": 200000},
      "active": {"type": "boolean", "categories": {"true": 0.66, "false": 0.34}},
      "plan": {"type": "category", "categories": {"basic": 0.5, "pro": 0.3, "team": 0.19, "trial": 0.01}},
      "comment": {"type": "text", "longest": 40},
      "joined": {"type": "date", "format": "%Y-%m-%d %H:%M:%S"},
      "visits": {"type": "integer", "min": 0, "max": 80, "monotone": "increasing"}},
    "output": {"type": "number", "field": "prediction", "min": 0, "max": 100}},
  "fuzz": {"timeout": "2s", "cases": 300}$2
}
END
}
# answer N STATE: the last table answers question N so.
answer() {
    grep -qE " $1 [a-z ]+  $2  " "$OUT" || fail "question $1 is not answered with '$2'"
}
ready() {
    expect 0 "$REPRO" ready churn
}
evidence=.repro/evidence/churn.json

suite clean-batch ""
commit
ready
says "9 questions: 9 not known"
says "there is no golden yet"
says "→ repro record churn"

expect 0 "$REPRO" record churn
ready
answer 2 "not known"
says "it was never measured here"
says "→ repro verify churn"

expect 0 "$REPRO" verify churn
ready
for question in 1 2 3 4; do answer $question yes; done
says "2 inputs hashed as in golden and held by commit $(git rev-parse --short=12 HEAD)"
says "the same model came out 1 time"
says "300 cases"
says "stream, batch: started, and answered"
for question in 5 6 7 8 9; do answer $question no; done
says '"limits" of suite.json say nothing of latency or batch speed, memory, cost, scaling'
expect 0 "$REPRO" verify churn
ready
says "the same model came out 2 times"

# Another model for the same code: that is a no, and the count begins anew once it is right again.
cp $evidence "$WORK/kept.json"
echo 'date +%N >>model.txt' >>train.sh
ready
answer 1 no
says "the model was made from other inputs: code: train.sh"
answer 2 "not known"
says "the inputs have changed since: code: train.sh"
answer 3 "not known"
answer 4 "not known"
expect 1 "$REPRO" verify churn
ready
answer 2 no
says "model.txt failed"
git checkout -q train.sh
ready
answer 1 "not known"
answer 2 "not known"
says "the inputs have changed since"
cp "$WORK/kept.json" $evidence
ready
for question in 1 2 3 4; do answer $question yes; done

# Inputs that are in no commit.
echo '# hello' >>train.sh
expect 0 "$REPRO" record churn --reason "a comment"
expect 0 "$REPRO" verify churn
ready
answer 1 no
says "no commit holds these inputs: train.sh"
commit
ready
answer 1 yes
cp $evidence "$WORK/kept.json"

# A new golden, another suite.json: what was measured belongs to others.
seq 1 11 >numbers.txt
expect 0 "$REPRO" record churn --reason "more numbers"
ready
answer 2 "not known"
says "golden has changed since"
git checkout -q .
ready
answer 2 yes
suite clean-batch ', "keep": 5'
ready
answer 2 "not known"
says "suite.json has changed since"
git checkout -q .

# Old, dated in the future, of another class.
when=$(sed -n 's/.*"when": \([0-9]*\).*/\1/p' $evidence | head -n 1)
old=$((when - 45 * 86400))
sed -E "s/\"(when|last_pass)\": [0-9]+/\"\1\": $old/" "$WORK/kept.json" >$evidence
ready
answer 2 "not known"
says "45 days old, and 30 days are allowed"
sed -E "s/\"when\": [0-9]+/\"when\": $((when + 86400))/" "$WORK/kept.json" >$evidence
ready
answer 3 "not known"
says "dated in the future"
sed 's/"class": "any"/"class": "x86_64-avx2"/' "$WORK/kept.json" >$evidence
ready
answer 4 "not known"
says "measured in class x86_64-avx2, and this machine is any"

# Damaged, of a newer repro, of another suite, committed to git: nothing of it is believed.
head -c 400 "$WORK/kept.json" >$evidence
ready
answer 2 "not known"
says "the evidence cannot be read"
sed 's/"format": 1/"format": 2/' "$WORK/kept.json" >$evidence
ready
says "was written by a newer repro"
sed 's/"suite": "churn"/"suite": "chum"/' "$WORK/kept.json" >$evidence
ready
says "belongs to the suite 'chum'"
cp "$WORK/kept.json" $evidence
git add -f $evidence
git commit -qm "evidence"
ready
answer 2 "not known"
says "committed to git"
git rm -q --cached $evidence
commit
ready
answer 2 yes

# A case of the corpus that nobody has asked yet.
mkdir -p golden/churn/corpus
echo '{}' >golden/churn/corpus/crash.json
ready
answer 3 "not known"
says "the corpus has 1 cases, and 0 were there"
rm -r golden/churn/corpus

# A part of the cases is no evidence; the search as a whole is.
edit $evidence 's/"cases": "300"/"cases": "299"/'
expect 0 "$REPRO" fuzz churn --cases 20
expect 0 "$REPRO" fuzz churn --only missing
ready
says "299 cases"
expect 0 "$REPRO" fuzz churn
ready
says "300 cases"

# Models that fail.
suite rounds-by-batch ""
"$REPRO" verify churn >/dev/null 2>&1 || :
ready
answer 4 no
says "stream, batch failed"
suite crash-on-null-age ""
edit suites/churn/suite.json 's/, "batch": .*}/}/'
"$REPRO" verify churn >/dev/null 2>&1 || :
ready
answer 3 no
answer 4 yes
says "stream: started, and asked"
edit suites/churn/suite.json 's/"nullable": true/"nullable": false/'
"$REPRO" verify churn >/dev/null 2>&1 || :
ready
answer 3 "not known"
says "the last time, it could not be measured: customers.csv: column 'income'"
edit suites/churn/suite.json '/"model":/d'
ready
answer 3 no
answer 4 no
says "suite.json does not say how the model is asked"

# Outside git.
git checkout -q .
rm -rf .git
ready
answer 1 no
says "the project is in no git repository"
says "→ git init && git add -A && git commit"
