// SPDX-License-Identifier: Apache-2.0
//
// The stage `log`: what the server logs of its predictions is enough to find out what went wrong, one check a fact; and
// a log that was given (--log) holds what today's model answers.
#include "base/fs.h"
#include "base/number.h"
#include "core/schema.h"
#include "drift/prediction_log.h"
#include "engine/log_drill.h"
#include "engine/log_replay.h"
#include "engine/logging.h"
#include "fuzz/oracles.h"
#include "serve/answer.h"
#include "store/golden.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_AT_LEAST = 8, DIGITS = 64, NAMED = 3 };

static struct check *conclude(struct verification *v, const char *name, const struct strings *faults, const char *good)
{
    struct check *check = verification_check(v, STAGE_LOG, name, faults->count > 0 ? VERDICT_FAIL : VERDICT_PASS);
    if (faults->count == 0)
        check_reason(check, "%s", good);
    else if (faults->count == 1)
        check_reason(check, "%s", faults->items[0]);
    else
        check_reason(check, "%s (and %zu more)", faults->items[0], faults->count - 1);
    if (faults->count > 1)
        verification_lines(check, faults);
    return check;
}

// ---- log.entries

static char *names_of(const struct log_drill *drill, bool (*is_one)(const struct drilled *entry), size_t *count)
{
    CLEANUP(buf) struct buf names = {0};
    *count = 0;
    for (size_t i = 0; i < drill->rows.row_count; i++) {
        if (!is_one(&drill->entries[i]))
            continue;
        if (*count < NAMED)
            buf_printf(&names, "%s%s", *count > 0 ? ", " : "", drill->ids.items[i]);
        ++*count;
    }
    if (*count > NAMED)
        buf_puts(&names, ", …");
    return buf_take(&names);
}

static bool is_missing(const struct drilled *entry)
{
    return entry->count == 0;
}

static bool is_repeated(const struct drilled *entry)
{
    return entry->count > 1;
}

static bool is_timeless(const struct drilled *entry)
{
    return entry->count > 0 && isnan(entry->entry.time);
}

static void add_missing(struct strings *faults, const struct log_drill *drill)
{
    size_t count;
    CLEANUP(free) char *names = names_of(drill, is_missing, &count), *elsewhere = NULL;
    if (count == 0)
        return;
    const char *stream = drill->elsewhere, *path = drill->rules.path;
    if (stream)
        elsewhere = str_printf("; it wrote the id %s to its %s instead", drill->ids.items[0], stream);
    else if (drill->strangers > 0 && count == drill->rows.row_count)
        elsewhere =
            str_printf("; there are %" PRIu64 " under other ids (%s): is the id read from %s '%s', and logged as "
                       "'%s'?",
                       drill->strangers, drill->stranger ? drill->stranger : "none at all",
                       drill->rules.header ? "the header" : "the column",
                       drill->rules.header ? drill->rules.header : drill->rules.id_column, drill->rules.id);
    if (!drill->there)
        strings_printf(faults, "the model wrote no '%s'%s", path, elsewhere ? elsewhere : "");
    else
        strings_printf(faults, "'%s' has no entry for %zu of %zu requests (%s)%s", path, count, drill->rows.row_count,
                       names, elsewhere ? elsewhere : "");
}

static void check_entries(struct verification *v, const struct log_drill *drill)
{
    CLEANUP(strings) struct strings faults = {0};
    size_t repeated, timeless;
    CLEANUP(free) char *repeated_names = names_of(drill, is_repeated, &repeated);
    CLEANUP(free) char *timeless_names = names_of(drill, is_timeless, &timeless);
    if (drill->late)
        strings_printf(
            &faults, "entries came only when the model ended: one that is killed loses them; write each line at once");
    add_missing(&faults, drill);
    if (repeated > 0)
        strings_printf(&faults, "%zu requests have more than one entry (%s)", repeated, repeated_names);
    if (timeless > 0)
        strings_printf(&faults, "%zu entries have no time that can be read in '%s' (%s)", timeless, drill->rules.time,
                       timeless_names);
    CLEANUP(free)
    char *good = str_printf("%zu requests by %s, each logged once, with its time", drill->rows.row_count, drill->kind);
    struct check *check = conclude(v, "log.entries", &faults, good);
    CLEANUP(strings) struct strings told = {0};
    prediction_counts_tell(&told, &drill->counts);
    for (size_t i = 0; i < told.count; i++)
        check_detail(check, "%s: %s\n", drill->rules.path, told.items[i]);
}

// ---- log.input

static char *cell_text(const struct cell *cell)
{
    CLEANUP(buf) struct buf text = {0};
    cell_write_json(&text, cell);
    return str_visible(buf_text(&text), text.len < 80 ? text.len : 80);
}

static bool is_same(const struct piece *a, const struct piece *b);

static bool is_same_container(const struct piece *a, const struct piece *b)
{
    struct piece_items left = piece_items(a), right = piece_items(b);
    struct piece key, value, other;
    struct arena texts = {0};
    bool same = piece_count(a) == piece_count(b);
    while (same && piece_next(&left, &key, &value)) {
        size_t len;
        bool found = a->kind == PIECE_ARRAY ? piece_next(&right, NULL, &other)
                                            : piece_get(&other, b, piece_text(&len, &key, &texts));
        same = found && is_same(&value, &other);
    }
    arena_free(&texts);
    return same;
}

// Equal in value: 1 and 1.0 are, "1" and 1 are not.
static bool is_same(const struct piece *a, const struct piece *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == PIECE_ARRAY || a->kind == PIECE_OBJECT)
        return is_same_container(a, b);
    if (a->kind == PIECE_NUMBER) {
        double x = piece_number(a), y = piece_number(b);
        return x == y || (isnan(x) && isnan(y));
    }
    struct arena texts = {0};
    size_t len = 0, other_len = 0;
    const char *text = a->kind == PIECE_STRING ? piece_text(&len, a, &texts) : "";
    const char *other = a->kind == PIECE_STRING ? piece_text(&other_len, b, &texts) : "";
    bool same = len == other_len && memcmp(text, other, len) == 0;
    arena_free(&texts);
    return same;
}

// CSV has no types: what reads as the same number or word is the same.
static bool is_same_text(const struct cell *asked, const struct piece *logged)
{
    CLEANUP(buf) struct buf text = {0};
    struct arena texts = {0};
    double x, y;
    size_t len = logged->len;
    const char *other = logged->kind == PIECE_STRING ? piece_text(&len, logged, &texts) : logged->text;
    cell_write_csv(&text, asked);
    bool same = number_parse(&x, buf_text(&text), text.len) && number_parse(&y, other, len)
                    ? x == y
                    : text.len == len && strncasecmp(buf_text(&text), other, len) == 0;
    arena_free(&texts);
    return same;
}

static bool is_equal(const struct cell *asked, const struct piece *logged, bool csv)
{
    CLEANUP(buf) struct buf text = {0};
    struct piece wanted;
    cell_write_json(&text, asked);
    return (piece_read(&wanted, buf_text(&text), text.len) && is_same(&wanted, logged)) ||
           (csv && is_same_text(asked, logged));
}

static bool is_nothing(const struct piece *piece)
{
    return piece->kind == PIECE_NULL || (piece->kind == PIECE_STRING && piece->len == 2) ||
           (piece->kind == PIECE_NUMBER && isnan(piece_number(piece)));
}

// What is wrong with one column of the logged row; NULL: nothing.
static char *wrong_cell(const struct cell *asked, const struct piece *row, const char *column, bool csv)
{
    struct piece logged;
    bool nothing = asked->kind == CELL_ABSENT || asked->kind == CELL_NULL;
    bool found = piece_get(&logged, row, column);
    if (nothing && (!found || is_nothing(&logged)))
        return NULL;
    CLEANUP(free) char *text = cell_text(asked);
    if (!found)
        return str_printf("'%s' is not in the logged input (asked as %s)", column, text);
    if (!nothing && is_equal(asked, &logged, csv))
        return NULL;
    CLEANUP(free) char *was = str_visible(logged.text, logged.len < 80 ? logged.len : 80);
    return str_printf("'%s' was asked as %s and logged as %s", column, nothing ? "null" : text, was);
}

static char *wrong_input(const struct log_drill *drill, size_t index)
{
    const struct prediction *entry = &drill->entries[index].entry;
    struct prediction_rows rows = prediction_rows(entry);
    struct piece row, other, output;
    if (entry->input.len == 0)
        return str_printf("the entry has no '%s' that is an object", drill->rules.input);
    if (!prediction_rows_next(&rows, &row, &output) || row.len == 0 || prediction_rows_next(&rows, &other, &output))
        return str_printf("'%s' is not the one row that was asked", drill->rules.input);
    for (size_t i = 0; i < drill->sample.rows.column_count; i++) {
        const char *column = drill->rows.columns[i];
        if (str_equal(column, drill->rules.id_column))
            continue;
        char *wrong = wrong_cell(&drill->rows.cells[index * drill->rows.column_count + i], &row, column,
                                 str_equal(drill->kind, "batch"));
        if (wrong)
            return wrong;
    }
    return NULL;
}

// ---- log.output

static char *wrong_output(const struct log_drill *drill, size_t index, const struct schema *schema)
{
    const struct prediction *entry = &drill->entries[index].entry;
    const struct answer *answer = row_answers_at(&drill->answers, index);
    struct prediction_rows rows = prediction_rows(entry);
    struct piece row, output;
    if (!answer) {
        CLEANUP(free) char *why = row_answers_why(&drill->answers, index);
        return str_printf("the model answered with %s", why);
    }
    CLEANUP(free) char *answered = answer_text(answer);
    if (answer->kind == ANSWER_REJECTED)
        return entry->error ? NULL : str_printf("was refused (%s), and no '%s' says so", answered, drill->rules.error);
    if (entry->error)
        return str_printf("was answered with %s, and is logged as an error", answered);
    if (entry->input.len == 0) // then nobody can tell how many outputs there must be
        output = entry->output;
    else if (!prediction_rows_next(&rows, &row, &output))
        output.len = 0;
    if (output.len == 0)
        return str_printf("was answered with %s, and the entry has no '%s' of it", answered, drill->rules.output);
    struct arena texts = {0};
    struct answer logged = {0};
    answer_of(&logged, &output, schema ? schema->output.field : NULL, &texts);
    bool same = answers_agree(answer, &logged, 0, AGREE_EXACT_REL);
    CLEANUP(free) char *text = answer_text(&logged);
    arena_free(&texts);
    return same ? NULL : str_printf("was answered with %s, and %s is logged", answered, text);
}

// ---- log.model

static void add_name(struct pairs *names, const char *what, const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    pairs_set(names, hex, what);
}

int logging_models(struct pairs *out, const struct verification *v, struct error *err)
{
    const struct manifest *manifests[] = {v->replay->manifest, v->golden};
    struct digest identity;
    for (size_t m = 0; m < ARRAY_LEN(manifests); m++) {
        for (size_t i = 0; manifests[m] && i < manifests[m]->artifacts.count; i++) {
            const struct file_entry *file = &manifests[m]->artifacts.items[i];
            if (replay_is_artifact(v->suite, file->path))
                add_name(out, file->path, &file->sha256);
        }
    }
    if (!v->golden)
        return 0;
    if (golden_identity(&identity, v->golden, err) < 0)
        return -1;
    add_name(out, "the bundle", &v->golden->bundle.digest);
    add_name(out, "golden", &identity);
    return 0;
}

const char *logging_model(const struct pairs *models, const char *name, size_t len)
{
    static const char prefix[] = "sha256:";
    const char *found = NULL;
    if (len > sizeof prefix - 1 && strncasecmp(name, prefix, sizeof prefix - 1) == 0) {
        name += sizeof prefix - 1;
        len -= sizeof prefix - 1;
    }
    for (size_t i = 0; len >= DIGITS_AT_LEAST && len <= DIGITS && i < models->count; i++) {
        if (strncasecmp(models->items[i].name, name, len) != 0)
            continue;
        if (found)
            return NULL;
        found = models->items[i].value;
    }
    return found;
}

static char *wrong_model(const struct log_drill *drill, size_t index, const struct pairs *models)
{
    const struct prediction *entry = &drill->entries[index].entry;
    if (!entry->model)
        return str_printf("the entry has no '%s': which model answered?", drill->rules.model);
    if (logging_model(models, entry->model, entry->model_len))
        return NULL;
    CLEANUP(free) char *was = str_visible(entry->model, entry->model_len < 70 ? entry->model_len : 70);
    return str_printf(
        "'%s' is \"%s\", which is the digest (at least %d digits) neither of golden, nor of its bundle, nor "
        "of one of its artifacts",
        drill->rules.model, was, DIGITS_AT_LEAST);
}

// ---- The facts

enum fact { FACT_INPUT, FACT_OUTPUT, FACT_MODEL, FACTS };

static void check_fact(struct verification *v, const struct log_drill *drill, enum fact fact,
                       const struct pairs *models)
{
    static const char *const names[] = {"log.input", "log.output", "log.model"};
    static const char *const good[] = {"the inputs are logged as they were asked",
                                       "the answers are logged as they were given",
                                       "each entry names the model that answered"};
    CLEANUP(strings) struct strings faults = {0};
    for (size_t i = 0; i < drill->rows.row_count; i++) {
        if (drill->entries[i].count == 0)
            continue;
        CLEANUP(free)
        char *wrong = fact == FACT_INPUT    ? wrong_input(drill, i)
                      : fact == FACT_OUTPUT ? wrong_output(drill, i, v->suite->schema)
                                            : wrong_model(drill, i, models);
        if (wrong)
            strings_printf(&faults, "%s: %s", drill->ids.items[i], wrong);
    }
    conclude(v, names[fact], &faults, good[fact]);
}

static int check_replay(struct verification *v, const struct log_drill *drill, struct error *err)
{
    CLEANUP(log_replay) struct log_replay replay = {0};
    log_replay_begin(&replay, drill->client, v->suite, &drill->rules);
    for (size_t i = 0; i < drill->rows.row_count; i++) {
        if (drill->entries[i].count > 0 && !drill->entries[i].entry.incomplete &&
            log_replay_add(&replay, &drill->entries[i].entry, err) < 0)
            return -1;
    }
    if (log_replay_finish(&replay, err) < 0)
        return -1;
    logging_conclude(v, "log.replay", &replay);
    return 0;
}

static int check_all(struct verification *v, const struct log_drill *drill, struct error *err)
{
    CLEANUP(pairs) struct pairs models = {0};
    if (logging_models(&models, v, err) < 0)
        return -1;
    check_entries(v, drill);
    verification_fact(v, STAGE_LOG, "kind", "%s", drill->kind);
    verification_fact(v, STAGE_LOG, "requests", "%zu", drill->rows.row_count);
    verification_fact(v, STAGE_LOG, "missing", "%zu", drill->missing);
    if (drill->missing == drill->rows.row_count)
        return 0; // the check before says so
    for (int fact = 0; fact < FACTS; fact++)
        check_fact(v, drill, (enum fact)fact, &models);
    return check_replay(v, drill, err);
}

static void skip(struct verification *v, const char *why)
{
    check_reason(verification_check(v, STAGE_LOG, "log", VERDICT_SKIP), "%s", why);
}

static int drill_log(struct verification *v, struct model *model, struct error *err)
{
    CLEANUP(log_drill) struct log_drill drill = {0};
    const struct schema *schema = v->suite->schema;
    const char *why, *kind = log_drill_kind(model, &v->suite->log, &why);
    if (!kind || !schema || !schema->from || schema->count == 0) {
        skip(v, kind ? "suite.json has no schema with columns and data to ask with" : why);
        return 0;
    }
    session_phase(v->session, v->suite->name, "looking at the log", 0);
    if (log_drill_run(&drill, v, model, kind, err) < 0)
        return -1;
    return check_all(v, &drill, err);
}

void stage_log(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(model) struct model *model = NULL;
    if (!v->suite->log.given && !v->log)
        return;
    if (model_open(&model, v->replay, v->session, v->suite, &err) < 0 ||
        (v->suite->log.given && drill_log(v, model, &err) < 0) || (v->log && logging_replay(v, model, &err) < 0)) {
        if (!session_stopped(v->session))
            verification_error(v, STAGE_LOG, "model", &err);
    }
}
