// SPDX-License-Identifier: Apache-2.0
#include "engine/rollback.h"

#include "base/fs.h"
#include "engine/into.h"
#include "engine/replay.h"
#include "engine/status.h"
#include "engine/user.h"
#include "engine/verify.h"
#include "engine/way_back.h"
#include "run/facts.h"
#include "store/golden.h"
#include "store/repository.h"

#define LOCK_SECONDS 600.0

// One way back that is being gone.
struct rolling {
    struct session *session;
    const char *suite;
    const struct rollback_request *request;
    struct result *result;
    struct way_back way;
};

static struct check *add_check(const struct rolling *rolling, const char *name, enum verdict verdict)
{
    return result_add(rolling->result, rolling->suite, STAGE_ROLLBACK, name, verdict);
}

static int find_class(char **out, const struct rolling *rolling, struct error *err)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(pairs) struct pairs facts = {0};
    if (suite_load(&suite, rolling->session->project->root, rolling->suite, err) < 0 ||
        facts_collect(&facts, suite, rolling->session->options.environ, err) < 0)
        return -1;
    return facts_class(out, suite, &facts, err);
}

static int find_way(struct rolling *rolling, struct error *err)
{
    CLEANUP(free) char *mine = NULL;
    struct way_back *way = &rolling->way;
    if (find_class(&mine, rolling, err) < 0 ||
        way_back_find(way, rolling->session->project->root, rolling->suite, mine, rolling->request->to, err) < 0)
        return -1;
    if (way->to || way->arrived)
        return 0;
    if (way->kept.unreadable.count > 0)
        return error_set(err, ERROR_USAGE, "nothing to go back to: %s", way->kept.unreadable.items[0]);
    return error_set(err, ERROR_USAGE,
                     "nothing to go back to: golden %s/%s keeps no earlier one (record keeps those that it replaces, "
                     "as many as \"keep\" in suite.json says)",
                     rolling->suite, way->class_name);
}

// The lock is held: nobody else goes back, but somebody may have recorded.
static int check_current(const struct rolling *rolling, struct error *err)
{
    CLEANUP(manifest) struct manifest *now = NULL;
    struct digest identity;
    const struct way_back *way = &rolling->way;
    if (golden_load(&now, rolling->session->project->root, rolling->suite, way->class_name, err) < 0 ||
        (now && golden_identity(&identity, now, err) < 0))
        return -1;
    if (now && digest_equal(&identity, &way->identity))
        return 0;
    return error_set(err, ERROR_USAGE, "golden %s/%s has changed meanwhile; look at it with: repro log %s",
                     rolling->suite, way->class_name, rolling->suite);
}

static int switch_folder(const struct rolling *rolling, struct error *err)
{
    const char *folder = rolling->request->into;
    const struct way_back *way = &rolling->way;
    const struct manifest *manifest = way->arrived ? way->current : way->to->manifest;
    CLEANUP(into) struct into *into = NULL;
    if (!folder)
        return 0;
    session_phase(rolling->session, rolling->suite, "unpacking", 0);
    if (into_prepare(&into, rolling->session->project->root, manifest, folder, err) < 0)
        return -1;
    bool moves = into_moves(into);
    if (into_switch(into, err) < 0)
        return -1;
    CLEANUP(free) char *files = str_count(manifest->artifacts.count, "file");
    struct check *check = add_check(rolling, "folder", VERDICT_PASS);
    if (moves)
        check_reason(check, "'%s' holds the artifacts (%s); what was there is '%s.previous'", folder, files, folder);
    else
        check_reason(check, "'%s' holds the artifacts already (%s)", folder, files);
    return 0;
}

static char *who(const struct rolling *rolling)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(error) struct error ignored = {0};
    if (rolling->request->by)
        return str_dup(rolling->request->by);
    if (repository_open(&repository, rolling->session->project->root, &ignored) < 0)
        return user_name(NULL);
    return user_name(repository);
}

// The golden went back, the work tree did not: whoever verifies next should not hear of it from a failing check alone.
static void note_inputs(const struct rolling *rolling, struct check *check)
{
    const char *root = rolling->session->project->root;
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *now = manifest_new();
    CLEANUP(strings) struct strings moved = {0};
    CLEANUP(error) struct error ignored = {0};
    if (suite_load(&suite, root, rolling->suite, &ignored) < 0)
        return;
    now->suite = str_dup(rolling->suite);
    replay_command(now, suite);
    if (replay_inputs(now, rolling->session, suite, root, &ignored) < 0)
        return;
    status_compare(&moved, rolling->way.to->manifest, now);
    if (moved.count > 0)
        check_note(check, NOTE_WARNING,
                   "%s: the work tree is not what this golden was made from (%s%s): verify says so until that is put "
                   "back, as with git checkout; repro status %s lists it",
                   rolling->suite, moved.items[0], moved.count > 1 ? ", …" : "", rolling->suite);
}

static int switch_golden(const struct rolling *rolling, struct error *err)
{
    const struct way_back *way = &rolling->way;
    if (way->arrived) {
        CLEANUP(free) char *name = way_back_name(&way->identity, way->current);
        check_reason(add_check(rolling, "golden", VERDICT_PASS), "%s/%s is %s already", rolling->suite, way->class_name,
                     name);
        return 0;
    }
    CLEANUP(free) char *by = who(rolling);
    struct golden_switch wanted = {
        .from = &way->identity, .to = &way->to->identity, .reason = rolling->request->reason, .by = by};
    if (golden_switch(rolling->session->project->root, rolling->suite, way->class_name, &wanted, err) < 0)
        return rolling->request->into
                   ? error_context(err, "'%s' is switched, the golden is not", rolling->request->into)
                   : -1;
    session_remember(rolling->session, "verdict", rolling->suite, NULL); // it was about another golden
    CLEANUP(free) char *to = way_back_name(&way->to->identity, way->to->manifest);
    CLEANUP(free) char *from = way_back_name(&way->identity, way->current);
    struct check *check = add_check(rolling, "golden", VERDICT_PASS);
    check_reason(check, "%s/%s is %s again, instead of %s", rolling->suite, way->class_name, to, from);
    char hex[65];
    digest_hex(hex, &way->identity);
    if (wanted.kept)
        check_note(check, NOTE_NOTICE, "forward again with: repro rollback %s --to %.12s", rolling->suite, hex);
    else
        check_note(check, NOTE_WARNING, "%s: %s is not kept: its bundle is damaged or missing", rolling->suite, from);
    note_inputs(rolling, check);
    for (size_t i = 0; i < way->kept.unreadable.count; i++)
        check_note(check, NOTE_WARNING, "%s: a kept golden cannot be read: %s", rolling->suite,
                   way->kept.unreadable.items[i]);
    return 0;
}

// The folder first: whoever is killed in between, and goes back once more, arrives where he wanted to.
static int roll_back(struct rolling *rolling, struct error *err)
{
    CLEANUP(free) char *path = NULL;
    CLEANUP(fd) int lock = -1;
    CLEANUP(error) struct error early = {0};
    // "The one before" is settled before waiting for others: two that mean it do not go back twice.
    bool settled = !rolling->request->to && find_way(rolling, &early) == 0;
    if (!settled)
        way_back_free(&rolling->way);
    if (project_private(&path, rolling->session->project->root, "rollback.lock", err) < 0 ||
        fs_lock(&lock, path, LOCK_SECONDS, err) < 0 || (!settled && find_way(rolling, err) < 0) ||
        check_current(rolling, err) < 0)
        return -1;
    return switch_folder(rolling, err) < 0 ? -1 : switch_golden(rolling, err);
}

bool rollback_suite(struct session *session, const char *suite, const struct rollback_request *request,
                    struct result *result)
{
    CLEANUP(error) struct error err = {0};
    struct rolling rolling = {.session = session, .suite = suite, .request = request, .result = result};
    bool done = roll_back(&rolling, &err) == 0;
    if (!done)
        result_add_error(result, suite, STAGE_ROLLBACK, "golden", &err);
    way_back_free(&rolling.way);
    return done;
}

static void rehearse(struct verification *v)
{
    stage_rollback(v);
    verification_ran(v, STAGE_ROLLBACK);
}

static void drill(struct session *session, const char *name, struct result *result, void *context)
{
    struct verification v = {.session = session, .result = result, .rollback = context};
    verification_of(&v, name, rehearse);
}

static void roll(struct session *session, const char *name, struct result *result, void *context)
{
    rollback_suite(session, name, context, result);
}

void rollback_suites(struct session *session, const struct strings *names, const struct rollback_request *request,
                     struct result *result)
{
    if (!request->drill && names->count > 1) { // a pattern that matches more than was meant
        CLEANUP(error) struct error err = {0};
        error_set(&err, ERROR_USAGE, "only one suite goes back at a time: %s, or one of %zu others", names->items[0],
                  names->count - 1);
        result_add_error(result, "", STAGE_DOCUMENT, "NAME", &err);
        return;
    }
    session_each(session, names, result, request->drill ? drill : roll, (void *)(uintptr_t)request);
    result_sort(result);
}
