// SPDX-License-Identifier: Apache-2.0
//
// The reader of corpus files: the shape against the table, then each cell; and what of it fits the schema of today.
#include "core/document.h"
#include "fuzz/corpus.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
    MOST_COLUMNS = 10000,
    MOST_ROWS = 10000,
    MOST_CELLS = 1 << 20,
    MOST_CHOICES = 100000,
    MOST_TIMES = 4 << 20,  // of a letter
    MOST_BYTES = 64 << 20, // of all texts together
};

enum { DOC_TEXT = DOC_STRING | DOC_OBJECT, DOC_WHOLE = DOC_NUMBER | DOC_STRING };

static const struct json_field any_cell = {.name = "", .types = 0};
static const struct json_field one_row = {.name = "", .types = DOC_ARRAY, .items = &any_cell};
static const struct json_field whole = {.name = "", .types = DOC_WHOLE};

static const struct json_field question_fields[] = {
    {.name = "columns", .types = DOC_ARRAY, .items = &document_text},
    {.name = "rows", .types = DOC_ARRAY, .items = &one_row},
    {.name = "order", .types = DOC_ARRAY, .items = &whole},
    {.name = "raw", .types = DOC_TEXT},
    {.name = "content_type", .types = DOC_STRING},
    {.name = "style", .types = DOC_STRING},
    {0},
};
static const struct json_field clean_fields[] = {
    {.name = "columns", .types = DOC_ARRAY, .required = true, .items = &document_text},
    {.name = "rows", .types = DOC_ARRAY, .required = true, .items = &one_row},
    {0},
};
const struct json_field corpus_fields[] = {
    {.name = "format", .types = DOC_NUMBER, .required = true},
    {.name = "oracle", .types = DOC_STRING, .required = true},
    {.name = "says", .types = DOC_STRING},
    {.name = "mutation", .types = DOC_STRING},
    {.name = "inner", .types = DOC_STRING},
    {.name = "column", .types = DOC_STRING},
    {.name = "why", .types = DOC_STRING},
    {.name = "sent", .types = DOC_STRING},
    {.name = "came_back", .types = DOC_STRING},
    {.name = "question", .types = DOC_OBJECT, .required = true, .fields = question_fields},
    {.name = "clean", .types = DOC_OBJECT, .required = true, .fields = clean_fields},
    {.name = "meaning", .types = DOC_STRING, .required = true},
    {.name = "poisoned", .types = DOC_WHOLE},
    {.name = "schema", .types = DOC_STRING, .required = true},
    {.name = "seed", .types = DOC_WHOLE, .required = true},
    {.name = "choices", .types = DOC_ARRAY, .required = true, .items = &whole},
    {0},
};

struct reader {
    const struct document *doc;
    struct corpus_case *kept;
    size_t bytes; // of texts so far
};

static void problem(const struct reader *r, const struct json_value *where, const char *what)
{
    json_problem(r->doc->json, where, r->doc->err, "%s", what);
}

// ---- Texts and cells

static bool count_bytes(struct reader *r, const struct json_value *where, size_t len)
{
    if (len <= MOST_BYTES && r->bytes <= MOST_BYTES - len) {
        r->bytes += len;
        return true;
    }
    problem(r, where, "the texts are too long together");
    return false;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void read_hex(struct reader *r, const char **text, size_t *len, const struct json_value *value)
{
    const char *hex = json_string(value);
    size_t digits = strlen(hex);
    bool good = digits % 2 == 0;
    for (size_t i = 0; i < digits; i++)
        good = good && hex_digit(hex[i]) >= 0;
    if (!good) {
        problem(r, value, "expected pairs of hexadecimal digits");
        return;
    }
    if (!count_bytes(r, value, digits / 2))
        return;
    char *bytes = arena_room(&r->kept->arena, digits / 2 + 1);
    for (size_t i = 0; i < digits / 2; i++)
        bytes[i] = (char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    bytes[digits / 2] = '\0';
    *text = bytes;
    *len = digits / 2;
}

static void read_repeat(struct reader *r, const char **text, size_t *len, const struct json_value *object)
{
    const char *letter = json_string(json_get(object, "repeat"));
    uint64_t times = 0;
    const struct json_value *value = json_get(object, "times");
    if (strlen(letter) != 1 || !value || json_read_u64(&times, value) < 0 || times > MOST_TIMES) {
        problem(r, object, "expected one letter and how many times it is repeated, up to 4194304");
        return;
    }
    if (!count_bytes(r, object, (size_t)times))
        return;
    char *bytes = arena_room(&r->kept->arena, (size_t)times + 1);
    memset(bytes, letter[0], (size_t)times);
    bytes[times] = '\0';
    *text = bytes;
    *len = (size_t)times;
}

// A string, {"bytes": "ff00"} or {"repeat": "x", "times": 1000}.
static void read_text(struct reader *r, const char **text, size_t *len, const struct json_value *value)
{
    *text = "";
    *len = 0;
    size_t keys = json_type(value) == JSON_OBJECT ? json_count(value) : 0;
    if (json_type(value) == JSON_STRING) {
        *len = strlen(json_string(value));
        if (count_bytes(r, value, *len))
            *text = arena_bytes(&r->kept->arena, json_string(value), *len);
        else
            *len = 0;
    } else if (keys == 1 && document_get(value, "bytes", DOC_STRING)) {
        read_hex(r, text, len, json_get(value, "bytes"));
    } else if (keys == 2 && document_get(value, "repeat", DOC_STRING)) {
        read_repeat(r, text, len, value);
    } else {
        problem(r, value, "expected a text, {\"bytes\": …} or {\"repeat\": …, \"times\": …}");
    }
}

static void read_integer(struct reader *r, struct cell *out, const struct json_value *value)
{
    char *end = NULL;
    const char *text = json_string(value);
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool digit = (text[0] >= '0' && text[0] <= '9') || (text[0] == '-' && text[1] >= '0' && text[1] <= '9');
    if (!digit || *end || errno)
        problem(r, value, "expected a whole number of 64 bits");
    *out = (struct cell){.kind = CELL_INTEGER, .integer = number};
}

static void read_number(struct reader *r, struct cell *out, const struct json_value *value)
{
    *out = (struct cell){.kind = CELL_NUMBER};
    if (json_read_double(&out->number, value) < 0)
        problem(r, value, "expected a number");
}

static void read_special(struct reader *r, struct cell *out, const struct json_value *value)
{
    size_t keys = json_count(value);
    const struct json_value *spelt = document_get(value, "spelt", DOC_STRING);
    const struct json_value *absent = document_get(value, "absent", DOC_BOOL);
    if (keys == 1 && absent && json_bool(absent)) {
        *out = (struct cell){.kind = CELL_ABSENT};
    } else if (keys == 1 && json_get(value, "token")) {
        out->kind = CELL_RAW;
        read_text(r, &out->text, &out->len, json_get(value, "token"));
    } else if (keys == 1 && document_get(value, "integer", DOC_STRING)) {
        read_integer(r, out, json_get(value, "integer"));
    } else if (keys == 1 && document_get(value, "number", DOC_WHOLE)) {
        read_number(r, out, json_get(value, "number"));
    } else if (keys == 2 && spelt && document_get(value, "boolean", DOC_BOOL)) {
        read_text(r, &out->text, &out->len, spelt);
        out->kind = CELL_BOOL;
        out->integer = json_bool(json_get(value, "boolean"));
    } else {
        out->kind = CELL_TEXT;
        read_text(r, &out->text, &out->len, value);
    }
}

static void read_cell(struct reader *r, struct cell *out, const struct json_value *value)
{
    double number = json_number(value);
    *out = (struct cell){.kind = CELL_NULL};
    switch (json_type(value)) {
    case JSON_NULL:
        return;
    case JSON_BOOL:
        *out = (struct cell){.kind = CELL_BOOL, .integer = json_bool(value)};
        return;
    case JSON_NUMBER:
        if (number == trunc(number) && fabs(number) < 0x1p53 && !(number == 0 && signbit(number)))
            *out = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)number};
        else
            *out = (struct cell){.kind = CELL_NUMBER, .number = number};
        return;
    case JSON_STRING:
        out->kind = CELL_TEXT;
        read_text(r, &out->text, &out->len, value);
        return;
    case JSON_OBJECT:
        read_special(r, out, value);
        return;
    case JSON_ARRAY:
        problem(r, value, "a cell is no array");
        return;
    }
}

// ---- Rows

static void read_columns(struct reader *r, struct rows *rows, const struct json_value *columns)
{
    size_t count = columns ? json_count(columns) : 0;
    if (count > MOST_COLUMNS) {
        problem(r, columns, "too many columns");
        count = 0;
    }
    const char **names = arena_room(&r->kept->arena, (count + 1) * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_copy(&r->kept->arena, json_string(json_at(columns, i)));
    rows->columns = names;
    rows->column_count = count;
}

static void read_cells(struct reader *r, struct rows *rows, const struct json_value *array)
{
    size_t count = array ? json_count(array) : 0;
    if (count > MOST_ROWS || count * (rows->column_count + 1) > MOST_CELLS) {
        problem(r, array, "too many rows");
        count = 0;
    }
    struct cell *cells = arena_room(&r->kept->arena, (count * rows->column_count + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *row = json_at(array, i);
        bool fits = json_type(row) == JSON_ARRAY && json_count(row) == rows->column_count;
        if (!fits)
            problem(r, row, "expected as many cells as there are columns");
        for (size_t j = 0; j < rows->column_count; j++) {
            cells[i * rows->column_count + j] = (struct cell){.kind = CELL_NULL};
            if (fits)
                read_cell(r, &cells[i * rows->column_count + j], json_at(row, j));
        }
    }
    rows->cells = cells;
    rows->row_count = count;
}

// Clean rows in this order.
static void read_order(struct reader *r, const struct json_value *order)
{
    struct corpus_case *kept = r->kept;
    size_t count = json_count(order), columns = kept->clean.column_count;
    if (count > MOST_ROWS || count * (columns + 1) > MOST_CELLS || kept->rows.column_count != columns) {
        problem(r, order, "too many rows, or other columns than the clean ones");
        return;
    }
    struct cell *cells = arena_room(&kept->arena, (count * columns + 1) * sizeof *cells);
    kept->sources = mem_array(count + 1, sizeof *kept->sources);
    for (size_t i = 0; i < count; i++) {
        uint64_t from = 0;
        if (json_read_u64(&from, json_at(order, i)) < 0 || from >= kept->clean.row_count) {
            problem(r, json_at(order, i), "there is no such clean row");
            return;
        }
        kept->sources[i] = (size_t)from;
        if (columns)
            memcpy(cells + i * columns, kept->clean.cells + from * columns, columns * sizeof *cells);
    }
    kept->rows.cells = cells;
    kept->rows.row_count = count;
}

static void read_question(struct reader *r, const struct json_value *question, const struct json_value *clean)
{
    struct corpus_case *kept = r->kept;
    const struct json_value *raw = document_get(question, "raw", DOC_TEXT);
    const struct json_value *order = document_get(question, "order", DOC_ARRAY);
    read_columns(r, &kept->clean, document_get(clean, "columns", DOC_ARRAY));
    read_cells(r, &kept->clean, document_get(clean, "rows", DOC_ARRAY));
    read_columns(r, &kept->rows, document_get(question, "columns", DOC_ARRAY));
    if (order)
        read_order(r, order);
    else
        read_cells(r, &kept->rows, document_get(question, "rows", DOC_ARRAY));
    if (!order && kept->rows.row_count > kept->clean.row_count)
        problem(r, question, "there are more rows than clean ones");
    if (raw)
        read_text(r, &kept->raw, &kept->raw_len, raw);
    else if (question && !json_get(question, "columns"))
        problem(r, question, "expected \"columns\" with \"rows\" or \"order\", or \"raw\"");
    kept->content_type = document_string(r->doc, document_get(question, "content_type", DOC_STRING), document_filled);
    kept->style = (enum question_style)document_word(r->doc, document_get(question, "style", DOC_STRING),
                                                     corpus_style_names, CORPUS_STYLES, STYLE_PLAIN);
}

// ---- The document

static void read_choices(const struct reader *r, struct corpus_entry *entry, const struct json_value *choices)
{
    size_t count = choices ? json_count(choices) : 0;
    if (count > MOST_CHOICES) {
        problem(r, choices, "too many choices");
        return;
    }
    entry->choices = mem_array(count + 1, sizeof *entry->choices);
    for (size_t i = 0; i < count; i++)
        if (json_read_u64(&entry->choices[entry->choice_count++], json_at(choices, i)) < 0)
            problem(r, json_at(choices, i), "expected a whole number ≥ 0");
}

static void read_entry(struct reader *r, struct corpus_entry *entry, const struct json_value *root)
{
    const struct {
        char **to;
        const char *key;
        document_rule rule;
    } texts[] = {
        {&entry->oracle, "oracle", document_filled},
        {&entry->says, "says", document_any},
        {&entry->mutation, "mutation", document_filled},
        {&entry->inner, "inner", document_filled},
        {&entry->column, "column", document_any},
        {&entry->why, "why", document_any},
        {&entry->sent, "sent", document_any},
        {&entry->came_back, "came_back", document_any},
        {&entry->schema, "schema", document_filled},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i].to = document_string(r->doc, document_get(root, texts[i].key, DOC_STRING), texts[i].rule);
    const struct json_value *question = document_get(root, "question", DOC_OBJECT);
    read_question(r, question, document_get(root, "clean", DOC_OBJECT));
    struct corpus_case *kept = entry->kept;
    kept->meaning = (enum meaning)document_word(r->doc, document_get(root, "meaning", DOC_STRING), corpus_meaning_names,
                                                CORPUS_MEANINGS, MEANING_MESSY);
    uint64_t poisoned = SIZE_MAX;
    const struct json_value *value = document_get(root, "poisoned", DOC_WHOLE);
    if (value &&
        (json_read_u64(&poisoned, value) < 0 || poisoned >= kept->rows.row_count || poisoned >= kept->clean.row_count))
        problem(r, value, "there is no such row");
    kept->poisoned = value ? (size_t)poisoned : SIZE_MAX;
    value = document_get(root, "seed", DOC_WHOLE);
    if (value && json_read_u64(&entry->seed, value) < 0)
        problem(r, value, "expected a whole number ≥ 0");
    read_choices(r, entry, document_get(root, "choices", DOC_ARRAY));
}

int corpus_parse(struct corpus_entry **out, const char *name, const char *text, size_t len, struct error *err)
{
    CLEANUP(json) struct json *json = NULL;
    CLEANUP(corpus_entry) struct corpus_entry *entry = mem_alloc(sizeof *entry);
    const struct json_options options = {.max_size = CORPUS_MAX_SIZE};
    if (json_parse(&json, name, text, len, &options, err) < 0)
        return -1;
    entry->kept = mem_alloc(sizeof *entry->kept);
    struct document doc = {.json = json, .err = err, .before = err->problem_count};
    struct reader reader = {.doc = &doc, .kept = entry->kept};
    if (document_format(&doc, CORPUS_FORMAT, "corpus file") < 0 || document_check(&doc, corpus_fields) < 0)
        return -1;
    read_entry(&reader, entry, json_root(json));
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&entry);
    return 0;
}

// ---- Fitting

static char *misfit(const struct corpus_entry *entry, const struct case_space *space)
{
    const struct corpus_case *kept = entry->kept;
    const struct client_ability *can = space->ability;
    if (entry->mutation && !mutation_find(entry->mutation))
        return str_printf("there is no mutation '%s' any more", entry->mutation);
    if (entry->inner && !mutation_find(entry->inner))
        return str_printf("there is no mutation '%s' any more", entry->inner);
    if (entry->column && !schema_find(space->schema, entry->column))
        return str_printf("the schema has no column '%s' any more", entry->column);
    bool same = kept->clean.column_count == space->schema->count;
    for (size_t i = 0; same && i < space->schema->count; i++)
        same = strcmp(kept->clean.columns[i], space->schema->columns[i].name) == 0;
    if (!same)
        return str_dup("the schema has other columns than then");
    if (kept->clean.row_count == 0)
        return str_dup("it has no clean row");
    if ((kept->raw && !can->raw) || (kept->content_type && !can->http) || !(can->styles & 1u << kept->style) ||
        (kept->rows.row_count > 1 && !can->many_rows) || (!kept->raw && kept->rows.row_count == 0 && !can->no_rows))
        return str_dup("the model is asked in a way in which this cannot be sent");
    return NULL;
}

bool corpus_fit(struct fuzz_case *c, char **why, const struct corpus_entry *entry, const struct case_space *space)
{
    const struct corpus_case *kept = entry->kept;
    *why = misfit(entry, space);
    if (*why)
        return false;
    *c = (struct fuzz_case){.mutation = entry->mutation ? mutation_find(entry->mutation) : NULL,
                            .inner = entry->inner ? mutation_find(entry->inner) : NULL,
                            .column = SIZE_MAX,
                            .meaning = kept->meaning,
                            .cells = (struct cell *)(uintptr_t)kept->rows.cells, // only read
                            .columns = kept->rows.columns,
                            .row_count = kept->rows.row_count,
                            .column_count = kept->rows.column_count,
                            .poisoned = kept->poisoned,
                            .is_raw = kept->raw != NULL,
                            .content_type = kept->content_type,
                            .style = kept->style,
                            .clean = kept->clean,
                            .sources = kept->raw ? NULL : kept->sources,
                            .schema = space->schema,
                            .sample = space->sample,
                            .ability = space->ability};
    if (kept->raw)
        buf_append(&c->raw, kept->raw, kept->raw_len);
    for (size_t i = 0; entry->column && i < space->schema->count; i++)
        if (strcmp(space->schema->columns[i].name, entry->column) == 0)
            c->column = i;
    return true;
}
