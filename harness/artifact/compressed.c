// SPDX-License-Identifier: Apache-2.0
//
// One file, or a tar, that was compressed as a whole. It has the values that it would have without:
//
//   gzip (RFC 1952)   1f 8b 08, u8 flags, u32 date, u8 level, u8 system, then, as the flags say, more fields, a name, a
//                     comment; deflated bytes; u32 CRC, u32 size. Several members one after another are one file
//   zstd (RFC 8878)   28 b5 2f fd, frames
#include "artifact/archive.h"
#include "artifact/contents.h"
#include "artifact/inflate.h"
#include "artifact/readers.h"

#include <string.h>
#include <strings.h>

// The name without the ending that says how it is compressed: what is inside may be known by the rest.
static const char *inner_name(struct contents *out, const char *name)
{
    static const char *const endings[][2] = {{".tgz", ".tar"}, {".tzst", ".tar"}, {".gz", ""}, {".zst", ""}};
    size_t len = strlen(name);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        size_t size = strlen(endings[i][0]);
        if (len <= size || strcasecmp(name + len - size, endings[i][0]) != 0)
            continue;
        CLEANUP(free) char *inner = str_printf("%.*s%s", (int)(len - size), name, endings[i][1]);
        return arena_copy(&out->texts, inner);
    }
    return name;
}

static int read_inner(struct contents *out, struct artifact_file *inner, const struct artifact_file *file,
                      const char *prefix, struct error *err)
{
    inner->name = inner_name(out, file->name);
    inner->depth = file->depth + 1;
    return contents_read(out, inner, prefix, err);
}

int gzip_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct artifact_file inner = {0};
    if (inflate_stream(&inner, out, file, INFLATE_GZIP, err) != 0)
        return -1;
    contents_leave_out(out, "gzip's date, name and level");
    return read_inner(out, &inner, file, prefix, err);
}

int zstd_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct artifact_file inner = {0};
    if (archive_unzstd(&inner, out, file->bytes, file->len, err) != 0)
        return -1;
    contents_leave_out(out, "zstd's level");
    return read_inner(out, &inner, file, prefix, err);
}
