// SPDX-License-Identifier: Apache-2.0
//
// What a manifest keeps of an artifact's contents.
//
// The content digest is the SHA-256 over the values in byte order of their names, each as
//     name NUL, kind (u8: enum value_kind), then
//     tensor: type NUL, rank (u64), dimensions (u64 each), SHA-256 of the canonical bytes
//     number: f64; every NaN is the one of bits 0x7ff8000000000000
//     text and bytes: SHA-256 of the bytes
// with all numbers little-endian. What a reader leaves out (contents.left_out) has no part in it, so two files whose
// containers differ and whose values do not have the same one.
#ifndef REPRO_ENGINE_CONTENT_FACTS_H
#define REPRO_ENGINE_CONTENT_FACTS_H

#include "artifact/contents.h"
#include "base/err.h"
#include "core/content.h"

// On all CPUs. The caller frees *out.
int content_facts(struct content **out, const struct contents *contents, struct error *err);

#endif
