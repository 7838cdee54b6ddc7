#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: with "compare": "tensors" the container may change and the numbers may move as far as suite.json allows, by name;
# what moved further fails with tensor, distance and place, also where golden's bytes are not at hand.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip "python3-numpy is not installed"
mkdir -p suites/net
cat >train.py <<'EOP'
import json
import numpy as np

step = json.load(open("step.json"))
weight = np.arange(1, 65, dtype=np.float32).reshape(8, 8)
weight.view(np.int32)[2, 5] += step["weight"]
bias = np.ones(8, dtype=np.float32)
bias.view(np.int32)[0] += step["bias"]
save = np.savez_compressed if step["packed"] else np.savez
save("model.npz", weight=weight, bias=bias)
EOP
cat >suites/net/suite.json <<'EOP'
{
  "suite": "net",
  "class": "any",
  "train": {"command": ["/usr/bin/python3", "train.py"]},
  "inputs": {"code": ["train.py", "step.json"]},
  "artifacts": {"model.npz": {"compare": "tensors", "max_ulp": 1, "tensors": {"bias": {"max_ulp": 4}}}},
  "limits": {"bundle": 0}
}
EOP
step() { echo "{\"weight\": $1, \"bias\": $2, \"packed\": $3}" >step.json; }
step 0 0 false
expect 0 "$REPRO" record
holds "$(echo golden/net/*/manifest.json)" '"name": "weight", "dtype": "f32", "shape": [8, 8]'
step 0 0 true
expect 0 "$REPRO" verify -v
says "content equal"
step 1 4 false
expect 0 "$REPRO" verify -v
says "within tolerance"
step 2 5 false
expect 1 "$REPRO" verify --junit junit.xml
says "weight"
says "max 2 ULP"
says "at [2,5]"
holds junit.xml "max 2 ULP"
says "look closer: repro diff net/any:model.npz .repro/runs/"
command=$(sed -n 's/.*look closer: repro //p' "$OUT" | head -n 1)
eval "set -- $command"
expect 1 "$REPRO" "$@"
says "max 5 ULP"
rm -r .repro/store
step 0 0 true
expect 0 "$REPRO" verify -v
says "content equal"
step 2 0 false
expect 3 "$REPRO" verify
says "whether that is within the tolerance cannot be told"
