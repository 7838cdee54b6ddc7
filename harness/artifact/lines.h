// SPDX-License-Identifier: Apache-2.0
//
// A list of texts as one text, one a line: what a diff of two lists of names, tokens or cells should show. A newline
// within a text is written `\n`, a backslash `\\`, so that two lists are the same exactly when their lines are.
#ifndef REPRO_ARTIFACT_LINES_H
#define REPRO_ARTIFACT_LINES_H

#include "base/buf.h"

#include <stddef.h>

struct contents;

// Appends one text and its newline.
void lines_add(struct buf *lines, const char *text, size_t len);
// Adds them to the contents as one VALUE_TEXT; takes the buffer's memory over.
int lines_value(struct contents *out, const char *prefix, const char *name, struct buf *lines, struct error *err);
// Adds one text that does not live as long as the contents: a copy of it.
int lines_copy_value(struct contents *out, const char *prefix, const char *name, const char *text, size_t len,
                     struct error *err);

#endif
