// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "compare/metrics.h"

#include <math.h>

// "name=value name=value" of the list, in its order.
static char *listing(const struct metric_list *list)
{
    struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        char number[32];
        str_double(number, list->items[i].value);
        buf_printf(&text, "%s%s=%s", i ? " " : "", list->items[i].name, number);
    }
    return buf_take(&text);
}

static void reads(const char *name, const char *text, const char *expected)
{
    CLEANUP(metric_list) struct metric_list list = {0};
    struct error err = {0};
    ck_ok(metrics_parse(&list, name, text, strlen(text), &err), &err);
    CLEANUP(free) char *found = listing(&list);
    ck_assert_str_eq(found, expected);
}

static void refuses_bytes(const char *name, const char *text, size_t len, const char *expected)
{
    CLEANUP(metric_list) struct metric_list list = {0};
    struct error err = {0};
    ck_assert_msg(metrics_parse(&list, name, text, len, &err) == -1, "'%s' is taken", text);
    ck_error_has(&err, expected);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_uint_eq(list.count, 0);
    error_free(&err);
}

static void refuses(const char *name, const char *text, const char *expected)
{
    refuses_bytes(name, text, strlen(text), expected);
}

START_TEST(json_is_flattened_to_dotted_names)
{
    reads("m.json", "{\"loss\": 0.5, \"auc\": [0.9, 0.8], \"test\": {\"f1\": {\"macro\": 1}}}",
          "auc.0=0.9 auc.1=0.8 loss=0.5 test.f1.macro=1");
    reads("m.json", "[1, [2, 3]]", "0=1 1.0=2 1.1=3");
    reads("m.json", "{\"ok\": true, \"bad\": false, \"none\": null, \"model\": \"forest\", \"n\": 3}",
          "bad=0 n=3 ok=1");
    reads("m.json", "\xef\xbb\xbf{\"a\": 1}\r\n", "a=1");
    reads("m.json", "{\"a\": -0.0, \"b\": 1e-3}", "a=-0 b=0.001");
}
END_TEST

START_TEST(nan_and_infinity_are_read_as_python_writes_them)
{
    reads("m.json", "{\"a\": NaN, \"b\": Infinity, \"c\": -Infinity}", "a=NaN b=Infinity c=-Infinity");
    reads("m.json", "{\"a\": \"NaN\", \"b\": \"Infinity\", \"c\": \"-Infinity\"}", "a=NaN b=Infinity c=-Infinity");
    reads("m.json", "[NaN,Infinity,-Infinity,-1]", "0=NaN 1=Infinity 2=-Infinity 3=-1");
    reads("m.json", "{\"NaN\": 1, \"a NaN\": 2, \"\\\"NaN\": NaN, \"x\": \" NaN \"}", "\"NaN=NaN NaN=1 a NaN=2");
    refuses("m.json", "{\"a\": NaNs}", "m.json:1");
    refuses("m.json", "{\"a\": 1,\n\"b\": -NaN}", "m.json:2");
    refuses("m.json", "{\"a\": \"x\\", "m.json:1");
}
END_TEST

START_TEST(a_fault_in_json_is_told_with_its_line)
{
    refuses("m.json", "{\"a\": NaN,\n \"b\": NaN,\n \"c\": }", "m.json:3");
    refuses("m.json", "{\"a\": 1}\n}", "m.json:2");
    refuses("m.json", "{\"a\": 1,\n\"a\": 2}", "m.json:2");
    refuses("m.json", "0.5", "expected an object of metrics");
    refuses("m.json", "", "m.json");
    refuses("m.json", "{\"\": 1}", "key without a name");
    refuses("m.json", "{\"a\": \"x\"}", "no number");
    refuses("m.json", "{\"a.b\": 1,\n\"a\": {\"b\": 2}}", "m.json:2: a.b: this name comes twice (first on line 1)");
}
END_TEST

START_TEST(what_would_fill_the_memory_is_refused)
{
    CLEANUP(buf) struct buf many = {0};
    buf_puts(&many, "[0");
    for (int i = 0; i < 100001; i++)
        buf_puts(&many, ",0");
    buf_putc(&many, ']');
    refuses("m.json", many.data, "more than 100000 numbers");
    CLEANUP(buf) struct buf name = {0};
    buf_puts(&name, "{\"");
    for (int i = 0; i < 2000; i++)
        buf_putc(&name, 'n');
    buf_puts(&name, "\": 1}");
    refuses("m.json", name.data, "a name of more than 1000 bytes");
    CLEANUP(buf) struct buf deep = {0};
    for (int i = 0; i < 100000; i++)
        buf_putc(&deep, '[');
    refuses("m.json", deep.data, "m.json:1");
    CLEANUP(buf) struct buf lines = {0};
    for (int i = 0; i < 100001; i++)
        buf_printf(&lines, "m%d=1\n", i);
    refuses("m.txt", lines.data, "more than 100000 numbers");
}
END_TEST

START_TEST(the_last_row_of_a_csv_counts)
{
    reads("m.csv", "epoch,loss\n1,0.5\n2,0.25\n", "epoch=2 loss=0.25");
    reads("m.csv",
          "\xef\xbb\xbf"
          "epoch,loss\r\n1,0.5\r\n\r\n2,0.25",
          "epoch=2 loss=0.25");
    reads("m.csv", "model,\"loss, \"\"mean\"\"\",empty\n\"a\nb\",\"0.5\",\n", "loss, \"mean\"=0.5");
    reads("m.csv", " step , loss \n 1 , nan \n", "loss=NaN step=1");
    reads("m.tsv", "epoch\tloss\n1\t0,5\n2\t-inf\n", "epoch=2 loss=-Infinity");
    refuses("m.csv", "epoch,loss\n", "no number");
    refuses("m.csv", "", "no number");
    refuses("m.csv", "epoch,loss\n1,0.5\n2\n", "m.csv:3: 1 cell where the first line has 2");
    refuses("m.csv", "epoch,loss\n\n1,0.5,3\n", "m.csv:3: 3 cells where the first line has 2");
    refuses("m.csv", "a,a\n1,2\n", "a: this name comes twice");
    refuses("m.csv", "a,\n1,2\n", "m.csv:1: column 2 has no name");
    refuses("m.csv", "a,b\n1,\"2\n", "m.csv:2: a quoted cell is never closed");
    refuses("m.csv", "a,b\n1,\"2\"x\n", "m.csv:2: text after the closing quote");
    refuses("m.csv", "a,b\nx,y\n", "no number");
}
END_TEST

START_TEST(lines_of_name_and_value_are_read)
{
    reads("m.txt", "# metrics\n\naccuracy=0.95\n loss = 1e-3 \r\nval loss=nan\nb.c=-5",
          "accuracy=0.95 b.c=-5 loss=0.001 val loss=NaN");
    refuses("m.txt", "a=1\nb\n", "m.txt:2: expected NAME=VALUE");
    refuses("m.txt", "a=0x10\n", "m.txt:1: a: expected a number, found '0x10'");
    refuses("m.txt", "a=1\n=2\n", "m.txt:2: expected a name");
    refuses("m.txt", "a=1,5\n", "expected a number");
    refuses("m.txt", "a=\n", "expected a number");
    refuses("m.txt", "# nothing\n", "no number");
    refuses("m.txt", "a=1\nb=2\na=1\n", "m.txt:3: a: this name comes twice (first on line 1)");
}
END_TEST

START_TEST(what_is_not_text_is_refused_with_its_line)
{
    refuses_bytes("m.txt", "a=1\nb\xff=2\n", 10, "m.txt:2: not UTF-8");
    refuses_bytes("m.json", "{\n\n\"a\": \"\xc3\"}", 12, "m.json:3: not UTF-8");
    refuses_bytes("m.csv", "a\n1\n\0002\n", 7, "m.csv:3: a NUL byte");
}
END_TEST

START_TEST(a_name_in_two_files_is_refused_and_nothing_is_added)
{
    CLEANUP(metric_list) struct metric_list list = {0};
    struct error err = {0};
    ck_ok(metrics_parse(&list, "a.txt", "x=1\n", 4, &err), &err);
    ck_ok(metrics_parse(&list, "b.txt", "a=1\n", 4, &err), &err);
    ck_assert_int_eq(metrics_parse(&list, "c.txt", "b=1\nx=2\n", 8, &err), -1);
    ck_error_has(&err, "c.txt:2: x: another file has a metric of this name");
    error_free(&err);
    CLEANUP(free) char *found = listing(&list);
    ck_assert_str_eq(found, "a=1 x=1");
}
END_TEST

START_TEST(a_file_is_read)
{
    char *folder = unit_folder();
    CLEANUP(free) char *path = str_printf("%s/x", folder);
    FILE *file = fopen(path, "w");
    fputs("{\"a\": 1}", file);
    fclose(file);
    CLEANUP(metric_list) struct metric_list list = {0};
    struct error err = {0};
    ck_ok(metrics_read(&list, path, "out/metrics.json", &err), &err);
    ck_assert_uint_eq(list.count, 1);
    unlink(path);
    ck_assert_int_eq(metrics_read(&list, path, "out/metrics.json", &err), -1);
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    error_free(&err);
    rmdir(folder);
    free(folder);
}
END_TEST

START_TEST(a_change_is_judged_by_its_rule)
{
    const struct tolerance abs = {.abs = 0.001}, rel = {.rel = 0.01}, both = {.abs = 0.1, .rel = 0.1};
    const struct tolerance higher = {.abs = 0.001, .better = BETTER_HIGHER}, lower = {.better = BETTER_LOWER};
    const struct tolerance wide = {.abs = 1e308, .rel = 10};
    const double inf = INFINITY, nan = NAN;
    const struct {
        double golden, value;
        const struct tolerance *rule;
        enum metric_verdict verdict;
    } table[] = {
        {0.5, 0.5, NULL, METRIC_EQUAL},          {0.0, -0.0, NULL, METRIC_EQUAL},
        {nan, nan, NULL, METRIC_EQUAL},          {inf, inf, NULL, METRIC_EQUAL},
        {0.1 + 0.2, 0.3, NULL, METRIC_OUTSIDE}, // one ulp is a difference where equality is asked for
        {0.1 + 0.2, 0.3, &lower, METRIC_BETTER}, {0.95, 0.951, &abs, METRIC_WITHIN},
        {0.950, 0.949, &abs, METRIC_WITHIN}, // exactly the tolerance in decimal, a little more in binary
        {0.95, 0.9511, &abs, METRIC_OUTSIDE},    {0.95, 0.9489, &abs, METRIC_OUTSIDE},
        {100, 101, &rel, METRIC_WITHIN},         {-100, -101, &rel, METRIC_WITHIN},
        {100, 101.1, &rel, METRIC_OUTSIDE},      {0, 1e-300, &rel, METRIC_OUTSIDE},
        {1, 1.2, &both, METRIC_WITHIN},          {1, 1.21, &both, METRIC_OUTSIDE},
        {0.95, 0.96, &higher, METRIC_BETTER},    {0.95, 0.9505, &higher, METRIC_WITHIN},
        {0.95, 0.94, &higher, METRIC_OUTSIDE},   {0.3, 0.2, &lower, METRIC_BETTER},
        {0.3, 0.4, &lower, METRIC_OUTSIDE},      {0.5, nan, &wide, METRIC_BECAME_NAN},
        {nan, 0.5, &wide, METRIC_BECAME_NAN},    {0.5, inf, &wide, METRIC_BECAME_NAN},
        {0.5, inf, &higher, METRIC_BECAME_NAN},  {inf, 0.5, &wide, METRIC_BECAME_NAN},
        {inf, nan, &wide, METRIC_BECAME_NAN},    {inf, -inf, &wide, METRIC_OUTSIDE},
        {-inf, inf, &higher, METRIC_OUTSIDE},    {1e308, -1e308, &abs, METRIC_OUTSIDE},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        double allowed = -1;
        enum metric_verdict verdict = metric_judge(table[i].golden, table[i].value, table[i].rule, &allowed);
        ck_assert_msg(verdict == table[i].verdict, "row %zu: %g and %g give %d", i, table[i].golden, table[i].value,
                      verdict);
        ck_assert(allowed >= 0);
    }
}
END_TEST

START_TEST(every_name_of_either_side_gets_one_finding_in_byte_order)
{
    CLEANUP(metric_list) struct metric_list golden = {0}, now = {0};
    metric_list_add(&golden, "loss", 0.5);
    metric_list_add(&golden, "auc", 0.9); // not sorted: golden may have been edited
    metric_list_add(&golden, "gone", 1);
    metric_list_add(&now, "auc", 0.9);
    metric_list_add(&now, "loss", 0.6);
    metric_list_add(&now, "B", 2);
    struct metric_findings findings = {0};
    metrics_compare(&findings, &golden, &now, NULL);
    const struct {
        const char *name;
        enum metric_verdict verdict;
    } expected[] = {{"B", METRIC_APPEARED}, {"auc", METRIC_EQUAL}, {"gone", METRIC_VANISHED}, {"loss", METRIC_OUTSIDE}};
    ck_assert_uint_eq(findings.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < findings.count; i++) {
        ck_assert_str_eq(findings.items[i].name, expected[i].name);
        ck_assert_int_eq(findings.items[i].verdict, expected[i].verdict);
    }
    ck_assert(isnan(findings.items[0].golden));
    ck_assert(isnan(findings.items[2].value));
    metric_findings_free(&findings);
}
END_TEST

START_TEST(the_rule_that_names_the_metric_is_used)
{
    struct tolerance rules[] = {{.pattern = (char *)"loss.*", .abs = 0.2}, {.pattern = (char *)"*", .abs = 0.01}};
    struct suite suite = {.metrics = {.tolerances = rules, .tolerance_count = 2}};
    CLEANUP(metric_list) struct metric_list golden = {0}, now = {0};
    metric_list_add(&golden, "acc", 0.5);
    metric_list_add(&golden, "loss.train", 0.5);
    metric_list_add(&now, "acc", 0.6);
    metric_list_add(&now, "loss.train", 0.6);
    struct metric_findings findings = {0};
    metrics_compare(&findings, &golden, &now, &suite);
    ck_assert_uint_eq(findings.count, 2);
    ck_assert_int_eq(findings.items[0].verdict, METRIC_OUTSIDE);
    ck_assert_ptr_eq(findings.items[0].rule, &rules[1]);
    ck_assert_int_eq(findings.items[1].verdict, METRIC_WITHIN);
    ck_assert_ptr_eq(findings.items[1].rule, &rules[0]);
    metric_findings_free(&findings);
}
END_TEST

START_TEST(a_finding_is_told_in_one_line)
{
    const struct tolerance abs = {.abs = 0.001}, higher = {.abs = 0.001, .better = BETTER_HIGHER},
                           lower = {.better = BETTER_LOWER};
    const struct {
        double golden, value;
        const struct tolerance *rule;
        const char *text;
    } table[] = {
        {0.9533, 0.9512, &abs, "accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)"},
        {0.9533, 0.9533, &abs, "accuracy 0.9533 equals golden's"},
        {0.9533, 0.9538, &abs, "accuracy 0.9538 is 0.0005 above golden's 0.9533 (allowed 0.001)"},
        {0.9533, 0.96, &higher, "accuracy 0.96 is 0.0067 above golden's 0.9533, which is better"},
        {0.5, 0.6, &lower, "accuracy 0.6 is 0.1 above golden's 0.5 (only lower is allowed)"},
        {0.5, 0.6, NULL, "accuracy 0.6 is 0.1 above golden's 0.5 (equality is asked for)"},
        {0.5, 0.50100001, &abs, "accuracy 0.50100001 is 0.00100001 above golden's 0.5 (allowed 0.001)"},
        {0.5, NAN, &abs, "accuracy became NaN: golden has 0.5"},
        {0.5, INFINITY, &abs, "accuracy became Infinity: golden has 0.5"},
        {-INFINITY, INFINITY, &abs, "accuracy became Infinity: golden has -Infinity"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct metric_finding finding = {
            .name = "accuracy", .golden = table[i].golden, .value = table[i].value, .rule = table[i].rule};
        finding.verdict = metric_judge(finding.golden, finding.value, finding.rule, &finding.allowed);
        CLEANUP(free) char *text = metric_describe(&finding);
        ck_assert_str_eq(text, table[i].text);
    }
    CLEANUP(free) char *new = metric_describe(&(struct metric_finding){"f1", METRIC_APPEARED, NAN, 0.5, 0, NULL});
    ck_assert_str_eq(new, "f1 0.5 is new: golden has no such metric");
    CLEANUP(free) char *gone = metric_describe(&(struct metric_finding){"f1", METRIC_VANISHED, 0.5, NAN, 0, NULL});
    ck_assert_str_eq(gone, "f1 is gone: golden has 0.5");
}
END_TEST

UNIT_MAIN("metrics", json_is_flattened_to_dotted_names, nan_and_infinity_are_read_as_python_writes_them,
          a_fault_in_json_is_told_with_its_line, what_would_fill_the_memory_is_refused, the_last_row_of_a_csv_counts,
          lines_of_name_and_value_are_read, what_is_not_text_is_refused_with_its_line,
          a_name_in_two_files_is_refused_and_nothing_is_added, a_file_is_read, a_change_is_judged_by_its_rule,
          every_name_of_either_side_gets_one_finding_in_byte_order, the_rule_that_names_the_metric_is_used,
          a_finding_is_told_in_one_line)
