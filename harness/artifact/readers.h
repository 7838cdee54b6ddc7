// SPDX-License-Identifier: Apache-2.0
//
// The readers of artifact.c's table: one file a format, each with its byte layout at the top.
#ifndef REPRO_ARTIFACT_READERS_H
#define REPRO_ARTIFACT_READERS_H

#include "base/err.h"

struct contents;
struct artifact_file;

int npy_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int npz_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int safetensors_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int safetensors_index_read(struct contents *out, const struct artifact_file *file, const char *prefix,
                           struct error *err);
int hdf5_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int keras_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int csv_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int lightgbm_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int gguf_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int onnx_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int gzip_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int tar_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int zstd_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int text_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int zip_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int json_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int jsonl_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int xgboost_json_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int xgboost_ubj_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int joblib_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int pickle_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int pytorch_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);
int pytorch_legacy_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err);

#endif
