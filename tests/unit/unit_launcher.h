// SPDX-License-Identifier: Apache-2.0
//
// Starts the process of a model by a plain fork and exec: no workspace, no sandbox. What it writes to its standard
// error goes to a file in the current folder.
#ifndef REPRO_TESTS_UNIT_LAUNCHER_H
#define REPRO_TESTS_UNIT_LAUNCHER_H

#include "base/fs.h"
#include "serve/launcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct unit_process {
    pid_t pid;
    int pidfd;
    int in, out;
};

static inline void unit_child(const struct strings *argv, int in, int out)
{
    int err = open("stderr.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int nothing = open("/dev/null", O_RDWR);
    dup2(in >= 0 ? in : nothing, 0);
    dup2(out >= 0 ? out : err, 1);
    dup2(err, 2);
    setpgid(0, 0);
    char *args[32] = {0};
    for (size_t i = 0; i < argv->count && i < 31; i++)
        args[i] = argv->items[i];
    execvp(args[0], args);
    _exit(127);
}

static inline int unit_start(struct served *out, void *context, const struct strings *argv, bool pipes,
                             struct error *err)
{
    (void)context;
    int to[2] = {-1, -1}, from[2] = {-1, -1};
    if (pipes && (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0))
        return error_errno(err, "cannot make a pipe");
    struct unit_process *process = mem_alloc(sizeof *process);
    process->pid = fork();
    if (process->pid == 0)
        unit_child(argv, to[0], from[1]);
    setpgid(process->pid, process->pid); // whoever comes first
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (process->pid < 0 || process->pidfd < 0)
        abort();
    process->in = to[1];
    process->out = from[0];
    if (pipes) {
        close(to[0]);
        close(from[1]);
        fcntl(to[1], F_SETFL, O_NONBLOCK);
        fcntl(from[0], F_SETFL, O_NONBLOCK);
    }
    *out = (struct served){.in = to[1], .out = from[0], .handle = process};
    return 0;
}

static inline bool unit_wait(void *context, struct served *served, double seconds)
{
    (void)context;
    struct unit_process *process = served->handle;
    struct pollfd fd = {.fd = process->pidfd, .events = POLLIN};
    return poll(&fd, 1, (int)(seconds * 1000)) > 0;
}

static inline bool unit_alive(void *context, struct served *served)
{
    return !unit_wait(context, served, 0);
}

static inline void unit_stop(struct served_end *out, void *context, struct served *served)
{
    struct unit_process *process = served->handle;
    *out = (struct served_end){.by_us = !unit_wait(context, served, 0)};
    kill(-process->pid, SIGKILL);
    int status = 0;
    if (waitpid(process->pid, &status, 0) != process->pid)
        abort();
    out->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    CLEANUP(error) struct error err = {0};
    CLEANUP(buf) struct buf text = {0};
    fs_read(&text, "stderr.txt", 0, &err);
    out->stderr_tail = buf_take(&text);
    close(process->pidfd);
    if (process->in >= 0)
        close(process->in);
    if (process->out >= 0)
        close(process->out);
    free(process);
    *served = (struct served){.in = -1, .out = -1};
}

static inline int unit_socket(void *context, struct served *served, int family, struct error *err)
{
    (void)context;
    (void)served;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? error_errno(err, "cannot make a socket") : fd;
}

static inline void unit_usage(uint64_t *memory, unsigned *descriptors, void *context, struct served *served)
{
    (void)context;
    struct unit_process *process = served->handle;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process->pid);
    FILE *file = fopen(path, "r");
    unsigned long size = 0, resident = 0;
    if (file && fscanf(file, "%lu %lu", &size, &resident) == 2)
        *memory = resident * 4096;
    if (file)
        fclose(file);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process->pid);
    DIR *folder = opendir(path);
    while (folder && readdir(folder))
        (*descriptors)++;
    if (folder)
        closedir(folder);
}

// `folder` is where files pass; borrowed.
static inline struct launcher unit_launcher(const char *folder)
{
    return (struct launcher){.start = unit_start,
                             .stop = unit_stop,
                             .alive = unit_alive,
                             .wait = unit_wait,
                             .socket = unit_socket,
                             .usage = unit_usage,
                             .folder_host = folder,
                             .folder_seen = folder};
}

#endif
