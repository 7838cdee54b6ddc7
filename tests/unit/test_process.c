// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"
#include "run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#ifdef REPRO_PORTABLE
enum { IS_PORTABLE = 1 };
#else
enum { IS_PORTABLE = 0 };
#endif

struct trial {
    char *folder;
    struct strings argv;
    struct pairs env;
    struct process_options options;
    struct process_result result;
    struct error err;
    char *out_path, *err_path;
};

static struct trial trial_new(void)
{
    struct trial t = {.folder = unit_folder()};
    t.out_path = fs_join(t.folder, "stdout.log");
    t.err_path = fs_join(t.folder, "stderr.log");
    pairs_set(&t.env, "PATH", "/usr/local/bin:/usr/bin:/bin");
    t.options = (struct process_options){.stop_fd = -1, .echo_fd = -1, .timeout = 30, .directory = "/"};
    return t;
}

static int trial_run(struct trial *t)
{
    t->options.argv = &t->argv;
    t->options.env = &t->env;
    t->options.stdout_path = t->out_path;
    t->options.stderr_path = t->err_path;
    return process_run(&t->result, &t->options, &t->err);
}

static int trial_shell(struct trial *t, const char *script)
{
    strings_add(&t->argv, "sh");
    strings_add(&t->argv, "-c");
    strings_add(&t->argv, script);
    return trial_run(t);
}

static char *text_of(const char *path)
{
    struct buf text = {0};
    struct error err = {0};
    ck_ok(fs_read(&text, path, 0, &err), &err);
    return buf_take(&text);
}

static void trial_end(struct trial *t)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(t->folder, &err), &err);
    process_result_free(&t->result);
    strings_free(&t->argv);
    pairs_free(&t->env);
    error_free(&t->err);
    free(t->folder);
    free(t->out_path);
    free(t->err_path);
}

// The number that a script left in a file, e.g. of a process.
static long number_in(const char *folder, const char *name)
{
    char *path = fs_join(folder, name);
    char *text = fs_exists(path) ? text_of(path) : strdup("0");
    long number = strtol(text, NULL, 10);
    free(text);
    free(path);
    return number;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Waits until a process has ended (a zombie that nobody reaps has ended, too), at most ten seconds.
static bool has_ended(pid_t pid)
{
    for (double end = now() + 10; now() < end;) {
        if (kill(pid, 0) != 0 && errno == ESRCH)
            return true;
        char *path = str_printf("/proc/%d/stat", (int)pid);
        struct buf text = {0};
        struct error ignored = {0};
        bool zombie = fs_read(&text, path, 4096, &ignored) != 0 || strstr(buf_text(&text), ") Z ") != NULL;
        error_free(&ignored);
        buf_free(&text);
        free(path);
        if (zombie && !IS_PORTABLE)
            return true;
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    return false;
}

static bool wait_for_file(const char *folder, const char *name)
{
    char *path = fs_join(folder, name);
    bool there = false;
    for (double end = now() + 10; !there && now() < end; nanosleep(&(struct timespec){0, 2000000}, NULL))
        there = number_in(folder, name) > 0;
    free(path);
    return there;
}

START_TEST(a_command_that_succeeds_has_status_0_and_its_output_is_kept)
{
    struct trial t = trial_new();
    ck_ok(trial_shell(&t, "echo out; echo err >&2"), &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_int_eq(t.result.signal, 0);
    char *out = text_of(t.out_path), *errors = text_of(t.err_path);
    ck_assert_str_eq(out, "out\n");
    ck_assert_str_eq(errors, "err\n");
    ck_assert_str_eq(t.result.stderr_tail, "err");
    ck_assert_uint_eq(t.result.stdout_bytes, 4);
    ck_assert(!t.result.stdout_cut && !t.result.timed_out && !t.result.stopped);
    ck_assert(t.result.wall > 0 && t.result.wall < 10);
    free(out);
    free(errors);
    trial_end(&t);
}
END_TEST

START_TEST(exit_status_and_signal_are_told_apart)
{
    static const struct {
        const char *script;
        int exit_code, signal;
        const char *described;
    } cases[] = {{"exit 3", 3, 0, "exited with status 3"},
                 {"kill -SEGV $$", -1, SIGSEGV, "ended by signal 11 (SIGSEGV)"},
                 {"kill -TERM $$", -1, SIGTERM, "ended by signal 15 (SIGTERM)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = trial_new();
        ck_ok(trial_shell(&t, cases[i].script), &t.err);
        ck_assert_int_eq(t.result.exit_code, cases[i].exit_code);
        ck_assert_int_eq(t.result.signal, cases[i].signal);
        char *described = process_describe(&t.result, 0);
        ck_assert_str_eq(described, cases[i].described);
        free(described);
        trial_end(&t);
    }
}
END_TEST

START_TEST(a_command_that_is_not_there_is_an_error_of_the_machine)
{
    static const struct {
        const char *program, *directory, *message;
    } cases[] = {
        {"no-such-program", "/", "cannot run 'no-such-program': No such file or directory"},
        {"/no/such/program", "/", "cannot run '/no/such/program': No such file or directory"},
        {"", "/", "cannot run '': No such file or directory"},
        {"/etc/passwd", "/", "cannot run '/etc/passwd': Permission denied"},
        {"/etc", "/", "cannot run '/etc': Permission denied"},
        {"true", "/no/such/folder", "cannot run 'true': cannot enter folder '/no/such/folder': No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = trial_new();
        strings_add(&t.argv, cases[i].program);
        t.options.directory = cases[i].directory;
        ck_assert_int_eq(trial_run(&t), -1);
        ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
        ck_error_has(&t.err, cases[i].message);
        trial_end(&t);
    }
}
END_TEST

START_TEST(a_script_whose_interpreter_is_missing_is_told_from_a_missing_script)
{
    struct trial t = trial_new();
    struct error err = {0};
    char *script = fs_join(t.folder, "script");
    ck_ok(fs_write_atomic(script, "#!/no/such/shell\n", 17, &err), &err);
    ck_assert_int_eq(chmod(script, 0755), 0);
    strings_add(&t.argv, script);
    ck_assert_int_eq(trial_run(&t), -1);
    ck_error_has(&t.err, "the interpreter that its first line names");
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(a_script_without_a_first_line_runs_in_the_shell)
{
    struct trial t = trial_new();
    struct error err = {0};
    char *script = fs_join(t.folder, "script");
    ck_ok(fs_write_atomic(script, "echo $# $1\n", 11, &err), &err);
    ck_assert_int_eq(chmod(script, 0755), 0);
    pairs_set(&t.env, "PATH", t.folder);
    strings_add(&t.argv, "script");
    strings_add(&t.argv, "one two");
    ck_ok(trial_run(&t), &t.err);
    char *out = text_of(t.out_path);
    ck_assert_str_eq(out, "1 one two\n");
    free(out);
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(the_path_of_the_run_and_not_ours_finds_the_program)
{
    struct trial t = trial_new();
    pairs_set(&t.env, "PATH", "/no/such/folder");
    strings_add(&t.argv, "sh");
    ck_assert_int_eq(trial_run(&t), -1);
    ck_error_has(&t.err, "cannot run 'sh': No such file or directory");
    trial_end(&t);
}
END_TEST

START_TEST(the_environment_holds_what_was_given_and_nothing_else)
{
    struct trial t = trial_new();
    setenv("REPRO_TEST_SECRET", "hidden", 1);
    pairs_set(&t.env, "GIVEN", "a=b");
    strings_add(&t.argv, "/usr/bin/env");
    ck_ok(trial_run(&t), &t.err);
    char *out = text_of(t.out_path);
    ck_assert_str_eq(out, "PATH=/usr/local/bin:/usr/bin:/bin\nGIVEN=a=b\n");
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(the_command_has_three_descriptors_and_default_signals)
{
    struct trial t = trial_new();
    int leaked = open("/", O_RDONLY);
    signal(SIGPIPE, SIG_IGN);
    ck_ok(trial_shell(&t, "test ! -e /proc/self/fd/0 || ls /proc/self/fd; readlink /proc/self/fd/0; kill -PIPE $$"),
          &t.err);
    close(leaked);
    ck_assert_int_eq(t.result.signal, SIGPIPE);
    char *out = text_of(t.out_path);
    if (!IS_PORTABLE)
        ck_assert_str_eq(out, "0\n1\n2\n3\n/dev/null\n"); // 3 is the folder that ls reads
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(a_timeout_ends_the_command_and_what_it_started)
{
    struct trial t = trial_new();
    char *script = str_printf("cd '%s'; sleep 600 & echo $! >child; sleep 600", t.folder);
    t.options.timeout = 0.3;
    double start = now();
    ck_ok(trial_shell(&t, script), &t.err);
    ck_assert(now() - start < 8);
    ck_assert(t.result.timed_out);
    char *described = process_describe(&t.result, 0.3);
    ck_assert_str_eq(described, "did not end within 300 ms");
    ck_assert(has_ended((pid_t)number_in(t.folder, "child")));
    free(described);
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(a_daemon_that_ignores_sigterm_in_a_session_of_its_own_is_ended)
{
    if (IS_PORTABLE)
        return; // a process group is all that plain POSIX can end
    struct trial t = trial_new();
    char *script =
        str_printf("cd '%s'; (trap '' TERM; setsid sh -c 'trap \"\" TERM HUP; (trap \"\" TERM; echo $$ "
                   ">daemon; while :; do sleep 1; done) & wait' &) ; trap '' TERM; while :; do sleep 1; done",
                   t.folder);
    t.options.timeout = 0.5;
    ck_ok(trial_shell(&t, script), &t.err);
    ck_assert(t.result.timed_out);
    ck_assert_int_gt(number_in(t.folder, "daemon"), 0);
    ck_assert(has_ended((pid_t)number_in(t.folder, "daemon")));
    trial_end(&t);
    free(script);
}
END_TEST

START_TEST(a_stopped_command_is_ended_by_the_timeout)
{
    struct trial t = trial_new();
    t.options.timeout = 0.2;
    ck_ok(trial_shell(&t, "kill -STOP $$"), &t.err);
    ck_assert(t.result.timed_out);
    trial_end(&t);
}
END_TEST

START_TEST(processes_left_behind_are_counted_and_ended)
{
    if (IS_PORTABLE)
        return;
    struct trial t = trial_new();
    char *script = str_printf("cd '%s'; setsid sleep 600 & echo $! >one; sleep 600 & exit 0", t.folder);
    double start = now();
    ck_ok(trial_shell(&t, script), &t.err);
    ck_assert(now() - start < 5);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_int_eq(t.result.leftovers, 2);
    ck_assert(has_ended((pid_t)number_in(t.folder, "one")));
    free(script);
    trial_end(&t);
}
END_TEST

// A limit on processes binds nobody but normal users, so root becomes one for this.
static int run_storm(struct trial *t)
{
    static const char storm[] = "trap '' TERM HUP\nsleep 0.01\nn=${1:-0}\n"
                                "[ $n -ge 7 ] || setsid sh ./storm $((n + 1)) &\nsetsid sh ./storm $n &\n";
    CLEANUP(free) char *path = fs_join(t->folder, "storm");
    setrlimit(RLIMIT_NPROC, &(struct rlimit){300, 300});
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    if (fs_write_atomic(path, storm, sizeof storm - 1, &t->err) != 0)
        return 2;
    t->options.timeout = 0.6;
    t->options.directory = t->folder;
    if (trial_shell(t, "sh ./storm & sleep 600") != 0)
        return 77; // this user has so many processes that none may be added
    return t->result.timed_out ? 0 : 3;
}

START_TEST(a_storm_of_processes_is_ended)
{
    if (IS_PORTABLE)
        return;
    // Each starts others in sessions of their own, ignores SIGTERM and ends: no group and no number holds them.
    struct trial t = trial_new();
    ck_assert_int_eq(chmod(t.folder, 0777), 0);
    double start = now();
    pid_t caller = fork();
    if (caller == 0)
        _exit(run_storm(&t));
    int status = 0;
    ck_assert_int_eq(waitpid(caller, &status, 0), caller);
    ck_assert_int_eq(WIFSIGNALED(status), 0);
    ck_assert_msg(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77, "status %d", WEXITSTATUS(status));
    ck_assert(now() - start < 30);
    ck_assert_int_ne(system("pgrep -f '[s]h ./storm' >/dev/null"), 0);
    trial_end(&t);
}
END_TEST

static void *make_readable(void *context)
{
    struct trial *t = context;
    wait_for_file(t->folder, "ready");
    ck_assert_int_eq(write(t->options.echo_fd, "x", 1), 1);
    return NULL;
}

START_TEST(a_readable_stop_descriptor_ends_the_run)
{
    struct trial t = trial_new();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    t.options.stop_fd = ends[0];
    struct trial other = {.folder = t.folder, .options.echo_fd = ends[1]};
    pthread_t thread;
    pthread_create(&thread, NULL, make_readable, &other);
    char *script = str_printf("cd '%s'; echo 1 >ready; sleep 600", t.folder);
    ck_ok(trial_shell(&t, script), &t.err);
    pthread_join(thread, NULL);
    ck_assert(t.result.stopped && !t.result.timed_out);
    close(ends[0]);
    close(ends[1]);
    free(script);
    trial_end(&t);
}
END_TEST

START_TEST(a_killed_caller_takes_the_tree_with_it)
{
    if (IS_PORTABLE)
        return;
    struct trial t = trial_new();
    pid_t caller = fork();
    if (caller == 0) {
        char *script =
            str_printf("cd '%s'; setsid sh -c 'trap \"\" TERM; echo $$ >daemon; sleep 600' & sleep 600", t.folder);
        trial_shell(&t, script);
        _exit(0);
    }
    ck_assert(wait_for_file(t.folder, "daemon"));
    kill(caller, SIGKILL);
    ck_assert_int_eq(waitpid(caller, NULL, 0), caller);
    ck_assert(has_ended((pid_t)number_in(t.folder, "daemon")));
    trial_end(&t);
}
END_TEST

START_TEST(a_flood_of_output_is_cut_in_the_middle)
{
    struct trial t = trial_new();
    t.options.log_limit = 100000;
    ck_ok(trial_shell(&t, "echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last"), &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_uint_eq(t.result.stdout_bytes, 100000012);
    ck_assert(t.result.stdout_cut);
    char *out = text_of(t.out_path);
    ck_assert_uint_lt(strlen(out), 100100);
    ck_assert_int_eq(strncmp(out, "first\nxxx", 9), 0);
    ck_assert_ptr_nonnull(strstr(out, "… 99,900,012 bytes left out …\n"));
    ck_assert(str_ends(out, "xxx\nlast\n"));
    free(out);
    trial_end(&t);
}
END_TEST

START_TEST(output_up_to_the_limit_is_kept_whole)
{
    for (int extra = -1; extra <= 1; extra++) {
        struct trial t = trial_new();
        t.options.log_limit = 1000;
        char *script = str_printf(
            "i=0; while [ $i -lt 99 ]; do printf '%%010d' $i; i=$((i+1)); done; printf '%%0%dd' 7", 10 + extra);
        ck_ok(trial_shell(&t, script), &t.err);
        char *out = text_of(t.out_path);
        ck_assert_int_eq(t.result.stdout_cut, extra == 1);
        if (extra < 1)
            ck_assert_uint_eq(strlen(out), 1000 + (size_t)extra);
        ck_assert_int_eq(strncmp(out, "00000000000000000001", 20), 0);
        ck_assert(str_ends(out, "00007"));
        free(out);
        free(script);
        trial_end(&t);
    }
}
END_TEST

START_TEST(the_tail_shows_control_characters_and_only_the_last_of_a_redrawn_line)
{
    struct trial t = trial_new();
    ck_ok(trial_shell(&t, "printf 'step 1\\rstep 2\\n\\033[31mred\\033[0m \\303\\251 \\377\\n' >&2"), &t.err);
    ck_assert_str_eq(t.result.stderr_tail, "step 2\n^[[31mred^[[0m \303\251 \\xff");
    trial_end(&t);
}
END_TEST

START_TEST(the_tail_has_at_most_twenty_lines)
{
    struct trial t = trial_new();
    ck_ok(trial_shell(&t, "i=1; while [ $i -le 30 ]; do echo line $i >&2; i=$((i+1)); done"), &t.err);
    ck_assert_int_eq(strncmp(t.result.stderr_tail, "line 11\n", 8), 0);
    ck_assert(str_ends(t.result.stderr_tail, "\nline 30"));
    trial_end(&t);
}
END_TEST

START_TEST(output_is_echoed_and_a_closed_echo_does_not_end_the_run)
{
    struct trial t = trial_new();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    t.options.echo_fd = ends[1];
    ck_ok(trial_shell(&t, "echo shown"), &t.err);
    char text[16] = "";
    ck_assert_int_eq(read(ends[0], text, sizeof text - 1), 6);
    ck_assert_str_eq(text, "shown\n");
    close(ends[0]);
    process_result_free(&t.result);
    strings_free(&t.argv);
    ck_ok(trial_shell(&t, "head -c 1000000 /dev/zero"), &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_uint_eq(t.result.stdout_bytes, 1000000);
    close(ends[1]);
    trial_end(&t);
}
END_TEST

START_TEST(an_echo_that_nobody_reads_does_not_hold_up_the_run)
{
    struct trial t = trial_new();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    t.options.echo_fd = ends[1];
    ck_ok(trial_shell(&t, "head -c 20000000 /dev/zero"), &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_uint_eq(t.result.stdout_bytes, 20000000);
    close(ends[0]);
    close(ends[1]);
    trial_end(&t);
}
END_TEST

START_TEST(a_log_that_cannot_be_written_is_an_error_and_ends_the_run)
{
    if (!fs_exists("/dev/full"))
        return;
    struct trial t = trial_new();
    free(t.out_path);
    t.out_path = strdup("/dev/full");
    double start = now();
    ck_assert_int_eq(trial_shell(&t, "echo something; sleep 600"), -1);
    ck_assert_int_eq(t.err.kind, ERROR_MACHINE);
    ck_error_has(&t.err, "cannot write '/dev/full': No space left on device");
    ck_assert(now() - start < 8);
    trial_end(&t);
}
END_TEST

START_TEST(time_and_memory_of_the_whole_tree_are_measured)
{
    struct trial t = trial_new();
    ck_ok(trial_shell(&t, "sh -c 'x=$(head -c 60000000 /dev/zero | tr \"\\0\" x); i=0; while [ $i -lt 200000 ]; do "
                          "i=$((i+1)); done'"),
          &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert(t.result.cpu > 0.02);
    ck_assert_uint_gt(t.result.peak_memory, 60000000);
    ck_assert(t.result.memory_interval > 0);
    trial_end(&t);
}
END_TEST

START_TEST(memory_of_processes_side_by_side_is_added_up)
{
    if (IS_PORTABLE)
        return;
    struct trial t = trial_new();
    const char *script =
        "for n in 1 2 3; do sh -c 'x=$(head -c 40000000 /dev/zero | tr \"\\0\" x); sleep 1; :' & done; "
        "wait";
    ck_ok(trial_shell(&t, script), &t.err);
    ck_assert_uint_gt(t.result.peak_memory, 120000000);
    trial_end(&t);
}
END_TEST

START_TEST(memory_that_forked_processes_share_is_counted_once)
{
    if (IS_PORTABLE || access("/usr/bin/python3", X_OK) != 0)
        return;
    struct trial t = trial_new();
    strings_add(&t.argv, "/usr/bin/python3");
    strings_add(&t.argv, "-c");
    strings_add(&t.argv, "import os, time\n"
                         "held = bytearray(100 << 20)\n"
                         "for i in range(4):\n"
                         "    if os.fork() == 0:\n"
                         "        time.sleep(0.5)\n"
                         "        os._exit(0)\n"
                         "for i in range(4):\n"
                         "    os.wait()\n");
    ck_ok(trial_run(&t), &t.err);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_assert_uint_gt(t.result.peak_memory, 100u << 20);
    ck_assert_uint_lt(t.result.peak_memory, 200u << 20);
    trial_end(&t);
}
END_TEST

static void *run_many(void *context)
{
    int *wrong = context;
    for (int i = 0; i < 20; i++) {
        struct trial t = trial_new();
        if (trial_shell(&t, "echo $$; exit 7") != 0 || t.result.exit_code != 7 || t.result.stdout_bytes < 2)
            ++*wrong;
        trial_end(&t);
    }
    return NULL;
}

START_TEST(several_threads_may_run_commands_at_once)
{
    pthread_t threads[4];
    int wrong[4] = {0};
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, run_many, &wrong[i]);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(wrong[i], 0);
    }
}
END_TEST

UNIT_MAIN("process", a_command_that_succeeds_has_status_0_and_its_output_is_kept, exit_status_and_signal_are_told_apart,
          a_command_that_is_not_there_is_an_error_of_the_machine,
          a_script_whose_interpreter_is_missing_is_told_from_a_missing_script,
          a_script_without_a_first_line_runs_in_the_shell, the_path_of_the_run_and_not_ours_finds_the_program,
          the_environment_holds_what_was_given_and_nothing_else, the_command_has_three_descriptors_and_default_signals,
          a_timeout_ends_the_command_and_what_it_started,
          a_daemon_that_ignores_sigterm_in_a_session_of_its_own_is_ended, a_stopped_command_is_ended_by_the_timeout,
          processes_left_behind_are_counted_and_ended, a_storm_of_processes_is_ended,
          a_readable_stop_descriptor_ends_the_run, a_killed_caller_takes_the_tree_with_it,
          a_flood_of_output_is_cut_in_the_middle, output_up_to_the_limit_is_kept_whole,
          the_tail_shows_control_characters_and_only_the_last_of_a_redrawn_line, the_tail_has_at_most_twenty_lines,
          output_is_echoed_and_a_closed_echo_does_not_end_the_run, an_echo_that_nobody_reads_does_not_hold_up_the_run,
          a_log_that_cannot_be_written_is_an_error_and_ends_the_run, time_and_memory_of_the_whole_tree_are_measured,
          memory_of_processes_side_by_side_is_added_up, memory_that_forked_processes_share_is_counted_once,
          several_threads_may_run_commands_at_once)
