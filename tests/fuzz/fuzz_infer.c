// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
//
// Training data: whatever the bytes, a schema and a sample that fits it, the same with one thread as with three, or an
// error that says something. The first byte chooses what the rest is: 'j' JSON lines, 'm' an MLmodel file, 'o' a model
// description, anything else a table.
#include "base/fs.h"
#include "base/json.h"
#include "core/suite.h"
#include "fuzz/infer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static char *written(const struct schema *schema)
{
    struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    json_begin_object(&w, "train");
    json_put_string(&w, "command", "x");
    json_end_object(&w);
    schema_write(&w, "schema", schema);
    json_end_object(&w);
    json_finish(&w);
    return buf_take(&text);
}

// suite.json reads what was written of it, but for texts that JSON cannot hold.
static void require_readable(const struct schema *schema, const char *text)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    size_t len = strlen(text);
    if (len > SUITE_MAX_SIZE)
        return;
    require(suite_parse(&suite, "s", "suite.json", text, len, &err) == 0);
    require(suite->schema->count == schema->count);
    CLEANUP(free) char *again = written(suite->schema);
    require(strcmp(text, again) == 0);
}

static void require_error(const struct error *err)
{
    CLEANUP(free) char *text = error_text(err);
    require(err->kind == ERROR_USAGE && *text);
}

static char *infer_with(const char *path, const char *name, size_t threads)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    struct sample sample;
    const struct infer_options options = {.threads = threads, .sample_count = 20, .part_size = threads > 1 ? 8 : 0};
    if (infer_data(&schema, &sample, path, name, &options, &err) < 0) {
        require_error(&err);
        require(!schema && !sample.cells);
        return NULL;
    }
    require(schema->count == sample.rows.column_count && sample.rows.row_count > 0 && sample.seen > 0);
    char *text = written(schema);
    require_readable(schema, text);
    require(sample_fit(&sample, schema, &err) == 0);
    sample_free(&sample);
    return text;
}

static void infer_table(const char *bytes, size_t size, const char *name)
{
    int fd = memfd_create("infer", 0);
    require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CLEANUP(free) char *one = infer_with(path, name, 1);
    CLEANUP(free) char *three = infer_with(path, name, 3);
    require(str_equal(one, three));
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    if (data[0] == 'm' || data[0] == 'o') {
        int status = (data[0] == 'm' ? infer_mlmodel : infer_oip)(&schema, "model", text, size - 1, &err);
        if (status < 0)
            require_error(&err);
        else
            require(schema->count > 0);
        return 0;
    }
    infer_table(text, size - 1, data[0] == 'j' ? "d.jsonl" : "d.csv");
    return 0;
}
