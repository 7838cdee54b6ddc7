// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/fs.h"
#include "core/project.h"
#include "core/project_settings.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

#include <sys/stat.h>

static struct project_settings *parsed(const char *text)
{
    struct error err = {0};
    struct project_settings *settings = NULL;
    ck_ok(project_settings_parse(&settings, "repro.json", text, strlen(text), &err), &err);
    return settings;
}

START_TEST(a_store_is_a_folder_inside_or_an_absolute_one)
{
    static const char *const stores[] = {"bundles", "a/b.c/",      "..bundles", ".reproduced",
                                         "goldens", "/mnt/models", "/"};
    for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
        CLEANUP(free)
        char *text = str_printf("// ours\n{\"$schema\": \"x\", \"store\": \"%s\" /* mounted */}", stores[i]);
        CLEANUP(project_settings) struct project_settings *settings = parsed(text);
        ck_assert_str_eq(settings->store, stores[i]);
    }
    CLEANUP(project_settings) struct project_settings *none = parsed("{}");
    ck_assert_ptr_null(none->store);
}
END_TEST

START_TEST(what_cannot_be_a_store_is_told_with_line_and_key)
{
    static const struct {
        const char *text, *says;
    } faults[] = {
        {"{\n\"store\": \"../up\"}", "repro.json:2: store: '../up' leads out of the project"},
        {"{\"store\": \"..\"}", "leads out of the project"},
        {"{\"store\": \"a/../b\"}", "is not a path inside the project"},
        {"{\"store\": \"/mnt/../etc\"}", "expected an absolute path without"},
        {"{\"store\": \"~/models\"}", "'~' means nothing here"},
        {"{\"store\": \".repro/store\"}", "'.repro/store' is not free for this"},
        {"{\"store\": \"golden\"}", "'golden' is not free for this"},
        {"{\"store\": \".git/x\"}", "'.git/x' is not free for this"},
        {"{\"store\": \"\"}", "is empty"},
        {"{\"store\": 3}", "store: expected a string, found a number"},
        {"{\n\n\"sotre\": \"/mnt\"}", "repro.json:3: sotre: unknown key 'sotre'; did you mean 'store'?"},
        {"[]", "expected an object"},
        {"", "repro.json:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        CLEANUP(error) struct error err = {0};
        struct project_settings *settings = NULL;
        ck_assert_int_eq(project_settings_parse(&settings, "repro.json", faults[i].text, strlen(faults[i].text), &err),
                         -1);
        ck_assert_ptr_null(settings);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, faults[i].says);
    }
}
END_TEST

START_TEST(without_a_repro_json_there_is_no_store)
{
    struct error err = {0};
    CLEANUP(free) char *root = unit_folder();
    CLEANUP(project_settings) struct project_settings *settings = NULL;
    ck_ok(project_settings_load(&settings, root, &err), &err);
    ck_assert_ptr_null(settings->store);
    ck_ok(fs_remove_tree(root, &err), &err);
}
END_TEST

START_TEST(a_repro_json_that_is_no_file_is_a_fault_of_the_project)
{
    struct error ok = {0};
    for (int kind = 0; kind < 4; kind++) {
        CLEANUP(error) struct error err = {0};
        CLEANUP(free) char *root = unit_folder(), *path = fs_join(root, "repro.json");
        struct project *project = NULL;
        int made = kind == 0   ? mkdir(path, 0755)
                   : kind == 1 ? mkfifo(path, 0644)
                   : kind == 2 ? symlink("nowhere", path)
                               : fs_write_atomic(path, "{\"stroe\": \"/\"}", 14, &ok);
        ck_assert_int_eq(made, 0);
        ck_assert_int_eq(project_open(&project, root, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, "repro.json");
        ck_ok(fs_remove_tree(root, &ok), &ok);
    }
}
END_TEST

static int parse_example(const char *text, size_t len, struct error *err)
{
    CLEANUP(project_settings) struct project_settings *settings = NULL;
    return project_settings_parse(&settings, "repro.json", text, len, err);
}

START_TEST(good_examples_are_accepted_and_bad_ones_refused)
{
    corpus_check("project_settings", parse_example);
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("repro.schema.json", project_settings_fields());
}
END_TEST

UNIT_MAIN("project_settings", a_store_is_a_folder_inside_or_an_absolute_one,
          what_cannot_be_a_store_is_told_with_line_and_key, without_a_repro_json_there_is_no_store,
          a_repro_json_that_is_no_file_is_a_fault_of_the_project, good_examples_are_accepted_and_bad_ones_refused,
          the_schema_says_what_the_code_reads)
