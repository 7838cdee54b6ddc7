// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// The file's name up to the first newline, then its head.
#include "artifact/artifact.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t name_len = newline ? (size_t)(newline - data) : 0;
    size_t skip = newline ? name_len + 1 : 0;
    if (size - skip > 4096)
        return 0;
    CLEANUP(free) char *name = str_ndup((const char *)data, name_len);
    // A copy of exactly this size, so that a read beyond it is seen.
    CLEANUP(free) unsigned char *head = malloc(size - skip + (size == skip));
    memcpy(head, data + skip, size - skip);
    if (!artifact_recognise(head, size - skip, name)->name)
        abort();
    return 0;
}
