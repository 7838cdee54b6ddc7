#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of this project's suite digits-mlp, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
python3 -c 'import torch' 2>/dev/null || skip "torch is not installed"
cp -r "$SOURCE_DIR/suites/digits-mlp/." .
beside_strace 'python3 train.py'
