// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A model; what does not begin as one is taken for a graph, or a tensor of it.
#include "walk.h"

#include "base/buf.h"

static void put_field(struct buf *out, unsigned char tag, const void *bytes, size_t len)
{
    buf_putc(out, (char)tag);
    for (size_t left = len; left >= 0x80 || (buf_putc(out, (char)left), 0); left >>= 7)
        buf_putc(out, (char)(0x80 | (left & 0x7f)));
    buf_append(out, bytes, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    walk_format("onnx", "m.onnx", data, size);
    CLEANUP(buf) struct buf model = {0}, graph = {0};
    buf_append(&model, "\x08\x08", 2);
    put_field(&graph, 0x2a, data, size); // an initializer
    put_field(&model, 0x3a, graph.data, graph.len);
    walk_format("onnx", "m.onnx", (const uint8_t *)model.data, model.len);
    buf_clear(&model);
    buf_append(&model, "\x08\x08", 2);
    put_field(&model, 0x3a, data, size);
    walk_format("onnx", "m.onnx", (const uint8_t *)model.data, model.len);
    return 0;
}
