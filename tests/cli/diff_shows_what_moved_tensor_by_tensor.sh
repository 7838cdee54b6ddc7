#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: diff on two checkpoints, without a project, names the tensors that moved and by how much, and its exit status
# says whether they are the same: 0, different: 1, unreadable: 2.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip "python3-numpy is not installed"
/usr/bin/python3 - <<'END'
import json, struct
import numpy as np

def save(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        raw = value.tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)

weight = np.arange(1, 513, dtype=np.float32).reshape(8, 64)
moved = weight.copy()
moved.view(np.int32)[3, 17] += 3
moved.view(np.int32)[5, 2] += 1
save("a.safetensors", {"layer.weight": weight, "bias": weight[0], "old": weight[1]})
save("b.safetensors", {"bias": weight[0], "layer.weight": moved, "new": weight[2] + 0.5})
save("c.safetensors", {"old": weight[1], "bias": weight[0], "layer.weight": weight})
save("d.safetensors", {"old": weight[1], "bias": weight[0], "layer.weight": moved})
END
expect 1 "$REPRO" diff a.safetensors b.safetensors
says "layer.weight"
says "f32 [8,64]  max 3 ULP"
says "at [3,17]"
says "2 of 512 differ"
says "1 added; 1 removed"
expect 0 "$REPRO" diff a.safetensors c.safetensors
says "content equal"
says "left out:"
expect 0 "$REPRO" diff a.safetensors a.safetensors
says "bytes equal"
expect 1 "$REPRO" diff a.safetensors d.safetensors --max-ulp 2
expect 0 "$REPRO" diff a.safetensors d.safetensors --max-ulp 3
says "within tolerance"
expect 0 "$REPRO" diff a.safetensors d.safetensors --close
expect 2 "$REPRO" diff a.safetensors missing.safetensors
says "neither a file or folder nor a suite"
head -c 40 a.safetensors >cut.safetensors
expect 2 "$REPRO" diff cut.safetensors a.safetensors
says "cut.safetensors"
expect 2 "$REPRO" diff a.safetensors
expect 2 "$REPRO" diff a.safetensors b.safetensors --max-ulp many
says "--max-ulp: expected a whole number"
expect 1 "$REPRO" diff --json a.safetensors b.safetensors
/usr/bin/python3 - "$OUT" "$SOURCE_DIR/harness/core/schemas/difference.schema.json" <<'END'
import json, sys
document = json.load(open(sys.argv[1]))
assert document["verdict"] == "different", document
row = next(row for row in document["rows"] if row["name"] == "layer.weight")
assert row["max_ulp"] == 3 and row["max_ulp_at"] == "[3,17]" and row["differing"] == 2 and row["elements"] == 512, row
try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(0)
schema = json.load(open(sys.argv[2]))
Draft202012Validator.check_schema(schema)
Draft202012Validator(schema).validate(document)
END
