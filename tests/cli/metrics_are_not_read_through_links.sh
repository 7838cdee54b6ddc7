#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a link in the place of a metrics file or a curve does not make repro read a file of the host
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
echo '{"total": 82.5, "loss": 0.5}' >"$WORK/host.json"
cp train.sh plain.sh
echo "ln -sf '$WORK/host.json' metrics.json" >>train.sh
expect 1 "$REPRO" verify
says "'metrics.json' is a symbolic link"
expect 1 "$REPRO" record --reason x
says "'metrics.json' is a symbolic link"

cp plain.sh train.sh
echo 'mv history.csv real.csv && ln -s real.csv history.csv' >>train.sh
expect 1 "$REPRO" verify
says "'history.csv' is a symbolic link"
