// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// What a trace says about a suite: which files count as its inputs.
#include "engine/traced.h"

#include "unit_files.h"

// FOLDER/project, with room beside it.
static char *enter(void)
{
    char *folder = enter_folder();
    ck_assert_int_eq(mkdir("project", 0755), 0);
    ck_assert_int_eq(chdir("project"), 0);
    return folder;
}

// A trace of these files over the current folder as the project, in which a.csv and src/a.py are declared.
static void find(struct traced *out, struct trace_file *files, size_t count, unsigned foreign)
{
    CLEANUP(free) char *here = getcwd(NULL, 0), *private = str_printf("%s/../private", here);
    CLEANUP(workspace) struct workspace *workspace = NULL;
    CLEANUP(manifest) struct manifest *now = manifest_new();
    struct error err = {0};
    char *seen[] = {(char *)(uintptr_t)SANDBOX_WORK};
    struct suite suite = {.path = (char *)(uintptr_t) "suites/x/suite.json"};
    const struct workspace_options options = {.source = here, .folder = private, .kind = WORKSPACE_COPY};
    ck_ok(workspace_open(&workspace, &options, &err), &err);
    file_list_add(&now->code, "src/a.py");
    file_list_add(&now->data, "a.csv");
    struct run run = {.workspace = workspace,
                      .traced = true,
                      .trace = {.files = files, .file_count = count, .foreign = foreign},
                      .seen_work = {.items = seen, .count = 1}};
    traced_find(out, &run, &suite, now, here);
}

static void expect(struct strings *list, const char *expected)
{
    CLEANUP(free) char *text = strings_join(list, " ");
    ck_assert_str_eq(text, expected);
}

#define AT(path) SANDBOX_WORK "/" path

START_TEST(what_is_read_and_not_listed_is_undeclared)
{
    char *folder = enter();
    struct trace_file files[] = {{.path = AT("a.csv"), .flags = TRACE_READ},
                                 {.path = AT("b.csv"), .flags = TRACE_READ},
                                 {.path = AT("made.csv"), .flags = TRACE_READ | TRACE_WRITTEN | TRACE_OWN},
                                 {.path = AT("suites/x/suite.json"), .flags = TRACE_READ},
                                 {.path = AT("written.csv"), .flags = TRACE_WRITTEN}};
    struct traced found = {0};
    find(&found, files, ARRAY_LEN(files), 0);
    expect(&found.undeclared, "b.csv");
    expect(&found.unread, "src/a.py");
    expect(&found.absent, "");
    expect(&found.outside, "");
    ck_assert_ptr_null(found.why);
    traced_free(&found);
    leave_folder(folder);
}
END_TEST

START_TEST(cached_bytecode_stands_for_its_source)
{
    char *folder = enter();
    put("src/a.py", "");
    put("src/b.py", "");
    struct trace_file files[] = {{.path = AT("src/__pycache__/a.cpython-311.pyc"), .flags = TRACE_READ},
                                 {.path = AT("src/__pycache__/b.cpython-311.pyc"), .flags = TRACE_READ},
                                 {.path = AT("src/__pycache__/gone.cpython-311.pyc"), .flags = TRACE_READ}};
    struct traced found = {0};
    find(&found, files, ARRAY_LEN(files), 0);
    expect(&found.undeclared, "src/b.py");
    expect(&found.unread, "a.csv");
    traced_free(&found);
    leave_folder(folder);
}
END_TEST

START_TEST(a_link_and_what_it_leads_to_are_both_inputs)
{
    char *folder = enter();
    put("real.csv", "1\n");
    ck_assert_int_eq(symlink("real.csv", "link.csv"), 0);
    struct trace_file files[] = {{.path = AT("real.csv"), .link = AT("link.csv"), .flags = TRACE_READ}};
    struct traced found = {0};
    find(&found, files, ARRAY_LEN(files), 0);
    expect(&found.undeclared, "link.csv real.csv");
    traced_free(&found);
    leave_folder(folder);
}
END_TEST

START_TEST(looked_for_in_vain_outside_and_of_the_system_are_told_apart)
{
    char *folder = enter();
    struct trace_file files[] = {
        {.path = "/etc/hosts", .flags = TRACE_READ},      {.path = "/srv/data.csv", .flags = TRACE_READ},
        {.path = "/srv/none.csv", .flags = TRACE_ABSENT}, {.path = SANDBOX_HOME "/.cache", .flags = TRACE_READ},
        {.path = AT(".git/config"), .flags = TRACE_READ}, {.path = AT("maybe.cfg"), .flags = TRACE_ABSENT}};
    struct traced found = {0};
    find(&found, files, ARRAY_LEN(files), 0);
    expect(&found.absent, "maybe.cfg");
    expect(&found.outside, "/srv/data.csv");
    ck_assert(strings_has(&found.opened, "/etc/hosts"));
    expect(&found.undeclared, "");
    traced_free(&found);
    leave_folder(folder);
}
END_TEST

START_TEST(a_list_that_is_not_complete_calls_nothing_unread)
{
    char *folder = enter();
    struct trace_file files[] = {{.path = AT("b.csv"), .flags = TRACE_READ}};
    struct traced found = {0};
    find(&found, files, ARRAY_LEN(files), 3);
    expect(&found.unread, "");
    expect(&found.undeclared, "b.csv");
    ck_assert_ptr_nonnull(strstr(found.why, "3 system calls of another architecture"));
    traced_free(&found);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("traced", what_is_read_and_not_listed_is_undeclared, cached_bytecode_stands_for_its_source,
          a_link_and_what_it_leads_to_are_both_inputs, looked_for_in_vain_outside_and_of_the_system_are_told_apart,
          a_list_that_is_not_complete_calls_nothing_unread)
