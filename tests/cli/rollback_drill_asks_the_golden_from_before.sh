#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the drill restores the golden from before elsewhere with its own code, starts its model and wants the recorded
# answers again; it finds a model that does not start, other answers, a damaged bundle; and it switches nothing.
. "$(dirname "$0")/lib.sh"
git_project
mkdir -p suites/toy
seq 1 40 | awk 'BEGIN {print "x,y"} {print $1 "," $1 * 2}' >data.csv
cat >train.sh <<'EOF'
awk -F, 'NR > 1 {x += $1; y += $2} END {printf "%s %.4f\n", FORMAT, y / x}' FORMAT="$(cat format.txt)" data.csv >model.txt
EOF
echo slope >format.txt
# The predictor reads one format of the model, and refuses another.
predictor() {
    cat >predict.sh <<EOF
read -r format slope <model.txt
[ "\$format" = $1 ] || { echo "unknown format: \$format" >&2; exit 1; }
while read -r line; do
    x=\$(expr "\$line" : '{"x": *\\([0-9][0-9]*\\)}') || { echo '{"error": "x must be a whole number"}'; continue; }
    echo "\$x \$slope" | awk '{printf "{\"prediction\": %.4f}\\n", \$1 * \$2}'
done
EOF
}
predictor slope
cat >suites/toy/suite.json <<'EOF'
{"suite": "toy", "class": "any", "train": {"command": ["sh", "train.sh"], "timeout": "30s"},
 "inputs": {"code": ["train.sh"], "data": ["data.csv"], "settings": ["format.txt"]},
 "artifacts": {"model.txt": {"compare": "bytes"}},
 "model": {"stream": ["sh", "predict.sh"]},
 "schema": {"from": "data.csv", "target": "y", "columns": {"x": {"type": "integer", "min": 1, "max": 40}}}}
EOF
expect 0 "$REPRO" record
expect 1 "$REPRO" rollback toy --drill
says "nothing to go back to"
expect 3 "$REPRO" verify --only rollback # nothing was checked
says "no earlier golden is kept yet"
edit data.csv '2s/,2/,20/'
expect 0 "$REPRO" record --reason "new data"
commit both
cp -r golden "$WORK/before"
untouched() {
    diff -r golden "$WORK/before" >/dev/null || fail "the drill changed the golden"
    [ ! -e model.txt ] || fail "the drill changed the work tree"
}

expect 0 "$REPRO" rollback toy --drill --verbose
says "40 recorded rows answered as before, by stream"
expect 0 "$REPRO" rollback toy --drill --json "$WORK/result.json" --junit "$WORK/junit.xml"
holds "$WORK/junit.xml" 'classname="toy.rollback"'
holds "$WORK/result.json" "(first golden) restored elsewhere"
holds "$WORK/result.json" "predict.sh is asked as the work tree has it"
untouched
expect 0 "$REPRO" verify --only artifacts,rollback
says "checks: golden, answers"
expect 2 "$REPRO" rollback toy --drill --to 00000000
expect 2 "$REPRO" rollback toy --drill --into "$WORK/srv"
expect 0 "$REPRO" rollback toy --drill --to "$(cut -c1-8 golden/toy/any/earlier/order)"

# The answers that were recorded: 2 for each x.
identity=$(cat golden/toy/any/earlier/order)
folder=golden/toy/any/earlier/${identity:0:16}
none=$(printf '%064d' 0)
baseline() {
    cat >"$folder/baseline.json" <<EOF
{"format": 1, "golden": "$identity", "reference": "data.csv", "data": "$none", "rows": 40, "kind": "stream",
 "measures": [], "columns": [], "recorded": [{"input": "{\"x\":3}", "output": "6"}, {"input": "{\"x\":5}", "output": "$1"}]}
EOF
}
baseline 10
expect 0 "$REPRO" rollback toy --drill --json "$WORK/result.json"
holds "$WORK/result.json" "2 recorded rows answered as before, by stream"
baseline 11
expect 1 "$REPRO" rollback toy --drill
says '1 of 2 recorded rows answered in another way by stream: {"x":5}: answered 10, recorded was 11'
expect 1 "$REPRO" verify --only rollback
rm "$folder/baseline.json"
expect 0 "$REPRO" rollback toy --drill --verbose
says "40 clean rows answered by stream; this golden has no recorded answers"
rm -r "$WORK/before"
cp -r golden "$WORK/before"

# The predictor moved on, and the golden from before has no code of its own for it: it does not start.
predictor weights
expect 1 "$REPRO" rollback toy --drill
says "unknown format: slope"
says "repeat: repro rollback --drill toy"
untouched

# With its predictor among the code of the golden, that one is restored, too.
edit suites/toy/suite.json 's/"code": \["train.sh"\]/"code": ["train.sh", "predict.sh"]/'
predictor slope
expect 0 "$REPRO" record --reason "the predictor is code"
predictor weights
echo weights >format.txt
expect 0 "$REPRO" record --reason "another format"
expect 0 "$REPRO" rollback toy --drill --json "$WORK/result.json"
if grep -q "as the work tree has it" "$WORK/result.json"; then fail "the golden's own predictor was not used"; fi

# A bundle that is damaged is no way back.
identity=$(head -1 golden/toy/any/earlier/order)
truncate -s 20 "golden/toy/any/earlier/${identity:0:16}/"*.tar.zst
expect 1 "$REPRO" rollback toy --drill
says "cannot be restored"
expect 2 "$REPRO" rollback toy
says "damaged or missing"
