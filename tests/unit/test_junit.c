// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
//
// The report is read back by readers that others wrote: xmllint holds it against the schema, and Debian's
// python3-junitparser says what it found.
#include "unit.h"

#include "base/mem.h"
#include "base/str.h"
#include "report/report.h"

#include <stdint.h>
#include <time.h>

#define PYTHON "/usr/bin/python3"

static bool has(const char *probe)
{
    CLEANUP(free) char *command = str_printf("%s >/dev/null 2>&1", probe);
    bool found = system(command) == 0;
    if (!found)
        printf("left out, for this does not work here: %s\n", probe);
    return found;
}

// What the command prints, with "@" in it replaced by the path of a file that holds the report.
static char *ask(const struct buf *report, const char *before, const char *after, int *status)
{
    char *folder = unit_folder();
    CLEANUP(free) char *path = str_printf("%s/junit.xml", folder);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(report->data, 1, report->len, file), report->len);
    ck_assert_int_eq(fclose(file), 0);
    CLEANUP(free) char *command = str_printf("%s '%s' %s 2>&1", before, path, after);
    FILE *stream = popen(command, "r");
    ck_assert_ptr_nonnull(stream);
    struct buf text = {0};
    char part[4096];
    for (size_t got; (got = fread(part, 1, sizeof part, stream)) > 0;)
        buf_append(&text, part, got);
    *status = pclose(stream);
    unlink(path);
    rmdir(folder);
    free(folder);
    return buf_take(&text);
}

static void is_valid(const struct buf *report)
{
    if (!has("xmllint --version"))
        return;
    int status;
    CLEANUP(free)
    char *schema = str_printf("xmllint --huge --noout --schema '%s/harness/report/junit.xsd'", getenv("SOURCE_DIR"));
    CLEANUP(free) char *text = ask(report, schema, "", &status);
    ck_assert_msg(status == 0, "%.2000s", text);
}

// Runs a Python program in which `xml` is what junitparser read.
static void junitparser_says(const struct buf *report, const char *program, const char *expected)
{
    if (!has(PYTHON " -c 'import junitparser'"))
        return;
    int status;
    CLEANUP(free)
    char *command = str_printf(
        PYTHON " -c 'import sys, junitparser\nxml = junitparser.JUnitXml.fromfile(sys.argv[1])\n%s'", program);
    CLEANUP(free) char *text = ask(report, command, "", &status);
    ck_assert_msg(status == 0, "%.2000s", text);
    ck_assert_str_eq(text, expected);
}

static struct check *add(struct result *result, const char *suite, enum stage stage, const char *name,
                         enum verdict verdict, const char *reason)
{
    struct check *check = result_add(result, suite, stage, name, verdict);
    if (reason)
        check_reason(check, "%s", reason);
    return check;
}

// Not strstr: under AddressSanitizer each call of it looks at all of the text.
static size_t count_of(const struct buf *report, const char *part)
{
    size_t count = 0, size = strlen(part);
    const char *end = report->data + report->len;
    for (const char *at = report->data; (at = memchr(at, part[0], (size_t)(end - at))); at++)
        count += (size_t)(end - at) >= size && !memcmp(at, part, size);
    return count;
}

START_TEST(every_verdict_is_read_back_with_its_message)
{
    CLEANUP(result) struct result *result = result_new("repro verify churn digits");
    result->started = 1763870240;
    result->seconds = 3.5;
    pairs_set(&result->properties, "isolation", "full");
    result_suite(result, "churn")->seconds = 1.25;
    add(result, "churn", STAGE_ARTIFACTS, "model.bin", VERDICT_PASS, "equal byte for byte");
    struct check *failed =
        add(result, "churn", STAGE_METRICS, "accuracy", VERDICT_FAIL, "accuracy 0.9 is 0.1 below golden's 1");
    failed->file = str_dup("suites/churn/suite.json");
    failed->line = 14;
    failed->cause = str_dup("params.json changed");
    failed->repeat = str_dup("repro verify churn --only metrics");
    failed->seconds = 0.5;
    check_detail(failed, "first\n  second <&> ]]>\n");
    add(result, "churn", STAGE_FUZZ, "fuzz", VERDICT_SKIP, "not in this version");
    struct check *error = add(result, "digits", STAGE_DOCUMENT, "suite.json", VERDICT_ERROR, "no such key");
    error->fault = ERROR_USAGE;
    struct check *noted = add(result, "digits", STAGE_ENVIRONMENT, "packages", VERDICT_PASS, NULL);
    check_note(noted, NOTE_WARNING, "numpy is another");
    check_note(noted, NOTE_NOTICE, "so is scipy");
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report);
    junitparser_says(
        &report,
        "print(xml.tests, xml.failures, xml.errors, xml.skipped, xml.time)\n"
        "for suite in xml:\n"
        "    print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped, suite.time, suite.timestamp)\n"
        "    print([(p.name, p.value) for p in suite.properties() if p.name != \"repro\"])\n"
        "    for case in suite:\n"
        "        print(case.classname, case.name, case.time, case._elem.get(\"file\"), case._elem.get(\"line\"))\n"
        "        for r in case.result: print(type(r).__name__, r.type, r.message, repr(r.text))\n"
        "        if case.system_out: print(repr(case.system_out))\n",
        "5 1 1 1 3.5\n"
        "churn 3 1 0 1 1.25 2025-11-23T03:57:20Z\n"
        "[('command', 'repro verify churn digits'), ('isolation', 'full')]\n"
        "churn.artifacts model.bin 0.0 None None\n"
        "churn.metrics accuracy 0.5 suites/churn/suite.json 14\n"
        "Failure mismatch accuracy 0.9 is 0.1 below golden's 1 \"accuracy 0.9 is 0.1 below golden's 1\\n\\n"
        "first\\n  second <&> ]]>\\n\\ncause: params.json changed\\n\\n"
        "repeat: repro verify churn --only metrics\\n\"\n"
        "churn.fuzz fuzz 0.0 None None\n"
        "Skipped skipped not in this version 'not in this version\\n'\n"
        "digits 2 0 1 0 0.0 2025-11-23T03:57:20Z\n"
        "[('command', 'repro verify churn digits'), ('isolation', 'full')]\n"
        "digits.document suite.json 0.0 None None\n"
        "Error bad document no such key 'no such key\\n'\n"
        "digits.environment packages 0.0 None None\n"
        "'warning: numpy is another\\nnotice: so is scipy\\n'\n");
}
END_TEST

START_TEST(a_result_without_checks_is_valid)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report);
    junitparser_says(&report, "print(xml.tests, len(list(xml)))", "0 0\n");
    result_suite(result, "churn")->train_wall = 2;
    buf_clear(&report);
    report_junit(&report, result);
    is_valid(&report);
    junitparser_says(&report, "print(xml.tests, [(s.name, s.tests) for s in xml])", "0 [('churn', 0)]\n");
}
END_TEST

START_TEST(no_byte_of_the_input_breaks_the_document)
{
    char all[256];
    for (int c = 0; c < 255; c++)
        all[c] = (char)(c + 1);
    all[255] = '\0';
    CLEANUP(result) struct result *result = result_new(all);
    pairs_set(&result->properties, all, all);
    static const enum verdict verdicts[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_ERROR};
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        struct check *check = add(result, all, STAGE_ARTIFACTS, all, verdicts[i], all);
        check->detail = str_dup(all);
        check->cause = str_dup(all);
        check->repeat = str_dup(all);
        check->file = str_dup(all);
        check->line = 1;
        check_note(check, NOTE_NOTICE, "%s", all);
    }
    static const char *const nasty[] = {"",     "\xff\xfe", "\xed\xa0\x80", "a\nb",       "]]>",
                                        "<!--", "&#0;",     "\x1b[31m",     "::error::x", "\xe2\x80\xae"};
    for (size_t i = 0; i < ARRAY_LEN(nasty); i++) {
        for (size_t k = 0; k < 2; k++)
            add(result, nasty[i], STAGE_METRICS, nasty[i], VERDICT_FAIL, nasty[i]);
        result_suite(result, nasty[i])->run_folder = str_dup(nasty[i]);
    }
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report);
    ck_assert_ptr_nonnull(strstr(report.data, "#x1B"));
    ck_assert_ptr_nonnull(strstr(report.data, "#xFF"));
    junitparser_says(
        &report,
        "cases = [c for s in xml for c in s]\n"
        "print(xml.tests, len(cases), len(set((c.classname, c.name) for c in cases)), all(r.message and r.type and "
        "r.text.startswith(r.message.rstrip(\"…\")[:20]) for c in cases for r in c.result))\n",
        "24 24 24 True\n");
}
END_TEST

START_TEST(names_are_unique_even_if_cut_or_given_twice)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(free) char *large = mem_alloc(3001);
    memset(large, 'n', 3000);
    for (size_t i = 0; i < 3; i++) {
        large[2999] = (char)('0' + i);
        add(result, "churn", STAGE_METRICS, large, VERDICT_PASS, NULL);
        add(result, "churn", STAGE_METRICS, "loss", VERDICT_PASS, NULL);
        add(result, "churn", STAGE_METRICS, "loss (2)", VERDICT_PASS, NULL);
    }
    add(result, "", STAGE_DOCUMENT, "command line", VERDICT_PASS, NULL);
    add(result, "repro", STAGE_DOCUMENT, "command line", VERDICT_PASS, NULL);
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report); // the schema asks for unique names
    junitparser_says(&report, "print([(s.name, len(list(s))) for s in xml])",
                     "[('repro', 1), ('churn', 9), ('repro (2)', 1)]\n");
}
END_TEST

START_TEST(a_reason_of_a_megabyte_is_cut)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    size_t size = (size_t)1 << 20;
    CLEANUP(free) char *text = mem_alloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = "\xe2\x82\xac"[i % 3];
    text[size - 1] = '\0';
    struct check *check = add(result, "churn", STAGE_REPLAY, "training", VERDICT_FAIL, text);
    memset(text, '<', size);
    check->detail = str_dup(text);
    check->cause = str_dup(text);
    check->repeat = str_dup("repro verify churn");
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report);
    ck_assert_uint_lt(report.len, 64 * 1024);
    ck_assert_uint_gt(report.len, 32 * 1024);
    ck_assert_ptr_nonnull(strstr(report.data, "cut here: see the JSON report"));
    ck_assert_ptr_nonnull(strstr(report.data, "more bytes: see the JSON report"));
    junitparser_says(&report,
                     "r = [c for s in xml for c in s][0].result[0]\n"
                     "print(len(r.message.encode()) <= 255, r.message[-1] == \"…\", len(r.text.encode()) <= 60000)",
                     "True True True\n");
}
END_TEST

START_TEST(what_comes_after_a_large_detail_is_kept)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    struct check *check = add(result, "churn", STAGE_REPLAY, "training", VERDICT_FAIL, "the training failed");
    for (int i = 0; i < 20000; i++)
        check_detail(check, "line %d\n", i);
    check->cause = str_dup("the cause");
    check->repeat = str_dup("repro verify churn");
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    is_valid(&report);
    ck_assert_ptr_nonnull(strstr(report.data, "\ncause: the cause\n"));
    ck_assert_ptr_nonnull(strstr(report.data, "\nrepeat: repro verify churn\n"));
    ck_assert_uint_lt(report.len, 64 * 1024);
}
END_TEST

START_TEST(the_file_stays_below_thirty_megabytes_and_keeps_every_failure)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(free) char *text = mem_alloc(20001);
    memset(text, 'x', 20000);
    for (int i = 0; i < 5000; i++) {
        CLEANUP(free) char *name = str_printf("m%d", i);
        add(result, "churn", STAGE_METRICS, name, VERDICT_FAIL, "it differs")->detail = str_dup(text);
        add(result, "churn", STAGE_LIMITS, name, VERDICT_PASS, NULL);
    }
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    ck_assert_uint_lt(report.len, 30000000);
    is_valid(&report);
    ck_assert_uint_eq(count_of(&report, "<failure "), 5000);
    ck_assert_uint_eq(count_of(&report, "<testcase "), 10000);
    ck_assert_ptr_nonnull(strstr(report.data, "more bytes: see the JSON report"));
}
END_TEST

START_TEST(passes_are_left_out_before_failures_and_the_counts_stay_true)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (int i = 0; i < 400000; i++) {
        CLEANUP(free) char *name = str_printf("a rather long name for a metric %d", i);
        add(result, "churn", STAGE_METRICS, name, i % 100 ? VERDICT_PASS : VERDICT_FAIL, i % 100 ? NULL : "it differs");
    }
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    ck_assert_uint_lt(report.len, 30000000);
    is_valid(&report);
    ck_assert_uint_eq(count_of(&report, "<failure "), 4000);
    ck_assert_ptr_nonnull(strstr(report.data, "<testsuites name=\"repro\" tests=\"400000\" failures=\"4000\""));
    ck_assert_ptr_nonnull(strstr(report.data, "396000 checks are left out"));
}
END_TEST

START_TEST(even_failures_alone_stay_below_thirty_megabytes)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    CLEANUP(free) char *text = mem_alloc(1001);
    memset(text, '"', 1000);
    for (int i = 0; i < 50000; i++)
        add(result, "churn", STAGE_METRICS, text, VERDICT_ERROR, text);
    CLEANUP(buf) struct buf report = {0};
    report_junit(&report, result);
    ck_assert_uint_lt(report.len, 31000000);
    is_valid(&report);
    ck_assert_ptr_nonnull(strstr(report.data, "checks are left out"));
    ck_assert_ptr_nonnull(strstr(report.data, "errors=\"50000\""));
}
END_TEST

START_TEST(two_hundred_thousand_checks_are_written_quickly)
{
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (int i = 0; i < 200000; i++) {
        CLEANUP(free) char *name = str_printf("metric.%d", i);
        add(result, "churn", STAGE_METRICS, name, VERDICT_PASS, NULL);
    }
    CLEANUP(buf) struct buf report = {0};
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    report_junit(&report, result);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double seconds = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    ck_assert_msg(seconds < 10, "%.1f s", seconds); // far above what it takes even under a sanitizer
    ck_assert_uint_eq(count_of(&report, "<testcase "), 200000);
    junitparser_says(&report, "print(xml.tests, sum(1 for s in xml for c in s))", "200000 200000\n");
}
END_TEST

UNIT_MAIN("junit", every_verdict_is_read_back_with_its_message, a_result_without_checks_is_valid,
          no_byte_of_the_input_breaks_the_document, names_are_unique_even_if_cut_or_given_twice,
          a_reason_of_a_megabyte_is_cut, what_comes_after_a_large_detail_is_kept,
          the_file_stays_below_thirty_megabytes_and_keeps_every_failure,
          passes_are_left_out_before_failures_and_the_counts_stay_true, even_failures_alone_stay_below_thirty_megabytes,
          two_hundred_thousand_checks_are_written_quickly)
