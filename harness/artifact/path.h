// SPDX-License-Identifier: Apache-2.0
//
// Names of values as paths: "learner.trees[3].id". A key that could be taken for something else is quoted, as a string
// of JSON: `tolerance["loss.*"]`. So two paths are equal only when all of their keys are.
#ifndef REPRO_ARTIFACT_PATH_H
#define REPRO_ARTIFACT_PATH_H

#include "base/buf.h"

#include <stddef.h>

void path_key(struct buf *path, const char *key, size_t len); // appends ".key", "key" or `["the key"]`
void path_index(struct buf *path, size_t index);              // appends "[3]"
void path_cut(struct buf *path, size_t len);                  // back to the first `len` bytes

#endif
