#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: fuzz --infer writes a schema into suite.json, comments and all else left as they are: of data, of an MLflow model
# and of an Open Inference Protocol description; a second time it is refused.
. "$(dirname "$0")/lib.sh"
sums_suite
printf 'age,plan,churned\n18,a,0\n44,b,1\n,c,0\n' >people.csv
printf 'flavors: {}\nsignature:\n  inputs: %s\n' "'[{\"name\": \"age\", \"type\": \"double\"}, {\"name\": \"plan\", \"type\": \"string\"}]'" >MLmodel
echo '{"name": "m", "inputs": [{"name": "age", "datatype": "FP64", "shape": [-1]}], "outputs": []}' >oip.json
cp suites/sums/suite.json plain.json
infer() {
    cp plain.json suites/sums/suite.json
    expect 0 "$REPRO" fuzz sums --infer "$@"
    says "wrote \"schema\" into suites/sums/suite.json"
    holds suites/sums/suite.json "\"age\": {"
    expect 0 "$REPRO" status
}
infer people.csv --target churned
holds suites/sums/suite.json '"from": "people.csv"'
holds suites/sums/suite.json '"nullable": true'
expect 2 "$REPRO" fuzz sums --infer people.csv
says "has a schema already"
infer MLmodel
holds suites/sums/suite.json '"plan": {'
infer oip.json
cp plain.json suites/sums/suite.json
expect 2 "$REPRO" fuzz sums --infer people.csv --target churn
says "did you mean"
expect 2 "$REPRO" fuzz sums --infer MLmodel --target age
expect 3 "$REPRO" fuzz sums --infer absent.csv
same plain.json suites/sums/suite.json
