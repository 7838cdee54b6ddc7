// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Each system call by itself: this program starts a copy of itself, which makes the call that its argument names. Root
// runs all of this twice: as itself and as a normal user.
#include "unit_trace.h"

#ifndef REPRO_PORTABLE

#include "trace_acts.h"

#include <sys/stat.h>

static void fill(const struct trial *t)
{
    put(t->folder, "a/input", "1\n");
    put(t->folder, "a/two", "2\n");
    put(t->folder, "old", "old\n");
    put(t->folder, "cut", "old\n");
    put(t->folder, "empty", "old\n");
    put(t->folder, "\xff\xfe", "odd\n");
    put(t->folder, "a/script", "#!/bin/sh\n:\n");
    char *script = fs_join(t->folder, "a/script"), *link = fs_join(t->folder, "link"),
         *bare = fs_join(t->folder, "bare");
    ck_assert_int_eq(chmod(script, 0755), 0);
    ck_assert_int_eq(symlink("a/input", link), 0);
    ck_assert_int_eq(mkdir(bare, 0755), 0);
    free(script);
    free(link);
    free(bare);
}

// False when nothing can be traced here.
static bool watch(struct trial *t, const char *name, int expected)
{
    if (is_missing())
        return false;
    enum trace_level level = strcmp(name, "asking") == 0 ? TRACE_FULL : TRACE_FILES;
    *t = trial_new();
    t->level = level;
    fill(t);
    struct strings argv = {0};
    struct error err = {0};
    char *copy = fs_join(t->folder, "copy");
    ck_ok(fs_copy_file("/proc/self/exe", copy, &err), &err);
    strings_add(&argv, copy);
    strings_add(&argv, "--act");
    strings_add(&argv, name);
    if (strcmp(name, "refused") == 0) {
        put(t->folder, "sealed/kept", "1\n");
        put(t->folder, "locked", "1\n");
        char *sealed = fs_join(t->folder, "sealed"), *locked = fs_join(t->folder, "locked");
        ck_assert_int_eq(chmod(sealed, 0555) + chmod(locked, 0444), 0);
        free(sealed);
        free(locked);
    }
    trial_run(t, &argv);
    if (t->result.exit_code != expected)
        ck_abort_msg("%s: status %d: %s", name, t->result.exit_code, t->result.stderr_tail);
    free(copy);
    strings_free(&argv);
    return true;
}

START_TEST(every_way_of_opening_is_seen)
{
    struct trial t;
    if (!watch(&t, "openat", 0))
        return;
    ck_flags(&t, "a/input", TRACE_READ);
    ck_flags(&t, "a", TRACE_LOOKED_UP);
    ck_whole(&t);
    trial_end(&t);
    watch(&t, "openat2", 0);
    ck_flags(&t, "a/input", TRACE_READ);
    ck_flags(&t, "made", TRACE_WRITTEN | TRACE_OWN);
    ck_whole(&t);
    trial_end(&t);
    watch(&t, "creat", 0);
    ck_flags(&t, "made", TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "old", TRACE_READ | TRACE_WRITTEN);
    ck_flags(&t, "a/input", TRACE_WRITTEN);
    ck_whole(&t);
    trial_end(&t);
    watch(&t, "fchdir", 0);
    ck_flags(&t, "a/input", TRACE_READ);
    ck_flags(&t, "a", TRACE_LISTED);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(ways_through_proc_lead_to_the_files_themselves)
{
    struct trial t;
    if (!watch(&t, "reopening", 0))
        return;
    ck_flags(&t, "a/input", TRACE_READ | TRACE_LOOKED_UP);
    ck_flags(&t, "old", TRACE_WRITTEN | TRACE_LOOKED_UP);
    ck_flags(&t, "a/two", TRACE_READ);
    ck_whole(&t);
    trial_end(&t);
    watch(&t, "nameless", 0);
    if (entry(&t, "made")) // where the file system has such files
        ck_flags(&t, "made", TRACE_WRITTEN | TRACE_OWN);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(every_change_of_names_is_seen)
{
    struct trial t;
    if (!watch(&t, "names", 0))
        return;
    ck_flags(&t, "a/sub", TRACE_WRITTEN | TRACE_REMOVED | TRACE_OWN);
    ck_flags(&t, "a/link", TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "a/pipe", TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "a/two", TRACE_REMOVED);
    ck_flags(&t, "a/input", TRACE_READ | TRACE_WRITTEN | TRACE_REMOVED);
    ck_flags(&t, "old", TRACE_READ | TRACE_WRITTEN | TRACE_REMOVED);
    ck_flags(&t, "cut", TRACE_READ | TRACE_WRITTEN);
    ck_flags(&t, "empty", TRACE_WRITTEN);
    ck_flags(&t, "bare", TRACE_REMOVED);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(a_full_trace_sees_every_way_of_asking)
{
    static const char *const missed[] = {"no-stat", "no-access", "no-link", "no-statx", "no-faccessat2", "no-fstatat"};
    struct trial t;
    if (!watch(&t, "asking", 0))
        return;
    for (size_t i = 0; i < sizeof missed / sizeof *missed; i++)
        ck_flags(&t, missed[i], TRACE_ABSENT);
    ck_flags(&t, "a/input", TRACE_READ | TRACE_LOOKED_UP);
    ck_flags(&t, "old", TRACE_LOOKED_UP);
    ck_flags(&t, "link", TRACE_LOOKED_UP);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(threads_and_children_are_followed)
{
    static const char *const names[] = {"threads", "children"};
    for (size_t k = 0; k < 2; k++) {
        struct trial t;
        if (!watch(&t, names[k], 0))
            return;
        for (int i = 0; i < 400; i++) {
            char name[64];
            snprintf(name, sizeof name, "made-%d-%d", i / 50, i % 50);
            ck_flags(&t, name, TRACE_WRITTEN | TRACE_OWN);
        }
        if (k == 1)
            ck_flags(&t, "made-by-vfork", TRACE_WRITTEN | TRACE_OWN);
        ck_whole(&t);
        trial_end(&t);
    }
}
END_TEST

START_TEST(programs_started_by_descriptor_are_counted)
{
    struct trial t;
    if (!watch(&t, "execveat", 0))
        return;
    ck_flags(&t, "a/script", TRACE_READ | TRACE_EXECUTED);
    ck_assert_uint_eq(starts(&t, "/bin/sh"), 2);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(names_that_no_text_can_hold_are_kept_and_impossible_ones_mean_nothing)
{
    struct trial t;
    if (!watch(&t, "odd", 0))
        return;
    ck_flags(&t, "\xff\xfe", TRACE_READ);
    ck_flags(&t, "a/input", TRACE_READ);
    ck_flags(&t, "a/two", TRACE_READ);
    for (size_t i = 0; i < t.log.file_count; i++)
        ck_assert_ptr_null(strstr(t.log.files[i].path, "yyyy"));
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(no_file_is_lost_in_a_storm_of_signals)
{
    struct trial t;
    if (!watch(&t, "storm", 0))
        return;
    for (int i = 0; i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof name, "made-%d", i);
        ck_flags(&t, name, TRACE_WRITTEN | TRACE_OWN);
    }
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(a_process_that_is_killed_while_it_waits_does_no_harm)
{
    struct trial t;
    if (!watch(&t, "killed", 0))
        return;
    ck_flags(&t, "a/two", TRACE_READ);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(io_uring_is_refused_and_that_is_told)
{
    struct trial t;
    if (!watch(&t, "io_uring", 0))
        return;
    ck_assert(t.log.refused_io_uring);
    trial_end(&t);
    watch(&t, "openat", 0);
    ck_assert(!t.log.refused_io_uring);
    trial_end(&t);
}
END_TEST

START_TEST(calls_of_another_architecture_are_counted)
{
    struct trial t;
    if (is_missing())
        return;
    pid_t child = fork(); // can this machine do it at all?
    if (child == 0)
        _exit(act("foreign"));
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0)
        return;
    watch(&t, "foreign", 0);
    ck_assert_uint_ge(t.log.foreign, 1);
    trial_end(&t);
}
END_TEST

START_TEST(attempts_to_leave_the_machine_are_told_and_others_are_not)
{
    static const struct {
        const char *call, *address;
        uint64_t times;
    } expected[] = {{"bind", "192.0.2.1 port 80", 1},
                    {"connect", "192.0.2.1 port 80", 2},
                    {"sendmmsg", "192.0.2.2 port 53", 1},
                    {"sendmsg", "2001:db8::1 port 53", 1},
                    {"sendto", "2001:db8::1 port 53", 1}};
    struct trial t;
    if (!watch(&t, "network", 0))
        return;
    ck_assert_uint_eq(t.log.contact_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < t.log.contact_count; i++) {
        ck_assert_str_eq(t.log.contacts[i].call, expected[i].call);
        ck_assert_str_eq(t.log.contacts[i].address, expected[i].address);
        ck_assert_str_eq(t.log.contacts[i].program, "copy");
        ck_assert_uint_eq(t.log.contacts[i].times, expected[i].times);
    }
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(entropy_is_told_with_the_program_that_drew_it)
{
    struct trial t;
    if (!watch(&t, "entropy", 0))
        return;
    char *copy = fs_join(t.folder, "copy");
    uint64_t drawn = 0, opened = 0;
    for (size_t i = 0; i < t.log.entropy_count; i++) {
        const struct trace_entropy *entropy = &t.log.entropy[i];
        ck_assert_str_eq(entropy->program, copy);
        drawn += strcmp(entropy->source, "getrandom") == 0 ? entropy->times : 0;
        opened += strcmp(entropy->source, "/dev/urandom") == 0 ? entropy->times : 0;
    }
    ck_assert_uint_ge(drawn, 2); // the C library draws, too
    ck_assert_uint_eq(opened, 1);
    free(copy);
    trial_end(&t);
}
END_TEST

START_TEST(what_the_kernel_refuses_has_changed_nothing)
{
    struct trial t;
    if (geteuid() == 0 || !watch(&t, "refused", 0)) // nothing is refused to root
        return;
    ck_assert_uint_eq(flags(&t, "sealed/made") & TRACE_WRITTEN, 0);
    ck_flags(&t, "locked", TRACE_READ | TRACE_LOOKED_UP);
    ck_assert_uint_eq(flags(&t, "a/input") & TRACE_REMOVED, 0);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(a_change_of_the_root_is_reported_as_unresolved)
{
    struct trial t;
    if (!watch(&t, "root", 0))
        return;
    ck_assert_uint_eq(t.log.unresolved, 1);
    ck_assert_ptr_nonnull(strstr(t.log.unresolved_why.items[0], "chroot"));
    trial_end(&t);
}
END_TEST

START_TEST(a_trace_within_a_trace_says_why_it_cannot_be)
{
    struct trial t;
    if (!watch(&t, "inside", 0))
        return;
    trial_end(&t);
}
END_TEST

START_TEST(a_machine_that_cannot_trace_says_why)
{
    static const char *const names[] = {"forbidden", "hidden"};
    for (size_t i = 0; i < 2; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            _exit(act(names[i]));
        waitpid(child, &status, 0);
        ck_assert_msg(status == 0, "%s: %d", names[i], status);
    }
}
END_TEST

START_TEST(a_run_that_never_begins_ends_the_trace)
{
    if (is_missing())
        return;
    struct error err = {0};
    struct trace *trace = NULL;
    struct trace_log log;
    ck_ok(trace_new(&trace, TRACE_FILES, &err), &err);
    trace_free(trace); // not even watched
    ck_ok(trace_new(&trace, TRACE_FILES, &err), &err);
    ck_ok(trace_watch(trace, &err), &err);
    trace_finish(&log, trace); // with the channel still open
    ck_assert_uint_eq(log.calls, 0);
    trace_log_free(&log);
    trace_free(trace);
}
END_TEST

START_TEST(a_run_that_is_still_alive_does_not_hold_the_end_of_the_trace_up)
{
    if (is_missing())
        return;
    struct error err = {0};
    struct trace *trace = NULL;
    struct trace_log log;
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    ck_ok(trace_new(&trace, TRACE_FILES, &err), &err);
    int channel = trace_channel(trace);
    ck_ok(trace_watch(trace, &err), &err);
    pid_t child = fork();
    if (child == 0) {
        if (trace_enter(trace, channel) != 0 || is_open(open("/", O_RDONLY)) || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char byte;
    close(channel);
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    trace_finish(&log, trace);
    ck_assert_uint_eq(trace_log_find(&log, "/")->flags, TRACE_LISTED);
    trace_log_free(&log);
    trace_free(trace);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {every_way_of_opening_is_seen,
                                  ways_through_proc_lead_to_the_files_themselves,
                                  every_change_of_names_is_seen,
                                  a_full_trace_sees_every_way_of_asking,
                                  threads_and_children_are_followed,
                                  programs_started_by_descriptor_are_counted,
                                  names_that_no_text_can_hold_are_kept_and_impossible_ones_mean_nothing,
                                  no_file_is_lost_in_a_storm_of_signals,
                                  a_process_that_is_killed_while_it_waits_does_no_harm,
                                  io_uring_is_refused_and_that_is_told,
                                  calls_of_another_architecture_are_counted,
                                  attempts_to_leave_the_machine_are_told_and_others_are_not,
                                  entropy_is_told_with_the_program_that_drew_it,
                                  what_the_kernel_refuses_has_changed_nothing,
                                  a_change_of_the_root_is_reported_as_unresolved,
                                  a_trace_within_a_trace_says_why_it_cannot_be,
                                  a_machine_that_cannot_trace_says_why,
                                  a_run_that_never_begins_ends_the_trace,
                                  a_run_that_is_still_alive_does_not_hold_the_end_of_the_trace_up};
    if (argc == 3 && strcmp(argv[1], "--act") == 0)
        return act(argv[2]);
    return unit_run_as_both("trace_calls", tests, sizeof tests / sizeof *tests);
}

#else

START_TEST(nothing_is_seen_and_that_is_said)
{
    ck_assert(is_missing());
}
END_TEST
UNIT_MAIN("trace_calls", nothing_is_seen_and_that_is_said)

#endif
