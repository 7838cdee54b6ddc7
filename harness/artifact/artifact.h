// SPDX-License-Identifier: Apache-2.0
//
// Artifacts: the table of formats. A file is recognised by its first bytes, then by its name. A reader turns a file
// into named values that can be compared one by one; a format without one is compared byte for byte, and the report
// says so.
#ifndef REPRO_ARTIFACT_ARTIFACT_H
#define REPRO_ARTIFACT_ARTIFACT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct contents; // artifact/contents.h
struct artifact_file;

struct artifact_format {
    const char *name; // "safetensors", "npy", "zip", "pytorch", "onnx", "gguf", "json", "text", "bytes", …
    // True when the first bytes (at most 4 KiB of them) are this format's, given the file's name.
    bool (*recognise)(const unsigned char *head, size_t len, const char *name);
    // Adds what the file holds, as values (artifact/readers.h); NULL: compared byte for byte.
    int (*read)(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
};

// Never NULL: the last row of the table recognises anything ("bytes").
const struct artifact_format *artifact_recognise(const unsigned char *head, size_t len, const char *name);
// True when some of its values may lie in other files beside it.
bool artifact_has_neighbours(const struct artifact_format *format);
// Opens the file and reads its head.
int artifact_format_of(const struct artifact_format **out, const char *path, struct error *err);

#endif
