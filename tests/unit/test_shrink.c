// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "unit.h"
#include "unit_cases.h"

// What fails: a function of the choices; how often it was asked, and whether anything twice.
struct probe {
    bool (*fails)(const uint64_t *choices, size_t count);
    size_t calls, limit_seen;
    uint64_t asked[4096];
};

static bool ask(void *context, const uint64_t *choices, size_t count)
{
    struct probe *probe = context;
    uint64_t key = count + 1;
    for (size_t i = 0; i < count; i++)
        key = key * UINT64_C(6364136223846793005) + choices[i] + 1;
    for (size_t i = 0; i < probe->calls; i++)
        ck_assert_msg(probe->asked[i] != key, "asked twice");
    probe->asked[probe->calls++] = key;
    return probe->fails(choices, count);
}

static bool any_over_41(const uint64_t *choices, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (choices[i] > 41)
            return true;
    return false;
}

static bool three_choices(const uint64_t *choices, size_t count)
{
    (void)choices;
    return count >= 3;
}

static bool two_equal(const uint64_t *choices, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (choices[i] == choices[0] && choices[i] > 9)
            return true;
    return false;
}

static bool sum_over_100(const uint64_t *choices, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += choices[i];
    return sum > 100;
}

static bool always(const uint64_t *choices, size_t count)
{
    (void)choices, (void)count;
    return true;
}

static bool only_itself(const uint64_t *choices, size_t count)
{
    return count == 4 && choices[0] == 7 && choices[1] == 900 && choices[2] == 3 && choices[3] == 77;
}

START_TEST(the_least_sequence_that_fails_is_found)
{
    static const struct {
        bool (*fails)(const uint64_t *choices, size_t count);
        uint64_t start[12];
        size_t n;
        uint64_t least[4];
        size_t count, calls;
    } table[] = {
        {any_over_41, {5, 100000, 3, 77, 9}, 5, {42}, 1, 40},
        {three_choices, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 10, {0, 0, 0}, 3, 20},
        {two_equal, {500, 3, 500, 8}, 4, {10, 10}, 2, 40},
        {sum_over_100, {1000000, 4, 9, 30}, 4, {101}, 1, 60},
        {always, {1, 2, 3, 4, 5, 6}, 6, {0}, 0, 6},
        {only_itself, {7, 900, 3, 77}, 4, {7, 900, 3, 77}, 4, 60},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        static struct probe probe;
        probe = (struct probe){.fails = table[i].fails};
        const struct shrink_options options = {.still_fails = ask, .context = &probe};
        uint64_t *best = NULL;
        size_t count = 0;
        size_t calls = shrink(&best, &count, table[i].start, table[i].n, &options);
        ck_assert_uint_eq(calls, probe.calls);
        ck_assert_msg(choices_compare(best, count, table[i].least, table[i].count) == 0, "row %zu: %zu choices, %ju", i,
                      count, (uintmax_t)(count ? best[0] : 0));
        ck_assert_msg(calls <= table[i].calls, "row %zu: %zu calls", i, calls);
        free(best);
    }
}
END_TEST

START_TEST(no_more_calls_are_made_than_allowed)
{
    static struct probe probe;
    for (size_t limit = 1; limit < 20; limit++) {
        probe = (struct probe){.fails = any_over_41};
        const struct shrink_options options = {.still_fails = ask, .context = &probe, .call_limit = limit};
        const uint64_t start[] = {UINT64_MAX - 1, 5, UINT64_MAX - 1, 8, 8};
        uint64_t *best = NULL;
        size_t count = 0;
        ck_assert_uint_le(shrink(&best, &count, start, 5, &options), limit);
        ck_assert_uint_le(probe.calls, limit);
        ck_assert(any_over_41(best, count));
        free(best);
    }
}
END_TEST

struct model {
    const char *column;
    bool (*breaks)(const struct cell *cell);
    size_t calls;
};

// A model that one value in one column breaks, in any row.
static bool breaks(void *context, const struct fuzz_case *c)
{
    struct model *model = context;
    model->calls++;
    for (size_t j = 0; j < c->column_count; j++)
        for (size_t i = 0; strcmp(c->columns[j], model->column) == 0 && i < c->row_count; i++)
            if (model->breaks(&c->cells[i * c->column_count + j]))
                return true;
    return false;
}

static bool is_nan(const struct cell *cell)
{
    return cell->kind == CELL_NUMBER && isnan(cell->number);
}

static bool is_null(const struct cell *cell)
{
    return cell->kind == CELL_NULL;
}

static bool is_over_70(const struct cell *cell)
{
    return (cell->kind == CELL_INTEGER && cell->integer > 70) || (cell->kind == CELL_NUMBER && cell->number > 70);
}

static bool has_semicolon(const struct cell *cell)
{
    return cell->kind == CELL_TEXT && memchr(cell->text, ';', cell->len) != NULL;
}

// Draws cases until one of the mutation fails, then shrinks it. Returns the questions of both.
static size_t find_and_shrink(struct fuzz_case *c, const struct case_space *space, struct model *model, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    uint64_t first[2];
    size_t count, pair = 0;
    for (;; pair++) {
        ck_assert_uint_lt(pair, 100000);
        struct case_space all = *space;
        if (!case_pair(first, &count, c, &all, pair)) {
            pair = (size_t)-1;
            continue;
        }
        choices_extend(&c->choices, first, count, &rng);
        case_make(c, &all, &c->choices);
        if (c->mutation && breaks(model, c))
            break;
    }
    size_t shrinking = case_shrink(c, space, breaks, model, 0);
    ck_assert_uint_lt(shrinking, 60);
    return model->calls;
}

START_TEST(what_breaks_a_model_is_found_and_shrunk_in_few_questions)
{
    static const struct {
        struct model model;
        const char *only, *sent;
        size_t most;
    } table[] = {
        {{"price", is_nan, 0}, NULL, "NaN", 200},
        {{"visits", is_null, 0}, NULL, "null", 200},
        {{"age", is_over_70, 0}, "numbers.other", "71", 60},
        {{"price", is_over_70, 0}, "numbers.other", "71", 60},
        {{"note", has_semicolon, 0}, "text.csv", "\"a;b\"", 600},
        {{"age", is_null, 0}, "rows.poisoned", "null", 200},
    };
    sample_begin();
    struct fuzz_case c = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (size_t way = STREAM; way <= API; way += API) {
            struct case_space space = sample_space(way);
            space.only = table[i].only;
            if (way == STREAM && table[i].only && strncmp(table[i].only, "rows", 4) == 0)
                continue;
            for (uint64_t seed = 0; seed < 5; seed++) {
                struct model model = table[i].model;
                size_t calls = find_and_shrink(&c, &space, &model, seed);
                CLEANUP(free) char *said = case_describe(&c);
                ck_assert_msg(calls <= table[i].most, "row %zu: %zu calls: %s", i, calls, said);
                ck_assert(case_holds(&c));
                ck_assert(breaks(&model, &c));
                if (!c.mutation->claims && !c.inner)
                    continue; // a row or a column without any value
                ck_assert_uint_le(case_cells_changed(&c), 1);
                CLEANUP(buf) struct buf token = {0};
                cell_write_json(&token, &c.cells[c.poisoned * c.column_count + c.column]);
                if (table[i].only)
                    ck_assert_msg(strcmp(buf_text(&token), table[i].sent) == 0, "row %zu: %s", i, said);
            }
        }
    }
    case_free(&c);
    sample_end();
}
END_TEST

UNIT_MAIN("shrink", the_least_sequence_that_fails_is_found, no_more_calls_are_made_than_allowed,
          what_breaks_a_model_is_found_and_shrunk_in_few_questions)
