// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
//
// The answers of `ready` in each report.
#include "base/mem.h"
#include "base/str.h"
#include "report/golive.h"
#include "report/report.h"
#include "unit.h"

static struct check *answer(struct result *result, const char *suite, const char *name, enum verdict verdict,
                            const char *reason)
{
    struct check *check = result_add(result, suite, STAGE_READY, name, verdict);
    check->advisory = true;
    check_reason(check, "%s", reason);
    check_detail(check, "What is asked?\n");
    if (verdict != VERDICT_PASS)
        check->repeat = str_printf("repro verify %s", suite);
    return check;
}

static struct result *sample(void)
{
    struct result *result = result_new("repro ready");
    result->seconds = 0.012;
    answer(result, "churn", "1 provenance", VERDICT_PASS,
           "12 inputs hashed as in golden and held by commit 2601ece8a237; traced: none undeclared");
    answer(result, "churn", "5 limits", VERDICT_FAIL, "the \"limits\" say nothing of cost");
    answer(result, "churn", "9 way back", VERDICT_FAIL, "not known: 3 days old, golden has changed since")->advisory =
        false;
    answer(result, "baskets", "9 way back", VERDICT_SKIP, "not known: it was never measured here");
    return result;
}

static char *draw(const struct result *result, int width, bool quiet)
{
    struct buf out = {0};
    const struct term term = {.width = width};
    const struct terminal_options options = {.quiet = quiet};
    report_terminal(&out, result, &term, &options);
    return buf_take(&out);
}

START_TEST(the_terminal_shows_a_table_and_folds_what_is_too_wide)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(free) char *text = draw(result, 80, false);
    ck_assert_str_eq(text, "baskets  1 question: 1 not known\n"
                           "  – 9 way back  not known  it was never measured here\n"
                           "                           → repro verify baskets\n"
                           "\n"
                           "churn  3 questions: 1 yes, 1 no, 1 not known\n"
                           "  ✓ 1 provenance  yes        12 inputs hashed as in golden and held by commit\n"
                           "                             2601ece8a237; traced: none undeclared\n"
                           "  ✗ 5 limits      no         the \"limits\" say nothing of cost\n"
                           "                             → repro verify churn\n"
                           "  – 9 way back    not known  3 days old, golden has changed since (required)\n"
                           "                             → repro verify churn\n"
                           "\n"
                           "4 questions: 1 yes, 1 no, 2 not known in 12 ms\n");
}
END_TEST

START_TEST(quiet_tells_what_is_required_and_not_yes)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(free) char *text = draw(result, 0, true);
    ck_assert_str_eq(text, "churn  3 questions: 1 yes, 1 no, 1 not known\n"
                           "  – 9 way back    not known  3 days old, golden has changed since (required)\n"
                           "                             → repro verify churn\n"
                           "\n"
                           "4 questions: 1 yes, 1 no, 2 not known in 12 ms\n");
}
END_TEST

START_TEST(no_foreign_text_gives_orders)
{
    CLEANUP(result) struct result *result = result_new("repro ready");
    answer(result, "::error::suite", "1 \x1b[31mred", VERDICT_FAIL,
           "a line of many words ::error::owned ::stop-commands::x ##[error]y \x1b[2J and more of them");
    for (int width = 0; width < 120; width += 3) {
        CLEANUP(free) char *text = draw(result, width, false);
        ck_assert(!strstr(text, "\x1b") && !strstr(text, "##["));
        for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
            ck_assert_msg(strncmp(line + strspn(line, " "), "::", 2) != 0, "%s", text);
    }
}
END_TEST

// Answers of one invocation beside the checks of another.
static struct result *mixed(void)
{
    struct result *result = sample();
    result_suite(result, "churn")->seconds = 2;
    result_add(result, "churn", STAGE_REPLAY, "training", VERDICT_PASS);
    check_reason(result_add(result, "churn", STAGE_METRICS, "accuracy", VERDICT_FAIL), "lower");
    return result;
}

START_TEST(beside_checks_the_answers_are_a_suite_of_their_own)
{
    CLEANUP(result) struct result *result = mixed();
    CLEANUP(buf) struct buf junit = {0}, markdown = {0};
    report_junit(&junit, result);
    const char *checks = strstr(junit.data, "<testsuite name=\"churn\" tests=\"2\" failures=\"1\"");
    const char *answers = strstr(junit.data, "<testsuite name=\"go-live\" tests=\"4\" failures=\"2\"");
    ck_assert(checks && answers && checks < answers);
    ck_assert_ptr_nonnull(strstr(answers, "classname=\"go-live.baskets\" name=\"9 way back\""));
    ck_assert_ptr_nonnull(strstr(answers, "classname=\"go-live.churn\" name=\"9 way back\""));
    ck_assert_ptr_nonnull(strstr(answers, "<system-out>12 inputs hashed as in golden"));
    CLEANUP(free) char *text = draw(result, 80, false);
    ck_assert_ptr_nonnull(strstr(text, "✗ churn · metrics · accuracy"));
    ck_assert_ptr_null(strstr(text, "churn · ready"));
    ck_assert_ptr_nonnull(strstr(text, "6 checks: 2 passed, 3 failed, 1 skipped, 0 errors"));
    report_github_summary(&markdown, result);
    ck_assert_ptr_nonnull(strstr(markdown.data, "<td>go&#45;live</td>"));
    ck_assert_ptr_nonnull(strstr(markdown.data, "<b>churn metrics accuracy</b>"));
    ck_assert_ptr_nonnull(strstr(markdown.data, "<td>5 limits</td><td>no</td>"));
    ck_assert_ptr_null(strstr(markdown.data, "<b>churn ready"));
}
END_TEST

START_TEST(a_suite_that_is_called_go_live_is_told_apart)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(buf) struct buf junit = {0};
    result_add(result, "go-live", STAGE_REPLAY, "training", VERDICT_PASS);
    report_junit(&junit, result);
    ck_assert_ptr_nonnull(strstr(junit.data, "<testsuite name=\"go-live\" tests=\"1\""));
    ck_assert_ptr_nonnull(strstr(junit.data, "<testsuite name=\"go-live (2)\" tests=\"4\""));
}
END_TEST

START_TEST(what_bars_nothing_is_a_warning_on_github)
{
    CLEANUP(result) struct result *result = sample();
    CLEANUP(buf) struct buf out = {0};
    report_github(&out, result);
    ck_assert_ptr_nonnull(strstr(out.data, "::warning title=churn ready 5 limits::"));
    ck_assert_ptr_nonnull(strstr(out.data, "::error title=churn ready 9 way back::not known: "));
    ck_assert_ptr_null(strstr(out.data, "baskets"));
}
END_TEST

START_TEST(a_summary_with_little_room_says_what_it_leaves_out)
{
    CLEANUP(result) struct result *result = result_new("repro ready");
    for (int i = 0; i < 20000; i++) {
        CLEANUP(free) char *suite = str_printf("suite-%d", i);
        answer(result, suite, "5 limits", VERDICT_FAIL, "the limits say nothing of cost");
    }
    CLEANUP(buf) struct buf out = {0};
    report_github_summary(&out, result);
    ck_assert_uint_lt(out.len, 1 << 20);
    ck_assert_ptr_nonnull(strstr(out.data, " more answers are left out"));
    ck_assert_ptr_nonnull(strstr(out.data, "20000 questions: 20000 no"));
}
END_TEST

UNIT_MAIN("golive", the_terminal_shows_a_table_and_folds_what_is_too_wide, quiet_tells_what_is_required_and_not_yes,
          no_foreign_text_gives_orders, beside_checks_the_answers_are_a_suite_of_their_own,
          a_suite_that_is_called_go_live_is_told_apart, what_bars_nothing_is_a_warning_on_github,
          a_summary_with_little_room_says_what_it_leaves_out)
