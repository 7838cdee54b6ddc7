#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: two equal files whose tensors lie in files beside them are not called equal when those differ; a file beside a
# folder means the file of that name in it.
. "$(dirname "$0")/lib.sh"
requires python3
python3 - <<'END'
import array, json, os, struct

def save(path, values):
    raw = array.array("f", values).tobytes()
    text = json.dumps({"w": {"dtype": "F32", "shape": [len(values)], "data_offsets": [0, len(raw)]}}).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + raw)

for folder, last in ("a", 3.0), ("b", 4.0):
    os.mkdir(folder)
    save(folder + "/model-00001-of-00001.safetensors", [1.0, 2.0, last])
    with open(folder + "/model.safetensors.index.json", "w") as index:
        json.dump({"weight_map": {"w": "model-00001-of-00001.safetensors"}}, index)
    open(folder + "/vocab.txt", "w").write("one\n")
save("whole.safetensors", [1.0, 2.0, 3.0])
open("vocab.txt", "w").write("two\n")
END
same a/model.safetensors.index.json b/model.safetensors.index.json
expect 1 "$REPRO" diff a/model.safetensors.index.json b/model.safetensors.index.json
says "1 of 1 tensor differs"
cp -r a c
expect 0 "$REPRO" diff a/model.safetensors.index.json c/model.safetensors.index.json
says "bytes equal"
expect 1 "$REPRO" diff vocab.txt a
says "line 1: 'one', was 'two'"
expect 0 "$REPRO" diff whole.safetensors a
says "content equal"
says "of the folder"
expect 1 "$REPRO" diff b whole.safetensors
says "w  differs"
if /usr/bin/python3 -c 'import numpy, onnx' 2>/dev/null; then
    /usr/bin/python3 - <<'END'
import numpy, onnx, os
from onnx import helper, numpy_helper
for folder, last in ("d", 3), ("e", 4):
    os.mkdir(folder)
    tensor = numpy_helper.from_array(numpy.array([1, 2, last], numpy.float32), "w")
    graph = helper.make_graph([], "g", [], [], [tensor])
    onnx.save(helper.make_model(graph), folder + "/m.onnx", save_as_external_data=True, location="m.data",
              size_threshold=0)
END
    same d/m.onnx e/m.onnx
    expect 1 "$REPRO" diff d/m.onnx e/m.onnx
    says "w  differs"
fi
