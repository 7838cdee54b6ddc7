// SPDX-License-Identifier: Apache-2.0
//
// Plain text: one value, byte for byte. (Formats in which numbers can be told apart have readers of their own.)
#include "artifact/contents.h"
#include "artifact/readers.h"

int text_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct value *value = contents_add(out, prefix, "", VALUE_TEXT, err);
    if (!value)
        return -1;
    value->bytes = file->bytes;
    value->size = file->len;
    return 0;
}
