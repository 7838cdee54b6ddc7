// SPDX-License-Identifier: Apache-2.0
#include "core/drift_rules.h"

#include "core/suite_read.h"

#include <math.h>
#include <string.h>

#define LEAST 0.1

// ---- Words

static const char *const advices[] = {[ADVICE_NONE] = "none",
                                      [ADVICE_WATCH] = "watch",
                                      [ADVICE_RETRAIN] = "retrain",
                                      [ADVICE_PAUSE] = "pause",
                                      [ADVICE_ROLL_BACK] = "roll back"};
static const char *const areas[] = {[DRIFT_INPUT] = "input",
                                    [DRIFT_COLUMNS] = "columns",
                                    [DRIFT_PREDICTIONS] = "predictions",
                                    [DRIFT_OUTCOMES] = "outcomes"};
static const char *const rates[] = {
    [RATE_MISSING] = "missing",           [RATE_NAN] = "nan",  [RATE_INFINITE] = "infinite", [RATE_UNSEEN] = "unseen",
    [RATE_OUT_OF_RANGE] = "out_of_range", [RATE_TYPE] = "type"};
static const char *const statistics[] = {[STATISTIC_KS] = "ks",
                                         [STATISTIC_PSI] = "psi",
                                         [STATISTIC_CHI2] = "chi2",
                                         [STATISTIC_JS] = "js",
                                         [STATISTIC_WASSERSTEIN] = "wasserstein"};

const char *advice_name(enum advice advice)
{
    return advices[advice];
}

const char *drift_area_name(enum drift_area area)
{
    return areas[area];
}

const char *drift_rate_name(enum drift_rate rate)
{
    return rates[rate];
}

const char *drift_statistic_name(enum drift_statistic statistic)
{
    return statistics[statistic];
}

// ---- Keys. schemas/suite.schema.json says the same; a test holds the two against each other.

static const struct json_field column_fields[] = {
    {.name = "missing", .types = DOC_NUMBER},      {.name = "nan", .types = DOC_NUMBER},
    {.name = "infinite", .types = DOC_NUMBER},     {.name = "unseen", .types = DOC_NUMBER},
    {.name = "out_of_range", .types = DOC_NUMBER}, {.name = "type", .types = DOC_NUMBER},
    {.name = "ks", .types = DOC_NUMBER},           {.name = "psi", .types = DOC_NUMBER},
    {.name = "chi2", .types = DOC_NUMBER},         {.name = "js", .types = DOC_NUMBER},
    {.name = "wasserstein", .types = DOC_NUMBER},  {.name = "least", .types = DOC_NUMBER},
    {.name = "advice", .types = DOC_STRING},       {0},
};
static const struct json_field column_field = {.name = "", .types = DOC_OBJECT | DOC_STRING, .fields = column_fields};

static const struct json_field measure_fields[] = {
    {.name = "column", .types = DOC_STRING},
    {.name = "better", .types = DOC_STRING},
    {.name = "min", .types = DOC_NUMBER},
    {.name = "max", .types = DOC_NUMBER},
    {0},
};
static const struct json_field measure_field = {.name = "", .types = DOC_OBJECT, .fields = measure_fields};

static const struct json_field outcome_fields[] = {
    {.name = "id", .types = DOC_STRING},
    {.name = "actual", .types = DOC_STRING},
    {.name = "measures", .types = DOC_OBJECT, .required = true, .values = &measure_field},
    {0},
};

static const struct json_field advice_fields[] = {
    {.name = "input", .types = DOC_STRING},
    {.name = "columns", .types = DOC_STRING},
    {.name = "predictions", .types = DOC_STRING},
    {.name = "outcomes", .types = DOC_STRING},
    {0},
};

const struct json_field drift_rules_fields[] = {
    {.name = "reference", .types = DOC_STRING},
    {.name = "false_alarms", .types = DOC_NUMBER},
    {.name = "window", .types = DOC_NUMBER},
    {.name = "least", .types = DOC_NUMBER},
    {.name = "columns", .types = DOC_OBJECT, .values = &column_field},
    {.name = "outcomes", .types = DOC_OBJECT, .fields = outcome_fields},
    {.name = "advice", .types = DOC_OBJECT, .fields = advice_fields},
    {.name = "on_alarm", .types = DOC_STRING},
    {0},
};

const struct json_field log_rules_fields[] = {
    {.name = "path", .types = DOC_STRING, .required = true},
    {.name = "time", .types = DOC_STRING},
    {.name = "id", .types = DOC_STRING},
    {.name = "model", .types = DOC_STRING},
    {.name = "input", .types = DOC_STRING},
    {.name = "output", .types = DOC_STRING},
    {.name = "latency", .types = DOC_STRING},
    {.name = "latency_unit", .types = DOC_STRING},
    {.name = "error", .types = DOC_STRING},
    {.name = "header", .types = DOC_STRING},
    {.name = "id_column", .types = DOC_STRING},
    {0},
};

// ---- Reading

static enum advice read_advice(const struct document *doc, const struct json_value *word)
{
    return (enum advice)(1 + document_word(doc, word, advices + 1, ARRAY_LEN(advices) - 1, -1));
}

// A share of the whole; NaN where nothing is said.
static double read_share(const struct document *doc, const struct json_value *object, const char *key)
{
    const struct json_value *value = document_get(object, key, DOC_NUMBER);
    double share = NAN;
    document_amount(doc, &share, value);
    if (share > 1)
        json_problem(doc->json, value, doc->err, "expected a share from 0 to 1");
    return share;
}

static double read_amount(const struct document *doc, const struct json_value *object, const char *key)
{
    double amount = NAN;
    document_amount(doc, &amount, document_get(object, key, DOC_NUMBER));
    return amount;
}

static void read_column(const struct document *doc, struct drift_column_rule *out, const struct json_value *value)
{
    static const char *const words[] = {"ignore"};
    out->pattern = str_dup(json_key(value));
    out->line = json_line(value);
    out->ignore = document_word(doc, value, words, ARRAY_LEN(words), -1) == 0;
    const struct json_value *object = document_is(value, DOC_OBJECT) ? value : NULL;
    document_filled(doc, value, out->pattern);
    for (size_t i = 0; i < DRIFT_RATES; i++)
        out->rates[i] = read_share(doc, object, rates[i]);
    for (size_t i = 0; i < DRIFT_STATISTICS; i++)
        out->statistics[i] = read_amount(doc, object, statistics[i]);
    out->least = read_amount(doc, object, "least");
    out->advice = read_advice(doc, text_of(object, "advice"));
}

static void read_columns(const struct document *doc, struct drift_rules *out, const struct json_value *columns)
{
    size_t count = columns ? json_count(columns) : 0;
    out->columns = count ? mem_array(count, sizeof *out->columns) : NULL;
    for (size_t i = 0; i < count; i++)
        read_column(doc, &out->columns[out->column_count++], json_at(columns, i));
}

// What lower means of the measures that have names of their own.
static const struct {
    const char *name;
    bool lower;
} known[] = {{"accuracy", false},   {"auc", false}, {"log_loss", true},
             {"calibration", true}, {"rmse", true}, {"mae", true}};

static void read_measure(const struct document *doc, struct drift_measure *out, const struct json_value *value)
{
    static const char *const betters[] = {"higher", "lower"};
    const struct json_value *better = text_of(value, "better");
    out->name = str_dup(json_key(value));
    out->column = document_string(doc, text_of(value, "column"), document_filled);
    out->line = json_line(value);
    out->min = out->max = NAN;
    document_number(doc, &out->min, document_get(value, "min", DOC_NUMBER));
    document_number(doc, &out->max, document_get(value, "max", DOC_NUMBER));
    int word = document_word(doc, better, betters, ARRAY_LEN(betters), -1);
    size_t i = 0;
    while (i < ARRAY_LEN(known) && strcmp(known[i].name, out->name) != 0)
        i++;
    out->lower_is_better = word >= 0 ? word == 1 : i < ARRAY_LEN(known) && known[i].lower;
    if (i == ARRAY_LEN(known) && !out->column)
        json_problem(
            doc->json, value, doc->err,
            "'%s' is no measure that is known (accuracy, auc, log_loss, calibration, rmse, mae); a number of your "
            "own needs \"column\", where the outcomes have it",
            out->name);
    else if (out->column && word < 0)
        json_problem(doc->json, value, doc->err, "a number of your own needs \"better\": \"higher\" or \"lower\"");
    if (out->min > out->max)
        json_problem(doc->json, value, doc->err, "\"min\" is above \"max\"");
}

static void read_outcomes(const struct document *doc, struct drift_rules *out, const struct json_value *outcomes)
{
    if (!outcomes)
        return;
    const struct json_value *measures = object_of(outcomes, "measures");
    size_t count = measures ? json_count(measures) : 0;
    out->outcomes.given = true;
    out->outcomes.id = document_string(doc, text_of(outcomes, "id"), document_filled);
    out->outcomes.actual = document_string(doc, text_of(outcomes, "actual"), document_filled);
    if (!out->outcomes.id)
        out->outcomes.id = str_dup("id");
    out->outcomes.measures = count ? mem_array(count, sizeof *out->outcomes.measures) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (document_is(json_at(measures, i), DOC_OBJECT))
            read_measure(doc, &out->outcomes.measures[out->outcomes.measure_count++], json_at(measures, i));
    }
    if (measures && count == 0)
        json_problem(doc->json, measures, doc->err, "names no measure, such as \"accuracy\" or \"mae\"");
}

void drift_rules_read(const struct document *doc, struct drift_rules *out, const struct json_value *drift)
{
    static const enum advice usual[] = {[DRIFT_INPUT] = ADVICE_PAUSE,
                                        [DRIFT_COLUMNS] = ADVICE_RETRAIN,
                                        [DRIFT_PREDICTIONS] = ADVICE_RETRAIN,
                                        [DRIFT_OUTCOMES] = ADVICE_ROLL_BACK};
    static const char *const actions[] = {"roll back", "nothing"};
    const struct json_value *advice = object_of(drift, "advice"),
                            *alarms = document_get(drift, "false_alarms", DOC_NUMBER);
    out->given = drift != NULL;
    out->reference = document_string(doc, text_of(drift, "reference"), document_inside);
    out->false_alarms = 0.05;
    document_amount(doc, &out->false_alarms, alarms);
    if (alarms && (out->false_alarms <= 0 || out->false_alarms > 0.5))
        json_problem(doc->json, alarms, doc->err, "expected a share above 0 and at most 0.5, such as 0.05");
    const struct json_value *window = document_get(drift, "window", DOC_NUMBER);
    out->window = 10000;
    document_count(doc, &out->window, window);
    if (window && out->window < 20)
        json_problem(doc->json, window, doc->err, "expected at least 20 rows");
    out->least = read_amount(doc, drift, "least");
    read_columns(doc, out, object_of(drift, "columns"));
    read_outcomes(doc, out, object_of(drift, "outcomes"));
    for (size_t i = 0; i < DRIFT_AREAS; i++) {
        enum advice said = read_advice(doc, text_of(advice, areas[i]));
        out->advice[i] = said != ADVICE_NONE ? said : usual[i];
    }
    out->roll_back = document_word(doc, text_of(drift, "on_alarm"), actions, ARRAY_LEN(actions), 1) == 0;
}

static char *read_name(const struct document *doc, const struct json_value *log, const char *key)
{
    char *name = document_string(doc, text_of(log, key), document_filled);
    return name ? name : str_dup(key);
}

static void header_name(const struct document *doc, const struct json_value *where, const char *text)
{
    static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (*text == '\0' || strlen(text) > 100 || text[strspn(text, token)] != '\0')
        json_problem(doc->json, where, doc->err, "'%s' is no name for a header, such as X-Request-Id", text);
}

void log_rules_read(const struct document *doc, struct log_rules *out, const struct json_value *log)
{
    static const char *const units[] = {"s", "ms", "us"};
    static const double seconds[] = {1, 1e-3, 1e-6};
    if (!log)
        return;
    out->given = true;
    out->path = document_string(doc, text_of(log, "path"), document_inside);
    out->time = read_name(doc, log, "time");
    out->id = read_name(doc, log, "id");
    out->model = read_name(doc, log, "model");
    out->input = read_name(doc, log, "input");
    out->output = read_name(doc, log, "output");
    out->latency = read_name(doc, log, "latency");
    out->error = read_name(doc, log, "error");
    out->latency_unit = seconds[document_word(doc, text_of(log, "latency_unit"), units, ARRAY_LEN(units), 0)];
    out->header = document_string(doc, text_of(log, "header"), header_name);
    out->id_column = document_string(doc, text_of(log, "id_column"), document_filled);
    if (out->header && out->id_column)
        json_problem(doc->json, log, doc->err,
                     "says both \"header\" and \"id_column\"; the id of a request stands in one");
}

void drift_rules_free(struct drift_rules *rules)
{
    free(rules->reference);
    for (size_t i = 0; i < rules->column_count; i++)
        free(rules->columns[i].pattern);
    free(rules->columns);
    free(rules->outcomes.id);
    free(rules->outcomes.actual);
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        free(rules->outcomes.measures[i].name);
        free(rules->outcomes.measures[i].column);
    }
    free(rules->outcomes.measures);
    *rules = (struct drift_rules){0};
}

void log_rules_free(struct log_rules *rules)
{
    char *const owned[] = {rules->path,   rules->time,    rules->id,    rules->model,  rules->input,
                           rules->output, rules->latency, rules->error, rules->header, rules->id_column};
    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        free(owned[i]);
    *rules = (struct log_rules){0};
}

// ---- Use

const struct drift_column_rule *drift_rules_column(const struct drift_rules *rules, const char *column)
{
    for (size_t i = 0; i < rules->column_count; i++) {
        if (strcmp(rules->columns[i].pattern, column) == 0 || str_glob(rules->columns[i].pattern, column))
            return &rules->columns[i];
    }
    return NULL;
}

double drift_rules_least(const struct drift_rules *rules, const struct drift_column_rule *rule)
{
    if (rule && !isnan(rule->least))
        return rule->least;
    return isnan(rules->least) ? LEAST : rules->least;
}

enum advice drift_rules_advice(const struct drift_rules *rules, enum drift_area area, const char *column)
{
    const struct drift_column_rule *rule = column ? drift_rules_column(rules, column) : NULL;
    return rule && rule->advice != ADVICE_NONE ? rule->advice : rules->advice[area];
}
