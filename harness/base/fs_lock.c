// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static void pause_for(double seconds)
{
    struct timespec ts = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&ts, NULL);
}

// True when `path` still names the open file: whoever held the lock before may have removed it.
static bool still_there(int fd, const char *path)
{
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_dev == named.st_dev &&
           mine.st_ino == named.st_ino;
}

// The holder's pid, for the message only: nothing depends on its being right.
static void note_holder(int fd)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) < 0)
        return; // a full disk does not keep anybody from holding the lock
}

static int timed_out(int fd, const char *path, double seconds, struct error *err)
{
    char text[32] = {0};
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    long pid = got > 0 ? strtol(text, NULL, 10) : 0;
    CLEANUP(free) char *who = pid > 0 ? str_printf(" (pid %ld)", pid) : str_dup("");
    return error_set(err, ERROR_MACHINE, "cannot lock '%s': another repro has been holding the lock for %.0f s%s", path,
                     seconds, who);
}

int fs_lock(int *out, const char *path, double seconds, struct error *err)
{
    double deadline = clock_seconds() + seconds, wait = 0.001;
    CLEANUP(fd) int fd = -1;
    for (;;) {
        if (fd < 0)
            fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        if (fd < 0)
            return error_errno(err, "cannot lock '%s'", path);
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (still_there(fd, path)) {
                note_holder(fd);
                *out = steal_fd(&fd);
                return 0;
            }
            close(steal_fd(&fd));
        } else if (errno != EWOULDBLOCK && errno != EINTR) {
            return error_errno(err, "cannot lock '%s'", path);
        }
        double left = deadline - clock_seconds();
        if (left <= 0)
            return timed_out(fd, path, seconds, err);
        pause_for(wait < left ? wait : left);
        wait = wait < 0.05 ? wait * 2 : 0.1;
    }
}
