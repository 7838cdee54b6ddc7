#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the committed orders are what the generator of the suite draws.
set -euo pipefail
suite=$SOURCE_DIR/suites/delivery-time
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"${CC:-cc}" -std=c17 -O1 -ffp-contract=off -I"$suite/src" -o "$scratch/generate" "$suite/generate.c" "$suite/src/rng.c"
"$scratch/generate" >"$scratch/orders.csv"
cmp "$scratch/orders.csv" "$suite/orders.csv"
