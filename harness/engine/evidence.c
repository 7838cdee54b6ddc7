// SPDX-License-Identifier: Apache-2.0
#include "engine/evidence.h"

#include "base/fs.h"
#include "engine/identity.h"
#include "store/golden.h"
#include "store/repository.h"

#include <string.h>
#include <time.h>

enum { LOCK_SECONDS = 10, TEMPORARY_SECONDS = 3600 };

static char *evidence_path(const char *suite)
{
    return str_printf(".repro/evidence/%s.json", suite);
}

// *out is NULL when there is no file.
static int load(struct evidence **out, const char *root, const char *suite, struct error *err)
{
    CLEANUP(free) char *path = evidence_path(suite);
    CLEANUP(free) char *file = fs_join(root, path);
    CLEANUP(buf) struct buf text = {0};
    *out = NULL;
    if (!fs_exists(file))
        return 0;
    if (fs_read(&text, file, EVIDENCE_MAX_SIZE, err) < 0 ||
        evidence_parse(out, path, buf_text(&text), text.len, err) < 0)
        return -1;
    if (str_equal((*out)->suite, suite))
        return 0;
    error_set(err, ERROR_USAGE, "'%s' belongs to the suite '%s'", path, (*out)->suite);
    evidence_free(steal(out));
    return -1;
}

// A pull request can bring a file, but no measurement.
static bool is_committed(const char *root, const char *suite)
{
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *path = evidence_path(suite);
    CLEANUP(buf) struct buf text = {0};
    bool found = false;
    return repository_open(&repository, root, &ignored) == 0 && repository &&
           repository_read(&text, &found, repository, "HEAD", path, &ignored) == 0 && found;
}

void evidence_load(struct evidence **out, char **why, const struct session *session, const char *suite)
{
    CLEANUP(error) struct error err = {0};
    const char *root = session->project->root;
    *why = NULL;
    if (load(out, root, suite, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        *why = str_printf("the evidence cannot be read: %.*s", (int)strcspn(text, "\n"), text);
    } else if (*out && is_committed(root, suite)) {
        CLEANUP(free) char *path = evidence_path(suite);
        evidence_free(steal(out));
        *why = str_printf("the evidence is committed to git, where anyone can write it: git rm --cached %s", path);
    }
}

// ---- Keeping

static bool belongs(const struct evidence_stage *a, const struct evidence_stage *b)
{
    return digest_equal(&a->golden, &b->golden) && digest_equal(&a->inputs, &b->inputs) &&
           digest_equal(&a->document, &b->document) && str_equal(a->class_name, b->class_name);
}

static bool is_bad(const struct result *result, const char *suite, enum stage stage)
{
    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];
        if (check->stage == stage && str_equal(check->suite, suite) &&
            (check->verdict == VERDICT_FAIL || check->verdict == VERDICT_ERROR))
            return true;
    }
    return false;
}

// Training ran, and what it left was held against golden, all of it.
static bool gave_golden_again(const struct evidence_source *source)
{
    static const enum stage parts[] = {STAGE_REPLAY, STAGE_ARTIFACTS, STAGE_METRICS};
    size_t compared = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!(source->whole & 1u << parts[i]) || is_bad(source->result, source->suite->name, parts[i]))
            return false;
    }
    for (size_t i = 0; i < source->result->check_count; i++) {
        const struct check *check = &source->result->checks[i];
        compared += check->verdict == VERDICT_PASS && str_equal(check->suite, source->suite->name) &&
                    (check->stage == STAGE_ARTIFACTS || check->stage == STAGE_METRICS);
    }
    return compared > 0;
}

static void add_cut(struct evidence_stage *record)
{
    if (record->check_count == EVIDENCE_CHECKS) {
        struct evidence_check *last = &record->checks[--record->check_count];
        free(last->name);
        free(last->reason);
    }
    memmove(record->checks + 1, record->checks, record->check_count * sizeof *record->checks);
    record->checks[0] =
        (struct evidence_check){str_dup("stopped"), VERDICT_ERROR, str_dup("stopped before every check was made")};
    record->check_count++;
    record->counts[VERDICT_ERROR]++;
}

static void put_stage(struct evidence *evidence, const struct evidence_stage *head,
                      const struct evidence_source *source, enum stage stage)
{
    struct evidence_stage *was = evidence->stages[stage];
    bool carries = stage == STAGE_REPLAY && was && belongs(was, head);
    uint64_t passes = carries ? was->passes : 0;
    int64_t last_pass = carries ? was->last_pass : 0;
    struct evidence_stage *record = evidence_begin(evidence, stage);
    *record = (struct evidence_stage){.when = head->when,
                                      .golden = head->golden,
                                      .inputs = head->inputs,
                                      .document = head->document,
                                      .class_name = str_dup(head->class_name),
                                      .version = str_dup(REPRO_VERSION),
                                      .passes = passes,
                                      .last_pass = last_pass};
    evidence_take(record, source->result, source->suite->name, stage);
    if (source->cut & 1u << stage)
        add_cut(record);
    if (source->facts)
        pairs_copy(&record->facts, &source->facts[stage]);
    if (stage == STAGE_REPLAY && gave_golden_again(source) && passes < UINT64_MAX) {
        record->passes = passes + 1;
        record->last_pass = head->when;
    }
    if (record->check_count == 0)
        evidence_forget(evidence, stage);
}

static int update(const struct session *session, const struct evidence_source *source,
                  const struct evidence_stage *head, struct error *err)
{
    const char *root = session->project->root, *name = source->suite->name;
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(evidence) struct evidence *evidence = NULL;
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *path = evidence_path(name);
    CLEANUP(free) char *file = fs_join(root, path);
    if (load(&evidence, root, name, &ignored) < 0 || !evidence)
        evidence = evidence_new(name);
    for (unsigned i = 0; i < STAGE_COUNT; i++) {
        if ((source->whole | source->cut) & 1u << i)
            put_stage(evidence, head, source, (enum stage)i);
    }
    evidence_write(&text, evidence);
    return fs_write_atomic(file, text.data, text.len, err);
}

int evidence_keep(const struct session *session, const struct evidence_source *source, struct error *err)
{
    CLEANUP(fd) int lock = -1;
    CLEANUP(free) char *folder = NULL;
    struct evidence_stage head = {
        .when = time(NULL), .document = *source->document, .class_name = source->now->class_name};
    if (golden_identity(&head.golden, source->golden, err) < 0 || identity_inputs(&head.inputs, source->now, err) < 0 ||
        project_private(&folder, session->project->root, "evidence", err) < 0 || fs_mkdirs(folder, err) < 0)
        return -1;
    CLEANUP(free) char *lock_path = fs_join(folder, "lock");
    if (fs_lock(&lock, lock_path, LOCK_SECONDS, err) < 0)
        return -1;
    fs_remove_temporaries(folder, TEMPORARY_SECONDS);
    return update(session, source, &head, err);
}
