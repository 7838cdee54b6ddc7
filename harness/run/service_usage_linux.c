// SPDX-License-Identifier: Apache-2.0
#include "run/service_usage.h"

#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct entry {
    pid_t pid, parent;
    bool counted;
};
struct table {
    struct entry *items;
    size_t count, capacity;
};

static size_t read_text(char *text, size_t size, const char *path)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    return got > 0 ? (size_t)got : 0;
}

// "PID (NAME) STATE PARENT …", where the name may hold anything.
static pid_t parent_of(pid_t pid)
{
    char path[64], text[1024];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_text(text, sizeof text, path);
    const char *end = strrchr(text, ')');
    return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static void list_processes(struct table *table)
{
    DIR *proc = opendir("/proc");
    for (const struct dirent *entry; proc && (entry = readdir(proc));) {
        char *end = NULL;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid <= 0 || *end)
            continue;
        table->items = mem_grow(table->items, table->count, &table->capacity, sizeof *table->items);
        table->items[table->count++] = (struct entry){.pid = (pid_t)pid, .parent = parent_of((pid_t)pid)};
    }
    if (proc)
        closedir(proc);
}

// A parent's number may be the greater one, so it takes as many rounds as there are generations.
static void mark_descendants(struct table *table, pid_t ancestor)
{
    bool found = true;
    while (found) {
        found = false;
        for (size_t i = 0; i < table->count; i++) {
            struct entry *entry = &table->items[i];
            bool child = entry->parent == ancestor;
            for (size_t p = 0; p < table->count && !child; p++)
                child = table->items[p].counted && table->items[p].pid == entry->parent;
            if (child && !entry->counted)
                found = entry->counted = true;
        }
    }
}

static uint64_t resident(pid_t pid)
{
    char path[64], text[256];
    unsigned long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    read_text(text, sizeof text, path);
    return sscanf(text, "%*s %llu", &pages) == 1 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

// The first process of a sandbox is a copy of repro that has started nothing else: no part of what the model needs. It
// is known by its command line, which may be read where its program may not.
static bool is_copy_of_us(pid_t pid)
{
    char path[64], its[1024], ours[1024];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    size_t len = read_text(its, sizeof its, path);
    return len > 0 && len == read_text(ours, sizeof ours, "/proc/self/cmdline") && memcmp(its, ours, len) == 0;
}

static unsigned open_descriptors(pid_t pid)
{
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

// Of a process itself to the nanosecond; of those of its children that it has waited for, in ticks.
static double cpu_of(pid_t pid, bool itself)
{
    char path[64], text[1024];
    unsigned long long user = 0, system = 0;
    clockid_t clock;
    struct timespec used = {0};
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    read_text(text, sizeof text, path);
    const char *end = strrchr(text, ')');
    if (end)
        sscanf(end + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu", &user, &system);
    if (itself && (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0))
        used = (struct timespec){0};
    return (double)used.tv_sec + (double)used.tv_nsec * 1e-9 + (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double cpu_of_descendants(pid_t ancestor)
{
    struct table table = {0};
    double seconds = cpu_of(ancestor, false);
    list_processes(&table);
    mark_descendants(&table, ancestor);
    for (size_t i = 0; i < table.count; i++)
        seconds += table.items[i].counted ? cpu_of(table.items[i].pid, true) : 0;
    bool known = table.count > 0;
    free(table.items);
    return known ? seconds : -1;
}

void usage_of_descendants(uint64_t *memory, unsigned *descriptors, pid_t ancestor)
{
    struct table table = {0};
    *memory = 0;
    *descriptors = 0;
    list_processes(&table);
    mark_descendants(&table, ancestor);
    for (size_t i = 0; i < table.count; i++) {
        if (table.items[i].counted && !is_copy_of_us(table.items[i].pid)) {
            *memory += resident(table.items[i].pid);
            *descriptors += open_descriptors(table.items[i].pid);
        }
    }
    free(table.items);
}
