// SPDX-License-Identifier: Apache-2.0
#include "engine/serving.h"

#include "engine/sampled.h"

#include <math.h>

// An api first: it is what callers wait for.
static void choose_kind(struct serving *serving)
{
    static const char *const order[] = {"api", "stream"};
    const struct strings *kinds = model_kinds(serving->model);
    for (size_t i = 0; i < ARRAY_LEN(order) && !serving->kind; i++) {
        if (!strings_has(kinds, order[i]))
            continue;
        const char *obstacle = model_obstacle(serving->model, order[i]);
        if (obstacle)
            serving->obstacle = obstacle;
        else
            serving->kind = order[i];
    }
    if (!serving->kind && !serving->obstacle)
        serving->obstacle = "only \"batch\" is declared: no process stays alive to be asked";
}

int serving_open(struct serving *out, struct verification *v, struct error *err)
{
    *out = (struct serving){.v = v, .rules = &v->suite->predict};
    if (sampled_rows(&out->sample, v, 0, err) < 0 || model_open(&out->model, v->replay, v->session, v->suite, err) < 0)
        return -1;
    const struct rows *rows = &out->sample.rows;
    if (rows->row_count == 0)
        return error_set(err, ERROR_USAGE, "'%s' has no rows to ask with", v->suite->schema->from);
    out->questions = mem_array(rows->row_count, sizeof *out->questions);
    for (size_t i = 0; i < rows->row_count; i++)
        out->questions[i].rows =
            (struct rows){rows->columns, rows->column_count, rows->cells + i * rows->column_count, 1};
    out->question_count = rows->row_count;
    choose_kind(out);
    return 0;
}

void serving_free(struct serving *serving)
{
    client_close(serving->client);
    model_free(serving->model);
    sample_free(&serving->sample);
    free(serving->questions);
}

bool serving_stopped(const struct serving *serving)
{
    return session_stopped(serving->v->session);
}

int serving_client(struct serving *serving, bool anew, struct error *err)
{
    if (serving->client && !anew)
        return 0;
    client_close(steal(&serving->client));
    return model_client(&serving->client, serving->model, serving->kind, err);
}

int serving_ask(struct serving *serving, struct error *err)
{
    struct reply reply;
    int asked = client_ask(serving->client, serving->questions, &reply, 1, err);
    if (asked == 0 && reply.kind != REPLY_ANSWERED)
        asked = error_set(err, ERROR_USAGE, "a clean row was not answered: %s: %s", reply_kind_name(reply.kind),
                          reply.why ? reply.why : "");
    reply_free(&reply);
    return asked;
}

void trial_free(struct trial *trial)
{
    load_result_free(&trial->result);
}

double serving_part(const struct serving *serving)
{
    double seconds = serving->rules->seconds > 0 ? serving->rules->seconds : 2;
    return seconds / PARTS;
}

static bool stopped(void *context)
{
    return serving_stopped(context);
}

int serving_run(struct serving *serving, struct trial *trial, double give_up, struct error *err)
{
    CLEANUP(free) char *rate = str_printf("asking at %.0f questions/s", trial->rate);
    double part = serving_part(serving);
    session_phase(serving->v->session, serving->v->suite->name, rate, 0);
    const struct load_options options = {.questions = serving->questions,
                                         .count = serving->question_count,
                                         .rate = trial->rate,
                                         .seconds = part,
                                         .warm = fmin(part / 5, 0.2),
                                         .give_up = give_up,
                                         .stopped = stopped,
                                         .context = serving};
    trial->parts++;
    return serving_client(serving, false, err) < 0 ? -1 : load_run(&trial->result, serving->client, &options, err);
}

struct load_estimate trial_quantile(const struct trial *trial, double q)
{
    struct load_estimate estimate = {INFINITY, INFINITY, INFINITY};
    if (trial->result.due > 0)
        load_result_quantile(&estimate, &trial->result, q);
    return estimate;
}
