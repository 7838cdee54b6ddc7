#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Goal: the JSON Schemas are valid ones, accept every good example of their documents and every suite of this project,
# and see what is wrong with the bad examples: a validator that is not ours says so.
set -euo pipefail
cd "${SOURCE_DIR:?run this with ctest}"
python=/usr/bin/python3
"$python" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null ||
    { echo "skipped: no python3-jsonschema that knows draft 2020-12"; exit 77; }

"$python" - <<'END'
import json, pathlib, re, sys
from jsonschema import Draft202012Validator

STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)

def read(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(STRING_OR_COMMENT.sub(lambda m: m[0] if m[0][0] == '"' else " ", text))

# What a schema cannot see: how parts of a document go together, and what is no JSON at all.
BEYOND = {"bad-counts", "bad-sequence", "bad-order", "bad-shares", "bad-nothing-compared", "bad-totals", "bad-duplicate", "bad-deep", "bad-utf8", "bad-cut"}
wrong = 0
for name, corpus in ("suite", "suite"), ("manifest", "manifest"), ("result", "result"), ("repro", "project_settings"), ("corpus", "corpus"), ("baseline", "baseline"), ("evidence", "evidence"):
    schema = read(pathlib.Path(f"harness/core/schemas/{name}.schema.json"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = bad = 0
    paths = sorted(pathlib.Path(f"tests/fuzz/corpus/{corpus}").glob("*.json"))
    if name == "suite":
        paths += sorted(pathlib.Path("suites").glob("*/suite.json"))
    for path in paths:
        if path.stem in BEYOND:
            continue
        faults = [e.message for e in validator.iter_errors(read(path))]
        if path.stem.startswith("good-") or path.stem == "suite":
            good += 1
            if faults:
                wrong += 1
                print(f"{path}: refused: {faults[0]}")
        elif path.stem.startswith("bad-"):
            bad += 1
            if not faults:
                wrong += 1
                print(f"{path}: accepted")
    print(f"{name}: {good} good and {bad} bad examples")
    if not good or not bad:
        wrong += 1
sys.exit(wrong > 0)
END
