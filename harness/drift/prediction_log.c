// SPDX-License-Identifier: Apache-2.0
#include "drift/prediction_log.h"

#include "core/drift_rules.h"
#include "drift/log_lines.h"
#include "drift/seen_ids.h"

#include <math.h>

struct prediction_log {
    struct prediction_log_options options;
    struct log_lines lines;
    struct seen_ids seen;
    struct arena texts;
    struct prediction_counts counts;
    uint64_t surplus; // entries that come before the last ones that are asked for
};

static void start_over(struct prediction_log *log)
{
    seen_ids_free(&log->seen);
    log->counts = (struct prediction_counts){.files = log->lines.files.count, .left_out = log->lines.files.left_out};
}

static bool is_blank(const struct log_line *line)
{
    for (size_t i = 0; i < line->len; i++) {
        if (line->text[i] != ' ' && line->text[i] != '\t' && line->text[i] != '\r')
            return false;
    }
    return true;
}

// Whether the line is an entry that is asked for.
static bool take_line(struct prediction *out, struct prediction_log *log, const struct log_line *line)
{
    struct prediction_counts *counts = &log->counts, before = log->counts;
    if (line->kind != LOG_LINE_TOO_LONG && is_blank(line))
        return false;
    counts->lines++;
    arena_clear(&log->texts);
    counts->too_long += line->kind == LOG_LINE_TOO_LONG;
    if (line->kind == LOG_LINE_TOO_LONG)
        return false;
    if (!prediction_read(out, counts, line->text, line->len, log->options.rules, &log->texts)) {
        if (line->kind == LOG_LINE_WHOLE)
            return out->incomplete && log->options.incomplete;
        *counts = before;
        counts->lines++;
        *(line->kind == LOG_LINE_CUT ? &counts->cut : &counts->unfinished) += 1;
        return false;
    }
    bool early = log->options.has_since && !(out->time >= log->options.since);
    out->repeated = !early && out->id && seen_ids_add(&log->seen, out->id, out->id_len);
    if (early || out->repeated) {
        *counts = before;
        counts->lines++;
        *(early ? &counts->early : &counts->repeated) += 1;
        counts->without_time += early && isnan(out->time);
        return out->repeated && log->options.repetitions;
    }
    counts->entries++;
    counts->errors += out->error != NULL;
    counts->without_id += out->id == NULL;
    counts->without_time += isnan(out->time);
    return true;
}

static int next_entry(bool *more, struct prediction *out, struct prediction_log *log, struct error *err)
{
    struct log_line line;
    for (;;) {
        if (log_lines_next(more, &line, &log->lines, err) < 0)
            return -1;
        log->counts.damaged = log->lines.damaged;
        log->counts.shortened = log->lines.shortened;
        if (!*more || take_line(out, log, &line))
            return 0;
    }
}

// Where the last entries begin: as many lines from the end as there must be at least, and more of them while too many
// were none.
static int find_last(struct prediction_log *log, struct error *err)
{
    uint64_t want = log->options.last, lines = want;
    for (;;) {
        struct log_place place;
        struct prediction entry;
        bool more = true;
        start_over(log);
        if (log_lines_from_end(&place, &log->lines, lines, err) < 0 || log_lines_seek(&log->lines, &place, err) < 0)
            return -1;
        while (more) {
            if (next_entry(&more, &entry, log, err) < 0)
                return -1;
        }
        uint64_t found = log->counts.entries;
        bool whole = place.file == 0 && place.offset == 0 && place.skip == 0;
        if (found >= want || whole) {
            start_over(log);
            log->surplus = found > want ? found - want : 0;
            return log_lines_seek(&log->lines, &place, err);
        }
        lines = lines > UINT64_MAX / 4 ? UINT64_MAX : lines * 2 + 64;
    }
}

// Passes over the entries before the last ones; what else stands there is not counted either.
static int skip_surplus(struct prediction_log *log, struct error *err)
{
    struct prediction entry;
    bool more = true;
    for (uint64_t i = 0; more && i < log->surplus; i++) {
        if (next_entry(&more, &entry, log, err) < 0)
            return -1;
    }
    if (log->surplus > 0) {
        const struct prediction_counts none = {.files = log->counts.files, .left_out = log->counts.left_out};
        log->counts = none;
    }
    return 0;
}

int prediction_log_open(struct prediction_log **out, const char *path, const struct prediction_log_options *options,
                        struct error *err)
{
    CLEANUP(prediction_log) struct prediction_log *log = mem_alloc(sizeof *log);
    log->options = *options;
    if (log_lines_open(&log->lines, options->folder, path, err) < 0)
        return -1;
    start_over(log);
    if (options->last > 0 && (find_last(log, err) < 0 || skip_surplus(log, err) < 0))
        return -1;
    *out = steal(&log);
    return 0;
}

int prediction_log_next(bool *more, struct prediction *out, struct prediction_log *log, struct error *err)
{
    return next_entry(more, out, log, err);
}

const struct prediction_counts *prediction_log_counts(const struct prediction_log *log)
{
    return &log->counts;
}

void prediction_log_free(struct prediction_log *log)
{
    if (!log)
        return;
    log_lines_free(&log->lines);
    seen_ids_free(&log->seen);
    arena_free(&log->texts);
    free(log);
}
