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
    double began = clock_seconds();
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
    fprintf(stderr, "%-32s %zu findings, %zu questions, %.2f s: %s\n", found[_i].model, a.outcome.finding_count,
            a.outcome.questions, clock_seconds() - began, f->why);
    if (getenv("SHOW_FINDINGS")) {
        CLEANUP(buf) struct buf list = {0};
        show_findings(&list, &a.outcome);
        fputs(buf_text(&list), stderr);
    }
    asked_end(&a);
}
END_TEST

static Suite *session_suite(void)
{
    Suite *suite = suite_create("fuzz session");
    TCase *tcase = tcase_create("fuzz session");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, honest_models_have_no_finding);
    tcase_add_loop_test(tcase, each_defect_is_found_and_shrunk, 0, ARRAY_LEN(found));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "model") == 0)
        return defect_main(argv[2]);
    SRunner *runner = srunner_create(session_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
