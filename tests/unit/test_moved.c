// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// What moved between two manifests, in the words that people read.
#include "engine/moved.h"

#include "unit.h"

static struct file_entry *add(struct file_list *list, const char *path, unsigned char digest)
{
    struct file_entry *entry = file_list_add(list, path);
    memset(entry->sha256.bytes, digest, sizeof entry->sha256.bytes);
    return entry;
}

static void expect_lines(struct strings *found, const char *text)
{
    CLEANUP(free) char *all = strings_join(found, "; ");
    ck_assert_str_eq(all, text);
    strings_free(found);
}

START_TEST(files_that_changed_came_and_went_are_told)
{
    CLEANUP(file_list) struct file_list before = {0}, after = {0};
    struct strings found = {0};
    add(&before, "a", 1);
    add(&before, "gone", 2);
    add(&before, "same", 3);
    add(&after, "a", 0x1f);
    add(&after, "new", 4);
    add(&after, "same", 3);
    moved_files(&found, &before, &after);
    expect_lines(&found, "a: 010101010101 → 1f1f1f1f1f1f; gone: gone, was 020202020202; new: new, 040404040404");
    moved_files(&found, &before, &before);
    expect_lines(&found, "");
}
END_TEST

START_TEST(lists_that_are_empty_or_end_early_are_walked_to_their_end)
{
    CLEANUP(file_list) struct file_list none = {0}, two = {0};
    struct strings found = {0};
    add(&two, "a", 1);
    add(&two, "b", 2);
    moved_files(&found, &none, &two);
    expect_lines(&found, "a: new, 010101010101; b: new, 020202020202");
    moved_files(&found, &two, &none);
    expect_lines(&found, "a: gone, was 010101010101; b: gone, was 020202020202");
    moved_files(&found, &none, &none);
    expect_lines(&found, "");
}
END_TEST

START_TEST(a_kind_and_an_executable_bit_that_move_are_told)
{
    CLEANUP(file_list) struct file_list before = {0}, after = {0};
    struct strings found = {0};
    add(&before, "link", 1)->kind = FILE_REGULAR;
    add(&after, "link", 1)->kind = FILE_SYMLINK;
    add(&before, "run", 2)->executable = true;
    add(&after, "run", 2);
    moved_files(&found, &before, &after);
    expect_lines(&found, "link: is no longer the same kind of file; run: is no longer executable");
    moved_files(&found, &after, &before);
    expect_lines(&found, "link: is no longer the same kind of file; run: is now executable");
}
END_TEST

START_TEST(facts_of_the_environment_are_told_by_name)
{
    CLEANUP(pairs) struct pairs before = {0}, after = {0};
    struct strings found = {0};
    pairs_set(&before, "libc", "glibc 2.36");
    pairs_set(&before, "os", "debian 12");
    pairs_set(&after, "interpreter", "python 3.11");
    pairs_set(&after, "libc", "glibc 2.39");
    pairs_set(&after, "os", "debian 12");
    moved_environment(&found, &before, &after);
    expect_lines(&found, "interpreter: (not there) → python 3.11; libc: glibc 2.36 → glibc 2.39");
    moved_environment(&found, &after, &before);
    expect_lines(&found, "interpreter: python 3.11 → (not there); libc: glibc 2.39 → glibc 2.36");
}
END_TEST

static struct manifest *manifest_of(const char *command)
{
    struct manifest *manifest = manifest_new();
    manifest->suite = str_dup("s");
    strings_add(&manifest->command.argv, "sh");
    strings_add(&manifest->command.argv, command);
    manifest->command.directory = str_dup(".");
    return manifest;
}

START_TEST(every_part_of_the_command_is_told)
{
    CLEANUP(manifest) struct manifest *before = manifest_of("train.sh");
    CLEANUP(manifest) struct manifest *after = manifest_of("my train.sh");
    struct strings found = {0};
    free(after->command.directory);
    after->command.directory = str_dup("sub");
    pairs_set(&after->command.env, "SEED", "7");
    strings_add(&after->command.pins, "hashseed");
    strings_add(&after->command.pins, "threads");
    moved_command(&found, before, after);
    expect_lines(&found, "command: sh train.sh → sh 'my train.sh'; directory: . → sub; env SEED: (not there) → 7; "
                         "pins: (none) → hashseed threads");
    moved_command(&found, after, before);
    expect_lines(&found, "command: sh 'my train.sh' → sh train.sh; directory: sub → .; env SEED: 7 → (not there); "
                         "pins: hashseed threads → (none)");
    moved_command(&found, before, before);
    expect_lines(&found, "");
}
END_TEST

START_TEST(one_more_argument_is_another_command)
{
    CLEANUP(manifest) struct manifest *before = manifest_of("a");
    CLEANUP(manifest) struct manifest *after = manifest_of("a");
    struct strings found = {0};
    strings_add(&after->command.argv, "-v");
    moved_command(&found, before, after);
    expect_lines(&found, "command: sh a → sh a -v");
}
END_TEST

static struct suite *suite_of(const char *rest)
{
    struct suite *suite = NULL;
    struct error err = {0};
    CLEANUP(free) char *text = str_printf("{\"suite\": \"s\", \"train\": {\"command\": [\"true\"]}%s}", rest);
    ck_ok(suite_parse(&suite, "s", "suites/s/suite.json", text, strlen(text), &err), &err);
    return suite;
}

START_TEST(metrics_within_their_tolerance_do_not_move_and_better_ones_do)
{
    CLEANUP(suite)
    struct suite *suite = suite_of(", \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"accuracy\": "
                                   "{\"abs\": 0.1, \"better\": \"higher\"}}}");
    CLEANUP(manifest) struct manifest *before = manifest_of("a");
    CLEANUP(manifest) struct manifest *after = manifest_of("a");
    struct strings found = {0};
    metric_list_add(&before->metrics, "accuracy", 0.5);
    metric_list_add(&after->metrics, "accuracy", 0.55);
    moved_metrics(&found, before, after, suite);
    expect_lines(&found, "");
    after->metrics.items[0].value = 0.9; // better, and still not what golden has
    moved_metrics(&found, before, after, suite);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_ptr_nonnull(strstr(found.items[0], "accuracy"));
    strings_free(&found);
    metric_list_add(&after->metrics, "extra", 1);
    moved_metrics(&found, before, after, suite);
    ck_assert_uint_eq(found.count, 2);
    strings_free(&found);
}
END_TEST

START_TEST(everything_is_told_part_by_part)
{
    CLEANUP(suite) struct suite *suite = suite_of("");
    CLEANUP(manifest) struct manifest *before = manifest_of("a");
    CLEANUP(manifest) struct manifest *after = manifest_of("b");
    CLEANUP(strings) struct strings series = {0};
    struct strings found = {0};
    add(&after->code, "a.py", 1);
    add(&after->data, "d.csv", 1);
    add(&after->settings, "s.json", 1);
    add(&after->external, "IMAGES", 1);
    add(&after->artifacts, "model", 1);
    pairs_set(&after->environment, "os", "debian 12");
    metric_list_add(&after->metrics, "loss", 1);
    strings_add(&series, "h.csv: new");
    moved_all(&found, before, after, suite, &series);
    static const char *const parts[] = {"command: command:", "code: a.py",       "data: d.csv",
                                        "settings: s.json",  "external: IMAGES", "environment: os",
                                        "artifact: model",   "metric: ",         "series: h.csv: new"};
    ck_assert_uint_eq(found.count, ARRAY_LEN(parts));
    for (size_t i = 0; i < found.count; i++)
        ck_assert_msg(str_starts(found.items[i], parts[i]), "%s", found.items[i]);
    strings_free(&found);
    moved_all(&found, after, after, suite, NULL);
    expect_lines(&found, "");
}
END_TEST

START_TEST(files_of_metrics_and_of_no_rule_are_not_judged_by_their_bytes)
{
    CLEANUP(suite)
    struct suite *suite = suite_of(", \"artifacts\": {\"model\": {}, \"log\": {\"compare\": \"none\"}}, "
                                   "\"metrics\": {\"from\": [\"m.json\"], \"series\": {\"h.csv\": {}}}");
    CLEANUP(manifest) struct manifest *before = manifest_of("a");
    CLEANUP(manifest) struct manifest *after = manifest_of("a");
    struct strings found = {0};
    static const char *const paths[] = {"h.csv", "log", "m.json", "model", "other"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        add(&before->artifacts, paths[i], 1);
        add(&after->artifacts, paths[i], 2);
    }
    moved_all(&found, before, after, suite, NULL);
    expect_lines(&found, "artifact: model: 010101010101 → 020202020202");
}
END_TEST

UNIT_MAIN("moved", files_that_changed_came_and_went_are_told, lists_that_are_empty_or_end_early_are_walked_to_their_end,
          a_kind_and_an_executable_bit_that_move_are_told, facts_of_the_environment_are_told_by_name,
          every_part_of_the_command_is_told, one_more_argument_is_another_command,
          metrics_within_their_tolerance_do_not_move_and_better_ones_do, everything_is_told_part_by_part,
          files_of_metrics_and_of_no_rule_are_not_judged_by_their_bytes)
