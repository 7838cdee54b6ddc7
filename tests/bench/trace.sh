#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What tracing costs: the wall time of a training as repro measures it, traced beside not traced, in turns, and the same
# training under `strace --seccomp-bpf` and ReproZip beside nothing, in the same turns. Medians.
# Usage: trace.sh BUILD-FOLDER [SCRATCH-FOLDER]
set -euo pipefail
build=$(cd "$1" && pwd)
scratch=$(mktemp -d "${2:-/var/tmp}/repro-bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
repro=$build/repro
source=$(cd "$(dirname "$0")/../.." && pwd)
export GIT_CONFIG_GLOBAL=/dev/null HOME=$scratch/home PATH=/usr/bin:/bin
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0
mkdir "$HOME"
for program in strace reprozip; do
    command -v "$program" >/dev/null || echo "trace.sh: $program is not installed; its column says nothing" >&2
done

# seconds COMMAND...: how long the training took; nan when it came to no end, whatever the exit status of the tracer.
seconds() {
    local before after status=0
    rm -rf out
    before=$(date +%s%N)
    "$@" >/dev/null 2>"$scratch/err" </dev/null || status=$?
    if [ "$status" != 0 ] || [ ! -s out/metrics.json ]; then
        tail -n 3 "$scratch/err" >&2
        echo nan
        return
    fi
    after=$(date +%s%N)
    awk "BEGIN { printf \"%.4f\n\", ($after - $before) / 1e9 }"
}

# training SUITE ARGUMENT...: the wall time of the training alone, as the result tells it.
training() {
    local suite=$1 status=0
    shift
    "$repro" verify "$suite" --only replay --json "$scratch/result.json" "$@" >"$scratch/out" 2>&1 || status=$?
    [ "$status" = 0 ] || { cat "$scratch/out" >&2; exit 1; }
    /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["suites"][0]["train_wall"])' "$scratch/result.json"
}

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ratio() { awk "BEGIN { printf \"%.3f\", $1 / $2 }"; }
# beside_bare TIMES: the ratio to nothing; what a tracer that ends the training costs is not a number.
beside_bare() {
    if grep -q nan "$1"; then echo fails; else ratio "$(median <"$1")" "$(median <"$scratch/t.bare")"; fi
}

# measure WHAT ASKED ROUNDS SUITE FOLDER
measure() {
    local what=$1 asked=$2 rounds=$3 suite=$4 folder=$5 round
    rm -f "$scratch"/t.*
    training "$suite" >/dev/null # once to warm up
    for ((round = 0; round < rounds; round++)); do
        training "$suite" --trace off >>"$scratch/t.off"
        training "$suite" --trace files >>"$scratch/t.on"
        (cd "$folder" && seconds python3 train.py) >>"$scratch/t.bare"
        (cd "$folder" && seconds strace -f -qq --seccomp-bpf -e trace=%file,execve,connect,bind -o "$scratch/strace.log" python3 train.py) >>"$scratch/t.strace"
        (cd "$folder" && seconds reprozip trace --overwrite -d "$scratch/reprozip" python3 train.py) >>"$scratch/t.reprozip"
    done
    local off on
    off=$(median <"$scratch/t.off") on=$(median <"$scratch/t.on")
    printf '%-34s %8s s %8s %9s %10s   %s\n' "$what" "$off" "$(ratio "$on" "$off")" \
        "$(beside_bare "$scratch/t.strace")" "$(beside_bare "$scratch/t.reprozip")" "$asked"
}

mkdir -p "$scratch/project/suites"
cp -r "$source/suites/digits-forest" "$scratch/project/suites/"
cp -r "$source/suites/digits-forest" "$scratch/project/suites/digits-large"
cd "$scratch/project"
sed -i 's/digits-forest/digits-large/g' suites/digits-large/suite.json
sed -i 's/"trees": *[0-9]*/"trees": 5000/' suites/digits-large/params.json
# Training that does nothing but compute: the forest draws entropy twice a tree, and each draw is looked at.
cp -r "$source/suites/digits-mlp" "$scratch/project/suites/digits-long"
sed -i 's/"suite": "digits-mlp"/"suite": "digits-long"/; s/digits-mlp/digits-long/g' suites/digits-long/suite.json
sed -i 's/"epochs": *[0-9]*/"epochs": 2400/' suites/digits-long/params.json
"$repro" record >/dev/null

printf '%-34s %10s %8s %9s %10s   %s\n' 'training' 'untraced' 'repro' 'strace' 'ReproZip' 'asked of repro'
measure 'digits-forest' 'at most 1.05' 7 digits-forest suites/digits-forest
measure 'the same with 5,000 trees' 'at most 1.02' 3 digits-large suites/digits-large
measure 'digits-mlp, 2,400 epochs' 'at most 1.02' 3 digits-long suites/digits-long
