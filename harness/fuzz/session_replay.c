// SPDX-License-Identifier: Apache-2.0
//
// The corpus, asked first: what still fails is a finding that is known, what does not is fixed.
#include "base/fs.h"
#include "fuzz/corpus.h"
#include "fuzz/session_work.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

enum { MOST_FILES = 10000 };

static int list_files(struct strings *out, const char *folder, struct error *err)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return errno == ENOENT ? 0 : error_errno(err, "cannot read the folder '%s'", folder);
    for (const struct dirent *entry; out->count < MOST_FILES && (entry = readdir(entries));)
        if (entry->d_name[0] != '.' && str_ends(entry->d_name, ".json"))
            strings_add(out, entry->d_name);
    closedir(entries);
    strings_sort(out);
    return 0;
}

// The answers of its clean rows, each asked alone. NULL when they cannot be compared with.
static struct answer *ask_clean_rows(struct session *s, const struct fuzz_case *c)
{
    size_t count = c->clean.row_count;
    CLEANUP(free) struct answer *answers = mem_array(count, sizeof *answers);
    bool good = s->steady;
    for (size_t i = 0; i < count && good && !s->stop; i++) {
        struct question question = {.rows = c->clean};
        struct reply reply;
        question.rows.cells += i * c->clean.column_count;
        question.rows.row_count = 1;
        session_ask(s, &question, &reply, 1);
        good = reply.kind == REPLY_ANSWERED && reply.count == 1 && reply.answers[0].kind != ANSWER_OTHER;
        if (good)
            answer_keep(&answers[i], &reply.answers[0], &s->answers);
        reply_free(&reply);
    }
    return good && !s->stop ? steal(&answers) : NULL;
}

static void replay_case(struct session *s, const struct fuzz_case *c, const struct oracle *oracle, const char *file)
{
    CLEANUP(free) struct answer *clean = ask_clean_rows(s, c);
    CLEANUP(probe) struct probe probe = {.s = s, .oracle = oracle, .clean = clean};
    size_t before = s->out->questions;
    s->out->regressions++;
    session_tally(s, oracle->number, c->column);
    if (!probe_case(&probe, c)) {
        if (!s->stop)
            strings_add(&s->out->fixed, file);
        return;
    }
    const char *column = c->column < c->schema->count ? c->schema->columns[c->column].name : NULL;
    struct finding *f = session_finding(s, oracle, c->mutation, column);
    if (f) { // another file of the same failure, or a clean row that failed already
        f->hits++;
    } else {
        f = finding_add(s, oracle, c, &probe.reply, probe.why);
        f->calls = s->out->questions - before;
    }
    f->known = true;
    free(f->file);
    f->file = str_dup(file);
}

static int replay_file(struct session *s, const char *path, const char *file, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(corpus_entry) struct corpus_entry *entry = NULL;
    CLEANUP(free) char *why = NULL;
    CLEANUP(fuzz_case) struct fuzz_case c = {0};
    if (fs_read(&text, path, CORPUS_MAX_SIZE, err) < 0)
        return -1;
    if (corpus_parse(&entry, file, buf_text(&text), text.len, err) < 0)
        return -1;
    const struct oracle *oracle = oracle_find(entry->oracle);
    const char *reason = "there is no such oracle any more";
    if (!oracle || (oracle->applies && !oracle->applies(s->ability, s->options->rules, s->options->schema, &reason)))
        why = str_dup(reason);
    else if (corpus_fit(&c, &why, entry, &s->clean_space) && (!s->only || s->only == oracle))
        replay_case(s, &c, oracle, file);
    if (why)
        strings_printf(&s->out->unfit, "%s: %s", file, why);
    return 0;
}

int session_replay(struct session *s, struct error *err)
{
    const struct fuzz_options *options = s->options;
    if (options->replay)
        return replay_file(s, options->replay, fs_basename(options->replay), err);
    CLEANUP(strings) struct strings files = {0};
    if (!options->corpus)
        return 0;
    if (list_files(&files, options->corpus, err) < 0)
        return -1;
    for (size_t i = 0; i < files.count && !s->stop; i++) {
        CLEANUP(free) char *path = fs_join(options->corpus, files.items[i]);
        if (replay_file(s, path, files.items[i], err) < 0)
            return -1;
    }
    return 0;
}
