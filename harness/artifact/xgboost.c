// SPDX-License-Identifier: Apache-2.0
//
// XGBoost models (doc/model.schema and "Introduction to Model IO" of XGBoost): one object with "learner" and "version",
// in JSON, or in UBJSON with typed arrays (artifact/tokens_ubj.c). Values are named by their paths
// ("learner.gradient_booster.model.trees[3].split_conditions"), and a model gives the same values in both spellings:
// JSON does not say of which type the arrays of a tree are, but XGBoost reads them as the types below.
#include "artifact/contents.h"
#include "artifact/outline.h"
#include "artifact/readers.h"
#include "artifact/tokens.h"

static const struct outline_type types[] = {
    {"base_weights", DTYPE_F32}, {"loss_changes", DTYPE_F32},     {"split_conditions", DTYPE_F32},
    {"sum_hessian", DTYPE_F32},  {"weights", DTYPE_F32},          {"weight_drop", DTYPE_F32},
    {"categories", DTYPE_I32},   {"categories_nodes", DTYPE_I32}, {"left_children", DTYPE_I32},
    {"parents", DTYPE_I32},      {"right_children", DTYPE_I32},   {"split_indices", DTYPE_I32},
    {"default_left", DTYPE_U8},  {"split_type", DTYPE_U8},
};

static int read_model(struct contents *out, struct tokens *tokens, const char *prefix, struct error *err)
{
    const struct outline_options options = {.types = types, .type_count = ARRAY_LEN(types)};
    return outline_read(out, prefix, tokens, &options, err);
}

int xgboost_json_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    CLEANUP(tokens) struct tokens tokens;
    tokens_json(&tokens, file->bytes, file->len);
    contents_leave_out(out, "white space, the order of keys and the spelling of numbers in JSON");
    return read_model(out, &tokens, prefix, err);
}

int xgboost_ubj_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    CLEANUP(tokens) struct tokens tokens;
    tokens_ubj(&tokens, file->bytes, file->len);
    contents_leave_out(out, "the order of keys and the sizes of lone numbers in UBJSON");
    return read_model(out, &tokens, prefix, err);
}
