// SPDX-License-Identifier: Apache-2.0
//
// A zip, read from its end (PKWARE's APPNOTE; all numbers little-endian):
//
//   members     30 bytes: PK 03 04, u16 version, flags, method, time, date, u32 crc, packed, size, u16 length of the
//               name, of the extra fields; then both, then the data
//   directory   46 bytes each: PK 01 02, u16 version made by, needed, flags, method, time, date, u32 crc, packed, size,
//               u16 length of name, extra, comment, disk, attributes, u32 attributes, offset of the member; then the
//               three texts. A field that is all ones stands as u64 in the extra field 1 (size, packed, offset)
//   zip64 end   56 bytes: PK 06 06, u64 rest of the record, u16 × 2, u32 disk × 2, u64 members here, in all, bytes of
//               the directory, its offset; then its locator, 20 bytes: PK 06 07, u32 disk, u64 offset, u32 disks
//   end         22 bytes: PK 05 06, u16 disk × 2, members here, in all, u32 bytes of the directory, its offset, u16
//               length of the comment that ends the file. With a zip64 end, that one counts
#include "artifact/zip.h"

#include "artifact/contents.h"
#include "artifact/inflate.h"
#include "artifact/map.h"
#include "base/arena.h"
#include "base/str.h"

#include <string.h>

enum { LOCAL_SIZE = 30, ENTRY_SIZE = 46, END_SIZE = 22, END64_SIZE = 56, LOCATOR_SIZE = 20 };
enum { ENCRYPTED = 1 << 0 | 1 << 6 | 1 << 13 };

struct zip {
    const unsigned char *bytes;
    size_t len;
    uint64_t directory, directory_size, count; // what the end says
    struct zip_member *members;
    size_t member_count, capacity;
    struct arena names;
};

static uint64_t number(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static bool has(const struct zip *zip, uint64_t at, uint64_t size)
{
    return at <= zip->len && zip->len - at >= size;
}

// The last place where an end of directory fits, comment and all.
static int find_end(const struct zip *zip, size_t *end, struct error *err)
{
    size_t first = zip->len > END_SIZE + 0xffff ? zip->len - END_SIZE - 0xffff : 0;
    for (size_t at = zip->len >= END_SIZE ? zip->len - END_SIZE + 1 : 0; at-- > first;) {
        const unsigned char *bytes = zip->bytes + at;
        if (memcmp(bytes, "PK\5\6", 4) == 0 && number(bytes + 20, 2) == zip->len - at - END_SIZE) {
            *end = at;
            return 0;
        }
    }
    return error_set(err, ERROR_USAGE, "it has no directory at its end: it was cut short, or written on");
}

// Does nothing where there is none.
static int read_end64(struct zip *zip, size_t *end, struct error *err)
{
    if (*end < LOCATOR_SIZE || memcmp(zip->bytes + *end - LOCATOR_SIZE, "PK\6\7", 4) != 0)
        return 0;
    const unsigned char *locator = zip->bytes + *end - LOCATOR_SIZE;
    uint64_t at = number(locator + 8, 8);
    if (number(locator + 4, 4) != 0 || number(locator + 16, 4) > 1)
        return error_set(err, ERROR_USAGE, "it is one volume of several");
    if (!has(zip, at, END64_SIZE) || at + END64_SIZE > *end - LOCATOR_SIZE || memcmp(zip->bytes + at, "PK\6\6", 4) != 0)
        return error_set(err, ERROR_USAGE, "there is no zip64 directory at byte %llu", (unsigned long long)at);
    const unsigned char *bytes = zip->bytes + at;
    if (number(bytes + 16, 4) != 0 || number(bytes + 20, 4) != 0)
        return error_set(err, ERROR_USAGE, "it is one volume of several");
    zip->count = number(bytes + 32, 8);
    zip->directory_size = number(bytes + 40, 8);
    zip->directory = number(bytes + 48, 8);
    *end = (size_t)at;
    return 0;
}

static int read_end(struct zip *zip, struct error *err)
{
    size_t end = 0;
    if (find_end(zip, &end, err) != 0)
        return -1;
    const unsigned char *bytes = zip->bytes + end;
    zip->count = number(bytes + 10, 2);
    zip->directory_size = number(bytes + 12, 4);
    zip->directory = number(bytes + 16, 4);
    if (number(bytes + 4, 2) != 0 && number(bytes + 4, 2) != 0xffff)
        return error_set(err, ERROR_USAGE, "it is one volume of several");
    if (read_end64(zip, &end, err) != 0)
        return -1;
    if (zip->directory > end || zip->directory_size != end - zip->directory)
        return error_set(err, ERROR_USAGE, "its directory is not at byte %llu, where it should be",
                         (unsigned long long)zip->directory);
    if (zip->count > zip->directory_size / ENTRY_SIZE)
        return error_set(err, ERROR_USAGE, "its directory is too small for %llu members",
                         (unsigned long long)zip->count);
    return 0;
}

// Fields that are all ones stand in the extra field 1, in this order.
static int read_extra64(struct zip_member *member, const unsigned char *extra, size_t len, struct error *err)
{
    uint64_t *const fields[] = {&member->size, &member->packed, &member->offset};
    while (len >= 4) {
        size_t size = number(extra + 2, 2);
        if (size > len - 4)
            break;
        if (number(extra, 2) == 1) {
            const unsigned char *at = extra + 4;
            for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
                if (*fields[i] != 0xffffffff)
                    continue;
                if (size < 8)
                    return error_set(err, ERROR_USAGE, "its zip64 field is too short");
                *fields[i] = number(at, 8);
                at += 8;
                size -= 8;
            }
            return 0;
        }
        extra += 4 + size;
        len -= 4 + size;
    }
    return 0;
}

// The data follow the local header, whose own lengths of name and extra fields count.
static int find_data(const struct zip *zip, struct zip_member *member, size_t name_len, struct error *err)
{
    bool inside = member->offset <= zip->directory && zip->directory - member->offset >= LOCAL_SIZE;
    const unsigned char *local = inside ? zip->bytes + member->offset : NULL;
    if (!inside || memcmp(local, "PK\3\4", 4) != 0)
        return error_set(err, ERROR_USAGE, "it is not at byte %llu, where it should be",
                         (unsigned long long)member->offset);
    uint64_t at = member->offset + LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2);
    if (at > zip->directory || zip->directory - at < member->packed)
        return error_set(err, ERROR_USAGE, "its %llu bytes reach beyond the members",
                         (unsigned long long)member->packed);
    if (number(local + 26, 2) != name_len || memcmp(local + LOCAL_SIZE, member->name, name_len) != 0)
        return error_set(err, ERROR_USAGE, "it has another name at byte %llu", (unsigned long long)member->offset);
    member->data = zip->bytes + at;
    return 0;
}

static int check_member(const struct zip_member *member, unsigned flags, struct error *err)
{
    if (flags & ENCRYPTED)
        return error_set(err, ERROR_USAGE, "it is encrypted");
    // Deflate makes 1032 bytes out of one at most.
    if (member->method == ZIP_DEFLATED && member->size / 1033 > member->packed)
        return error_set(err, ERROR_USAGE, "its %llu bytes cannot become %llu", (unsigned long long)member->packed,
                         (unsigned long long)member->size);
    if (member->method == ZIP_STORED && member->size != member->packed)
        return error_set(err, ERROR_USAGE, "it is stored, but has two sizes");
    return 0;
}

// One entry of the directory; *at moves behind it.
static int read_entry(struct zip *zip, uint64_t *at, struct error *err)
{
    const unsigned char *entry = zip->bytes + *at;
    uint64_t left = zip->directory + zip->directory_size - *at;
    if (left < ENTRY_SIZE || memcmp(entry, "PK\1\2", 4) != 0)
        return error_set(err, ERROR_USAGE, "its directory is damaged at byte %llu", (unsigned long long)*at);
    size_t name_len = number(entry + 28, 2), extra = number(entry + 30, 2), comment = number(entry + 32, 2);
    if (left - ENTRY_SIZE < name_len + extra + comment)
        return error_set(err, ERROR_USAGE, "its directory is damaged at byte %llu", (unsigned long long)*at);
    *at += ENTRY_SIZE + name_len + extra + comment;
    const char *text = (const char *)entry + ENTRY_SIZE;
    if (name_len == 0 || memchr(text, 0, name_len))
        return error_set(err, ERROR_USAGE, "a member has no name, or one with a zero byte in it");
    CLEANUP(free) char *name = str_ndup(text, name_len);
    struct zip_member member = {
        .name = arena_copy(&zip->names, name),
        .method = (unsigned)number(entry + 10, 2),
        .crc = (uint32_t)number(entry + 16, 4),
        .packed = number(entry + 20, 4),
        .size = number(entry + 24, 4),
        .offset = number(entry + 42, 4),
    };
    if (read_extra64(&member, entry + ENTRY_SIZE + name_len, extra, err) != 0 ||
        find_data(zip, &member, name_len, err) != 0 || check_member(&member, (unsigned)number(entry + 8, 2), err) != 0)
        return error_context(err, "member '%s'", name);
    zip->members = mem_grow(zip->members, zip->member_count, &zip->capacity, sizeof *zip->members);
    zip->members[zip->member_count++] = member;
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct zip_member *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct zip_member *)a)->name, ((const struct zip_member *)b)->name);
}

// Members that share bytes are how a small archive holds petabytes.
static int check_overlaps(struct zip *zip, struct error *err)
{
    if (zip->member_count > 1)
        qsort(zip->members, zip->member_count, sizeof *zip->members, by_offset);
    for (size_t i = 1; i < zip->member_count; i++) {
        const struct zip_member *before = &zip->members[i - 1], *member = &zip->members[i];
        if (before->data + before->packed > zip->bytes + member->offset)
            return error_set(err, ERROR_USAGE, "members '%s' and '%s' overlap", before->name, member->name);
    }
    return 0;
}

static int read_members(struct zip *zip, struct error *err)
{
    uint64_t at = zip->directory;
    for (uint64_t i = 0; i < zip->count; i++) {
        if (read_entry(zip, &at, err) != 0)
            return -1;
    }
    if (at != zip->directory + zip->directory_size)
        return error_set(err, ERROR_USAGE, "its directory holds more than its %llu members",
                         (unsigned long long)zip->count);
    if (check_overlaps(zip, err) != 0)
        return -1;
    size_t kept = 0;
    for (size_t i = 0; i < zip->member_count; i++) {
        if (!str_ends(zip->members[i].name, "/") || zip->members[i].size > 0)
            zip->members[kept++] = zip->members[i];
    }
    zip->member_count = kept;
    if (kept > 1)
        qsort(zip->members, kept, sizeof *zip->members, by_name);
    for (size_t i = 1; i < kept; i++) {
        if (strcmp(zip->members[i - 1].name, zip->members[i].name) == 0)
            return error_set(err, ERROR_USAGE, "member '%s' comes twice", zip->members[i].name);
    }
    return 0;
}

int zip_open(struct zip **out, const unsigned char *bytes, size_t len, struct error *err)
{
    CLEANUP(zip) struct zip *zip = mem_alloc(sizeof *zip);
    zip->bytes = bytes;
    zip->len = len;
    if (read_end(zip, err) != 0 || read_members(zip, err) != 0)
        return -1;
    *out = steal(&zip);
    return 0;
}

void zip_free(struct zip *zip)
{
    if (!zip)
        return;
    free(zip->members);
    arena_free(&zip->names);
    free(zip);
}

const struct zip_member *zip_members(const struct zip *zip, size_t *count)
{
    *count = zip->member_count;
    return zip->members;
}

const struct zip_member *zip_find(const struct zip *zip, const char *name)
{
    const struct zip_member key = {.name = name};
    return zip->member_count ? bsearch(&key, zip->members, zip->member_count, sizeof key, by_name) : NULL;
}

static int inflate_member(struct artifact_file *out, struct contents *contents, const struct zip_member *member,
                          struct error *err)
{
    const struct artifact_file packed = {.bytes = member->data, .len = (size_t)member->packed};
    struct artifact_file memory = {0};
    uint32_t crc = 0;
    if (contents_unpacked(contents, member->packed, member->size, err) != 0 ||
        map_memory(&memory, member->size, err) != 0)
        return -1;
    contents_adopt(contents, &memory);
    if (inflate_exact((unsigned char *)memory.bytes, memory.len, &packed, &crc, err) != 0)
        return -1;
    if (crc != member->crc)
        return error_set(err, ERROR_USAGE, "its checksum is wrong: %08x instead of %08x", crc, member->crc);
    out->bytes = memory.bytes;
    out->len = memory.len;
    return 0;
}

int zip_bytes(struct artifact_file *out, struct contents *contents, const struct zip_member *member, struct error *err)
{
    if (member->method == ZIP_STORED) {
        out->bytes = member->data;
        out->len = (size_t)member->size;
        return 0;
    }
    int unpacked = member->method == ZIP_DEFLATED
                       ? inflate_member(out, contents, member, err)
                       : error_set(err, ERROR_USAGE, "compression method %u is not supported", member->method);
    return unpacked == 0 ? 0 : error_context(err, "member '%s'", member->name);
}
