// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Root runs all of this twice: as itself and as a normal user.
#include "unit_run.h"

#include "base/buf.h"
#include "base/fs.h"
#include "run/run.h"

#include <sys/stat.h>
#include <sys/wait.h>

struct trial {
    char *base, *root, *folder, *home; // the project lies in the caller's HOME
    char *set_home;
    const char *caller[4];
    struct suite suite;
    struct sandbox_ability ability;
    struct run_options options;
    struct run *run;
    struct error err;
};

static char *text_of(const char *path)
{
    struct buf text = {0};
    struct error err = {0};
    ck_ok(fs_read(&text, path, 0, &err), &err);
    return buf_take(&text);
}

static void trial_new(struct trial *t, const char *script)
{
    *t = (struct trial){.base = unit_folder()};
    t->home = fs_join(t->base, "home/me");
    t->root = fs_join(t->home, "project");
    t->folder = fs_join(t->root, ".repro/runs/1");
    put(t->root, "data.csv", "1,2\n");
    put(t->root, "src/part.txt", "part\n");
    put(t->home, ".ssh/key", "secret\n");
    t->set_home = str_printf("HOME=%s", t->home);
    t->caller[0] = t->set_home;
    t->caller[1] = "PATH=/usr/local/bin:/usr/bin:/bin";
    t->caller[2] = "CI_SECRET=hidden";
    strings_add(&t->suite.train.command, "sh");
    strings_add(&t->suite.train.command, "-c");
    strings_add(&t->suite.train.command, script);
    t->suite.train.directory = (char *)".";
    t->suite.train.timeout = 30;
    ck_ok(sandbox_probe(&t->ability, t->base, &t->err), &t->err);
    t->options = (struct run_options){.suite = &t->suite,
                                      .root = t->root,
                                      .folder = t->folder,
                                      .stop_fd = -1,
                                      .echo_fd = -1,
                                      .ability = &t->ability,
                                      .caller_environ = (char *const *)t->caller};
}

static void trial_run(struct trial *t)
{
    ck_ok(run_suite(&t->run, &t->options, &t->err), &t->err);
}

static void ck_output(const struct trial *t, const char *expected)
{
    char *out = text_of(t->run->stdout_path);
    ck_assert_msg(strcmp(out, expected) == 0, "got '%s'; it said: %s", out, t->run->process.stderr_tail);
    free(out);
}

static void trial_end(struct trial *t)
{
    struct error err = {0};
    run_free(t->run);
    ck_ok(fs_remove_tree(t->base, &err), &err);
    char *const texts[] = {t->base, t->root, t->folder, t->home, t->set_home};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    strings_free(&t->suite.train.command);
    pairs_free(&t->suite.train.env);
    sandbox_ability_free(&t->ability);
    error_free(&t->err);
}

START_TEST(a_run_works_in_a_view_of_the_project_and_its_outputs_are_found)
{
    static const struct {
        enum isolation isolation;
        enum workspace_kind workspace;
    } cases[] = {{ISOLATION_AUTO, WORKSPACE_AUTO}, {ISOLATION_AUTO, WORKSPACE_COPY}, {ISOLATION_NONE, WORKSPACE_AUTO}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t;
        trial_new(&t, "cat data.csv; ls -A; mkdir out; echo model >out/model; echo changed >data.csv; rm src/part.txt; "
                      "echo log >&2; exit 3");
        t.options.isolation = cases[i].isolation;
        t.options.workspace = cases[i].workspace;
        trial_run(&t);
        ck_assert_int_eq(t.run->process.exit_code, 3);
        ck_assert_uint_eq(t.run->written.count, 2);
        ck_assert_str_eq(t.run->written.items[0].path, "data.csv");
        ck_assert_str_eq(t.run->written.items[1].path, "out/model");
        ck_assert_uint_eq(t.run->removed.count, 1);
        ck_assert_str_eq(t.run->removed.items[0], "src/part.txt");
        char *data = fs_join(t.root, "data.csv"), *source = text_of(data);
        char *model = fs_join(workspace_outputs(t.run->workspace), "out/model"), *made = text_of(model);
        char *errors = text_of(t.run->stderr_path);
        ck_assert_str_eq(source, "1,2\n");
        ck_assert_str_eq(made, "model\n");
        ck_assert_str_eq(errors, "log\n");
        char *const texts[] = {data, source, model, made, errors};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free(texts[k]);
        trial_end(&t);
    }
}
END_TEST

START_TEST(a_run_is_isolated_where_that_can_be_had_and_a_note_says_where_not)
{
    struct trial t;
    trial_new(&t, "echo $HOME; echo ${CI_SECRET-none}; pwd");
    trial_run(&t);
    if (t.ability.namespaces) {
        ck_assert_int_eq(t.run->isolation, ISOLATION_FULL);
        ck_output(&t, "/tmp/repro/home\nnone\n/tmp/repro/work\n");
        if (!t.ability.why_not)
            ck_assert_ptr_null(t.run->isolation_note);
    } else {
        ck_assert_int_ne(t.run->isolation, ISOLATION_FULL); // a chroot allows no namespaces, and may allow a part
        ck_assert_ptr_nonnull(t.run->isolation_note);
        if (t.run->isolation == ISOLATION_NONE)
            ck_assert_ptr_nonnull(strstr(t.run->isolation_note, "HOME"));
    }
    trial_end(&t);
}
END_TEST

static const struct trace_file *find_in_project(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->trace.file_count; i++) {
        const char *path = run_project_path(run, run->trace.files[i].path);
        if (path && strcmp(path, name) == 0)
            return &run->trace.files[i];
    }
    return NULL;
}

START_TEST(a_run_is_traced_where_that_can_be_had_and_paths_are_told_in_the_project)
{
    static const enum isolation levels[] = {ISOLATION_AUTO, ISOLATION_NONE};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct trial t;
        trial_new(&t, "cat data.csv; cat \"$ROOT/src/part.txt\"; cat gone; echo model >model; cd /; cat etc/hostname");
        pairs_set(&t.suite.train.env, "ROOT", t.root);
        t.options.isolation = levels[i];
        trial_run(&t);
        if (t.run->traced) {
            ck_assert_ptr_null(t.run->trace_note);
            ck_assert_uint_eq(find_in_project(t.run, "data.csv")->flags, TRACE_READ);
            ck_assert_uint_eq(find_in_project(t.run, "gone")->flags, TRACE_ABSENT);
            ck_assert_uint_eq(find_in_project(t.run, "model")->flags, TRACE_WRITTEN | TRACE_OWN);
            if (t.run->isolation == ISOLATION_FULL) // the project's own place shows the workspace
                ck_assert_uint_eq(find_in_project(t.run, "src/part.txt")->flags, TRACE_READ);
            ck_assert_ptr_null(run_project_path(t.run, "/etc/hostname"));
            ck_assert_ptr_nonnull(trace_log_find(&t.run->trace, "/etc/hostname"));
            ck_assert_uint_eq(t.run->trace.unresolved, 0);
            char *path = fs_join(t.folder, "trace.json"), *text = text_of(path);
            ck_assert_ptr_nonnull(strstr(text, "/data.csv\", \"flags\": [\"read\"]}"));
            free(text);
            free(path);
        } else {
            ck_assert_ptr_nonnull(strstr(t.run->trace_note, "not traced: "));
        }
        trial_end(&t);
    }
}
END_TEST

START_TEST(a_trace_that_was_asked_for_by_name_and_cannot_be_had_is_an_error)
{
    struct trace_ability none = {.why_not = (char *)"the kernel is too old"};
    struct trial t;
    trial_new(&t, "true");
    t.options.trace_ability = &none;
    t.options.trace = TRACE_FULL;
    ck_assert_int_eq(run_suite(&t.run, &t.options, &t.err), -1);
    ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
    ck_error_has(&t.err, "cannot trace the run: the kernel is too old");
    error_free(&t.err);
    t.options.trace = TRACE_AUTO;
    trial_run(&t);
    ck_assert(!t.run->traced);
    ck_assert_str_eq(t.run->trace_note, "not traced: the kernel is too old");
    trial_end(&t);
}
END_TEST

START_TEST(without_isolation_home_is_private_all_the_same)
{
    struct trial t;
    trial_new(&t, "ls -A \"$HOME\" \"$TMPDIR\" | grep -c .; test \"$HOME\" = '/tmp/repro/home' || echo elsewhere");
    t.options.isolation = ISOLATION_NONE;
    trial_run(&t);
    ck_assert_int_eq(t.run->isolation, ISOLATION_NONE);
    ck_assert_ptr_nonnull(strstr(t.run->isolation_note, "not isolated, as asked for"));
    char *out = text_of(t.run->stdout_path);
    ck_assert_ptr_nonnull(strstr(out, "\nelsewhere\n"));
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(the_real_home_is_hidden_but_for_interpreters_and_externals)
{
    struct trial t;
    trial_new(&t, "");
    if (t.ability.namespaces) {
        put(t.home, "tools/bin/tool", "#!/bin/sh\ncat \"${0%/*}/../lib/answer\"\n");
        put(t.home, "tools/lib/answer", "42\n");
        put(t.home, "images/one", "pixels\n");
        char *tool = fs_join(t.home, "tools/bin/tool"), *images = fs_join(t.home, "images");
        ck_assert_int_eq(chmod(tool, 0755), 0);
        char *path = str_printf("PATH=%s/tools/bin:/usr/bin:/bin", t.home);
        t.caller[1] = path;
        pairs_set(&t.suite.inputs.external, "IMAGES", images);
        char *script = str_printf("tool; cat %s/images/one; ls -A '%s'; cat '%s/.ssh/key' 2>/dev/null || echo hidden; "
                                  "cat '%s/data.csv'",
                                  t.home, t.home, t.home, t.root);
        free(t.suite.train.command.items[2]);
        t.suite.train.command.items[2] = script;
        trial_run(&t);
        ck_output(&t, "42\npixels\nimages\nproject\ntools\nhidden\n1,2\n");
        pairs_free(&t.suite.inputs.external);
        free(tool);
        free(images);
        free(path);
    }
    trial_end(&t);
}
END_TEST

START_TEST(a_command_runs_in_the_folder_that_the_suite_names)
{
    struct trial t;
    trial_new(&t, "cat part.txt; echo 1 >made");
    t.suite.train.directory = (char *)"src";
    trial_run(&t);
    ck_output(&t, "part\n");
    ck_assert_str_eq(t.run->written.items[0].path, "src/made");
    trial_end(&t);
}
END_TEST

START_TEST(another_folder_can_be_seen_as_the_work_tree)
{
    struct trial t;
    trial_new(&t, "cat data.csv");
    char *other = fs_join(t.base, "checked out");
    put(other, "data.csv", "committed\n");
    t.options.source = other;
    trial_run(&t);
    ck_output(&t, "committed\n");
    free(other);
    trial_end(&t);
}
END_TEST

START_TEST(what_cannot_be_had_is_refused_when_it_is_asked_for)
{
    struct sandbox_ability nothing = {.why_not = (char *)"this machine forbids it"};
    struct sandbox_ability filter = {.why_not = (char *)"this machine forbids it", .sockets = true};
    const struct {
        enum isolation isolation;
        enum workspace_kind workspace;
        const struct sandbox_ability *ability;
        const char *message;
    } cases[] = {
        {ISOLATION_FULL, WORKSPACE_AUTO, &nothing, "cannot isolate the run: this machine forbids it"},
        {ISOLATION_FULL, WORKSPACE_AUTO, NULL, "cannot isolate the run: it was not found out"},
        {ISOLATION_PARTIAL, WORKSPACE_AUTO, &nothing, "cannot isolate the run: this machine has neither Landlock nor"},
        {ISOLATION_PARTIAL, WORKSPACE_AUTO, NULL, "cannot isolate the run: this machine has neither Landlock nor"},
        {ISOLATION_PARTIAL, WORKSPACE_OVERLAY, &filter, "cannot make an overlay workspace: it needs isolation 'full'"},
        {ISOLATION_NONE, WORKSPACE_OVERLAY, &nothing, "cannot make an overlay workspace: it needs isolation 'full'"},
        {ISOLATION_AUTO, WORKSPACE_OVERLAY, &nothing, "cannot make an overlay workspace: it needs isolation 'full'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t;
        trial_new(&t, "true");
        t.options.isolation = cases[i].isolation;
        t.options.workspace = cases[i].workspace;
        t.options.ability = cases[i].ability;
        ck_assert_int_eq(run_suite(&t.run, &t.options, &t.err), -1);
        ck_assert_ptr_null(t.run);
        ck_error_has(&t.err, cases[i].message);
        trial_end(&t);
    }
}
END_TEST

START_TEST(where_nothing_can_be_isolated_auto_runs_and_says_why)
{
    struct sandbox_ability nothing = {.why_not = (char *)"this machine forbids it"};
    struct trial t;
    trial_new(&t, "cat data.csv");
    t.options.ability = &nothing;
    trial_run(&t);
    ck_output(&t, "1,2\n");
    ck_assert_ptr_nonnull(strstr(t.run->isolation_note, "this machine forbids it"));
    trial_end(&t);
}
END_TEST

START_TEST(the_git_folder_of_the_repository_is_hidden_wherever_it_is)
{
    static const enum isolation levels[] = {ISOLATION_FULL, ISOLATION_PARTIAL};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct trial t;
        setenv("TMPDIR", "/var/tmp", 1); // /tmp is hidden as a whole
        trial_new(&t, "");
        if (levels[i] == ISOLATION_FULL ? t.ability.network : t.ability.files > 0) {
            // HOME is elsewhere, as in a container; the project is part of one repository and linked to another.
            t.caller[0] = "HOME=/nonexistent";
            char *name = str_printf("gitdir: %s/main/.git/worktrees/linked\n", t.home);
            put(t.home, ".git/config", "token\n");
            put(t.home, "main/.git/config", "token\n");
            put(t.root, ".git", name);
            free(name);
            free(t.suite.train.command.items[2]);
            t.suite.train.command.items[2] =
                str_printf("cat %s/.git/config %s/main/.git/config .git; cat '%s/data.csv'", t.home, t.home, t.root);
            t.options.isolation = levels[i];
            trial_run(&t);
            ck_output(&t, "1,2\n");
        }
        trial_end(&t);
    }
}
END_TEST

// A machine on which namespaces are forbidden, but nothing else.
static void forbid_namespaces(struct trial *t)
{
    free(t->ability.why_not);
    t->ability.why_not = str_dup("this machine forbids namespaces");
    t->ability.namespaces = t->ability.network = t->ability.overlay = t->ability.read_only = false;
}

START_TEST(where_namespaces_are_forbidden_auto_confines_and_says_what_is_left_open)
{
    struct trial t;
    trial_new(&t, "cat data.csv; pwd; echo \"${CI_SECRET-none}\"; echo new >made");
    forbid_namespaces(&t);
    trial_run(&t);
    bool any = sandbox_can_confine(&t.ability, false);
    ck_assert_int_eq(t.run->isolation, any ? ISOLATION_PARTIAL : ISOLATION_NONE);
    ck_assert_ptr_nonnull(strstr(t.run->isolation_note, "this machine forbids namespaces"));
    ck_assert(t.run->loopback == !t.ability.sockets);
    char *expected = str_printf("1,2\n%s/.repro/runs/1/copy\nnone\n", t.root);
    ck_output(&t, expected);
    ck_assert_str_eq(t.run->written.items[0].path, "made");
    free(expected);
    trial_end(&t);
}
END_TEST

START_TEST(partial_keeps_to_what_the_machine_has)
{
    static const struct {
        bool sockets;
        int files;
        bool network;
        const char *gaps, *also;
        bool loopback;
    } cases[] = {
        {true, 0, false, "this kernel has no Landlock", "no network, not even loopback", false},
        {true, 7, false, "can change modes, owners and times", "no network, not even loopback", false},
        {true, 7, true, "can change modes, owners and times", "the suite asks for the network", true},
        {false, 7, false, "can change modes, owners and times", "it can reach the network", true},
        {true, 2, false, "cut them off", "signal those of this user", false},
    };
    struct trial t;
    trial_new(&t, "true");
    struct sandbox_ability here = t.ability;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].sockets > here.sockets || cases[i].files > here.files)
            continue; // this machine has less
        t.ability = (struct sandbox_ability){.sockets = cases[i].sockets, .files = cases[i].files};
        t.suite.train.network = cases[i].network;
        t.options.isolation = ISOLATION_PARTIAL;
        trial_run(&t);
        ck_assert_int_eq(t.run->isolation, ISOLATION_PARTIAL);
        ck_assert_int_eq(t.run->process.exit_code, 0);
        ck_assert_ptr_nonnull(strstr(t.run->isolation_note, cases[i].gaps));
        ck_assert_ptr_nonnull(strstr(t.run->isolation_note, cases[i].also));
        ck_assert(t.run->loopback == cases[i].loopback);
        run_free(steal(&t.run));
    }
    t.ability = here;
    trial_end(&t);
}
END_TEST

START_TEST(partial_hides_home_and_the_project_s_tokens_from_reading)
{
    struct trial t;
    trial_new(&t, "");
    if (t.ability.files > 0) {
        put(t.home, "tools/bin/tool", "#!/bin/sh\ncat \"${0%/*}/../lib/answer\"\n");
        put(t.home, "tools/lib/answer", "42\n");
        put(t.home, "images/one", "pixels\n");
        put(t.home, ".netrc", "password\n");
        put(t.root, ".git/config", "token\n");
        put(t.root, ".repro/notes", "own\n");
        char *tool = fs_join(t.home, "tools/bin/tool"), *images = fs_join(t.home, "images");
        ck_assert_int_eq(chmod(tool, 0755), 0);
        char *path = str_printf("PATH=%s/tools/bin:/usr/bin:/bin", t.home);
        t.caller[1] = path;
        pairs_set(&t.suite.inputs.external, "IMAGES", images);
        free(t.suite.train.command.items[2]);
        t.suite.train.command.items[2] = str_printf(
            "tool; cat %s/images/one '%s/data.csv'; "
            "for f in .netrc .ssh/key project/.git/config project/.repro/notes project/.repro/runs/1/stdout.log "
            "images/one data.csv; do cat %s/$f >/dev/null 2>&1 && echo \"read $f\"; "
            "(echo x >>%s/$f) 2>/dev/null && echo \"wrote $f\"; done; true",
            t.home, t.root, t.home, t.home);
        t.options.isolation = ISOLATION_PARTIAL;
        trial_run(&t);
        ck_output(&t, "42\npixels\n1,2\nread images/one\n");
        pairs_free(&t.suite.inputs.external);
        free(tool);
        free(images);
        free(path);
    }
    trial_end(&t);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_error_and_leaves_no_workspace)
{
    struct trial t;
    trial_new(&t, "true");
    free(t.suite.train.command.items[0]);
    t.suite.train.command.items[0] = strdup("no-such-program");
    ck_assert_int_eq(run_suite(&t.run, &t.options, &t.err), -1);
    ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
    ck_error_has(&t.err, "cannot run 'no-such-program': No such file or directory");
    char *upper = fs_join(t.folder, "upper"), *copy = fs_join(t.folder, "copy");
    ck_assert(!fs_exists(upper) && !fs_exists(copy));
    free(upper);
    free(copy);
    trial_end(&t);
}
END_TEST

START_TEST(a_time_of_the_caller_s_stands_over_the_suite_s)
{
    struct trial t;
    trial_new(&t, "sleep 600");
    t.options.timeout = 0.2;
    trial_run(&t);
    ck_assert(t.run->process.timed_out);
    trial_end(&t);
}
END_TEST

UNIT_MAIN_AS_BOTH(
    "run", a_run_works_in_a_view_of_the_project_and_its_outputs_are_found,
    a_run_is_isolated_where_that_can_be_had_and_a_note_says_where_not,
    a_run_is_traced_where_that_can_be_had_and_paths_are_told_in_the_project,
    a_trace_that_was_asked_for_by_name_and_cannot_be_had_is_an_error, without_isolation_home_is_private_all_the_same,
    the_real_home_is_hidden_but_for_interpreters_and_externals, a_command_runs_in_the_folder_that_the_suite_names,
    another_folder_can_be_seen_as_the_work_tree, what_cannot_be_had_is_refused_when_it_is_asked_for,
    where_nothing_can_be_isolated_auto_runs_and_says_why, the_git_folder_of_the_repository_is_hidden_wherever_it_is,
    where_namespaces_are_forbidden_auto_confines_and_says_what_is_left_open, partial_keeps_to_what_the_machine_has,
    partial_hides_home_and_the_project_s_tokens_from_reading,
    a_program_that_is_not_there_is_an_error_and_leaves_no_workspace, a_time_of_the_caller_s_stands_over_the_suite_s)
