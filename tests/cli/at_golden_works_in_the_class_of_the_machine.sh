#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: --at golden finds the golden of a suite that declares no class
. "$(dirname "$0")/lib.sh"
sums_suite
edit suites/sums/suite.json '/"class"/d'
expect 0 "$REPRO" record
echo '{"factor": 9}' >factor.json
expect 0 "$REPRO" verify --at golden
