// SPDX-License-Identifier: Apache-2.0
//
// Latin letters with a mark, in the two ways in which Unicode writes them: as one character (NFC) or as a letter and a
// mark behind it (NFD). Only what Latin-1 and Latin Extended-A have; a text in which such letters are exchanged is
// canonically equal to what it was.
#ifndef REPRO_FUZZ_LETTERS_H
#define REPRO_FUZZ_LETTERS_H

#include <stdbool.h>
#include <stddef.h>

// Writes the text with its letters taken apart, or put together; `out` has room for 2 × len bytes, or is NULL: then
// nothing is written. Returns its length.
size_t letters_decompose(char *out, const char *text, size_t len);
size_t letters_compose(char *out, const char *text, size_t len);

#endif
