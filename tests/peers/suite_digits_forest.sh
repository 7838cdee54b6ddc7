#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of this project's suite digits-forest, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
python3 -c 'import sklearn' 2>/dev/null || skip "sklearn is not installed"
cp -r "$SOURCE_DIR/suites/digits-forest/." .
beside_strace 'python3 train.py'
