// SPDX-License-Identifier: Apache-2.0
#include "engine/log_replay.h"

#include "fuzz/oracles.h"
#include "serve/answer.h"
#include "serve/row_answers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS_AT_ONCE = 512, SHOWN = 200 };

void log_replay_begin(struct log_replay *out, struct client *client, const struct suite *suite,
                      const struct log_rules *rules)
{
    *out = (struct log_replay){.client = client, .suite = suite, .rules = rules};
    log_rows_begin(&out->waiting, suite->schema, rules->id_column);
}

static void forget_logged(struct log_replay *replay)
{
    for (size_t i = 0; i < replay->logged_count; i++) {
        free(replay->logged[i].id);
        free(replay->logged[i].input);
    }
    replay->logged_count = 0;
    arena_clear(&replay->texts);
}

static void difference_free(struct log_difference *difference)
{
    free(difference->id);
    free(difference->input);
    free(difference->logged);
    free(difference->now);
}

void log_replay_free(struct log_replay *replay)
{
    forget_logged(replay);
    for (size_t i = 0; i < replay->worst_count; i++)
        difference_free(&replay->worst[i]);
    log_rows_free(&replay->waiting);
    free(replay->logged);
    arena_free(&replay->texts);
    *replay = (struct log_replay){0};
}

// ---- Differences

static double distance(double a, double b)
{
    double gap = fabs(a - b);
    return isnan(gap) ? INFINITY : gap;
}

// How far apart two answers are, that differ.
static double size_of(const struct answer *a, const struct answer *b)
{
    double largest = 0;
    if (!b || a->kind != b->kind)
        return INFINITY;
    if (a->kind == ANSWER_NUMBER)
        return distance(a->number, b->number);
    if (a->kind != ANSWER_LIST || a->number_count != b->number_count)
        return INFINITY;
    for (size_t i = 0; i < a->number_count; i++) {
        double gap = distance(a->numbers[i], b->numbers[i]);
        largest = gap > largest ? gap : largest;
    }
    return largest;
}

// Keeps it where it is among the worst; of equals, those that came first.
static void note_difference(struct log_replay *replay, struct log_difference *difference)
{
    size_t at = replay->worst_count;
    while (at > 0 && replay->worst[at - 1].size < difference->size)
        at--;
    if (at == LOG_REPLAY_WORST) {
        difference_free(difference);
        return;
    }
    if (replay->worst_count == LOG_REPLAY_WORST)
        difference_free(&replay->worst[--replay->worst_count]);
    memmove(&replay->worst[at + 1], &replay->worst[at], (replay->worst_count - at) * sizeof *replay->worst);
    replay->worst[at] = *difference;
    replay->worst_count++;
}

char *log_difference_text(const struct log_difference *difference)
{
    char apart[64] = "", gap[32];
    if (isfinite(difference->size)) {
        str_double(gap, difference->size);
        snprintf(apart, sizeof apart, " (%s apart)", gap);
    }
    return str_printf("%s: logged %s, now %s%s, asked %s", difference->id, difference->logged, difference->now, apart,
                      difference->input);
}

static void compare(struct log_replay *replay, const struct logged *logged, const struct row_answers *answers,
                    size_t row)
{
    const struct fuzz_rules *rules = &replay->suite->fuzz;
    bool given = rules->parity_abs > 0 || rules->parity_rel > 0;
    double abs = given ? rules->parity_abs : AGREE_BATCH_ABS, rel = given ? rules->parity_rel : AGREE_BATCH_REL;
    const struct answer *now = row_answers_at(answers, row);
    replay->rows++;
    replay->refused += logged->answer.kind == ANSWER_REJECTED;
    // A question that was refused as a whole has no answer of its own.
    const struct reply *reply = &answers->replies[answers->together ? 0 : row];
    static const struct answer refusal = {.kind = ANSWER_REJECTED, .text = "refused", .len = 7};
    if (!now && reply->kind == REPLY_REJECTED)
        now = &refusal;
    if (now && answers_agree(&logged->answer, now, abs, rel))
        return;
    replay->differ++;
    struct log_difference difference = {.id = str_dup(logged->id ? logged->id : "an entry without an id"),
                                        .input = str_dup(logged->input),
                                        .logged = answer_text(&logged->answer),
                                        .now = now ? answer_text(now) : row_answers_why(answers, row),
                                        .size = size_of(&logged->answer, now)};
    note_difference(replay, &difference);
}

// ---- Asking

// Asks rows, of which logged[first…] tells what to expect.
static int ask(struct log_replay *replay, const struct rows *rows, size_t first, struct error *err)
{
    CLEANUP(row_answers) struct row_answers answers = {0};
    CLEANUP(strings) struct strings headers = {0};
    for (size_t i = 0; replay->rules->header && i < rows->row_count; i++) {
        const char *id = replay->logged[first + i].id;
        strings_printf(&headers, "%s: %s", replay->rules->header, id ? id : "none");
    }
    if (row_answers_ask_as(&answers, replay->client, rows,
                           headers.count > 0 ? (const char *const *)headers.items : NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < rows->row_count; i++)
        compare(replay, &replay->logged[first + i], &answers, i);
    return 0;
}

int log_replay_finish(struct log_replay *replay, struct error *err)
{
    const struct rows rows = log_rows_view(&replay->waiting);
    int status = rows.row_count > 0 ? ask(replay, &rows, 0, err) : 0;
    log_rows_clear(&replay->waiting);
    forget_logged(replay);
    return status;
}

static char *visible(const struct piece *piece)
{
    CLEANUP(free) char *text = str_visible(piece->text, piece->len < SHOWN ? piece->len : SHOWN);
    return str_printf("%s%s", text, piece->len > SHOWN ? "…" : "");
}

// An id that can stand in a header, and be shown.
static char *id_text(const struct prediction *prediction)
{
    return prediction->id ? str_visible(prediction->id, prediction->id_len < SHOWN ? prediction->id_len : SHOWN) : NULL;
}

static void note_logged(struct log_replay *replay, const struct prediction *prediction, const struct piece *row,
                        const struct piece *output)
{
    replay->logged = mem_grow(replay->logged, replay->logged_count, &replay->logged_capacity, sizeof *replay->logged);
    struct logged *logged = &replay->logged[replay->logged_count++];
    *logged = (struct logged){.id = id_text(prediction), .input = visible(row)};
    if (prediction->error) {
        logged->answer = (struct answer){.kind = ANSWER_REJECTED,
                                         .text = arena_bytes(&replay->texts, prediction->error, prediction->error_len),
                                         .len = prediction->error_len};
        return;
    }
    // The answer points into its text, which is the log's.
    struct piece kept = *output;
    kept.text = arena_bytes(&replay->texts, output->text, output->len);
    const struct schema *schema = replay->suite->schema;
    answer_of(&logged->answer, &kept, schema ? schema->output.field : NULL, &replay->texts);
}

// A row that was refused, or has columns of its own, is asked alone: it must not take others with it.
static int ask_alone(struct log_replay *replay, const struct prediction *prediction, const struct piece *row,
                     const struct piece *output, struct error *err)
{
    CLEANUP(log_rows) struct log_rows alone = {0};
    if (log_replay_finish(replay, err) < 0)
        return -1;
    note_logged(replay, prediction, row, output);
    log_rows_only(&alone, row, replay->rules);
    const struct rows rows = log_rows_view(&alone);
    int status = ask(replay, &rows, 0, err);
    forget_logged(replay);
    return status;
}

static int add_row(struct log_replay *replay, const struct prediction *prediction, const struct piece *row,
                   const struct piece *output, struct error *err)
{
    CLEANUP(free) char *id = id_text(prediction);
    bool together = !client_ability(replay->client)->alive;
    if ((prediction->error && together) || !log_rows_add(&replay->waiting, row, id, replay->rules))
        return ask_alone(replay, prediction, row, output, err);
    note_logged(replay, prediction, row, output);
    return replay->waiting.row_count < ROWS_AT_ONCE ? 0 : log_replay_finish(replay, err);
}

// What was logged of an entry that cannot be asked again is a difference, too.
static void note_unfit(struct log_replay *replay, const struct prediction *prediction, const char *why)
{
    struct log_difference difference = {.id = id_text(prediction),
                                        .input = visible(&prediction->input),
                                        .logged = visible(&prediction->output),
                                        .now = str_dup(why),
                                        .size = INFINITY};
    if (!difference.id)
        difference.id = str_dup("an entry without an id");
    replay->rows++;
    replay->differ++;
    note_difference(replay, &difference);
}

int log_replay_add(struct log_replay *replay, const struct prediction *prediction, struct error *err)
{
    struct prediction_rows rows = prediction_rows(prediction);
    struct piece row, output;
    while (prediction_rows_next(&rows, &row, &output)) {
        if (row.len == 0 || (output.len == 0 && !prediction->error)) {
            note_unfit(replay, prediction,
                       row.len == 0 ? "not asked: the input is no row (an object)"
                                    : "not asked: there is not one output for each row");
            return 0;
        }
        if (add_row(replay, prediction, &row, &output, err) < 0)
            return -1;
    }
    return 0;
}
