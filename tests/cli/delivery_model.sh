#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: model.safetensors is the whole model: a reader that knows only the file and the orders predicts exactly as well
# as the trainer said.
set -euo pipefail
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
suite=$SOURCE_DIR/suites/delivery-time
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -std=c17 -O2 -ffp-contract=off -o "$scratch/train" "$suite"/src/*.c -lm
"$scratch/train" "$suite/orders.csv" "$suite/params.json" "$scratch" >/dev/null
python3 - "$suite/orders.csv" "$scratch" <<'PYTHON'
import array, csv, json, math, struct, sys

orders, folder = sys.argv[1:]
blob = open(folder + "/model.safetensors", "rb").read()
size, = struct.unpack_from("<Q", blob)
header = json.loads(blob[8:8 + size])
names = header.pop("__metadata__")
data, end, tensors = blob[8 + size:], 0, {}
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    first, last = entry["data_offsets"]
    assert first == end, f"{name}: a gap in the data"
    tensors[name] = array.array({"F64": "d", "U64": "Q", "I32": "i", "U8": "B"}[entry["dtype"]], data[first:last])
    assert len(tensors[name]) == math.prod(entry["shape"]), name
    assert (8 + size + first) % tensors[name].itemsize == 0, f"{name}: not aligned"
    end = last
assert end == len(data), "something follows the tensors"

features = names["features"].split(",")
codes = {f: {c: i for i, c in enumerate(names[f].split(","))} for f in features if f in names}
feature, threshold, sets = tensors["node.feature"], tensors["node.threshold"], tensors["node.categories"]
missing_left, value = tensors["node.missing_left"], tensors["node.value"]
children = {True: tensors["node.left"], False: tensors["node.right"]}

def predict(row):
    cells = [row[f] if f in codes else float(row[f] or "nan") for f in features]
    total = tensors["base"][0]
    for root in tensors["tree.offset"][:-1]:
        node = root
        while feature[node] >= 0:
            name, cell = features[feature[node]], cells[feature[node]]
            if cell == "" or cell != cell:
                left = bool(missing_left[node])
            elif name in codes:
                left = bool(sets[node] >> codes[name][cell] & 1)
            else:
                left = cell <= threshold[node]
            node = root + children[left][node]
        total += value[node]
    return total

# Which rows were kept out of training is the trainer's own draw; over all rows the two scores must add up.
metrics = json.load(open(folder + "/metrics.json"))
with open(orders) as file:
    rows = list(csv.DictReader(file))
squared = sum((float(row["minutes"]) - predict(row)) ** 2 for row in rows)
told = sum(metrics[part]["rmse"] ** 2 * metrics[part]["rows"] for part in ("train", "valid"))
assert math.isclose(squared, told, rel_tol=1e-12), (squared, told)
assert metrics["valid"]["rmse"] < metrics["baseline"]["rmse"] / 2, "the model learned little"
assert len(tensors["tree.offset"]) - 1 == sum(1 for _ in open(folder + "/history.csv")) - 1
last = list(csv.DictReader(open(folder + "/history.csv")))[-1]
assert float(last["valid_rmse"]) == metrics["valid"]["rmse"]
print(f"{len(rows)} orders predicted from the file alone")
PYTHON
