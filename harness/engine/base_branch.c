// SPDX-License-Identifier: Apache-2.0
#include "engine/base_branch.h"

#include <string.h>

static const char *variable(const struct session *session, const char *name)
{
    size_t length = strlen(name);
    for (char *const *entry = session->options.environ; entry && *entry; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=' && (*entry)[length + 1] != '\0')
            return *entry + length + 1;
    }
    return NULL;
}

// A revision that this clone does not have gives NULL and its reason, not an error.
static char *merge_base(char **why, struct repository *repository, const char *revision)
{
    char *commit = NULL;
    struct error err = {0};
    if (repository_merge_base(&commit, repository, revision, &err) < 0 || !commit) {
        free(*why);
        *why = err.kind ? error_text(&err) : str_printf("'%s' and HEAD have no common commit in this clone", revision);
    }
    error_free(&err);
    return commit;
}

static char *pull_request_base(char **why, const struct session *session, struct repository *repository)
{
    // A pull request is checked out as a merge commit whose first parent is the base; with fetch-depth 2 it is in the
    // clone.
    const char *event = variable(session, "GITHUB_EVENT_NAME");
    const char *target = variable(session, "GITHUB_BASE_REF");
    char *commit = NULL;
    if (target) {
        CLEANUP(free) char *remote = str_printf("origin/%s", target);
        commit = merge_base(why, repository, remote);
    }
    if (!commit && event && str_starts(event, "pull_request"))
        commit = merge_base(why, repository, "HEAD^1");
    if (!commit) {
        free(*why);
        *why = str_printf("the base branch%s%s is not in this clone; give actions/checkout `fetch-depth: 2` (or 0)",
                          target ? " " : "", target ? target : "");
    }
    return commit;
}

int base_branch(char **out, char **why, const struct session *session, struct repository *repository, struct error *err)
{
    *out = *why = NULL;
    if (session->options.base) {
        *out = merge_base(why, repository, session->options.base);
        return *out ? 0 : error_set(err, ERROR_USAGE, "--base: %s", *why ? *why : "no such revision");
    }
    if (variable(session, "GITHUB_BASE_REF")) {
        *out = pull_request_base(why, session, repository);
        return 0;
    }
    static const char *const candidates[] = {"origin/HEAD", "origin/main", "origin/master", "HEAD"};
    for (size_t i = 0; i < ARRAY_LEN(candidates) && !*out; i++)
        *out = merge_base(why, repository, candidates[i]);
    free(*why);
    *why = *out ? NULL : str_dup("there is no commit yet");
    return 0;
}
