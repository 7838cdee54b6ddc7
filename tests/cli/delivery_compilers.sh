#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: every compiler, level of optimisation and architecture that is here trains the same model, curve and metrics.
set -euo pipefail
suite=$SOURCE_DIR/suites/delivery-time
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

train() { # COMPILER LEVEL [RUNNER]: leaves the digests of what was written in $digests
    local out=$scratch/out-$1$2
    mkdir "$out"
    "$1" -std=c17 "$2" -ffp-contract=off ${3:+-static} -o "$scratch/train" "$suite"/src/*.c -lm
    ${3:-} "$scratch/train" "$suite/orders.csv" "$suite/params.json" "$out" >/dev/null
    digests=$(cd "$out" && sha256sum history.csv metrics.json model.safetensors)
}

train cc -O2
expected=$digests
compared=0
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    for level in -O0 -O2 -O3 -march=native; do
        train "$compiler" "$level"
        [ "$digests" = "$expected" ] || { echo "$compiler $level trains another model:"; diff <(echo "$expected") <(echo "$digests"); exit 1; }
        compared=$((compared + 1))
    done
done
if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64-static >/dev/null; then
    train aarch64-linux-gnu-gcc -O3 qemu-aarch64-static
    [ "$digests" = "$expected" ] || { echo "arm64 trains another model"; exit 1; }
    compared=$((compared + 1))
fi
echo "$compared builds agree"
[ "$compared" -gt 0 ]
