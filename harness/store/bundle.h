// SPDX-License-Identifier: Apache-2.0
//
// A bundle: files in one deterministic archive (tar + zstd; sorted; no times, owners or host facts), named by the
// folder digest of what it holds, never by its compressed bytes, which differ between versions of zstd.
//
// The reading side treats the archive as hostile: absolute paths, "..", duplicate and too long names, hard links,
// symbolic links that lead out, devices, FIFOs and sparse tricks are refused, as are more than `max_files` entries,
// more than `max_size` bytes, and more than 64 MiB out of an archive a thousand times smaller. Nothing is left behind
// when it is refused. What is refused is an ERROR_USAGE; what the machine could not do, an ERROR_MACHINE.
#ifndef REPRO_STORE_BUNDLE_H
#define REPRO_STORE_BUNDLE_H

#include "base/err.h"
#include "core/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Files of one folder: paths relative to `root`, digests filled in, sorted.
struct bundle_source {
    const char *root;
    struct file_list files;
};
// Archives the files of all sources together at `path`, atomically. The regular files' bytes are hashed again on their
// way in: a file that is no longer what its entry says is an error. Symbolic links are kept when they stay below the
// root, else they are an ERROR_USAGE; a path that comes twice and an entry of kind FILE_FOLDER are errors.
int bundle_write(const char *path, const struct bundle_source *sources, size_t source_count, struct error *err);

struct bundle_limits {
    uint64_t max_size; // bytes unpacked; 0 means 16 GiB
    size_t max_files;  // 0 means 1,000,000
};
// Unpacks into `folder` (made; must be empty or absent) and checks that the folder digest is `expected`.
int bundle_extract(const char *path, const char *folder, const struct digest *expected,
                   const struct bundle_limits *limits, struct error *err);
// The same without writing anything.
int bundle_check(const char *path, const struct digest *expected, const struct bundle_limits *limits,
                 struct error *err);
// Is this a bomb? Sizes of the whole archive: on the way, a run of zeros may come out of next to nothing.
bool bundle_is_over_ratio(uint64_t unpacked, uint64_t packed);

// What an archive in memory holds, with digests, in byte order, added to `out`, which is empty. The fuzz target enters
// here.
int bundle_list(struct file_list *out, const void *bytes, size_t len, const struct bundle_limits *limits,
                struct error *err);

#endif
