// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "base/rng.h"
#include "drift/profile.h"
#include "unit_files.h"

#include <math.h>

static struct schema *schema_of(void)
{
    struct schema *schema = schema_new();
    struct column *age = schema_add(schema, "age");
    age->type = COLUMN_INTEGER;
    age->min = 18;
    age->max = 99;
    schema_add(schema, "income")->type = COLUMN_NUMBER;
    struct column *plan = schema_add(schema, "plan");
    plan->type = COLUMN_CATEGORY;
    plan->category_count = 3;
    plan->categories = mem_array(3, sizeof *plan->categories);
    plan->categories[0].value = str_dup("basic");
    plan->categories[1].value = str_dup("pro");
    plan->categories[2].value = str_dup("None");
    strings_add(&plan->spelt, "unknown");
    schema_add(schema, "active")->type = COLUMN_BOOLEAN;
    struct column *since = schema_add(schema, "since");
    since->type = COLUMN_DATE;
    since->format = str_dup("%Y-%m-%d");
    struct column *at = schema_add(schema, "at");
    at->type = COLUMN_DATE;
    at->format = str_dup("epoch ms");
    struct column *note = schema_add(schema, "note");
    note->type = COLUMN_TEXT;
    note->longest = 5;
    schema_add(schema, "id")->type = COLUMN_IDENTIFIER;
    return schema;
}

static struct profile *read_text(const struct schema *schema, const char *name, const char *text,
                                 const struct profile_options *options)
{
    struct error err = {0};
    struct profile *profile = profile_new(schema, options);
    put(name, text);
    ck_ok(profile_read(profile, name, name, &err), &err);
    profile_finish(profile);
    return profile;
}

// "rows missing nan infinite wrong_type values unseen out_of_range".
static char *counts_of(const struct profile *profile, size_t column)
{
    struct column_summary s;
    profile_summary(&s, profile, column);
    char *text = str_printf("%d %d %d %d %d %d %d %d", (int)s.rows, (int)s.missing, (int)s.nan, (int)s.infinite,
                            (int)s.wrong_type, (int)s.values, (int)s.unseen, (int)s.out_of_range);
    column_summary_free(&s);
    return text;
}

// All columns as a baseline would have them: what two ways of reading must agree on.
static char *written(const struct profile *profile, size_t columns)
{
    CLEANUP(baseline) struct baseline *baseline = baseline_new(), *read = NULL;
    for (size_t i = 0; i < columns; i++) {
        struct column_summary *to = baseline_add(baseline, "");
        free(to->name);
        profile_summary(to, profile, i);
    }
    struct error err = {0};
    struct buf text = {0};
    baseline_write(&text, baseline);
    ck_ok(baseline_parse(&read, "baseline.json", text.data, text.len, &err), &err);
    return buf_take(&text);
}

START_TEST(each_cell_is_counted_as_what_it_is)
{
    static const struct {
        const char *column, *csv, *json, *counts;
    } cases[] = {
        {"age", "18\n99\n1e1\n", "18\n99\n10.0\n", "3 0 0 0 0 3 0 1"},
        {"age", "NA\n?\n1.5\nx\n", "null\n\"\"\n1.5\n\"7\"\n", "4 2 0 0 2 0 0 0"},
        {"age", "nan\nNaN\ninf\n-Infinity\n1e999\n", "NaN\nNaN\nInfinity\n-Infinity\n1e999\n", "5 0 2 3 0 0 0 0"},
        {"income", "0.1\n-1e-3\n 7 \n1e400\n--\n", "0.1\n-1e-3\n7\n1e400\nnull\n", "5 1 0 1 0 3 0 0"},
        {"income", "true\n0x10\n\"1,5\"\n", "true\n\"0x10\"\n[1]\n", "3 0 0 0 3 0 0 0"},
        {"plan", "basic\nPro\nNone\nunknown\nNULL\n", "\"basic\"\n\"Pro\"\n\"None\"\n\"unknown\"\nnull\n",
         "5 2 0 0 0 3 1 0"},
        {"active", "True\nfalse\n1\n0\nyes\n2\n", "true\n\"FALSE\"\n1\n0\n\"yes\"\n{}\n", "6 0 0 0 2 4 0 0"},
        {"since", "2020-02-29\n2021-02-29\n1\n", "\"2020-02-29\"\n\"2021-02-29\"\n1\n", "3 0 0 0 2 1 0 0"},
        {"at", "0\n1500\nx\n", "0\n1500\n\"x\"\n", "3 0 0 0 1 2 0 0"},
        {"note", "abcde\nabcdef\nNA\n", "\"abcde\"\n[1,2,3]\n\"\"\n", "3 1 0 0 0 2 0 1"},
        {"id", "a\nb\n-\n", "\"a\"\n7\nnull\n", "3 1 0 0 0 2 0 0"},
        {"other", "1\n2\n", "1\n2\n", "2 2 0 0 0 0 0 0"},
    };
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(free) char *csv = str_printf("%s,x\n", cases[i].column);
        struct buf table = {0}, lines = {0};
        buf_puts(&table, csv);
        for (const char *at = cases[i].csv; *at; at = strchr(at, '\n') + 1)
            buf_printf(&table, "%.*s,y\n", (int)strcspn(at, "\n"), at);
        for (const char *at = cases[i].json; *at; at = strchr(at, '\n') + 1)
            buf_printf(&lines, "{\"x\": \"y\", \"%s\": %.*s}\n", cases[i].column, (int)strcspn(at, "\n"), at);
        const struct column *column = schema_find(schema, cases[i].column);
        size_t index = column ? (size_t)(column - schema->columns) : 0;
        CLEANUP(profile) struct profile *a = read_text(schema, "a.csv", table.data, NULL);
        CLEANUP(profile) struct profile *b = read_text(schema, "a.jsonl", lines.data, NULL);
        CLEANUP(free) char *one = counts_of(a, index), *two = counts_of(b, index);
        ck_assert_msg(strcmp(one, cases[i].counts) == 0, "%s: %s", table.data, one);
        ck_assert_msg(strcmp(two, cases[i].counts) == 0, "%s: %s", lines.data, two);
        ck_assert(profile_has(a, index) == (column != NULL) && profile_has(b, index) == (column != NULL));
        buf_free(&table);
        buf_free(&lines);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(numbers_are_spread_as_they_are)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(profile)
    struct profile *profile =
        read_text(schema, "a.csv", "income,at,since\n1,1500,1970-01-02\n3,500,1970-01-01\n1,,\n5,,\n", NULL);
    struct column_summary s;
    profile_summary(&s, profile, 1);
    ck_assert_uint_eq(s.point_count, 3);
    ck_assert_double_eq(s.points[1], 3);
    ck_assert_double_eq(s.shares[0], 0.5);
    ck_assert_double_eq(s.shares[1], 0.75);
    ck_assert_double_eq(s.shares[2], 1);
    ck_assert_double_eq(s.min, 1);
    ck_assert_double_eq(s.max, 5);
    ck_assert_double_eq(s.mean, 2.5);
    ck_assert_double_eq_tol(s.sigma, sqrt(2.75), 1e-15);
    ck_assert_double_eq(s.error, 0);
    column_summary_free(&s);
    profile_summary(&s, profile, 5);
    ck_assert_double_eq(s.points[0], 0.5); // milliseconds are told in seconds
    column_summary_free(&s);
    profile_summary(&s, profile, 4);
    ck_assert_double_eq(s.max, 86400);
    column_summary_free(&s);
    leave_folder(folder);
}
END_TEST

START_TEST(categories_are_counted_most_frequent_first)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(profile)
    struct profile *profile =
        read_text(schema, "a.csv", "plan,active\npro,TRUE\nb,false\npro,1\na,0\nbasic,true\nbasic,x\npro,true\n", NULL);
    struct column_summary s;
    profile_summary(&s, profile, 2);
    ck_assert_uint_eq(s.category_count, 4);
    ck_assert_str_eq(s.categories[0].value, "pro");
    ck_assert_str_eq(s.categories[1].value, "basic");
    ck_assert_str_eq(s.categories[2].value, "a");
    ck_assert_uint_eq(s.categories[0].count, 3);
    ck_assert_uint_eq(s.singles, 2);
    ck_assert_uint_eq(s.unseen, 2);
    column_summary_free(&s);
    profile_summary(&s, profile, 3);
    ck_assert_uint_eq(s.category_count, 2);
    ck_assert_str_eq(s.categories[0].value, "true");
    ck_assert_uint_eq(s.categories[0].count, 4);
    column_summary_free(&s);
    leave_folder(folder);
}
END_TEST

// A table of everything, with the mess in it.
static char *large_table(size_t rows, bool json)
{
    static const char *const incomes[] = {"", "NA", "nan", "inf", "x", "-0", "1e-3"};
    struct buf text = {0};
    struct rng rng;
    rng_seed(&rng, 11);
    buf_puts(&text, json ? "" : "age,income,plan,since,note,id\n");
    for (size_t i = 0; i < rows; i++) {
        unsigned age = rng_below(&rng, 120), odd = rng_below(&rng, 40);
        double income = rng_unit(&rng) * 1e5;
        CLEANUP(free) char *number = odd < ARRAY_LEN(incomes) ? str_dup(incomes[odd]) : str_printf("%.17g", income);
        if (json)
            buf_printf(&text, "{\"id\": \"r%zu\", \"plan\": \"p\\n%u\", \"income\": %.17g, \"age\": %u}\n", i,
                       rng_below(&rng, 9), income, age);
        else
            buf_printf(&text, "%u,%s,p%u,20%02u-0%u-1%u,\"a\n\"\"%u\",r%zu\n", age, number, rng_below(&rng, 20000),
                       rng_below(&rng, 30), 1 + rng_below(&rng, 9), rng_below(&rng, 9), rng_below(&rng, 1000), i);
    }
    return buf_take(&text);
}

START_TEST(the_result_does_not_depend_on_the_threads)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    for (int json = 0; json < 2; json++) {
        CLEANUP(free) char *table = large_table(30000, json), *first = NULL;
        for (size_t threads = 1; threads < 8; threads += 2) {
            const struct profile_options options = {.threads = threads, .block_size = 1 << 14};
            CLEANUP(profile) struct profile *profile = read_text(schema, json ? "a.jsonl" : "a.csv", table, &options);
            char *text = written(profile, schema->count);
            ck_assert_uint_eq(profile_rows(profile), 30000);
            if (first)
                ck_assert_str_eq(first, text);
            else
                first = str_dup(text);
            free(text);
        }
    }
    leave_folder(folder);
}
END_TEST

START_TEST(exact_values_and_the_sketch_agree_within_the_error)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(free) char *table = large_table(60000, false);
    const struct profile_options exact = {.exact = true, .block_size = 1 << 14}, sketch = {.block_size = 1 << 14};
    CLEANUP(profile) struct profile *a = read_text(schema, "a.csv", table, &exact);
    CLEANUP(profile) struct profile *b = read_text(schema, "a.csv", table, &sketch);
    size_t count;
    const double *numbers = profile_numbers(a, 1, &count);
    ck_assert(numbers && !profile_numbers(b, 1, &(size_t){0}));
    struct column_summary s, t;
    profile_summary(&s, a, 1);
    profile_summary(&t, b, 1);
    ck_assert_uint_eq(count, s.values);
    ck_assert_double_eq(s.mean, t.mean);
    ck_assert_double_eq(s.sigma, t.sigma);
    ck_assert_double_eq(s.error, 1.0 / 512);
    ck_assert(t.error > s.error && t.error < s.error + 0.001);
    ck_assert(t.point_count > 400 && t.point_count <= BASELINE_POINTS); // one value in twenty is the same
    for (size_t i = 0, k = 0, j = 0; i < count; i++) {                  // read as steps, at every value
        ck_assert(i == 0 || numbers[i] >= numbers[i - 1]);
        if (i + 1 < count && numbers[i + 1] == numbers[i])
            continue;
        while (k + 1 < s.point_count && s.points[k + 1] <= numbers[i])
            k++;
        while (j + 1 < t.point_count && t.points[j + 1] <= numbers[i])
            j++;
        double truth = (double)(i + 1) / (double)count;
        ck_assert_double_le(fabs(truth - s.shares[k]), s.error + 1e-12);
        ck_assert_double_le(fabs(truth - t.shares[j]), t.error + 1e-12);
    }
    double error;
    CLEANUP(free) struct weighted *items = profile_weighted(a, 1, &count, &error);
    ck_assert(error == 0 && count > 1000 && items[0].value == s.min);
    column_summary_free(&s);
    column_summary_free(&t);
    leave_folder(folder);
}
END_TEST

START_TEST(rows_that_come_one_by_one_count_as_those_of_a_file)
{
    struct error err = {0};
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(free) char *table = large_table(9000, true);
    CLEANUP(profile) struct profile *a = read_text(schema, "a.jsonl", table, NULL), *b = profile_new(schema, NULL);
    for (const char *at = table; *at; at = strchr(at, '\n') + 1)
        ck_ok(profile_add_json(b, at, strcspn(at, "\n"), &err), &err);
    profile_finish(b);
    CLEANUP(free) char *one = written(a, schema->count), *two = written(b, schema->count);
    // The means are summed in other pieces: the last digits may differ.
    struct column_summary s, t;
    profile_summary(&s, a, 1);
    profile_summary(&t, b, 1);
    ck_assert_double_eq_tol(s.mean, t.mean, 1e-6);
    ck_assert_uint_eq(s.point_count, t.point_count);
    for (size_t i = 0; i < s.point_count; i++)
        ck_assert(s.points[i] == t.points[i] && s.shares[i] == t.shares[i]);
    column_summary_free(&s);
    column_summary_free(&t);
    profile_summary(&s, b, 2);
    ck_assert_uint_eq(s.category_count, 9);
    ck_assert_uint_eq(s.rows, 9000);
    column_summary_free(&s);
    leave_folder(folder);
}
END_TEST

START_TEST(cells_are_read_as_the_rows_of_a_model_have_them)
{
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(profile) struct profile *profile = profile_new(schema, NULL);
    const struct cell cells[8] = {{.kind = CELL_INTEGER, .integer = 7},
                                  {.kind = CELL_RAW, .text = "3.0", .len = 3},
                                  {.kind = CELL_TEXT, .text = "pro", .len = 3},
                                  {.kind = CELL_BOOL, .integer = 1},
                                  {.kind = CELL_TEXT, .text = "2020-01-01", .len = 10},
                                  {.kind = CELL_NUMBER, .number = NAN},
                                  {.kind = CELL_NULL},
                                  {.kind = CELL_ABSENT}};
    profile_add_row(profile, cells);
    profile_finish(profile);
    static const char *const expected[] = {"1 0 0 0 0 1 0 1", "1 0 0 0 0 1 0 0", "1 0 0 0 0 1 0 0", "1 0 0 0 0 1 0 0",
                                           "1 0 0 0 0 1 0 0", "1 0 1 0 0 0 0 0", "1 1 0 0 0 0 0 0", "1 1 0 0 0 0 0 0"};
    for (size_t i = 0; i < 8; i++) {
        CLEANUP(free) char *counts = counts_of(profile, i);
        ck_assert_str_eq(counts, expected[i]);
    }
    ck_assert(!profile_has(profile, 7) && profile_has(profile, 6));
}
END_TEST

static char *timed_table(size_t rows, bool json)
{
    struct buf text = {0};
    buf_puts(&text, json ? "" : "income,when\n");
    for (size_t i = 0; i < rows; i++)
        buf_printf(&text,
                   json ? "{\"income\": %zu, \"when\": \"1970-01-01T00:%02zu:%02zuZ\"}\n"
                        : "%zu,1970-01-01T00:%02zu:%02zuZ\n",
                   i, i / 60, i % 60);
    return buf_take(&text);
}

START_TEST(the_last_rows_and_those_since_a_time_are_those)
{
    static const struct {
        uint64_t last;
        double since; // NaN: none
        double first;
        uint64_t rows, outside;
    } cases[] = {{10, NAN, 1990, 10, 0},     {1, NAN, 1999, 1, 0},       {5000, NAN, 0, 2000, 0},
                 {0, 1500, 1500, 500, 1500}, {10, 1500, 1990, 10, 1500}, {600, 1500, 1500, 500, 1500},
                 {0, 5000, NAN, 0, 2000},    {3, 5000, NAN, 0, 2000}};
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        const size_t c = i / 2;
        CLEANUP(free) char *table = timed_table(2000, i % 2);
        const struct profile_options options = {.last = cases[c].last,
                                                .time = isnan(cases[c].since) ? NULL : "when",
                                                .since = cases[c].since,
                                                .block_size = 700};
        CLEANUP(profile) struct profile *profile = read_text(schema, i % 2 ? "a.jsonl" : "a.csv", table, &options);
        ck_assert_uint_eq(profile_rows(profile), cases[c].rows);
        ck_assert_uint_eq(profile_outside(profile), cases[c].outside);
        struct column_summary s;
        profile_summary(&s, profile, 1);
        ck_assert_uint_eq(s.values, cases[c].rows);
        ck_assert(cases[c].rows == 0 ? isnan(s.min) : s.min == cases[c].first && s.max == 1999);
        column_summary_free(&s);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_time_that_can_be_read_in_two_ways_is_read_in_the_same_by_any_thread)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    struct buf table = {0};
    buf_puts(&table, "income,when\n");
    for (int i = 0; i < 4000; i++)
        buf_printf(&table, "%d,%s/2020\n", i, i % 97 == 0 ? "13/02" : "01/02");
    uint64_t rows = 0;
    for (size_t threads = 1; threads < 9; threads++) {
        const struct profile_options options = {
            .time = "when", .since = 1579000000, .block_size = 300, .threads = threads}; // 14 January 2020
        CLEANUP(profile) struct profile *profile = read_text(schema, "a.csv", table.data, &options);
        rows = threads == 1 ? profile_rows(profile) : rows;
        ck_assert(profile_rows(profile) == rows && rows > 0);
    }
    buf_free(&table);
    leave_folder(folder);
}
END_TEST

START_TEST(a_time_of_the_schema_is_read_in_its_format)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    struct column *since = &schema->columns[4];
    free(since->format);
    since->format = str_dup("%d/%m/%Y");
    const struct profile_options options = {.time = "since", .since = 1579000000}; // 14 January 2020
    CLEANUP(profile)
    struct profile *profile =
        read_text(schema, "a.csv", "since,income\n01/02/2020,1\n02/01/2020,2\n1579000001,3\n", &options);
    ck_assert_uint_eq(profile_rows(profile), 1);
    ck_assert_uint_eq(profile_outside(profile), 2);
    leave_folder(folder);
}
END_TEST

START_TEST(rows_that_cannot_be_read_are_faults_or_counted)
{
    static const struct {
        const char *name, *text, *says;
        uint64_t rows, broken;
    } cases[] = {
        {"a.csv", "age,id\n1,a\n2\n3,c\n4,d,e\n", "a.csv:3: 1 cell", 2, 2},
        {"a.jsonl", "{\"age\": 1}\n{\"age\": 2\n[3]\n{\"age\": 4}\n{\"age\":", "a.jsonl:2: expected ',' or '}'", 2, 3},
        {"a.jsonl", "{\"age\": 1, \"age\": 2}\n{\"age\": 3}\n", "a.jsonl:1: the key 'age' is here twice", 1, 1},
    };
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t size = 5; size < 30; size += 6) {
            const struct profile_options options = {.block_size = size, .threads = 3},
                                         skip = {.block_size = size, .threads = 3, .skip_broken = true};
            CLEANUP(profile) struct profile *strict = profile_new(schema, &options);
            CLEANUP(error) struct error err = {0};
            CLEANUP(profile) struct profile *lenient = read_text(schema, cases[i].name, cases[i].text, &skip);
            ck_assert_uint_eq(profile_rows(lenient), cases[i].rows);
            ck_assert_uint_eq(profile_broken(lenient), cases[i].broken);
            ck_assert_int_lt(profile_read(strict, cases[i].name, cases[i].name, &err), 0);
            ck_assert_int_eq(err.kind, ERROR_USAGE);
            ck_error_has(&err, cases[i].says);
        }
    }
    CLEANUP(profile) struct profile *profile = profile_new(schema, NULL);
    CLEANUP(error) struct error err = {0}, absent = {0};
    ck_assert_int_lt(profile_add_json(profile, "{\"age\": 1}{", 11, &err), 0);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_int_lt(profile_read(profile, "absent.csv", "absent.csv", &absent), 0);
    ck_assert_int_eq(absent.kind, ERROR_USAGE);
    ck_error_has(&absent, "there is no file 'absent.csv'");
    leave_folder(folder);
}
END_TEST

static bool after_ten(const void *context)
{
    return ++*(int *)(uintptr_t)context > 10;
}

START_TEST(reading_ends_between_blocks_when_somebody_stops_it)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(error) struct error err = {0};
    int asked = 0;
    buf_puts(&text, "age\n");
    for (int i = 0; i < 10000; i++)
        buf_printf(&text, "%d\n", i);
    ck_ok(fs_write_atomic("a.csv", text.data, text.len, &err), &err);
    const struct profile_options options = {
        .block_size = 100, .threads = 3, .last = 50, .stopped = after_ten, .context = &asked};
    CLEANUP(profile) struct profile *profile = profile_new(schema, &options);
    ck_assert_int_lt(profile_read(profile, "a.csv", "a.csv", &err), 0);
    ck_assert_int_eq(err.kind, ERROR_STOPPED);
    ck_error_has(&err, "stopped while 'a.csv' was read");
    ck_assert_int_eq(asked, 11);
    leave_folder(folder);
}
END_TEST

START_TEST(a_time_that_is_nowhere_is_told_from_one_that_is_early)
{
    static const struct {
        const char *name, *text;
        bool timed;
    } cases[] = {
        {"a.csv", "age,when\n1,2020-01-01\n", true},
        {"a.csv", "age\n1\n", false},
        {"a.jsonl", "{\"age\": 1}\n{\"age\": 2, \"when\": null}\n", true},
        {"a.jsonl", "{\"age\": 1}\n", false},
    };
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct profile_options options = {.time = "when", .since = 1900000000};
        CLEANUP(profile) struct profile *profile = read_text(schema, cases[i].name, cases[i].text, &options);
        ck_assert_uint_eq(profile_rows(profile), 0);
        ck_assert_int_eq(profile_has_time(profile), cases[i].timed);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_baseline_is_a_schema_too)
{
    char *folder = enter_folder();
    CLEANUP(schema) struct schema *schema = schema_of();
    CLEANUP(profile)
    struct profile *first =
        read_text(schema, "a.csv", "age,plan,since,note\n20,basic,2020-01-01,ab\n30,new,2020-01-02,abc\n", NULL);
    struct column_summary columns[8];
    for (size_t i = 0; i < 8; i++)
        profile_summary(&columns[i], first, i);
    CLEANUP(schema) struct schema *made = profile_schema(columns, 8);
    CLEANUP(profile)
    struct profile *second =
        read_text(made, "b.csv", "age,plan,since,note\n19,new,2021-01-01,abcd\n25,pro,01.02.2020,a\n", NULL);
    CLEANUP(free) char *age = counts_of(second, 0), *plan = counts_of(second, 2), *since = counts_of(second, 4);
    CLEANUP(free) char *note = counts_of(second, 6);
    ck_assert_str_eq(age, "2 0 0 0 0 2 0 1");
    ck_assert_str_eq(plan, "2 0 0 0 0 2 1 0");
    ck_assert_str_eq(since, "2 0 0 0 0 2 0 0");
    ck_assert_str_eq(note, "2 0 0 0 0 2 0 1");
    for (size_t i = 0; i < 8; i++)
        column_summary_free(&columns[i]);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("profile", each_cell_is_counted_as_what_it_is, numbers_are_spread_as_they_are,
          categories_are_counted_most_frequent_first, the_result_does_not_depend_on_the_threads,
          exact_values_and_the_sketch_agree_within_the_error, rows_that_come_one_by_one_count_as_those_of_a_file,
          cells_are_read_as_the_rows_of_a_model_have_them, the_last_rows_and_those_since_a_time_are_those,
          rows_that_cannot_be_read_are_faults_or_counted, a_time_of_the_schema_is_read_in_its_format,
          a_time_that_can_be_read_in_two_ways_is_read_in_the_same_by_any_thread, a_baseline_is_a_schema_too,
          reading_ends_between_blocks_when_somebody_stops_it, a_time_that_is_nowhere_is_told_from_one_that_is_early)
