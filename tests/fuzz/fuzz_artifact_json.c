// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A JSON document, and the same bytes as JSON lines.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_format("json", "m.json", data, size);
    walk_format("jsonl", "m.jsonl", data, size);
    return 0;
}
