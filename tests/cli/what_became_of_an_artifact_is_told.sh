#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an artifact that holds NaN, was cut short, became another format or is no file any more fails under every
# tolerance, and the check says which of these it is.
. "$(dirname "$0")/lib.sh"
requires python3
mkdir -p suites/toy
cat >train.py <<'END'
import array, json, os, struct
mode = open("mode.txt").read().strip()
values = [1.0 + i / 64 for i in range(64)]
if mode == "nan":
    values[3] = float("nan")
if mode == "scaled":
    values = [value * 1.001 for value in values]
raw = array.array("f", values).tobytes()
text = json.dumps({"head.w": {"dtype": "F32", "shape": [64], "data_offsets": [0, len(raw)]}}).encode()
data = struct.pack("<Q", len(text)) + text + raw
if mode == "cut":
    data = data[:-8]
if mode == "json":
    data = b'{"head.w": 1}\n'
if mode == "folder":
    os.mkdir("model.safetensors")
else:
    open("model.safetensors", "wb").write(data)
END
cat >suites/toy/suite.json <<'END'
{"suite": "toy", "class": "any", "train": {"command": ["python3", "train.py"], "timeout": "60s"},
 "inputs": {"code": ["train.py"], "settings": ["mode.txt"]},
 "artifacts": {"model.safetensors": {"compare": "tensors", "abs": 1e9, "rel": 1e9, "max_ulp": 2147483647}}}
END
echo plain >mode.txt
expect 0 "$REPRO" record
verify() {
    echo "$1" >mode.txt
    expect "$2" "$REPRO" verify --only artifacts --junit junit.xml
}
verify scaled 0
says "within tolerance"
verify nan 1
says "1 of 1 tensor differs, NaN appeared in head.w"
verify cut 1
says "compared byte for byte: model.safetensors: "
silent_about "upper/"
verify json 1
says "is json, was safetensors: "
verify folder 1
says "'model.safetensors' is a folder"

# Each line of the check is one in JUnit, too.
edit suites/toy/suite.json 's/{"compare": "tensors".*}}}/{"compare": "tensors"}}}/'
verify scaled 1
grep -Eq '^golden  sha256 [0-9a-f]{64}$' junit.xml || fail "lines run together: $(cat junit.xml)"
holds junit.xml 'file="suites/toy/suite.json" line="3"'

# Another numerical class excuses a distance where no tolerance is stated, and never NaN.
edit suites/toy/suite.json 's/"class": "any", //'
mv golden/toy/any golden/toy/zz
edit golden/toy/zz/manifest.json 's/"class": "any"/"class": "zz"/'
verify scaled 0
says "another numerical class"
verify nan 1
says "1 of 1 tensor differs, NaN appeared in head.w"
