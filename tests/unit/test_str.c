// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/rng.h"
#include "base/str.h"
#include "unit.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <time.h>

static void expect_text(char *text, const char *expected)
{
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(a_glob_star_stays_within_one_folder)
{
    static const struct {
        const char *pattern, *path;
        bool match;
    } rows[] = {
        {"*.py", "a.py", true},
        {"*.py", "src/a.py", false},
        {"*.py", ".py", true},
        {"src/*.py", "src/a.py", true},
        {"src/*.py", "src/b/a.py", false},
        {"*/b", "a/b", true},
        {"a/*/b", "a/b", false},
        {"a*c", "abbbc", true},
        {"a*b", "a*xb", true}, // a star in the path is a name like another
        {"a?b", "a?b", true},
        {"a*b", "a*xc", false},
        {"a*c", "abbbd", false},
        {"loss.*", "loss.valid", true},
        {"loss.*", "lossy", false},
        {"?", "a", true},
        {"?", "/", false},
        {"?", "é", true},
        {"a?c", "ac", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"a", "", false},
        {"a", "a/", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(str_glob(rows[i].pattern, rows[i].path) == rows[i].match, "%s on %s", rows[i].pattern,
                      rows[i].path);
}
END_TEST

START_TEST(a_double_star_crosses_folders)
{
    static const struct {
        const char *pattern, *path;
        bool match;
    } rows[] = {
        {"**", "a/b/c", true},
        {"src/**", "src/a", true},
        {"src/**", "src/a/b/c", true},
        {"src/**", "srcs/a", false},
        {"src/**/a.c", "src/a.c", true},
        {"src/**/a.c", "src/x/y/a.c", true},
        {"src/**/a.c", "src/xa.c", false},
        {"**/a", "a", true},
        {"**/a", "x/y/a", true},
        {"**/a", "x/ya", false},
        {"**/*.csv", "data/2024/a.csv", true},
        {"**/t*/x*y", "q/tt/w/ta/xzy", true},
        {"**/t*/x*y", "q/tt/w/ta/xzyy/b", false},
        {"a**b", "a/x/b", true},
        {"a**b*c", "a/b/bxc", true},
        {"src/", "src/a/b", true},
        {"src/", "src", false},
        {"src/", "xsrc/a", false},
        {"*/data/", "x/data/y/z", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(str_glob(rows[i].pattern, rows[i].path) == rows[i].match, "%s on %s", rows[i].pattern,
                      rows[i].path);
}
END_TEST

START_TEST(a_glob_class_matches_one_of_its_members)
{
    static const struct {
        const char *pattern, *path;
        bool match;
    } rows[] = {
        {"[a-c]", "b", true},   {"[a-c]", "d", false},  {"[!a-c]", "d", true},
        {"[!a-c]", "a", false}, {"[!a]", "/", false},   {"[]a]", "]", true},
        {"[a-]", "-", true},    {"[à-é]", "è", true},   {"[abc", "[abc", true},
        {"[abc", "a", false},   {"x[*]y", "x*y", true}, {"[]", "[]", true},
        {"[!]", "[!]", true},   {"[^a]", "b", true},    {"*[0-9].npy", "w12.npy", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_msg(str_glob(rows[i].pattern, rows[i].path) == rows[i].match, "%s on %s", rows[i].pattern,
                      rows[i].path);
}
END_TEST

START_TEST(a_hostile_glob_takes_no_exponential_time)
{
    char *path = mem_alloc(4097);
    memset(path, 'a', 4096);
    clock_t before = clock();
    ck_assert(!str_glob("a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
    ck_assert(!str_glob("**a**a**a**a**a**a**a**a**a**b", path));
    for (size_t i = 1; i < 4096; i += 2)
        path[i] = '/';
    ck_assert(!str_glob("**/a/**/a/**/a/**/a/**/*a*a/**/b", path));
    ck_assert(!str_glob("**a*a**a*a**a*a**a*b", path));
    ck_assert((double)(clock() - before) / CLOCKS_PER_SEC < 5);
    free(path);
}
END_TEST

// What a glob means, said without any thought of time.
static bool glob_plainly(const char *start, const char *pattern, const char *path)
{
    if (*pattern == '\0')
        return *path == '\0' || (pattern > start && pattern[-1] == '/' && path[-1] == '/');
    if (pattern[0] == '*' && pattern[1] == '*') {
        const char *rest = pattern + strspn(pattern, "*");
        bool folders = (pattern == start || pattern[-1] == '/') && rest[0] == '/' && rest[1] != '\0';
        if (glob_plainly(start, rest + folders, path))
            return true;
        for (; *path; path++)
            if ((!folders || *path == '/') && glob_plainly(start, rest + folders, path + 1))
                return true;
        return false;
    }
    if (*pattern == '*') {
        for (;; path++) {
            if (glob_plainly(start, pattern + 1, path))
                return true;
            if (*path == '\0' || *path == '/')
                return false;
        }
    }
    if (*path == '\0' || (*pattern == '?' ? *path == '/' : *pattern != *path))
        return false;
    return glob_plainly(start, pattern + 1, path + 1);
}

START_TEST(globs_mean_the_same_however_fast_they_are_matched)
{
    static const char *const tokens[] = {"a", "b", "/", "*", "**", "**/", "?", "/**/", "*a", "a/"};
    struct rng rng;
    rng_seed(&rng, 20261123);
    size_t matches = 0;
    for (int i = 0; i < 300000; i++) {
        char pattern[64] = "", path[16] = "";
        for (uint32_t n = rng_below(&rng, 8); n > 0; n--)
            strcat(pattern, tokens[rng_below(&rng, ARRAY_LEN(tokens))]);
        size_t len = rng_below(&rng, 12);
        for (size_t at = 0; at < len; at++)
            path[at] = "aab/"[rng_below(&rng, 4)];
        bool expected = glob_plainly(pattern, pattern, path);
        matches += expected;
        if (str_glob(pattern, path) != expected)
            ck_abort_msg("'%s' on '%s' should be %d", pattern, path, expected);
    }
    ck_assert_uint_gt(matches, 10000); // it is not all mismatches
}
END_TEST

START_TEST(a_misspelt_word_finds_its_neighbour)
{
    static const char *const keys[] = {"timeout", "command", "env", "pass_env", "directory", "network"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"timout", "timeout"}, {"tiemout", "timeout"},   {"Timeout", "timeout"}, {"comand", "command"}, {"envs", "env"},
        {"nev", "env"},        {"pass-env", "pass_env"}, {"zzz", NULL},          {"accuracy", NULL},    {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        ck_assert_pstr_eq(str_nearest(rows[i].word, keys, ARRAY_LEN(keys)), rows[i].nearest);
    char lengthy[2000];
    memset(lengthy, 'x', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    ck_assert_ptr_null(str_nearest(lengthy, keys, ARRAY_LEN(keys)));
}
END_TEST

START_TEST(durations_are_read_as_people_write_them)
{
    static const struct {
        const char *text;
        double seconds; // −1: refused
    } rows[] = {
        {"250ms", 0.25},
        {"2s", 2},
        {"10m", 600},
        {"1h", 3600},
        {"1h30m", 5400},
        {"7d", 604800},
        {"1h2m3s4ms", 3723.004},
        {"1.5s", 1.5},
        {"0s", 0},
        {"", -1},
        {"5", -1},
        {"-1s", -1},
        {"1w", -1},
        {"30m1h", -1},
        {"1s1s", -1},
        {"1 s", -1},
        {"s", -1},
        {".5s", -1},
        {"1.s", -1},
        {"1e3s", -1},
        {"1sx", -1},
        {"inf", -1},
        {"99999999999999999999s", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double seconds = -1;
        int rc = str_duration(&seconds, rows[i].text);
        ck_assert_msg(rc == (rows[i].seconds < 0 ? -1 : 0), "%s", rows[i].text);
        if (rc == 0)
            ck_assert_double_eq_tol(seconds, rows[i].seconds, 1e-12);
    }
}
END_TEST

START_TEST(sizes_are_read_as_people_write_them)
{
    static const struct {
        const char *text;
        int rc;
        uint64_t bytes;
    } rows[] = {
        {"512", 0, 512},
        {"64KiB", 0, 65536},
        {"50MB", 0, 50000000},
        {"2GiB", 0, 1ull << 31},
        {"1kB", 0, 1000},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", -1, 0},
        {"16777216TiB", -1, 0},
        {"", -1, 0},
        {"-1", -1, 0},
        {"1.5GiB", -1, 0},
        {"KiB", -1, 0},
        {"5 MB", -1, 0},
        {"5mb", -1, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t bytes = 0;
        ck_assert_msg(str_size(&bytes, rows[i].text) == rows[i].rc, "%s", rows[i].text);
        ck_assert_uint_eq(bytes, rows[i].rc ? bytes : rows[i].bytes);
    }
}
END_TEST

START_TEST(a_count_has_its_noun_in_the_right_number)
{
    expect_text(str_count(0, "row"), "0 rows");
    expect_text(str_count(1, "entry"), "1 entry");
    expect_text(str_count(2, "entry"), "2 entries");
    expect_text(str_count(2, "key"), "2 keys");
    expect_text(str_count(2, "y"), "2 ys");
}
END_TEST

START_TEST(quantities_are_told_in_units_that_people_use)
{
    expect_text(str_human_duration(0), "0 ms");
    expect_text(str_human_duration(0.0012), "1.2 ms");
    expect_text(str_human_duration(0.34), "340 ms");
    expect_text(str_human_duration(0.9999), "1.0 s");
    expect_text(str_human_duration(1.24), "1.2 s");
    expect_text(str_human_duration(59.97), "1 min");
    expect_text(str_human_duration(125), "2 min 5 s");
    expect_text(str_human_duration(3599.7), "1 h");
    expect_text(str_human_duration(3900), "1 h 5 min");
    expect_text(str_human_duration(NAN), "0 ms");
    expect_text(str_human_duration(INFINITY), "over a million hours");
    expect_text(str_human_size(0), "0 B");
    expect_text(str_human_size(1023), "1023 B");
    expect_text(str_human_size(1536), "1.5 KiB");
    expect_text(str_human_size(1024 * 1024 - 1), "1 MiB");
    expect_text(str_human_size(UINT64_MAX), "16 EiB");
}
END_TEST

START_TEST(a_double_becomes_the_shortest_text)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100000, "100000"},
        {9007199254740992.0, "9007199254740992"},
        {9007199254740994.0, "9007199254740994"},
        {1e16, "1e16"},
        {1.5e300, "1.5e300"},
        {0.0001, "0.0001"},
        {0.00001, "1e-5"},
        {1.5e-7, "1.5e-7"},
        {0x1p-24, "5.960464477539063e-8"},
        {5e-324, "5e-324"},
        {DBL_MAX, "1.7976931348623157e308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {99999999999999.98, "99999999999999.98"},
        {NAN, "NaN"},
        {INFINITY, "Infinity"},
        {-INFINITY, "-Infinity"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[32];
        str_double(text, rows[i].value);
        ck_assert_str_eq(text, rows[i].text);
    }
}
END_TEST

START_TEST(a_million_random_doubles_survive_being_written)
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 1000000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value, again;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[32];
        str_double(text, value);
        if (str_read_double(&again, text, strlen(text)) < 0 || memcmp(&value, &again, sizeof value) != 0)
            ck_abort_msg("%a became %s", value, text);
    }
}
END_TEST

START_TEST(a_double_is_written_alike_where_the_comma_is_the_decimal_point)
{
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        return; // the locale is not installed
    char text[32];
    double value = 0;
    str_double(text, 1234.5678);
    int rc = str_read_double(&value, "0.25", 4);
    setlocale(LC_NUMERIC, "C");
    ck_assert_str_eq(text, "1234.5678");
    ck_assert_int_eq(rc, 0);
    ck_assert_double_eq(value, 0.25);
}
END_TEST

START_TEST(only_a_whole_decimal_number_is_read)
{
    static const char *const bad[] = {"", " 1", "1 ", "nan", "inf", "-inf", "+nan", "0x10", "1e", "1,5", "-", "1.5.2"};
    double value;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(str_read_double(&value, bad[i], strlen(bad[i])) == -1, "'%s' was read", bad[i]);
    ck_assert_int_eq(str_read_double(&value,
                                     "12\0"
                                     "3",
                                     4),
                     -1);
    ck_assert_int_eq(str_read_double(&value, "1e999", 5), 0);
    ck_assert(isinf(value));
    ck_assert_int_eq(str_read_double(&value, "2.5xyz", 3), 0);
    ck_assert_double_eq(value, 2.5);
}
END_TEST

START_TEST(malformed_utf8_is_found_where_it_begins)
{
    static const struct {
        const char *text;
        size_t len;
        long bad; // −1: well-formed
    } rows[] = {
        {"", 0, -1},
        {"plain ascii, over eight bytes", 29, -1},
        {"é€𝄞", 9, -1},
        {"12345678\xff", 9, 8},
        {"a\xc0\x80", 3, 1},         // overlong NUL
        {"\xe0\x80\x80", 3, 0},      // overlong
        {"\xed\xa0\x80", 3, 0},      // surrogate
        {"\xf4\x90\x80\x80", 4, 0},  // over U+10FFFF
        {"ab\xe2\x82", 4, 2},        // cut short
        {"\xf4\x8f\xbf\xbf", 4, -1}, // U+10FFFF
        {"\x80", 1, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t bad = 0;
        bool good = str_is_utf8(rows[i].text, rows[i].len, &bad);
        ck_assert_msg(good == (rows[i].bad < 0), "row %zu", i);
        if (!good)
            ck_assert_uint_eq(bad, (size_t)rows[i].bad);
    }
}
END_TEST

START_TEST(a_character_is_written_as_it_is_read)
{
    static const uint32_t codes[] = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char bytes[4];
        uint32_t code = 1;
        size_t len = (size_t)(str_utf8_put(bytes, codes[i]) - bytes);
        ck_assert_uint_eq(str_utf8_next(bytes, len, &code), len);
        ck_assert_uint_eq(code, codes[i]);
    }
}
END_TEST

START_TEST(four_hexadecimal_digits_are_a_number)
{
    ck_assert_int_eq(str_hex4("00e9", 4), 0xe9);
    ck_assert_int_eq(str_hex4("FfFf!", 5), 0xffff);
    ck_assert_int_eq(str_hex4("00e", 3), -1);
    ck_assert_int_eq(str_hex4("00g0", 4), -1);
    ck_assert_int_eq(str_hex4("00@0", 4), -1);
    ck_assert_int_eq(str_hex4("-001", 4), -1);
}
END_TEST

START_TEST(control_characters_are_made_visible)
{
    expect_text(str_visible("plain é", 8), "plain é");
    expect_text(str_visible("\x1b[31mred\x07", 9), "\\x1b[31mred\\x07");
    expect_text(str_visible("a\nb\tc\r", 6), "a\\nb\\tc\\r");
    expect_text(str_visible("x\0y\x7f", 4), "x\\x00y\\x7f");
    expect_text(str_visible("\xff\xe2\x82", 3), "\\xff\\xe2\\x82");
    expect_text(str_visible("\xc2\x9b"
                            "1m\xe2\x80\xae",
                            7),
                "\\u009b1m\\u202e");
}
END_TEST

START_TEST(a_shell_word_is_quoted_only_where_needed)
{
    expect_text(str_shell_quote("train.py"), "train.py");
    expect_text(str_shell_quote(""), "''");
    expect_text(str_shell_quote("a b"), "'a b'");
    expect_text(str_shell_quote("it's"), "'it'\\''s'");
    expect_text(str_shell_quote("$HOME"), "'$HOME'");
    CLEANUP(strings) struct strings argv = {0};
    strings_add(&argv, "sh");
    strings_add(&argv, "-c");
    strings_printf(&argv, "echo %d", 1);
    expect_text(strings_shell(&argv), "sh -c 'echo 1'");
}
END_TEST

START_TEST(a_list_sorts_by_bytes_and_drops_what_comes_twice)
{
    CLEANUP(strings) struct strings list = {0};
    CLEANUP(strings) struct strings other = {0};
    const char *words[] = {"b", "a/b", "a-b", "é", "a/b", "B"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        strings_add(&list, words[i]);
    strings_sort(&list);
    strings_unique(&list);
    expect_text(strings_join(&list, " "), "B a-b a/b b é");
    ck_assert(strings_has(&list, "a-b"));
    ck_assert(!strings_has(&list, "c"));
    strings_copy(&other, &list);
    ck_assert_uint_eq(other.count, 5);
    ck_assert_ptr_ne(other.items[0], list.items[0]);
    expect_text(strings_join(&(struct strings){0}, ","), "");
}
END_TEST

START_TEST(a_list_counts_only_what_there_is)
{
    CLEANUP(strings) struct strings list = {0};
    strings_count(&list, 0, "file", "left out");
    strings_count(&list, 1, "file", "left out");
    strings_count(&list, 3, "entry", "broken");
    expect_text(strings_join(&list, "; "), "1 file left out; 3 entries broken");
}
END_TEST

START_TEST(a_pair_is_replaced_in_its_place)
{
    CLEANUP(pairs) struct pairs list = {0};
    CLEANUP(pairs) struct pairs other = {0};
    pairs_set(&list, "b", "1");
    pairs_set(&list, "a", "2");
    pairs_set(&list, "b", pairs_get(&list, "b"));
    pairs_set(&list, "b", "3");
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.items[0].name, "b");
    ck_assert_str_eq(pairs_get(&list, "b"), "3");
    ck_assert_ptr_null(pairs_get(&list, "c"));
    pairs_sort(&list);
    ck_assert_str_eq(list.items[0].name, "a");
    pairs_set(&other, "a", "old");
    pairs_copy(&other, &list);
    ck_assert_str_eq(pairs_get(&other, "a"), "2");
    ck_assert_uint_eq(other.count, 2);
}
END_TEST

START_TEST(a_pair_that_is_added_keeps_what_was_there)
{
    static const char *const values[] = {"2", "10", "2", "1"};
    CLEANUP(pairs) struct pairs list = {0};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        pairs_add(&list, "a", values[i]);
    pairs_add(&list, "b", "3");
    ck_assert_str_eq(pairs_get(&list, "a"), "1, 10, 2");
    ck_assert_str_eq(pairs_get(&list, "b"), "3");
}
END_TEST

START_TEST(small_questions_about_texts_have_exact_answers)
{
    ck_assert(str_equal(NULL, NULL));
    ck_assert(!str_equal(NULL, ""));
    ck_assert(str_equal("a", "a"));
    ck_assert(str_starts("abc", "ab"));
    ck_assert(!str_starts("a", "ab"));
    ck_assert(str_ends("abc", "bc"));
    ck_assert(!str_ends("c", "bc"));
    ck_assert(str_is_glob("a[b]"));
    ck_assert(!str_is_glob("a/b.c"));
    ck_assert_ptr_null(str_dup(NULL));
    expect_text(str_ndup("abc", 2), "ab");
    expect_text(str_printf("%d-%s", 7, "x"), "7-x");
}
END_TEST

UNIT_MAIN("str", a_glob_star_stays_within_one_folder, a_double_star_crosses_folders,
          a_glob_class_matches_one_of_its_members, a_hostile_glob_takes_no_exponential_time,
          globs_mean_the_same_however_fast_they_are_matched, a_misspelt_word_finds_its_neighbour,
          durations_are_read_as_people_write_them, sizes_are_read_as_people_write_them,
          a_count_has_its_noun_in_the_right_number, quantities_are_told_in_units_that_people_use,
          a_double_becomes_the_shortest_text, a_million_random_doubles_survive_being_written,
          a_double_is_written_alike_where_the_comma_is_the_decimal_point, only_a_whole_decimal_number_is_read,
          malformed_utf8_is_found_where_it_begins, a_character_is_written_as_it_is_read,
          four_hexadecimal_digits_are_a_number, control_characters_are_made_visible,
          a_shell_word_is_quoted_only_where_needed, a_list_sorts_by_bytes_and_drops_what_comes_twice,
          a_list_counts_only_what_there_is, a_pair_is_replaced_in_its_place, a_pair_that_is_added_keeps_what_was_there,
          small_questions_about_texts_have_exact_answers)
