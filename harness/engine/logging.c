// SPDX-License-Identifier: Apache-2.0
#include "engine/logging.h"

#include "base/number.h"
#include "drift/prediction_log.h"
#include "engine/log_drill.h"
#include "engine/log_replay.h"

#include <inttypes.h>
#include <string.h>

struct check *logging_conclude(struct verification *v, const char *name, const struct log_replay *replay)
{
    char asked[32], differ[32];
    number_group(asked, replay->rows);
    number_group(differ, replay->differ);
    if (replay->rows == 0) {
        struct check *empty = verification_check(v, STAGE_LOG, name, VERDICT_FAIL);
        check_reason(empty, "there is no entry to ask again");
        return empty;
    }
    struct check *check = verification_check(v, STAGE_LOG, name, replay->differ > 0 ? VERDICT_FAIL : VERDICT_PASS);
    if (replay->differ == 0) {
        CLEANUP(free) char *refused = str_printf(", %" PRIu64 " of them refused as they were then", replay->refused);
        check_reason(check, "%s logged inputs asked again, all answered as logged%s", asked,
                     replay->refused > 0 ? refused : "");
        return check;
    }
    CLEANUP(free) char *worst = log_difference_text(&replay->worst[0]);
    check_reason(check, "%s of %s logged inputs are answered otherwise; the worst is %s", differ, asked, worst);
    for (size_t i = 0; i < replay->worst_count; i++) {
        CLEANUP(free) char *line = log_difference_text(&replay->worst[i]);
        check_detail(check, "%s\n", line);
    }
    if (replay->differ > replay->worst_count)
        check_detail(check, "… and %" PRIu64 " more\n", replay->differ - replay->worst_count);
    return check;
}

// ---- A log that was given

struct others { // entries that name another model
    uint64_t count, unnamed;
    char *first;
};

static void note_model(struct others *others, const struct pairs *models, const struct prediction *entry)
{
    if (!entry->model) {
        others->unnamed++;
        return;
    }
    if (logging_model(models, entry->model, entry->model_len))
        return;
    if (others->count++ == 0)
        others->first = str_visible(entry->model, entry->model_len < 70 ? entry->model_len : 70);
}

static int replay_all(struct log_replay *replay, struct others *others, struct prediction_log *log,
                      const struct verification *v, struct error *err)
{
    CLEANUP(pairs) struct pairs models = {0};
    struct prediction entry;
    bool more = true;
    if (logging_models(&models, v, err) < 0)
        return -1;
    for (uint64_t count = 0; more; count++) {
        if (session_stopped(v->session))
            return error_set(err, ERROR_STOPPED, "stopped");
        if (prediction_log_next(&more, &entry, log, err) < 0)
            return -1;
        if (!more)
            break;
        note_model(others, &models, &entry);
        if (log_replay_add(replay, &entry, err) < 0)
            return -1;
    }
    return log_replay_finish(replay, err);
}

static void tell(struct check *check, const struct verification *v, const struct prediction_counts *counts,
                 const struct others *others)
{
    CLEANUP(strings) struct strings told = {0};
    prediction_counts_tell(&told, counts);
    if (others->count > 0)
        strings_printf(&told, "entries of another model: %" PRIu64 " (\"%s\")", others->count, others->first);
    for (size_t i = 0; i < told.count; i++)
        check_note(check, NOTE_WARNING, "%s: %s: %s", v->suite->name, v->log->path, told.items[i]);
}

// The names that hold where suite.json has no "log".
static struct log_rules rules_of(const struct suite *suite, const char *kind)
{
    static char time[] = "time", id[] = "id", model[] = "model", input[] = "input", output[] = "output",
                latency[] = "latency", error[] = "error", header[] = "X-Request-Id";
    struct log_rules rules = {.time = time,
                              .id = id,
                              .model = model,
                              .input = input,
                              .output = output,
                              .latency = latency,
                              .error = error,
                              .latency_unit = 1};
    if (suite->log.given)
        rules = suite->log;
    // A suite without a log is asked rows as they are: its model knows no id.
    if (!rules.header && !rules.id_column && str_equal(kind, "api"))
        rules.header = header;
    else if (!rules.header && !rules.id_column && suite->log.given)
        rules.id_column = id;
    return rules;
}

int logging_replay(struct verification *v, struct model *model, struct error *err)
{
    const char *why, *kind = log_drill_kind(model, &v->suite->log, &why);
    CLEANUP(free) char *name = str_printf("replay: %s", v->log->path);
    if (!kind)
        return error_set(err, ERROR_USAGE, "'%s' cannot be asked again: %s", v->log->path, why);
    const struct log_rules rules = rules_of(v->suite, kind);
    const struct prediction_log_options options = {
        .rules = &rules, .has_since = v->log->has_since, .since = v->log->since, .last = v->log->last};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    CLEANUP(client) struct client *client = NULL;
    CLEANUP(log_replay) struct log_replay replay = {0};
    struct others others = {0};
    session_phase(v->session, v->suite->name, "asking again what was logged", 0);
    if (prediction_log_open(&log, v->log->path, &options, err) < 0 || model_client(&client, model, kind, err) < 0)
        return -1;
    log_replay_begin(&replay, client, v->suite, &rules);
    int status = replay_all(&replay, &others, log, v, err);
    if (status == 0)
        tell(logging_conclude(v, name, &replay), v, prediction_log_counts(log), &others);
    free(others.first);
    return status;
}
