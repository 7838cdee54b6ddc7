// SPDX-License-Identifier: Apache-2.0
//
// The files of a log that is rotated: FILE, and beside it FILE.1, FILE.2.gz, … (the larger the older) or FILE-20261123,
// FILE.2026-11-23.gz, … (older than the numbered ones). All of them are open before the first is read, so that a
// rotation meanwhile loses nothing, and as long as they were then: what is written later belongs to the next look.
#ifndef REPRO_DRIFT_LOG_FILES_H
#define REPRO_DRIFT_LOG_FILES_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

#define LOG_FILES_MOST 200 // the newest ones are read

struct log_file {
    char *name; // without its folder
    int fd;
    uint64_t size; // when it was opened
};
struct log_files {
    struct log_file *items; // oldest first
    size_t count, capacity;
    size_t left_out; // older ones than LOG_FILES_MOST
};

// `folder` NULL: `path` is any path, links are followed. Else `path` is relative and beneath the folder, where others
// write: no link in it is followed. ERROR_USAGE where there is no such file, or it is none that can be read.
int log_files_open(struct log_files *out, const char *folder, const char *path, struct error *err);
void log_files_free(struct log_files *files);
DEFINE_CLEANUP_VALUE(log_files)

#endif
