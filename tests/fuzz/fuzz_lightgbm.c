// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// What follows the first two lines of a model.
#include "walk.h"

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf) struct buf model = {0};
    buf_puts(&model, "tree\nversion=v4\n");
    if (size > 0)
        buf_append(&model, data, size);
    walk_format("lightgbm", "m.txt", (const uint8_t *)model.data, model.len);
    return 0;
}
