// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Root runs all of this twice: as itself, without a user namespace, and as a normal user, with one.
#include "unit_run.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include "run/process.h"
#include "run/sandbox.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

struct trial {
    char *base; // upper, work, home, tmp and the logs
    char *lower, *upper, *work, *home, *tmp, *out, *errors;
    struct sandbox_options options;
    struct strings hide, visible;
    struct process_result result;
    struct error err;
};

static struct sandbox_ability ability(void)
{
    struct sandbox_ability ability = {0};
    struct error err = {0};
    char *folder = unit_folder();
    ck_ok(sandbox_probe(&ability, folder, &err), &err);
    ck_ok(fs_remove_tree(folder, &err), &err);
    free(folder);
    return ability;
}

// The reason why there is nothing to test here, said once a test; NULL when there is no such reason.
static bool is_missing(bool overlay)
{
    struct sandbox_ability here = ability();
    bool missing = !here.namespaces || !here.network || (overlay && !here.overlay);
    if (missing)
        fprintf(stderr, "skipped: %s\n", here.why_not);
    sandbox_ability_free(&here);
    return missing;
}

static char *make_folder(const char *base, const char *name)
{
    struct error err = {0};
    char *path = fs_join(base, name);
    ck_ok(fs_mkdirs(path, &err), &err);
    return path;
}

static struct trial trial_new(const char *lower)
{
    struct trial t = {.base = unit_folder()};
    t.lower = make_folder(t.base, lower);
    t.upper = make_folder(t.base, "upper");
    t.work = make_folder(t.base, "layers");
    t.home = make_folder(t.base, "home");
    t.tmp = make_folder(t.base, "tmp");
    t.out = fs_join(t.base, "out");
    t.errors = fs_join(t.base, "err");
    put(t.lower, "file", "old\n");
    t.options = (struct sandbox_options){
        .isolation = ISOLATION_FULL, .lower = t.lower, .upper = t.upper, .work = t.work, .home = t.home, .tmp = t.tmp};
    return t;
}

static int trial_run(struct trial *t, const char *script)
{
    struct strings argv = {0};
    struct pairs env = {0};
    strings_add(&argv, "sh");
    strings_add(&argv, "-c");
    strings_add(&argv, script);
    pairs_set(&env, "PATH", "/usr/local/bin:/usr/bin:/bin");
    t->options.hide = &t->hide;
    t->options.read_only = &t->visible;
    struct sandbox *sandbox = NULL;
    int failed = sandbox_new(&sandbox, &t->options, &t->err);
    if (!failed) {
        struct process_options options = {.argv = &argv,
                                          .env = &env,
                                          .directory = sandbox_seen_work(sandbox),
                                          .timeout = 30,
                                          .stop_fd = -1,
                                          .echo_fd = -1,
                                          .stdout_path = t->out,
                                          .stderr_path = t->errors,
                                          .sandbox = sandbox};
        failed = process_run(&t->result, &options, &t->err);
    }
    sandbox_free(sandbox);
    strings_free(&argv);
    pairs_free(&env);
    return failed;
}

static char *text_of(const char *folder, const char *name)
{
    struct buf text = {0};
    struct error err = {0};
    char *path = fs_join(folder, name);
    ck_ok(fs_read(&text, path, 0, &err), &err);
    free(path);
    return buf_take(&text);
}

static void ck_output(struct trial *t, const char *expected)
{
    char *out = text_of(t->base, "out"), *errors = text_of(t->base, "err");
    ck_assert_msg(strcmp(out, expected) == 0, "expected '%s', got '%s'; it said: %s", expected, out, errors);
    free(out);
    free(errors);
}

static void trial_end(struct trial *t)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(t->base, &err), &err);
    char *const texts[] = {t->base, t->lower, t->upper, t->work, t->home, t->tmp, t->out, t->errors};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    strings_free(&t->hide);
    strings_free(&t->visible);
    process_result_free(&t->result);
    error_free(&t->err);
}

START_TEST(probing_leaves_nothing_behind_and_gives_a_reason_for_what_is_missing)
{
    struct error err = {0};
    struct sandbox_ability here = {0};
    char *folder = unit_folder();
    ck_ok(sandbox_probe(&here, folder, &err), &err);
    ck_assert_int_eq(rmdir(folder), 0);
    bool all = here.namespaces && here.overlay && here.network && here.read_only;
    ck_assert(all == (here.why_not == NULL));
    sandbox_ability_free(&here);
    free(folder);
}
END_TEST

START_TEST(without_isolation_the_run_sees_the_host_paths)
{
    struct trial t = trial_new("project");
    t.options = (struct sandbox_options){.isolation = ISOLATION_NONE, .folder = t.lower, .home = t.home, .tmp = t.tmp};
    ck_ok(trial_run(&t, "cat file; pwd"), &t.err);
    char *expected = str_printf("old\n%s\n", t.lower);
    ck_output(&t, expected);
    free(expected);
    trial_end(&t);
}
END_TEST

START_TEST(an_overlay_takes_all_changes_and_the_source_stays_as_it_was)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    put(t.lower, "other", "kept\n");
    ck_ok(trial_run(&t, "pwd; cat file; echo new >file; echo more >made; rm other; ls; cat file"), &t.err);
    ck_output(&t, "/tmp/repro/work\nold\nfile\nmade\nnew\n");
    char *file = text_of(t.lower, "file"), *other = text_of(t.lower, "other"), *made = text_of(t.upper, "made");
    ck_assert_str_eq(file, "old\n");
    ck_assert_str_eq(other, "kept\n");
    ck_assert_str_eq(made, "more\n");
    free(file);
    free(other);
    free(made);
    trial_end(&t);
}
END_TEST

START_TEST(any_name_of_a_folder_can_be_a_lower_layer)
{
    if (is_missing(true))
        return;
    static const char *const names[] = {
        "a,b",          "a:b",      "a b", "back\\slash", "comma,colon:and\\ space", "new\nline", "\303\251t\303\251",
        "upperdir=x,y", "%s\"'$(x)"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct trial t = trial_new(names[i]);
        ck_ok(trial_run(&t, "cat file"), &t.err);
        ck_output(&t, "old\n");
        trial_end(&t);
    }
}
END_TEST

START_TEST(without_an_overlay_a_folder_stands_at_the_fixed_path)
{
    if (is_missing(false))
        return;
    struct trial t = trial_new("project");
    t.options.folder = t.lower;
    t.options.lower = t.options.upper = t.options.work = NULL;
    ck_ok(trial_run(&t, "pwd; cat file; echo new >file"), &t.err);
    ck_output(&t, "/tmp/repro/work\nold\n");
    char *file = text_of(t.lower, "file");
    ck_assert_str_eq(file, "new\n");
    free(file);
    trial_end(&t);
}
END_TEST

START_TEST(home_and_temporary_folder_are_the_private_ones)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "echo h >/tmp/repro/home/h; echo t >/tmp/repro/tmp/t; echo x >/tmp/x; ls -A /tmp"), &t.err);
    ck_output(&t, "repro\nx\n");
    char *home = text_of(t.home, "h"), *tmp = text_of(t.tmp, "t");
    ck_assert_str_eq(home, "h\n");
    ck_assert_str_eq(tmp, "t\n");
    ck_assert(!fs_exists("/tmp/x"));
    free(home);
    free(tmp);
    trial_end(&t);
}
END_TEST

START_TEST(nothing_outside_the_workspace_can_be_written)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "for f in / /etc /usr /usr/local/bin /var/tmp /sys /root /home; do "
                        "(echo x >$f/repro-was-here) 2>/dev/null && echo wrote $f; done; "
                        "(echo 1 >/proc/sys/vm/drop_caches) 2>/dev/null && echo set; "
                        "mount -t tmpfs none /mnt 2>/dev/null && echo mounted; "
                        "mount -o remount,rw / 2>/dev/null && echo remounted; true"),
          &t.err);
    ck_output(&t, "");
    trial_end(&t);
}
END_TEST

START_TEST(hidden_folders_are_empty_but_for_what_must_stay_visible)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    char *mine = make_folder(t.base, "user"), *tools = make_folder(mine, "tools/bin"),
         *secret = make_folder(mine, ".ssh");
    put(tools, "tool", "works\n");
    put(secret, "key", "secret\n");
    strings_add(&t.hide, mine);
    strings_add(&t.hide, "/usr"); // refused: nothing would run
    strings_add(&t.visible, tools);
    strings_add(&t.visible, "/no/such/folder");
    char *script = str_printf("ls -A '%s'; cat '%s/tool'; (echo x >'%s/tool') 2>/dev/null || echo read-only; ls '%s' "
                              "2>/dev/null || echo hidden",
                              mine, tools, tools, secret);
    ck_ok(trial_run(&t, script), &t.err);
    ck_output(&t, "tools\nworks\nread-only\nhidden\n");
    free(script);
    free(mine);
    free(tools);
    free(secret);
    trial_end(&t);
}
END_TEST

START_TEST(the_harness_s_own_folder_and_git_s_are_hidden)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    char *git = make_folder(t.lower, ".git"), *own = make_folder(t.lower, ".repro");
    put(git, "config", "token\n");
    put(own, "log", "log\n");
    ck_ok(trial_run(&t, "ls -A .git .repro"), &t.err);
    ck_output(&t, ".git:\n\n.repro:\n");
    free(git);
    free(own);
    trial_end(&t);
}
END_TEST

START_TEST(a_project_is_seen_where_it_really_is_too)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    t.options.also = t.lower;
    char *script = str_printf("cat '%s/file'; echo new >'%s/made'; ls", t.lower, t.lower);
    ck_ok(trial_run(&t, script), &t.err);
    ck_output(&t, "old\nfile\nmade\n");
    char *made = fs_join(t.lower, "made");
    ck_assert(!fs_exists(made));
    free(made);
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(an_external_folder_is_bound_read_only_where_it_is_asked_for)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    char *data = make_folder(t.base, "data");
    put(data, "rows", "1 2 3\n");
    struct pairs binds = {0};
    pairs_set(&binds, "/tmp/data/set", data);
    t.options.binds = &binds;
    ck_ok(trial_run(&t, "cat /tmp/data/set/rows; rm /tmp/data/set/rows 2>/dev/null || echo kept"), &t.err);
    ck_output(&t, "1 2 3\nkept\n");
    pairs_free(&binds);
    free(data);
    trial_end(&t);
}
END_TEST

START_TEST(the_network_is_cut_off_and_the_loopback_works)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' ' | sort | head -1; "
                        "grep -c . /proc/net/route; "
                        "/usr/bin/python3 -c 'import socket\n"
                        "s = socket.socket(); s.bind((\"127.0.0.1\", 0)); s.listen()\n"
                        "c = socket.create_connection(s.getsockname(), 5); print(\"loopback\")\n"
                        "try: socket.create_connection((\"192.0.2.1\", 80), 5)\n"
                        "except OSError as e: print(e.strerror)' 2>&1"),
          &t.err);
    char *out = text_of(t.base, "out");
    if (strstr(out, "not found") == NULL) // without a Python there is nothing to connect with
        ck_assert_ptr_nonnull(strstr(out, "loopback\nNetwork is unreachable\n"));
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(the_run_sees_its_own_processes_and_a_fixed_host_name)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "echo $$; ls /proc | grep -c '^[0-9]*$'; cat /proc/sys/kernel/hostname; kill -9 1; echo on"),
          &t.err);
    char *out = text_of(t.base, "out");
    ck_assert_int_eq(strncmp(out, "2\n", 2), 0);
    ck_assert(str_ends(out, "\nrepro\non\n"));
    ck_assert_int_lt(atoi(out + 2), 7);
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(the_run_keeps_its_user_and_loses_its_rights)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "id -u; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status | tr -d '\\t'"), &t.err);
    // Root keeps the rights to files of other owners: CHOWN, DAC_OVERRIDE, FOWNER and FSETID.
    char *expected = str_printf("%d\nCapEff:%016x\nNoNewPrivs:1\n", (int)geteuid(), geteuid() == 0 ? 0x1b : 0);
    ck_output(&t, expected);
    free(expected);
    trial_end(&t);
}
END_TEST

START_TEST(shared_memory_and_semaphores_work)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "echo x >/dev/shm/x && ls /dev/shm"), &t.err);
    ck_output(&t, "x\n");
    ck_assert(!fs_exists("/dev/shm/x"));
    trial_end(&t);
}
END_TEST

START_TEST(of_the_devices_there_are_those_that_training_needs)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "cd /dev; for f in null zero full random urandom tty fd stdin stdout stderr shm; do "
                        "[ -e $f ] || echo no $f; done; for f in mem kmsg console loop0 sda vda tty1 log kvm fuse; do "
                        "[ ! -e $f ] || echo $f; done; echo x >null; head -c 1 zero | wc -c; echo y >stdout; "
                        "(echo x >new) 2>null || echo fixed; ls pts 2>null | grep -c '^[0-9]'"),
          &t.err);
    ck_output(&t, "1\ny\nfixed\n0\n");
    trial_end(&t);
}
END_TEST

// Whoever may talk to a daemon may do what the daemon does; a read-only mount does not hinder that.
START_TEST(the_machine_s_unix_sockets_are_covered)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/var/tmp/repro-unit-%d", (int)getpid());
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    char *script = str_printf("[ ! -S %s ] && [ -c %s ] && echo covered", address.sun_path, address.sun_path);
    ck_ok(trial_run(&t, script), &t.err);
    ck_output(&t, "covered\n");
    ck_assert_int_eq(unlink(address.sun_path), 0);
    close(listener);
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(everything_in_the_namespace_ends_with_the_run)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    ck_ok(trial_run(&t, "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM HUP; sleep 600' & done; exit 4"), &t.err);
    ck_assert_int_eq(t.result.exit_code, 4);
    ck_assert_int_ge(t.result.leftovers, 3);
    ck_assert(t.result.wall < 5);
    trial_end(&t);
}
END_TEST

START_TEST(a_timeout_ends_the_namespace)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    struct strings argv = {0};
    struct pairs env = {0};
    strings_add(&argv, "/bin/sh");
    strings_add(&argv, "-c");
    strings_add(&argv, "trap '' TERM; while :; do sleep 1; done");
    struct sandbox *sandbox = NULL;
    ck_ok(sandbox_new(&sandbox, &t.options, &t.err), &t.err);
    struct process_options options = {
        .argv = &argv, .env = &env, .directory = "/", .timeout = 0.2, .stop_fd = -1, .echo_fd = -1, .sandbox = sandbox};
    ck_ok(process_run(&t.result, &options, &t.err), &t.err);
    ck_assert(t.result.timed_out);
    ck_assert_int_eq(t.result.signal, SIGKILL);
    sandbox_free(sandbox);
    strings_free(&argv);
    pairs_free(&env);
    trial_end(&t);
}
END_TEST

START_TEST(root_can_change_files_of_other_owners_in_the_workspace)
{
    if (geteuid() != 0 || is_missing(true))
        return;
    struct trial t = trial_new("project");
    char *file = fs_join(t.lower, "file");
    ck_assert_int_eq(chown(file, 65534, 65534), 0);
    ck_assert_int_eq(chown(t.lower, 65534, 65534), 0);
    ck_assert_int_eq(chmod(file, 0600), 0);
    ck_ok(trial_run(&t, "cat file; echo new >file; echo made >made; rm file"), &t.err);
    ck_output(&t, "old\n");
    ck_assert_int_eq(t.result.exit_code, 0);
    free(file);
    trial_end(&t);
}
END_TEST

START_TEST(a_bind_makes_no_folder_on_the_host)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    struct pairs binds = {0};
    pairs_set(&binds, "/repro-no-such-folder/data", t.home);
    t.options.binds = &binds;
    ck_assert_int_eq(trial_run(&t, "true"), -1);
    ck_error_has(&t.err, "cannot isolate the run: bind '");
    ck_assert(!fs_exists("/repro-no-such-folder"));
    pairs_free(&binds);
    trial_end(&t);
}
END_TEST

START_TEST(a_killed_caller_takes_the_namespace_with_it)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    char *find = str_printf("pgrep -f 'repro-test-%d-$' >/dev/null", (int)getpid());
    pid_t caller = fork();
    if (caller == 0) {
        char *script = str_printf("setsid sh -c 'trap \"\" TERM; sleep 600; : repro-test-%d-' & sleep 600 # "
                                  "repro-test-%d-",
                                  (int)getppid(), (int)getppid());
        trial_run(&t, script);
        _exit(0);
    }
    time_t end = time(NULL) + 10;
    while (system(find) != 0 && time(NULL) < end)
        usleep(2000);
    ck_assert_int_eq(system(find), 0);
    kill(caller, SIGKILL);
    ck_assert_int_eq(waitpid(caller, NULL, 0), caller);
    for (end = time(NULL) + 10; system(find) == 0 && time(NULL) < end;)
        usleep(2000);
    ck_assert_int_ne(system(find), 0);
    free(find);
    trial_end(&t);
}
END_TEST

START_TEST(a_step_that_fails_is_named)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    t.options.upper = "/no/such/upper";
    ck_assert_int_eq(trial_run(&t, "true"), -1);
    ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
    ck_error_has(&t.err, "cannot isolate the run: open '");
    ck_error_has(&t.err, "No such file or directory");
    trial_end(&t);
}
END_TEST

START_TEST(an_overlay_that_the_kernel_refuses_is_told_from_the_rest)
{
    if (is_missing(true))
        return;
    struct trial t = trial_new("project");
    t.options.upper = "/proc"; // cannot hold what an upper layer needs
    ck_assert_int_eq(trial_run(&t, "true"), -1);
    ck_error_has(&t.err, "cannot isolate the run: mount overlay '");
    trial_end(&t);
}
END_TEST

UNIT_MAIN_AS_BOTH("sandbox", probing_leaves_nothing_behind_and_gives_a_reason_for_what_is_missing,
                  without_isolation_the_run_sees_the_host_paths,
                  an_overlay_takes_all_changes_and_the_source_stays_as_it_was,
                  any_name_of_a_folder_can_be_a_lower_layer, without_an_overlay_a_folder_stands_at_the_fixed_path,
                  home_and_temporary_folder_are_the_private_ones, nothing_outside_the_workspace_can_be_written,
                  hidden_folders_are_empty_but_for_what_must_stay_visible,
                  the_harness_s_own_folder_and_git_s_are_hidden, a_project_is_seen_where_it_really_is_too,
                  an_external_folder_is_bound_read_only_where_it_is_asked_for,
                  the_network_is_cut_off_and_the_loopback_works, the_run_sees_its_own_processes_and_a_fixed_host_name,
                  the_run_keeps_its_user_and_loses_its_rights, shared_memory_and_semaphores_work,
                  of_the_devices_there_are_those_that_training_needs, the_machine_s_unix_sockets_are_covered,
                  everything_in_the_namespace_ends_with_the_run, a_timeout_ends_the_namespace,
                  root_can_change_files_of_other_owners_in_the_workspace, a_bind_makes_no_folder_on_the_host,
                  a_killed_caller_takes_the_namespace_with_it, a_step_that_fails_is_named,
                  an_overlay_that_the_kernel_refuses_is_told_from_the_rest)
