// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/rng.h"
#include "core/result.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

#include <math.h>
#include <stdbool.h>
#include <time.h>

static const char path[] = ".repro/runs/1/result.json";

static struct result *empty(void)
{
    struct result *result = result_new("repro verify churn");
    result->started = 1790000000;
    return result;
}

static char *written(const struct result *result)
{
    struct buf text = {0};
    result_write(&text, result);
    return buf_take(&text);
}

// ---- Exit status

enum { P = VERDICT_PASS, F = VERDICT_FAIL, S = VERDICT_SKIP, USAGE = 10, MACHINE, STOPPED, UNKNOWN };

static void add_verdicts(struct result *result, const int *verdicts)
{
    static const enum error_kind faults[] = {ERROR_USAGE, ERROR_MACHINE, ERROR_STOPPED, ERROR_NONE};
    for (; *verdicts >= 0; verdicts++) {
        bool error = *verdicts >= USAGE;
        struct check *check =
            result_add(result, "churn", STAGE_REPLAY, "x", error ? VERDICT_ERROR : (enum verdict) * verdicts);
        check->fault = error ? faults[*verdicts - USAGE] : ERROR_NONE;
    }
}

START_TEST(the_exit_status_is_that_of_the_worst_check)
{
    static const struct {
        int verdicts[6], status;
    } cases[] = {
        {{P, -1}, 0},
        {{P, S, P, -1}, 0},
        {{P, F, P, -1}, 1},
        {{F, S, -1}, 1},
        {{P, F, USAGE, -1}, 2},
        {{USAGE, -1}, 2},
        {{P, F, MACHINE, USAGE, -1}, 3},
        {{MACHINE, -1}, 3},
        {{UNKNOWN, P, -1}, 3},
        {{MACHINE, STOPPED, F, -1}, 130},
        {{STOPPED, -1}, 130},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(result) struct result *result = empty();
        add_verdicts(result, cases[i].verdicts);
        ck_assert_msg(result_exit_status(result) == cases[i].status, "case %zu: %d", i, result_exit_status(result));
    }
}
END_TEST

START_TEST(nothing_checked_is_not_a_success)
{
    CLEANUP(result) struct result *result = empty();
    ck_assert_int_eq(result_exit_status(result), 3);
    result_add(result, "churn", STAGE_FUZZ, "fuzz", VERDICT_SKIP);
    ck_assert_int_eq(result_exit_status(result), 3);
    result_add(result, "churn", STAGE_REPLAY, "exit", VERDICT_PASS);
    ck_assert_int_eq(result_exit_status(result), 0);
}
END_TEST

START_TEST(an_advisory_check_gates_nothing)
{
    static const struct {
        enum verdict verdict;
        bool with_failure;
        int status;
    } cases[] = {
        {VERDICT_FAIL, false, 0}, {VERDICT_SKIP, false, 0},  {VERDICT_PASS, false, 0}, {VERDICT_FAIL, true, 1},
        {VERDICT_SKIP, true, 1},  {VERDICT_ERROR, false, 3}, // what could not be told is told, whatever it is worth
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(result) struct result *result = empty();
        result_add(result, "churn", STAGE_READY, "x", cases[i].verdict)->advisory = true;
        if (cases[i].with_failure)
            result_add(result, "churn", STAGE_READY, "y", VERDICT_FAIL);
        ck_assert_msg(result_exit_status(result) == cases[i].status, "case %zu: %d", i, result_exit_status(result));
    }
}
END_TEST

START_TEST(the_fault_of_a_check_that_did_not_err_does_not_count)
{
    CLEANUP(result) struct result *result = empty();
    result_add(result, "churn", STAGE_REPLAY, "x", VERDICT_PASS)->fault = ERROR_STOPPED;
    ck_assert_int_eq(result_exit_status(result), 0);
}
END_TEST

// ---- Checks

START_TEST(a_reason_is_one_line_and_the_last_one_holds)
{
    CLEANUP(result) struct result *result = empty();
    struct check *check = result_add(result, "churn", STAGE_REPLAY, "x", VERDICT_FAIL);
    check_reason(check, "first");
    check_reason(check, "two\r\nlines of %d", 3);
    ck_assert_str_eq(check->reason, "two  lines of 3");
}
END_TEST

START_TEST(details_and_notes_add_up)
{
    CLEANUP(result) struct result *result = empty();
    struct check *check = result_add(result, NULL, STAGE_REPLAY, "x", VERDICT_FAIL);
    ck_assert_str_eq(check->suite, "");
    check_detail(check, "a %d\n", 1);
    check_detail(check, "b\n");
    ck_assert_str_eq(check->detail, "a 1\nb\n");
    check_note(check, NOTE_WARNING, "beware of %s", "x");
    check_note(check, NOTE_NOTICE, "well");
    ck_assert_uint_eq(check->note_count, 2);
    ck_assert_int_eq(check->notes[0].level, NOTE_WARNING);
    ck_assert_str_eq(check->notes[0].text, "beware of x");
    ck_assert_str_eq(check->notes[1].text, "well");
}
END_TEST

START_TEST(each_problem_of_a_document_becomes_a_check)
{
    CLEANUP(result) struct result *result = empty();
    CLEANUP(error) struct error err = {0};
    error_problem(&err, "suites/churn/suite.json", 14, "timeout: expected a duration");
    error_problem(&err, NULL, 0, "something else");
    result_add_error(result, "churn", STAGE_DOCUMENT, "suite.json", &err);
    ck_assert_uint_eq(result->check_count, 2);
    const struct check *first = &result->checks[0], *second = &result->checks[1];
    ck_assert_str_eq(first->name, "suite.json");
    ck_assert_str_eq(first->reason, "suites/churn/suite.json:14: timeout: expected a duration");
    ck_assert_str_eq(first->file, "suites/churn/suite.json");
    ck_assert_int_eq(first->line, 14);
    ck_assert_int_eq(first->verdict, VERDICT_ERROR);
    ck_assert_int_eq(first->fault, ERROR_USAGE);
    ck_assert_str_eq(second->name, "suite.json 2");
    ck_assert_str_eq(second->reason, "something else");
    ck_assert_ptr_null(second->file);
    ck_assert_int_eq(result_exit_status(result), 2);
}
END_TEST

START_TEST(a_message_becomes_a_check_with_its_first_line_as_reason)
{
    CLEANUP(result) struct result *result = empty();
    CLEANUP(error) struct error err = {0};
    error_set(&err, ERROR_MACHINE, "no space\nleft\non it");
    result_add_error(result, "churn", STAGE_REPLAY, "workspace", &err);
    ck_assert_uint_eq(result->check_count, 1);
    ck_assert_str_eq(result->checks[0].reason, "no space");
    ck_assert_str_eq(result->checks[0].detail, "left\non it");
    ck_assert_int_eq(result->checks[0].fault, ERROR_MACHINE);
}
END_TEST

START_TEST(an_error_that_says_nothing_is_still_an_error)
{
    CLEANUP(result) struct result *result = empty();
    const struct error err = {0};
    result_add_error(result, "churn", STAGE_REPLAY, "workspace", &err);
    ck_assert_uint_eq(result->check_count, 1);
    ck_assert_str_ne(result->checks[0].reason, "");
    ck_assert_int_eq(result_exit_status(result), 3);
}
END_TEST

START_TEST(every_stage_has_its_name)
{
    CLEANUP(free) char *all = NULL;
    struct strings names CLEANUP(strings) = {0};
    for (int i = 0; i < STAGE_COUNT; i++) {
        enum stage stage = STAGE_COUNT;
        strings_add(&names, stage_name((enum stage)i));
        ck_assert_int_eq(stage_from_name(&stage, stage_name((enum stage)i)), 0);
        ck_assert_int_eq(stage, i);
    }
    all = strings_join(&names, " ");
    ck_assert_str_eq(all,
                     "document golden code inputs environment replay artifacts metrics fuzz parity limits log drift "
                     "rollback ready");
    enum stage stage;
    ck_assert_int_eq(stage_from_name(&stage, "replays"), -1);
    ck_assert_int_eq(stage_from_name(&stage, ""), -1);
}
END_TEST

// ---- Order, counts, merging

START_TEST(checks_are_sorted_by_suite_then_stage_and_keep_their_order)
{
    static const struct {
        const char *suite;
        enum stage stage;
        const char *name;
    } added[] = {
        {"b", STAGE_METRICS, "z"}, {"a", STAGE_LIMITS, "1"}, {"b", STAGE_METRICS, "a"}, {"", STAGE_DOCUMENT, "x"},
        {"a", STAGE_CODE, "2"},    {"b", STAGE_CODE, "3"},   {"b", STAGE_METRICS, "m"},
    };
    CLEANUP(result) struct result *result = empty();
    for (size_t i = 0; i < ARRAY_LEN(added); i++)
        result_add(result, added[i].suite, added[i].stage, added[i].name, VERDICT_PASS);
    result_suite(result, "b")->seconds = 2;
    result_suite(result, "a")->seconds = 1;
    result_sort(result);
    struct strings names CLEANUP(strings) = {0};
    for (size_t i = 0; i < result->check_count; i++)
        strings_add(&names, result->checks[i].name);
    CLEANUP(free) char *order = strings_join(&names, " ");
    ck_assert_str_eq(order, "x 2 1 3 z a m");
    ck_assert_str_eq(result->suites[0].name, "a");
    ck_assert_double_eq(result_suite(result, "b")->seconds, 2);
    ck_assert_uint_eq(result->suite_count, 2);
}
END_TEST

START_TEST(checks_are_counted_by_suite_and_verdict)
{
    CLEANUP(result) struct result *result = empty();
    result_add(result, "a", STAGE_CODE, "1", VERDICT_PASS);
    result_add(result, "b", STAGE_CODE, "1", VERDICT_PASS);
    result_add(result, "b", STAGE_CODE, "2", VERDICT_FAIL);
    ck_assert_uint_eq(result_count(result, NULL, VERDICT_PASS), 2);
    ck_assert_uint_eq(result_count(result, "b", VERDICT_PASS), 1);
    ck_assert_uint_eq(result_count(result, "b", VERDICT_FAIL), 1);
    ck_assert_uint_eq(result_count(result, "c", VERDICT_FAIL), 0);
}
END_TEST

START_TEST(merging_moves_everything_and_spans_the_times)
{
    CLEANUP(result) struct result *to = empty(), *from = empty();
    to->seconds = 10;
    from->started = to->started + 5;
    from->seconds = 20;
    result_add(to, "a", STAGE_CODE, "1", VERDICT_PASS);
    check_note(result_add(from, "b", STAGE_CODE, "2", VERDICT_FAIL), NOTE_NOTICE, "n");
    pairs_set(&to->properties, "class", "x");
    pairs_set(&to->properties, "isolation", "full");
    pairs_set(&from->properties, "class", "xy");
    pairs_set(&from->properties, "isolation", "full");
    pairs_set(&from->properties, "commit", "c");
    *result_suite(to, "a") =
        (struct suite_summary){.name = result_suite(to, "a")->name, .seconds = 1, .peak_memory = 5};
    *result_suite(from, "a") = (struct suite_summary){
        .name = result_suite(from, "a")->name, .seconds = 2, .peak_memory = 3, .run_folder = str_dup(".repro/runs/2")};
    result_suite(from, "b")->train_wall = 4;
    result_merge(to, from);
    ck_assert_uint_eq(to->check_count, 2);
    ck_assert_uint_eq(from->check_count, 0);
    ck_assert_str_eq(to->checks[1].notes[0].text, "n");
    ck_assert_double_eq(to->seconds, 25);
    ck_assert_str_eq(pairs_get(&to->properties, "class"), "x, xy");
    ck_assert_str_eq(pairs_get(&to->properties, "isolation"), "full");
    ck_assert_str_eq(pairs_get(&to->properties, "commit"), "c");
    ck_assert_uint_eq(to->suite_count, 2);
    ck_assert_double_eq(result_suite(to, "a")->seconds, 3);
    ck_assert_uint_eq(result_suite(to, "a")->peak_memory, 5);
    ck_assert_str_eq(result_suite(to, "a")->run_folder, ".repro/runs/2");
    ck_assert_double_eq(result_suite(to, "b")->train_wall, 4);
}
END_TEST

START_TEST(a_value_that_is_listed_already_is_not_listed_again)
{
    const char *const values[] = {"xy", "x", "y", "x", "xy", "", "y", ""};
    CLEANUP(result) struct result *to = empty();
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        CLEANUP(result) struct result *from = empty();
        pairs_set(&from->properties, "class", values[i]);
        result_merge(to, from);
    }
    ck_assert_str_eq(pairs_get(&to->properties, "class"), "xy, x, y, ");
}
END_TEST

// ---- The document

static struct result *whole(void)
{
    struct result *result = empty();
    result->seconds = 12.5;
    pairs_set(&result->properties, "isolation", "full");
    pairs_set(&result->properties, "class", "any");
    struct suite_summary *summary = result_suite(result, "churn");
    summary->seconds = 12;
    summary->train_wall = 11.25;
    summary->train_cpu = 20;
    summary->peak_memory = ((uint64_t)1 << 53) + 1;
    summary->run_folder = str_dup(".repro/runs/churn-1");
    struct check *check = result_add(result, "churn", STAGE_CODE, "commit", VERDICT_PASS);
    check_note(check, NOTE_NOTICE, "2 files changed since golden");
    check = result_add(result, "churn", STAGE_METRICS, "accuracy", VERDICT_FAIL);
    check_reason(check, "accuracy 0.9 is 0.1 below golden's 1");
    check_detail(check, "a\n\tb → \"c\"\\\n");
    check->cause = str_dup("data changed");
    check->repeat = str_dup("repro verify churn");
    check->file = str_dup("suites/churn/suite.json");
    check->line = 14;
    check->seconds = 0.001;
    check = result_add(result, "churn", STAGE_LIMITS, "wall", VERDICT_ERROR);
    check->fault = ERROR_MACHINE;
    check_reason(check, "no clock");
    return result;
}

START_TEST(what_was_written_is_read_back)
{
    CLEANUP(result) struct result *result = whole(), *read = NULL;
    CLEANUP(free) char *text = written(result);
    struct error err = {0};
    ck_ok(result_parse(&read, path, text, strlen(text), &err), &err);
    ck_assert_str_eq(read->command, "repro verify churn");
    ck_assert_str_eq(read->version, REPRO_VERSION);
    ck_assert_int_eq(read->started, 1790000000);
    ck_assert_double_eq(read->seconds, 12.5);
    ck_assert_str_eq(read->properties.items[0].name, "isolation");
    ck_assert_uint_eq(read->suites[0].peak_memory, ((uint64_t)1 << 53) + 1);
    ck_assert_str_eq(read->suites[0].run_folder, ".repro/runs/churn-1");
    ck_assert_uint_eq(read->check_count, 3);
    ck_assert_str_eq(read->checks[0].notes[0].text, "2 files changed since golden");
    const struct check *check = &read->checks[1];
    ck_assert_int_eq(check->stage, STAGE_METRICS);
    ck_assert_int_eq(check->verdict, VERDICT_FAIL);
    ck_assert_str_eq(check->detail, "a\n\tb → \"c\"\\\n");
    ck_assert_str_eq(check->cause, "data changed");
    ck_assert_str_eq(check->repeat, "repro verify churn");
    ck_assert_str_eq(check->file, "suites/churn/suite.json");
    ck_assert_int_eq(check->line, 14);
    ck_assert_int_eq(read->checks[2].fault, ERROR_MACHINE);
    ck_assert_int_eq(result_exit_status(read), 3);
}
END_TEST

START_TEST(a_result_without_a_check_is_written_and_read)
{
    CLEANUP(result) struct result *result = empty(), *read = NULL;
    CLEANUP(free) char *text = written(result);
    struct error err = {0};
    ck_ok(result_parse(&read, path, text, strlen(text), &err), &err);
    CLEANUP(free) char *again = written(read);
    ck_assert_str_eq(text, again);
}
END_TEST

static char *random_text(struct rng *rng)
{
    static const char *const parts[] = {"a", "\"", "\\", "\n", "ß", "😀", "\x7f", "\x1b[31m", " ", "&<>", "\xff", "]]>"};
    struct buf text = {0};
    for (uint32_t i = rng_below(rng, 10); i > 0; i--)
        buf_puts(&text, parts[rng_below(rng, ARRAY_LEN(parts))]);
    return buf_take(&text);
}

START_TEST(any_result_is_written_parsed_and_written_to_the_same_bytes)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct rng rng;
        rng_seed(&rng, seed);
        CLEANUP(result) struct result *result = empty(), *read = NULL;
        result->seconds = rng_unit(&rng) * 1e6;
        for (uint32_t i = rng_below(&rng, 6); i > 0; i--) {
            CLEANUP(free) char *suite = random_text(&rng), *name = random_text(&rng), *text = random_text(&rng);
            struct check *check = result_add(result, suite, (enum stage)rng_below(&rng, STAGE_COUNT), name,
                                             (enum verdict)rng_below(&rng, 4));
            check->fault = (enum error_kind)rng_below(&rng, 4);
            check_reason(check, "%s", text);
            check->advisory = rng_below(&rng, 2) != 0;
            check->cause = rng_below(&rng, 2) ? random_text(&rng) : NULL;
            check->line = (long)rng_below(&rng, 3);
            check->seconds = rng_unit(&rng);
            if (rng_below(&rng, 2))
                check_note(check, NOTE_WARNING, "%s", text);
            CLEANUP(free) char *key = str_printf("%u%s", i, name);
            pairs_set(&result->properties, key, text);
            CLEANUP(free) char *summary = str_printf("s%u", i);
            result_suite(result, summary)->peak_memory = (uint64_t)rng_u32(&rng) << rng_below(&rng, 33);
        }
        result_sort(result);
        CLEANUP(free) char *first = written(result);
        struct error err = {0};
        ck_ok(result_parse(&read, path, first, strlen(first), &err), &err);
        CLEANUP(free) char *second = written(read);
        ck_assert_msg(strcmp(first, second) == 0, "seed %llu:\n%s\n%s", (unsigned long long)seed, first, second);
    }
}
END_TEST

static const struct {
    const char *from, *to, *message;
} faults[] = {
    {"\"format\": 1", "\"format\": 7",
     "result.json:2: this result was written by a newer repro (format 7); update repro"},
    {"\"verdict\": \"pass\"", "\"verdict\": \"passed\"",
     "checks[0].verdict: 'passed' is unknown; did you mean \"pass\"?"},
    {"\"verdict\": \"fail\"", "\"verdict\": \"pass\"", "totals.pass: there are 2 such checks"},
    {"\"exit_status\": 3", "\"exit_status\": 0", "exit_status: the checks give 3"},
    {"\"stage\": \"metrics\"", "\"stage\": \"metric\"", "checks[1].stage: 'metric' is unknown"},
    {"\"fault\": \"machine\"", "\"fault\": \"mine\"", "checks[2].fault: 'mine' is unknown"},
    {"\"fault\": \"machine\",", "", "checks[2]: \"fault\" goes with the verdict \"error\""},
    {"\"cause\": \"data changed\"", "\"fault\": \"usage\"", "checks[1]: \"fault\" goes with the verdict \"error\""},
    {"\"line\": 14", "\"line\": -1", "checks[1].line: expected a whole number"},
    {"\"line\": 14", "\"line\": 1e15", "checks[1].line: expected the number of a line"},
    {"\"seconds\": 0.001", "\"seconds\": -1", "checks[1].seconds: expected a number of seconds"},
    {"\"seconds\": 0.001", "\"seconds\": \"NaN\"", "checks[1].seconds: expected a number of seconds"},
    {"\"seconds\": 0.001", "\"second\": 1", "did you mean 'seconds'?"},
    {"\"level\": \"notice\"", "\"level\": \"note\"", "checks[0].notes[0].level: 'note' is unknown"},
    {".repro/runs/churn-1", "../../etc", "suites[0].run_folder: '../../etc' is not a path inside"},
    {"\"isolation\": \"full\"", "\"isolation\": true", "properties.isolation: expected a string"},
    {"\"name\": \"accuracy\"", "\"name\": 3", "checks[1].name: expected a string"},
    {"\"notes\": [", "\"notes\": [3, ", "checks[0].notes[0]: expected an object, found a number"},
};

static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "'%s' is not in the document", from);
    return str_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

START_TEST(a_damaged_result_is_refused_with_what_is_wrong)
{
    CLEANUP(result) struct result *result = whole();
    CLEANUP(free) char *text = written(result);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        CLEANUP(error) struct error err = {0};
        struct result *read = NULL;
        CLEANUP(free) char *bad = replaced(text, faults[i].from, faults[i].to);
        ck_assert_msg(result_parse(&read, path, bad, strlen(bad), &err) == -1, "accepted: %s", faults[i].to);
        ck_assert_ptr_null(read);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, faults[i].message);
    }
}
END_TEST

START_TEST(suites_that_stand_twice_are_refused)
{
    CLEANUP(result) struct result *result = empty(), *read = NULL;
    CLEANUP(error) struct error err = {0};
    result_suite(result, "a");
    result_suite(result, "b");
    CLEANUP(free) char *text = written(result), *bad = replaced(text, "\"b\"", "\"a\"");
    ck_assert_int_eq(result_parse(&read, path, bad, strlen(bad), &err), -1);
    ck_error_has(&err, "suites[1].name: suites stand in byte order, each once");
}
END_TEST

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

START_TEST(a_hundred_thousand_checks_are_handled_in_a_moment)
{
    double start = now();
    CLEANUP(result) struct result *to = empty(), *from = empty(), *read = NULL;
    for (int i = 0; i < 100000; i++) {
        CLEANUP(free) char *suite = str_printf("suite-%d", i * 7919 % 100), *name = str_printf("case %d", i);
        struct check *check = result_add(i % 2 ? to : from, suite, (enum stage)(i % STAGE_COUNT), name, VERDICT_FAIL);
        check_reason(check, "row %d: the answer changed", i);
        result_suite(i % 2 ? to : from, suite)->seconds += 1;
    }
    result_merge(to, from);
    result_sort(to);
    CLEANUP(free) char *text = written(to);
    double write = now() - start;
    struct error err = {0};
    ck_ok(result_parse(&read, path, text, strlen(text), &err), &err);
    double whole_time = now() - start;
    ck_assert_uint_eq(read->check_count, 100000);
    printf("100,000 checks: added, merged, sorted and written in %.3f s, read in %.3f s (%zu bytes)\n", write,
           whole_time - write, strlen(text));
    // A bound that no loaded machine and no sanitizer breaks, but quadratic time would.
    ck_assert_double_lt(whole_time, 20);
}
END_TEST

static int parse_example(const char *text, size_t len, struct error *err)
{
    CLEANUP(result) struct result *result = NULL;
    return result_parse(&result, "result.json", text, len, err);
}

START_TEST(good_examples_are_accepted_and_bad_ones_refused)
{
    corpus_check("result", parse_example);
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("result.schema.json", result_fields());
}
END_TEST

UNIT_MAIN("result", the_exit_status_is_that_of_the_worst_check, nothing_checked_is_not_a_success,
          an_advisory_check_gates_nothing, the_fault_of_a_check_that_did_not_err_does_not_count,
          a_reason_is_one_line_and_the_last_one_holds, details_and_notes_add_up,
          each_problem_of_a_document_becomes_a_check, a_message_becomes_a_check_with_its_first_line_as_reason,
          an_error_that_says_nothing_is_still_an_error, every_stage_has_its_name,
          checks_are_sorted_by_suite_then_stage_and_keep_their_order, checks_are_counted_by_suite_and_verdict,
          merging_moves_everything_and_spans_the_times, a_value_that_is_listed_already_is_not_listed_again,
          what_was_written_is_read_back, a_result_without_a_check_is_written_and_read,
          any_result_is_written_parsed_and_written_to_the_same_bytes, a_damaged_result_is_refused_with_what_is_wrong,
          suites_that_stand_twice_are_refused, a_hundred_thousand_checks_are_handled_in_a_moment,
          good_examples_are_accepted_and_bad_ones_refused, the_schema_says_what_the_code_reads)
