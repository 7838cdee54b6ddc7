#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of this project's suite cancer-boost, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
python3 -c 'import xgboost' 2>/dev/null || skip "xgboost is not installed"
cp -r "$SOURCE_DIR/suites/cancer-boost/." .
beside_strace 'python3 train.py'
