// SPDX-License-Identifier: Apache-2.0
#include "run/trace.h"

#include "base/json.h"

#include <string.h>

const char *trace_level_name(enum trace_level level)
{
    switch (level) {
    case TRACE_AUTO:
        return "auto";
    case TRACE_OFF:
        return "off";
    case TRACE_FILES:
        return "files";
    case TRACE_FULL:
        return "full";
    }
    return "off";
}

void trace_log_free(struct trace_log *log)
{
    free(log->files);
    free(log->programs);
    free(log->contacts);
    free(log->entropy);
    strings_free(&log->unresolved_why);
    arena_free(&log->texts);
    *log = (struct trace_log){0};
}

void trace_ability_free(struct trace_ability *ability)
{
    free(ability->why_not);
    *ability = (struct trace_ability){0};
}

const struct trace_file *trace_log_find(const struct trace_log *log, const char *path)
{
    size_t low = 0, high = log->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(log->files[middle].path, path);
        if (order == 0)
            return &log->files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

// ---- JSON: one line an item ----

static void put_flags(struct json_writer *w, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{TRACE_READ, "read"},           {TRACE_WRITTEN, "written"},
                 {TRACE_REMOVED, "removed"},     {TRACE_LISTED, "listed"},
                 {TRACE_EXECUTED, "executed"},   {TRACE_ABSENT, "absent"},
                 {TRACE_LOOKED_UP, "looked-up"}, {TRACE_OWN, "own"}};
    json_begin_array(w, "flags");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (flags & names[i].flag)
            json_put_string(w, NULL, names[i].name);
    json_end_array(w);
}

static void begin_line(struct json_writer *w)
{
    json_begin_object(w, NULL);
    w->compact = true;
}

static void end_line(struct json_writer *w)
{
    json_end_object(w);
    w->compact = false;
}

static void put_files(struct json_writer *w, const struct trace_log *log)
{
    json_begin_array(w, "files");
    for (size_t i = 0; i < log->file_count; i++) {
        const struct trace_file *file = &log->files[i];
        begin_line(w);
        json_put_string(w, "path", file->path);
        if (file->link)
            json_put_string(w, "link", file->link);
        if (file->folder)
            json_put_bool(w, "folder", true);
        put_flags(w, file->flags);
        end_line(w);
    }
    json_end_array(w);
}

static void put_programs(struct json_writer *w, const struct trace_log *log)
{
    json_begin_array(w, "programs");
    for (size_t i = 0; i < log->program_count; i++) {
        begin_line(w);
        json_put_string(w, "path", log->programs[i].path);
        json_put_u64(w, "starts", log->programs[i].starts);
        end_line(w);
    }
    json_end_array(w);
}

static void put_contacts(struct json_writer *w, const struct trace_log *log)
{
    json_begin_array(w, "contacts");
    for (size_t i = 0; i < log->contact_count; i++) {
        const struct trace_contact *contact = &log->contacts[i];
        begin_line(w);
        json_put_string(w, "call", contact->call);
        json_put_string(w, "address", contact->address);
        json_put_string(w, "program", contact->program);
        json_put_u64(w, "times", contact->times);
        end_line(w);
    }
    json_end_array(w);
}

static void put_entropy(struct json_writer *w, const struct trace_log *log)
{
    json_begin_array(w, "entropy");
    for (size_t i = 0; i < log->entropy_count; i++) {
        const struct trace_entropy *entropy = &log->entropy[i];
        begin_line(w);
        json_put_string(w, "program", entropy->program);
        json_put_string(w, "source", entropy->source);
        json_put_u64(w, "times", entropy->times);
        end_line(w);
    }
    json_end_array(w);
}

void trace_log_write(struct buf *out, const struct trace_log *log)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_u64(&w, "calls", log->calls);
    json_put_u64(&w, "unresolved", log->unresolved);
    json_begin_array(&w, "unresolved_why");
    for (size_t i = 0; i < log->unresolved_why.count; i++)
        json_put_string(&w, NULL, log->unresolved_why.items[i]);
    json_end_array(&w);
    json_put_u64(&w, "foreign", log->foreign);
    json_put_bool(&w, "refused_io_uring", log->refused_io_uring);
    json_put_bool(&w, "cut", log->cut);
    put_programs(&w, log);
    put_contacts(&w, log);
    put_entropy(&w, log);
    put_files(&w, log);
    json_end_object(&w);
    json_finish(&w);
}
