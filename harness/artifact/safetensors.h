// SPDX-License-Identifier: Apache-2.0
//
// What safetensors' two readers, and folders, share.
#ifndef REPRO_ARTIFACT_SAFETENSORS_H
#define REPRO_ARTIFACT_SAFETENSORS_H

#include "base/err.h"
#include "base/str.h"

struct artifact_file; // artifact/contents.h
struct contents;

#define SAFETENSORS_INDEX ".index.json" // X.safetensors.index.json is the checkpoint X.safetensors in several files

// As safetensors_read; the names of its metadata have `metadata` in front instead of `prefix`.
int safetensors_read_shard(struct contents *out, const struct artifact_file *file, const char *prefix,
                           const char *metadata, struct error *err);
// Adds the file names of the shards that the index names, sorted.
int safetensors_index_shards(struct strings *out, const struct artifact_file *file, struct error *err);

#endif
