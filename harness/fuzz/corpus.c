// SPDX-License-Identifier: Apache-2.0
#include "fuzz/corpus.h"

#include "base/fs.h"
#include "core/schema.h"
#include "fuzz/session.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAFE_INTEGER ((int64_t)1 << 53)

// ---- A copy of a case

static void copy_cells(struct rows *rows, struct arena *arena, const struct cell *cells)
{
    size_t count = rows->row_count * rows->column_count;
    struct cell *copy = arena_room(arena, (count ? count : 1) * sizeof *copy);
    if (count)
        memcpy(copy, cells, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        if (copy[i].text)
            copy[i].text = arena_bytes(arena, copy[i].text, copy[i].len);
    rows->cells = copy;
}

static void copy_rows(struct rows *to, struct arena *arena, const struct rows *from)
{
    const char **names = arena_room(arena, (from->column_count ? from->column_count : 1) * sizeof *names);
    for (size_t i = 0; i < from->column_count; i++)
        names[i] = arena_copy(arena, from->columns[i]);
    *to = (struct rows){.columns = names, .column_count = from->column_count, .row_count = from->row_count};
    copy_cells(to, arena, from->cells);
}

struct corpus_case *corpus_case_of(const struct fuzz_case *c)
{
    struct corpus_case *kept = mem_alloc(sizeof *kept);
    struct question question;
    case_question(&question, c);
    copy_rows(&kept->rows, &kept->arena, &question.rows);
    copy_rows(&kept->clean, &kept->arena, &c->clean);
    if (c->sources && !c->is_raw) {
        kept->sources = mem_array(c->row_count + 1, sizeof *kept->sources);
        if (c->row_count)
            memcpy(kept->sources, c->sources, c->row_count * sizeof *kept->sources);
    }
    if (question.raw) {
        kept->raw = arena_bytes(&kept->arena, question.raw, question.raw_len);
        kept->raw_len = question.raw_len;
    }
    kept->content_type = str_dup(c->content_type);
    kept->style = c->style;
    kept->meaning = c->meaning;
    kept->poisoned = c->poisoned;
    return kept;
}

void corpus_case_free(struct corpus_case *kept)
{
    if (!kept)
        return;
    free(kept->sources);
    free(kept->content_type);
    arena_free(&kept->arena);
    free(kept);
}

void corpus_entry_free(struct corpus_entry *entry)
{
    if (!entry)
        return;
    char *texts[] = {entry->oracle, entry->mutation, entry->inner,     entry->column, entry->says,
                     entry->why,    entry->sent,     entry->came_back, entry->schema};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    free(entry->choices);
    corpus_case_free(entry->kept);
    free(entry);
}

// ---- Writing

static bool is_plain_text(const char *text, size_t len)
{
    return str_is_utf8(text, len, NULL) && !memchr(text, '\0', len);
}

static void put_hex(struct json_writer *w, const char *key, const char *bytes, size_t len)
{
    CLEANUP(buf) struct buf hex = {0};
    for (size_t i = 0; i < len; i++)
        buf_printf(&hex, "%02x", (unsigned char)bytes[i]);
    json_put_string(w, key, buf_text(&hex));
}

static void put_copy(struct json_writer *w, const char *key, const char *text, size_t len)
{
    CLEANUP(free) char *copy = str_ndup(text, len);
    json_put_string(w, key, copy);
}

// A text as a string, or as an object where it is none, or one letter very often.
static void put_text(struct json_writer *w, const char *key, const char *text, size_t len)
{
    enum { LONG = 200 };
    size_t same = 0;
    while (same < len && text[same] == text[0])
        same++;
    if (len > LONG && same == len && text[0] > ' ' && text[0] < 0x7f) {
        json_begin_object(w, key);
        put_copy(w, "repeat", text, 1);
        json_put_u64(w, "times", len);
        json_end_object(w);
    } else if (is_plain_text(len ? text : "", len)) {
        put_copy(w, key, len ? text : "", len);
    } else {
        json_begin_object(w, key);
        put_hex(w, "bytes", text, len);
        json_end_object(w);
    }
}

static void put_object(struct json_writer *w, const char *key, const char *value)
{
    json_begin_object(w, NULL);
    json_put_string(w, key, value);
    json_end_object(w);
}

static void put_bool_cell(struct json_writer *w, const struct cell *cell)
{
    if (!cell->text || !is_plain_text(cell->text, cell->len)) {
        json_put_bool(w, NULL, cell->integer != 0);
        return;
    }
    json_begin_object(w, NULL);
    json_put_bool(w, "boolean", cell->integer != 0);
    put_copy(w, "spelt", cell->text, cell->len);
    json_end_object(w);
}

static void put_cell(struct json_writer *w, const struct cell *cell)
{
    char text[32];
    switch (cell->kind) {
    case CELL_ABSENT:
        json_begin_object(w, NULL);
        json_put_bool(w, "absent", true);
        json_end_object(w);
        return;
    case CELL_NULL:
        json_put_null(w, NULL);
        return;
    case CELL_BOOL:
        put_bool_cell(w, cell);
        return;
    case CELL_INTEGER:
        snprintf(text, sizeof text, "%" PRId64, cell->integer);
        if (cell->integer <= -SAFE_INTEGER || cell->integer >= SAFE_INTEGER)
            put_object(w, "integer", text);
        else
            json_put_int(w, NULL, cell->integer);
        return;
    case CELL_NUMBER:
        str_double(text, cell->number);
        if (isfinite(cell->number) && fabs(cell->number) < (double)SAFE_INTEGER)
            json_put_double(w, NULL, cell->number);
        else
            put_object(w, "number", text);
        return;
    case CELL_TEXT:
        put_text(w, NULL, cell->text, cell->len);
        return;
    case CELL_RAW:
        json_begin_object(w, NULL);
        put_text(w, "token", cell->text, cell->len);
        json_end_object(w);
        return;
    }
}

// One line a row, as one would write it by hand.
static void put_rows(struct json_writer *w, const struct rows *rows, bool cells)
{
    json_begin_array(w, "columns");
    w->compact = true;
    for (size_t i = 0; i < rows->column_count; i++)
        json_put_string(w, NULL, rows->columns[i]);
    json_end_array(w);
    w->compact = false;
    if (!cells)
        return;
    json_begin_array(w, "rows");
    for (size_t i = 0; i < rows->row_count; i++) {
        json_begin_array(w, NULL);
        w->compact = true;
        for (size_t j = 0; j < rows->column_count; j++)
            put_cell(w, &rows->cells[i * rows->column_count + j]);
        json_end_array(w);
        w->compact = false;
    }
    json_end_array(w);
}

static void put_optional(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        json_put_string(w, key, text);
}

static void put_question(struct json_writer *w, const struct corpus_case *kept)
{
    json_begin_object(w, "question");
    if (kept->raw) {
        put_text(w, "raw", kept->raw, kept->raw_len);
    } else {
        put_rows(w, &kept->rows, !kept->sources);
        if (kept->sources) {
            json_begin_array(w, "order");
            w->compact = true;
            for (size_t i = 0; i < kept->rows.row_count; i++)
                json_put_u64(w, NULL, kept->sources[i]);
            json_end_array(w);
            w->compact = false;
        }
    }
    put_optional(w, "content_type", kept->content_type);
    if (kept->style != STYLE_PLAIN)
        json_put_string(w, "style", corpus_style_names[kept->style]);
    json_end_object(w);
}

const char *const corpus_style_names[CORPUS_STYLES] = {"plain", "split", "inputs", "csv"};
const char *const corpus_meaning_names[CORPUS_MEANINGS] = {"same", "valid", "messy", "invalid"};

void corpus_write(struct buf *out, const struct corpus_entry *entry)
{
    struct json_writer w;
    const struct corpus_case *kept = entry->kept;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", CORPUS_FORMAT);
    json_put_string(&w, "oracle", entry->oracle);
    put_optional(&w, "says", entry->says);
    put_optional(&w, "mutation", entry->mutation);
    put_optional(&w, "inner", entry->inner);
    put_optional(&w, "column", entry->column);
    put_optional(&w, "why", entry->why);
    put_optional(&w, "sent", entry->sent);
    put_optional(&w, "came_back", entry->came_back);
    put_question(&w, kept);
    json_begin_object(&w, "clean");
    put_rows(&w, &kept->clean, true);
    json_end_object(&w);
    json_put_string(&w, "meaning", corpus_meaning_names[kept->meaning]);
    if (kept->poisoned != SIZE_MAX)
        json_put_u64(&w, "poisoned", kept->poisoned);
    json_put_string(&w, "schema", entry->schema);
    json_put_u64(&w, "seed", entry->seed);
    json_begin_array(&w, "choices");
    w.compact = true;
    for (size_t i = 0; i < entry->choice_count; i++)
        json_put_u64(&w, NULL, entry->choices[i]);
    json_end_array(&w);
    w.compact = false;
    json_end_object(&w);
    json_finish(&w);
}

// ---- Files

static uint64_t hash_bytes(const char *bytes, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

char *corpus_schema_digest(const struct schema *schema)
{
    CLEANUP(buf) struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    schema_write(&w, "schema", schema);
    json_end_object(&w);
    return str_printf("fnv1a:%016" PRIx64, hash_bytes(buf_text(&text), text.len));
}

static void add_part(struct buf *name, const char *part)
{
    enum { LONGEST = 40 };
    size_t len = strlen(part);
    bool changed = len > LONGEST;
    for (size_t i = 0; i < len && i < LONGEST; i++) {
        bool safe = isalnum((unsigned char)part[i]) || part[i] == '_' || part[i] == '.';
        changed = changed || !safe;
        buf_putc(name, safe ? part[i] : '_');
    }
    if (changed) // two columns may not share a file
        buf_printf(name, "~%08x", (unsigned)hash_bytes(part, len));
}

char *corpus_file(const char *oracle, const char *mutation, const char *column)
{
    CLEANUP(buf) struct buf name = {0};
    add_part(&name, oracle);
    buf_putc(&name, '-');
    add_part(&name, mutation ? mutation : "clean");
    if (column) {
        buf_putc(&name, '-');
        add_part(&name, column);
    }
    buf_puts(&name, ".json");
    return buf_take(&name);
}

static int keep_finding(struct finding *f, const char *folder, const char *digest, uint64_t seed, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *file = corpus_file(f->oracle->name, f->mutation ? f->mutation->name : NULL, f->column);
    CLEANUP(free) char *path = fs_join(folder, file);
    const struct corpus_entry entry = {.oracle = (char *)(uintptr_t)f->oracle->name,
                                       .says = (char *)(uintptr_t)f->oracle->says,
                                       .mutation = f->mutation ? (char *)(uintptr_t)f->mutation->name : NULL,
                                       .inner = f->inner ? (char *)(uintptr_t)f->inner->name : NULL,
                                       .column = f->column,
                                       .why = f->why,
                                       .sent = f->sent,
                                       .came_back = f->came_back,
                                       .schema = (char *)(uintptr_t)digest,
                                       .seed = seed,
                                       .choices = f->choices,
                                       .choice_count = f->choice_count,
                                       .kept = f->kept};
    corpus_write(&text, &entry);
    if (fs_write_if_changed(path, text.data, text.len, NULL, err) < 0)
        return -1;
    f->file = steal(&file);
    return 0;
}

int corpus_keep(struct fuzz_outcome *outcome, const char *folder, const struct schema *schema, uint64_t seed,
                struct error *err)
{
    CLEANUP(free) char *digest = corpus_schema_digest(schema);
    for (size_t i = 0; i < outcome->finding_count; i++)
        if (!outcome->findings[i].known && keep_finding(&outcome->findings[i], folder, digest, seed, err) < 0)
            return -1;
    return 0;
}
