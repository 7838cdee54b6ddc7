// SPDX-License-Identifier: Apache-2.0
//
// The checks that a traced run makes possible: inputs that suite.json does not declare, the network, and what computed.
#include "base/fs.h"
#include "engine/guess.h"
#include "engine/model.h"
#include "engine/moved.h"
#include "engine/verify.h"

// The key of "inputs" below which a file would be declared.
static const char *group_of(const struct verification *v, const char *path)
{
    CLEANUP(free) char *file = fs_join(v->session->project->root, path);
    struct stat st;
    switch (guess_input(path, stat(file, &st) == 0 ? (uint64_t)st.st_size : 0)) {
    case INPUT_CODE:
        return "code";
    case INPUT_SETTINGS:
        return "settings";
    default:
        return "data";
    }
}

// The lines to add to suite.json, one for each key that lacks some.
static void add_remedy(struct check *check, const struct verification *v, const struct strings *undeclared)
{
    static const char *const groups[] = {"code", "data", "settings"};
    check_detail(check, "add to \"inputs\" in %s:\n", v->suite->path);
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        CLEANUP(strings) struct strings words = {0};
        for (size_t i = 0; i < undeclared->count; i++) {
            if (str_equal(group_of(v, undeclared->items[i]), groups[g]))
                strings_printf(&words, "\"%s\"", undeclared->items[i]);
        }
        CLEANUP(free) char *list = strings_join(&words, ", ");
        if (words.count > 0)
            check_detail(check, "  \"%s\": [%s]\n", groups[g], list);
    }
}

// The checks of `inputs` alone need no training, these do.
static struct check *check_traced(struct verification *v, const char *name, enum verdict verdict)
{
    struct check *check = verification_check(v, STAGE_INPUTS, name, verdict);
    if (verdict == VERDICT_FAIL) {
        check->file = str_dup(v->suite->path);
        if (!v->recording) {
            free(check->repeat);
            check->repeat = str_printf("repro verify %s --only inputs,replay", v->suite->name);
        }
    }
    return check;
}

// A golden that goes back without what asks its model is asked by the predictor of today.
static void note_predictors(struct check *check, const struct verification *v)
{
    const struct suite *suite = v->suite;
    const struct manifest *now = v->replay->manifest;
    const char *source = replay_source(v->replay, v->session);
    CLEANUP(strings) struct strings named = {0}, unheld = {0};
    model_named_files(&named, suite, &suite->model.stream, source);
    model_named_files(&named, suite, &suite->model.batch, source);
    model_named_files(&named, suite, &suite->model.api.command, source);
    model_named_files(&named, suite, &suite->fallback, source);
    for (size_t i = 0; i < named.count; i++)
        if (!manifest_has_input(now, named.items[i]) && !file_list_find(&now->artifacts, named.items[i]))
            strings_add(&unheld, named.items[i]);
    if (unheld.count > 0)
        check_note(check, NOTE_NOTICE, "%s: the model is asked by %s%s, which golden does not hold; add to inputs.code",
                   suite->name, unheld.items[0], unheld.count > 1 ? ", …" : "");
}

static void add_notes(struct check *check, const struct verification *v)
{
    const struct traced *traced = &v->replay->traced;
    if (traced->unread.count > 0)
        check_note(check, NOTE_NOTICE, "%s: declared, but never read: %s%s", v->suite->name, traced->unread.items[0],
                   traced->unread.count > 1 ? ", …" : "");
    note_predictors(check, v);
    if (v->replay->run->trace.refused_io_uring)
        check_note(check, NOTE_NOTICE, "%s: io_uring was refused to the run, for it cannot be traced", v->suite->name);
}

static void check_undeclared(struct verification *v)
{
    const struct traced *traced = &v->replay->traced;
    const struct strings *inside = &traced->undeclared, *outside = &traced->outside;
    size_t count = inside->count + outside->count;
    enum verdict verdict = count > 0 ? VERDICT_FAIL : traced->why ? VERDICT_SKIP : VERDICT_PASS;
    struct check *check = check_traced(v, "undeclared", verdict);
    if (count > 0) {
        CLEANUP(free) char *files = str_count(count, "file");
        check_reason(check, "training reads %s that suite.json does not declare: %s%s", files,
                     inside->count > 0 ? inside->items[0] : outside->items[0], count > 1 ? ", …" : "");
        verification_lines(check, inside);
        verification_lines(check, outside);
        if (inside->count > 0)
            add_remedy(check, v, inside);
        if (outside->count > 0)
            check_detail(check, "declare what lies outside the project, as in: \"external\": {\"NAME\": \"%s\"}\n",
                         outside->items[0]);
    } else if (traced->why) {
        check_reason(check, "not known: %s", traced->why);
    } else {
        check_reason(check, "training reads no file that suite.json does not declare");
    }
    if (count > 0 && traced->why)
        check_detail(check, "there may be more: %s\n", traced->why);
    add_notes(check, v);
}

static void describe_contacts(struct check *check, const struct trace_log *log)
{
    for (size_t i = 0; i < log->contact_count; i++) {
        const struct trace_contact *contact = &log->contacts[i];
        CLEANUP(free) char *times = str_count(contact->times, "time");
        check_detail(check, "%s: %s to %s, %s\n", contact->program, contact->call, contact->address, times);
    }
}

static void check_network(struct verification *v)
{
    const struct run *run = v->replay->run;
    if (!run->traced)
        return;
    bool allowed = v->suite->train.network, tried = run->trace.contact_count > 0;
    struct check *check = check_traced(v, "network", tried && !allowed ? VERDICT_FAIL : VERDICT_PASS);
    if (!tried) {
        check_reason(check, "training does not try to reach the network");
        return;
    }
    const struct trace_contact *first = &run->trace.contacts[0];
    check_reason(check, "training %s the network: %s to %s by %s%s", allowed ? "uses" : "tries to reach", first->call,
                 first->address, first->program, run->trace.contact_count > 1 ? ", …" : "");
    describe_contacts(check, &run->trace);
    if (allowed)
        check_note(check, NOTE_WARNING, "%s: what training fetches from the network is not known, so it can change",
                   v->suite->name);
    else
        check_detail(check, "fetch it before, and declare it as an input; or allow it with \"network\": true\n");
}

static void check_computed(struct verification *v)
{
    CLEANUP(strings) struct strings moved = {0};
    if (!v->golden || !session_wants(v->session, STAGE_ENVIRONMENT) ||
        !moved_computed(&moved, v->golden, v->replay->manifest))
        return;
    bool fails = moved.count > 0 && v->suite->environment == ON_CHANGE_FAIL;
    struct check *check = verification_check(v, STAGE_ENVIRONMENT, "computed", fails ? VERDICT_FAIL : VERDICT_PASS);
    if (moved.count == 0) {
        check_reason(check, "the same packages, libraries and programs as in golden");
        return;
    }
    check_reason(check, "other packages, libraries or programs than in golden: %s%s", moved.items[0],
                 moved.count > 1 ? ", …" : "");
    if (!fails)
        check_note(check, NOTE_WARNING, "%s: %s", v->suite->name, check->reason);
    verification_lines(check, &moved);
}

void stage_traced(struct verification *v)
{
    check_undeclared(v);
    check_network(v);
    check_computed(v);
}
