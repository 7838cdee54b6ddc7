// SPDX-License-Identifier: Apache-2.0
//
// Questions 1 to 4: where the model comes from, whether it comes again, how it takes a mess, how it is served.
#include "engine/ready_question.h"
#include "engine/replay.h"
#include "store/repository.h"

#include <dirent.h>
#include <string.h>

// ---- 1

enum { NAMED_AT_MOST = 20 };

// What git ignores is committed only by its name.
static char *commit_command(struct repository *repository, const struct strings *dirty)
{
    CLEANUP(strings) struct strings ignored = {0};
    for (size_t i = 0; i < dirty->count && ignored.count < NAMED_AT_MOST; i++) {
        if (repository_ignores(repository, dirty->items[i]))
            strings_add(&ignored, dirty->items[i]);
    }
    CLEANUP(free) char *names = strings_shell(&ignored);
    return ignored.count > 0 ? str_printf("git add -A && git add --force -- %s && git commit", names)
                             : str_dup("git add -A && git commit");
}

// *out: the commit that holds exactly these inputs. NULL: none does; then *why says what stands against it, and *remedy
// which command helps.
static int find_commit(char **out, char **why, char **remedy, const struct ready_subject *s, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(git_facts) struct git_facts facts = {0};
    CLEANUP(strings) struct strings inputs = {0}, dirty = {0};
    if (repository_open(&repository, s->session->project->root, err) < 0)
        return -1;
    if (!repository) {
        *why = str_dup("the project is in no git repository");
        *remedy = str_dup("git init && git add -A && git commit");
        return 0;
    }
    replay_input_paths(&inputs, s->now, s->suite);
    if (repository_head(&facts, repository, err) < 0 || repository_dirty(&dirty, repository, &inputs, err) < 0)
        return -1;
    if (facts.commit && dirty.count == 0)
        *out = str_dup(facts.commit);
    else if (s->golden->accepted.from.commit && !s->golden->accepted.from.dirty)
        *out = str_dup(s->golden->accepted.from.commit);
    else if (!facts.commit)
        *why = str_dup("nothing is committed yet");
    else
        *why = str_printf("no commit holds these inputs: %s%s", dirty.items[0], dirty.count > 1 ? ", …" : "");
    *remedy = commit_command(repository, &dirty);
    return 0;
}

// True when a traced run read nothing that is not declared.
static bool all_declared(struct ready_answer *out, const struct ready_subject *s)
{
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_INPUTS);
    if (!record)
        return false;
    if (evidence_verdict(record) == VERDICT_FAIL)
        return ready_passed(s, out, record, STAGE_INPUTS);
    const struct evidence_check *check = evidence_find(record, "undeclared");
    if (check && check->verdict == VERDICT_PASS)
        return true;
    ready_unknown(out, ready_command(s, STAGE_INPUTS), "whether training reads more than is declared: %s",
                  check && check->reason ? check->reason : "it was not traced");
    return false;
}

void ready_provenance(struct ready_answer *out, const struct ready_subject *s)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *commit = NULL, *why = NULL, *remedy = NULL;
    size_t inputs = s->now->code.count + s->now->data.count + s->now->settings.count + s->now->external.count;
    CLEANUP(free) char *count = str_count(inputs, "input");
    if (s->moved.count > 0) {
        ready_no(out, str_printf("repro record %s --reason \"…\"", s->suite->name),
                 "the model was made from other inputs: %s%s", s->moved.items[0], s->moved.count > 1 ? ", …" : "");
    } else if (find_commit(&commit, &why, &remedy, s, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        ready_unknown(out, NULL, "git cannot be asked: %s", text);
    } else if (!commit) {
        ready_no(out, steal(&remedy), "%s", why);
    } else if (all_declared(out, s)) {
        ready_yes(out, "%s hashed as in golden and held by commit %.12s; traced: none undeclared", count, commit);
    }
}

// ---- 2

void ready_replay(struct ready_answer *out, const struct ready_subject *s)
{
    static const enum stage parts[] = {STAGE_REPLAY, STAGE_ARTIFACTS, STAGE_METRICS};
    const struct evidence_stage *replay = ready_evidence(s, out, STAGE_REPLAY);
    if (!replay)
        return;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct ready_answer part = {0};
        const struct evidence_stage *record = ready_evidence(s, &part, parts[i]);
        bool failed = record && evidence_verdict(record) == VERDICT_FAIL;
        free(part.line);
        free(part.command);
        if (failed) {
            ready_passed(s, out, record, STAGE_REPLAY);
            return;
        }
    }
    CLEANUP(free) char *times = str_count((size_t)replay->passes, "time");
    CLEANUP(free) char *ago = ready_ago(s, replay->last_pass);
    bool other = !str_equal(s->golden->class_name, replay->class_name);
    if (replay->passes == 0)
        ready_unknown(out, NULL, "training ran, and what it left was not held against golden");
    else if ((double)(s->time - replay->last_pass) > s->suite->ready.age)
        ready_unknown(out, NULL, "the last replay that passed was %s", ago);
    else
        ready_yes(out, "the same model came out %s, the last one %s, in class %s%s%s", times, ago, replay->class_name,
                  other ? " (numbers within the tolerance of golden, of class " : "",
                  other ? s->golden->class_name : "");
    if (out->state == READY_YES && other) {
        char *closed = str_printf("%s)", out->line);
        free(out->line);
        out->line = closed;
    }
}

// ---- 3

static bool has_model(struct ready_answer *out, const struct ready_subject *s)
{
    if (suite_has_model(s->suite))
        return true;
    ready_no(
        out, ready_command(s, STAGE_FUZZ),
        "suite.json does not say how the model is asked; add: \"model\": {\"stream\": [\"python3\", \"predict.py\"]}");
    out->declare = true;
    return false;
}

static size_t count_corpus(const struct ready_subject *s)
{
    CLEANUP(free) char *path = str_printf("%s/golden/%s/corpus", s->session->project->root, s->suite->name);
    size_t count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += str_ends(entry->d_name, ".json") && entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

void ready_messy(struct ready_answer *out, const struct ready_subject *s)
{
    if (!has_model(out, s))
        return;
    const struct evidence_stage *record = ready_evidence(s, out, STAGE_FUZZ);
    if (!record || !ready_passed(s, out, record, STAGE_FUZZ))
        return;
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    CLEANUP(free) char *corpus = str_printf("%zu", count_corpus(s));
    const char *asked = ready_fact(record, "corpus");
    if (!str_equal(corpus, asked))
        ready_unknown(out, ready_command(s, STAGE_FUZZ), "the corpus has %s cases, and %s were there %s", corpus, asked,
                      ago);
    else
        ready_yes(out, "%s cases, %s families of mess, %s failures open, %s corpus files asked again; %s",
                  ready_fact(record, "cases"), ready_fact(record, "families"), ready_fact(record, "open"), corpus, ago);
}

// ---- 4

// The ways of asking that suite.json declares, and of those the ones that `asked` ("stream, batch") does not name.
static size_t declared(struct strings *all, struct strings *left, const struct suite *suite, const char *asked)
{
    const struct {
        const char *name;
        bool given;
    } ways[] = {{"stream", suite->model.stream.count > 0},
                {"api", suite->model.api.command.count > 0},
                {"batch", suite->model.batch.count > 0}};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (!ways[i].given)
            continue;
        strings_add(all, ways[i].name);
        if (!strstr(asked, ways[i].name))
            strings_add(left, ways[i].name);
    }
    return all->count;
}

void ready_serving(struct ready_answer *out, const struct ready_subject *s)
{
    CLEANUP(strings) struct strings all = {0}, left = {0}, ignored = {0};
    if (!has_model(out, s))
        return;
    bool several = declared(&ignored, &ignored, s->suite, "stream api batch") > 1;
    enum stage stage = several ? STAGE_PARITY : STAGE_FUZZ;
    const struct evidence_stage *record = ready_evidence(s, out, stage);
    if (!record || (several && !ready_passed(s, out, record, stage)))
        return;
    declared(&all, &left, s->suite, ready_fact(record, several ? "kinds" : "kind"));
    CLEANUP(free) char *ago = ready_ago(s, record->when);
    CLEANUP(free) char *names = strings_join(&all, ", ");
    if (left.count > 0)
        ready_unknown(out, ready_command(s, stage), "%s was not asked", left.items[0]);
    else if (several)
        ready_yes(out, "%s: started, and answered %s rows alike, %s", names, ready_fact(record, "rows"), ago);
    else
        ready_yes(out, "%s: started, and asked %s cases, %s", names, ready_fact(record, "cases"), ago);
}
