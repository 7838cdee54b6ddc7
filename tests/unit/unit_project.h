// SPDX-License-Identifier: Apache-2.0
//
// Real projects in temporary folders, real git, real runs: what the tests of the engine share. The tests include
// "unit_files.h" with it; the project's folder is the current one.
#ifndef REPRO_TESTS_UNIT_PROJECT_H
#define REPRO_TESTS_UNIT_PROJECT_H

#include "core/result.h"
#include "engine/session.h"
#include "unit_files.h"

// Runs a shell script with nobody's git configuration, as Ada, with dates that go up by a minute a commit.
static inline void sh(const char *script)
{
    CLEANUP(free) char *quoted = str_shell_quote(script);
    CLEANUP(free)
    char *command = str_printf(
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@localhost "
        "GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@localhost;"
        "git() { command git -c init.defaultBranch=main -c protocol.file.allow=always -c advice.detachedHead=false"
        " -c core.hooksPath=/dev/null \"$@\"; };"
        "commit() { now=$((1600000000 + 60 * $(git rev-list --all --count))); git add -A;"
        " GIT_AUTHOR_DATE=\"$now +0000\" GIT_COMMITTER_DATE=\"$now +0000\" git commit -q --allow-empty -m \"$1\"; };"
        "set -e; eval %s",
        quoted);
    ck_assert_msg(system(command) == 0, "%s", script);
}

static inline char *output_of(const char *script)
{
    CLEANUP(free) char *command = str_printf("{ %s; } > ../.output", script);
    CLEANUP(buf) struct buf text = {0};
    struct error err = {0};
    sh(command);
    ck_ok(fs_read(&text, "../.output", 0, &err), &err);
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    return buf_take(&text);
}

// The current folder becomes FOLDER/project; the test calls leave_folder(FOLDER).
static inline char *enter_project(void)
{
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1); // git's library reads it, too
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    char *folder = enter_folder();
    ck_assert_int_eq(mkdir("project", 0755), 0);
    ck_assert_int_eq(chdir("project"), 0);
    return folder;
}

// A suite `sums` in shell: reads numbers.txt and factor.json; writes model.txt, metrics.json and history.csv.
// `rest` is put behind its last key.
static inline void put_sums(const char *rest)
{
    put("train.sh",
        "set -eu\n"
        "factor=$(sed -n 's/.*\"factor\": *\\([0-9.]*\\).*/\\1/p' factor.json)\n"
        "awk -v f=\"$factor\" 'BEGIN { print \"step,loss\" > \"history.csv\" }\n"
        "{ s += $1 * f; print s > \"model.txt\"; printf \"%d,%.6f\\n\", NR, 1 / (1 + s) > \"history.csv\" }\n"
        "END { printf \"{\\\"total\\\": %.6f}\\n\", s > \"metrics.json\" }' numbers.txt\n");
    put("numbers.txt", "1\n2\n3\n");
    put("factor.json", "{\"factor\": 1.5}\n");
    CLEANUP(free)
    char *text = str_printf(
        "{\"suite\": \"sums\", \"class\": \"any\",\n"
        "\"train\": {\"command\": [\"sh\", \"train.sh\"], \"timeout\": \"30s\"},\n"
        "\"inputs\": {\"code\": [\"train.sh\"], \"data\": [\"numbers.txt\"], \"settings\": [\"factor.json\"]},\n"
        "\"artifacts\": {\"model.txt\": {}},\n"
        "\"metrics\": {\"from\": [\"metrics.json\"], \"tolerance\": {\"total\": {\"abs\": 0.01}},\n"
        "\"series\": {\"history.csv\": {\"x\": \"step\"}}}%s}\n",
        rest);
    put("suites/sums/suite.json", text);
}

// Replaces the first occurrence of `from` in a file.
static inline void edit(const char *path, const char *from, const char *to)
{
    CLEANUP(buf) struct buf text = {0};
    struct error err = {0};
    ck_ok(fs_read(&text, path, 0, &err), &err);
    const char *at = strstr(buf_text(&text), from);
    ck_assert_msg(at != NULL, "'%s' is not in %s", from, path);
    CLEANUP(free)
    char *edited = str_printf("%.*s%s%s", (int)(at - buf_text(&text)), buf_text(&text), to, at + strlen(from));
    put(path, edited);
}

// A session in the current folder. Without namespaces, mounts and (unless asked for) a trace, so that tests say the
// same on every machine.
static inline struct session *open_session(struct session_options options)
{
    static char path[4096];
    static char *variables[] = {path, NULL};
    struct session *session = NULL;
    struct error err = {0};
    snprintf(path, sizeof path, "PATH=%s", getenv("PATH"));
    options.folder = ".";
    options.isolation = ISOLATION_NONE;
    options.workspace = WORKSPACE_COPY;
    options.trace = options.trace ? options.trace : TRACE_OFF;
    options.stop_fd = options.stop_fd ? options.stop_fd : -1;
    options.echo_fd = -1;
    options.environ = options.environ ? options.environ : variables;
    ck_ok(session_open(&session, &options, &err), &err);
    ck_ok(session_prepare_runs(session, &err), &err);
    return session;
}

static inline const struct check *find_check(const struct result *result, enum stage stage, const char *name)
{
    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];
        if (check->stage == stage && str_equal(check->name, name))
            return check;
    }
    return NULL;
}

// Asserts that the check is there with this verdict, and that its reason contains `part`.
static inline const struct check *expect_check(const struct result *result, enum stage stage, const char *name,
                                               enum verdict verdict, const char *part)
{
    const struct check *check = find_check(result, stage, name);
    ck_assert_msg(check != NULL, "there is no check %s %s", stage_name(stage), name);
    const char *reason = check->reason ? check->reason : "";
    ck_assert_msg(check->verdict == verdict, "%s %s: %s: %s", stage_name(stage), name, verdict_name(check->verdict),
                  reason);
    ck_assert_msg(strstr(reason, part) != NULL, "%s %s: expected '%s' in '%s'", stage_name(stage), name, part, reason);
    return check;
}

static inline void expect_note(const struct check *check, enum note_level level, const char *part)
{
    for (size_t i = 0; i < check->note_count; i++) {
        if (check->notes[i].level == level && strstr(check->notes[i].text, part))
            return;
    }
    ck_abort_msg("%s has no such note: %s%s", check->name, part, check->note_count ? check->notes[0].text : "");
}

#endif
