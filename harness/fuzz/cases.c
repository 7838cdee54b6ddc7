// SPDX-License-Identifier: Apache-2.0
#include "fuzz/cases.h"

#include "base/str.h"
#include "fuzz/mess.h"

#include <assert.h>
#include <string.h>

enum { SPAN_MUTATION, SPAN_ROWS, SPAN_MESS };

// What may be chosen, worked out once for a space: the mutations as numbers (0: clean; else 1 + place in the table),
// and for each the columns that it goes with.
struct case_plan {
    const struct schema *schema;
    const struct sample *sample;
    struct client_ability ability;
    char *only;
    struct plan_row {
        const struct mutation *mutation;
        size_t first, count; // in `columns`
    } * rows;
    uint32_t *numbers; // of the rows
    size_t count;
    uint32_t *columns;
    size_t column_count;
};

static void plan_free(struct case_plan *plan)
{
    if (!plan)
        return;
    free(plan->only);
    free(plan->rows);
    free(plan->numbers);
    free(plan->columns);
    free(plan);
}

static bool plan_fits(const struct case_plan *plan, const struct case_space *space)
{
    const struct client_ability *a = &plan->ability, *b = space->ability;
    return plan->schema == space->schema && plan->sample == space->sample && a->many_rows == b->many_rows &&
           a->no_rows == b->no_rows && a->json == b->json && a->csv == b->csv && a->raw == b->raw &&
           a->http == b->http && a->named_columns == b->named_columns && a->styles == b->styles &&
           a->encode == b->encode && a->context == b->context && str_equal(plan->only, space->only);
}

static void plan_add(struct case_plan *plan, size_t number, const struct mutation *mutation,
                     const struct case_space *space)
{
    struct plan_row row = {.mutation = mutation, .first = plan->column_count};
    const char *why;
    if (mutation && !mutation->per_column && !mutation_applies(mutation, space, SIZE_MAX, &why))
        return;
    for (size_t i = 0; mutation && mutation->per_column && i < space->schema->count; i++)
        if (mutation_applies(mutation, space, i, &why))
            plan->columns[plan->column_count++] = (uint32_t)i;
    row.count = plan->column_count - row.first;
    if (mutation && mutation->per_column && row.count == 0)
        return;
    plan->rows[plan->count] = row;
    plan->numbers[plan->count++] = (uint32_t)number;
}

static struct case_plan *plan_new(const struct case_space *space)
{
    struct case_plan *plan = mem_alloc(sizeof *plan);
    size_t all = 0;
    while (mutation_at(all))
        all++;
    plan->schema = space->schema;
    plan->sample = space->sample;
    plan->ability = *space->ability;
    plan->only = str_dup(space->only);
    plan->rows = mem_array(all + 1, sizeof *plan->rows);
    plan->numbers = mem_array(all + 1, sizeof *plan->numbers);
    plan->columns = mem_array(all * space->schema->count, sizeof *plan->columns);
    if (!space->only)
        plan_add(plan, 0, NULL, space);
    for (size_t i = 0; i < all; i++)
        if (mutation_is_asked(mutation_at(i), space->only))
            plan_add(plan, i + 1, mutation_at(i), space);
    if (plan->count == 0) // nothing that was asked for makes sense: clean rows
        plan_add(plan, 0, NULL, space);
    return plan;
}

static const struct case_plan *plan_of(struct fuzz_case *c, const struct case_space *space)
{
    if (!c->plan || !plan_fits(c->plan, space)) {
        plan_free(c->plan);
        c->plan = plan_new(space);
    }
    return c->plan;
}

bool case_pair(uint64_t first[2], size_t *count, struct fuzz_case *c, const struct case_space *space, size_t index)
{
    const struct case_plan *plan = plan_of(c, space);
    for (size_t i = 0; i < plan->count; i++) {
        const struct plan_row *row = &plan->rows[i];
        size_t pairs = row->count ? row->count : 1;
        if (index < pairs) {
            first[0] = plan->numbers[i];
            first[1] = row->count ? plan->columns[row->first + index] : 0;
            *count = row->count ? 2 : 1;
            return true;
        }
        index -= pairs;
    }
    return false;
}

static void choose_mutation(struct fuzz_case *c, const struct case_plan *plan, struct choices *from)
{
    choices_begin(from, SPAN_MUTATION);
    uint32_t number = (uint32_t)choose_of(from, plan->numbers, plan->count);
    size_t low = 0, high = plan->count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->numbers[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    const struct plan_row *row = &plan->rows[low];
    c->mutation = row->mutation;
    c->meaning = row->mutation ? row->mutation->meaning : MEANING_SAME;
    c->column = row->count ? (size_t)choose_of(from, plan->columns + row->first, row->count) : SIZE_MAX;
    choices_end(from);
}

static size_t at_most(size_t value, size_t most)
{
    return value < most ? value : most;
}

// A run of rows of the sample, which is itself drawn: the next one that begins with a value that suits, from the one
// that was chosen on.
static void choose_rows(struct fuzz_case *c, struct choices *from)
{
    const struct rows *all = &c->sample->rows;
    const struct mutation *mutation = c->mutation;
    bool many = mutation && c->ability->many_rows;
    size_t least = many && mutation->least_rows ? mutation->least_rows : 1;
    size_t most = many && mutation->most_rows > least ? mutation->most_rows : least;
    least = at_most(least, all->row_count);
    most = at_most(most, all->row_count);
    choices_begin(from, SPAN_ROWS);
    size_t count = most > least ? least + (size_t)choose(from, most - least + 1) : least;
    size_t places = all->row_count - count + 1;
    size_t first = (size_t)choose(from, places);
    if (mutation && mutation->suits)
        for (size_t tried = 0; tried < places; tried++, first = first + 1 < places ? first + 1 : 0)
            if (mutation->suits(&all->cells[first * all->column_count + c->column]))
                break;
    choices_end(from);
    c->clean = (struct rows){.columns = all->columns,
                             .column_count = all->column_count,
                             .cells = all->cells + first * all->column_count,
                             .row_count = count};
}

static void copy_rows(struct fuzz_case *c)
{
    size_t cells = c->clean.row_count * c->clean.column_count;
    if (cells > c->storage_count) {
        c->storage = mem_realloc(c->storage, cells * sizeof *c->storage);
        c->storage_count = cells;
    }
    if (cells)
        memcpy(c->storage, c->clean.cells, cells * sizeof *c->storage);
    c->cells = c->storage;
    c->columns = c->clean.columns;
    c->row_count = c->clean.row_count;
    c->column_count = c->clean.column_count;
}

static void keep_choices(struct choices *to, const struct choices *from)
{
    if (to == from)
        return;
    choices_replay(to, NULL, 0);
    for (size_t i = 0; i < from->count; i++) {
        to->items = mem_grow(to->items, to->count, &to->capacity, sizeof *to->items);
        to->items[to->count++] = from->items[i];
    }
    for (size_t i = 0; i < from->span_count; i++) {
        to->spans = mem_grow(to->spans, to->span_count, &to->span_capacity, sizeof *to->spans);
        to->spans[to->span_count++] = from->spans[i];
    }
}

void case_make(struct fuzz_case *c, const struct case_space *space, struct choices *from)
{
    assert(space->sample->rows.column_count == space->schema->count);
    const struct case_plan *plan = plan_of(c, space);
    arena_clear(&c->arena);
    buf_clear(&c->raw);
    c->inner = NULL;
    c->poisoned = SIZE_MAX;
    c->is_raw = false;
    c->content_type = NULL;
    c->style = STYLE_PLAIN;
    c->sources = NULL;
    c->schema = space->schema;
    c->sample = space->sample;
    c->ability = space->ability;
    choose_mutation(c, plan, from);
    if (space->sample->rows.row_count == 0) {
        c->mutation = NULL; // there is nothing to make a mess of
        c->column = SIZE_MAX;
    }
    choose_rows(c, from);
    copy_rows(c);
    if (c->mutation) {
        c->poisoned = 0;
        choices_begin(from, SPAN_MESS);
        c->mutation->apply(c, from);
        choices_end(from);
    }
    keep_choices(&c->choices, from);
}

void case_question(struct question *out, const struct fuzz_case *c)
{
    *out = (struct question){
        .rows = {.columns = c->columns, .column_count = c->column_count, .cells = c->cells, .row_count = c->row_count},
        .content_type = c->content_type,
        .style = c->style};
    if (c->is_raw) {
        out->raw = buf_text(&c->raw);
        out->raw_len = c->raw.len;
    }
}

void case_clean_question(struct question *out, const struct fuzz_case *c)
{
    *out = (struct question){.rows = c->clean};
}

void case_free(struct fuzz_case *c)
{
    buf_free(&c->raw);
    arena_free(&c->arena);
    free(c->storage);
    choices_free(&c->choices);
    plan_free(c->plan);
    *c = (struct fuzz_case){0};
}

bool case_holds(const struct fuzz_case *c)
{
    if (!c->mutation)
        return mess_shape_kept(c) && mess_cells_kept(c);
    if (c->mutation->claims)
        return mess_only_cell(c) &&
               c->mutation->claims(c, mess_clean(c), &c->cells[c->poisoned * c->column_count + c->column]);
    return c->mutation->holds(c);
}

static size_t column_named(const struct fuzz_case *c, const char *name, size_t near)
{
    if (near < c->column_count && c->columns[near] == name)
        return near;
    for (size_t i = 0; i < c->column_count; i++)
        if (c->columns[i] == name || strcmp(c->columns[i], name) == 0)
            return i;
    return SIZE_MAX;
}

size_t case_cells_changed(const struct fuzz_case *c)
{
    if (c->is_raw)
        return 0;
    static const struct cell absent = {.kind = CELL_ABSENT};
    size_t changed = 0;
    for (size_t j = 0; j < c->clean.column_count; j++) {
        size_t at = column_named(c, c->clean.columns[j], j);
        for (size_t i = 0; i < c->row_count; i++) {
            size_t row = c->sources ? c->sources[i] : i;
            const struct cell *now = at == SIZE_MAX ? &absent : &c->cells[i * c->column_count + at];
            changed += row >= c->clean.row_count || !mess_same(now, &c->clean.cells[row * c->clean.column_count + j]);
        }
    }
    if (c->column_count > c->clean.column_count)
        changed += (c->column_count - c->clean.column_count) * c->row_count;
    return changed;
}

static void describe_cell(struct buf *out, const struct cell *cell)
{
    enum { SHOWN = 60 };
    CLEANUP(buf) struct buf text = {0};
    if (cell->kind == CELL_ABSENT)
        buf_puts(&text, "not there");
    else
        cell_write_json(&text, &(struct cell){.kind = cell->kind,
                                              .number = cell->number,
                                              .integer = cell->integer,
                                              .text = cell->text,
                                              .len = at_most(cell->len, SHOWN)});
    buf_visible(out, buf_text(&text), text.len, "");
    if (cell->len > SHOWN && (cell->kind == CELL_TEXT || cell->kind == CELL_RAW))
        buf_printf(out, "… (%zu bytes)", cell->len);
}

char *case_describe(const struct fuzz_case *c)
{
    CLEANUP(buf) struct buf out = {0};
    const char *name = c->column == SIZE_MAX ? NULL : c->schema->columns[c->column].name;
    if (name && c->mutation && c->poisoned < c->row_count && mess_only_cell(c)) {
        buf_visible(&out, name, strlen(name), "");
        buf_puts(&out, " is ");
        describe_cell(&out, &c->cells[c->poisoned * c->column_count + c->column]);
        buf_puts(&out, " instead of ");
        describe_cell(&out, mess_clean(c));
        buf_printf(&out, ", in 1 row of %zu", c->row_count);
        return buf_take(&out);
    }
    buf_puts(&out, c->mutation ? c->mutation->says : "clean rows");
    if (name) {
        buf_puts(&out, ": ");
        buf_visible(&out, name, strlen(name), "");
    }
    CLEANUP(free) char *rows = str_count(c->row_count, "row");
    buf_printf(&out, ", %s", rows);
    return buf_take(&out);
}

void sample_prepare(struct sample *sample)
{
    row_prepare(sample->cells, sample->rows.row_count * sample->rows.column_count, &sample->texts);
}
