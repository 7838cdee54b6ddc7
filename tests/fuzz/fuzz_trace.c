// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// What a traced process says: paths, socket addresses, and any order of calls on a few files.
#include "base/buf.h"
#include "base/json.h"
#include "run/trace_collect.h"
#include "run/trace_path.h"
#ifndef REPRO_PORTABLE
#include "run/trace_address.h"
#endif

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void try_path(const char *text, size_t len)
{
    char *path = mem_alloc(len + 2), *clean = mem_alloc(len + 4);
    size_t parent = 0;
    path[0] = '/';
    memcpy(path + 1, text, len);
    trace_path_clean(clean, path);
    must(clean[0] == '/' && strlen(clean) <= len + 1 && !strstr(clean, "//") && !strstr(clean, "/./"));
    must(!strstr(clean, "/../"));
    const char *last = trace_path_split(path, &parent);
    must(!last || (parent < strlen(path) && path + parent < last));
    trace_path_is_special(path);
    trace_path_clean(path, path);
    must(strcmp(path, clean) == 0);
    free(path);
    free(clean);
}

// Each byte: three bits for the file, four for the act, one for what a look shows.
static void try_calls(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"/a", "/a/b", "/a/b/c", "/d", "/d/e", "/dev/null", "/f", "/a/g"};
    struct trace_collect collect = {.limit = 7};
    struct trace_log log;
    struct buf text = {0};
    struct json *json = NULL;
    struct error err = {0};
    for (size_t i = 0; i < size; i++) {
        const char *path = paths[data[i] & 7];
        enum trace_act act = data[i] >> 3 & 15;
        uint32_t file = trace_collect_known(&collect, path, true);
        if (file == TRACE_NO_FILE)
            file = trace_collect_see(&collect, path, true, path, data[i] & 128 ? TRACE_REGULAR : TRACE_NOTHING);
        if (act <= TRACE_ACT_EXECUTE)
            trace_collect_act(&collect, file, act, data[i] & 128 ? TRACE_FOLDER : TRACE_REGULAR);
        else
            trace_collect_forget(&collect);
    }
    trace_collect_finish(&log, &collect);
    for (size_t i = 0; i < log.file_count; i++) {
        unsigned flags = log.files[i].flags;
        must(flags != 0 && trace_log_find(&log, log.files[i].path) == &log.files[i]);
        must(!(flags & TRACE_READ && flags & TRACE_OWN)); // what was not there before is no input
        must(!(flags & TRACE_ABSENT && flags & TRACE_READ));
    }
    trace_log_write(&text, &log);
    must(json_parse(&json, "trace.json", text.data, text.len, NULL, &err) == 0);
    json_free(json);
    buf_free(&text);
    trace_log_free(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    size_t len = strnlen((const char *)data + 1, size - 1);
    if (data[0] % 3 == 0)
        try_path((const char *)data + 1, len);
    else if (data[0] % 3 == 1)
        try_calls(data + 1, size - 1);
#ifndef REPRO_PORTABLE
    else {
        char out[TRACE_ADDRESS_SIZE] = "";
        bool leaves = trace_address_leaves(data + 1, size - 1, out);
        must(leaves == (out[0] != '\0') && strlen(out) < sizeof out);
    }
#endif
    return 0;
}
