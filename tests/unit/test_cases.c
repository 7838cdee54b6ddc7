// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "unit_cases.h"
#include "unit_python.h"

#include <malloc.h>

START_TEST(mutations_have_names_of_their_own_and_say_what_they_do)
{
    size_t families[FAMILY_COUNT] = {0};
    const struct mutation *mutation;
    for (size_t i = 0; (mutation = mutation_at(i)); i++) {
        const char *family = family_name(mutation->family);
        ck_assert_int_eq(strncmp(mutation->name, family, strlen(family)), 0);
        ck_assert_int_eq(mutation->name[strlen(family)], '.');
        ck_assert_ptr_eq(mutation_find(mutation->name), mutation);
        ck_assert_uint_gt(strlen(mutation->says), 2);
        ck_assert_msg(!mutation->claims != !mutation->holds, "%s", mutation->name);
        ck_assert_ptr_nonnull(mutation->apply);
        ck_assert_msg(mutation->per_column == (mutation->types != 0), "%s", mutation->name);
        families[mutation->family]++;
    }
    for (size_t i = FAMILY_MISSING; i < FAMILY_COUNT; i++)
        ck_assert_uint_ge(families[i], 5);
    ck_assert_ptr_null(mutation_find("missing"));
}
END_TEST

START_TEST(a_name_a_family_or_a_glob_asks_for_mutations)
{
    const struct mutation *null = mutation_find("missing.null");
    ck_assert(mutation_is_asked(null, NULL));
    ck_assert(mutation_is_asked(null, "missing.null"));
    ck_assert(mutation_is_asked(null, "missing"));
    ck_assert(mutation_is_asked(null, "*.null"));
    ck_assert(!mutation_is_asked(null, "numbers"));
    ck_assert(!mutation_is_asked(null, "missing.nul"));
}
END_TEST

// Every mutation on every column that it goes with, for every way of asking, many times.
START_TEST(every_case_holds_and_is_replayed_to_the_byte)
{
    sample_begin();
    struct fuzz_case c = {0}, again = {0};
    CLEANUP(buf) struct buf bytes = {0}, replayed = {0};
    struct rng rng;
    rng_seed(&rng, 11);
    for (size_t way = 0; way < WAYS; way++) {
        struct case_space space = sample_space(way);
        uint64_t first[2];
        size_t count;
        for (size_t pair = 0; case_pair(first, &count, &c, &space, pair); pair++) {
            for (int round = 0; round < 12; round++) {
                if (round == 0)
                    choices_replay(&c.choices, first, count); // the simplest
                else
                    choices_extend(&c.choices, first, count, &rng);
                case_make(&c, &space, &c.choices);
                const char *name = c.mutation ? c.mutation->name : "clean";
                CLEANUP(free) char *said = case_describe(&c);
                ck_assert_msg(c.choices.items[0].value == first[0], "%s", name);
                ck_assert_msg(case_holds(&c), "%s does not hold: %s", name, said);
                ck_assert_uint_gt(strlen(said), 5);
                ck_assert(str_is_utf8(said, strlen(said), NULL));
                if (c.mutation && c.mutation->claims)
                    ck_assert_uint_le(case_cells_changed(&c), 1);

                CLEANUP(free) uint64_t *values = mem_array(c.choices.count, sizeof *values);
                for (size_t i = 0; i < c.choices.count; i++)
                    values[i] = c.choices.items[i].value;
                struct choices given = {0};
                choices_replay(&given, values, c.choices.count);
                case_make(&again, &space, &given);
                ck_assert_uint_eq(again.choices.count, c.choices.count);
                ck_assert_int_eq(again.meaning, c.meaning);
                buf_clear(&bytes);
                buf_clear(&replayed);
                case_bytes(&bytes, &c);
                case_bytes(&replayed, &again);
                ck_assert_uint_eq(bytes.len, replayed.len);
                ck_assert_msg(memcmp(bytes.data, replayed.data, bytes.len) == 0, "%s", name);
                choices_free(&given);
            }
        }
    }
    case_free(&c);
    case_free(&again);
    sample_end();
}
END_TEST

START_TEST(the_same_seed_makes_the_same_cases)
{
    sample_begin();
    struct fuzz_case c = {0};
    CLEANUP(buf) struct buf first = {0}, second = {0}, other = {0};
    struct buf *const out[] = {&first, &second, &other};
    struct case_space space = sample_space(API);
    space.only = "*[!g]"; // without those whose names end in g, of which one is a megabyte
    for (size_t round = 0; round < 3; round++) {
        struct rng rng;
        rng_seed(&rng, round == 2 ? 6 : 5);
        for (int i = 0; i < 300; i++) {
            choices_draw(&c.choices, &rng);
            case_make(&c, &space, &c.choices);
            case_bytes(out[round], &c);
        }
    }
    ck_assert_uint_eq(first.len, second.len);
    ck_assert_int_eq(memcmp(first.data, second.data, first.len), 0);
    ck_assert(first.len != other.len || memcmp(first.data, other.data, first.len) != 0);
    case_free(&c);
    sample_end();
}
END_TEST

START_TEST(memory_does_not_grow_with_the_number_of_cases)
{
    sample_begin();
    struct fuzz_case c = {0};
    struct case_space space = sample_space(API);
    size_t used[3];
    for (size_t round = 0; round < 3; round++) {
        struct rng rng;
        rng_seed(&rng, 9);
        for (int i = 0; i < 3000; i++) {
            choices_draw(&c.choices, &rng);
            case_make(&c, &space, &c.choices);
        }
        used[round] = mallinfo2().uordblks;
    }
    ck_assert_uint_eq(used[1], used[2]);
    case_free(&c);
    sample_end();
}
END_TEST

static void make(struct fuzz_case *c, const struct case_space *space, const char *name, const char *column,
                 uint64_t third, uint64_t fourth)
{
    uint64_t given[4] = {0, 0, third, fourth};
    while (mutation_at((size_t)given[0]) != mutation_find(name))
        given[0]++;
    given[0]++;
    size_t count = 1;
    for (size_t j = 0; column && j < SAMPLE_COLUMNS; j++)
        if (strcmp(sample_columns[j].name, column) == 0)
            given[count++] = j;
    given[count++] = third;
    given[count++] = fourth;
    choices_replay(&c->choices, given, count);
    case_make(c, space, &c->choices);
    ck_assert_ptr_nonnull(c->mutation);
    ck_assert_str_eq(c->mutation->name, name);
}

START_TEST(the_meaning_of_a_case_is_that_of_its_column)
{
    static const struct {
        const char *mutation, *column;
        size_t way;
        uint64_t row, mess;
        enum meaning meaning;
    } table[] = {
        {"missing.null", "visits", STREAM, 0, 0, MEANING_VALID},
        {"missing.null", "age", STREAM, 0, 0, MEANING_MESSY},
        {"missing.empty", "visits", BATCH, 0, 0, MEANING_VALID},
        {"missing.empty", "visits", STREAM, 0, 0, MEANING_MESSY},
        {"missing.empty", "age", BATCH, 0, 0, MEANING_MESSY},
        {"missing.word", "visits", BATCH, 0, 0, MEANING_VALID}, // "NA", which the training data have
        {"missing.word", "visits", BATCH, 0, 1, MEANING_MESSY},
        {"missing.word", "visits", STREAM, 0, 0, MEANING_MESSY},
        {"numbers.minimum", "age", STREAM, 0, 0, MEANING_VALID},
        {"numbers.below", "age", STREAM, 0, 0, MEANING_MESSY},
        {"numbers.zero", "age", STREAM, 0, 0, MEANING_MESSY},
        {"numbers.zero", "visits", STREAM, 0, 0, MEANING_VALID},
        {"numbers.power_of_two", "visits", STREAM, 0, 2, MEANING_VALID}, // 255
        {"numbers.power_of_two", "visits", STREAM, 0, 5, MEANING_MESSY},
        {"numbers.unit", "visits", STREAM, 3, 0, MEANING_VALID}, // the row after one that is null: 37
        {"numbers.unit", "visits", STREAM, 3, 1, MEANING_MESSY},
        {"numbers.as_float", "age", STREAM, 0, 0, MEANING_SAME},
        {"numbers.swapped", "age", STREAM, 2, 0, MEANING_MESSY}, // 17 visits are no age
        {"numbers.swapped", "age", STREAM, 5, 0, MEANING_VALID},
        {"columns.shuffled", NULL, STREAM, 0, 0, MEANING_SAME},
        {"columns.extra", NULL, STREAM, 0, 0, MEANING_MESSY},
        {"categories.other", "city", STREAM, 0, 1, MEANING_VALID},
        {"categories.case", "city", STREAM, 0, 0, MEANING_MESSY},
        {"text.decomposed", "city", STREAM, 0, 0, MEANING_SAME},
        {"rows.shuffled", NULL, API, 0, 0, MEANING_SAME},
        {"wire.crlf", NULL, BATCH, 0, 0, MEANING_SAME},
        {"wire.truncated", NULL, API, 0, 0, MEANING_INVALID},
        {"wire.bad_token", "age", API, 0, 0, MEANING_INVALID},
        {"wire.style", NULL, API, 0, STYLE_SPLIT, MEANING_SAME},
        {"wire.style", NULL, API, 0, STYLE_CSV, MEANING_MESSY},
    };
    sample_begin();
    struct fuzz_case c = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct case_space space = sample_space(table[i].way);
        make(&c, &space, table[i].mutation, table[i].column, table[i].row, table[i].mess);
        CLEANUP(free) char *said = case_describe(&c);
        ck_assert_msg(c.meaning == table[i].meaning, "%s of %s: %d, %s", table[i].mutation, table[i].column, c.meaning,
                      said);
        ck_assert(case_holds(&c));
    }
    case_free(&c);
    sample_end();
}
END_TEST

START_TEST(what_makes_no_sense_says_why)
{
    static const struct {
        const char *mutation;
        size_t way, column;
        const char *why;
    } table[] = {
        {"missing.null", STREAM, 0, NULL},
        {"missing.null", BATCH, 0, "CSV has no types, no null and no absent keys"},
        {"numbers.nan", STREAM, 5, "it is done to columns of another type"},
        {"rows.shuffled", STREAM, SIZE_MAX, "a question has one row"},
        {"rows.none", STREAM, SIZE_MAX, "a question has at least one row"},
        {"wire.too_long", API, SIZE_MAX, "it is asked in JSON"},
        {"wire.content_type", BATCH, SIZE_MAX, "there is no content type"},
        {"wire.style", BATCH, SIZE_MAX, "there is one encoding only"},
        {"dates.zone", BATCH, 9, "the format of the column has no time of day"},
        {"dates.zone", BATCH, 10, NULL},
        {"categories.case", BATCH, 6, "no category of the column has a letter"},
        {"text.composed", BATCH, 12, "the sample has no value that it could be done to"},
        {"missing.column", STREAM, 0, "missing.absent is the same"},
        {"numbers.minimum", STREAM, 0, NULL},
    };
    sample_begin();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct case_space space = sample_space(table[i].way);
        const char *why = NULL;
        bool applies = mutation_applies(mutation_find(table[i].mutation), &space, table[i].column, &why);
        ck_assert_msg(applies == !table[i].why, "%s", table[i].mutation);
        if (!applies)
            ck_assert_str_eq(why, table[i].why);
    }
    sample_end();
}
END_TEST

START_TEST(only_what_is_asked_for_is_drawn)
{
    sample_begin();
    struct fuzz_case c = {0};
    struct case_space space = sample_space(STREAM);
    struct rng rng;
    rng_seed(&rng, 1);
    static const char *const only[] = {"numbers.nan", "dates", "wire.style"};
    for (size_t i = 0; i < 3; i++) {
        space.only = only[i];
        for (int round = 0; round < 50; round++) {
            choices_draw(&c.choices, &rng);
            case_make(&c, &space, &c.choices);
            if (i == 2) // there is none for a stream
                ck_assert_ptr_null(c.mutation);
            else
                ck_assert(mutation_is_asked(c.mutation, only[i]));
        }
    }
    case_free(&c);
    sample_end();
}
END_TEST

START_TEST(a_case_that_lost_its_mess_or_got_another_does_not_hold)
{
    sample_begin();
    struct fuzz_case c = {0};
    struct case_space space = sample_space(API);
    make(&c, &space, "missing.null", "age", 0, 0);
    ck_assert(case_holds(&c));
    c.cells[2].kind = CELL_NULL; // a second mess
    ck_assert(!case_holds(&c));
    make(&c, &space, "missing.null", "age", 0, 0);
    c.cells[0] = c.clean.cells[0];
    ck_assert(!case_holds(&c));
    make(&c, &space, "numbers.below", "age", 0, 0);
    c.cells[0].integer = 20;
    ck_assert(!case_holds(&c));
    make(&c, &space, "columns.shuffled", NULL, 0, 0);
    c.columns = c.clean.columns;
    ck_assert(!case_holds(&c));
    make(&c, &space, "wire.truncated", NULL, 0, 9);
    ck_assert(case_holds(&c));
    c.raw.data[0] = 'x';
    ck_assert(!case_holds(&c));
    choices_replay(&c.choices, NULL, 0);
    case_make(&c, &space, &c.choices);
    ck_assert_ptr_null(c.mutation);
    ck_assert(case_holds(&c));
    ck_assert_uint_eq(case_cells_changed(&c), 0);
    c.cells[1].kind = CELL_NULL;
    ck_assert(!case_holds(&c));
    case_free(&c);
    sample_end();
}
END_TEST

START_TEST(a_case_is_described_in_one_line)
{
    sample_begin();
    struct fuzz_case c = {0};
    struct case_space space = sample_space(API);
    static const struct {
        const char *mutation, *column, *line;
    } table[] = {
        {"missing.null", "age", "age is null instead of 18, in 1 row of 1"},
        {"missing.absent", "age", "age is not there instead of 18, in 1 row of 1"},
        {"numbers.nan", "price", "price is NaN instead of 0.5, in 1 row of 1"},
        {"types.text", "age", "age is \"18\" instead of 18, in 1 row of 1"},
        {"columns.shuffled", NULL, "columns in another order, 1 row"},
        {"columns.renamed", "age", "a column under another name: age, 1 row"},
        {"rows.huge", NULL, "1,000 rows in one question, 1000 rows"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        make(&c, &space, table[i].mutation, table[i].column, 0, 0);
        CLEANUP(free) char *line = case_describe(&c);
        ck_assert_str_eq(line, table[i].line);
    }
    case_free(&c);
    sample_end();
}
END_TEST

START_TEST(an_empty_sample_makes_empty_cases)
{
    sample_begin();
    the_sample.rows.row_count = 0;
    struct fuzz_case c = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t way = 0; way < WAYS; way++) {
        struct case_space space = sample_space(way);
        for (int i = 0; i < 200; i++) {
            choices_draw(&c.choices, &rng);
            case_make(&c, &space, &c.choices);
            ck_assert_ptr_null(c.mutation);
            ck_assert_uint_eq(c.row_count, 0);
            ck_assert(case_holds(&c));
        }
    }
    case_free(&c);
    sample_end();
}
END_TEST

UNIT_MAIN("cases", mutations_have_names_of_their_own_and_say_what_they_do, a_name_a_family_or_a_glob_asks_for_mutations,
          every_case_holds_and_is_replayed_to_the_byte, the_same_seed_makes_the_same_cases,
          memory_does_not_grow_with_the_number_of_cases, the_meaning_of_a_case_is_that_of_its_column,
          what_makes_no_sense_says_why, only_what_is_asked_for_is_drawn,
          a_case_that_lost_its_mess_or_got_another_does_not_hold, a_case_is_described_in_one_line,
          an_empty_sample_makes_empty_cases)
