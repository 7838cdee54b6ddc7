// SPDX-License-Identifier: Apache-2.0
#include "engine/content_facts.h"

#include "base/pool.h"
#include "compare/tensors.h"
#include "store/digest.h"

#include <endian.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

// Two jobs a value: its digest, and what a person wants to know of a tensor. The digest takes longer, so it goes first.
struct work {
    const struct contents *contents;
    struct digest *digests;
    struct tensor_summary *summaries;
    pthread_mutex_t lock; // of the error
    struct error *err;
    bool failed;
};

static int add_bytes(const void *bytes, size_t len, void *context)
{
    digester_add(context, bytes, len);
    return 0;
}

static void hash_value(struct work *work, size_t index)
{
    const struct value *value = &work->contents->items[index];
    CLEANUP(digester) struct digester *digester = NULL;
    struct error err = {0};
    if (value->kind == VALUE_NUMBER)
        return;
    if (digester_new(&digester, &err) < 0) {
        pthread_mutex_lock(&work->lock);
        if (work->failed)
            error_free(&err);
        else
            *work->err = err;
        work->failed = true;
        pthread_mutex_unlock(&work->lock);
        return;
    }
    digester_begin(digester);
    if (value->kind == VALUE_TENSOR)
        tensor_canonical(&value->tensor, add_bytes, digester);
    else
        digester_add(digester, value->bytes, value->size);
    digester_end(digester, &work->digests[index]);
}

static void do_job(size_t job, void *context)
{
    struct work *work = context;
    const struct value *value = &work->contents->items[job / 2];
    if (job % 2 == 0)
        hash_value(work, job / 2);
    else if (value->kind == VALUE_TENSOR)
        tensor_summarise(&work->summaries[job / 2], &value->tensor, 1);
}

static void add_u64(struct digester *digester, uint64_t value)
{
    value = htole64(value);
    digester_add(digester, &value, sizeof value);
}

static const char *type_of(const struct tensor *tensor)
{
    return tensor->type_name ? tensor->type_name : dtype_name(tensor->dtype);
}

static void add_value(struct digester *digester, const struct value *value, const struct digest *digest)
{
    unsigned char kind = (unsigned char)value->kind;
    digester_add(digester, value->name, strlen(value->name) + 1);
    digester_add(digester, &kind, 1);
    if (value->kind == VALUE_NUMBER) {
        uint64_t bits = 0x7ff8000000000000;
        if (!isnan(value->number))
            memcpy(&bits, &value->number, sizeof bits);
        add_u64(digester, bits);
        return;
    }
    if (value->kind == VALUE_TENSOR) {
        const char *type = type_of(&value->tensor);
        digester_add(digester, type, strlen(type) + 1);
        add_u64(digester, value->tensor.rank);
        for (size_t i = 0; i < value->tensor.rank; i++)
            add_u64(digester, value->tensor.shape[i]);
    }
    digester_add(digester, digest->bytes, sizeof digest->bytes);
}

static void add_tensor(struct content *content, const struct value *value, const struct digest *digest,
                       const struct tensor_summary *summary)
{
    struct tensor_facts *facts = content_add(content, value->name);
    facts->dtype = str_dup(type_of(&value->tensor));
    facts->rank = value->tensor.rank;
    facts->shape = facts->rank > 0 ? mem_copy(value->tensor.shape, facts->rank * sizeof *facts->shape) : NULL;
    facts->sha256 = *digest;
    facts->min = summary->min;
    facts->max = summary->max;
    facts->mean = summary->mean;
    facts->l2 = summary->l2;
    facts->nan = summary->nan;
}

int content_facts(struct content **out, const struct contents *contents, struct error *err)
{
    size_t count = contents->count;
    CLEANUP(free) struct digest *digests = mem_array(count + 1, sizeof *digests);
    CLEANUP(free) struct tensor_summary *summaries = mem_array(count + 1, sizeof *summaries);
    CLEANUP(digester) struct digester *digester = NULL;
    struct work work = {.contents = contents, .digests = digests, .summaries = summaries, .err = err};
    if (digester_new(&digester, err) < 0)
        return -1;
    pthread_mutex_init(&work.lock, NULL);
    pool_run(0, 2 * count, do_job, &work);
    pthread_mutex_destroy(&work.lock);
    if (work.failed)
        return -1;
    struct content *content = content_new();
    digester_begin(digester);
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &contents->items[i];
        add_value(digester, value, &digests[i]);
        if (value->kind == VALUE_TENSOR)
            add_tensor(content, value, &digests[i], &summaries[i]);
    }
    digester_end(digester, &content->sha256);
    *out = content;
    return 0;
}
