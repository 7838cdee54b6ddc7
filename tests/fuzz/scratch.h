// SPDX-License-Identifier: Apache-2.0
//
// For targets whose reader wants a file: the input as one, in a folder that goes when the target ends.
#ifndef REPRO_FUZZ_SCRATCH_H
#define REPRO_FUZZ_SCRATCH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[64], scratch_path[96];

static inline void scratch_remove(void)
{
    unlink(scratch_path);
    rmdir(scratch_folder);
}

// Not assert: it is to hold in every build.
static inline void must(bool holds)
{
    if (!holds)
        abort();
}

// The path of a file `name` (the same at each call) that holds the input.
static inline const char *scratch_file(const char *name, const uint8_t *data, size_t size)
{
    if (!*scratch_folder) {
        const char *tmp = getenv("TMPDIR");
        snprintf(scratch_folder, sizeof scratch_folder, "%s/repro-fuzz-XXXXXX",
                 tmp && *tmp && strlen(tmp) < 40 ? tmp : "/tmp");
        must(mkdtemp(scratch_folder) != NULL);
        snprintf(scratch_path, sizeof scratch_path, "%s/%s", scratch_folder, name);
        atexit(scratch_remove);
    }
    int fd = open(scratch_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    return scratch_path;
}

#endif
