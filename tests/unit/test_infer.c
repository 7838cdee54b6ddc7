// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "base/rng.h"
#include "fuzz/infer.h"
#include "unit.h"
#include "unit_infer.h"

#include <math.h>

// ---- Types

// A column with the values of `cells` (separated by '|') one after another, until there are `rows` of them.
static char *one_column(const char *name, const char *cells, size_t rows)
{
    struct buf text = {0};
    buf_printf(&text, "row,%s\n", name);
    const char *at = cells;
    for (size_t i = 0; i < rows; i++) {
        size_t len = strcspn(at, "|");
        buf_printf(&text, "x,%.*s\n", (int)len, at);
        at = at[len] ? at + len + 1 : cells;
    }
    return buf_take(&text);
}

START_TEST(each_type_is_told_from_its_values)
{
    static const struct {
        const char *name, *cells;
        enum column_type type;
        const char *format;
    } cases[] = {
        {"a", "1|2|3|5", COLUMN_INTEGER, NULL},
        {"a", "-1|+2| 3|-0", COLUMN_NUMBER, NULL}, // "+2" and " 3" are numbers, not as whole ones are written
        {"a", "1|2.5|3", COLUMN_NUMBER, NULL},
        {"a", "1|2e3|.5|5.|inf|-Infinity", COLUMN_NUMBER, NULL},
        {"a", "99999999999999999999|1", COLUMN_NUMBER, NULL},
        {"a", "1|NA|", COLUMN_INTEGER, NULL},
        {"a", "0|1", COLUMN_INTEGER, NULL},
        {"a", "7|08|9", COLUMN_INTEGER, NULL},
        {"zip", "01234|99501|00501", COLUMN_CATEGORY, NULL},
        {"a", "NA||?", COLUMN_NUMBER, NULL},
        {"a", "true|false", COLUMN_BOOLEAN, NULL},
        {"a", "TRUE|NA|TRUE", COLUMN_BOOLEAN, NULL},
        {"a", "yes|no", COLUMN_CATEGORY, NULL},
        {"a", "true|1", COLUMN_CATEGORY, NULL},
        {"a", "red|green|12", COLUMN_CATEGORY, NULL},
        {"a", "0x10|12", COLUMN_CATEGORY, NULL},
        {"a", "\"1.000,00\"|2", COLUMN_CATEGORY, NULL},
        {"a", "2020-01-31|2020-02-29", COLUMN_DATE, "%Y-%m-%d"},
        {"a", "2020-01-31|2021-02-29", COLUMN_CATEGORY, NULL}, // there is no such day
        {"a", "2020-01-31|soon", COLUMN_CATEGORY, NULL},
        {"a", "2020-01-31T23:59:60Z|2020-01-01T00:00:00Z", COLUMN_DATE, "%Y-%m-%dT%H:%M:%SZ"},
        {"a", "2020-01-31T23:59:59+01:00|2020-01-01T00:00:00Z", COLUMN_DATE, "%Y-%m-%dT%H:%M:%S%z"},
        {"a", "2020-01-31 23:59:59.123456", COLUMN_DATE, "%Y-%m-%d %H:%M:%S.%f"},
        {"a", "2020-01-31 23:59:59", COLUMN_DATE, "%Y-%m-%d %H:%M:%S"},
        {"a", "1/2/2020|12/31/2020", COLUMN_DATE, "%m/%d/%Y"},
        {"a", "1/2/2020|31/12/2020", COLUMN_DATE, "%d/%m/%Y"},
        {"a", "31.12.2020", COLUMN_DATE, "%d.%m.%Y"},
        {"a", "12/31/99", COLUMN_DATE, "%m/%d/%y"},
        {"a", "5 Mar 2020|17 sep 1999", COLUMN_DATE, "%d %b %Y"},
        {"a", "23:59|00:00", COLUMN_DATE, "%H:%M"},
        {"a", "11:59 pm|1:00 AM", COLUMN_DATE, "%I:%M %p"},
        {"a", "24:00|00:00", COLUMN_CATEGORY, NULL},
        {"a", "1600000000|1700000000", COLUMN_DATE, "epoch s"},
        {"a", "1600000000123|1700000000456", COLUMN_DATE, "epoch ms"},
        {"a", "20200131|20201231", COLUMN_DATE, "%Y%m%d"},
        {"a", "20200131|20201331", COLUMN_INTEGER, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(free) char *text = one_column(cases[i].name, cases[i].cells, 60);
        CLEANUP(schema) struct schema *schema = infer(text, "d.csv", NULL);
        const struct column *column = schema_find(schema, cases[i].name);
        ck_assert_msg(column->type == cases[i].type, "%s is %s, not %s", cases[i].cells, column_type_name(column->type),
                      column_type_name(cases[i].type));
        ck_assert_msg(str_equal(column->format, cases[i].format), "%s: %s", cases[i].cells, column->format);
    }
}
END_TEST

START_TEST(values_that_never_repeat_are_identifiers_or_text)
{
    struct buf text CLEANUP(buf) = {0};
    buf_puts(&text, "code,number,customer_id,name,index,temperature\n");
    for (unsigned i = 0; i < 500; i++)
        buf_printf(&text, "k-%05u,%u,%u,Name of %u,%u,%u\n", i * 7, i * i * 3, i * i + 5, i, 499 - i, (i * 7919) % 401);
    CLEANUP(schema) struct schema *schema = infer(buf_text(&text), "d.csv", NULL);
    ck_assert_int_eq(schema_find(schema, "code")->type, COLUMN_IDENTIFIER);
    ck_assert_uint_eq(schema_find(schema, "code")->samples.count, 5);
    ck_assert_int_eq(schema_find(schema, "number")->type, COLUMN_INTEGER);
    ck_assert_int_eq(schema_find(schema, "customer_id")->type, COLUMN_IDENTIFIER);
    ck_assert_int_eq(schema_find(schema, "name")->type, COLUMN_TEXT);
    ck_assert_uint_eq(schema_find(schema, "name")->longest, 11);
    ck_assert_int_eq(schema_find(schema, "index")->type, COLUMN_IDENTIFIER); // 0 to 499, each once
    ck_assert_int_eq(schema_find(schema, "temperature")->type, COLUMN_INTEGER);
}
END_TEST

START_TEST(the_longest_value_of_a_text_may_look_like_a_number)
{
    CLEANUP(schema)
    struct schema *schema = infer("a\n1\nbb\nccc\n55555555555555555555555555555\n1e400\n", "d.csv", NULL);
    ck_assert_int_eq(schema->columns[0].type, COLUMN_TEXT);
    ck_assert_uint_eq(schema->columns[0].longest, 29);
}
END_TEST

START_TEST(counts_and_ranges_are_exact)
{
    struct buf text CLEANUP(buf) = {0};
    buf_puts(&text, "n,plan,gap\n");
    for (int i = 0; i < 1001; i++)
        buf_printf(&text, "%d,%s,%s\n", (i * 401) % 1001 - 500, i % 4 == 0 ? "pro" : "basic",
                   i % 10 == 0   ? "NA"
                   : i % 10 == 1 ? ""
                                 : "1.5");
    CLEANUP(schema) struct schema *schema = infer(buf_text(&text), "d.csv", NULL);
    const struct column *n = &schema->columns[0], *plan = &schema->columns[1], *gap = &schema->columns[2];
    ck_assert_double_eq(n->min, -500);
    ck_assert_double_eq(n->max, 500);
    ck_assert(n->type == COLUMN_IDENTIFIER && !n->nullable);
    ck_assert_uint_eq(plan->category_count, 2);
    ck_assert_str_eq(plan->categories[0].value, "basic");
    ck_assert_double_eq(plan->categories[0].share, 0.7493);
    ck_assert_double_eq(plan->categories[1].share, 0.2507);
    ck_assert(gap->nullable);
    ck_assert_double_eq(gap->missing, 0.2008);
    ck_assert_uint_eq(gap->spelt.count, 1);
    ck_assert_str_eq(gap->spelt.items[0], "NA");
}
END_TEST

START_TEST(quantiles_are_those_of_the_data)
{
    struct buf text CLEANUP(buf) = {0};
    buf_puts(&text, "n\n");
    for (int i = 0; i <= 2000; i++)
        buf_printf(&text, "%g\n", ((i * 1009) % 2001) / 2.0);
    CLEANUP(schema) struct schema *schema = infer(buf_text(&text), "d.csv", NULL);
    static const double expected[] = {10, 50, 100, 250, 500, 750, 900, 950, 990};
    ck_assert(schema->columns[0].has_quantiles);
    for (size_t i = 0; i < SCHEMA_QUANTILES; i++)
        ck_assert_double_eq(schema->columns[0].quantiles[i], expected[i]);
}
END_TEST

START_TEST(numbers_are_read_to_the_last_bit)
{
    static const char *const texts[] = {"0.1",
                                        "-0.30000000000000004",
                                        "1e-320",
                                        "1.7976931348623157e308",
                                        "123456789012345678",
                                        "9007199254740993.0",
                                        "5e-324",
                                        "0.000000000000000001",
                                        "3.141592653589793238462643",
                                        "-.5",
                                        "6."};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CLEANUP(free) char *text = str_printf("a\n%s\n0.5\n", texts[i]);
        CLEANUP(schema) struct schema *schema = infer(text, "d.csv", NULL);
        double value = strtod(texts[i], NULL);
        ck_assert_double_eq(schema->columns[0].min, value < 0.5 ? value : 0.5);
        ck_assert_double_eq(schema->columns[0].max, value > 0.5 ? value : 0.5);
    }
}
END_TEST

// ---- Forms of CSV

START_TEST(every_form_of_the_same_table_gives_the_same_schema)
{
    static const char *const forms[] = {
        "a,b\n1,x\n2,y\n",           "a,b\r\n1,x\r\n2,y\r\n",
        "\357\273\277a,b\n1,x\n2,y", // a byte-order mark
        "a;b\n1;x\n2;y\n",           "a\tb\n1\tx\n2\ty\n",
        "a|b\n1|x\n2|y\n",           "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n",
        "\n\na,b\n\n1,x\n\n2,y\n\n", "a;b\r\n1;\"x\"\r\n\"2\";y",
    };
    CLEANUP(free) char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        CLEANUP(schema) struct schema *schema = infer(forms[i], "d.csv", NULL);
        CLEANUP(free) char *text = schema_text(schema);
        if (!first)
            first = str_dup(text);
        ck_assert_str_eq(text, first);
    }
    ck_assert_ptr_nonnull(strstr(first, "\"b\": {\"type\": \"category\""));
}
END_TEST

START_TEST(what_stands_between_quotes_is_one_cell)
{
    struct sample sample;
    struct infer_options options = {0};
    CLEANUP(schema)
    struct schema *schema = infer_both(&sample, "a,b\n\"x, \"\"y\"\"\nz\",\"\"\n\"\"\"\",é\"\n", "d.csv", &options);
    ck_assert_uint_eq(sample.rows.row_count, 2);
    ck_assert_uint_eq(sample.seen, 2);
    ck_assert_str_eq(sample.cells[0].text, "x, \"y\"\nz");
    ck_assert_int_eq(sample.cells[1].kind, CELL_NULL);
    ck_assert_str_eq(sample.cells[2].text, "\"");
    ck_assert_str_eq(sample.cells[3].text, "é\"");
    sample_free(&sample);
}
END_TEST

START_TEST(odd_tables_are_read)
{
    static const struct {
        const char *text;
        size_t columns, rows;
    } cases[] = {
        {"a\n1\n", 1, 1},       {"a\n1", 1, 1},         {"a\r\n1\r\n", 1, 1},   {",b\n1,2\n", 2, 1},
        {"a,b,\n1,2,\n", 3, 1}, {"a,b\n,\n,\n", 2, 2},  {"a b\n1 2\n", 1, 1},   {"0,1,2\n5,6,7\n", 3, 1},
        {"a\n\"\"\n", 1, 1},    {"a,b\n\"x\",1", 2, 1}, {"a;b\n1,5;2\n", 2, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample sample;
        struct infer_options options = {0};
        CLEANUP(schema) struct schema *schema = infer_both(&sample, cases[i].text, "d.csv", &options);
        ck_assert_msg(schema->count == cases[i].columns, "'%s' has %zu columns", cases[i].text, schema->count);
        ck_assert_uint_eq(sample.seen, cases[i].rows);
        sample_free(&sample);
    }
}
END_TEST

START_TEST(what_is_no_table_gets_a_clear_message)
{
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"d.csv", "", "'d.csv' is empty"},
        {"d.csv", "a,b\n", "d.csv: has a header and no row"},
        {"d.csv", "a,b", "d.csv: has a header and no row"},
        {"d.csv", "a,b\n1,2\n\n1,2,3\n", "d.csv:4: 3 cells where the header has 2"},
        {"d.csv", "a,b\n1,\"2\n3\"\n1\n", "d.csv:4: 1 cell where the header has 2"},
        {"d.csv", "a,b\n1,\"2\n", "d.csv:2: a quoted cell is never closed"},
        {"d.csv", "a,b\n1,\"2\"x\n", "d.csv:2: text after the closing quote"},
        {"d.csv", "a,a\n1,2\n", "d.csv:1: two columns are called 'a'"},
        {"d.csv", "a,b\n1,\xe9t\xe9\n", "d.csv:2: the byte 0xe9 is not UTF-8; convert the file"},
        {"d.csv",
         "\xff\xfe"
         "a",
         "'d.csv' is UTF-16"},
        {"d.csv", "\x1f\x8b\x08", "'d.csv' is compressed (gzip)"},
        {"d.csv", "PK\3\4zzzz", "'d.csv' is a zip archive"},
        {"d.csv", "PAR1xxxx", "'d.csv' is Parquet"},
        {"d.jsonl", "\n\n", "d.jsonl: has no row"},
        {"d.jsonl", "[{\"a\": 1}]\n", "'d.jsonl' is a JSON array; write an object a line"},
        {"d.jsonl", "[1]\n", "d.jsonl:1: expected an object on each line"},
        {"d.jsonl", "{\"a\": 1}\n{\"a\": }\n", "d.jsonl:2: expected a value"},
        {"d.jsonl", "{\"a\": 1}\n\n{\"a\": 01}\n", "d.jsonl:3: expected a value"},
        {"d.jsonl", "{\"a\": 1.}\n", "d.jsonl:1: expected a value"},
        {"d.jsonl", "{\"a\": \"x\n\"}\n", "d.jsonl:1: a string that does not end on its line"},
        {"d.jsonl", "{\"a\": \"\\x\"}\n", "d.jsonl:1: an escape that JSON does not have"},
        {"d.jsonl", "{\"a\": \"\\ud800\"}\n", "d.jsonl:1: a \\u that is no character"},
        {"d.jsonl", "{\"a\": \"\xc3\"}\n", "d.jsonl:1: a string that is not UTF-8"},
        {"d.jsonl", "{\"a\": 1, \"a\": 2}\n", "d.jsonl:1: the key 'a' is here twice"},
        {"d.jsonl", "{\"a\": 1,}\n", "d.jsonl:1: expected a key"},
        {"d.jsonl", "{\"a\": 1\n", "d.jsonl:1: expected ',' or '}'"},
        {"d.jsonl", "{\"a\": [1,,2]}\n", "d.jsonl:1: an array or object that is not JSON"},
        {"d.jsonl", "{\"a\": [1}\n", "d.jsonl:1: an array or object that"},
        {"d.jsonl", "{\"a\": 1} x\n", "d.jsonl:1: expected the end of the line"},
        {"d.json", "{\n\"a\": 1\n}\n", "d.json:1: expected a key"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        infer_fails(cases[i].text, strlen(cases[i].text), cases[i].name, NULL, cases[i].message);
    infer_fails("a\n1\0\n", 5, "d.csv", NULL, "d.csv:2: a NUL byte: this is not a text file");
    infer_fails("age,plan\n1,2\n", 13, "d.csv", "pla", "'d.csv' has no column 'pla'; did you mean 'plan'?");
    infer_fails("age\n1\n", 6, "d.csv", "age", "'d.csv' has no column but the target");

    struct error err = {0};
    const struct infer_options options = {0};
    struct schema *schema;
    ck_assert_int_eq(infer_data(&schema, NULL, "/nowhere/d.csv", "d.csv", &options, &err), -1);
    ck_error_has(&err, "cannot open 'd.csv'");
    error_free(&err);
    err = (struct error){0};
    ck_assert_int_eq(infer_data(&schema, NULL, "/", "d.csv", &options, &err), -1);
    ck_error_has(&err, "folder");
    error_free(&err);
}
END_TEST

// ---- Large and odd

START_TEST(ten_thousand_columns_and_a_cell_of_ten_megabytes_are_read)
{
    struct buf text CLEANUP(buf) = {0};
    for (int row = 0; row < 30; row++) {
        for (int i = 0; i < 10000; i++)
            buf_printf(&text, "%s%s%d", i ? "," : "", row ? "" : "c", i);
        buf_putc(&text, '\n');
    }
    CLEANUP(schema) struct schema *wide = infer(buf_text(&text), "d.csv", "c77");
    ck_assert_uint_eq(wide->count, 9999);
    ck_assert_str_eq(wide->columns[9998].name, "c9999");
    ck_assert_double_eq(wide->columns[9998].min, 9999);

    buf_clear(&text);
    buf_puts(&text, "a,b\n1,\"");
    size_t size = (size_t)10 << 20;
    memset(buf_room(&text, size), 'x', size);
    text.len += size;
    buf_puts(&text, "\"\n2,y\n");
    struct sample sample;
    struct infer_options options = {.threads = 3};
    CLEANUP(schema) struct schema *large = infer_both(&sample, buf_text(&text), "d.csv", &options);
    ck_assert_int_eq(large->columns[1].type, COLUMN_TEXT);
    ck_assert_uint_eq(large->columns[1].longest, size);
    ck_assert_uint_eq(sample.cells[1].len, size);
    ck_assert_str_eq(sample.cells[3].text, "y");
    sample_free(&sample);
}
END_TEST

// Cells of all kinds: quotes, doubled quotes, newlines in quotes that look like rows, quotes in the middle.
static char *mess(size_t rows, bool stray)
{
    static const char *const cells[] = {"1",
                                        "-2.5",
                                        "",
                                        "x",
                                        "\"a,b\"",
                                        "\"a\nb,c\n\"",
                                        "\"\"\"\"",
                                        "\"1\n2,3\n4,5\"",
                                        "NA",
                                        "héllo",
                                        "5\" pipe",
                                        "\"\n\n\n\"",
                                        "longer text than the others"};
    struct buf text = {0};
    struct rng rng;
    rng_seed(&rng, rows);
    buf_puts(&text, "a,b,c\n");
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < 3; k++) {
            const char *cell = cells[rng_below(&rng, ARRAY_LEN(cells))];
            if (!stray && str_starts(cell, "5\""))
                cell = "5";
            buf_printf(&text, "%s%s", cell, k < 2 ? "," : rng_below(&rng, 2) ? "\n" : "\r\n");
        }
        if (i % 3 == 0)
            buf_putc(&text, '\n');
    }
    return buf_take(&text);
}

START_TEST(the_number_of_threads_changes_nothing)
{
    for (int stray = 0; stray < 2; stray++) {
        CLEANUP(free) char *text = mess(150000, stray);
        CLEANUP(free) char *schema_first = NULL, *sample_first = NULL;
        for (size_t threads = 1; threads <= 5; threads += 2) {
            struct sample sample;
            const struct infer_options options = {
                .threads = threads, .seed = 7, .sample_count = 300, .part_size = 10000};
            CLEANUP(schema) struct schema *schema = infer_both(&sample, text, "d.csv", &options);
            CLEANUP(free) char *schema_now = schema_text(schema), *sample_now = sample_text(&sample);
            ck_assert_uint_eq(sample.seen, 150000);
            ck_assert_uint_eq(sample.rows.row_count, 300);
            sample_free(&sample);
            if (threads == 1) {
                schema_first = steal(&schema_now);
                sample_first = steal(&sample_now);
                continue;
            }
            ck_assert_str_eq(schema_now, schema_first);
            ck_assert_str_eq(sample_now, sample_first);
        }
    }
}
END_TEST

START_TEST(another_seed_gives_another_sample)
{
    struct buf text CLEANUP(buf) = {0};
    buf_puts(&text, "n\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%d\n", i);
    char *samples[3];
    for (size_t i = 0; i < 3; i++) {
        struct sample sample;
        const struct infer_options options = {.seed = i / 2};
        CLEANUP(schema) struct schema *schema = infer_both(&sample, buf_text(&text), "d.csv", &options);
        ck_assert_uint_eq(sample.rows.row_count, 1000);
        double sum = 0; // every row is as likely as every other
        for (size_t row = 0; row < 1000; row++) {
            sum += (double)sample.cells[row].integer;
            ck_assert(row == 0 || sample.cells[row].integer > sample.cells[row - 1].integer);
        }
        ck_assert_double_eq_tol(sum / 1000, 10000, 800);
        samples[i] = sample_text(&sample);
        sample_free(&sample);
    }
    ck_assert_str_eq(samples[0], samples[1]);
    ck_assert_str_ne(samples[0], samples[2]);
    for (size_t i = 0; i < 3; i++)
        free(samples[i]);
}
END_TEST

// ---- JSON lines

START_TEST(json_lines_are_read_with_their_types)
{
    struct buf text CLEANUP(buf) = {0};
    for (int i = 0; i < 50; i++)
        buf_printf(&text,
                   "{\"age\": %d, \"score\": %s, \"ok\": %s, \"plan\": \"%s\", \"zip\": \"12\", \"t\": [1, {\"x\": "
                   "\"]\"}]%s}\r\n",
                   i, i % 5 ? "1.5" : "NaN", i % 2 ? "true" : "null", i % 3 ? "pr\\u00f6" : "",
                   i % 2 ? ", \"late\": 1" : "");
    struct sample sample;
    struct infer_options options = {.target = "age"};
    CLEANUP(schema) struct schema *schema = infer_both(&sample, buf_text(&text), "d.jsonl", &options);
    ck_assert_uint_eq(schema->count, 6);
    ck_assert_ptr_null(schema_find(schema, "age"));
    const struct column *score = schema_find(schema, "score");
    ck_assert_int_eq(score->type, COLUMN_NUMBER);
    ck_assert_double_eq(score->missing, 0.2);
    ck_assert_str_eq(score->spelt.items[0], "NaN");
    ck_assert_int_eq(schema_find(schema, "ok")->type, COLUMN_BOOLEAN);
    ck_assert_double_eq(schema_find(schema, "ok")->missing, 0.5);
    ck_assert_str_eq(schema_find(schema, "plan")->categories[0].value, "prö");
    ck_assert(schema_find(schema, "plan")->nullable);
    ck_assert_int_eq(schema_find(schema, "zip")->type, COLUMN_CATEGORY); // a string is no number
    ck_assert_int_eq(schema_find(schema, "t")->type, COLUMN_TEXT);
    ck_assert_double_eq(schema_find(schema, "late")->missing, 0.5);

    ck_assert_uint_eq(sample.rows.row_count, 50);
    const struct cell *first = sample.cells, *second = sample.cells + 6; // score, ok, plan, zip, t, late
    ck_assert_int_eq(first[0].kind, CELL_NULL);
    ck_assert_int_eq(first[1].kind, CELL_NULL);
    ck_assert_int_eq(first[2].kind, CELL_NULL);
    ck_assert_int_eq(first[5].kind, CELL_ABSENT);
    ck_assert_int_eq(second[0].kind, CELL_NUMBER);
    ck_assert(second[1].kind == CELL_BOOL && second[1].integer == 1);
    ck_assert(second[3].kind == CELL_TEXT && second[4].kind == CELL_RAW);
    ck_assert_str_eq(second[4].text, "[1, {\"x\": \"]\"}]");
    ck_assert_int_eq(second[5].kind, CELL_INTEGER);
    struct error err = {0};
    ck_ok(sample_fit(&sample, schema, &err), &err);
    sample_free(&sample);
}
END_TEST

START_TEST(keys_of_json_lines_may_come_in_any_order)
{
    CLEANUP(schema)
    struct schema *schema =
        infer("{\"a\": 1, \"b\": 2}\n{\"b\": 3, \"a\": 4}\n{}\n{\"c\": \"\\ud83d\\ude00\\n\"}", "d.jsonl", NULL);
    ck_assert_uint_eq(schema->count, 3);
    ck_assert_double_eq(schema->columns[0].max, 4);
    ck_assert_double_eq(schema->columns[1].max, 3);
    ck_assert_double_eq(schema->columns[0].missing, 0.5);
    ck_assert_str_eq(schema->columns[2].categories[0].value, "😀\n");
}
END_TEST

UNIT_MAIN("infer", each_type_is_told_from_its_values, values_that_never_repeat_are_identifiers_or_text,
          the_longest_value_of_a_text_may_look_like_a_number, counts_and_ranges_are_exact,
          quantiles_are_those_of_the_data, numbers_are_read_to_the_last_bit,
          every_form_of_the_same_table_gives_the_same_schema, what_stands_between_quotes_is_one_cell,
          odd_tables_are_read, what_is_no_table_gets_a_clear_message,
          ten_thousand_columns_and_a_cell_of_ten_megabytes_are_read, the_number_of_threads_changes_nothing,
          another_seed_gives_another_sample, json_lines_are_read_with_their_types,
          keys_of_json_lines_may_come_in_any_order)
