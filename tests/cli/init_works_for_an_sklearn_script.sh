#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init on an sklearn script writes a suite.json that records and verifies without an edit.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import sklearn, joblib' 2>/dev/null || skip "python3-sklearn is not installed"
git_project
cat >train.py <<'EOF'
import json
import joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

settings = json.load(open("params.json"))
x, y = load_iris(return_X_y=True)
model = LogisticRegression(C=settings["C"], max_iter=500).fit(x, y)
joblib.dump(model, "model.joblib")
json.dump({"accuracy": model.score(x, y)}, open("metrics.json", "w"))
EOF
echo '{"C": 1.0}' >params.json
commit start
expect 0 "$REPRO" init iris -- /usr/bin/python3 train.py
holds suites/iris/suite.json '"hashseed"'
holds suites/iris/suite.json '"scikit-learn"'
holds suites/iris/suite.json '"params.json"'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
edit params.json 's/1.0/0.01/'
expect 1 "$REPRO" verify
says "params.json"
says "model.joblib"
