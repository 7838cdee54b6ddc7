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

// The merge commit that GitHub makes of a pull request and checks out unless it is asked for something else. Its first
// parent is the base, and with fetch-depth 2 that is in the clone. Of any other commit the first parent is merely the
// commit before.
static bool is_github_merge(const struct session *session, struct repository *repository)
{
    const char *event = variable(session, "GITHUB_EVENT_NAME"), *made = variable(session, "GITHUB_SHA");
    if (!str_equal(event, "pull_request") && !str_equal(event, "merge_group"))
        return false;
    CLEANUP(git_facts) struct git_facts facts = {0};
    CLEANUP(free) char *ignored = NULL;
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *second = merge_base(&ignored, repository, "HEAD^2");
    return repository_head(&facts, repository, &err) == 0 && second && (!made || str_equal(made, facts.commit));
}

static char *pull_request_base(char **why, const struct session *session, struct repository *repository)
{
    const char *target = variable(session, "GITHUB_BASE_REF");
    char *commit = NULL;
    if (is_github_merge(session, repository))
        commit = merge_base(why, repository, "HEAD^1");
    if (!commit && target) {
        CLEANUP(free) char *remote = str_printf("origin/%s", target);
        commit = merge_base(why, repository, remote);
    }
    if (!commit) {
        free(*why);
        *why = str_printf("the base branch%s%s is not in this clone; give actions/checkout `fetch-depth: 2` (or 0)",
                          target ? " " : "", target ? target : "");
    }
    return commit;
}

// HEAD alone: what is not committed yet is seen, what the branch has committed is not.
static int measure_against_head(char **out, char **why, struct repository *repository, struct error *err)
{
    CLEANUP(git_facts) struct git_facts facts = {0};
    if (repository_head(&facts, repository, err) < 0)
        return -1;
    *out = steal(&facts.commit);
    free(*why);
    *why = !*out ? str_dup("there is no commit yet")
           : facts.shallow
               ? str_dup("no base branch is in this clone, which is shallow, so only changes that are not "
                         "committed are seen; give actions/checkout `fetch-depth: 0`, or name one with --base")
               : NULL;
    return 0;
}

int base_branch(char **out, char **why, const struct session *session, struct repository *repository, struct error *err)
{
    static const char *const candidates[] = {"origin/HEAD", "origin/main", "origin/master"};
    *out = *why = NULL;
    if (session->options.base) {
        *out = merge_base(why, repository, session->options.base);
        return *out ? 0 : error_set(err, ERROR_USAGE, "--base: %s", *why ? *why : "no such revision");
    }
    if (variable(session, "GITHUB_BASE_REF") || str_equal(variable(session, "GITHUB_EVENT_NAME"), "merge_group")) {
        *out = pull_request_base(why, session, repository);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(candidates) && !*out; i++)
        *out = merge_base(why, repository, candidates[i]);
    if (!*out)
        return measure_against_head(out, why, repository, err);
    free(steal(why));
    return 0;
}
