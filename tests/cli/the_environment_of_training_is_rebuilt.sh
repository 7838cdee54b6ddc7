#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: nothing of the caller's environment reaches training but what is named; HOME is private, LANG and TZ are fixed, pins are set.
. "$(dirname "$0")/lib.sh"
mkdir -p suites/env
cat >suites/env/suite.json <<'EOF'
{"suite": "env", "class": "any",
 "train": {"command": "env | sort > env.txt", "env": {"MINE": "yes"}, "pass_env": ["PASSED"], "pin": ["hashseed", "threads"]},
 "artifacts": {"env.txt": {}}}
EOF
SECRET_TOKEN=hunter2 PASSED=through expect 0 "$REPRO" record
requires zstd tar
zstd -qdc golden/env/any/*.tar.zst | tar -xOf - env.txt >../env.txt
if grep -q hunter2 ../env.txt; then fail "a secret reached training"; fi
for line in MINE=yes PASSED=through LANG=C.UTF-8 TZ=UTC PYTHONHASHSEED=0 OMP_NUM_THREADS=1; do
    grep -qx "$line" ../env.txt || fail "no $line in $(cat ../env.txt)"
done
if grep -q "^HOME=$HOME\$" ../env.txt; then fail "HOME is the caller's"; fi
