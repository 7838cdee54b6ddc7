#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the samples that messy input is made from are what their programs print, from the data that training reads.
set -euo pipefail
python=/usr/bin/python3
"$python" -c 'import sklearn' 2>/dev/null || { echo "needs scikit-learn"; exit 77; }
for suite in cancer-boost digits-forest digits-mlp; do
    "$python" "$SOURCE_DIR/suites/$suite/sample.py" | cmp - "$SOURCE_DIR/suites/$suite/sample.csv"
done
