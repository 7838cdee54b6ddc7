// SPDX-License-Identifier: Apache-2.0
//
// A record is a head, the shape, the name, zeros up to a multiple of 8, and the bytes, if they are here, with zeros up
// to a multiple of 8. All in the byte order of this machine: it never leaves it.
#include "artifact/records.h"

#include <errno.h>
#include <string.h>

#define WRITE_SIZE ((size_t)1 << 20)

struct head {
    uint32_t kind, name_len;
    uint32_t dtype, rank, big_endian, unused;
    uint64_t place, size;
};

// --- writing ---

static int flush(struct records *records)
{
    const char *at = records->waiting.data;
    size_t left = records->waiting.len;
    while (left > 0 && !records->failed) {
        ssize_t written = write(records->fd, at, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            records->failed = errno;
        at += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
    buf_clear(&records->waiting);
    return records->failed ? -1 : 0;
}

int records_data(struct records *records, const void *bytes, size_t len)
{
    if (records->full || records->failed || len > records->limit - records->written) {
        records->full = records->full || !records->failed;
        return -1;
    }
    records->written += len;
    if (len > 0)
        buf_append(&records->waiting, bytes, len);
    return records->waiting.len >= WRITE_SIZE ? flush(records) : 0;
}

static int align(struct records *records)
{
    static const char zeros[8];
    return records_data(records, zeros, (size_t)(-records->written & 7));
}

int records_value(struct records *records, enum record_kind kind, const char *name, const struct tensor *tensor,
                  uint64_t place, uint64_t size)
{
    struct head head = {.kind = kind, .name_len = (uint32_t)strlen(name), .place = place, .size = size};
    if (tensor) {
        head.dtype = tensor->dtype;
        head.rank = (uint32_t)tensor->rank;
        head.big_endian = tensor->big_endian;
    }
    // What cannot be written whole is not begun, so that nobody reads it in vain.
    if (place == RECORD_HERE && size > records->limit - records->written)
        records->full = true;
    if (align(records) < 0 || records_data(records, &head, sizeof head) < 0 ||
        (tensor && records_data(records, tensor->shape, tensor->rank * sizeof tensor->shape[0]) < 0) ||
        records_data(records, name, head.name_len) < 0)
        return -1;
    return align(records);
}

int records_word(struct records *records, enum record_kind kind, const char *text)
{
    return records_value(records, kind, text, NULL, 0, 0);
}

int records_finish(struct records *records)
{
    return records_word(records, RECORD_END, "") < 0 ? -1 : flush(records);
}

void records_free(struct records *records)
{
    buf_free(&records->waiting);
}

// --- reading ---

struct reading {
    struct contents *contents;
    const char *prefix;
    const struct artifact_file *file, *records;
    size_t at;
    struct error *err;
};

static int fail(const struct reading *r)
{
    return error_set(r->err, ERROR_USAGE, "its reader left something behind that is damaged at byte %zu", r->at);
}

static const unsigned char *take(struct reading *r, uint64_t len)
{
    if (len > r->records->len - r->at) {
        fail(r);
        return NULL;
    }
    const unsigned char *bytes = r->records->bytes + r->at;
    r->at += (size_t)len;
    // What is aligned lies there whole, since the end is a record, too.
    size_t skip = -r->at & 7;
    r->at = skip > r->records->len - r->at ? r->records->len : r->at + skip;
    return bytes;
}

static int add_value(struct reading *r, const struct head *head, const struct tensor *shape, const char *name)
{
    const unsigned char *bytes;
    if (head->place == RECORD_HERE) {
        bytes = take(r, head->size);
        if (!bytes)
            return -1;
    } else {
        if (head->place > r->file->len || head->size > r->file->len - head->place)
            return error_set(r->err, ERROR_USAGE, "'%s' lies beyond the end of the file", name);
        bytes = r->file->bytes + head->place;
    }
    enum value_kind kind = head->kind == RECORD_TENSOR ? VALUE_TENSOR
                           : head->kind == RECORD_TEXT ? VALUE_TEXT
                                                       : VALUE_BYTES;
    struct value *value = contents_add(r->contents, r->prefix, name, kind, r->err);
    if (!value)
        return -1;
    if (kind != VALUE_TENSOR) {
        value->bytes = bytes;
        value->size = head->size;
        return 0;
    }
    value->tensor = *shape;
    if (tensor_set_contiguous(&value->tensor, bytes, head->size, r->err) < 0)
        return error_context(r->err, "'%s'", name);
    return 0;
}

static int take_shape(struct reading *r, struct tensor *out, const struct head *head)
{
    if (head->kind != RECORD_TENSOR)
        return 0;
    if (head->rank > TENSOR_MAX_RANK || head->dtype >= DTYPE_BLOCK)
        return fail(r);
    out->dtype = (enum dtype)head->dtype;
    out->big_endian = head->big_endian != 0;
    out->rank = head->rank;
    size_t len = out->rank * sizeof out->shape[0];
    const unsigned char *shape = take(r, len);
    if (!shape)
        return -1;
    memcpy(out->shape, shape, len);
    return 0;
}

// Everything that was added since; the file's bytes instead.
static int give_up(struct reading *r, size_t count, const char *why)
{
    r->contents->count = count;
    contents_note(r->contents, "%s: compared byte for byte: %s", r->file->name, why);
    struct value *value = contents_add(r->contents, r->prefix, "", VALUE_BYTES, r->err);
    if (!value)
        return -1;
    value->bytes = r->file->bytes;
    value->size = r->file->len;
    return 0;
}

int records_read(struct contents *out, const char *prefix, const struct artifact_file *file,
                 const struct artifact_file *records, struct error *err)
{
    struct reading r = {.contents = out, .prefix = prefix, .file = file, .records = records, .err = err};
    size_t count = out->count;
    for (;;) {
        struct head head;
        struct tensor shape = {0};
        const unsigned char *bytes = take(&r, sizeof head);
        if (!bytes)
            return -1;
        memcpy(&head, bytes, sizeof head);
        const unsigned char *text = take_shape(&r, &shape, &head) < 0 ? NULL : take(&r, head.name_len);
        if (!text)
            return -1;
        CLEANUP(free) char *name = str_ndup((const char *)text, head.name_len);
        switch (head.kind) {
        case RECORD_TENSOR:
        case RECORD_TEXT:
        case RECORD_BYTES:
            if (add_value(&r, &head, &shape, name) < 0)
                return -1;
            break;
        case RECORD_LEFT_OUT:
            contents_leave_out(out, name);
            break;
        case RECORD_NOTE:
            contents_note(out, "%s: %s", file->name, name);
            break;
        case RECORD_GIVE_UP:
            return give_up(&r, count, name);
        case RECORD_ERROR:
            return error_set(err, ERROR_USAGE, "%s", name);
        case RECORD_END:
            return 0;
        default:
            return fail(&r);
        }
    }
}
