// SPDX-License-Identifier: Apache-2.0
//
// What an artifact held, as the manifest keeps it: enough to say which tensors moved where golden's bytes are not at
// hand.
#ifndef REPRO_CORE_CONTENT_H
#define REPRO_CORE_CONTENT_H

#include "core/digest.h"

#include <stddef.h>
#include <stdint.h>

struct document;
struct json_field;
struct json_value;
struct json_writer;

struct tensor_facts {
    char *name;
    char *dtype; // "f32", "Q4_K"
    uint64_t *shape;
    size_t rank;
    struct digest sha256;      // of the canonical bytes: little-endian, C order
    double min, max, mean, l2; // over the finite elements
    uint64_t nan;
};

// In byte order of the names, each once.
struct content {
    struct digest sha256; // of every value, tensors and others, by name (engine/contents.h)
    struct tensor_facts *tensors;
    size_t count, capacity;
};

struct content *content_new(void);
void content_free(struct content *content);
struct content *content_copy(const struct content *content);                 // NULL of NULL
void content_forget_tensors(struct content *content);                        // keeps the digest of all
struct tensor_facts *content_add(struct content *content, const char *name); // zeroed but for the name
const struct tensor_facts *content_find(const struct content *content, const char *name);

// The keys "content" and "tensors" of an artifact. The reader gives NULL where there is no content.
void content_write(struct json_writer *w, const struct content *content);
struct content *content_read(const struct document *doc, const struct json_value *artifact);
extern const struct json_field content_tensor; // an item of "tensors"

#endif
