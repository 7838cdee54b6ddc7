// SPDX-License-Identifier: Apache-2.0
//
// Descendants by way of /proc. Every orphan below us becomes our child (subreaper), so the parent chain of a descendant
// always ends at this process; what no chain connects is not ours. No libc function with a lock or an allocation is
// used: this runs in a child forked from a process with threads.
#include "run/tree.h"

#include "base/mem.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMBER_LIMIT = 1 << 16, FREEZE_ROUNDS = 64 };

struct member {
    pid_t pid, parent, group;
    char state;
    bool ours;
};

struct tree {
    pid_t leader, init;
    size_t count;
    struct member members[MEMBER_LIMIT];
    char listing[1 << 15];
};

// As laid out by the kernel for getdents64.
struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

// A mapping of its own: pages that are never touched cost nothing, neither here nor in the fork.
struct tree *tree_new(void)
{
    void *memory = mmap(NULL, sizeof(struct tree), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}

void tree_free(struct tree *tree)
{
    if (tree)
        munmap(tree, sizeof *tree);
}

void tree_start(struct tree *tree, pid_t leader, pid_t init)
{
    tree->leader = leader;
    tree->init = init;
}

// ---- numbers and paths without stdio ----

static const char *read_number(const char *at, uint64_t *out)
{
    uint64_t value = 0;
    while (*at == ' ' || *at == '\t' || *at == '\n')
        at++;
    for (; *at >= '0' && *at <= '9'; at++)
        if (value < UINT64_MAX / 16)
            value = value * 10 + (uint64_t)(*at - '0');
    *out = value;
    return at;
}

static void add_text(char *path, size_t size, const char *text)
{
    size_t len = strlen(path);
    size_t more = strlen(text);
    if (len + more < size)
        memcpy(path + len, text, more + 1);
}

static void add_number(char *path, size_t size, pid_t number)
{
    char digits[16];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0 && at > 0);
    add_text(path, size, digits + at);
}

// The beginning of /proc/PID/FILE, with a NUL at its end. −1 when the process is gone or may not be read.
static ssize_t read_about(char *out, size_t size, pid_t pid, const char *file)
{
    char path[64] = "/proc/";
    add_number(path, sizeof path, pid);
    add_text(path, sizeof path, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t len = 0;
    for (ssize_t got; len < size - 1 && (got = read(fd, out + len, size - 1 - len)) > 0;)
        len += (size_t)got;
    close(fd);
    out[len] = '\0';
    return (ssize_t)len;
}

// "Name:   1234 kB" in bytes; 0 when absent.
static uint64_t field_kib(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    uint64_t value = 0;
    if (at)
        read_number(at + strlen(name), &value);
    return value * 1024;
}

// Calls `found` with every name in a /proc folder that is a number.
static bool list_numbers(struct tree *tree, const char *path, void (*found)(struct tree *, pid_t))
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    for (long got; (got = syscall(SYS_getdents64, fd, tree->listing, sizeof tree->listing)) > 0;)
        for (long at = 0; at < got;) {
            const struct entry *entry = (const void *)(tree->listing + at);
            at += entry->len;
            uint64_t pid;
            const char *end = read_number(entry->name, &pid);
            if (end != entry->name && *end == '\0' && pid > 0 && pid < INT32_MAX)
                found(tree, (pid_t)pid);
        }
    close(fd);
    return true;
}

// ---- every process: exact ----

// /proc/PID/stat: "pid (comm) state ppid pgrp …"; comm may hold spaces and parentheses.
static void add_process(struct tree *tree, pid_t pid)
{
    char text[512];
    if (tree->count == MEMBER_LIMIT || read_about(text, sizeof text, pid, "/stat") <= 0)
        return;
    const char *end = strrchr(text, ')');
    if (!end || strlen(end) < 6)
        return;
    uint64_t parent, group;
    const char *rest = read_number(end + 3, &parent);
    read_number(rest, &group);
    tree->members[tree->count++] =
        (struct member){.pid = pid, .parent = (pid_t)parent, .group = (pid_t)group, .state = end[2]};
}

static struct member *find(struct tree *tree, pid_t pid)
{
    size_t low = 0, high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree->members[middle].pid == pid)
            return &tree->members[middle];
        if (tree->members[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

// Leaves only living descendants of this process in the list. /proc lists by rising number and a parent mostly has the
// smaller one, so that one or two passes are enough.
//
// Where there is no /proc, the command's own process stands for all; it leads a group.
static void scan(struct tree *tree)
{
    tree->count = 0;
    list_numbers(tree, "/proc", add_process);
    if (tree->count == 0 && tree->leader != tree->init) {
        tree->members[tree->count++] = (struct member){.pid = tree->leader, .group = tree->leader, .state = 'T'};
        return;
    }
    pid_t self = getpid();
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < tree->count; i++) {
            struct member *member = &tree->members[i];
            if (member->ours)
                continue;
            const struct member *parent = member->parent == self ? NULL : find(tree, member->parent);
            if (member->parent == self || (parent && parent->ours))
                member->ours = changed = true;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct member *member = &tree->members[i];
        if (member->ours && member->state != 'Z' && member->state != 'X' && member->pid != tree->init)
            tree->members[kept++] = *member;
    }
    tree->count = kept;
}

unsigned tree_count(struct tree *tree)
{
    scan(tree);
    return (unsigned)tree->count;
}

bool tree_is_gone(struct tree *tree)
{
    (void)tree;
    return true; // a subreaper without children has no descendants
}

static void signal_all(const struct tree *tree, int signal)
{
    for (size_t i = 0; i < tree->count; i++)
        kill(tree->members[i].pid, signal);
}

void tree_signal(struct tree *tree, int signal)
{
    scan(tree);
    signal_all(tree, signal);
}

void tree_kill(struct tree *tree)
{
    if (tree->init) { // the kernel ends everything in the namespace with it
        kill(tree->init, SIGKILL);
        return;
    }
    // Killing one by one would give a fork storm that lives at a process limit room for the next; what is stopped keeps
    // its place and starts nothing.
    for (int round = 0; round < FREEZE_ROUNDS; round++) {
        scan(tree);
        bool running = false;
        for (size_t i = 0; i < tree->count; i++)
            if (tree->members[i].state != 'T') {
                running = true;
                kill(tree->members[i].pid, SIGSTOP);
            }
        if (!running)
            break;
    }
    for (size_t i = 0; i < tree->count; i++)
        if (tree->members[i].group != getpgrp() && tree->members[i].group > 1)
            kill(-tree->members[i].group, SIGKILL); // a whole group at once: no member can fork past it
    signal_all(tree, SIGKILL);
}

// ---- children only: quick ----

static void add_child(struct tree *tree, pid_t pid)
{
    if (tree->count < MEMBER_LIMIT)
        tree->members[tree->count++] = (struct member){.pid = pid};
}

// The children of all threads of a process. False where the kernel does not tell.
static bool add_children(struct tree *tree, pid_t pid)
{
    char path[64] = "/proc/";
    add_number(path, sizeof path, pid);
    add_text(path, sizeof path, "/task");
    size_t first = tree->count;
    if (!list_numbers(tree, path, add_child))
        return true; // it has ended
    // The threads' numbers were noted behind the list; their children replace them.
    static const char suffix[] = "/children";
    size_t threads = tree->count - first;
    bool told = threads == 0;
    for (size_t i = 0; i < threads && tree->count < MEMBER_LIMIT; i++) {
        char file[64] = "/task/", text[4096];
        add_number(file, sizeof file, tree->members[first + i].pid);
        add_text(file, sizeof file, suffix);
        if (read_about(text, sizeof text, pid, file) < 0)
            continue;
        told = true;
        uint64_t child;
        for (const char *at = text, *next; (next = read_number(at, &child)) != at && child > 0; at = next)
            add_child(tree, (pid_t)child);
    }
    memmove(tree->members + first, tree->members + first + threads,
            (tree->count - first - threads) * sizeof tree->members[0]);
    tree->count -= threads;
    return told;
}

static void list_children(struct tree *tree)
{
    tree->count = 0;
    bool told = add_children(tree, getpid());
    for (size_t i = 0; told && i < tree->count; i++)
        add_children(tree, tree->members[i].pid);
    if (!told)
        scan(tree);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void tree_memory(struct tree *tree, struct tree_memory *out, bool exact)
{
    *out = (struct tree_memory){0};
    uint64_t file = 0, shared = 0;
    list_children(tree);
    for (size_t i = 0; i < tree->count; i++) {
        pid_t pid = tree->members[i].pid;
        char text[4096];
        if (pid == tree->init || read_about(text, sizeof text, pid, "/status") <= 0 || !strstr(text, "\nVmRSS:"))
            continue; // a zombie has no memory
        uint64_t resident = field_kib(text, "\nVmRSS:");
        out->processes++;
        out->single = larger(out->single, field_kib(text, "\nVmHWM:"));
        out->quick += field_kib(text, "\nRssAnon:");
        file = larger(file, field_kib(text, "\nRssFile:"));
        shared = larger(shared, field_kib(text, "\nRssShmem:"));
        if (exact && read_about(text, sizeof text, pid, "/smaps_rollup") > 0)
            resident = field_kib(text, "\nPss:");
        out->exact += exact ? resident : 0;
    }
    out->quick += file + shared;
}
