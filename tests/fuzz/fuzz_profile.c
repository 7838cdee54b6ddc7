// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Live data: whatever the bytes, a profile that adds up, the same with one thread as with three, exact or not, and a
// baseline that can be read back; or an error that says something. The first byte chooses: 'j' JSON lines, 'J' the same
// with broken rows counted, 'l' the last three rows, 's' those since 1970-01-02, anything else a CSV.
#include "base/str.h"
#include "drift/profile.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static struct schema *schema_of(void)
{
    static const char *const names[] = {"i", "n", "b", "c", "t", "d", "u", "e"};
    static const enum column_type types[] = {COLUMN_INTEGER, COLUMN_NUMBER, COLUMN_BOOLEAN,    COLUMN_CATEGORY,
                                             COLUMN_TEXT,    COLUMN_DATE,   COLUMN_IDENTIFIER, COLUMN_DATE};
    struct schema *schema = schema_new();
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        schema_add(schema, names[i])->type = types[i];
    schema->columns[0].min = -5;
    schema->columns[0].max = 1000;
    schema->columns[7].format = str_dup("epoch s");
    strings_add(&schema->columns[1].spelt, "none");
    schema->columns[3].categories = mem_array(1, sizeof *schema->columns[3].categories);
    schema->columns[3].categories[schema->columns[3].category_count++].value = str_dup("a");
    return schema;
}

static void require_sane(const struct column_summary *s)
{
    require(s->rows == s->missing + s->nan + s->infinite + s->wrong_type + s->values);
    require(s->unseen <= s->values && s->out_of_range <= s->values && s->error >= 0 && s->error <= 1);
    require(s->point_count <= BASELINE_POINTS && s->category_count <= 10000);
}

// The columns as a baseline has them; reads back to the same.
static char *written(const struct profile *profile, const struct schema *schema)
{
    CLEANUP(baseline) struct baseline *baseline = baseline_new(), *read = NULL;
    CLEANUP(error) struct error err = {0};
    for (size_t i = 0; i < schema->count; i++) {
        struct column_summary *to = baseline_add(baseline, "");
        free(to->name);
        profile_summary(to, profile, i);
        require_sane(to);
    }
    struct buf once = {0}, twice CLEANUP(buf) = {0};
    baseline_write(&once, baseline);
    require(baseline_parse(&read, "b", once.data, once.len, &err) == 0);
    baseline_write(&twice, read);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    return buf_take(&once);
}

static char *profile_with(const char *path, const char *name, const struct profile_options *options)
{
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(profile) struct profile *profile = profile_new(schema, options);
    CLEANUP(error) struct error err = {0};
    if (profile_read(profile, path, name, &err) < 0) {
        char *text = error_text(&err);
        require(err.kind == ERROR_USAGE && *text);
        return text;
    }
    profile_finish(profile);
    require(options->last == 0 || profile_rows(profile) <= options->last);
    require(options->skip_broken || profile_broken(profile) == 0);
    for (size_t i = 0; i < schema->count; i++) {
        size_t count, items;
        double error;
        const double *numbers = profile_numbers(profile, i, &count);
        CLEANUP(free) struct weighted *list = profile_weighted(profile, i, &items, &error);
        require((numbers != NULL) == (options->exact && items > 0));
    }
    return written(profile, schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    bool json = data[0] == 'j' || data[0] == 'J';
    struct profile_options options = {.threads = 1, .block_size = 16, .skip_broken = data[0] == 'J'};
    options.last = data[0] == 'l' ? 3 : 0;
    options.time = data[0] == 's' ? "d" : NULL;
    options.since = 86400;
    int fd = memfd_create("profile", 0);
    require(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const char *name = json ? "d.jsonl" : "d.csv";
    CLEANUP(free) char *one = profile_with(path, name, &options);
    options.threads = 3;
    CLEANUP(free) char *three = profile_with(path, name, &options);
    require(strcmp(one, three) == 0);
    options.exact = true;
    CLEANUP(free) char *exact = profile_with(path, name, &options); // few values: no sketch has an error
    require(strcmp(one, exact) == 0);
    close(fd);
    return 0;
}
