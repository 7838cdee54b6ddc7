// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/arena.h"
#include "base/str.h"
#include "unit.h"

#include <stddef.h>
#include <stdint.h>

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

START_TEST(room_is_aligned_and_bytes_end_in_nul)
{
    struct arena arena = {0};
    for (size_t len = 0; len < 40; len++) {
        char *bytes = arena_bytes(&arena, "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0s\0t\0u", len);
        ck_assert_int_eq(bytes[len], '\0');
        double *numbers = arena_room(&arena, 3 * sizeof *numbers);
        ck_assert_uint_eq((uintptr_t)numbers % _Alignof(max_align_t), 0);
        numbers[2] = 1;
        ck_assert(len == 0 || bytes[0] == 'a');
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_cleared_arena_uses_its_memory_again)
{
    struct arena arena = {0};
    char *first = NULL;
    for (int round = 0; round < 5; round++) {
        char *text = arena_room(&arena, 100);
        for (int i = 0; i < 100; i++)
            arena_room(&arena, 1000);
        // From the second round on there is one block that holds a whole round.
        ck_assert(round < 2 || text == first);
        first = text;
        arena_clear(&arena);
    }
    arena_free(&arena);
    arena_clear(&arena);
}
END_TEST

UNIT_MAIN("arena", room_is_aligned_and_bytes_end_in_nul, a_cleared_arena_uses_its_memory_again,
          copies_stay_where_they_are, a_string_longer_than_any_block_fits,
          what_was_adopted_outlives_the_arena_that_it_came_from)
