// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
//
// Any choices make a case. The first byte says how the model is asked, the second turns the types of the columns around
// (a schema that a person wrote wrongly for the data: not 0), the others are choices of two bytes each.
#include "../unit/unit_cases.h"

#include <stdlib.h>

// assert is gone in release builds.
static void must(bool holds)
{
    if (!holds)
        abort();
}

static void turn_columns(struct column *columns, uint8_t turn)
{
    memcpy(columns, sample_columns, sizeof sample_columns);
    for (size_t i = 0; turn && i < SAMPLE_COLUMNS; i++) {
        const struct column *other = &sample_columns[(i + turn) % SAMPLE_COLUMNS];
        columns[i] = *other;
        columns[i].name = sample_columns[i].name;
        if (turn & 0x40)
            columns[i].category_count = 0;
        if (turn & 0x20)
            columns[i].format = OWN("%");
        if (turn & 0x10)
            columns[i].min = -1e300, columns[i].max = turn & 8 ? 1e300 : -1e300;
    }
}

static void look(const struct fuzz_case *c)
{
    struct question question;
    CLEANUP(buf) struct buf out = {0};
    case_question(&question, c);
    row_write_csv_header(&out, &question.rows);
    for (size_t i = 0; i < question.rows.row_count; i++) {
        row_write_json(&out, &question.rows, i);
        row_write_csv(&out, &question.rows, i);
    }
    must(question.raw == NULL || question.raw[question.raw_len] == '\0');
    must(case_cells_changed(c) <= (c->row_count + c->clean.row_count + 1) * (c->column_count + c->clean.column_count));
    CLEANUP(free) char *said = case_describe(c);
    must(str_is_utf8(said, strlen(said), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 64 };
    if (size < 2)
        return 0;
    static struct column columns[SAMPLE_COLUMNS];
    turn_columns(columns, data[1]);
    struct schema schema = {.columns = columns, .count = SAMPLE_COLUMNS};
    sample_begin();
    struct case_space space = sample_space(data[0] % WAYS);
    space.schema = &schema;
    uint64_t values[MOST];
    size_t count = 0;
    for (size_t at = 2; at + 1 < size && count < MOST; at += 2)
        values[count++] = (uint64_t)data[at] | (uint64_t)data[at + 1] << 8;

    struct fuzz_case c = {0};
    choices_replay(&c.choices, values, count);
    case_make(&c, &space, &c.choices);
    look(&c);
    bool holds = case_holds(&c);
    must(holds || data[1]);
    CLEANUP(buf) struct buf first = {0}, second = {0};
    case_bytes(&first, &c);

    // What was chosen makes the same again.
    size_t used = c.choices.count;
    CLEANUP(free) uint64_t *chosen = mem_array(used, sizeof *chosen);
    for (size_t i = 0; i < used; i++)
        chosen[i] = c.choices.items[i].value;
    choices_replay(&c.choices, chosen, used);
    case_make(&c, &space, &c.choices);
    case_bytes(&second, &c);
    must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    must(c.choices.count == used && case_holds(&c) == holds);
    case_free(&c);
    sample_end();
    return 0;
}
