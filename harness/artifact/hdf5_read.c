// SPDX-License-Identifier: Apache-2.0
//
// HDF5 ("HDF5 File Format Specification", version 3): a superblock (89 'HDF' 0d 0a 1a 0a at 0, 512, 1024, …) leads to
// groups, datasets and attributes through B-trees and heaps. libhdf5 finds its way through them (artifact/hdf5.c).
//
// On damaged files it is known to crash, to loop, and to ask for all the memory there is. So it works in a child that
// may open no file (external links, external data and plug-ins lead nowhere), and whose time, memory and output are
// bounded; it writes down what the file holds, and where: datasets that are neither chunked nor compressed stay in the
// file. A child that does not come back is a damaged file.
#include "artifact/contents.h"
#include "artifact/hdf5.h"
#include "artifact/map.h"
#include "artifact/readers.h"
#include "artifact/records.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#define MOST_MEMORY ((rlim_t)8 << 30)
// Deflate packs at most 1,032 to 1; small files may well hold a large dataset of nothing but its fill value.
#define RATIO      ((uint64_t)1100)
#define SMALL_FILE ((uint64_t)64 << 20)

enum { CHILD_DONE = 0, CHILD_FULL = 3, CHILD_CANNOT_WRITE = 4 };

static uint64_t most_output(size_t len)
{
    uint64_t most = SMALL_FILE + (uint64_t)len * RATIO;
    return most > CONTENTS_MAX_UNPACKED ? CONTENTS_MAX_UNPACKED : most;
}

// Seconds of CPU: a hundred times what reading takes, and time to start.
static rlim_t most_seconds(size_t len)
{
    return 2 + (rlim_t)(len >> 20);
}

static void limit(int resource, rlim_t most)
{
    // One more where it is hard, so that the signal tells which limit was met.
    struct rlimit old, now = {most, most + 1};
    if (getrlimit(resource, &old) == 0 && (old.rlim_max == RLIM_INFINITY || old.rlim_max > most))
        setrlimit(resource, &now);
}

// What the parent has set up for itself is not for the child: handlers, the terminal, files.
static void enter_child(int *output, size_t len, pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(CHILD_CANNOT_WRITE);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    if (*output <= STDERR_FILENO)
        *output = fcntl(*output, F_DUPFD, STDERR_FILENO + 1);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, most_seconds(len));
    limit(RLIMIT_FSIZE, (rlim_t)most_output(len));
#if !defined(__SANITIZE_ADDRESS__) && defined(RLIMIT_DATA)
    limit(RLIMIT_DATA, MOST_MEMORY);
#endif
    // What is open stays open, and nothing more is opened.
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0});
}

static void run_child(const struct hdf5_library *library, const struct artifact_file *file, int fd)
{
    struct records records = {.fd = fd, .limit = most_output(file->len)};
    hdf5_walk(library, &records, file->bytes, file->len);
    if (records_finish(&records) == 0)
        _exit(CHILD_DONE);
    _exit(records.full ? CHILD_FULL : CHILD_CANNOT_WRITE);
}

static int wait_for(int *status, pid_t child, struct error *err)
{
    pid_t ended;
    do {
        ended = waitpid(child, status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == child ? 0 : error_errno(err, "cannot wait for the reader of HDF5");
}

static int judge(int status, size_t len, struct error *err)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return error_set(err, ERROR_MACHINE, "the process that read it was killed");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return error_set(err, ERROR_USAGE, "libhdf5 was still reading it after %ju s; it is taken for damaged",
                         (uintmax_t)most_seconds(len));
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGXFSZ)
        return error_set(err, ERROR_USAGE, "libhdf5 crashed on it (signal %d); it is taken for damaged",
                         WTERMSIG(status));
    if (WIFSIGNALED(status) || WEXITSTATUS(status) == CHILD_FULL)
        return error_set(err, ERROR_USAGE, "holds far more than its %zu bytes can", len);
    if (WEXITSTATUS(status) == CHILD_CANNOT_WRITE)
        return error_set(err, ERROR_MACHINE, "cannot write what is in it to a temporary file");
    if (WEXITSTATUS(status) != CHILD_DONE)
        return error_set(err, ERROR_USAGE, "libhdf5 gave up on it (status %d); it is taken for damaged",
                         WEXITSTATUS(status));
    return 0;
}

static int map_records(struct artifact_file *out, struct contents *contents, int fd, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return error_errno(err, "cannot read a temporary file");
    *out = (struct artifact_file){.len = (size_t)st.st_size, .mapped = true, .owned = true};
    void *bytes = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_errno(err, "cannot map a temporary file");
    out->bytes = bytes;
    contents_adopt(contents, out);
    return 0;
}

static int read_as_bytes(struct contents *out, const struct artifact_file *file, const char *prefix, const char *why,
                         struct error *err)
{
    contents_note(out, "%s: compared byte for byte: %s", file->name, why);
    struct value *value = contents_add(out, prefix, "", VALUE_BYTES, err);
    if (!value)
        return -1;
    value->bytes = file->bytes;
    value->size = file->len;
    return 0;
}

int hdf5_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    const char *why = NULL;
    CLEANUP(hdf5_library) struct hdf5_library *library = hdf5_load(&why);
    if (!library)
        return read_as_bytes(out, file, prefix, why, err);
    CLEANUP(fd) int fd = -1;
    if (map_temporary(&fd, err) < 0)
        return -1;
    pid_t self = getpid(), child = fork();
    if (child < 0)
        return error_errno(err, "cannot start a process that reads HDF5");
    if (child == 0) {
        enter_child(&fd, file->len, self);
        run_child(library, file, fd);
    }
    int status;
    struct artifact_file records;
    if (wait_for(&status, child, err) < 0 || judge(status, file->len, err) < 0 ||
        map_records(&records, out, fd, err) < 0)
        return -1;
    return records_read(out, prefix, file, &records, err);
}
