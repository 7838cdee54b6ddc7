// SPDX-License-Identifier: Apache-2.0
//
// A schema and a sample from a text, by way of a file.
#ifndef REPRO_TESTS_UNIT_INFER_H
#define REPRO_TESTS_UNIT_INFER_H

#include "base/fs.h"
#include "base/json.h"
#include "fuzz/infer.h"
#include "unit.h"

#include <inttypes.h>

// Writes the bytes to a file, infers, removes it. `sample` may be NULL.
static inline int infer_bytes(struct schema **schema, struct sample *sample, const char *bytes, size_t len,
                              const char *name, const struct infer_options *options, struct error *err)
{
    char path[] = "/tmp/repro-infer-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (size_t at = 0; at < len;) {
        ssize_t written = write(fd, bytes + at, len - at);
        ck_assert_int_gt(written, 0);
        at += (size_t)written;
    }
    close(fd);
    int status = infer_data(schema, sample, path, name, options, err);
    unlink(path);
    return status;
}

static inline struct schema *infer_both(struct sample *sample, const char *text, const char *name,
                                        const struct infer_options *options)
{
    struct error err = {0};
    struct schema *schema = NULL;
    ck_ok(infer_bytes(&schema, sample, text, strlen(text), name, options, &err), &err);
    return schema;
}

static inline struct schema *infer(const char *text, const char *name, const char *target)
{
    const struct infer_options options = {.target = target};
    return infer_both(NULL, text, name, &options);
}

static inline void infer_fails(const char *bytes, size_t len, const char *name, const char *target, const char *message)
{
    struct error err = {0};
    struct schema *schema = NULL;
    struct sample sample;
    const struct infer_options options = {.target = target};
    ck_assert_msg(infer_bytes(&schema, &sample, bytes, len, name, &options, &err) == -1, "read: %s", bytes);
    ck_assert_ptr_null(schema);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, message);
    error_free(&err);
    sample_free(&sample);
}

static inline char *schema_text(const struct schema *schema)
{
    struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    schema_write(&w, NULL, schema);
    return buf_take(&text);
}

static inline char *sample_text(const struct sample *sample)
{
    struct buf text = {0};
    for (size_t i = 0; i < sample->rows.row_count * sample->rows.column_count; i++) {
        const struct cell *cell = &sample->cells[i];
        buf_printf(&text, "%d %.17g %" PRId64 " ", cell->kind, cell->number, cell->integer);
        buf_append(&text, cell->text, cell->len);
        buf_putc(&text, '\n');
    }
    return buf_take(&text);
}

#endif
