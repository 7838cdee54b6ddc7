// SPDX-License-Identifier: Apache-2.0
//
// The headers of the C library may be older than the kernel, so the newer numbers of Landlock stand here. What a rule
// allows holds for a whole hierarchy and cannot be taken back below it: "all but HOME" is the list of HOME's siblings
// and those of every folder above it. Listing folders and looking at files stays free: only their content is private.
#include "run/confine.h"

#include "run/sandbox_plan.h"

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// ---- sockets ----

#if defined __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#define X32    0x40000000u
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#endif

#ifdef NATIVE
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define RETURN(how) BPF_STMT(BPF_RET | BPF_K, (how))
// If the loaded value is `value`, the next instruction; else the one after it.
#define WHEN(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, 1)
#define ABSENT      (SECCOMP_RET_ERRNO | ENOSYS)
#define DENIED      (SECCOMP_RET_ERRNO | EACCES)

// A program of another architecture has other numbers for the same calls: it is ended, which says more than a filter
// that lets it through. All of these machines are little-endian: the low half of an argument comes first.
static const struct sock_filter no_sockets[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
#ifdef X32
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
    RETURN(ABSENT),
#endif
    WHEN(SYS_io_uring_setup),
    RETURN(ABSENT),
    WHEN(SYS_io_uring_enter),
    RETURN(ABSENT),
    WHEN(SYS_io_uring_register),
    RETURN(ABSENT),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    LOAD(args[0]),
    WHEN(AF_UNIX),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(DENIED),
};

static int refuse_sockets(void)
{
    const struct sock_fprog program = {.len = ARRAY_LEN(no_sockets), .filter = (struct sock_filter *)no_sockets};
    // Without that flag, kernels before 5.16 slow down all that the run computes (a guard against Spectre v4).
    unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}
#else
static int refuse_sockets(void)
{
    errno = ENOSYS;
    return -1;
}
#endif

// ---- files ----

#define TRUNCATE       (1ull << 14) // version 3
#define SCOPE_VERSION  6
#define SCOPE_ABSTRACT (1ull << 0)
#define SCOPE_SIGNAL   (1ull << 1)
#define OLDEST_VERSION 2
#define REFER          (1ull << 13)
#define FILE_RIGHTS    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)
#define MAKE_NODES     (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define FOLDER_RIGHTS                                                                                                  \
    (FILE_RIGHTS | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |      \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                       \
     LANDLOCK_ACCESS_FS_MAKE_SYM | REFER)

// As struct landlock_ruleset_attr of version 6.
struct ruleset {
    uint64_t files, network, scoped;
};

struct rule {
    char *path;
    uint64_t rights;
};

struct confine {
    bool refuse_sockets;
    bool restrict_files;
    struct ruleset ruleset;
    size_t ruleset_size; // what this kernel knows of it
    struct rule *rules;
    size_t count, capacity;
};

static void add_rule(struct confine *confine, const char *path, uint64_t rights)
{
    confine->rules = mem_grow(confine->rules, confine->count, &confine->capacity, sizeof *confine->rules);
    confine->rules[confine->count++] = (struct rule){.path = str_dup(path), .rights = rights & confine->ruleset.files};
}

struct confine *confine_new(const struct confine_options *options)
{
    int version = options->ability.files;
    struct confine *confine = mem_alloc(sizeof *confine);
    confine->refuse_sockets = options->ability.sockets && !options->network;
    confine->restrict_files = version >= OLDEST_VERSION;
    if (!confine->restrict_files)
        return confine;
    confine->ruleset.files = (FOLDER_RIGHTS | MAKE_NODES) & ~(version >= 3 ? 0 : TRUNCATE);
    confine->ruleset.scoped = version >= SCOPE_VERSION ? SCOPE_ABSTRACT | SCOPE_SIGNAL : 0;
    confine->ruleset_size = version >= SCOPE_VERSION ? sizeof confine->ruleset : offsetof(struct ruleset, network);
    for (size_t i = 0; i < options->writable->count; i++) {
        const char *path = options->writable->items[i];
        add_rule(confine, path, fs_is_folder(path) ? FOLDER_RIGHTS : FILE_RIGHTS);
    }
    for (size_t i = 0; i < options->readable->count; i++)
        add_rule(confine, options->readable->items[i], LANDLOCK_ACCESS_FS_READ_FILE);
    return confine;
}

void confine_free(struct confine *confine)
{
    if (!confine)
        return;
    for (size_t i = 0; i < confine->count; i++)
        free(confine->rules[i].path);
    free(confine->rules);
    free(confine);
}

static bool is_link(const char *path, const struct dirent *item)
{
    struct stat st;
    return item->d_type == DT_LNK || (item->d_type == DT_UNKNOWN && lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
}

void confine_around(struct strings *out, const char *folder, const struct strings *hidden)
{
    bool whole = true;
    for (size_t i = 0; i < hidden->count; i++) {
        if (sandbox_is_below(folder, hidden->items[i]))
            return;
        whole = whole && !sandbox_is_below(hidden->items[i], folder);
    }
    if (whole) {
        strings_add(out, folder);
        return;
    }
    DIR *list = opendir(folder);
    for (const struct dirent *item; list && (item = readdir(list));) {
        if (str_equal(item->d_name, ".") || str_equal(item->d_name, ".."))
            continue;
        CLEANUP(free) char *path = fs_join(folder, item->d_name);
        if (!is_link(path, item)) // what it leads to is judged by its own place
            confine_around(out, path, hidden);
    }
    if (list)
        closedir(list);
}

static int allow(int ruleset, const struct rule *rule)
{
    int fd = open(rule->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return 0; // gone since, or not ours to see: then nothing is allowed there
    struct landlock_path_beneath_attr beneath = {.allowed_access = rule->rights, .parent_fd = fd};
    long failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0u);
    int code = errno;
    close(fd);
    errno = code;
    return failed ? -1 : 0;
}

static int restrict_files(const struct confine *confine)
{
    int fd = (int)syscall(SYS_landlock_create_ruleset, &confine->ruleset, confine->ruleset_size, 0u);
    if (fd < 0)
        return -1;
    int failed = 0;
    for (size_t i = 0; i < confine->count && !failed; i++)
        failed = allow(fd, &confine->rules[i]);
    failed = failed || syscall(SYS_landlock_restrict_self, fd, 0u) != 0;
    int code = errno;
    close(fd);
    errno = code;
    return failed ? -1 : 0;
}

int confine_enter(const struct confine *confine)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || (confine->restrict_files && restrict_files(confine) != 0))
        return -1;
    return confine->refuse_sockets ? refuse_sockets() : 0;
}

// ---- what works here ----

static bool works(const struct confine_ability *ability, bool network)
{
    struct strings none = {0};
    struct confine_options options = {.ability = *ability, .network = network, .writable = &none, .readable = &none};
    struct confine *confine = confine_new(&options);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0)
        _exit(confine_enter(confine) == 0 ? 0 : 1);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    confine_free(confine);
    return child > 0 && status == 0;
}

void confine_probe(struct confine_ability *out)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    struct confine_ability files = {.files = version >= OLDEST_VERSION ? (int)version : 0}, sockets = {.sockets = true};
    *out = (struct confine_ability){0};
    out->sockets = works(&sockets, false);
    if (files.files > 0 && works(&files, true))
        out->files = files.files;
}
