// SPDX-License-Identifier: Apache-2.0
//
// What the unit tests share: a main made from one list of test functions, and folders of their own.
//
//     // Links: repro_base
//     #include "unit.h"
//     START_TEST(two_and_two_are_four) { ck_assert_int_eq(2 + 2, 4); } END_TEST
//     UNIT_MAIN("sums", two_and_two_are_four)
#ifndef REPRO_TESTS_UNIT_H
#define REPRO_TESTS_UNIT_H

#include "base/err.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Asserts that a call gave 0, and says the error's text when it did not.
#define ck_ok(call, err)                                                                                               \
    do {                                                                                                               \
        if ((call) != 0) {                                                                                             \
            char *text_ = error_text(err);                                                                             \
            ck_abort_msg("%s: %s", #call, text_);                                                                      \
        }                                                                                                              \
    } while (0)

// Asserts that the error's text contains `part`.
#define ck_error_has(err, part)                                                                                        \
    do {                                                                                                               \
        char *text_ = error_text(err);                                                                                 \
        ck_assert_msg(strstr(text_, part) != NULL, "expected '%s' in '%s'", part, text_);                              \
        free(text_);                                                                                                   \
    } while (0)

// A new empty folder below TMPDIR (or /tmp); the test removes it. The caller frees the path.
static inline char *unit_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/repro-unit-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return strdup(path);
}

static inline int unit_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(name, ...)                                                                                           \
    int main(void)                                                                                                     \
    {                                                                                                                  \
        const TTest *const tests[] = {__VA_ARGS__};                                                                    \
        return unit_run(name, tests, sizeof tests / sizeof tests[0]);                                                  \
    }

#endif
