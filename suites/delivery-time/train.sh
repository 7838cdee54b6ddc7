#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the trainer and trains. -ffp-contract=off keeps a compiler from fusing a*b+c into one rounding where the
# machine has an instruction for it: without it the model would depend on the machine.
set -eu
cd "$(dirname "$0")"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
${CC:-cc} -std=c17 -O2 -ffp-contract=off -o "$build/train" src/*.c -lm
mkdir -p out
"$build/train" orders.csv params.json out
sh predict.sh --build # whoever asks the model need not wait for it
