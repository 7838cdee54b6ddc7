// SPDX-License-Identifier: Apache-2.0
#include "core/limit_rules.h"

#include "core/suite_read.h"

const struct json_field limit_predict_fields[] = {
    {.name = "rate", .types = DOC_NUMBER},         {.name = "seconds", .types = DOC_QUANTITY},
    {.name = "p50", .types = DOC_QUANTITY},        {.name = "p99", .types = DOC_QUANTITY},
    {.name = "p99.9", .types = DOC_QUANTITY},      {.name = "highest_rate", .types = DOC_NUMBER},
    {.name = "cold_start", .types = DOC_QUANTITY}, {.name = "memory", .types = DOC_QUANTITY},
    {.name = "after", .types = DOC_NUMBER},        {.name = "rows_per_second", .types = DOC_NUMBER},
    {.name = "growth", .types = DOC_NUMBER},       {0},
};

const struct json_field limit_price_fields[] = {
    {.name = "currency", .types = DOC_STRING},
    {.name = "cpu_hour", .types = DOC_NUMBER},
    {.name = "gb_hour", .types = DOC_NUMBER},
    {.name = "training", .types = DOC_NUMBER},
    {.name = "million_predictions", .types = DOC_NUMBER},
    {0},
};

// 0 stands for "not limited" in memory, which is said by leaving the key out.
static void read_positive(const struct document *doc, double *out, const struct json_value *object, const char *key)
{
    const struct json_value *value = document_get(object, key, DOC_NUMBER);
    size_t before = doc->err->problem_count;
    document_amount(doc, out, value);
    if (value && *out == 0 && doc->err->problem_count == before)
        json_problem(doc->json, value, doc->err, "expected a number above 0");
}

static void read_predict(const struct document *doc, struct limit_rules *out, const struct json_value *predict)
{
    const struct json_value *memory = quantity_of(predict, "memory"),
                            *after = document_get(predict, "after", DOC_NUMBER);
    size_t before = doc->err->problem_count;
    out->given = true;
    read_positive(doc, &out->rate, predict, "rate");
    document_duration(doc, &out->seconds, quantity_of(predict, "seconds"));
    document_duration(doc, &out->p50, quantity_of(predict, "p50"));
    document_duration(doc, &out->p99, quantity_of(predict, "p99"));
    document_duration(doc, &out->p999, quantity_of(predict, "p99.9"));
    read_positive(doc, &out->highest_rate, predict, "highest_rate");
    document_duration(doc, &out->cold_start, quantity_of(predict, "cold_start"));
    document_size(doc, &out->memory, memory);
    document_count(doc, &out->after, after);
    read_positive(doc, &out->rows_per_second, predict, "rows_per_second");
    read_positive(doc, &out->growth, predict, "growth");
    if (doc->err->problem_count != before)
        return;
    if (memory && out->memory == 0)
        json_problem(doc->json, memory, doc->err, "expected a size above 0");
    if (after && !memory)
        json_problem(doc->json, after, doc->err,
                     "says after how many questions memory is looked at, but there is no \"memory\"");
    if (out->highest_rate > 0 && out->p50 <= 0 && out->p99 <= 0 && out->p999 <= 0)
        json_problem(doc->json, document_get(predict, "highest_rate", DOC_NUMBER), doc->err,
                     "is the rate at which the latencies still hold: add \"p50\", \"p99\" or \"p99.9\"");
}

static void read_price(const struct document *doc, struct limit_rules *out, const struct json_value *price)
{
    out->price.given = true;
    out->price.currency = document_string(doc, text_of(price, "currency"), document_filled);
    document_amount(doc, &out->price.cpu_hour, document_get(price, "cpu_hour", DOC_NUMBER));
    document_amount(doc, &out->price.gb_hour, document_get(price, "gb_hour", DOC_NUMBER));
    read_positive(doc, &out->price.training, price, "training");
    read_positive(doc, &out->price.million_predictions, price, "million_predictions");
    if (out->price.cpu_hour == 0 && out->price.gb_hour == 0)
        json_problem(doc->json, price, doc->err, "names no price above 0: add \"cpu_hour\" or \"gb_hour\"");
}

void limit_rules_read(const struct document *doc, struct limit_rules *out, const struct json_value *limits)
{
    const struct json_value *predict = object_of(limits, "predict"), *price = object_of(limits, "price");
    if (predict)
        read_predict(doc, out, predict);
    if (price)
        read_price(doc, out, price);
}

void limit_rules_free(struct limit_rules *rules)
{
    free(rules->price.currency);
    *rules = (struct limit_rules){0};
}
