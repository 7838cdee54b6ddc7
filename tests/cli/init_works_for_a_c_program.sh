#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: init on a C program writes a suite.json that records and verifies without an edit.
. "$(dirname "$0")/lib.sh"
requires cc
git_project
cat >fit.c <<'EOF'
#include <stdio.h>
int main(void)
{
    FILE *in = fopen("points.csv", "r"), *out = fopen("model.txt", "w"), *metrics = fopen("metrics.json", "w");
    double x, y, sxy = 0, sxx = 0;
    if (!in || !out || !metrics) return 1;
    while (fscanf(in, "%lf,%lf", &x, &y) == 2) { sxy += x * y; sxx += x * x; }
    fprintf(out, "slope %.17g\n", sxy / sxx);
    fprintf(metrics, "{\"slope\": %.17g}\n", sxy / sxx);
    return 0;
}
EOF
printf '1,2\n2,4.1\n3,5.9\n' >points.csv
cat >train.sh <<'EOF'
set -e
cc -O1 -o fit fit.c && ./fit && rm fit
EOF
commit start
expect 0 "$REPRO" init slope -- sh train.sh
holds suites/slope/suite.json '"points.csv"'
holds suites/slope/suite.json '"fit.c"'
holds suites/slope/suite.json '"model.txt"'
holds suites/slope/suite.json '"metrics.json"'
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
expect 2 "$REPRO" init slope -- sh train.sh
says "exists already"
expect 2 "$REPRO" init other -- sh -c 'echo broken >&2; exit 7'
says "broken"
expect 2 "$REPRO" init 'bad/name' -- true
expect 2 "$REPRO" init quiet -- true
