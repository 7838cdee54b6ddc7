#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: within the tolerance passes, beyond it fails, better is a note, NaN fails, a metric that vanishes or appears is found.
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json 's/"artifacts": .*/"artifacts": {},/; s/"rel": 1e-6/"abs": 10/'
expect 0 "$REPRO" record
cp train.sh base.sh
edit train.sh 's/%.6f, \\"loss/%.6f, \\"loss/; s/", s, 1/", s + 0.005, 1/'
expect 0 "$REPRO" verify
edit train.sh 's/s + 0.005, 1/s + 0.5, 1/'
expect 1 "$REPRO" verify
says "total"
cp base.sh train.sh
edit train.sh 's|s, 1 / (1 + s) > "metrics.json"|s, 0.5 / (1 + s) > "metrics.json"|'
expect 0 "$REPRO" verify
says "record sums --reason"
edit train.sh 's|s, 0.5 / (1 + s) > "metrics.json"|s, 2 / (1 + s) > "metrics.json"|'
expect 1 "$REPRO" verify
says "loss"
cp base.sh train.sh
echo 'echo "{\"total\": NaN, \"loss\": 1}" > metrics.json' >>train.sh
expect 1 "$REPRO" verify
says "total"
cp base.sh train.sh
echo 'echo "{\"loss\": 0.011976, \"extra\": 1}" > metrics.json' >>train.sh
expect 1 "$REPRO" verify
says "total"
says "extra"
