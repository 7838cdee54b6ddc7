#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Asks the trained model: --jsonl [--log FILE], or INPUT.csv OUTPUT.csv; --rules INPUT.csv OUTPUT.csv asks the fallback.
# Training has the predictor compiled (--build); where it is not there, or older than its source, that is done now.
set -eu
cd "$(dirname "$0")"
program=out/predict
build() {
    mkdir -p out
    ${CC:-cc} -std=c17 -O2 -ffp-contract=off -o "$1" predict/*.c -lm
}
if [ "${1-}" = --build ]; then
    build "$program"
    exit
fi
if [ ! -x "$program" ] || [ -n "$(find predict predict.sh -type f -newer "$program")" ]; then
    # Named by the process and then renamed: two that begin at once do not meet.
    build "$program.$$"
    mv "$program.$$" "$program"
fi
case ${1-} in
--rules) exec "$program" "$@" ;;
*) exec "$program" out/model.safetensors "$@" ;;
esac
