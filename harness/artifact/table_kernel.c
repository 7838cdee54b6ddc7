// SPDX-License-Identifier: Apache-2.0
//
// The loop over every byte of the file, which compilers turn into vector instructions.
#include "artifact/table.h"

enum { BLOCK = 255 }; // so many bytes can be counted in one

void table_count_bytes(struct table_bytes *out, const char *bytes, size_t len)
{
    const unsigned char *text = (const unsigned char *)bytes;
    *out = (struct table_bytes){0};
    for (size_t from = 0; from < len; from += BLOCK) {
        size_t size = len - from < BLOCK ? len - from : BLOCK;
        unsigned char quotes = 0, high = 0, nul = 0;
        for (size_t i = 0; i < size; i++) {
            quotes = (unsigned char)(quotes + (text[from + i] == '"'));
            high |= text[from + i];
            nul |= text[from + i] == 0;
        }
        out->quotes += quotes;
        out->high = out->high || high >= 0x80;
        out->nul = out->nul || nul;
    }
}
