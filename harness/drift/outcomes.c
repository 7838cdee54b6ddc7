// SPDX-License-Identifier: Apache-2.0
#include "drift/outcomes.h"

#include "artifact/blocks.h"
#include "base/number.h"
#include "base/str.h"
#include "drift/seen_ids.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { HAS_PREDICTION = 1, HAS_OUTCOME = 2, FIRST_SLOTS = 1024 };

struct outcomes_state {
    char *id, *actual;
    bool classes;
    const char **columns;
    size_t column_count;
    unsigned kept; // HAS_…: the side that came first; 0: nobody came

    // A hash table over the ids of the kept side; what is known of each stands at its place.
    uint64_t *hashes; // of each place
    uint32_t *slots;  // place + 1; 0: free
    size_t slot_count, count, capacity;
    unsigned char *has;
    double *predicted, *actuals, *business;
};

// ---- Places

static uint32_t *slot_of(const struct outcomes_state *s, uint64_t hash)
{
    size_t mask = s->slot_count - 1, at = hash & mask;
    while (s->slots[at] != 0 && s->hashes[s->slots[at] - 1] != hash)
        at = (at + 1) & mask;
    return &s->slots[at];
}

static void widen_slots(struct outcomes_state *s)
{
    s->slot_count = s->slot_count ? s->slot_count * 2 : FIRST_SLOTS;
    free(s->slots);
    s->slots = mem_array(s->slot_count, sizeof *s->slots);
    for (size_t i = 0; i < s->count; i++)
        *slot_of(s, s->hashes[i]) = (uint32_t)(i + 1);
}

static void widen_places(struct outcomes *o)
{
    struct outcomes_state *s = o->state;
    if (s->count < s->capacity)
        return;
    size_t capacity = s->capacity ? s->capacity * 2 : FIRST_SLOTS;
    size_t cells;
    if (capacity > UINT32_MAX / 2 ||
        __builtin_mul_overflow(capacity, (o->width + o->column_count + 2) * sizeof(double), &cells))
        abort(); // 2^31 rows: memory ended long before
    s->hashes = mem_realloc(s->hashes, capacity * sizeof *s->hashes);
    s->has = mem_realloc(s->has, capacity);
    s->predicted = mem_realloc(s->predicted, capacity * o->width * sizeof *s->predicted);
    s->actuals = mem_realloc(s->actuals, capacity * sizeof *s->actuals);
    s->business = mem_realloc(s->business, (capacity * o->column_count + 1) * sizeof *s->business);
    s->capacity = capacity;
}

// The place for what this side says of the id. SIZE_MAX where that is nothing new: counted.
static size_t find_place(struct outcomes *o, unsigned side, const void *id, size_t len)
{
    struct outcomes_state *s = o->state;
    uint64_t hash = seen_ids_hash(id, len);
    uint64_t *repeated = side == HAS_PREDICTION ? &o->repeated_predictions : &o->repeated_rows;
    s->kept = s->kept ? s->kept : side;
    if (s->count * 2 >= s->slot_count)
        widen_slots(s);
    uint32_t *slot = slot_of(s, hash);
    if (*slot != 0) {
        size_t place = *slot - 1;
        *repeated += (s->has[place] & side) != 0;
        return s->has[place] & side ? SIZE_MAX : place;
    }
    if (side != s->kept) {
        *(side == HAS_PREDICTION ? &o->lone_predictions : &o->lone_rows) += 1;
        return SIZE_MAX;
    }
    widen_places(o);
    s->hashes[s->count] = hash;
    s->has[s->count] = 0;
    *slot = (uint32_t)++s->count;
    return s->count - 1;
}

// ---- The two sides

int outcomes_begin(struct outcomes *out, const struct outcomes_options *options, struct error *err)
{
    const struct drift_rules *rules = options->rules;
    const char *actual = rules->outcomes.actual ? rules->outcomes.actual : options->target;
    *out = (struct outcomes){.width = options->width > 0 ? options->width : 1};
    if (!actual)
        return error_set(err, ERROR_USAGE, "no column says what came: name one in drift.outcomes.actual");
    struct outcomes_state *s = out->state = mem_alloc(sizeof *s);
    s->id = str_dup(rules->outcomes.id ? rules->outcomes.id : "id");
    s->actual = str_dup(actual);
    s->classes = options->classes;
    s->columns = mem_array(rules->outcomes.measure_count + 1, sizeof *s->columns);
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        const char *column = rules->outcomes.measures[i].column;
        bool known = !column;
        for (size_t k = 0; k < s->column_count; k++)
            known = known || str_equal(s->columns[k], column);
        if (!known)
            s->columns[s->column_count++] = column;
    }
    out->columns = s->columns;
    out->column_count = s->column_count;
    return 0;
}

size_t outcomes_class_number(struct outcomes *outcomes, double value)
{
    char text[32];
    str_double(text, value);
    return table_names_find(&outcomes->classes, text, strlen(text), outcomes->classes.count, true);
}

// Loggers and tables spell true and false in several ways.
size_t outcomes_class(struct outcomes *outcomes, const char *text, size_t len)
{
    double value;
    if (number_parse(&value, text, len))
        return outcomes_class_number(outcomes, value);
    if (len == 4 && strncasecmp(text, "true", 4) == 0)
        text = "true";
    else if (len == 5 && strncasecmp(text, "false", 5) == 0)
        text = "false";
    return table_names_find(&outcomes->classes, text, len, outcomes->classes.count, true);
}

void outcomes_predict(struct outcomes *outcomes, const void *id, size_t len, const double *prediction)
{
    struct outcomes_state *s = outcomes->state;
    outcomes->predictions++;
    size_t place = find_place(outcomes, HAS_PREDICTION, id, len);
    if (place == SIZE_MAX)
        return;
    memcpy(s->predicted + place * outcomes->width, prediction, outcomes->width * sizeof *prediction);
    s->has[place] |= HAS_PREDICTION;
}

// ---- Files of outcomes

enum { COLUMN_ID, COLUMN_ACTUAL, COLUMN_BUSINESS };

struct reading {
    struct outcomes *outcomes;
    struct table_reader reader;
    struct table_names names; // of JSON lines: those that are wanted; of CSV: the header
    size_t *columns;          // of what is wanted, the token
};

static bool is_number(double *out, const struct table_token *token)
{
    int64_t integer;
    if (token->kind == TOKEN_BOOL) {
        *out = token->text[0] == 't';
        return true;
    }
    return (token->kind == TOKEN_CELL || token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER) &&
           table_number(&integer, out, token->text, token->len) != NUMBER_NOT;
}

static bool is_empty(const struct table_token *token)
{
    return token->kind == TOKEN_ABSENT || token->kind == TOKEN_NULL ||
           ((token->kind == TOKEN_CELL || token->kind == TOKEN_STRING) && token->len == 0);
}

static bool read_actual(double *out, struct outcomes *o, const struct table_token *token)
{
    if (!o->state->classes)
        return is_number(out, token);
    size_t index = token->kind == TOKEN_RAW ? SIZE_MAX : outcomes_class(o, token->text, token->len);
    *out = (double)index;
    return index != SIZE_MAX;
}

static const struct table_token *token_of(const struct reading *r, size_t wanted)
{
    static const struct table_token absent;
    size_t column = r->columns[wanted];
    return column < r->reader.capacity ? &r->reader.tokens[column] : &absent;
}

static void take_row(struct reading *r)
{
    struct outcomes *o = r->outcomes;
    const struct table_token *id = token_of(r, COLUMN_ID), *actual = token_of(r, COLUMN_ACTUAL);
    double value = NAN;
    o->rows++;
    if (is_empty(id) || id->kind == TOKEN_RAW) {
        o->broken++;
        return;
    }
    if (is_empty(actual)) {
        o->pending++;
        return;
    }
    if (!read_actual(&value, o, actual)) {
        o->broken++;
        return;
    }
    size_t place = find_place(o, HAS_OUTCOME, id->text, id->len);
    if (place == SIZE_MAX)
        return;
    o->state->actuals[place] = value;
    o->state->has[place] |= HAS_OUTCOME;
    for (size_t i = 0; i < o->column_count; i++) {
        double *cell = &o->state->business[place * o->column_count + i];
        if (!is_number(cell, token_of(r, COLUMN_BUSINESS + i)))
            *cell = NAN;
    }
}

// Where each of the wanted columns stands. Of JSON lines, the names are those that are wanted.
static int find_columns(struct reading *r, bool json, const char *name, struct error *err)
{
    const struct outcomes_state *s = r->outcomes->state;
    r->columns = mem_array(COLUMN_BUSINESS + s->column_count, sizeof *r->columns);
    for (size_t i = 0; i < COLUMN_BUSINESS + s->column_count; i++) {
        const char *wanted = i == COLUMN_ID ? s->id : i == COLUMN_ACTUAL ? s->actual : s->columns[i - COLUMN_BUSINESS];
        r->columns[i] = table_names_find(&r->names, wanted, strlen(wanted), i, json);
        if (r->columns[i] == SIZE_MAX)
            error_problem(err, name, 1, "has no column '%s', which drift.outcomes asks for", wanted);
    }
    return err->kind == ERROR_NONE ? 0 : -1;
}

// A row that cannot be read is passed over, to the next line.
static void read_block(struct reading *r, const struct table_source *block)
{
    struct table_reader *reader = &r->reader;
    reader->source = block;
    reader->at = block->text;
    reader->end = block->text + block->len;
    for (;;) {
        CLEANUP(error) struct error fault = {0};
        bool more;
        if (table_row(&more, reader, reader->end, &fault) == 0) {
            if (!more)
                return;
            take_row(r);
            continue;
        }
        r->outcomes->rows++;
        r->outcomes->broken++;
        const char *line = memchr(reader->row, '\n', (size_t)(reader->end - reader->row));
        reader->at = line ? line + 1 : reader->end;
    }
}

static int read_blocks(struct reading *r, struct blocks *blocks, struct error *err)
{
    CLEANUP(buf) struct buf room = {0};
    struct table_source block;
    uint64_t offset;
    for (;;) {
        bool more;
        if (blocks_next(&more, &block, &room, &offset, blocks, err) < 0)
            return -1;
        if (!more)
            return 0;
        if (blocks_check(&block, err) < 0) {
            blocks_fix_lines(err, blocks, offset);
            return -1;
        }
        read_block(r, &block);
    }
}

int outcomes_read(struct outcomes *outcomes, const char *path, const char *name, struct error *err)
{
    struct reading reading = {.outcomes = outcomes};
    struct blocks blocks = {.fd = -1};
    reading.reader.names = &reading.names;
    reading.reader.fixed = true;
    int status = blocks_open(&blocks, &reading.names, path, name, 0, err);
    if (status == 0)
        status = find_columns(&reading, blocks.head.json, name, err);
    if (status == 0)
        status = read_blocks(&reading, &blocks, err);
    blocks_close(&blocks);
    table_reader_free(&reading.reader);
    table_names_free(&reading.names);
    free(reading.columns);
    return status;
}

// ---- The pairs

void outcomes_finish(struct outcomes *outcomes)
{
    struct outcomes_state *s = outcomes->state;
    size_t to = 0, width = outcomes->width, columns = outcomes->column_count;
    for (size_t from = 0; from < s->count; from++) {
        outcomes->lone_predictions += s->has[from] == HAS_PREDICTION;
        outcomes->lone_rows += s->has[from] == HAS_OUTCOME;
        if (s->has[from] != (HAS_PREDICTION | HAS_OUTCOME))
            continue;
        memmove(s->predicted + to * width, s->predicted + from * width, width * sizeof *s->predicted);
        memmove(s->business + to * columns, s->business + from * columns, columns * sizeof *s->business);
        s->actuals[to++] = s->actuals[from];
    }
    // Nothing more can be added: ids would lead to the places of others.
    free(s->slots);
    free(s->hashes);
    s->slots = NULL;
    s->hashes = NULL;
    s->slot_count = s->count = s->capacity = 0;
    outcomes->predicted = s->predicted;
    outcomes->actual = s->actuals;
    outcomes->business = s->business;
    outcomes->count = to;
}

void outcomes_free(struct outcomes *outcomes)
{
    struct outcomes_state *s = outcomes->state;
    if (s) {
        void *const owned[] = {s->id,  s->actual,    (void *)s->columns, s->hashes,  s->slots,
                               s->has, s->predicted, s->actuals,         s->business};
        for (size_t i = 0; i < ARRAY_LEN(owned); i++)
            free(owned[i]);
    }
    free(s);
    table_names_free(&outcomes->classes);
    *outcomes = (struct outcomes){0};
}

void outcomes_tell(struct strings *out, const struct outcomes *outcomes)
{
    strings_count(out, outcomes->lone_predictions, "prediction", "without an outcome");
    strings_count(out, outcomes->lone_rows, "outcome", "without a prediction");
    strings_count(out, outcomes->repeated_predictions, "prediction", "repeated, by id");
    strings_count(out, outcomes->repeated_rows, "outcome", "repeated, by id");
    strings_count(out, outcomes->pending, "outcome", "not known yet");
    strings_count(out, outcomes->broken, "outcome", "broken: no id, no number, or a row that cannot be read");
}
