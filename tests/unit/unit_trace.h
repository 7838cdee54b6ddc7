// SPDX-License-Identifier: Apache-2.0
//
// One traced process tree, started in a folder of its own.
#ifndef REPRO_TESTS_UNIT_TRACE_H
#define REPRO_TESTS_UNIT_TRACE_H

#include "unit_run.h"

#include "base/buf.h"
#include "run/process.h"
#include "run/trace.h"

struct trial {
    char *folder, *out, *errors;
    enum trace_level level;
    struct process_result result;
    struct trace_log log;
    struct error err;
};

static inline struct trial trial_new(void)
{
    struct error err = {0};
    char *folder = unit_folder();
    struct trial t = {.level = TRACE_FILES};
    ck_ok(fs_realpath(&t.folder, folder, &err), &err);
    free(folder);
    t.out = fs_join(t.folder, "stdout.log");
    t.errors = fs_join(t.folder, "stderr.log");
    return t;
}

// The reason why there is nothing to test here is said once a test.
static inline bool is_missing(void)
{
    struct trace_ability ability = {0};
    struct error err = {0};
    ck_ok(trace_probe(&ability, &err), &err);
    bool missing = !ability.available;
    if (missing)
        fprintf(stderr, "skipped: %s\n", ability.why_not);
    trace_ability_free(&ability);
    return missing;
}

static inline void trial_run(struct trial *t, const struct strings *argv)
{
    struct pairs env = {0};
    pairs_set(&env, "PATH", "/usr/local/bin:/usr/bin:/bin");
    struct trace *trace = NULL;
    ck_ok(trace_new(&trace, t->level, &t->err), &t->err);
    struct process_options options = {.argv = argv,
                                      .env = &env,
                                      .directory = t->folder,
                                      .timeout = 30,
                                      .stop_fd = -1,
                                      .echo_fd = -1,
                                      .stdout_path = t->out,
                                      .stderr_path = t->errors,
                                      .trace = trace};
    ck_ok(process_run(&t->result, &options, &t->err), &t->err);
    trace_finish(&t->log, trace);
    trace_free(trace);
    pairs_free(&env);
}

static inline void trial_shell(struct trial *t, const char *script)
{
    struct strings argv = {0};
    strings_add(&argv, "sh");
    strings_add(&argv, "-c");
    strings_add(&argv, script);
    trial_run(t, &argv);
    strings_free(&argv);
}

static inline void trial_end(struct trial *t)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(t->folder, &err), &err);
    process_result_free(&t->result);
    trace_log_free(&t->log);
    error_free(&t->err);
    free(t->folder);
    free(t->out);
    free(t->errors);
}

static inline const struct trace_file *entry(const struct trial *t, const char *name)
{
    char *path = fs_join(t->folder, name);
    const struct trace_file *file = trace_log_find(&t->log, path);
    free(path);
    return file;
}

// TRACE_OWN and all; 0 when it was not seen.
static inline unsigned flags(const struct trial *t, const char *name)
{
    const struct trace_file *file = entry(t, name);
    return file ? file->flags : 0;
}

static inline void ck_flags(const struct trial *t, const char *name, unsigned expected)
{
    ck_assert_msg(flags(t, name) == expected, "%s: expected %#x, got %#x", name, expected, flags(t, name));
}

static inline void ck_whole(const struct trial *t)
{
    ck_assert_msg(t->log.unresolved == 0, "%ju unresolved: %s", (uintmax_t)t->log.unresolved,
                  t->log.unresolved_why.count ? t->log.unresolved_why.items[0] : "?");
    ck_assert(!t->log.cut);
    ck_assert_uint_eq(t->log.foreign, 0);
}

static inline uint64_t starts(const struct trial *t, const char *path)
{
    struct error err = {0};
    char *real = NULL;
    ck_ok(fs_realpath(&real, path, &err), &err);
    uint64_t count = 0;
    for (size_t i = 0; i < t->log.program_count; i++)
        if (strcmp(t->log.programs[i].path, real) == 0)
            count = t->log.programs[i].starts;
    free(real);
    return count;
}

#endif
