// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "compare/series.h"

#include <math.h>
#include <stdint.h>

DEFINE_CLEANUP_VALUE(series)
DEFINE_CLEANUP_VALUE(series_finding)

// "step,loss:1,0.5;2,0.25"
static char *listing(const struct series *series)
{
    struct buf text = {0};
    for (size_t i = 0; i < series->column_count; i++)
        buf_printf(&text, "%s%s", i ? "," : "", series->columns[i]);
    for (size_t row = 0; row < series->row_count; row++) {
        for (size_t i = 0; i < series->column_count; i++) {
            char number[32];
            str_double(number, series->values[row * series->column_count + i]);
            buf_printf(&text, "%s%s", i ? "," : row ? ";" : ":", number);
        }
    }
    return buf_take(&text);
}

static struct series parsed(const char *name, const char *text, const char *x)
{
    struct series series;
    struct error err = {0};
    ck_ok(series_parse(&series, name, text, strlen(text), x, &err), &err);
    return series;
}

static void reads(const char *name, const char *text, const char *expected)
{
    CLEANUP(series) struct series series = parsed(name, text, NULL);
    CLEANUP(free) char *found = listing(&series);
    ck_assert_str_eq(found, expected);
}

static void refuses(const char *name, const char *text, const char *x, const char *expected)
{
    struct series series;
    struct error err = {0};
    ck_assert_msg(series_parse(&series, name, text, strlen(text), x, &err) == -1, "'%s' is taken", text);
    ck_error_has(&err, expected);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
}

START_TEST(csv_is_read)
{
    reads("h.csv", "step,loss\n1,0.5\n2,0.25\n", "step,loss:1,0.5;2,0.25");
    reads("h.csv", "\xef\xbb\xbfstep , loss\r\n1,\r\n2,nan\r\n3,inf", "step,loss:1,NaN;2,NaN;3,Infinity");
    reads("h.csv", "step,phase,loss\n1,train,0.5\n2,test,0.25\n", "step,loss:1,0.5;2,0.25");
    reads("h.tsv", "step\tloss\n1\t2\n", "step,loss:1,2");
    refuses("h.csv", "", NULL, "h.csv: no row");
    refuses("h.csv", "step,loss\n", NULL, "no row");
    refuses("h.csv", "step,loss\n1,2\n2\n", NULL, "h.csv:3: 1 cell where the first line has 2");
    refuses("h.csv", "step,loss\n1,2\n2,x\n", NULL, "h.csv:3: loss: expected a number");
    refuses("h.csv", "step,step\n1,2\n", NULL, "column 'step' comes twice");
    refuses("h.csv", "step,\n1,2\n", NULL, "column 2 has no name");
    refuses("h.csv", "a,b\nx,y\n", NULL, "no column of numbers");
    refuses("h.csv", "step,loss\n1,2\n", "stop", "no column of numbers 'stop'; did you mean 'step'?");
    refuses("h.csv", "step,\xff\n1,2\n", NULL, "h.csv:1: not UTF-8");
}
END_TEST

START_TEST(json_lines_are_read)
{
    reads("h.jsonl", "{\"step\": 1, \"loss\": 0.5}\n\n{\"loss\": NaN, \"step\": 2}\r\n", "step,loss:1,0.5;2,NaN");
    reads("h.ndjson", "{\"a\": {\"b\": 1}, \"c\": [2, 3]}", "a.b,c.0,c.1:1,2,3");
    reads("h.jsonl", "{\"s\": \"text\", \"a\": 1}\n{\"a\": [2]}\n{\"a\": 3}", "a,a.0:1,NaN;NaN,2;3,NaN");
    reads("h.jsonl", "{\"a\": 1}\n{\"b\": 2, \"a\": 3}\n{\"s\": \"text\", \"b\": 4}", "a,b:1,NaN;3,2;NaN,4");
    refuses("h.jsonl", "{\"a\": 1}\n{\"a\": }\n", NULL, "h.jsonl:2");
    refuses("h.jsonl", "{\"a\": 1}\n2\n", NULL, "h.jsonl:2: ");
    refuses("h.jsonl", "{\"a\": 1}\n\n{\"a\": 1, \"a\": 2}\n", NULL, "h.jsonl:3: ");
    refuses("h.jsonl", "{\"a\": 1}\n{\"a\": \"x\", \"a\": 2}\n", NULL, "h.jsonl:2: ");
    refuses("h.jsonl", "{\"a\": \"x\"}\n", NULL, "no column of numbers");
    refuses("h.jsonl", "\n\n", NULL, "no row");
}
END_TEST

START_TEST(sparse_rows_do_not_fill_the_memory)
{
    CLEANUP(buf) struct buf text = {0};
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "{\"c%d\": 1}\n", i);
    refuses("h.jsonl", text.data, NULL, "20000 rows of 20000 columns are more than");
    buf_puts(&text, "{\"one more\": 1}\n");
    refuses("h.jsonl", text.data, NULL, "h.jsonl:20001: more than");
    CLEANUP(buf) struct buf header = {0};
    for (int i = 0; i < 20001; i++)
        buf_printf(&header, "c%d%s", i, i < 20000 ? "," : "\n1\n");
    refuses("h.csv", header.data, NULL, "h.csv:1: more than");
}
END_TEST

START_TEST(a_file_is_read)
{
    char *folder = unit_folder();
    CLEANUP(free) char *path = str_printf("%s/x", folder);
    FILE *file = fopen(path, "w");
    fputs("step,loss\n1,2\n", file);
    fclose(file);
    CLEANUP(series) struct series series = {0};
    struct error err = {0};
    ck_ok(series_read(&series, path, "history.csv", "step", &err), &err);
    ck_assert_uint_eq(series.x, 0);
    ck_assert_uint_eq(series.row_count, 1);
    unlink(path);
    struct series none;
    ck_assert_int_eq(series_read(&none, path, "history.csv", "step", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    series_free(&none);
    error_free(&err);
    rmdir(folder);
    free(folder);
}
END_TEST

struct comparison {
    const char *golden, *now, *x;
    struct tolerance rule;
    bool equal, exact;
    const char *text;
};

static void compares(const struct comparison *c)
{
    CLEANUP(series) struct series golden = parsed("h.csv", c->golden, c->x);
    CLEANUP(series) struct series now = parsed("h.csv", c->now, c->x);
    CLEANUP(series_finding) struct series_finding finding;
    struct series_rule rule = {.tolerance = c->rule};
    series_compare(&finding, &golden, &now, &rule);
    ck_assert_str_eq(finding.text, c->text);
    ck_assert_int_eq(finding.equal, c->equal);
    ck_assert_int_eq(finding.exact, c->exact);
    ck_assert_int_eq(finding.column == NULL, c->equal);
}

static const struct comparison comparisons[] = {
    {"s,l\n1,5\n2,4\n", "s,l\n1,5\n2,4\n", "s", {0}, true, true, "2 points equal"},
    {"s,l\n1,5\n2,\n", "s,l\n1,5\n2,nan\n", "s", {0}, true, true, "2 points equal"},
    {"s,l\n1,5\n", "l,s\n5,1\n", "s", {0}, true, true, "1 point equal"}, // the order of columns means nothing
    {"s,l\n1,5\n2,4\n", "s,l\n2,4\n1,5\n", "s", {0}, true, true, "2 points equal"}, // nor that of rows with an x
    {"s,l\n1,5\n1,6\n2,7\n", "s,l\n2,7\n1,5\n1,6\n", "s", {0}, true, true, "3 points equal"},
    {"s,l\n1,5\n2,4\n", "s,l\n1,5.001\n2,4\n", "s", {.abs = 0.01}, true, false, "2 points within the tolerance"},
    {"s,l\n1,5\n2,4\n3,3\n",
     "s,l\n1,5\n2,4.5\n3,2\n",
     "s",
     {.abs = 0.25},
     false,
     false,
     "l parts at s 2: 4.5 against golden's 4 (allowed 0.25); 2 of 3 points differ"},
    {"s,l\n3,1\n1,1\n2,1\n",
     "s,l\n3,9\n1,1\n2,8\n",
     "s",
     {0},
     false,
     false, // the smallest x, not the first row
     "l parts at s 2: 8 against golden's 1 (allowed 0); 2 of 3 points differ"},
    {"s,a,b\n1,1,1\n",
     "s,b,a\n1,2,2\n",
     "s",
     {0},
     false,
     false, // golden's order of columns
     "a parts at s 1: 2 against golden's 1 (allowed 0); 1 of 1 points differ"},
    {"s,l\n1,5\n1,6\n",
     "s,l\n1,6\n1,5\n",
     "s",
     {0},
     false,
     false, // equal x are paired by their order
     "l parts at s 1: 6 against golden's 5 (allowed 0); 2 of 2 points differ"},
    {"l\n5\n4\n",
     "l\n5\n3\n",
     NULL,
     {0},
     false,
     false,
     "l parts at row 2: 3 against golden's 4 (allowed 0); 1 of 2 points differ"},
    {"s,l\n1,5\n",
     "s,l\n1,nan\n",
     "s",
     {.abs = 1e9},
     false,
     false,
     "l parts at s 1: NaN against golden's 5 (allowed 1000000000); 1 of 1 points differ"},
    {"s,l\n1,5\n2,4\n3,3\n",
     "s,l\n1,5\n2,4\n",
     "s",
     {0},
     false,
     false,
     "golden has 3 rows, this run 2: s 3 is the first that only golden has"},
    {"s,l\n1,5\n",
     "s,l\n1,5\n2,4\n",
     "s",
     {0},
     false,
     false,
     "golden has 1 row, this run 2: s 2 is the first that only this run has"},
    {"s,l\n1,5\n2,5\n", "s,l\n1,5\n3,5\n", "s", {0}, false, false, "s 2 is the first that only golden has"},
    {"s,l\n1,5\n", "s,m\n1,5\n", "s", {0}, false, false, "column 'l' is gone; column 'm' is new"},
    {"s,l,m\n1,5,6\n", "s\n1\n", "s", {0}, false, false, "columns 'l', 'm' are gone"},
    {"s,l\n1,5\n2,4\n",
     "s,l,m\n1,6,7\n",
     "s",
     {0},
     false,
     false,
     "l parts at s 1: 6 against golden's 5 (allowed 0); 1 of 1 points differ; column 'm' is new; golden has 2 "
     "rows, "
     "this run 1: s 2 is the first that only golden has"},
    {"s,l\n1,5\n,6\n", "s,l\n,6\n1,5\n", "s", {0}, true, true, "2 points equal"}, // rows without x meet each other
};

START_TEST(two_series_are_compared_point_by_point)
{
    for (size_t i = 0; i < ARRAY_LEN(comparisons); i++)
        compares(&comparisons[i]);
}
END_TEST

START_TEST(the_finding_has_the_numbers)
{
    CLEANUP(series) struct series golden = parsed("h.csv", "s,l\n1,5\n2,4\n3,1\n4,1\n", "s");
    CLEANUP(series) struct series now = parsed("h.csv", "s,l\n1,5\n2,4.5\n3,9\n", "s");
    CLEANUP(series_finding) struct series_finding finding;
    struct series_rule rule = {.tolerance = {.abs = 0.1, .rel = 0.1}};
    series_compare(&finding, &golden, &now, &rule);
    ck_assert_str_eq(finding.column, "l");
    ck_assert(finding.x == 3 && finding.golden == 1 && finding.value == 9);
    ck_assert(fabs(finding.allowed - 0.2) < 1e-12);
    ck_assert_uint_eq(finding.points, 3);
    ck_assert_uint_eq(finding.differing, 1);
    ck_assert_uint_eq(finding.golden_rows, 4);
    ck_assert_uint_eq(finding.rows, 3);
    ck_assert(finding.worst == 8);
}
END_TEST

START_TEST(a_change_for_the_better_is_within_the_rule_and_counted)
{
    CLEANUP(series) struct series golden = parsed("h.csv", "s,l\n1,5\n2,4\n", "s");
    CLEANUP(series) struct series now = parsed("h.csv", "s,l\n1,5\n2,3\n", "s");
    CLEANUP(series_finding) struct series_finding finding;
    struct series_rule rule = {.tolerance = {.better = BETTER_LOWER}};
    series_compare(&finding, &golden, &now, &rule);
    ck_assert(finding.equal && !finding.exact);
    ck_assert_uint_eq(finding.better, 1);
    CLEANUP(series_finding) struct series_finding worse;
    series_compare(&worse, &now, &golden, &rule);
    ck_assert(!worse.equal);
}
END_TEST

UNIT_MAIN("series", csv_is_read, json_lines_are_read, sparse_rows_do_not_fill_the_memory, a_file_is_read,
          two_series_are_compared_point_by_point, the_finding_has_the_numbers,
          a_change_for_the_better_is_within_the_rule_and_counted)
