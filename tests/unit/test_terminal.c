// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
#include "unit.h"

#include "base/mem.h"
#include "base/str.h"
#include "report/order.h"
#include "report/report.h"

static struct check *add(struct result *result, const char *suite, enum stage stage, const char *name,
                         enum verdict verdict, const char *reason)
{
    struct check *check = result_add(result, suite, stage, name, verdict);
    if (reason)
        check_reason(check, "%s", reason);
    return check;
}

static char *draw(const struct result *result, struct terminal_options options)
{
    struct buf out = {0};
    const struct term term = {.width = 80};
    report_terminal(&out, result, &term, &options);
    return buf_take(&out);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

static struct result *sample(void)
{
    struct result *result = result_new("repro verify");
    result->seconds = 1.234;
    result_suite(result, "churn")->seconds = 1.2;
    add(result, "churn", STAGE_METRICS, "auc", VERDICT_PASS, NULL);
    add(result, "churn", STAGE_METRICS, "loss", VERDICT_PASS, NULL);
    struct check *failed = add(result, "churn", STAGE_METRICS, "accuracy", VERDICT_FAIL,
                               "accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)");
    check_detail(failed, "auc   0.9\n\nloss  0.1\n");
    failed->cause = str_dup("params.json changed");
    failed->repeat = str_dup("repro verify churn --only metrics");
    failed->file = str_dup("suites/churn/suite.json");
    failed->line = 14;
    add(result, "churn", STAGE_ARTIFACTS, "a.bin", VERDICT_PASS, "equal byte for byte");
    add(result, "churn", STAGE_ARTIFACTS, "b.bin", VERDICT_PASS, "equal byte for byte");
    add(result, "churn", STAGE_REPLAY, "training", VERDICT_PASS, "exit status 0");
    add(result, "churn", STAGE_FUZZ, "fuzz", VERDICT_SKIP, "this version does not run it");
    struct check *noted = add(result, "digits", STAGE_ENVIRONMENT, "packages", VERDICT_PASS, NULL);
    check_note(noted, NOTE_WARNING, "numpy is another");
    check_note(noted, NOTE_NOTICE, "so is scipy");
    add(result, "digits", STAGE_DOCUMENT, "suite.json", VERDICT_ERROR, "no such key");
    return result;
}

START_TEST(the_overview_comes_first_then_failures_notes_and_totals)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(free) char *text = draw(result, (struct terminal_options){0});
    ck_assert_str_eq(text, "churn  1.2 s\n"
                           "  ✓ replay       training  exit status 0\n"
                           "  ✓ artifacts    2 checks: equal byte for byte\n"
                           "  ✓ metrics      2 checks: auc, loss\n"
                           "  ✗ metrics      accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)\n"
                           "  – fuzz         fuzz  this version does not run it\n"
                           "\n"
                           "digits\n"
                           "  ! document     suite.json  no such key\n"
                           "  ✓ environment  packages\n"
                           "\n"
                           "✗ churn · metrics · accuracy\n"
                           "  │ accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)\n"
                           "  │ auc   0.9\n"
                           "  │\n"
                           "  │ loss  0.1\n"
                           "  cause:  params.json changed\n"
                           "  where:  suites/churn/suite.json:14\n"
                           "  repeat: repro verify churn --only metrics\n"
                           "\n"
                           "! digits · document · suite.json\n"
                           "  │ no such key\n"
                           "\n"
                           "warning  digits · environment · packages: numpy is another\n"
                           "note     digits · environment · packages: so is scipy\n"
                           "\n"
                           "9 checks: 6 passed, 1 failed, 1 skipped, 1 error in 1.2 s\n");
}
END_TEST

START_TEST(quiet_tells_failures_and_totals_only)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(free) char *text = draw(result, (struct terminal_options){.quiet = true});
    ck_assert_uint_eq(count_of(text, "✓") + count_of(text, "–") + count_of(text, "warning"), 0);
    ck_assert_uint_eq(count_of(text, "✗ metrics"), 1);
    ck_assert_ptr_nonnull(strstr(text, "repeat: repro verify churn"));
    ck_assert_ptr_nonnull(strstr(text, "9 checks: "));
    CLEANUP(result) struct result *passing = result_new("repro verify");
    add(passing, "churn", STAGE_METRICS, "auc", VERDICT_PASS, NULL);
    CLEANUP(free) char *line = draw(passing, (struct terminal_options){.quiet = true});
    ck_assert_str_eq(line, "1 check: 1 passed, 0 failed, 0 skipped, 0 errors in 0 ms\n");
}
END_TEST

START_TEST(verbose_has_a_line_for_every_check_and_the_details_of_passes)
{
    CLEANUP(result) struct result *result = sample();
    check_detail(&result->checks[0], "a detail of a pass\n");
    CLEANUP(free) char *text = draw(result, (struct terminal_options){.verbose = true});
    ck_assert_uint_eq(count_of(text, "  ✓ "), 6);
    ck_assert_ptr_nonnull(strstr(text, "  │ a detail of a pass\n"));
    CLEANUP(free) char *normal = draw(result, (struct terminal_options){0});
    ck_assert_ptr_null(strstr(normal, "a detail of a pass"));
}
END_TEST

START_TEST(long_lines_of_the_overview_are_cut_but_the_failure_has_all)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(free) char *reason = mem_alloc(301);
    memset(reason, 'r', 299);
    reason[299] = 'z';
    add(result, "churn", STAGE_METRICS, "loss", VERDICT_FAIL, reason);
    for (int i = 0; i < 100; i++) {
        CLEANUP(free) char *name = str_printf("\xc3\xa4-metric-%d", i);
        add(result, "churn", STAGE_LIMITS, name, VERDICT_PASS, NULL);
    }
    CLEANUP(free) char *text = draw(result, (struct terminal_options){0});
    const char *line = strstr(text, "  ✗ metrics"), *passes = strstr(text, "100 checks: ");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_nonnull(passes);
    ck_assert_uint_lt(strcspn(line, "\n"), 90);
    ck_assert_uint_lt(strcspn(passes, "\n"), 90);
    ck_assert_uint_eq(count_of(text, reason), 1);
    ck_assert(str_is_utf8(text, strlen(text), NULL));
}
END_TEST

START_TEST(a_flood_of_failures_is_cut_and_counted)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (int i = 0; i < 500; i++) {
        CLEANUP(free) char *name = str_printf("metric%d", i);
        check_note(add(result, "churn", STAGE_METRICS, name, VERDICT_FAIL, "it moved"), NOTE_NOTICE, "a note");
    }
    CLEANUP(free) char *text = draw(result, (struct terminal_options){0});
    ck_assert_ptr_nonnull(strstr(text, "… and 480 more failed\n"));
    ck_assert_ptr_nonnull(strstr(text, "… and 400 more: the JUnit and JSON reports have them\n"));
    ck_assert_ptr_nonnull(strstr(text, "… and 450 more: the JUnit and JSON reports have them\n"));
    ck_assert_uint_eq(count_of(text, "  │ it moved\n"), 100);
    CLEANUP(free) char *all = draw(result, (struct terminal_options){.verbose = true});
    ck_assert_uint_eq(count_of(all, "  │ it moved\n"), 500);
}
END_TEST

START_TEST(text_from_outside_moves_no_cursor_and_gives_no_command)
{
    static const char hostile[] = "::error::a\033[2J\r\n  ::set-env name=x::y ##[group]z \xff\xe2\x80\xae";
    CLEANUP(result) struct result *result = result_new("repro verify");
    struct check *check = add(result, hostile, STAGE_METRICS, hostile, VERDICT_FAIL, "x");
    free(check->reason);
    check->reason = str_dup(hostile);
    check->detail = str_dup(hostile);
    check->cause = str_dup(hostile);
    check->repeat = str_dup(hostile);
    check->file = str_dup(hostile);
    check_note(check, NOTE_NOTICE, "%s", hostile);
    add(result, hostile, STAGE_FUZZ, hostile, VERDICT_SKIP, hostile);
    CLEANUP(free) char *text = draw(result, (struct terminal_options){.verbose = true});
    ck_assert_ptr_null(strpbrk(text, "\033\r"));
    ck_assert_ptr_null(strstr(text, "##["));
    ck_assert_ptr_null(strstr(text, "\xe2\x80\xae"));
    ck_assert(str_is_utf8(text, strlen(text), NULL));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        ck_assert_msg(strncmp(line + strspn(line, " "), "::", 2) != 0, "a line begins with '::': %.80s", line);
}
END_TEST

START_TEST(colour_is_used_where_it_is_welcome)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(buf) struct buf out = {0};
    const struct term term = {.width = 80, .color = true};
    report_terminal(&out, result, &term, NULL);
    ck_assert_ptr_nonnull(strstr(out.data, "\033["));
    ck_assert_uint_eq(count_of(out.data, term_style(&term, TERM_PLAIN)) > 0, 1);
}
END_TEST

START_TEST(the_order_does_not_depend_on_how_checks_were_added)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    add(result, "b", STAGE_METRICS, "2", VERDICT_PASS, NULL);
    add(result, "a", STAGE_METRICS, "3", VERDICT_FAIL, "x");
    add(result, "b", STAGE_REPLAY, "1", VERDICT_PASS, NULL);
    add(result, "a", STAGE_METRICS, "1", VERDICT_PASS, NULL);
    result->checks[0].seconds = 0.5;
    result_suite(result, "c")->seconds = 2;
    result_suite(result, "a")->seconds = 3;
    CLEANUP(order) struct order order = {0};
    order_make(&order, result);
    static const char *const names[] = {"3", "1", "1", "2"}, *const suites[] = {"a", "b", "c"};
    static const double seconds[] = {3, 0.5, 2};
    ck_assert_uint_eq(order.count, 4);
    ck_assert_uint_eq(order.suite_count, 3);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(order.checks[i]->name, names[i]);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(order.suites[i].name, suites[i]);
        ck_assert(order.suites[i].seconds == seconds[i]);
    }
    ck_assert_uint_eq(order.suites[0].verdicts[VERDICT_FAIL], 1);
    ck_assert_uint_eq(order.suites[2].to - order.suites[2].from, 0);
}
END_TEST

START_TEST(every_format_is_found_by_its_name_and_writes_something)
{
    CLEANUP(result) struct result *result = sample();
    ck_assert_uint_ge(report_count(), 3);
    for (size_t i = 0; i < report_count(); i++) {
        const struct report_format *format = report_at(i);
        CLEANUP(buf) struct buf out = {0};
        ck_assert_ptr_eq(report_find(format->name), format);
        format->write(&out, result);
        ck_assert_uint_gt(out.len, 0);
        ck_assert_uint_gt(strlen(format->summary), 0);
    }
    ck_assert_ptr_null(report_find("pdf"));
    CLEANUP(buf) struct buf json = {0};
    report_find("json")->write(&json, result);
    struct error err = {0};
    CLEANUP(result) struct result *again = NULL;
    ck_ok(result_parse(&again, "result.json", json.data, json.len, &err), &err);
    ck_assert_uint_eq(again->check_count, result->check_count);
}
END_TEST

UNIT_MAIN("terminal", the_overview_comes_first_then_failures_notes_and_totals, quiet_tells_failures_and_totals_only,
          verbose_has_a_line_for_every_check_and_the_details_of_passes,
          long_lines_of_the_overview_are_cut_but_the_failure_has_all, a_flood_of_failures_is_cut_and_counted,
          text_from_outside_moves_no_cursor_and_gives_no_command, colour_is_used_where_it_is_welcome,
          the_order_does_not_depend_on_how_checks_were_added, every_format_is_found_by_its_name_and_writes_something)
