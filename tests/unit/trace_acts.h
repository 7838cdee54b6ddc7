// SPDX-License-Identifier: Apache-2.0
//
// What a traced program does in its folder (test_trace_calls.c fills it): one function for each kind of system call.
// Each returns 0 when the calls gave what they should.
#ifndef REPRO_TESTS_TRACE_ACTS_H
#define REPRO_TESTS_TRACE_ACTS_H

#include "unit_trace.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

static int is_open(int fd)
{
    if (fd < 0)
        return 1;
    close(fd);
    return 0;
}

static int by_openat(void)
{
    int folder = open("a", O_PATH | O_DIRECTORY);
    return is_open(openat(folder, "input", O_RDONLY));
}

static int by_openat2(void)
{
    struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = O_RDONLY, .resolve = 0x10}, create = {.flags = O_WRONLY | O_CREAT, .mode = 0644};
    int folder = open("a", O_PATH | O_DIRECTORY); // a root of its own: "/input" lies in it
    return is_open((int)syscall(SYS_openat2, folder, "/input", &how, sizeof how)) +
           is_open((int)syscall(SYS_openat2, AT_FDCWD, "made", &create, sizeof create));
}

static int by_creat(void)
{
    return is_open(creat("made", 0644)) + is_open(open("old", O_RDWR)) + is_open(open("a/input", O_RDWR | O_TRUNC));
}

static int by_fchdir(void)
{
    int folder = open("a", O_RDONLY | O_DIRECTORY);
    return (fchdir(folder) != 0) + is_open(open("input", O_RDONLY));
}

static int by_reopening(void)
{
    char name[64];
    int fd = open("a/input", O_PATH), other = open("old", O_PATH);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int failed = is_open(open(name, O_RDONLY));
    snprintf(name, sizeof name, "/dev/fd/%d", other);
    return failed + is_open(open(name, O_WRONLY | O_TRUNC)) + is_open(open("/proc/self/cwd/a/two", O_RDONLY));
}

static int without_a_name(void)
{
    char name[64];
    int fd = open(".", O_TMPFILE | O_RDWR, 0644);
    if (fd < 0)
        return errno == EOPNOTSUPP || errno == EISDIR ? 0 : 1;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, name, AT_FDCWD, "made", AT_SYMLINK_FOLLOW) != 0;
}

static int by_changing_names(void)
{
    int folder = open("a", O_PATH | O_DIRECTORY);
    return (mkdirat(folder, "sub", 0755) != 0) + (symlinkat("input", folder, "link") != 0) +
           (mkfifoat(folder, "pipe", 0644) != 0) + (unlinkat(folder, "two", 0) != 0) +
           (syscall(SYS_renameat2, folder, "input", AT_FDCWD, "old", 2) != 0) + (truncate("cut", 1) != 0) +
           (truncate("empty", 0) != 0) + (unlinkat(folder, "sub", AT_REMOVEDIR) != 0) + (rmdir("bare") != 0);
}

static int by_asking(void)
{
    struct stat st;
    char text[256];
    struct statx stx;
    int failed = (stat("a/input", &st) != 0) + (lstat("link", &st) != 0) + (access("old", R_OK) != 0);
    failed += (stat("no-stat", &st) == 0) + (access("no-access", F_OK) == 0) + (readlink("no-link", text, 256) >= 0);
    failed += (statx(AT_FDCWD, "no-statx", 0, STATX_BASIC_STATS, &stx) == 0);
    failed += (syscall(SYS_faccessat2, AT_FDCWD, "no-faccessat2", R_OK, 0) == 0);
    failed += (fstatat(AT_FDCWD, "no-fstatat", &st, AT_EMPTY_PATH) == 0);
    int fd = open("a/input", O_RDONLY);
    return failed + (fstat(fd, &st) != 0) + (readlink("link", text, sizeof text) < 0);
}

static void *open_many(void *context)
{
    char name[64];
    long failed = 0;
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "made-%d-%d", (int)(intptr_t)context, i);
        failed += is_open(open(name, O_WRONLY | O_CREAT, 0644));
    }
    return (void *)failed;
}

static int in_threads(void)
{
    pthread_t threads[8];
    int failed = 0;
    for (intptr_t i = 0; i < 8; i++)
        failed += pthread_create(&threads[i], NULL, open_many, (void *)i) != 0;
    for (int i = 0; i < 8; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        failed += result != NULL;
    }
    return failed;
}

static int in_children(void)
{
    for (intptr_t i = 0; i < 8; i++)
        if (fork() == 0)
            _exit(open_many((void *)i) != NULL);
    pid_t quick = vfork();
    if (quick == 0) {
        execl("/bin/sh", "sh", "-c", ": >made-by-vfork", (char *)NULL);
        _exit(1);
    }
    int failed = 0, status;
    while (wait(&status) > 0)
        failed += status != 0;
    return failed;
}

static int by_execveat(void)
{
    char *argv[] = {(char *)"script", NULL}, *none[] = {NULL};
    int folder = open("a", O_PATH | O_DIRECTORY);
    pid_t child = fork();
    if (child == 0) {
        syscall(SYS_execveat, folder, "script", argv, none, 0);
        _exit(1);
    }
    int status = 1, again = 1;
    waitpid(child, &status, 0);
    int fd = open("/bin/sh", O_PATH);
    child = fork();
    if (child == 0) {
        char *shell[] = {(char *)"sh", (char *)"-c", (char *)":", NULL};
        syscall(SYS_execveat, fd, "", shell, none, AT_EMPTY_PATH);
        _exit(1);
    }
    waitpid(child, &again, 0);
    return (status != 0) + (again != 0);
}

static int with_odd_names(void)
{
    char longest[PATH_MAX + 2], component[300];
    memset(longest, 'x', sizeof longest - 1);
    for (size_t i = 0; i < sizeof longest - 1; i += 100)
        longest[i] = '/';
    longest[sizeof longest - 1] = '\0';
    memset(component, 'y', sizeof component - 1);
    component[sizeof component - 1] = '\0';
    int failed = is_open(open("\xff\xfe", O_RDONLY));
    failed += !(is_open(open(longest, O_RDONLY)) && errno == ENAMETOOLONG);
    failed += !(is_open(open(component, O_RDONLY)) && errno == ENAMETOOLONG);
    failed += !(is_open((int)syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY)) && errno == EFAULT);
    failed += !(is_open((int)syscall(SYS_openat, AT_FDCWD, 4096, O_RDONLY)) && errno == EFAULT);
    failed += !(is_open(open("", O_RDONLY)) && errno == ENOENT);
    failed += !is_open(openat(900, "input", O_RDONLY));
    size_t page = (size_t)sysconf(_SC_PAGESIZE); // a path that ends where the memory ends, begun on the page before
    char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 2 * page, page, PROT_NONE);
    size_t len = sizeof "./././a/input";
    memcpy(pages + 2 * page - len, "./././a/input", len);
    failed += is_open(open(pages + 2 * page - len, O_RDONLY));
    memcpy(pages + page - 4, "a/two", sizeof "a/two");
    return failed + is_open(open(pages + page - 4, O_RDONLY));
}

static void on_alarm(int signal)
{
    (void)signal;
}

static int in_a_storm_of_signals(void)
{
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL); // without SA_RESTART
    struct itimerval often = {{0, 50}, {0, 50}}, never = {0};
    setitimer(ITIMER_REAL, &often, NULL);
    char name[64];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "made-%d", i);
        int fd;
        while ((fd = open(name, O_WRONLY | O_CREAT, 0644)) < 0 && errno == EINTR)
            continue;
        if (is_open(fd))
            return 1;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    return 0;
}

static int killed_in_the_middle(void)
{
    for (int round = 0; round < 200; round++) {
        int ends[2];
        if (pipe(ends) != 0)
            return 1;
        pid_t child = fork();
        if (child == 0) {
            for (int i = 0;; i++) {
                if (i == 3 && write(ends[1], "x", 1) != 1)
                    _exit(1);
                is_open(open("a/input", O_RDONLY));
            }
        }
        char byte;
        if (read(ends[0], &byte, 1) != 1)
            return 1;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(ends[0]);
        close(ends[1]);
    }
    return is_open(open("a/two", O_RDONLY));
}

static int by_io_uring(void)
{
    char room[256] = {0};
    return !(syscall(425, 8, room) == -1 && errno == ENOSYS);
}

static int by_another_architecture(void)
{
#ifdef __x86_64__
    pid_t child = fork();
    if (child == 0) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "0"(20L) : "memory", "r8", "r9", "r10", "r11"); // getpid
        _exit(result == getpid() ? 0 : 7);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 7; // a kernel without it raises SIGSEGV
#else
    return 7;
#endif
}

// Nothing is sent: the descriptor is closed, which the kernel finds after it has asked us.
static int over_the_network(void)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0xc0000201)};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(81), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)}, mapped = v6, loop = v6;
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "socket"};
    inet_pton(AF_INET6, "2001:db8::1", &v6.sin6_addr);
    inet_pton(AF_INET6, "::ffff:192.0.2.2", &mapped.sin6_addr);
    loop.sin6_addr = in6addr_loopback;
    struct iovec text = {(void *)"x", 1};
    struct msghdr message = {.msg_name = &v6, .msg_namelen = sizeof v6, .msg_iov = &text, .msg_iovlen = 1};
    struct mmsghdr several[2] = {{.msg_hdr = {.msg_iov = &text, .msg_iovlen = 1}}, {.msg_hdr = message}};
    several[1].msg_hdr.msg_name = &mapped;
    connect(-1, (void *)&v4, sizeof v4);
    connect(-1, (void *)&v4, sizeof v4);
    connect(-1, (void *)&here, sizeof here);
    connect(-1, (void *)&loop, sizeof loop);
    connect(-1, (void *)&local, sizeof local);
    bind(-1, (void *)&v4, sizeof v4);
    bind(-1, (void *)&(struct sockaddr_in){.sin_family = AF_INET}, sizeof v4);
    sendto(-1, "x", 1, 0, (void *)&v6, sizeof v6);
    send(-1, "x", 1, 0);
    sendmsg(-1, &message, 0);
    sendmmsg(-1, several, 2, 0);
    return 0;
}

static int of_entropy(void)
{
    char byte;
    ssize_t got = getrandom(&byte, 1, 0) + getrandom(&byte, 1, 0);
    return got != 2 || is_open(open("/dev/urandom", O_RDONLY));
}

static int of_what_is_refused(void)
{
    int failed = !is_open(open("sealed/made", O_WRONLY | O_CREAT, 0644));
    failed += !is_open(open("locked", O_WRONLY | O_TRUNC)) + (rename("a/input", "sealed/moved") == 0);
    return failed + is_open(open("locked", O_RDONLY));
}

static int by_changing_the_root(void)
{
    return chroot("/") == 0 || errno == EPERM ? 0 : 1;
}

// A trace within a trace cannot be had, and says why.
static int inside(void)
{
    struct trace_ability ability = {0};
    struct error err = {0};
    if (trace_probe(&ability, &err) != 0)
        return 1;
    int failed = ability.available || !strstr(ability.why_not, "watched already");
    trace_ability_free(&ability);
    return failed;
}

static int is_refused_with(const char *part)
{
    struct trace_ability ability = {0};
    struct error err = {0};
    if (trace_probe(&ability, &err) != 0 || ability.available || !ability.why_not || !strstr(ability.why_not, part)) {
        fprintf(stderr, "it said: %s\n", ability.why_not ? ability.why_not : "nothing");
        return 1;
    }
    trace_ability_free(&ability);
    return 0;
}

// As a container may: seccomp(2) itself is forbidden. On all machines, the number is the first thing that a filter can
// load.
static int where_filters_are_forbidden(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {.len = 4, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 0;
    return is_refused_with("seccomp");
}

static int where_proc_is_hidden(void)
{
    uid_t user = geteuid();
    if (unshare((user ? CLONE_NEWUSER : 0) | CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("tmpfs", "/proc", "tmpfs", 0, NULL) != 0)
        return 0; // not here
    return is_refused_with("/proc");
}

static const struct {
    const char *name;
    int (*act)(void);
} acts[] = {
    {"openat", by_openat},
    {"openat2", by_openat2},
    {"creat", by_creat},
    {"fchdir", by_fchdir},
    {"reopening", by_reopening},
    {"nameless", without_a_name},
    {"names", by_changing_names},
    {"asking", by_asking},
    {"threads", in_threads},
    {"children", in_children},
    {"execveat", by_execveat},
    {"odd", with_odd_names},
    {"storm", in_a_storm_of_signals},
    {"killed", killed_in_the_middle},
    {"io_uring", by_io_uring},
    {"foreign", by_another_architecture},
    {"network", over_the_network},
    {"entropy", of_entropy},
    {"refused", of_what_is_refused},
    {"root", by_changing_the_root},
    {"inside", inside},
    {"forbidden", where_filters_are_forbidden},
    {"hidden", where_proc_is_hidden},
};

static int act(const char *name)
{
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, name) == 0)
            return acts[i].act();
    return 99;
}

#endif
