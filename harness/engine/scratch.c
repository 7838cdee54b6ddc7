// SPDX-License-Identifier: Apache-2.0
#include "engine/scratch.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void remove_folder(const char *folder)
{
    struct error ignored = {0};
    fs_remove_tree(folder, &ignored);
    error_free(&ignored);
}

// The watcher: a byte says that all is well, the end of the pipe that whoever made the folder is no more. In a process
// group of its own, out of a terminal's Ctrl-C, and with nobody's output held open.
static _Noreturn void watch(int end, const char *folder)
{
    char byte;
    ssize_t got;
    signal(SIGHUP, SIG_IGN);
    setpgid(0, 0);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    do
        got = read(end, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        remove_folder(folder);
    _exit(0);
}

int scratch_make(struct scratch *out, const char *name, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    int ends[2];
    CLEANUP(free) char *folder = str_printf("%s/%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", name);
    *out = (struct scratch){.watched = -1};
    // Before the folder: a signal in between leaves an empty one at most.
    bool piped = pipe2(ends, O_CLOEXEC) == 0;
    if (!mkdtemp(folder)) {
        int saved = errno;
        if (piped) {
            close(ends[0]);
            close(ends[1]);
        }
        errno = saved;
        return error_errno(err, "cannot make the folder '%s'", folder);
    }
    out->folder = steal(&folder);
    if (!piped)
        return 0;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        watch(ends[0], out->folder);
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return 0;
    }
    out->watched = ends[1];
    out->watcher = pid;
    return 0;
}

void scratch_free(struct scratch *scratch)
{
    if (!scratch->folder)
        return;
    remove_folder(scratch->folder);
    if (scratch->watched > 0) {
        ssize_t ignored = write(scratch->watched, "", 1);
        (void)ignored; // then it looks once more for a folder that is gone
        close(scratch->watched);
        while (waitpid(scratch->watcher, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(steal(&scratch->folder));
}
