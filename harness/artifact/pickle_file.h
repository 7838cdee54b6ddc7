// SPDX-License-Identifier: Apache-2.0
//
// What the readers of files with pickles in them share.
#ifndef REPRO_ARTIFACT_PICKLE_FILE_H
#define REPRO_ARTIFACT_PICKLE_FILE_H

#include "base/err.h"

struct artifact_file; // artifact/contents.h
struct contents;
struct pickle; // artifact/pickle.h

// Hands the pickle's memory to the contents, whose values point into it.
void pickle_keep(struct contents *out, struct pickle *pickle);
// The file's bytes as one value, and a note with the reason (pickle->why).
int pickle_as_bytes(struct contents *out, const struct artifact_file *file, const struct pickle *pickle,
                    const char *prefix, struct error *err);

#endif
