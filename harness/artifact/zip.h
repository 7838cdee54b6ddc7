// SPDX-License-Identifier: Apache-2.0
//
// A zip archive in memory: its directory, and the bytes of its members. Stored members are used where they lie;
// deflated ones are decompressed into the contents that look at them.
#ifndef REPRO_ARTIFACT_ZIP_H
#define REPRO_ARTIFACT_ZIP_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct contents;      // artifact/contents.h
struct artifact_file; // artifact/contents.h
struct zip;

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

struct zip_member {
    const char *name;          // as the archive has it ("model/data/0", "../x": it is a name here, never a path)
    unsigned method;           // ZIP_STORED, ZIP_DEFLATED, or another, which zip_bytes refuses
    const unsigned char *data; // of the packed bytes, in the archive
    uint64_t size, packed;     // bytes, decompressed and as they lie there
    uint32_t crc;              // of the decompressed bytes
    uint64_t offset;           // of the local header
};

// Reads the directory at the end (zip64 too) and holds each local header against it. Errors (ERROR_USAGE): truncated,
// members that overlap or lie outside, duplicate names, encrypted members, an archive in several volumes, …
// `bytes` must outlive the zip.
int zip_open(struct zip **out, const unsigned char *bytes, size_t len, struct error *err);
void zip_free(struct zip *zip);
DEFINE_CLEANUP(zip)

// The members in byte order of their names, without folders.
const struct zip_member *zip_members(const struct zip *zip, size_t *count);
const struct zip_member *zip_find(const struct zip *zip, const char *name); // NULL when absent

// The decompressed bytes, alive as long as the contents (and the archive's bytes). Only bytes and len of `out` are
// filled. The checksum of a deflated member is checked; a stored one is handed out as it is.
int zip_bytes(struct artifact_file *out, struct contents *contents, const struct zip_member *member, struct error *err);

#endif
