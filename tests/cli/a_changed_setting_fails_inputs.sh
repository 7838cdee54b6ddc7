#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: data or settings that changed without a new golden fail, named with old and new digest, and the replay shows the effect.
. "$(dirname "$0")/lib.sh"
sums_suite
expect 0 "$REPRO" record
old=$(sha256sum factor.json | cut -c1-12)
edit factor.json 's/1.5/1.6/'
new=$(sha256sum factor.json | cut -c1-12)
expect 1 "$REPRO" verify
says "factor.json: $old → $new"
says "repro verify sums --only"
says "model.txt"
silent_about "numbers.txt:"
