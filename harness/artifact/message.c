// SPDX-License-Identifier: Apache-2.0
#include "artifact/message.h"

#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/path.h"
#include "artifact/protobuf.h"

#include <assert.h>
#include <string.h>

#define SAFE_INTEGER ((int64_t)1 << 53)

// One message that is being read. Its fields are looked for row by row of the table: a row sees all that is its own
// together, without a list of them.
struct walk {
    const struct message_reader *reader;
    const struct message *message;
    struct buf *path;
    const unsigned char *bytes;
    size_t len;
    size_t depth;
    bool labelled; // the label stands in the path already
    struct error *err;
};

static struct protobuf begin(const struct walk *w)
{
    return (struct protobuf){w->bytes, w->bytes + w->len, w->reader->file};
}

static int fail(const struct walk *w, const struct message_field *row, const char *what)
{
    return error_set(w->err, ERROR_USAGE, "%s%s%s: %s", buf_text(w->path), w->path->len ? "." : "", row->name, what);
}

static struct value *add(const struct walk *w, enum value_kind kind)
{
    return contents_add(w->reader->contents, w->reader->prefix, buf_text(w->path), kind, w->err);
}

static int add_span(const struct walk *w, enum value_kind kind, const void *bytes, size_t len)
{
    struct value *value = add(w, kind);
    if (!value)
        return -1;
    value->bytes = bytes;
    value->size = len;
    return 0;
}

static int add_number(const struct walk *w, double number)
{
    struct value *value = add(w, VALUE_NUMBER);
    if (!value)
        return -1;
    value->number = number;
    return 0;
}

// Takes the buffer's memory over.
static int add_tensor(const struct walk *w, enum dtype dtype, struct buf *cells, size_t rank)
{
    struct value *value = add(w, VALUE_TENSOR);
    if (!value)
        return -1;
    size_t len = cells->len;
    value->tensor.dtype = dtype;
    value->tensor.rank = rank;
    value->tensor.shape[0] = len / dtype_size(dtype);
    return tensor_set_contiguous(&value->tensor, contents_keep(w->reader->contents, buf_take(cells), len), len, w->err);
}

static void put_integer(struct buf *cells, uint64_t integer)
{
    for (unsigned i = 0; i < 8; i++)
        buf_putc(cells, (char)(integer >> 8 * i));
}

// --- fields that come once ---

static int add_integer(const struct walk *w, uint64_t varint)
{
    int64_t integer = (int64_t)varint;
    if (integer >= -SAFE_INTEGER && integer <= SAFE_INTEGER)
        return add_number(w, (double)integer);
    struct buf cell = {0};
    put_integer(&cell, varint);
    return add_tensor(w, DTYPE_I64, &cell, 0);
}

static int add_float(const struct walk *w, const struct protobuf_field *field)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < 4; i++)
        bits |= (uint32_t)field->bytes[i] << 8 * i;
    float number;
    memcpy(&number, &bits, sizeof number);
    return add_number(w, (double)number);
}

static int read_message(const struct walk *outer, const struct message *message, const struct protobuf_field *field,
                        bool labelled);

static int add_one(const struct walk *w, const struct message_field *row, const struct protobuf_field *field)
{
    const char *name;
    switch (row->kind) {
    case MESSAGE_TEXT:
        return add_span(w, VALUE_TEXT, field->bytes, field->len);
    case MESSAGE_INTEGER:
        return add_integer(w, field->varint);
    case MESSAGE_FLOAT:
        return add_float(w, field);
    case MESSAGE_ENUM:
        name = w->reader->enumerator(field->varint);
        return name ? add_span(w, VALUE_TEXT, name, strlen(name)) : add_integer(w, field->varint);
    default:
        return read_message(w, row->message, field, false);
    }
}

static enum protobuf_wire wire_of(enum message_kind kind)
{
    if (kind == MESSAGE_INTEGER || kind == MESSAGE_INTEGERS || kind == MESSAGE_ENUM)
        return PROTOBUF_VARINT;
    return kind == MESSAGE_FLOAT || kind == MESSAGE_FLOATS ? PROTOBUF_32 : PROTOBUF_BYTES;
}

// The next field of this row; *more is false when there is none any more.
static int next_of(bool *more, struct protobuf_field *out, struct protobuf *fields, const struct walk *w,
                   const struct message_field *row)
{
    bool list = row->kind == MESSAGE_INTEGERS || row->kind == MESSAGE_FLOATS;
    do {
        if (protobuf_next(more, out, fields, w->err) < 0)
            return -1;
    } while (*more && out->number != row->number);
    if (*more && out->wire != wire_of(row->kind) && !(list && out->wire == PROTOBUF_BYTES) &&
        row->kind != MESSAGE_LEFT_OUT)
        return fail(w, row, "a field of the wrong wire type");
    return 0;
}

static int read_once(const struct walk *w, const struct message_field *row)
{
    struct protobuf fields = begin(w);
    struct protobuf_field field, again;
    bool more;
    if (next_of(&more, &field, &fields, w, row) < 0)
        return -1;
    if (!more)
        return 0;
    if (next_of(&more, &again, &fields, w, row) < 0)
        return -1;
    if (more)
        return fail(w, row, "is there twice");
    size_t here = w->path->len;
    if (*row->name)
        path_key(w->path, row->name, strlen(row->name));
    int status = add_one(w, row, &field);
    path_cut(w->path, here);
    return status;
}

// --- lists ---

static int add_items(const struct walk *w, const struct message_field *row, struct buf *cells,
                     const struct protobuf_field *field)
{
    if (row->kind == MESSAGE_TEXTS) {
        lines_add(cells, (const char *)field->bytes, field->len);
    } else if (row->kind == MESSAGE_FLOATS) {
        if (field->len % 4 != 0)
            return fail(w, row, "floats that are cut off");
        buf_append(cells, field->bytes, field->len);
    } else if (field->wire == PROTOBUF_VARINT) {
        put_integer(cells, field->varint);
    } else {
        struct protobuf packed = {field->bytes, field->bytes + field->len, w->reader->file};
        while (packed.at < packed.end) {
            uint64_t integer;
            if (protobuf_varint(&integer, &packed, w->err) < 0)
                return -1;
            put_integer(cells, integer);
        }
    }
    return 0;
}

static int read_list(const struct walk *w, const struct message_field *row)
{
    struct protobuf fields = begin(w);
    struct protobuf_field field;
    CLEANUP(buf) struct buf cells = {0};
    size_t count = 0;
    for (bool more = true; more;) {
        if (next_of(&more, &field, &fields, w, row) < 0 || (more && add_items(w, row, &cells, &field) < 0))
            return -1;
        count += more;
    }
    if (count == 0)
        return 0;
    size_t here = w->path->len;
    path_key(w->path, row->name, strlen(row->name));
    int status;
    if (row->kind == MESSAGE_TEXTS) {
        buf_puts(w->path, "[]");
        status = lines_value(w->reader->contents, w->reader->prefix, buf_text(w->path), &cells, w->err);
    } else {
        status = add_tensor(w, row->kind == MESSAGE_FLOATS ? DTYPE_F32 : DTYPE_I64, &cells, 1);
    }
    path_cut(w->path, here);
    return status;
}

// --- messages that come many times ---

struct label {
    const char *text; // "" where the message has none
    size_t len;
    bool alone; // no other message has it
};

static int by_text(const void *a, const void *b)
{
    const struct label *x = *(const struct label *const *)a, *y = *(const struct label *const *)b;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shorter);
    return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

static void find_twins(struct label *labels, size_t count)
{
    CLEANUP(free) struct label **order = mem_array(count + 1, sizeof(void *));
    for (size_t i = 0; i < count; i++)
        order[i] = &labels[i];
    if (count > 1)
        qsort(order, count, sizeof *order, by_text);
    for (size_t i = 0; i < count; i++)
        order[i]->alone = order[i]->len > 0 && (i == 0 || by_text(&order[i - 1], &order[i]) != 0) &&
                          (i + 1 == count || by_text(&order[i], &order[i + 1]) != 0);
}

static int find_label(struct label *out, const struct walk *w, const struct message *message,
                      const struct protobuf_field *field)
{
    struct protobuf fields = {field->bytes, field->bytes + field->len, w->reader->file};
    *out = (struct label){.text = ""};
    for (bool more = message->label != 0; more;) {
        struct protobuf_field part;
        if (protobuf_next(&more, &part, &fields, w->err) < 0)
            return -1;
        if (more && part.number == message->label && part.wire == PROTOBUF_BYTES)
            *out = (struct label){.text = (const char *)part.bytes, .len = part.len};
    }
    return 0;
}

static int find_labels(struct label **out, size_t *count, const struct walk *w, const struct message_field *row)
{
    struct protobuf fields = begin(w);
    size_t capacity = 0;
    for (;;) {
        struct protobuf_field field;
        bool more;
        if (next_of(&more, &field, &fields, w, row) < 0)
            return -1;
        if (!more)
            break;
        *out = mem_grow(*out, *count, &capacity, sizeof **out);
        if (find_label(&(*out)[(*count)++], w, row->message, &field) < 0)
            return -1;
    }
    find_twins(*out, *count);
    return 0;
}

static int list_labels(const struct walk *w, const struct label *labels, size_t count)
{
    CLEANUP(buf) struct buf lines = {0};
    for (size_t i = 0; i < count; i++)
        lines_add(&lines, labels[i].text, labels[i].len);
    size_t here = w->path->len;
    buf_puts(w->path, "[]");
    int status = lines_value(w->reader->contents, w->reader->prefix, buf_text(w->path), &lines, w->err);
    path_cut(w->path, here);
    return status;
}

static int read_each(const struct walk *w, const struct message_field *row, const struct label *labels, size_t count)
{
    struct protobuf fields = begin(w);
    size_t here = w->path->len;
    for (size_t i = 0; i < count; i++) {
        struct protobuf_field field;
        bool more;
        if (next_of(&more, &field, &fields, w, row) < 0)
            return -1;
        assert(more); // they were counted
        if (labels[i].alone)
            path_key(w->path, labels[i].text, labels[i].len);
        else
            path_index(w->path, i);
        int status = read_message(w, row->message, &field, labels[i].alone);
        path_cut(w->path, here);
        if (status < 0)
            return -1;
    }
    return 0;
}

static int read_many(const struct walk *w, const struct message_field *row)
{
    CLEANUP(free) struct label *labels = NULL;
    size_t count = 0, here = w->path->len;
    if (find_labels(&labels, &count, w, row) < 0)
        return -1;
    if (*row->name)
        path_key(w->path, row->name, strlen(row->name));
    int status = row->kind == MESSAGE_IN_ORDER && count > 0 ? list_labels(w, labels, count) : 0;
    if (status == 0)
        status = read_each(w, row, labels, count);
    path_cut(w->path, here);
    return status;
}

// --- the message ---

static int read_special(const struct walk *w, const struct message_field *row)
{
    struct protobuf fields = begin(w);
    struct message_special special = {.field = row, .path = buf_text(w->path)};
    for (;; special.index++) {
        struct protobuf_field field;
        bool more;
        if (next_of(&more, &field, &fields, w, row) < 0)
            return -1;
        if (!more)
            return 0;
        special.bytes = field.bytes;
        special.len = field.len;
        if (w->reader->special(w->reader->context, &special, w->err) < 0)
            return -1;
    }
}

static int leave_out(const struct walk *w, const struct message_field *row)
{
    struct protobuf fields = begin(w);
    struct protobuf_field field;
    bool more;
    if (next_of(&more, &field, &fields, w, row) < 0)
        return -1;
    if (more)
        contents_leave_out(w->reader->contents, row->name);
    return 0;
}

static int read_unknown(const struct walk *w)
{
    struct protobuf fields = begin(w);
    size_t here = w->path->len, count = 0;
    for (;;) {
        struct protobuf_field field;
        bool more;
        if (protobuf_next(&more, &field, &fields, w->err) < 0)
            return -1;
        if (!more)
            return 0;
        size_t row = 0;
        while (row < w->message->count && w->message->fields[row].number != field.number)
            row++;
        if (row < w->message->count)
            continue;
        path_key(w->path, "unknown", 7);
        path_index(w->path, count++);
        int status = add_span(w, VALUE_BYTES, field.tag, (size_t)(fields.at - field.tag));
        path_cut(w->path, here);
        if (status < 0)
            return -1;
    }
}

static int read_row(const struct walk *w, const struct message_field *row)
{
    if (w->labelled && row->number == w->message->label)
        return 0;
    switch (row->kind) {
    case MESSAGE_LEFT_OUT:
        return leave_out(w, row);
    case MESSAGE_TEXTS:
    case MESSAGE_INTEGERS:
    case MESSAGE_FLOATS:
        return read_list(w, row);
    case MESSAGE_MANY:
    case MESSAGE_IN_ORDER:
        return read_many(w, row);
    case MESSAGE_SPECIAL:
        return read_special(w, row);
    default:
        return read_once(w, row);
    }
}

static int read_rows(const struct walk *w)
{
    if (w->depth > MESSAGE_MAX_DEPTH)
        return error_set(w->err, ERROR_USAGE, "%s: nested deeper than %d messages", buf_text(w->path),
                         MESSAGE_MAX_DEPTH);
    for (size_t i = 0; i < w->message->count; i++) {
        if (read_row(w, &w->message->fields[i]) < 0)
            return -1;
    }
    return read_unknown(w);
}

static int read_message(const struct walk *outer, const struct message *message, const struct protobuf_field *field,
                        bool labelled)
{
    struct walk inner = *outer;
    inner.message = message;
    inner.bytes = field->bytes;
    inner.len = field->len;
    inner.depth++;
    inner.labelled = labelled;
    return read_rows(&inner);
}

int message_read(const struct message_reader *reader, const struct message *message, struct buf *path,
                 const unsigned char *bytes, size_t len, struct error *err)
{
    const struct walk walk = {
        .reader = reader, .message = message, .path = path, .bytes = bytes, .len = len, .err = err};
    return read_rows(&walk);
}
