// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// One replay: what is known before training, and what is collected after it.
#include "engine/replay.h"

#include "unit_verify.h"

struct stage_set {
    struct session *session;
    struct suite *suite;
    struct replay *replay;
};

static struct stage_set prepare(void)
{
    struct stage_set set = {.session = open_session((struct session_options){0})};
    struct error err = {0};
    ck_ok(suite_load(&set.suite, ".", "sums", &err), &err);
    ck_ok(replay_new(&set.replay, set.session, set.suite, NULL, &err), &err);
    return set;
}

static void finish(struct stage_set *set)
{
    replay_free(set->replay);
    suite_free(set->suite);
    session_free(set->session);
}

static void train(struct stage_set *set)
{
    struct error err = {0};
    ck_ok(replay_train(set->replay, set->session, set->suite, &err), &err);
}

static void expect_list(const struct strings *list, const char *expected)
{
    CLEANUP(free) char *all = strings_join(list, " ");
    ck_assert_str_eq(all, expected);
}

START_TEST(before_training_the_inputs_are_known_and_nothing_else)
{
    char *folder = enter_project();
    put_sums("");
    struct stage_set set = prepare();
    const struct manifest *manifest = set.replay->manifest;
    ck_assert_uint_eq(manifest->code.count, 1);
    ck_assert_str_eq(manifest->data.items[0].path, "numbers.txt");
    ck_assert_uint_eq(manifest->data.items[0].size, 6);
    ck_assert_str_eq(manifest->class_name, "any");
    ck_assert_ptr_nonnull(pairs_get(&manifest->environment, "libc"));
    ck_assert_uint_eq(manifest->artifacts.count, 0);
    ck_assert(!replay_trained(set.replay));
    ck_assert_ptr_null(set.replay->source_folder);
    finish(&set);
    leave_folder(folder);
}
END_TEST

START_TEST(after_training_outputs_and_metrics_are_collected)
{
    char *folder = enter_project();
    put_sums("");
    edit("train.sh", "set -eu", "set -eu; echo > extra.bin");
    struct stage_set set = prepare();
    train(&set);
    const struct manifest *manifest = set.replay->manifest;
    ck_assert(replay_trained(set.replay));
    ck_assert_uint_eq(manifest->artifacts.count, 3);
    ck_assert_str_eq(manifest->artifacts.items[0].path, "history.csv");
    ck_assert_str_eq(manifest->artifacts.items[1].format, "json");
    ck_assert_uint_eq(manifest->metrics.count, 1);
    ck_assert_str_eq(manifest->metrics.items[0].name, "total");
    expect_list(&set.replay->undeclared, "extra.bin");
    expect_list(&set.replay->missing, "");
    expect_list(&set.replay->moved_inputs, "");
    CLEANUP(free) char *model = replay_output(set.replay, "model.txt");
    expect_file(model, "1.5\n4.5\n9\n");
    ck_assert(!fs_exists("model.txt")); // the work tree is not touched
    finish(&set);
    ck_assert(!fs_exists(model)); // the workspace goes with the replay
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_declared_and_not_written_is_missing)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"out/*.bin\": {}, \"log\": {\"compare\": \"none\"}");
    put("train.sh", "echo 1 > model.txt\n");
    struct stage_set set = prepare();
    train(&set);
    expect_list(&set.replay->missing, "history.csv metrics.json out/*.bin");
    expect_list(&set.replay->undeclared, "model.txt");
    finish(&set);
    leave_folder(folder);
}
END_TEST

START_TEST(inputs_that_move_while_training_runs_are_seen)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(free) char *here = getcwd(NULL, 0);
    CLEANUP(free) char *script = str_printf("set -eu; echo 4 >> '%s/numbers.txt'", here);
    edit("train.sh", "set -eu", script);
    struct stage_set set = prepare();
    train(&set);
    expect_list(&set.replay->moved_inputs, "numbers.txt");
    finish(&set);
    leave_folder(folder);
}
END_TEST

START_TEST(metrics_that_come_twice_or_cannot_be_read_are_a_fault_of_their_own)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "[\"metrics.json\"]", "[\"metrics.json\", \"more.json\"]");
    edit("train.sh", "set -eu", "set -eu; echo '{\"total\": 1}' > more.json");
    struct stage_set set = prepare();
    train(&set);
    ck_assert_int_ne(set.replay->metrics_error.kind, ERROR_NONE);
    ck_error_has(&set.replay->metrics_error, "total");
    finish(&set);
    leave_folder(folder);
}
END_TEST

START_TEST(names_that_no_manifest_can_hold_are_refused)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"model*\": {}");
    edit("train.sh", "set -eu", "set -eu; echo > \"$(printf 'model-\\377')\"");
    struct stage_set set = prepare();
    struct error err = {0};
    ck_assert_int_eq(replay_train(set.replay, set.session, set.suite, &err), -1);
    expect_error(&err, ERROR_USAGE, "'model-\\xff' is not UTF-8");
    finish(&set);
    put("data-\xff", "");
    edit("suites/sums/suite.json", "\"numbers.txt\"", "\"numbers.txt\", \"data*\"");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(replay) struct replay *replay = NULL;
    ck_ok(suite_load(&suite, ".", "sums", &err), &err);
    ck_assert_int_eq(replay_new(&replay, session, suite, NULL, &err), -1);
    expect_error(&err, ERROR_USAGE, "'data-\\xff' is not UTF-8");
    leave_folder(folder);
}
END_TEST

START_TEST(training_that_fails_collects_nothing)
{
    char *folder = enter_project();
    put_sums("");
    put("train.sh", "echo 1 > model.txt; exit 3\n");
    struct stage_set set = prepare();
    train(&set);
    ck_assert(!replay_trained(set.replay));
    ck_assert_int_eq(set.replay->run->process.exit_code, 3);
    ck_assert_uint_eq(set.replay->manifest->artifacts.count, 0);
    expect_list(&set.replay->missing, "");
    ck_assert(!fs_exists(".repro/cache/seconds-sums")); // how long it took says nothing
    finish(&set);
    leave_folder(folder);
}
END_TEST

START_TEST(an_artifact_is_what_is_declared_or_everything_but_measurements)
{
    static const struct {
        const char *artifacts, *path;
        bool artifact;
    } cases[] = {
        {"\"artifacts\": {\"m\": {}, \"l\": {\"compare\": \"none\"}, \"d/\": {}},", "m", true},
        {"\"artifacts\": {\"m\": {}, \"l\": {\"compare\": \"none\"}, \"d/\": {}},", "l", false},
        {"\"artifacts\": {\"m\": {}, \"l\": {\"compare\": \"none\"}, \"d/\": {}},", "d/deep/file", true},
        {"\"artifacts\": {\"m\": {}, \"l\": {\"compare\": \"none\"}, \"d/\": {}},", "other", false},
        {"\"artifacts\": {\"metrics.json\": {}},", "metrics.json", true},
        {"", "m", true},
        {"", "metrics.json", false},
        {"", "h.csv", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(suite) struct suite *suite = NULL;
        struct error err = {0};
        CLEANUP(free)
        char *text = str_printf("{\"suite\": \"s\", \"train\": {\"command\": [\"true\"]}, %s "
                                "\"metrics\": {\"from\": [\"metrics.json\"], \"series\": {\"h.csv\": {}}}}",
                                cases[i].artifacts);
        ck_ok(suite_parse(&suite, "s", "s", text, strlen(text), &err), &err);
        ck_assert_msg(replay_is_artifact(suite, cases[i].path) == cases[i].artifact, "%s: %s", cases[i].artifacts,
                      cases[i].path);
    }
}
END_TEST

START_TEST(the_order_of_env_and_pins_means_nothing)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *manifest = manifest_new();
    struct error err = {0};
    static const char text[] = "{\"suite\": \"s\", \"train\": {\"command\": [\"b\", \"a\"], \"env\": {\"B\": \"1\", "
                               "\"A\": \"2\"}, \"pin\": [\"threads\", \"hashseed\"]}}";
    ck_ok(suite_parse(&suite, "s", "s", text, sizeof text - 1, &err), &err);
    replay_command(manifest, suite);
    expect_list(&manifest->command.argv, "b a");
    expect_list(&manifest->command.pins, "hashseed threads");
    ck_assert_str_eq(manifest->command.env.items[0].name, "A");
}
END_TEST

START_TEST(the_paths_of_inputs_come_once_and_with_the_suite)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"data\": [\"numbers.txt\"]", "\"data\": [\"numbers.txt\", \"train.sh\"]");
    struct stage_set set = prepare();
    CLEANUP(strings) struct strings paths = {0};
    replay_input_paths(&paths, set.replay->manifest, set.suite);
    expect_list(&paths, "factor.json numbers.txt suites/sums/suite.json train.sh");
    finish(&set);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("replay", before_training_the_inputs_are_known_and_nothing_else,
          after_training_outputs_and_metrics_are_collected, what_is_declared_and_not_written_is_missing,
          inputs_that_move_while_training_runs_are_seen,
          metrics_that_come_twice_or_cannot_be_read_are_a_fault_of_their_own,
          names_that_no_manifest_can_hold_are_refused, training_that_fails_collects_nothing,
          an_artifact_is_what_is_declared_or_everything_but_measurements, the_order_of_env_and_pins_means_nothing,
          the_paths_of_inputs_come_once_and_with_the_suite)
