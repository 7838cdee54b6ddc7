// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
//
// A sample fitted to a schema that a person has edited, and held against what Python's csv module reads.
#include "base/rng.h"
#include "fuzz/infer.h"
#include "unit.h"
#include "unit_infer.h"
#include "unit_python.h"

#include <math.h>

static const char *const table = "age,plan,since,ok,note,none\n"
                                 "31,basic,2020-01-31,true,hello,None\n"
                                 "47,pro,2021-12-01,false,,x\n"
                                 "18,basic,2019-02-28,true,a b,x\n";

static struct schema *load(struct sample *sample, const char *text)
{
    const struct infer_options options = {0};
    return infer_both(sample, text, "d.csv", &options);
}

static struct column *column_of(struct schema *schema, const char *name)
{
    return (struct column *)schema_find(schema, name);
}

START_TEST(a_sample_fits_the_schema_of_its_own_data)
{
    struct error err = {0};
    struct sample sample;
    CLEANUP(schema) struct schema *schema = load(&sample, table);
    ck_ok(sample_fit(&sample, schema, &err), &err);
    ck_assert_uint_eq(sample.rows.row_count, 3);
    ck_assert_uint_eq(sample.rows.column_count, 6);
    ck_assert_int_eq(sample.cells[0].kind, CELL_INTEGER);
    ck_assert_int_eq(sample.cells[5].kind, CELL_NULL);
    ck_assert_int_eq(sample.cells[3].kind, CELL_BOOL);
    ck_assert_str_eq(sample.cells[8].text, "2021-12-01");
    sample_free(&sample);
}
END_TEST

START_TEST(columns_stand_in_the_order_of_the_schema_and_are_left_out_with_it)
{
    struct error err = {0};
    struct sample sample;
    CLEANUP(schema) struct schema *own = load(&sample, table);
    CLEANUP(schema) struct schema *schema = schema_new();
    schema_add(schema, "plan")->type = COLUMN_CATEGORY;
    schema_add(schema, "age")->type = COLUMN_NUMBER;
    ck_ok(sample_fit(&sample, schema, &err), &err);
    ck_assert_uint_eq(sample.rows.column_count, 2);
    ck_assert_str_eq(sample.rows.columns[0], "plan");
    ck_assert_str_eq(sample.rows.cells[0].text, "basic");
    ck_assert_int_eq(sample.rows.cells[1].kind, CELL_NUMBER);
    ck_assert_double_eq(sample.rows.cells[1].number, 31);
    sample_free(&sample);
}
END_TEST

START_TEST(a_word_for_missing_is_a_value_where_a_person_says_so)
{
    struct error err = {0};
    struct sample sample;
    CLEANUP(schema) struct schema *own = load(&sample, table);
    CLEANUP(schema) struct schema *schema = schema_new();
    schema_add(schema, "none")->type = COLUMN_CATEGORY;
    struct column *plan = schema_add(schema, "plan");
    plan->type = COLUMN_TEXT;
    plan->nullable = true;
    strings_add(&plan->spelt, "basic");
    ck_ok(sample_fit(&sample, schema, &err), &err);
    ck_assert_int_eq(sample.cells[0].kind, CELL_TEXT);
    ck_assert_str_eq(sample.cells[0].text, "None");
    ck_assert_int_eq(sample.cells[1].kind, CELL_NULL);
    ck_assert_int_eq(sample.cells[3].kind, CELL_TEXT);
    sample_free(&sample);
}
END_TEST

static void min_20(struct schema *schema)
{
    column_of(schema, "age")->min = 20;
}
static void max_40(struct schema *schema)
{
    column_of(schema, "age")->max = 40;
}
static void plan_number(struct schema *schema)
{
    column_of(schema, "plan")->type = COLUMN_NUMBER;
}
static void plan_boolean(struct schema *schema)
{
    column_of(schema, "plan")->type = COLUMN_BOOLEAN;
}
static void plan_other(struct schema *schema)
{
    struct column *plan = column_of(schema, "plan");
    ck_assert_str_eq(plan->categories[1].value, "pro");
    plan->categories[1].value[0] = 'P';
}
static void note_required(struct schema *schema)
{
    column_of(schema, "note")->nullable = false;
}
static void since_german(struct schema *schema)
{
    struct column *since = column_of(schema, "since");
    free(since->format);
    since->format = str_dup("%d.%m.%Y");
}
static void since_epoch(struct schema *schema)
{
    struct column *since = column_of(schema, "since");
    free(since->format);
    since->format = str_dup("epoch s");
}
static void note_short(struct schema *schema)
{
    struct column *plan = column_of(schema, "plan");
    plan->type = COLUMN_TEXT;
    plan->longest = 4;
}
static void one_more(struct schema *schema)
{
    schema_add(schema, "height");
}

START_TEST(a_schema_that_does_not_fit_the_data_is_told_why)
{
    static const struct {
        void (*edit)(struct schema *schema);
        const char *message;
    } cases[] = {
        {min_20, "d.csv: column 'age': 1 of 3 rows are below its \"min\", such as '18'"},
        {max_40, "d.csv: column 'age': 1 of 3 rows are above its \"max\", such as '47'"},
        {plan_number, "d.csv: column 'plan': 3 of 3 rows hold no number, such as 'basic'"},
        {plan_boolean, "column 'plan': 3 of 3 rows hold neither true nor false"},
        {plan_other, "column 'plan': 1 of 3 rows hold none of its \"categories\", such as 'pro'"},
        {note_required, "column 'note': 1 of 3 rows miss a value, but it is not \"nullable\""},
        {since_german, "column 'since': 3 of 3 rows are not in its \"format\", such as '2020-01-31'"},
        {since_epoch, "column 'since': 3 of 3 rows hold no number"},
        {note_short, "column 'plan': 2 of 3 rows are longer than its \"longest\", such as 'basic'"},
        {one_more, "d.csv: has no column 'height', which the schema has"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};
        struct sample sample;
        CLEANUP(schema) struct schema *schema = load(&sample, table);
        cases[i].edit(schema);
        ck_assert_int_eq(sample_fit(&sample, schema, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_assert_uint_eq(err.problem_count, 1);
        ck_error_has(&err, cases[i].message);
        error_free(&err);
        sample_free(&sample);
    }
}
END_TEST

START_TEST(numbers_are_written_as_the_type_of_the_schema)
{
    struct error err = {0};
    struct sample sample;
    CLEANUP(schema) struct schema *own = load(&sample, "a,b,c\n1.0,0,2\n2.0,1,7\n");
    CLEANUP(schema) struct schema *schema = schema_new();
    schema_add(schema, "a")->type = COLUMN_INTEGER;
    schema_add(schema, "b")->type = COLUMN_BOOLEAN;
    schema_add(schema, "c")->type = COLUMN_CATEGORY;
    ck_ok(sample_fit(&sample, schema, &err), &err);
    ck_assert(sample.cells[3].kind == CELL_INTEGER && sample.cells[3].integer == 2);
    ck_assert(sample.cells[4].kind == CELL_BOOL && sample.cells[4].integer == 1);
    ck_assert_str_eq(sample.cells[4].text, "1"); // as CSV spells it
    ck_assert(sample.cells[5].kind == CELL_INTEGER && sample.cells[5].integer == 7);
    sample_free(&sample);

    CLEANUP(schema) struct schema *again = load(&sample, "a,b,c\n1.5,2,2\n");
    ck_assert_int_eq(sample_fit(&sample, schema, &err), -1);
    ck_assert_uint_eq(err.problem_count, 2);
    ck_error_has(&err, "column 'a': 1 of 1 rows hold no whole number, such as '1.5'");
    ck_error_has(&err, "column 'b': 1 of 1 rows hold neither true nor false, such as '2'");
    error_free(&err);
    sample_free(&sample);
}
END_TEST

// ---- Python's csv module writes, and reads what it wrote: our rows must be the same.

static const char *const writer =
    "import csv, json, random\n"
    "random.seed(5)\n"
    "words = ['', 'a', 'b,c', 'd\"e', 'f\\ng', 'h\\r\\ni', 'é', ' x ', 'NA', '1', '2.5', '-3e4', '007', '\"', '\"\"', "
    "';', '\\t', 'true']\n"
    "rows = [[random.choice(words) for _ in range(4)] + ['end%d' % i] for i in range(900)]\n"
    "for name, how in (('minimal.csv', csv.QUOTE_MINIMAL), ('all.csv', csv.QUOTE_ALL)):\n"
    "    with open(name, 'w', newline='') as f:\n"
    "        w = csv.writer(f, quoting=how, lineterminator='\\n' if name == 'all.csv' else '\\r\\n')\n"
    "        w.writerow(['a', 'b', 'c', 'd', 'e'])\n"
    "        w.writerows(rows)\n"
    "with open('lines.jsonl', 'w') as f:\n"
    "    for row in rows:\n"
    "        f.write(json.dumps(dict(zip('abcde', row))) + '\\n')\n"
    "with open('rows.txt', 'w', newline='') as f:\n"
    "    for row in csv.reader(open('minimal.csv', newline='')):\n"
    "        if row[4] != 'e':\n"
    "            f.write('\\x1f'.join(row) + '\\x1e')\n";

static char *joined_rows(const struct sample *sample)
{
    struct buf text = {0};
    for (size_t i = 0; i < sample->rows.row_count * sample->rows.column_count; i++) {
        buf_append(&text, sample->cells[i].text, sample->cells[i].len);
        buf_putc(&text, (i + 1) % sample->rows.column_count ? '\x1f' : '\x1e');
    }
    return buf_take(&text);
}

START_TEST(rows_are_those_that_python_reads)
{
    static const char *const files[] = {"minimal.csv", "all.csv", "lines.jsonl"};
    char *folder = enter_folder();
    python(writer);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct error err = {0};
        struct sample sample;
        const struct infer_options options = {0};
        ck_ok(infer_data(NULL, &sample, files[i], files[i], &options, &err), &err);
        ck_assert_uint_eq(sample.rows.row_count, 900);
        CLEANUP(free) char *text = joined_rows(&sample);
        expect_file("rows.txt", text);
        sample_free(&sample);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(quantiles_and_extremes_are_those_that_numpy_computes)
{
    char *folder = enter_folder();
    python("import numpy as np\n"
           "rng = np.random.default_rng(3)\n"
           "x = rng.lognormal(size=200001)\n"
           "with open('d.csv', 'w') as f:\n"
           "    f.write('x,small\\n')\n"
           "    f.writelines('%r,%r\\n' % (float(v), float(v)) if i < 20001 else '%r,\\n' % float(v) for i, v in "
           "enumerate(x))\n"
           "np.savetxt('ranks.txt', np.sort(x), fmt='%.17g')\n");
    struct error err = {0};
    const struct infer_options options = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    ck_ok(infer_data(&schema, NULL, "d.csv", "d.csv", &options, &err), &err);
    CLEANUP(buf) struct buf text = {0};
    ck_ok(fs_read(&text, "ranks.txt", 0, &err), &err);
    static const double at[SCHEMA_QUANTILES] = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
    const struct column *x = &schema->columns[0];
    size_t rank = 0, next = 0;
    double value = NAN;
    for (char *line = text.data; *line; rank++) {
        value = strtod(line, &line);
        if (rank == 0)
            ck_assert_double_eq(x->min, value);
        for (; next < SCHEMA_QUANTILES && x->quantiles[next] == value; next++)
            ck_assert_double_eq_tol((double)rank / 200000, at[next], 0.01);
        line += *line == '\n';
    }
    ck_assert_double_eq(x->max, value);
    ck_assert_uint_eq(next, SCHEMA_QUANTILES); // each is a value of the data
    ck_assert_double_eq(schema->columns[1].missing, 0.9);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("infer_fit", a_sample_fits_the_schema_of_its_own_data,
          columns_stand_in_the_order_of_the_schema_and_are_left_out_with_it,
          a_word_for_missing_is_a_value_where_a_person_says_so, a_schema_that_does_not_fit_the_data_is_told_why,
          numbers_are_written_as_the_type_of_the_schema, rows_are_those_that_python_reads,
          quantiles_and_extremes_are_those_that_numpy_computes)
