// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "fuzz/choices.h"
#include "unit.h"

START_TEST(the_same_seed_draws_the_same_choices)
{
    CLEANUP(choices) struct choices a = {0}, b = {0};
    struct rng rng;
    for (int round = 0; round < 2; round++) {
        struct choices *choices = round ? &b : &a;
        rng_seed(&rng, 7);
        choices_draw(choices, &rng);
        for (uint64_t bound = 1; bound < 50; bound++)
            ck_assert_uint_lt(choose(choices, bound), bound);
        ck_assert_uint_lt(choose(choices, UINT64_C(1) << 60), UINT64_C(1) << 60);
        ck_assert_uint_le(choose(choices, UINT64_MAX), UINT64_MAX - 1);
    }
    ck_assert_uint_eq(a.count, 51);
    for (size_t i = 0; i < a.count; i++)
        ck_assert_uint_eq(a.items[i].value, b.items[i].value);
    ck_assert_uint_gt(a.items[49].value, UINT32_MAX);
    choices_free(&b);
}
END_TEST

START_TEST(what_was_given_is_replayed_and_what_was_not_is_zero)
{
    CLEANUP(choices) struct choices choices = {0};
    const uint64_t given[] = {3, 9, 1};
    choices_replay(&choices, given, 3);
    ck_assert_uint_eq(choose(&choices, 10), 3);
    ck_assert_uint_eq(choose(&choices, 5), 4); // too large for the choice
    ck_assert_uint_eq(choose(&choices, 2), 1);
    ck_assert_uint_eq(choose(&choices, 100), 0);
    ck_assert_uint_eq(choices.count, 4);
    ck_assert_uint_eq(choices.items[1].value, 4);
    ck_assert_uint_eq(choices.items[1].bound, 5);
}
END_TEST

START_TEST(an_extended_sequence_begins_as_given_and_goes_on_drawn)
{
    CLEANUP(choices) struct choices choices = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    const uint64_t given[] = {3, 4};
    choices_extend(&choices, given, 2, &rng);
    ck_assert_uint_eq(choose(&choices, 10), 3);
    ck_assert_uint_eq(choose(&choices, 10), 4);
    uint64_t sum = 0;
    for (int i = 0; i < 20; i++)
        sum += choose(&choices, 1000);
    ck_assert_uint_gt(sum, 0);
}
END_TEST

START_TEST(a_choice_of_a_list_keeps_its_meaning_when_the_list_changes)
{
    CLEANUP(choices) struct choices choices = {0};
    const uint32_t list[] = {2, 5, 9};
    const struct {
        uint64_t given, chosen;
    } table[] = {{2, 2}, {5, 5}, {9, 9}, {0, 2}, {4, 2}, {8, 5}, {99, 9}, {UINT64_MAX, 9}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        choices_replay(&choices, &table[i].given, 1);
        ck_assert_uint_eq(choose_of(&choices, list, 3), table[i].chosen);
        ck_assert_uint_eq(choices.items[0].bound, 10);
    }
    unsigned seen[10] = {0};
    struct rng rng;
    rng_seed(&rng, 3);
    choices_draw(&choices, &rng);
    for (int i = 0; i < 300; i++)
        seen[choose_of(&choices, list, 3)]++;
    ck_assert_uint_eq(seen[2] + seen[5] + seen[9], 300);
    ck_assert(seen[2] > 60 && seen[5] > 60 && seen[9] > 60);
}
END_TEST

START_TEST(spans_nest_and_know_their_choices)
{
    CLEANUP(choices) struct choices choices = {0};
    choices_replay(&choices, NULL, 0);
    choices_begin(&choices, 1);
    choose(&choices, 2);
    choices_begin(&choices, 2);
    choose(&choices, 2);
    choose(&choices, 2);
    choices_end(&choices);
    choices_end(&choices);
    ck_assert_uint_eq(choices.span_count, 2);
    ck_assert_uint_eq(choices.spans[0].first, 0);
    ck_assert_uint_eq(choices.spans[0].last, 3);
    ck_assert_uint_eq(choices.spans[1].first, 1);
    ck_assert_uint_eq(choices.spans[1].last, 3);
    ck_assert_uint_eq(choices.spans[1].kind, 2);
}
END_TEST

START_TEST(shorter_is_less_then_the_first_difference_counts)
{
    const uint64_t a[] = {1, 2, 3}, b[] = {1, 3, 0};
    ck_assert_int_lt(choices_compare(a, 2, a, 3), 0);
    ck_assert_int_lt(choices_compare(b, 2, a, 3), 0);
    ck_assert_int_lt(choices_compare(a, 3, b, 3), 0);
    ck_assert_int_gt(choices_compare(b, 3, a, 3), 0);
    ck_assert_int_eq(choices_compare(a, 3, a, 3), 0);
    ck_assert_int_eq(choices_compare(NULL, 0, NULL, 0), 0);
}
END_TEST

UNIT_MAIN("choices", the_same_seed_draws_the_same_choices, what_was_given_is_replayed_and_what_was_not_is_zero,
          an_extended_sequence_begins_as_given_and_goes_on_drawn,
          a_choice_of_a_list_keeps_its_meaning_when_the_list_changes, spans_nest_and_know_their_choices,
          shorter_is_less_then_the_first_difference_counts)
