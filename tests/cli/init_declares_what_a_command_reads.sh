#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init on a project with modules, odd names and files that are not used declares exactly what training reads, and
# the suite records and verifies without an edit.
. "$(dirname "$0")/lib.sh"
requires python3
traceable
git_project
mkdir -p pkg data docs
echo 'def double(x): return 2 * x' >pkg/helper.py
: >pkg/__init__.py
echo 'raise SystemExit("never imported")' >pkg/unused.py
printf '1\n2\n3\n' >data/train.csv
printf '9\n' >data/spare.csv
echo words >vocabulary
echo '{"rate": 0.5}' >params.json
echo '{"rate": 0.9}' >other.json
cat >train.py <<'PY'
import json
from pkg.helper import double
rate = json.load(open("params.json"))["rate"]
words = open("vocabulary").read()
total = sum(double(float(line)) * rate for line in open("data/train.csv"))
open("model.txt", "w").write(f"{total} {len(words)}\n")
json.dump({"total": total}, open("metrics.json", "w"))
PY
commit start
python3 -c 'import pkg.helper' # leaves cached bytecode in the place of the source
rm -f model.txt
expect 0 "$REPRO" init sums -- python3 train.py
for name in train.py pkg/helper.py pkg/__init__.py data/train.csv vocabulary params.json model.txt metrics.json; do
    holds suites/sums/suite.json "\"$name\""
done
for name in unused.py spare.csv other.json; do
    if grep -q "$name" suites/sums/suite.json; then fail "suite.json declares $name, which is not read"; fi
done
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
silent_about "never read"
