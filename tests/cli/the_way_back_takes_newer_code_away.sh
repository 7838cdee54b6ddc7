#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the drill of the way back asks the earlier model with the code that it had: what came to the code since is gone.
. "$(dirname "$0")/lib.sh"
git_project
mkdir -p suites/toy parts
printf 'x,y\n' >data.csv
seq 1 40 | awk '{print $1 "," $1 * 2}' >>data.csv
echo "echo 2 >model.txt" >train.sh
cat >predict.sh <<'EOF'
for part in parts/*.sh; do . "./$part"; done
while read -r line; do answer; done
EOF
echo "answer() { echo '{\"prediction\": 4}'; }" >parts/answer.sh
cat >suites/toy/suite.json <<'EOF'
{"suite": "toy", "class": "any", "train": {"command": ["sh", "train.sh"], "timeout": "30s"},
 "inputs": {"code": ["train.sh", "predict.sh", "parts/**"], "data": ["data.csv"]},
 "artifacts": {"model.txt": {"compare": "bytes"}}, "model": {"stream": ["sh", "predict.sh"]},
 "schema": {"from": "data.csv", "target": "y", "columns": {"x": {"type": "integer", "min": 1, "max": 40}},
            "output": {"type": "number", "min": 0, "max": 100}}}
EOF
commit first
expect 0 "$REPRO" record
commit golden

# A part that only the newer predictor can live with.
sed '1i scale=1' predict.sh >new.sh
mv new.sh predict.sh
# shellcheck disable=SC2016
echo '[ -n "${scale-}" ] || { echo "no scale" >&2; exit 3; }' >parts/scale.sh
commit second
expect 0 "$REPRO" record --reason "a scale"
commit golden
expect 0 "$REPRO" verify --only rollback --verbose
says "answered as before, by stream"
[ -f parts/scale.sh ] || fail "the work tree was changed"
