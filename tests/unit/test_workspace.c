// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Every kind of workspace must tell the same about the same run. Root runs all of this twice: as itself and as a normal
// user.
#include "unit_run.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include "run/process.h"
#include "run/sandbox.h"
#include "run/workspace.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct trial {
    char *base, *source, *folder;
    struct workspace *workspace;
    struct file_list written;
    struct strings removed;
    struct error err;
};

static bool overlay_works(void)
{
    struct sandbox_ability ability = {0};
    struct error err = {0};
    char *folder = unit_folder();
    ck_ok(sandbox_probe(&ability, folder, &err), &err);
    ck_assert_int_eq(rmdir(folder), 0);
    bool works = ability.overlay && ability.network;
    if (!works)
        fprintf(stderr, "skipped: %s\n", ability.why_not);
    sandbox_ability_free(&ability);
    free(folder);
    return works;
}

static struct trial trial_new(void)
{
    struct trial t = {.base = unit_folder()};
    t.source = fs_join(t.base, "project, of:mine");
    t.folder = fs_join(t.base, "run");
    static const char *const files[] = {"a", "sub/b", "sub/deep/c", "keep/x", ".git/config", ".repro/log"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put(t.source, files[i], files[i]);
    char *link = fs_join(t.source, "link");
    ck_assert_int_eq(symlink("a", link), 0);
    free(link);
    return t;
}

static void trial_open(struct trial *t, enum workspace_kind kind)
{
    struct workspace_options options = {
        .source = t->source, .folder = t->folder, .kind = kind, .overlay = kind == WORKSPACE_OVERLAY};
    ck_ok(workspace_open(&t->workspace, &options, &t->err), &t->err);
}

// Runs a script in the workspace and finds what it wrote.
static void trial_run(struct trial *t, const char *script)
{
    const struct workspace *workspace = t->workspace;
    bool overlay = workspace_kind(workspace) == WORKSPACE_OVERLAY;
    struct sandbox_options options = {.isolation = overlay ? ISOLATION_FULL : ISOLATION_NONE,
                                      .lower = workspace_lower(workspace),
                                      .upper = workspace_upper(workspace),
                                      .work = workspace_work(workspace),
                                      .folder = workspace_copy(workspace),
                                      .home = workspace_home(workspace),
                                      .tmp = workspace_tmp(workspace)};
    struct sandbox *sandbox = NULL;
    ck_ok(sandbox_new(&sandbox, &options, &t->err), &t->err);
    struct strings argv = {0};
    struct pairs env = {0};
    strings_add(&argv, "/bin/sh");
    strings_add(&argv, "-ec");
    strings_add(&argv, script);
    pairs_set(&env, "PATH", "/usr/bin:/bin");
    struct process_options process = {.argv = &argv,
                                      .env = &env,
                                      .directory = sandbox_seen_work(sandbox),
                                      .timeout = 30,
                                      .stop_fd = -1,
                                      .echo_fd = -1,
                                      .sandbox = sandbox};
    struct process_result result = {0};
    ck_ok(process_run(&result, &process, &t->err), &t->err);
    ck_assert_msg(result.exit_code == 0, "'%s' said: %s", script, result.stderr_tail);
    process_result_free(&result);
    strings_free(&argv);
    pairs_free(&env);
    sandbox_free(sandbox);
    ck_ok(workspace_written(&t->written, &t->removed, t->workspace, &t->err), &t->err);
}

static void trial_end(struct trial *t)
{
    struct error err = {0};
    workspace_free(t->workspace);
    file_list_free(&t->written);
    strings_free(&t->removed);
    ck_assert(!fs_exists(t->folder) || rmdir(t->folder) == 0); // nothing of it is left
    ck_ok(fs_remove_tree(t->base, &err), &err);
    free(t->base);
    free(t->source);
    free(t->folder);
    error_free(&t->err);
}

static char *names_of(const struct file_list *files)
{
    struct buf names = {0};
    for (size_t i = 0; i < files->count; i++)
        buf_printf(&names, "%s%s", i ? " " : "", files->items[i].path);
    return buf_take(&names);
}

static const struct {
    const char *script, *written, *removed;
} cases[] = {
    {"true", "", ""},
    {"echo new >out", "out", ""},
    {"echo more >>sub/b", "sub/b", ""},
    {"mkdir -p new/deep; echo 1 >new/deep/f; echo 2 >new/a", "new/a new/deep/f", ""},
    {"rm a", "", "a"},
    {"rm a; echo again >a", "a", ""},
    {"rm link", "", "link"},
    {"rm link; ln -s sub link", "link", ""},
    {"rm -r sub", "", "sub/b sub/deep/c"},
    {"rm -r sub; mkdir sub; echo 1 >sub/b", "sub/b", "sub/deep/c"},
    {"rm -r sub; mkdir -p sub/deep; echo 1 >sub/deep/c", "sub/deep/c", "sub/b"},
    {"rm -r sub; echo 1 >sub", "sub", "sub/b sub/deep/c"},
    {"rm a; mkdir a; echo 1 >a/n", "a/n", "a"},
    {"mv a z", "z", "a"},
    {"mv sub moved", "moved/b moved/deep/c", "sub/b sub/deep/c"},
    {"mkdir -p __pycache__ sub/__pycache__; echo 1 >__pycache__/m.pyc; echo 1 >sub/__pycache__/f; echo 1 >n.pyc", "",
     ""},
    {"mkdir locked; echo s >locked/f; chmod 000 locked/f locked", "locked/f", ""},
    {"mkfifo pipe; echo 1 >o", "o", ""},
    {"mkdir empty", "", ""},
    {"echo 1 >a-b; mkdir a.d; echo 1 >a.d/f; echo 1 >'with space'", "a-b a.d/f with space", ""},
};

static void check_cases(enum workspace_kind kind)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = trial_new();
        trial_open(&t, kind);
        trial_run(&t, cases[i].script);
        char *written = names_of(&t.written), *removed = strings_join(&t.removed, " ");
        ck_assert_msg(strcmp(written, cases[i].written) == 0, "'%s' wrote '%s'", cases[i].script, written);
        ck_assert_msg(strcmp(removed, cases[i].removed) == 0, "'%s' removed '%s'", cases[i].script, removed);
        free(written);
        free(removed);
        trial_end(&t);
    }
}

START_TEST(a_copy_tells_what_was_written_and_removed)
{
    check_cases(WORKSPACE_COPY);
}
END_TEST

START_TEST(an_overlay_tells_what_was_written_and_removed)
{
    if (overlay_works())
        check_cases(WORKSPACE_OVERLAY);
}
END_TEST

START_TEST(a_copy_leaves_the_source_alone_and_keeps_modes_times_and_links)
{
    struct trial t = trial_new();
    char *tool = fs_join(t.source, "keep/x"), *twin = fs_join(t.source, "keep/twin");
    ck_assert_int_eq(chmod(tool, 0750), 0);
    ck_assert_int_eq(link(tool, twin), 0);
    const struct timespec times[2] = {{1000000000, 5}, {1000000000, 123456789}};
    ck_assert_int_eq(utimensat(AT_FDCWD, tool, times, 0), 0);
    trial_open(&t, WORKSPACE_COPY);
    char *copied = fs_join(workspace_copy(t.workspace), "keep/x"),
         *link_copied = fs_join(workspace_copy(t.workspace), "link");
    char *git = fs_join(workspace_copy(t.workspace), ".git"), *own = fs_join(workspace_copy(t.workspace), ".repro");
    struct stat st;
    ck_assert_int_eq(stat(copied, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0750);
    ck_assert_int_eq(st.st_mtim.tv_sec, 1000000000);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 123456789);
    ck_assert_uint_eq(st.st_nlink, 1);
    ck_assert_int_eq(lstat(link_copied, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert(!fs_exists(git) && !fs_exists(own));
    trial_run(&t, "echo changed >keep/x; rm a");
    ck_assert_int_eq(stat(twin, &st), 0);
    ck_assert_int_eq(st.st_size, 6); // the hard link's other name holds what it held
    char *const texts[] = {tool, twin, copied, link_copied, git, own};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    trial_end(&t);
}
END_TEST

START_TEST(a_change_that_keeps_size_and_time_is_found_in_a_copy)
{
    struct trial t = trial_new();
    trial_open(&t, WORKSPACE_COPY);
    trial_run(&t, "touch -r sub/b stamp; printf 'SUB/B' >sub/b; touch -r stamp sub/b; rm stamp");
    char *written = names_of(&t.written);
    ck_assert_str_eq(written, "sub/b");
    free(written);
    trial_end(&t);
}
END_TEST

START_TEST(what_was_written_is_described)
{
    struct trial t = trial_new();
    trial_open(&t, WORKSPACE_COPY);
    trial_run(&t, "printf 12345 >five; chmod +x five; ln -s five to");
    ck_assert_uint_eq(t.written.count, 2);
    ck_assert_uint_eq(t.written.items[0].size, 5);
    ck_assert(t.written.items[0].executable);
    ck_assert_int_eq(t.written.items[0].kind, FILE_REGULAR);
    ck_assert_int_eq(t.written.items[1].kind, FILE_SYMLINK);
    ck_assert_uint_eq(t.written.items[1].size, 4);
    trial_end(&t);
}
END_TEST

START_TEST(sockets_pipes_and_devices_are_not_copied)
{
    struct trial t = trial_new();
    char *pipe_path = fs_join(t.source, "pipe");
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    trial_open(&t, WORKSPACE_COPY);
    char *copied = fs_join(workspace_copy(t.workspace), "pipe");
    ck_assert(!fs_exists(copied));
    free(copied);
    free(pipe_path);
    trial_end(&t);
}
END_TEST

START_TEST(files_that_come_and_go_do_not_stop_a_copy)
{
    struct trial t = trial_new();
    put(t.source, "busy/steady", "");
    char *busy = fs_join(t.source, "busy");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        alarm(30); // should the test end before it ends us
        for (unsigned i = 0; chdir(busy) == 0; i++) {
            char name[32];
            snprintf(name, sizeof name, "file%u", i % 100);
            close(open(name, O_CREAT | O_WRONLY, 0644));
            snprintf(name, sizeof name, "file%u", (i + 50) % 100);
            unlink(name);
        }
        _exit(0);
    }
    for (int i = 0; i < 30; i++) {
        struct workspace *workspace = NULL;
        struct workspace_options options = {.source = t.source, .folder = t.folder, .kind = WORKSPACE_COPY};
        ck_ok(workspace_open(&workspace, &options, &t.err), &t.err);
        char *steady = fs_join(workspace_copy(workspace), "busy/steady");
        ck_assert(fs_exists(steady));
        free(steady);
        workspace_free(workspace);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    free(busy);
    trial_end(&t);
}
END_TEST

START_TEST(many_files_are_copied_on_all_cpus)
{
    struct trial t = trial_new();
    for (int i = 0; i < 300; i++) {
        char *name = str_printf("many/%d/f%d", i % 7, i);
        put(t.source, name, name);
        free(name);
    }
    trial_open(&t, WORKSPACE_COPY);
    for (int i = 0; i < 300; i++) {
        char *name = str_printf("many/%d/f%d", i % 7, i), *path = fs_join(workspace_copy(t.workspace), name);
        struct buf text = {0};
        ck_ok(fs_read(&text, path, 0, &t.err), &t.err);
        ck_assert_str_eq(text.data, name);
        buf_free(&text);
        free(path);
        free(name);
    }
    trial_end(&t);
}
END_TEST

START_TEST(without_an_overlay_auto_makes_a_copy)
{
    struct trial t = trial_new();
    struct workspace_options options = {.source = t.source, .folder = t.folder};
    ck_ok(workspace_open(&t.workspace, &options, &t.err), &t.err);
    ck_assert_int_ne(workspace_kind(t.workspace), WORKSPACE_OVERLAY);
    ck_assert_int_ne(workspace_kind(t.workspace), WORKSPACE_AUTO);
    ck_assert_ptr_null(workspace_lower(t.workspace));
    ck_assert_str_eq(workspace_outputs(t.workspace), workspace_copy(t.workspace));
    trial_end(&t);
}
END_TEST

START_TEST(a_source_that_is_no_folder_is_an_error)
{
    static const enum workspace_kind kinds[] = {WORKSPACE_COPY, WORKSPACE_OVERLAY};
    for (size_t i = 0; i < 2; i++) {
        struct trial t = trial_new();
        char *file = fs_join(t.source, "a");
        struct workspace_options options = {.source = file, .folder = t.folder, .kind = kinds[i], .overlay = true};
        ck_assert_int_eq(workspace_open(&t.workspace, &options, &t.err), -1);
        ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
        ck_assert_ptr_null(t.workspace);
        free(file);
        trial_end(&t);
    }
}
END_TEST

UNIT_MAIN_AS_BOTH("workspace", a_copy_tells_what_was_written_and_removed, an_overlay_tells_what_was_written_and_removed,
                  a_copy_leaves_the_source_alone_and_keeps_modes_times_and_links,
                  a_change_that_keeps_size_and_time_is_found_in_a_copy, what_was_written_is_described,
                  sockets_pipes_and_devices_are_not_copied, files_that_come_and_go_do_not_stop_a_copy,
                  many_files_are_copied_on_all_cpus, without_an_overlay_auto_makes_a_copy,
                  a_source_that_is_no_folder_is_an_error)
