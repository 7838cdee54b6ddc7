// SPDX-License-Identifier: Apache-2.0
//
// How suite.json is read, between the files that do it: one for each group of keys, with their table and their reader.
// Every fault becomes a problem of the document, and reading goes on.
#ifndef REPRO_CORE_SUITE_READ_H
#define REPRO_CORE_SUITE_READ_H

#include "core/document.h"
#include "core/suite.h"

enum { DOC_QUANTITY = DOC_STRING | DOC_NUMBER, DOC_COMMAND = DOC_ARRAY | DOC_STRING };

extern const struct json_field suite_train_fields[], suite_input_fields[], suite_metric_fields[], suite_model_fields[];
extern const struct json_field suite_artifact_field; // of one artifact

void suite_read_train(const struct document *doc, struct suite *suite, const struct json_value *train);
void suite_read_inputs(const struct document *doc, struct suite *suite, const struct json_value *inputs);
void suite_read_artifacts(const struct document *doc, struct suite *suite, const struct json_value *artifacts);
void suite_read_metrics(const struct document *doc, struct suite *suite, const struct json_value *metrics);

void suite_read_model(const struct document *doc, struct suite *suite, const struct json_value *model);
// After "fuzz", which may expect that there is one.
void suite_read_fallback(const struct document *doc, struct suite *suite, const struct json_value *root);

static inline const struct json_value *object_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_OBJECT);
}

static inline const struct json_value *array_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_ARRAY);
}

static inline const struct json_value *quantity_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_QUANTITY);
}

static inline const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

#endif
