// SPDX-License-Identifier: Apache-2.0
//
// What the tests of verify and record share: the verbs on the suite `sums`.
#ifndef REPRO_TESTS_UNIT_VERIFY_H
#define REPRO_TESTS_UNIT_VERIFY_H

#include "engine/record.h"
#include "engine/verify.h"
#include "store/golden.h"
#include "unit_project.h"

static inline struct result *run_verb(struct session_options options, bool record, const char *reason)
{
    CLEANUP(session) struct session *session = open_session(options);
    struct result *result = result_new(record ? "repro record" : "repro verify");
    if (record)
        record_suites(session, &session->project->suites, reason, result);
    else
        verify_suites(session, &session->project->suites, result);
    return result;
}

static inline struct result *verify(void)
{
    return run_verb((struct session_options){0}, false, NULL);
}

static inline struct result *verify_only(enum stage stage)
{
    return run_verb((struct session_options){.only = 1u << stage}, false, NULL);
}

static inline void record(const char *reason)
{
    CLEANUP(result) struct result *result = run_verb((struct session_options){0}, true, reason);
    ck_assert_int_eq(result_exit_status(result), 0);
}

static inline void expect_status(const struct result *result, int status)
{
    int found = result_exit_status(result);
    if (found == status)
        return;
    for (size_t i = 0; i < result->check_count; i++)
        printf("%s %s: %s: %s\n", stage_name(result->checks[i].stage), result->checks[i].name,
               verdict_name(result->checks[i].verdict), result->checks[i].reason);
    ck_abort_msg("exit status %d, expected %d", found, status);
}

// A project with the suite `sums` (with `rest` behind its last key) and its golden.
static inline char *enter_recorded(const char *rest)
{
    char *folder = enter_project();
    put_sums(rest);
    record(NULL);
    return folder;
}

// Goldens of classes that no machine is of. The suite's own class is whatever this machine computes.
static inline void record_for_class(const char *class_name, const char *factor)
{
    CLEANUP(free) char *factors = str_printf("{\"factor\": %s}\n", factor);
    CLEANUP(free)
    char *move =
        str_printf("mine=$(ls golden/sums | grep -v '^zz' || true); mv golden/sums/$mine golden/sums/%s;"
                   "sed -i \"s/\\\"class\\\": \\\"$mine\\\"/\\\"class\\\": \\\"%s\\\"/\" golden/sums/%s/manifest.json",
                   class_name, class_name, class_name);
    put("factor.json", factors);
    record("made");
    sh(move);
}

static inline void use_classes(void)
{
    put_sums("");
    edit("suites/sums/suite.json", "\"class\": \"any\",", "");
}

#endif
