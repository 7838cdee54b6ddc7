// SPDX-License-Identifier: Apache-2.0
//
// A checkpoint in several safetensors files, as transformers writes it: X.safetensors.index.json, with the shards
// beside it.
//
//   {"metadata": {"total_size": N, …}, "weight_map": {name of a tensor: file name of its shard, …}}
//
// The tensors of all shards are one list; which shard holds which tensor is left out. What the shards say of themselves
// has their file name in front ("X-00001-of-00002.safetensors:__metadata__.format").
#include "artifact/safetensors.h"

#include "artifact/contents.h"
#include "artifact/outline.h"
#include "artifact/readers.h"
#include "artifact/tokens.h"

#include <string.h>

struct index {
    struct contents *contents;
    const struct artifact_file *file;
    const char *prefix;
    struct pairs weights;  // tensor → shard
    struct strings shards; // sorted
    const char *metadata;  // its JSON; NULL: there is none
    size_t metadata_len;
};

static void cleanup_index(struct index *index)
{
    pairs_free(&index->weights);
    strings_free(&index->shards);
}

static int fail_expected(const char *expected, struct error *err)
{
    return error_set(err, ERROR_USAGE, "expected %s", expected);
}

static int read_weights(struct index *index, struct tokens *tokens, struct error *err)
{
    struct token token;
    if (tokens->next(&token, tokens, err) != 0)
        return -1;
    if (token.kind != TOKEN_OBJECT)
        return fail_expected("an object in 'weight_map'", err);
    for (;;) {
        if (tokens->next(&token, tokens, err) != 0)
            return -1;
        if (token.kind == TOKEN_OBJECT_END)
            return 0;
        CLEANUP(free) char *name = str_ndup(token.text, token.len);
        if (strlen(name) != token.len)
            return fail_expected("names without a zero byte", err);
        if (tokens->next(&token, tokens, err) != 0)
            return -1;
        if (token.kind != TOKEN_TEXT)
            return fail_expected("the file name of a shard", err);
        // Not pairs_set, whose search for an equal name takes a time that grows with the square.
        struct pairs *weights = &index->weights;
        weights->items = mem_grow(weights->items, weights->count, &weights->capacity, sizeof *weights->items);
        weights->items[weights->count++] = (struct pair){steal(&name), str_ndup(token.text, token.len)};
    }
}

// Over one value of any kind.
static int skip(struct tokens *tokens, struct error *err)
{
    struct token token;
    size_t depth = tokens->depth;
    do {
        if (tokens->next(&token, tokens, err) != 0)
            return -1;
    } while (tokens->depth > depth);
    return 0;
}

static int parse(struct index *index, const struct artifact_file *file, struct error *err)
{
    CLEANUP(tokens) struct tokens tokens;
    struct token token;
    bool weights = false;
    tokens_json(&tokens, file->bytes, file->len);
    if (!str_is_utf8((const char *)file->bytes, file->len, NULL))
        return fail_expected("UTF-8", err);
    if (tokens.next(&token, &tokens, err) != 0)
        return -1;
    if (token.kind != TOKEN_OBJECT)
        return fail_expected("an object", err);
    for (;;) {
        if (tokens.next(&token, &tokens, err) != 0)
            return -1;
        if (token.kind == TOKEN_OBJECT_END)
            break;
        bool map = token.len == 10 && memcmp(token.text, "weight_map", 10) == 0;
        bool metadata = token.len == 8 && memcmp(token.text, "metadata", 8) == 0;
        if ((map && weights) || (metadata && index->metadata) || (!map && !metadata))
            return fail_expected("'metadata' and 'weight_map', once each, and nothing else", err);
        size_t begin = tokens.at;
        if ((map ? read_weights(index, &tokens, err) : skip(&tokens, err)) != 0)
            return -1;
        weights = weights || map;
        if (metadata) {
            index->metadata = (const char *)file->bytes + begin;
            index->metadata_len = tokens.at - begin;
        }
    }
    if (!weights)
        return fail_expected("a 'weight_map'", err);
    for (size_t i = 0; i < index->weights.count; i++) {
        const char *shard = index->weights.items[i].value;
        if (i == 0 || strcmp(index->weights.items[i - 1].value, shard) != 0)
            strings_add(&index->shards, shard);
    }
    strings_sort(&index->shards);
    strings_unique(&index->shards);
    return tokens.next(&token, &tokens, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Every tensor that the index places in this shard is among its values, which begin at `first`.
static int check_shard(const struct index *index, const char *shard, size_t first, struct error *err)
{
    struct contents *out = index->contents;
    size_t count = out->count - first;
    CLEANUP(free) const char **names = mem_array(count, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = out->items[first + i].name;
    if (count > 0)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < index->weights.count; i++) {
        const struct pair *weight = &index->weights.items[i];
        if (strcmp(weight->value, shard) != 0)
            continue;
        const char *name = contents_name(out, index->prefix, weight->name);
        if (count == 0 || !bsearch(&name, names, count, sizeof *names, by_name))
            return error_set(err, ERROR_USAGE, "tensor '%s' is not in its shard '%s'", weight->name, shard);
    }
    return 0;
}

static int read_shard(const struct index *index, const char *shard, struct error *err)
{
    struct contents *out = index->contents;
    const char *prefix = index->prefix;
    struct artifact_file part;
    if (!index->file->folder)
        return error_set(err, ERROR_USAGE, "its shard '%s' cannot be reached from here", shard);
    if (contents_map(out, &part, index->file->folder, shard, err) != 0)
        return error_context(err, "its shard");
    size_t first = out->count;
    if (safetensors_read_shard(out, &part, prefix, contents_name(out, prefix, shard), err) != 0)
        return error_context(err, "%s", shard);
    return check_shard(index, shard, first, err);
}

int safetensors_index_read(struct contents *out, const struct artifact_file *file, const char *prefix,
                           struct error *err)
{
    __attribute__((cleanup(cleanup_index))) struct index index = {.contents = out, .file = file, .prefix = prefix};
    if (parse(&index, file, err) != 0)
        return -1;
    for (size_t i = 0; i < index.shards.count; i++) {
        if (read_shard(&index, index.shards.items[i], err) != 0)
            return -1;
    }
    contents_leave_out(out, "which shard holds which tensor");
    if (!index.metadata)
        return 0;
    CLEANUP(tokens) struct tokens metadata;
    const struct outline_options options = {.path = "metadata"};
    tokens_json(&metadata, index.metadata, index.metadata_len);
    return outline_read(out, prefix, &metadata, &options, err);
}

int safetensors_index_shards(struct strings *out, const struct artifact_file *file, struct error *err)
{
    __attribute__((cleanup(cleanup_index))) struct index index = {0};
    if (parse(&index, file, err) != 0)
        return -1;
    strings_copy(out, &index.shards);
    return 0;
}
