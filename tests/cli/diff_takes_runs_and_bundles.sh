#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: diff takes the folder of a run and a golden's bundle as it takes a golden; what is not at hand is compared by
# what manifests keep.
. "$(dirname "$0")/lib.sh"
requires python3
mkdir -p suites/toy
cat >train.py <<'END'
import array, json, struct
seed = int(open("seed.txt").read())
header, data = {}, b""
for name, values in {"w": [i + seed for i in range(100)], "b": [1.0]}.items():
    raw = array.array("f", values).tobytes()
    header[name] = {"dtype": "F32", "shape": [len(values)], "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
open("model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
open("fixed.txt", "w").write("the same\n")
END
echo 1 >seed.txt
cat >suites/toy/suite.json <<'END'
{"suite": "toy", "class": "any", "train": {"command": ["python3", "train.py"], "timeout": "60s"},
 "inputs": {"code": ["train.py"], "data": ["seed.txt"]},
 "artifacts": {"model.safetensors": {"compare": "tensors"}, "fixed.txt": {}}}
END
latest() {
    find .repro/runs -mindepth 2 -maxdepth 2 -name toy | sort | tail -n 1
}
expect 0 "$REPRO" record
expect 0 "$REPRO" verify
run=$(latest)
holds "$run/manifest.json" '"suite": "toy"'
expect 0 "$REPRO" diff toy "$run"
says "bytes equal"
silent_about "left out"

echo 2 >seed.txt
expect 1 "$REPRO" verify
run=$(latest)
expect 1 "$REPRO" diff toy "$run"
says "1 of 2 tensors differs"
says "model.safetensors:w  differs  f32 [100]"
says "data: seed.txt: "
silent_about "fixed.txt"
silent_about "removed"
expect 1 "$REPRO" diff "$run" toy:model.safetensors
says "w  differs  f32 [100]"
silent_about "seed.txt"
expect 1 "$REPRO" diff golden/toy/any:model.safetensors "$run:model.safetensors"
says "w  differs  f32 [100]"
expect 0 "$REPRO" diff golden/toy/any/manifest.json:model.safetensors toy:model.safetensors
mkdir toy # a folder of the suite's name hides no artifact of the golden
expect 0 "$REPRO" diff toy:model.safetensors toy:model.safetensors
rmdir toy
expect 0 "$REPRO" diff "$run" "$run"
expect 0 "$REPRO" diff golden/toy/any/*.tar.zst toy
says "bytes equal"

# Nothing of a run but its manifest may be left: digests tell that it is the same as another.
cp "$run/manifest.json" ../manifest.json
expect 1 "$REPRO" verify
expect 0 "$REPRO" diff ../manifest.json "$(latest)"

# Golden's bytes are elsewhere, and the other side has its own.
rm golden/toy/any/*.tar.zst
expect 0 "$REPRO" diff toy toy
says "bytes equal"
expect 1 "$REPRO" diff toy:model.safetensors "$(latest)/artifacts/model.safetensors"
says "1 of 2 tensors moved"
says "mean 50.5 → 51.5"
says "not at hand"
expect 2 "$REPRO" verify
says "1 tensor of 2 moved, by the digests that golden keeps"
