#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the instruction set gives digits-mlp other weights, a pin makes them one, and goldens of two classes get along.
. "$(dirname "$0")/lib.sh"
export PATH=/usr/bin:$PATH
requires python3
python3 -c 'import sklearn, torch' 2>/dev/null || skip "torch or scikit-learn is not installed"
case $(sed -n 's/^flags.*: //p' /proc/cpuinfo | head -n 1) in
*avx512vl*) mine=avx512 ;;
*avx2*) mine=avx2 ;;
*) skip "this CPU has one instruction set only" ;;
esac

suite=suites/digits-mlp/suite.json
mkdir suites
cp -r "$SOURCE_DIR/suites/digits-mlp" suites/
rm -rf suites/digits-mlp/out
edit suites/digits-mlp/params.json 's/"epochs": [0-9]*/"epochs": 4/'
cp "$suite" suite.template
pin() {
    sed "s/\"isa:[a-z0-9]*\"/\"isa:$1\"/" suite.template >"$suite"
}
# The digest of the model in the golden of the class x86_64-$1+…
model() {
    sed -n '/model.pt"/,/sha256/s/.*"sha256": "\([0-9a-f]*\)".*/\1/p' golden/digits-mlp/x86_64-"$1"+*/manifest.json
}
# What a machine would have recorded whose newest instructions are those of $1: a pin is lowered to what there is, so
# that its environment, class and bits are those of isa:$1, while its command names the pin of suite.json.
record_elsewhere() {
    pin "$1"
    expect 0 "$REPRO" record digits-mlp "${@:2}"
    edit "$(echo golden/digits-mlp/x86_64-"$1"+*/manifest.json)" "s/\"isa:$1\"/\"isa:$mine\"/"
    pin "$mine"
}

# Everything that the checks say, which the terminal shortens; how the model answers is not asked here.
verify_wholly() {
    expect 0 "$REPRO" verify --only golden,code,inputs,environment,replay,artifacts,metrics --json "$WORK/result.json"
    cp "$WORK/result.json" "$OUT"
}

# Without a pin, the caller's kernels decide, and nothing that is watched has moved.
sed -e 's/, "isa:[a-z0-9]*"\]/], "pass_env": ["ATEN_CPU_CAPABILITY"]/' suite.template >"$suite"
grep -q pass_env "$suite" || fail "the suite is not as this test knows it"
ATEN_CPU_CAPABILITY=default expect 0 "$REPRO" record
ATEN_CPU_CAPABILITY=$mine expect 1 "$REPRO" verify --only artifacts
says "model.pt"
# With one, the caller's wish does not reach training.
rm -rf golden
pin default
ATEN_CPU_CAPABILITY=default expect 0 "$REPRO" record
ATEN_CPU_CAPABILITY=$mine expect 0 "$REPRO" verify --only artifacts,metrics

# Two classes side by side, each with its own weights: verify picks this machine's.
rm -rf golden
record_elsewhere default
expect 0 "$REPRO" record --json "$WORK/recorded.json"
holds "$WORK/recorded.json" "beside the golden of class x86_64-default+"
expect 0 "$REPRO" doctor
says "x86_64-$mine+"
says "which has a golden"
[ "$(find golden -name manifest.json | wc -l)" -eq 2 ] || fail "expected two goldens: $(find golden)"
[ -n "$(model default)" ] || fail "no model in golden"
[ "$(model default)" != "$(model $mine)" ] || fail "both classes have the same weights"
verify_wholly
says "golden of class 'x86_64-$mine+"
says "equal byte for byte"

# With none for this machine: numbers are compared with the nearest, and the pin that would make them one is named.
mkdir kept
mv golden/digits-mlp/x86_64-"$mine"+* kept/
verify_wholly
says "no golden for class 'x86_64-$mine+"
says "compared in numbers with the one of 'x86_64-default+"
says '\"pin\": [\"isa:default\"] in suite.json would make them one'
says "suite.json allows no distance"
expect 0 "$REPRO" doctor
says "the nearest is that of x86_64-default+"
says 'make them one class: "pin": ["isa:default"]'
mv kept/* golden/digits-mlp/

# A pull request that edits params.json was recorded elsewhere: here it passes, in numbers.
edit suites/digits-mlp/params.json 's/"learning_rate": [0-9.]*/"learning_rate": 0.05/'
expect 1 "$REPRO" verify --only inputs
record_elsewhere default --reason "a slower start" --json "$WORK/recorded.json"
holds "$WORK/recorded.json" "machines of that class compare their numbers with this one"
verify_wholly
says "golden of class 'x86_64-$mine+"
says "is superseded"
says "compared in numbers with the one of 'x86_64-default+"
