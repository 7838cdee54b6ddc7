// SPDX-License-Identifier: Apache-2.0
//
// The wrapper of libarchive: tar (POSIX pax and ustar, GNU) and zstd.
//
//   tar   a header of 512 bytes for each member (name, mode, owner, size and date in octal, checksum, type at 156, link
//         target, "ustar" at 257), then its bytes, padded to 512. Longer names and larger sizes stand in members of
//         their own before it. Two blocks of zeros end the archive
//
// The library hands out pieces of the memory that it was given, so that members are used where they lie.
#include "artifact/archive.h"

#include "artifact/contents.h"
#include "artifact/map.h"
#include "artifact/readers.h"
#include "artifact/spool.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static void cleanup_archive(struct archive **archive)
{
    archive_read_free(*archive);
}
#define CLEANUP_ARCHIVE __attribute__((cleanup(cleanup_archive)))

static int damaged(struct archive *archive, struct error *err)
{
    const char *why = archive_error_string(archive);
    return error_set(err, ERROR_USAGE, "it is damaged: %s", why ? why : "it ends too early");
}

static struct archive *archive_new(void)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        abort();
    return archive;
}

// --- zstd ---

// A frame of one byte (RFC 8878: magic number, one segment, size 1, last block, raw, size 1). It stands before the real
// ones, since the library cannot tell a stream of nothing from one that is damaged at its beginning: both are "empty"
// or "unrecognized" to it. With this in front, nothing is no longer nothing.
static const unsigned char leader[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 9, 0, 0, 'x'};

struct source {
    const unsigned char *bytes;
    size_t len;
    int given; // the leader, the bytes
};

static la_ssize_t give(struct archive *archive, void *context, const void **out)
{
    (void)archive;
    struct source *source = context;
    source->given++;
    *out = source->given == 1 ? leader : source->bytes;
    return source->given == 1 ? (la_ssize_t)sizeof leader : source->given == 2 ? (la_ssize_t)source->len : 0;
}

int archive_unzstd(struct artifact_file *out, struct contents *contents, const unsigned char *bytes, size_t len,
                   struct error *err)
{
    CLEANUP(spool) struct spool spool = {.fd = -1};
    CLEANUP_ARCHIVE struct archive *archive = archive_new();
    struct archive_entry *entry;
    struct source source = {.bytes = bytes, .len = len};
    if (spool_begin(&spool, contents, len, err) != 0)
        return -1;
    // This one filter and no other: what is inside may be compressed for its own reasons.
    if (archive_read_append_filter(archive, ARCHIVE_FILTER_ZSTD) != ARCHIVE_OK ||
        archive_read_support_format_raw(archive) != ARCHIVE_OK ||
        archive_read_open(archive, &source, NULL, give, NULL) != ARCHIVE_OK ||
        archive_read_next_header(archive, &entry) != ARCHIVE_OK)
        return error_set(err, ERROR_USAGE, "its zstd frames are damaged, or end too early");
    int status = ARCHIVE_OK;
    for (size_t skip = 1; status == ARCHIVE_OK;) {
        const char *piece;
        size_t size;
        la_int64_t offset;
        status = archive_read_data_block(archive, (const void **)&piece, &size, &offset);
        if (status == ARCHIVE_OK && size >= skip && spool_write(&spool, piece + skip, size - skip, err) != 0)
            return -1;
        skip = status == ARCHIVE_OK && size >= skip ? 0 : skip;
    }
    return status == ARCHIVE_EOF ? spool_finish(out, &spool, err) : damaged(archive, err);
}

// --- tar ---

struct member {
    struct contents *contents;
    const struct artifact_file *tar;
    struct archive *archive;
    struct artifact_file file;
    struct error *err;
};

// A sparse file, whose holes are no bytes of the archive: put together in memory.
static int assemble(struct member *member, uint64_t size, const void *piece, size_t len, la_int64_t offset)
{
    struct artifact_file memory;
    if (contents_unpacked(member->contents, len, size, member->err) != 0 || map_memory(&memory, size, member->err) != 0)
        return -1;
    contents_adopt(member->contents, &memory);
    memset((void *)memory.bytes, 0, memory.len);
    int status = ARCHIVE_OK;
    while (status == ARCHIVE_OK) {
        uint64_t at = (uint64_t)offset;
        if (offset < 0 || at > size || len > size - at)
            return error_set(member->err, ERROR_USAGE, "it is longer than it says");
        if (len > 0)
            memcpy((char *)memory.bytes + at, piece, len);
        status = archive_read_data_block(member->archive, &piece, &len, &offset);
    }
    if (status != ARCHIVE_EOF)
        return damaged(member->archive, member->err);
    member->file.bytes = memory.bytes;
    member->file.len = memory.len;
    return 0;
}

static int find_bytes(struct member *member, uint64_t size)
{
    const void *piece = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    member->file.bytes = (const unsigned char *)"";
    member->file.len = 0;
    int status = size > 0 ? archive_read_data_block(member->archive, &piece, &len, &offset) : ARCHIVE_EOF;
    if (status == ARCHIVE_EOF && size == 0)
        return 0;
    if (status == ARCHIVE_EOF)
        return assemble(member, size, NULL, 0, 0);
    if (status != ARCHIVE_OK)
        return damaged(member->archive, member->err);
    uintptr_t at = (uintptr_t)piece, begin = (uintptr_t)member->tar->bytes;
    if (len != size || offset != 0 || at < begin || at - begin > member->tar->len ||
        member->tar->len - (at - begin) < size)
        return assemble(member, size, piece, len, offset);
    member->file.bytes = piece;
    member->file.len = len;
    return 0;
}

// Where a symbolic or a hard link leads to.
static int add_target(struct member *member, const char *prefix, const char *target)
{
    struct value *value = contents_add(member->contents, prefix, "", VALUE_TEXT, member->err);
    if (!value)
        return -1;
    value->size = strlen(target);
    value->bytes = (const unsigned char *)arena_copy(&member->contents->texts, target);
    return 0;
}

// The library converts names between character sets, and has none for what it cannot convert: UTF-8 first, which is
// what pax archives hold, then the bytes as they are.
static const char *text_of(const char *utf8, const char *bytes)
{
    return utf8 ? utf8 : bytes;
}

static int read_member(struct member *member, struct archive_entry *entry, const char *prefix)
{
    const char *name = text_of(archive_entry_pathname_utf8(entry), archive_entry_pathname(entry));
    if (!name)
        return error_set(member->err, ERROR_USAGE, "a member has a name that cannot be read");
    while (str_starts(name, "./") && name[2])
        name += 2;
    const char *whole = contents_name(member->contents, prefix, name);
    member->file.name = whole + strlen(whole) - strlen(name);
    const char *hard = text_of(archive_entry_hardlink_utf8(entry), archive_entry_hardlink(entry));
    if (hard)
        return add_target(member, whole, hard);
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return 0;
    if (archive_entry_filetype(entry) == AE_IFLNK) {
        const char *target = text_of(archive_entry_symlink_utf8(entry), archive_entry_symlink(entry));
        return add_target(member, whole, target ? target : "");
    }
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_size(entry) < 0)
        return error_set(member->err, ERROR_USAGE, "member '%s' is neither a file, a folder nor a link", name);
    if (find_bytes(member, (uint64_t)archive_entry_size(entry)) != 0)
        return error_context(member->err, "member '%s'", name);
    return contents_read(member->contents, &member->file, whole, member->err);
}

int tar_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    CLEANUP_ARCHIVE struct archive *archive = archive_new();
    if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
        archive_read_open_memory(archive, file->bytes, file->len) != ARCHIVE_OK)
        return damaged(archive, err);
    struct member member = {.contents = out, .tar = file, .archive = archive, .err = err};
    contents_leave_out(out, "dates, owners, modes and order of the tar's members");
    for (;;) {
        struct archive_entry *entry;
        int status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF)
            return 0;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
            return damaged(archive, err);
        member.file = (struct artifact_file){.depth = file->depth + 1};
        if (read_member(&member, entry, prefix) != 0)
            return -1;
    }
}
