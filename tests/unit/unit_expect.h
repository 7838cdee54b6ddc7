// SPDX-License-Identifier: Apache-2.0
//
// Values against what the program that wrote the file says they are. Its Python begins with UNIT_EXPECT and calls
// expect(file, value, dtype, shape, canonical bytes) for each of them.
#ifndef REPRO_TESTS_UNIT_EXPECT_H
#define REPRO_TESTS_UNIT_EXPECT_H

#include "artifact/contents.h"
#include "unit_python.h"

#define UNIT_EXPECT                                                                                                    \
    "listed = open('expected', 'w')\n"                                                                                 \
    "number = 0\n"                                                                                                     \
    "def expect(file, name, dtype, shape, raw):\n"                                                                     \
    "    global number\n"                                                                                              \
    "    number += 1\n"                                                                                                \
    "    open('raw%d' % number, 'wb').write(raw)\n"                                                                    \
    "    shape = '[' + ','.join(str(d) for d in shape) + ']'\n"                                                        \
    "    listed.write('\\t'.join([file, name, dtype, shape, 'raw%d' % number]) + '\\n')\n"                             \
    "    listed.flush()\n"

static inline int unit_append(const void *bytes, size_t len, void *context)
{
    buf_append(context, bytes, len);
    return 0;
}

static inline void expect_tensor(const struct contents *contents, const char *name, const char *dtype,
                                 const char *shape, const char *raw)
{
    struct error err = {0};
    const struct value *value = contents_find(contents, name);
    ck_assert_msg(value != NULL, "there is no '%s'", name);
    ck_assert_int_eq(value->kind, VALUE_TENSOR);
    const struct tensor *tensor = &value->tensor;
    ck_assert_str_eq(tensor->type_name ? tensor->type_name : dtype_name(tensor->dtype), dtype);
    CLEANUP(free) char *found = tensor_shape_text(tensor);
    ck_assert_str_eq(found, shape);
    CLEANUP(buf) struct buf expected = {0};
    CLEANUP(buf) struct buf canonical = {0};
    ck_ok(fs_read(&expected, raw, 0, &err), &err);
    ck_assert_int_eq(tensor_canonical(tensor, unit_append, &canonical), 0);
    ck_assert_msg(canonical.len == expected.len, "'%s': %zu bytes instead of %zu", name, canonical.len, expected.len);
    ck_assert_msg(memcmp(buf_text(&canonical), buf_text(&expected), expected.len) == 0, "'%s': other bytes", name);
}

// Every value that was listed, and no tensor besides.
static inline size_t expect_listed(void)
{
    struct error err = {0};
    CLEANUP(buf) struct buf list = {0};
    ck_ok(fs_read(&list, "expected", 0, &err), &err);
    CLEANUP(free) char *last = str_dup("");
    CLEANUP(contents) struct contents *contents = NULL;
    size_t count = 0, left = 0;
    char *rest = NULL;
    for (char *line = strtok_r(list.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), count++) {
        char *fields[5];
        for (size_t i = 0; i < 5; i++)
            fields[i] = strsep(&line, "\t");
        if (strcmp(last, fields[0]) != 0) {
            ck_assert_msg(left == 0, "'%s' has %zu values that were not listed", last, left);
            contents_free(contents);
            contents = NULL;
            ck_ok(contents_open(&contents, fields[0], &err), &err);
            free(last);
            last = str_dup(fields[0]);
            left = contents->count;
        }
        expect_tensor(contents, fields[1], fields[2], fields[3], fields[4]);
        left--;
    }
    ck_assert_msg(left == 0, "'%s' has %zu values that were not listed", last, left);
    ck_assert_uint_gt(count, 0);
    return count;
}

// contents_parse of bytes that a sanitizer sees the end of.
static inline int parse_exactly(struct contents **out, const char *name, const void *bytes, size_t len,
                                struct error *err)
{
    CLEANUP(free) void *copy = mem_copy(bytes, len);
    int parsed = contents_parse(out, name, copy, len, err);
    if (parsed == 0)
        contents_keep(*out, steal(&copy), len);
    for (size_t i = 0; parsed == 0 && i < (*out)->count; i++) {
        const struct value *value = &(*out)->items[i];
        CLEANUP(buf) struct buf walked = {0};
        if (value->kind == VALUE_TENSOR)
            tensor_canonical(&value->tensor, unit_append, &walked);
        else if (value->size > 0)
            buf_append(&walked, value->bytes, value->size);
    }
    return parsed;
}

// Cut at every byte, the file is refused, each time with an error that is the file's fault.
static inline void expect_no_prefix(const char *path)
{
    struct error err = {0};
    CLEANUP(buf) struct buf whole = {0};
    ck_ok(fs_read(&whole, path, 0, &err), &err);
    ck_assert_uint_lt(whole.len, 20000);
    for (size_t len = 1; len < whole.len; len++) {
        struct contents *contents = NULL;
        const struct artifact_format *format = artifact_recognise((unsigned char *)whole.data, len, path);
        int parsed = parse_exactly(&contents, path, whole.data, len, &err);
        // So little of it is left that it is something else now.
        if (parsed == 0)
            ck_assert_msg(contents->items[0].kind != VALUE_TENSOR, "cut to %zu bytes: read as %s", len, format->name);
        else
            ck_assert_int_eq(err.kind, ERROR_USAGE);
        contents_free(contents);
        error_free(&err);
    }
}

#endif
