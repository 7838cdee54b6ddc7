#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a training that itself calls repro on another project: both come to their verdicts, and what the inner one cannot
# trace it says.
. "$(dirname "$0")/lib.sh"
traceable
sums_suite
mkdir -p inner outer/suites/outer
mv suites train.sh numbers.txt factor.json inner
mv inner outer
cd outer
cp "$REPRO" repro
# outer OPTION...: the inner repro is told these.
outer() {
    cat >suites/outer/suite.json <<END
{"suite": "outer", "class": "any", "train": {"command": "./repro -C inner record $* && ./repro -C inner verify $* >model.log && grep -o '. failed' model.log >model"},
 "inputs": {"code": ["repro"], "data": ["inner/**"]}, "artifacts": {"model": {}, "model.log": {"compare": "none"}, "inner/**": {"compare": "none"}}}
END
    rm -rf golden .repro
}
for isolation in none auto; do
    for inner in none auto; do
        outer --isolation "$inner"
        expect 0 "$REPRO" record -v --isolation "$isolation"
        says "the calls of this process are watched already"
        # With mounts of its own the inner run sees other paths: that is told, and no list is made of them.
        if grep -q '"unresolved": 0' .repro/runs/*/outer/trace.json; then
            holds "$(echo .repro/runs/*/outer/trace.json)" 'work/inner/numbers.txt'
        else
            says "mount may change which files paths lead to"
        fi
        expect 0 "$REPRO" verify --isolation "$isolation"
        says " 0 failed"
    done
done
