// SPDX-License-Identifier: Apache-2.0
//
// A zip as values: each member by its own format, with its name in front; .npz, numpy's zip of .npy, without the
// members' endings ("weights.npy" is the array 'weights').
#include "artifact/contents.h"
#include "artifact/readers.h"
#include "artifact/zip.h"

#include <string.h>

// A member whose compression is not known here is compared as it lies there.
static int read_member(struct contents *out, const struct zip_member *member, int depth, const char *prefix,
                       struct error *err)
{
    struct artifact_file file = {.name = member->name, .depth = depth};
    if (member->method == ZIP_STORED || member->method == ZIP_DEFLATED)
        return zip_bytes(&file, out, member, err) == 0 ? contents_read(out, &file, prefix, err) : -1;
    contents_note(out, "%s: compared byte for byte (compression method %u is not known)", member->name, member->method);
    struct value *value = contents_add(out, prefix, "", VALUE_BYTES, err);
    if (!value)
        return -1;
    value->bytes = member->data;
    value->size = member->packed;
    return 0;
}

static int read_members(struct contents *out, const struct artifact_file *file, const char *prefix, const char *hidden,
                        struct error *err)
{
    CLEANUP(zip) struct zip *zip = NULL;
    if (zip_open(&zip, file->bytes, file->len, err) != 0)
        return -1;
    contents_leave_out(out, "dates, order, attributes and compression of the zip's members");
    size_t count;
    const struct zip_member *members = zip_members(zip, &count);
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(members[i].name), cut = str_ends(members[i].name, hidden) ? strlen(hidden) : 0;
        CLEANUP(free) char *name = str_ndup(members[i].name, len > cut ? len - cut : len);
        if (read_member(out, &members[i], file->depth + 1, contents_name(out, prefix, name), err) != 0)
            return -1;
    }
    return 0;
}

int zip_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    return read_members(out, file, prefix, "", err);
}

int npz_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    return read_members(out, file, prefix, ".npy", err);
}
