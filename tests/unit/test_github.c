// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
#include "unit.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/github_summary.h"
#include "report/report.h"

static struct check *add(struct result *result, const char *suite, const char *name, enum verdict verdict,
                         const char *reason)
{
    struct check *check = result_add(result, suite, STAGE_METRICS, name, verdict);
    check_reason(check, "%s", reason);
    return check;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        count++;
    return count;
}

START_TEST(a_failure_is_an_annotation_on_its_line)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    struct check *check = add(result, "churn", "accuracy", VERDICT_FAIL, "accuracy 0.9 is 0.1 below golden's 1");
    check->file = str_dup("suites/a,b:c/suite.json");
    check->line = 14;
    check->cause = str_dup("50% of it");
    check->repeat = str_dup("repro verify churn");
    check_note(check, NOTE_WARNING, "look here");
    check_note(check, NOTE_NOTICE, "and there");
    add(result, "churn", "loss", VERDICT_PASS, "fine");
    add(result, "", "command line", VERDICT_ERROR, "it could not run");
    CLEANUP(buf) struct buf out = {0};
    report_github(&out, result);
    ck_assert_str_eq(
        out.data,
        "::error title=repro metrics command line::it could not run\n"
        "::error file=suites/a%2Cb%3Ac/suite.json,line=14,title=churn metrics accuracy::accuracy 0.9 is 0.1 below "
        "golden's 1%0Acause: 50%25 of it%0Arepeat: repro verify churn\n"
        "::warning file=suites/a%2Cb%3Ac/suite.json,line=14,title=churn metrics accuracy::look here\n"
        "::notice file=suites/a%2Cb%3Ac/suite.json,line=14,title=churn metrics accuracy::and there\n");
}
END_TEST

START_TEST(nine_annotations_of_a_kind_are_shown_and_the_rest_counted)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (int i = 0; i < 25; i++) {
        struct check *check = add(result, "churn", "m", i < 12 ? VERDICT_FAIL : VERDICT_PASS, "differs");
        if (i < 10)
            check_note(check, NOTE_WARNING, "w");
        if (i < 9)
            check_note(check, NOTE_NOTICE, "n");
    }
    CLEANUP(buf) struct buf out = {0};
    report_github(&out, result);
    ck_assert_uint_eq(count_of(out.data, "::error "), 10);
    ck_assert_uint_eq(count_of(out.data, "::warning "), 10);
    ck_assert_uint_eq(count_of(out.data, "::notice "), 9);
    ck_assert_ptr_nonnull(strstr(out.data, "::error title=repro::3 more checks failed"));
    ck_assert_ptr_nonnull(strstr(out.data, "::warning title=repro::1 more warnings"));
}
END_TEST

START_TEST(no_text_from_outside_becomes_a_command_of_its_own)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    struct check *check = add(result, "churn", "m\n::error::x", VERDICT_FAIL, "a");
    free(check->reason);
    check->reason = str_dup("a\r\n::set-output name=x::y\n\033[31m\xff");
    check->file = str_dup("x,line=9::\n::error::");
    check->line = 1;
    CLEANUP(buf) struct buf out = {0};
    report_github(&out, result);
    ck_assert_uint_eq(count_of(out.data, "\n"), 1);
    ck_assert_int_eq(out.data[out.len - 1], '\n');
    ck_assert_ptr_null(strchr(out.data, '\033'));
    ck_assert_str_eq(
        out.data,
        "::error file=x%2Cline=9%3A%3A%0A%3A%3Aerror%3A%3A,line=1,title=churn metrics m%0A%3A%3Aerror%3A%3Ax::"
        "a\\r%0A::set-output name=x::y%0A\\x1b[31m\\xff\n");
}
END_TEST

START_TEST(a_log_cannot_end_its_own_wrapping)
{
    CLEANUP(buf) struct buf out = {0};
    report_github_log(&out, "train\n::error::x", "epoch 1\n::error::y\n::Token7::\n##[token7]\n", "token7");
    ck_assert_str_eq(
        out.data,
        "::group::train%0A::error::x\n::stop-commands::token7\nepoch 1\n::error::y\n::T oken7::\n##[t oken7]\n"
        "::token7::\n::endgroup::\n");
    buf_clear(&out);
    report_github_log(&out, "t", "no newline", "abc");
    ck_assert_str_eq(out.data, "::group::t\n::stop-commands::abc\nno newline\n::abc::\n::endgroup::\n");
}
END_TEST

START_TEST(the_summary_has_a_table_and_each_failure)
{
    CLEANUP(result) struct result *result = result_new("repro verify churn");
    result->seconds = 1.5;
    struct check *check = add(result, "churn", "accuracy", VERDICT_FAIL, "it moved");
    check->cause = str_dup("the cause");
    check->repeat = str_dup("repro verify");
    check_detail(check, "a table\n");
    check_note(check, NOTE_WARNING, "a note");
    add(result, "churn", "loss", VERDICT_PASS, "fine");
    CLEANUP(buf) struct buf out = {0};
    report_github_summary(&out, result);
    static const char *const parts[] = {"repro: 1 of 2 checks did not pass",
                                        "<td>churn</td><td align=\"right\">1</td><td align=\"right\">1</td>",
                                        "<b>churn metrics accuracy</b>: it moved</summary>",
                                        "<pre>a table\n</pre>",
                                        "Cause:\n<pre>the cause</pre>",
                                        "Repeat with:\n<pre>repro verify</pre>",
                                        "<summary>1 note</summary>"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        ck_assert_msg(strstr(out.data, parts[i]), "'%s' is not in\n%s", parts[i], out.data);
}
END_TEST

// All tags of the document are ours, and no Markdown or HTML of theirs is left.
START_TEST(no_text_from_outside_becomes_markdown_or_html)
{
    static const char hostile[] =
        "</pre></details><script>alert(1)</script> | x | `y` **z** [a](javascript:b) @user #1 ![i](u) &lt; "
        "http://example.com \033[1m\xff\n\n# heading\n- item";
    CLEANUP(result) struct result *result = result_new(hostile);
    struct check *check = add(result, hostile, hostile, VERDICT_FAIL, hostile);
    check->cause = str_dup(hostile);
    check->repeat = str_dup(hostile);
    check->detail = str_dup(hostile);
    check->file = str_dup(hostile);
    check_note(check, NOTE_NOTICE, "%s", hostile);
    CLEANUP(buf) struct buf out = {0};
    report_github_summary(&out, result);
    static const char *const parts[] = {"script>", "javascript:", "`",     "*",    "|",    "@",
                                        "](",      "![",          "http:", "\n- ", "\033", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        ck_assert_msg(!strstr(out.data, parts[i]), "'%s' is in\n%s", parts[i], out.data);
    ck_assert_uint_eq(count_of(out.data, "# "), 1); // our own heading
    ck_assert_uint_eq(count_of(out.data, "<details>"), count_of(out.data, "</details>"));
    ck_assert_uint_eq(count_of(out.data, "<pre>"), count_of(out.data, "</pre>"));
}
END_TEST

START_TEST(the_summary_stays_within_any_limit_and_says_what_it_left_out)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(free) char *detail = mem_alloc(20001);
    memset(detail, '<', 20000);
    for (int i = 0; i < 2000; i++) {
        CLEANUP(free) char *suite = str_printf("suite-%d", i % 1500);
        struct check *check = add(result, suite, "m", i % 3 ? VERDICT_FAIL : VERDICT_PASS, "it differs");
        check->detail = str_dup(detail);
        check_note(check, NOTE_WARNING, "%.3000s", detail);
    }
    static const size_t limits[] = {0, 10, 100, 1000, 3000, 5000, 20000, 100000, GITHUB_SUMMARY_LIMIT};
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        CLEANUP(buf) struct buf out = {0};
        github_summary_write(&out, result, limits[i]);
        ck_assert_uint_le(out.len, limits[i]);
        const char *text = buf_text(&out);
        ck_assert_uint_eq(count_of(text, "<details>"), count_of(text, "</details>"));
        ck_assert_uint_eq(count_of(text, "<table>"), count_of(text, "</table>"));
        ck_assert_uint_eq(count_of(text, "<tr>"), count_of(text, "</tr>"));
        if (limits[i] >= 5000)
            ck_assert_ptr_nonnull(strstr(text, "more are left out: a summary holds 1 MiB"));
    }
}
END_TEST

static char *read_back(const char *path)
{
    CLEANUP(buf) struct buf text = {0};
    struct error err = {0};
    ck_ok(fs_read(&text, path, 0, &err), &err);
    return str_dup(buf_text(&text));
}

START_TEST(summary_and_outputs_are_appended_to_the_files_of_the_runner)
{
    char *folder = unit_folder();
    CLEANUP(free) char *summary = str_printf("%s/summary", folder);
    CLEANUP(free) char *output = str_printf("%s/output", folder);
    FILE *file = fopen(output, "w");
    fputs("before=1\n", file);
    fclose(file);
    CLEANUP(result) struct result *result = result_new("repro verify");
    add(result, "churn", "loss", VERDICT_PASS, "fine");
    add(result, "churn", "skipped", VERDICT_SKIP, "later");
    struct error err = {0};
    ck_ok(report_github_files(result, summary, output, &err), &err);
    CLEANUP(free) char *passing = read_back(output);
    ck_assert_str_eq(passing, "before=1\nverdict=pass\nchecks=2\npassed=1\nfailed=0\nskipped=1\nerrors=0\nfailures=\n");
    add(result, "churn", "a\nEOF\nverdict=pass", VERDICT_FAIL, "moved");
    add(result, "churn", "b", VERDICT_ERROR, "could not run");
    unlink(output);
    ck_ok(report_github_files(result, summary, output, &err), &err);
    CLEANUP(free) char *failing = read_back(output);
    ck_assert_uint_eq(count_of(failing, "\nverdict="), 0); // the name's newline is not one here
    ck_assert(str_starts(failing, "verdict=error\nchecks=4\npassed=1\nfailed=1\nskipped=1\nerrors=1\nfailures<<"));
    CLEANUP(free) char *delimiter = str_ndup(strstr(failing, "<<") + 2, strcspn(strstr(failing, "<<") + 2, "\n"));
    ck_assert_uint_ge(strlen(delimiter), 16);
    CLEANUP(free) char *value = str_printf("\nchurn metrics a\\nEOF\\nverdict=pass\nchurn metrics b\n%s\n", delimiter);
    ck_assert(str_ends(failing, value));
    CLEANUP(free) char *both = read_back(summary);
    ck_assert_uint_eq(count_of(both, "## "), 2);
    ck_ok(report_github_files(result, NULL, NULL, &err), &err);
    unlink(output);
    unlink(summary);
    ck_assert_int_eq(report_github_files(result, folder, NULL, &err), -1);
    ck_error_has(&err, "cannot open");
    error_free(&err);
    rmdir(folder);
    free(folder);
}
END_TEST

START_TEST(what_earlier_commands_wrote_counts_towards_the_limit_of_the_summary)
{
    char *folder = unit_folder();
    CLEANUP(free) char *summary = str_printf("%s/summary", folder);
    CLEANUP(free) char *before = mem_alloc(GITHUB_SUMMARY_LIMIT);
    memset(before, 'x', GITHUB_SUMMARY_LIMIT);
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (int i = 0; i < 1000; i++)
        add(result, "churn", "m", VERDICT_FAIL, "it differs");
    static const size_t sizes[] = {GITHUB_SUMMARY_LIMIT - 30000, GITHUB_SUMMARY_LIMIT - 10, GITHUB_SUMMARY_LIMIT};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        FILE *file = fopen(summary, "w");
        ck_assert_uint_eq(fwrite(before, 1, sizes[i], file), sizes[i]);
        fclose(file);
        struct error err = {0};
        ck_ok(report_github_files(result, summary, NULL, &err), &err);
        CLEANUP(free) char *text = read_back(summary);
        ck_assert_uint_le(strlen(text), GITHUB_SUMMARY_LIMIT);
        ck_assert_uint_ge(strlen(text), sizes[i]);
    }
    unlink(summary);
    rmdir(folder);
    free(folder);
}
END_TEST

UNIT_MAIN("github", a_failure_is_an_annotation_on_its_line, nine_annotations_of_a_kind_are_shown_and_the_rest_counted,
          no_text_from_outside_becomes_a_command_of_its_own, a_log_cannot_end_its_own_wrapping,
          the_summary_has_a_table_and_each_failure, no_text_from_outside_becomes_markdown_or_html,
          the_summary_stays_within_any_limit_and_says_what_it_left_out,
          summary_and_outputs_are_appended_to_the_files_of_the_runner,
          what_earlier_commands_wrote_counts_towards_the_limit_of_the_summary)
