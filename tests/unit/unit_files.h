// SPDX-License-Identifier: Apache-2.0
//
// What the tests of files share.
#ifndef REPRO_TESTS_UNIT_FILES_H
#define REPRO_TESTS_UNIT_FILES_H

#include "base/fs.h"
#include "unit.h"

#include <dirent.h>

// Each test works in a folder of its own, which is the current one while it runs.
static inline char *enter_folder(void)
{
    char *folder = unit_folder();
    ck_assert_int_eq(chdir(folder), 0);
    return folder;
}

static inline void leave_folder(char *folder)
{
    struct error err = {0};
    ck_assert_int_eq(chdir("/"), 0);
    ck_ok(fs_remove_tree(folder, &err), &err);
    ck_assert_int_eq(access(folder, F_OK), -1);
    free(folder);
}

// Missing folders are made. Not synced: under load, that takes longer than all the tests together.
static inline void put(const char *path, const char *text)
{
    struct error err = {0};
    CLEANUP(free) char *folder = fs_dirname(path);
    ck_ok(fs_mkdirs(folder, &err), &err);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void expect_file(const char *path, const char *text)
{
    struct error err = {0};
    CLEANUP(buf) struct buf found = {0};
    ck_ok(fs_read(&found, path, 0, &err), &err);
    ck_assert_str_eq(buf_text(&found), text);
}

static inline void expect_error(struct error *err, enum error_kind kind, const char *part)
{
    ck_assert_int_eq(err->kind, kind);
    ck_error_has(err, part);
    error_free(err);
}

static inline size_t count_entries(const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    size_t count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

#endif
