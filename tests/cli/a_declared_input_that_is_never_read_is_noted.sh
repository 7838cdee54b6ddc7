#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an input that suite.json declares and training never opens is a note, not a failure; but code may be that of the
# predictor.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
echo unused >spare.txt
edit suites/sums/suite.json 's/"numbers.txt"\]/"numbers.txt", "spare.txt"]/'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
says "declared, but never read: spare.txt"

echo 'print(1)' >predict.py
edit suites/sums/suite.json 's/"code": \[/"code": ["predict.py", /'
expect 0 "$REPRO" record --reason "a predictor"
says "never read: predict.py"
edit suites/sums/suite.json 's/"inputs"/"model": {"stream": ["python3", "predict.py"]}, "inputs"/'
expect 0 "$REPRO" record --reason "a model"
says "never read: spare.txt"
silent_about "never read: predict.py"

# What the model is asked with belongs to golden.
edit suites/sums/suite.json 's/"predict.py", //'
expect 0 "$REPRO" record --reason "without the predictor"
says "the model is asked by predict.py, which golden does not hold"
