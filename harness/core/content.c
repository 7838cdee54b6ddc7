// SPDX-License-Identifier: Apache-2.0
#include "core/content.h"

#include "base/mem.h"
#include "core/document.h"

#include <string.h>

enum { RANK_AT_MOST = 32, WHOLE = DOC_NUMBER | DOC_STRING };

static const struct json_field dimension = {.name = "", .types = WHOLE};

static const struct json_field tensor_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "dtype", .types = DOC_STRING, .required = true},
    {.name = "shape", .types = DOC_ARRAY, .required = true, .items = &dimension},
    {.name = "sha256", .types = DOC_STRING, .required = true},
    {.name = "min", .types = WHOLE},
    {.name = "max", .types = WHOLE},
    {.name = "mean", .types = WHOLE},
    {.name = "l2", .types = WHOLE},
    {.name = "nan", .types = WHOLE},
    {0},
};
const struct json_field content_tensor = {.name = "", .types = DOC_OBJECT, .fields = tensor_fields};

struct content *content_new(void)
{
    return mem_alloc(sizeof(struct content));
}

void content_forget_tensors(struct content *content)
{
    for (size_t i = 0; i < content->count; i++) {
        free(content->tensors[i].name);
        free(content->tensors[i].dtype);
        free(content->tensors[i].shape);
    }
    free(content->tensors);
    content->tensors = NULL;
    content->count = content->capacity = 0;
}

void content_free(struct content *content)
{
    if (!content)
        return;
    content_forget_tensors(content);
    free(content);
}

struct tensor_facts *content_add(struct content *content, const char *name)
{
    content->tensors = mem_grow(content->tensors, content->count, &content->capacity, sizeof *content->tensors);
    struct tensor_facts *facts = &content->tensors[content->count++];
    *facts = (struct tensor_facts){.name = str_dup(name)};
    return facts;
}

struct content *content_copy(const struct content *content)
{
    if (!content)
        return NULL;
    struct content *copy = content_new();
    copy->sha256 = content->sha256;
    for (size_t i = 0; i < content->count; i++) {
        struct tensor_facts *facts = content_add(copy, content->tensors[i].name);
        char *name = facts->name;
        *facts = content->tensors[i];
        facts->name = name;
        facts->dtype = str_dup(facts->dtype);
        facts->shape = facts->rank > 0 ? mem_copy(facts->shape, facts->rank * sizeof *facts->shape) : NULL;
    }
    return copy;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct tensor_facts *)a)->name, ((const struct tensor_facts *)b)->name);
}

const struct tensor_facts *content_find(const struct content *content, const char *name)
{
    const struct tensor_facts key = {.name = (char *)(uintptr_t)name};
    return content->count ? bsearch(&key, content->tensors, content->count, sizeof key, compare_names) : NULL;
}

static void put_digest(struct json_writer *w, const char *key, const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    json_put_string(w, key, hex);
}

static void put_tensor(struct json_writer *w, const struct tensor_facts *facts)
{
    json_begin_object(w, NULL);
    w->compact = true;
    json_put_string(w, "name", facts->name);
    json_put_string(w, "dtype", facts->dtype);
    json_begin_array(w, "shape");
    for (size_t i = 0; i < facts->rank; i++)
        json_put_u64(w, NULL, facts->shape[i]);
    json_end_array(w);
    put_digest(w, "sha256", &facts->sha256);
    json_put_double(w, "min", facts->min);
    json_put_double(w, "max", facts->max);
    json_put_double(w, "mean", facts->mean);
    json_put_double(w, "l2", facts->l2);
    if (facts->nan > 0)
        json_put_u64(w, "nan", facts->nan);
    json_end_object(w);
    w->compact = false;
}

void content_write(struct json_writer *w, const struct content *content)
{
    if (!content)
        return;
    put_digest(w, "content", &content->sha256);
    if (content->count == 0)
        return;
    json_begin_array(w, "tensors");
    for (size_t i = 0; i < content->count; i++)
        put_tensor(w, &content->tensors[i]);
    json_end_array(w);
}

static void read_digest(const struct document *doc, struct digest *out, const struct json_value *value)
{
    if (value && digest_from_hex(out, json_string(value)) < 0)
        json_problem(doc->json, value, doc->err, "expected 64 hexadecimal digits in lower case");
}

static void read_shape(const struct document *doc, struct tensor_facts *facts, const struct json_value *shape)
{
    size_t rank = shape ? json_count(shape) : 0;
    if (rank > RANK_AT_MOST) {
        json_problem(doc->json, shape, doc->err, "expected at most %d dimensions", RANK_AT_MOST);
        return;
    }
    facts->rank = rank;
    facts->shape = rank > 0 ? mem_array(rank, sizeof *facts->shape) : NULL;
    for (size_t i = 0; i < rank; i++)
        document_count(doc, &facts->shape[i], json_at(shape, i));
}

static void read_tensor(const struct document *doc, struct content *content, const struct json_value *item)
{
    const struct json_value *name = document_get(item, "name", DOC_STRING);
    if (!name)
        return;
    const char *before = content->count > 0 ? content->tensors[content->count - 1].name : NULL;
    if (before && strcmp(before, json_string(name)) >= 0)
        json_problem(doc->json, name, doc->err, "'%s' must stand before '%s' (byte order, each once)",
                     json_string(name), before);
    struct tensor_facts *facts = content_add(content, json_string(name));
    facts->dtype = document_string(doc, document_get(item, "dtype", DOC_STRING), document_filled);
    read_shape(doc, facts, document_get(item, "shape", DOC_ARRAY));
    read_digest(doc, &facts->sha256, document_get(item, "sha256", DOC_STRING));
    document_number(doc, &facts->min, document_get(item, "min", WHOLE));
    document_number(doc, &facts->max, document_get(item, "max", WHOLE));
    document_number(doc, &facts->mean, document_get(item, "mean", WHOLE));
    document_number(doc, &facts->l2, document_get(item, "l2", WHOLE));
    document_count(doc, &facts->nan, document_get(item, "nan", WHOLE));
}

struct content *content_read(const struct document *doc, const struct json_value *artifact)
{
    const struct json_value *digest = document_get(artifact, "content", DOC_STRING);
    const struct json_value *tensors = document_get(artifact, "tensors", DOC_ARRAY);
    if (tensors && !digest)
        json_problem(doc->json, tensors, doc->err, "\"tensors\" needs \"content\" beside it");
    if (!digest)
        return NULL;
    struct content *content = content_new();
    read_digest(doc, &content->sha256, digest);
    for (size_t i = 0, count = tensors ? json_count(tensors) : 0; i < count; i++)
        read_tensor(doc, content, json_at(tensors, i));
    return content;
}
