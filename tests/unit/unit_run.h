// SPDX-License-Identifier: Apache-2.0
//
// What the tests of harness/run share: they hold for root and for a normal user, and write whole trees of files.
#ifndef REPRO_TESTS_UNIT_RUN_H
#define REPRO_TESTS_UNIT_RUN_H

#include "base/fs.h"
#include "unit.h"

#include <sys/wait.h>

// Writes a file below `folder`, with the folders that lead to it.
static inline void put(const char *folder, const char *name, const char *text)
{
    struct error err = {0};
    char *path = fs_join(folder, name), *parent = fs_dirname(path);
    ck_ok(fs_mkdirs(parent, &err), &err);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(parent);
    free(path);
}

// Runs the tests; as root, first as a normal user, too.
static inline int unit_run_as_both(const char *name, const TTest *const *tests, size_t count)
{
    int status = 0;
    if (geteuid() == 0) {
        fflush(NULL);
        pid_t user = fork();
        if (user == 0)
            _exit(setgid(65534) != 0 || setuid(65534) != 0 ? 77 : unit_run_as_both(name, tests, count));
        waitpid(user, &status, 0);
    }
    CLEANUP(free) char *label = str_printf("%s as %s", name, geteuid() == 0 ? "root" : "a normal user");
    int failed = unit_run(label, tests, count);
    return failed || status ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN_AS_BOTH(name, ...)                                                                                   \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                                                    \
        return unit_run_as_both(name, tests, sizeof tests / sizeof tests[0]);                                          \
    }

#endif
