// SPDX-License-Identifier: Apache-2.0
#include "drift/prediction.h"

#include "base/buf.h"
#include "base/number.h"
#include "core/drift_rules.h"
#include "drift/log_time.h"

#include <math.h>
#include <string.h>

// ---- Fields

enum field { FIELD_TIME, FIELD_ID, FIELD_MODEL, FIELD_INPUT, FIELD_OUTPUT, FIELD_LATENCY, FIELD_ERROR, FIELDS };

struct fields {
    const char *names[FIELDS];
    struct piece values[FIELDS];
    bool found[FIELDS], exact[FIELDS]; // exact: a key is spelt as the whole name
};

static void name_fields(struct fields *out, const struct log_rules *rules)
{
    *out = (struct fields){
        .names = {rules->time, rules->id, rules->model, rules->input, rules->output, rules->latency, rules->error}};
}

static bool is_key(const struct piece *key, const char *name, size_t len)
{
    if (!memchr(key->text, '\\', key->len))
        return key->len == len + 2 && memcmp(key->text + 1, name, len) == 0;
    CLEANUP(free) char *text = str_ndup(name, len);
    return piece_is(key, text);
}

// Down the rest of a dotted name.
static bool reach(struct piece *out, const struct piece *object, const char *name)
{
    struct piece at = *object;
    if (piece_get(out, &at, name))
        return true;
    for (const char *dot; (dot = strchr(name, '.')); name = dot + 1) {
        CLEANUP(free) char *part = str_ndup(name, (size_t)(dot - name));
        struct piece inner;
        if (!piece_get(&inner, &at, part))
            return false;
        at = inner;
    }
    return piece_get(out, &at, name);
}

static void take_member(struct fields *fields, const struct piece *key, const struct piece *value)
{
    for (size_t i = 0; i < FIELDS; i++) {
        const char *name = fields->names[i], *dot = strchr(name, '.');
        if (is_key(key, name, strlen(name))) {
            fields->values[i] = *value;
            fields->found[i] = fields->exact[i] = true;
        } else if (dot > name && !fields->exact[i] && is_key(key, name, (size_t)(dot - name))) {
            struct piece inner;
            fields->found[i] = reach(&inner, value, dot + 1);
            if (fields->found[i])
                fields->values[i] = inner;
        }
    }
}

static bool is_row_itself(const struct log_rules *rules)
{
    return strcmp(rules->input, ".") == 0;
}

bool prediction_is_cell(const struct log_rules *rules, const struct piece *key)
{
    if (!is_row_itself(rules))
        return true;
    const char *const names[] = {rules->time, rules->id, rules->model, rules->output, rules->latency, rules->error};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *dot = strchr(names[i], '.');
        if (is_key(key, names[i], strlen(names[i])) ||
            (dot > names[i] && is_key(key, names[i], (size_t)(dot - names[i]))))
            return false;
    }
    return true;
}

// ---- Values

static bool is_given(const struct fields *fields, enum field field)
{
    return fields->found[field] && fields->values[field].kind != PIECE_NULL;
}

// A string's text, or how the value is written; NULL where there is none.
static const char *text_of(size_t *len, const struct fields *fields, enum field field, struct arena *arena)
{
    const struct piece *value = &fields->values[field];
    *len = 0;
    if (!is_given(fields, field))
        return NULL;
    if (value->kind == PIECE_STRING)
        return piece_text(len, value, arena);
    *len = value->len;
    return arena_bytes(arena, value->text, value->len);
}

static double time_of(const struct fields *fields, struct arena *arena)
{
    size_t len;
    double seconds;
    const char *text = text_of(&len, fields, FIELD_TIME, arena);
    return text && log_time_read(&seconds, text, len) ? seconds : NAN;
}

static double latency_of(const struct fields *fields, const struct log_rules *rules, struct arena *arena)
{
    size_t len;
    double value;
    const char *text = text_of(&len, fields, FIELD_LATENCY, arena);
    return text && number_parse(&value, text, len) ? value * rules->latency_unit : NAN;
}

// Loggers write "", false or null where nothing went wrong.
static const char *error_of(size_t *len, const struct fields *fields, struct arena *arena)
{
    const char *text = text_of(len, fields, FIELD_ERROR, arena);
    return text && *len > 0 && fields->values[FIELD_ERROR].kind != PIECE_FALSE ? text : NULL;
}

static bool fill(struct prediction *out, const struct fields *fields, const struct log_rules *rules,
                 struct arena *arena)
{
    const struct piece *input = is_row_itself(rules) ? &out->line : &fields->values[FIELD_INPUT];
    bool has_input = is_row_itself(rules) || is_given(fields, FIELD_INPUT);
    has_input = has_input && (input->kind == PIECE_OBJECT || input->kind == PIECE_ARRAY);
    out->error = error_of(&out->error_len, fields, arena);
    if (has_input)
        out->input = *input;
    if (is_given(fields, FIELD_OUTPUT))
        out->output = fields->values[FIELD_OUTPUT];
    out->time = time_of(fields, arena);
    out->id = text_of(&out->id_len, fields, FIELD_ID, arena);
    out->model = text_of(&out->model_len, fields, FIELD_MODEL, arena);
    out->latency = latency_of(fields, rules, arena);
    return has_input && (out->error || is_given(fields, FIELD_OUTPUT));
}

bool prediction_read(struct prediction *out, struct prediction_counts *counts, const char *text, size_t len,
                     const struct log_rules *rules, struct arena *arena)
{
    struct fields fields;
    struct piece key, value;
    *out = (struct prediction){.time = NAN, .latency = NAN};
    // Where a log was emptied under its writer's hands, zeros stand in front of what came next.
    size_t zeros = 0;
    while (zeros < len && text[zeros] == '\0')
        zeros++;
    if (zeros == len || !piece_read(&out->line, text + zeros, len - zeros) || out->line.kind != PIECE_OBJECT) {
        bool nul = memchr(text, '\0', len) != NULL;
        *(nul ? &counts->with_nul : &counts->not_json) += 1;
        return false;
    }
    name_fields(&fields, rules);
    struct piece_items items = piece_items(&out->line);
    while (piece_next(&items, &key, &value))
        take_member(&fields, &key, &value);
    bool good = fill(out, &fields, rules, arena);
    out->incomplete = !good;
    counts->incomplete += !good;
    counts->behind_zeros += good && zeros > 0;
    return good;
}

// ---- Rows

struct prediction_rows prediction_rows(const struct prediction *prediction)
{
    const struct piece *input = &prediction->input, *output = &prediction->output;
    struct prediction_rows rows = {.input = *input, .output = *output, .several = input->kind == PIECE_ARRAY};
    size_t count = rows.several ? piece_count(input) : 1;
    rows.listed = output->len > 0 && output->kind == PIECE_ARRAY && piece_count(output) == count;
    if (rows.several)
        rows.inputs = piece_items(input);
    if (rows.listed)
        rows.outputs = piece_items(output);
    else if (count != 1)
        rows.output.len = 0;
    return rows;
}

bool prediction_rows_next(struct prediction_rows *rows, struct piece *row, struct piece *output)
{
    *row = rows->input;
    *output = rows->output;
    if (rows->several ? !piece_next(&rows->inputs, NULL, row) : rows->done)
        return false;
    rows->done = true;
    if (row->kind != PIECE_OBJECT)
        row->len = 0;
    if (rows->listed)
        piece_next(&rows->outputs, NULL, output);
    return true;
}

// ---- Counts

uint64_t prediction_counts_broken(const struct prediction_counts *counts)
{
    return counts->not_json + counts->incomplete + counts->cut + counts->with_nul + counts->too_long;
}

static void add_part(struct buf *out, uint64_t count, const char *what)
{
    char text[32];
    number_group(text, count);
    if (count > 0)
        buf_printf(out, "%s%s %s", out->len > 0 ? ", " : "", text, what);
}

void prediction_counts_tell(struct strings *out, const struct prediction_counts *counts)
{
    CLEANUP(buf) struct buf parts = {0};
    add_part(&parts, counts->not_json, "no JSON object");
    add_part(&parts, counts->incomplete, "without an input, or without an output and an error");
    add_part(&parts, counts->cut, "cut off");
    add_part(&parts, counts->with_nul, "with zero bytes");
    add_part(&parts, counts->too_long, "over 1 MiB");
    if (parts.len > 0) {
        char lines[32], broken[32];
        number_group(lines, counts->lines);
        number_group(broken, prediction_counts_broken(counts));
        strings_printf(out, "%s of %s lines broken: %s", broken, lines, parts.data);
    }
    strings_count(out, counts->repeated, "line", "repeated, by id");
    strings_count(out, counts->unfinished, "line", "still being written");
    strings_count(out, counts->without_id, "entry", "without an id");
    strings_count(out, counts->without_time, "entry", "without a time");
    strings_count(out, counts->behind_zeros, "entry", "behind zero bytes");
    strings_count(out, counts->left_out, "older file", "left out");
    strings_count(out, counts->damaged, "compressed file", "damaged: read as far as it goes");
    strings_count(out, counts->shortened, "file", "shortened while it was read");
}
