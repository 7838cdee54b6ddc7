// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "unit_asked.h"

static const struct finding *expect_finding(const struct asked_session *a, const char *oracle, const char *mutation,
                                            const char *column)
{
    const struct finding *f = find_finding(a, oracle, mutation, column);
    if (!f) {
        CLEANUP(buf) struct buf list = {0};
        show_findings(&list, &a->outcome);
        ck_abort_msg("no finding %s %s %s, but:\n%s", oracle, mutation ? mutation : "*", column ? column : "*",
                     buf_text(&list));
    }
    return f;
}

static void expect_nothing(const struct asked_session *a, const char *model)
{
    CLEANUP(buf) struct buf list = {0};
    show_findings(&list, &a->outcome);
    ck_assert_msg(a->outcome.finding_count == 0, "%s:\n%s", model, buf_text(&list));
    ck_assert_msg(!a->outcome.stopped, "%s: %s", model, a->outcome.stopped);
}

START_TEST(honest_models_have_no_finding)
{
    static const char *const models[] = {"", "answers with more", "writes much to its standard error"};
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        struct asked_session a;
        asked_begin(&a);
        a.columns[1].monotone = 1;
        asked_run(&a, models[i]);
        expect_nothing(&a, models[i]);
        ck_assert_uint_eq(a.outcome.cases, 1000);
        ck_assert_uint_gt(a.outcome.kinds, 3);
        ck_assert_str_eq(a.outcome.learnt, "number (learnt from 60 answers to clean rows)");
        asked_end(&a);
    }
}
END_TEST

static const struct {
    const char *model, *oracle, *mutation, *column;
    size_t cells;
} found[] = {
    {"crashes on a null", "crash", "missing.null", "age", 1},
    {"gives up on a null", "crash", "missing.null", "age", 1},
    {"crashes on an unseen city", "crash", "categories.unseen", "city", 1},
    {"says NaN to a null", "nan", "missing.null", "age", 1},
    {"says null to a null", "nan", "missing.null", "age", 1},
    {"says sorry to a null", "unreadable", "missing.null", "age", 1},
    {"leaks a traceback", "leak", "missing.null", "age", 1},
    {"leaks a path", "leak", "types.*", "size", 1},
    {"refuses the oldest", "status", "numbers.maximum", "age", 1},
    {"answers what is no row", "status", "wire.not_json", NULL, 0},
    {"keeps the last weight", "repeat", NULL, NULL, 0},
    {"learns on the way", "canary", "numbers.*", "size", 1},
    {"is off every 50th time", "repeat", NULL, NULL, 0},
    {"is random", "repeat", NULL, NULL, 0},
    {"differs between processes", "process", NULL, NULL, 0},
    {"wants integers written as such", "encodings", "numbers.as_float", "age", 1},
    {"has no bounds", "range", "numbers.*", "size", 1},
    {"uses the number of the row", "invariance", "numbers.*", "id", 1},
    {"falls", "monotone", "numbers.*", "size", 1},
};

START_TEST(each_defect_is_found_and_shrunk)
{
    struct asked_session a;
    asked_begin(&a);
    if (str_equal(found[_i].oracle, "range"))
        a.schema.output.min = -1000, a.schema.output.max = 1000;
    a.columns[1].monotone = str_equal(found[_i].oracle, "monotone");
    a.columns[4].invariant = str_equal(found[_i].oracle, "invariance");
    asked_run(&a, found[_i].model);
    const struct finding *f = expect_finding(&a, found[_i].oracle, found[_i].mutation, found[_i].column);
    if (f->mutation && found[_i].mutation) {
        ck_assert_msg(!f->flaky, "%s: %s", found[_i].model, f->why);
        ck_assert_uint_eq(f->cells, found[_i].cells);
    }
    ck_assert_ptr_nonnull(f->sent);
    ck_assert_uint_ge(f->hits, 1);
    asked_end(&a);
}
END_TEST

// ---- What takes time or memory

START_TEST(a_hang_is_found_and_told_once)
{
    struct asked_session a;
    asked_begin(&a);
    a.client_options.timeout = 0.1;
    a.client_options.start_timeout = 2;
    a.options.only = "numbers";
    a.options.cases = 200;
    asked_run(&a, "hangs above 400");
    const struct finding *f = expect_finding(&a, "hang", "numbers.*", "size");
    ck_assert_uint_eq(f->cells, 1);
    ck_assert(!f->flaky);
    asked_end(&a);
}
END_TEST

static void stand_still(struct asked_session *a, const char *model)
{
    asked_begin(a);
    a->client_options.timeout = 0.2;
    a->client_options.start_timeout = 2;
    a->options.only = "numbers"; // a file of a thousand rows would stand still each time
    a->options.cases = 400;
    asked_run(a, model);
}

START_TEST(a_moment_without_an_answer_that_does_not_come_again_is_no_finding)
{
    struct asked_session a;
    stand_still(&a, "stands still once");
    expect_nothing(&a, "stands still once");
    ck_assert_ptr_nonnull(a.outcome.stall);
    ck_assert_ptr_nonnull(strstr(a.outcome.stall, "no answer within"));
    asked_end(&a);
}
END_TEST

START_TEST(several_such_moments_are)
{
    struct asked_session a;
    stand_still(&a, "stands still now and then");
    expect_finding(&a, "hang", NULL, NULL);
    ck_assert_ptr_null(a.outcome.stall);
    asked_end(&a);
}
END_TEST

START_TEST(a_model_that_hangs_too_often_is_asked_no_further)
{
    struct asked_session a;
    asked_begin(&a);
    a.client_options.timeout = 0.05;
    a.client_options.start_timeout = 2;
    asked_run(&a, "hangs on strange things");
    ck_assert_ptr_nonnull(a.outcome.stopped);
    ck_assert_ptr_nonnull(strstr(a.outcome.stopped, "were not answered in time"));
    ck_assert_uint_gt(a.outcome.finding_count, 0);
    asked_end(&a);
}
END_TEST

START_TEST(what_is_slow_is_measured_again)
{
    struct asked_session a;
    asked_begin(&a);
    a.rules.slow = 0.03;
    a.options.cases = 40;
    asked_run(&a, "is slow in Lyon");
    const struct finding *f = expect_finding(&a, "slow", NULL, NULL);
    ck_assert_ptr_nonnull(strstr(f->why, "took longer than 30 ms"));
    asked_end(&a);
}
END_TEST

START_TEST(growth_is_measured_again_in_a_fresh_process)
{
    static const struct {
        const char *model, *why;
    } rows[] = {{"leaks memory", "memory grows by"}, {"leaves files open", "files are left open"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked_session a;
        asked_begin(&a);
        asked_run(&a, rows[i].model);
        const struct finding *f = expect_finding(&a, "growth", NULL, NULL);
        ck_assert_msg(strstr(f->why, rows[i].why) != NULL, "%s", f->why);
        ck_assert_uint_eq(a.outcome.finding_count, 1);
        asked_end(&a);
    }
}
END_TEST

START_TEST(a_nan_in_one_column_takes_few_questions)
{
    struct asked_session a;
    asked_begin(&a);
    a.options.cases = 16; // the first round
    asked_run(&a, "says NaN to a null");
    const struct finding *f = expect_finding(&a, "nan", "missing.null", "age");
    ck_assert_uint_eq(f->cells, 1);
    ck_assert_uint_lt(a.outcome.questions, 200);
    asked_end(&a);
}
END_TEST

// ---- The same again

static char *report(const struct asked_session *a)
{
    CLEANUP(buf) struct buf out = {0};
    const struct fuzz_outcome *o = &a->outcome;
    show_findings(&out, o);
    for (size_t i = 0; i < o->finding_count; i++) {
        buf_printf(&out, "%zu hits, %zu calls, %s\n", o->findings[i].hits, o->findings[i].calls,
                   o->findings[i].command);
        for (size_t k = 0; k < o->findings[i].choice_count; k++)
            buf_printf(&out, " %llu", (unsigned long long)o->findings[i].choices[k]);
    }
    for (size_t i = 0; i < o->tally_count; i++)
        buf_printf(&out, "%s %s %zu\n", o->tallies[i].oracle->name, o->tallies[i].column ? o->tallies[i].column : "-",
                   o->tallies[i].cases);
    for (size_t i = 0; i < o->not_applicable.count; i++)
        buf_printf(&out, "%s\n", o->not_applicable.items[i]);
    buf_printf(&out, "%zu %zu %zu %u", o->cases, o->questions, o->kinds, o->starts);
    return buf_take(&out);
}

START_TEST(the_same_seed_gives_the_same_report)
{
    static const char *const models[] = {"", "says NaN to a null", "crashes on a null", "learns on the way",
                                         "answers what is no row"};
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        char *reports[3];
        for (size_t k = 0; k < 3; k++) {
            struct asked_session a;
            asked_begin(&a);
            a.options.seed = k == 2 ? 8 : 7;
            asked_run(&a, models[i]);
            // The command has the folder's name in it, which is another one each time: but for that.
            reports[k] = report(&a);
            asked_end(&a);
        }
        ck_assert_str_eq(reports[0], reports[1]);
        ck_assert_str_ne(reports[0], reports[2]);
        for (size_t k = 0; k < 3; k++)
            free(reports[k]);
    }
}
END_TEST

START_TEST(no_seed_makes_an_honest_model_fail)
{
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct asked_session a;
        asked_begin(&a);
        a.columns[1].monotone = 1;
        a.options.seed = seed;
        asked_run(&a, "");
        expect_nothing(&a, "");
        asked_end(&a);
    }
}
END_TEST

START_TEST(what_fails_now_and_then_is_called_flaky)
{
    struct asked_session a;
    asked_begin(&a);
    a.options.only = "nan";
    asked_run(&a, "fails now and then on a null");
    const struct finding *f = expect_finding(&a, "nan", NULL, "age");
    ck_assert(f->flaky);
    asked_end(&a);
}
END_TEST

// ---- What is asked for

START_TEST(one_oracle_or_one_family_alone)
{
    struct asked_session a;
    asked_begin(&a);
    a.options.only = "crash";
    asked_run(&a, "says NaN to a null");
    expect_nothing(&a, "only crash");
    for (size_t i = 0; i < a.outcome.tally_count; i++)
        ck_assert_str_eq(a.outcome.tallies[i].oracle->name, "crash");
    a.options.only = "missing";
    asked_run(&a, "says NaN to a null");
    expect_finding(&a, "nan", "missing.null", "age");
    ck_assert_uint_eq(a.outcome.families[FAMILY_MISSING], a.outcome.cases);
    a.options.only = "numbers.nan";
    asked_run(&a, "says NaN to a null");
    expect_nothing(&a, "numbers.nan");
    struct error err = {0};
    a.options.only = "nonsense";
    fuzz_outcome_free(&a.outcome);
    ck_assert_int_eq(fuzz_run(&a.outcome, &a.options, &err), -1);
    expect_error(&err, ERROR_USAGE, "'nonsense'");
    asked_end(&a);
}
END_TEST

static bool stop_early(void *context, size_t cases, double per_second, size_t findings)
{
    (void)per_second, (void)findings;
    ++*(size_t *)context;
    return cases < 40;
}

START_TEST(progress_can_stop_it_and_so_can_the_clock)
{
    struct asked_session a;
    size_t told = 0;
    asked_begin(&a);
    a.options.progress = stop_early;
    a.options.context = &told;
    asked_run(&a, "");
    ck_assert_uint_ge(told, 2);
    ck_assert_uint_lt(a.outcome.cases, 200);
    ck_assert_str_eq(a.outcome.stopped, "interrupted");
    a.options.progress = NULL;
    a.options.cases = 0;
    a.options.seconds = 0.3;
    asked_run(&a, "");
    expect_nothing(&a, "");
    ck_assert_uint_gt(a.outcome.cases, 200);
    ck_assert_double_lt(a.outcome.seconds, 20);
    asked_end(&a);
}
END_TEST

START_TEST(what_does_not_apply_is_told_with_its_reason)
{
    struct asked_session a;
    asked_begin(&a);
    asked_run(&a, "");
    CLEANUP(free) char *list = strings_join(&a.outcome.not_applicable, "\n");
    ck_assert_ptr_nonnull(strstr(list, "parity: the stage parity asks in every way"));
    ck_assert_ptr_nonnull(strstr(list, "slow: suite.json sets no limit"));
    ck_assert_ptr_nonnull(strstr(list, "wire.content_type: there is no content type"));
    asked_end(&a);
}
END_TEST

START_TEST(the_fallback_must_hold_where_the_suite_names_it)
{
    static struct expect_rule rule = {.mutation = OWN("missing.null"), .column = OWN("age"), .expect = EXPECT_FALLBACK};
    static const struct {
        const char *model;
        bool holds;
    } rows[] = {{"imputes", true}, {"says NaN to a null", false}, {"", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked_session a;
        struct client *fallback = NULL;
        asked_begin(&a);
        a.rules.expects = &rule;
        a.rules.expect_count = 1;
        asked_open(&fallback, &a, "batch", rows[i].model);
        a.options.fallback = fallback;
        a.options.only = "missing";
        a.options.cases = 100;
        asked_run(&a, "");
        if (rows[i].holds) {
            expect_nothing(&a, rows[i].model);
        } else {
            const struct finding *f = expect_finding(&a, *rows[i].model ? "nan" : "status", "missing.null", "age");
            ck_assert_ptr_nonnull(strstr(f->why, "the fallback failed"));
        }
        client_close(fallback);
        asked_end(&a);
    }
}
END_TEST

START_TEST(a_model_is_asked_by_files_as_well)
{
    struct asked_session a;
    asked_begin(&a);
    asked_open(&a.client, &a, "batch", "");
    a.options.cases = 60;
    asked_run(&a, "");
    expect_nothing(&a, "batch");
    ck_assert_uint_eq(a.outcome.cases, 60);
    client_close(a.client);
    asked_open(&a.client, &a, "batch", "crashes on an unseen city");
    asked_run(&a, "");
    expect_finding(&a, "crash", NULL, "city");
    asked_end(&a);
}
END_TEST

START_TEST(ways_of_asking_that_do_not_agree_are_told)
{
    static const struct {
        const char *model;
        size_t differences;
    } rows[] = {{"", 0}, {"answers with more", 0}, {"uses the number of the row", 64}};
    static const char *const names[] = {"stream", "batch"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct asked_session a;
        struct error err = {0};
        struct client *clients[2] = {0};
        CLEANUP(strings) struct strings differences = {0};
        size_t asked = 0;
        asked_begin(&a);
        a.options.cases = 64;
        asked_open(&clients[0], &a, "stream", "");
        asked_open(&clients[1], &a, "batch", rows[i].model);
        ck_ok(parity_run(&differences, &asked, clients, names, 2, &a.options, &err), &err);
        ck_assert_uint_eq(asked, 64);
        ck_assert_msg(differences.count == rows[i].differences, "%zu: %s", differences.count,
                      differences.count ? differences.items[0] : "");
        if (differences.count)
            ck_assert_ptr_nonnull(strstr(differences.items[0], "stream says 9.5, batch says 9.501"));
        client_close(clients[0]);
        client_close(clients[1]);
        asked_end(&a);
    }
}
END_TEST

static Suite *session_suite(void)
{
    const TTest *const tests[] = {honest_models_have_no_finding,
                                  a_hang_is_found_and_told_once,
                                  a_moment_without_an_answer_that_does_not_come_again_is_no_finding,
                                  several_such_moments_are,
                                  a_model_that_hangs_too_often_is_asked_no_further,
                                  what_is_slow_is_measured_again,
                                  growth_is_measured_again_in_a_fresh_process,
                                  a_nan_in_one_column_takes_few_questions,
                                  the_same_seed_gives_the_same_report,
                                  no_seed_makes_an_honest_model_fail,
                                  what_fails_now_and_then_is_called_flaky,
                                  one_oracle_or_one_family_alone,
                                  progress_can_stop_it_and_so_can_the_clock,
                                  what_does_not_apply_is_told_with_its_reason,
                                  the_fallback_must_hold_where_the_suite_names_it,
                                  a_model_is_asked_by_files_as_well,
                                  ways_of_asking_that_do_not_agree_are_told};
    Suite *suite = suite_create("fuzz session");
    TCase *tcase = tcase_create("fuzz session");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ARRAY_LEN(tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_add_loop_test(tcase, each_defect_is_found_and_shrunk, 0, ARRAY_LEN(found));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "model") == 0)
        return defect_main(argc, argv);
    SRunner *runner = srunner_create(session_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
