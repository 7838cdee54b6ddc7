// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/arena.h"
#include "base/str.h"
#include "unit.h"

START_TEST(copies_stay_where_they_are)
{
    struct arena arena = {0};
    enum { COUNT = 20000 };
    static char *copies[COUNT];
    for (int i = 0; i < COUNT; i++) {
        CLEANUP(free) char *text = str_printf("data/file-%d.csv", i);
        copies[i] = arena_copy(&arena, text);
    }
    for (int i = 0; i < COUNT; i++) {
        CLEANUP(free) char *text = str_printf("data/file-%d.csv", i);
        ck_assert_str_eq(copies[i], text);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_string_longer_than_any_block_fits)
{
    struct arena arena = {0};
    CLEANUP(free) char *text = malloc(1 << 20);
    memset(text, 'x', 1 << 20);
    text[(1 << 20) - 1] = '\0';
    char *before = arena_copy(&arena, "before");
    char *copy = arena_copy(&arena, text);
    char *after = arena_copy(&arena, "after");
    ck_assert_str_eq(copy, text);
    ck_assert_str_eq(before, "before");
    ck_assert_str_eq(after, "after");
    arena_free(&arena);
}
END_TEST

START_TEST(what_was_adopted_outlives_the_arena_that_it_came_from)
{
    struct arena to = {0}, from = {0}, empty = {0};
    char *mine = arena_copy(&to, "mine"), *theirs = arena_copy(&from, "theirs");
    arena_adopt(&to, &from);
    arena_adopt(&to, &empty);
    arena_free(&from);
    ck_assert_str_eq(mine, "mine");
    ck_assert_str_eq(theirs, "theirs");
    ck_assert_str_eq(arena_copy(&from, "again"), "again");
    arena_free(&from);
    arena_free(&to);
}
END_TEST

UNIT_MAIN("arena", copies_stay_where_they_are, a_string_longer_than_any_block_fits,
          what_was_adopted_outlives_the_arena_that_it_came_from)
