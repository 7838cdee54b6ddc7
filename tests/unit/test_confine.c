// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Each test makes its attempts in a child that confines itself, as root and as a normal user.
#include "unit_run.h"

#include "run/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#if defined __linux__ && !defined REPRO_PORTABLE
#include "run/confine.h"
#include <sys/prctl.h>
#include <sys/syscall.h>

struct trial {
    char *base, *work, *other; // `work` can be written, `other` cannot be read
    struct strings writable, readable;
    struct confine_options options;
};

static struct trial trial_new(void)
{
    struct trial t = {.base = unit_folder()};
    struct error err = {0};
    t.work = fs_join(t.base, "work");
    t.other = fs_join(t.base, "other");
    put(t.work, "file", "old\n");
    put(t.other, "secret", "secret\n");
    put(t.other, "deep/er/secret", "secret\n");
    put(t.base, "public", "public\n");
    strings_add(&t.writable, t.work);
    struct strings hidden = {0};
    char *real = NULL;
    ck_ok(fs_realpath(&real, t.other, &err), &err);
    strings_take(&hidden, real);
    confine_around(&t.readable, "/", &hidden);
    strings_free(&hidden);
    confine_probe(&t.options.ability);
    return t;
}

static void trial_end(struct trial *t)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(t->base, &err), &err);
    free(t->base);
    free(t->work);
    free(t->other);
    strings_free(&t->writable);
    strings_free(&t->readable);
}

// What is tried; the exit status says how it went.
typedef int attempt(const struct trial *t);

static int status_of(struct trial *t, attempt *try)
{
    t->options.writable = &t->writable;
    t->options.readable = &t->readable;
    struct confine *confine = confine_new(&t->options);
    pid_t child = fork();
    if (child == 0)
        _exit(confine_enter(confine) == 0 ? try(t) : 100);
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    confine_free(confine);
    return status;
}

static void ck_status(struct trial *t, attempt *try, int expected)
{
    int status = status_of(t, try);
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    ck_assert_int_eq(WEXITSTATUS(status), expected);
}

static bool has_files(struct trial *t)
{
    if (t->options.ability.files == 0)
        fprintf(stderr, "skipped: this kernel has no Landlock\n");
    return t->options.ability.files > 0;
}

static bool has_sockets(struct trial *t)
{
    if (!t->options.ability.sockets)
        fprintf(stderr, "skipped: no seccomp filter can be had here\n");
    return t->options.ability.sockets;
}

// ---- sockets ----

static int try_sockets(const struct trial *t)
{
    static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG, AF_BLUETOOTH, 43, 44};
    (void)t;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        for (int kind = SOCK_STREAM; kind <= SOCK_RAW; kind++)
            if (socket(families[i], kind, 0) >= 0 || errno != EACCES)
                return (int)i + 1;
    return 0;
}

START_TEST(no_socket_but_a_unix_socket_can_be_made)
{
    struct trial t = trial_new();
    if (has_sockets(&t))
        ck_status(&t, try_sockets, 0);
    trial_end(&t);
}
END_TEST

// The kernel takes the lower half of the argument: with something in the upper one it is still a family of the network.
static int try_wide_family(const struct trial *t)
{
    (void)t;
    return syscall(SYS_socket, 0x100000000ull | AF_INET, SOCK_DGRAM, 0) < 0 && errno == EACCES ? 0 : 1;
}

START_TEST(a_family_with_high_bits_is_refused)
{
    struct trial t = trial_new();
    if (has_sockets(&t))
        ck_status(&t, try_wide_family, 0);
    trial_end(&t);
}
END_TEST

static int try_unix(const struct trial *t)
{
    (void)t;
    int pair[2];
    struct sockaddr_un address = {.sun_family = AF_UNIX}; // bound to a name of the kernel's choice
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    socklen_t size = sizeof address;
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return 1;
    if (bind(listener, (struct sockaddr *)&address, sizeof address.sun_family) != 0 || listen(listener, 1) != 0)
        return 2;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return 3;
    return connect(client, (struct sockaddr *)&address, size) == 0 ? 0 : 4;
}

START_TEST(unix_sockets_work_among_the_run_s_own_processes)
{
    struct trial t = trial_new();
    ck_status(&t, try_unix, 0);
    trial_end(&t);
}
END_TEST

static struct sockaddr_un abstract_address;
static socklen_t abstract_size;

static int try_abstract(const struct trial *t)
{
    (void)t;
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(client, (struct sockaddr *)&abstract_address, abstract_size) != 0 && errno == EPERM ? 0 : 1;
}

START_TEST(an_abstract_socket_of_the_machine_cannot_be_reached)
{
    struct trial t = trial_new();
    if (t.options.ability.files >= 6) {
        abstract_address = (struct sockaddr_un){.sun_family = AF_UNIX};
        abstract_size = sizeof abstract_address;
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(bind(listener, (struct sockaddr *)&abstract_address, sizeof(sa_family_t)), 0);
        ck_assert_int_eq(listen(listener, 1), 0);
        ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&abstract_address, &abstract_size), 0);
        ck_status(&t, try_abstract, 0);
        close(listener);
    }
    trial_end(&t);
}
END_TEST

static int try_io_uring(const struct trial *t)
{
    (void)t;
    for (long number = 425; number <= 427; number++) // io_uring_setup, _enter, _register on every machine
        if (syscall(number, 8, 0, 0, 0, 0, 0) >= 0 || errno != ENOSYS)
            return 1;
    return 0;
}

START_TEST(io_uring_is_not_there)
{
    struct trial t = trial_new();
    if (has_sockets(&t))
        ck_status(&t, try_io_uring, 0);
    trial_end(&t);
}
END_TEST

#ifdef __x86_64__
static int try_x32(const struct trial *t)
{
    (void)t;
    return syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS ? 0 : 1;
}

static int try_32_bit(const struct trial *t)
{
    (void)t;
    long answer = 359; // socket, by its number there
    __asm__ volatile("int $0x80" : "+a"(answer) : "b"(AF_INET), "c"(SOCK_STREAM), "d"(0) : "memory");
    return answer >= 0 ? 1 : 2;
}

START_TEST(another_architecture_s_calls_are_no_way_round)
{
    struct trial t = trial_new();
    if (has_sockets(&t)) {
        ck_status(&t, try_x32, 0);
        int status = status_of(&t, try_32_bit);
        // SIGSYS from the filter; SIGSEGV where the kernel does not know 32-bit calls at all.
        ck_assert(WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV));
    }
    trial_end(&t);
}
END_TEST
#endif

static int try_network(const struct trial *t)
{
    (void)t;
    return socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 0 : 1;
}

START_TEST(with_the_network_sockets_are_left_alone)
{
    struct trial t = trial_new();
    t.options.network = true;
    ck_status(&t, try_network, 0);
    trial_end(&t);
}
END_TEST

// ---- files ----

static int try_to(const char *folder, const char *name, int flags)
{
    char *path = fs_join(folder, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int code = errno;
    free(path);
    return fd >= 0 ? 0 : code;
}

static int try_work(const struct trial *t)
{
    if (chdir(t->work) != 0 || mkdir("a", 0755) != 0 || mkdir("b", 0755) != 0)
        return 1;
    if (try_to("a", "f", O_CREAT | O_WRONLY) != 0 || rename("a/f", "b/f") != 0 || rename("a", "b/a") != 0)
        return 2;
    if (symlink("f", "b/link") != 0 || mkfifo("b/fifo", 0600) != 0 || link("b/f", "linked") != 0)
        return 3;
    if (truncate("file", 1) != 0 || try_to(".", "file", O_RDWR | O_TRUNC) != 0)
        return 4;
    return unlink("linked") != 0 || unlink("b/link") != 0 || rmdir("b/a") != 0 ? 5 : 0;
}

START_TEST(in_the_workspace_everything_can_be_done_at_every_version)
{
    struct trial t = trial_new();
    int here = t.options.ability.files;
    for (int version = 2; version <= here; version++) {
        struct trial older = trial_new();
        older.options.ability.files = version;
        ck_status(&older, try_work, 0);
        trial_end(&older);
    }
    trial_end(&t);
}
END_TEST

static int try_outside(const struct trial *t)
{
    char *public = fs_join(t->base, "public"), *file = fs_join(t->work, "file");
    char *moved = fs_join(t->base, "moved");
    if (try_to(t->base, "public", O_RDONLY) != 0)
        return 1;
    if (try_to(t->base, "public", O_WRONLY) != EACCES || try_to(t->base, "new", O_WRONLY | O_CREAT) != EACCES)
        return 2;
    if (mkdir(moved, 0755) == 0 || symlink("public", moved) == 0 || mkfifo(moved, 0600) == 0)
        return 3;
    if (rename(file, moved) == 0 || link(file, moved) == 0 || rename(public, file) == 0)
        return 4;
    if (unlink(public) == 0 || rmdir(t->other) == 0)
        return 5;
    return try_to("/proc/self/root/etc", "repro-was-here", O_WRONLY | O_CREAT) != EACCES ? 6 : 0;
}

START_TEST(outside_the_workspace_nothing_can_be_changed_at_any_version)
{
    struct trial t = trial_new();
    int here = t.options.ability.files;
    for (int version = 2; version <= here; version++) {
        t.options.ability.files = version;
        ck_status(&t, try_outside, 0);
    }
    trial_end(&t);
}
END_TEST

static int try_truncate(const struct trial *t)
{
    char *public = fs_join(t->base, "public");
    return truncate(public, 0) != 0 && errno == EACCES ? 0 : 1;
}

START_TEST(from_version_3_on_nothing_outside_can_be_cut_off)
{
    struct trial t = trial_new();
    if (t.options.ability.files >= 3)
        ck_status(&t, try_truncate, 0);
    trial_end(&t);
}
END_TEST

static int try_links(const struct trial *t)
{
    char *way_out = fs_join(t->work, "way out");
    if (chdir(t->work) != 0 || symlink(t->base, way_out) != 0 || symlink("/proc/self/root", "root") != 0)
        return 1;
    if (try_to(way_out, "new", O_WRONLY | O_CREAT) != EACCES || try_to(way_out, "other/secret", O_RDONLY) != EACCES)
        return 2;
    char *through = str_printf("%s/root%s/other/secret", t->work, t->base);
    return try_to("/", through, O_RDONLY) == EACCES ? 0 : 3;
}

START_TEST(links_lead_nowhere)
{
    struct trial t = trial_new();
    if (has_files(&t))
        ck_status(&t, try_links, 0);
    trial_end(&t);
}
END_TEST

static int try_hidden(const struct trial *t)
{
    if (try_to(t->other, "secret", O_RDONLY) != EACCES || try_to(t->other, "deep/er/secret", O_RDONLY) != EACCES)
        return 1;
    return try_to("/", "etc/passwd", O_RDONLY) == 0 ? 0 : 2;
}

START_TEST(what_is_hidden_cannot_be_read_and_all_else_can)
{
    struct trial t = trial_new();
    if (has_files(&t))
        ck_status(&t, try_hidden, 0);
    trial_end(&t);
}
END_TEST

START_TEST(a_link_beside_what_is_hidden_does_not_allow_it)
{
    struct trial t = trial_new();
    if (has_files(&t)) {
        char *link = fs_join(t.base, "aside");
        ck_assert_int_eq(symlink(t.other, link), 0);
        struct strings hidden = {0};
        strings_add(&hidden, t.other);
        strings_free(&t.readable);
        confine_around(&t.readable, t.base, &hidden);
        strings_add(&t.readable, "/etc");
        strings_add(&t.readable, "/no/such/place");
        ck_status(&t, try_hidden, 0);
        strings_free(&hidden);
        free(link);
    }
    trial_end(&t);
}
END_TEST

// ---- processes ----

static int try_processes(const struct trial *t)
{
    char environment[64];
    (void)t;
    snprintf(environment, sizeof environment, "/proc/%d/environ", (int)getppid());
    if (try_to("/", environment, O_RDONLY) == 0)
        return 1;
    pid_t own = fork();
    if (own == 0)
        for (;;)
            pause();
    if (kill(own, SIGKILL) != 0 || waitpid(own, NULL, 0) != own)
        return 2;
    return 0;
}

// Root with all its capabilities can, so it has to lose them: see test_sandbox.
START_TEST(the_environment_of_other_processes_cannot_be_read)
{
    struct trial t = trial_new();
    if (has_files(&t) && geteuid() != 0) {
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // changing the user took that away
        struct confine_ability here = t.options.ability;
        t.options.ability.files = 0;
        ck_status(&t, try_processes, 1);
        t.options.ability = here;
        ck_status(&t, try_processes, 0);
    }
    trial_end(&t);
}
END_TEST

static int try_to_kill(const struct trial *t)
{
    (void)t;
    return kill(getppid(), 0) != 0 && errno == EPERM ? 0 : 1;
}

START_TEST(from_version_6_on_other_processes_cannot_be_signalled)
{
    struct trial t = trial_new();
    if (t.options.ability.files >= 6)
        ck_status(&t, try_to_kill, 0);
    trial_end(&t);
}
END_TEST

UNIT_MAIN_AS_BOTH("confine", no_socket_but_a_unix_socket_can_be_made, a_family_with_high_bits_is_refused,
                  unix_sockets_work_among_the_run_s_own_processes, an_abstract_socket_of_the_machine_cannot_be_reached,
                  io_uring_is_not_there,
#ifdef __x86_64__
                  another_architecture_s_calls_are_no_way_round,
#endif
                  with_the_network_sockets_are_left_alone, in_the_workspace_everything_can_be_done_at_every_version,
                  outside_the_workspace_nothing_can_be_changed_at_any_version,
                  from_version_3_on_nothing_outside_can_be_cut_off, links_lead_nowhere,
                  what_is_hidden_cannot_be_read_and_all_else_can, a_link_beside_what_is_hidden_does_not_allow_it,
                  the_environment_of_other_processes_cannot_be_read,
                  from_version_6_on_other_processes_cannot_be_signalled)
#else
START_TEST(without_seccomp_and_landlock_nothing_is_confined)
{
    struct error err = {0};
    struct sandbox *sandbox = NULL;
    struct sandbox_options options = {.isolation = ISOLATION_PARTIAL, .folder = "/"};
    ck_assert_int_eq(sandbox_new(&sandbox, &options, &err), -1);
    ck_error_has(&err, "cannot isolate the run");
    error_free(&err);
}
END_TEST

UNIT_MAIN_AS_BOTH("confine", without_seccomp_and_landlock_nothing_is_confined)
#endif
