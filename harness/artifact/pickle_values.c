// SPDX-License-Identifier: Apache-2.0
//
// Looking into the graph of a pickle.
#include "artifact/pickle.h"

#include <string.h>

const struct pickle_node *pickle_node(const struct pickle *pickle, uint32_t index)
{
    static const struct pickle_node none = {.kind = PICKLE_NONE};
    return index && index < pickle->count ? &pickle->nodes[index] : &none;
}

uint32_t pickle_item(const struct pickle *pickle, uint32_t node, uint32_t item)
{
    const struct pickle_node *list = pickle_node(pickle, node);
    return (list->kind == PICKLE_TUPLE || list->kind == PICKLE_LIST) && item < list->count ? list->items[item] : 0;
}

bool pickle_is_text(const struct pickle *pickle, uint32_t index, const char *text)
{
    const struct pickle_node *node = pickle_node(pickle, index);
    return node->kind == PICKLE_TEXT && node->len == strlen(text) && !memcmp(node->bytes, text, (size_t)node->len);
}

bool pickle_is_global(const struct pickle *pickle, uint32_t index, const char *name)
{
    const struct pickle_node *node = pickle_node(pickle, index);
    return node->kind == PICKLE_GLOBAL && node->len == strlen(name) && !memcmp(node->bytes, name, (size_t)node->len);
}

bool pickle_is_call(const struct pickle *pickle, uint32_t index, const char *name)
{
    const struct pickle_node *node = pickle_node(pickle, index);
    return node->kind == PICKLE_OBJECT && pickle_is_global(pickle, node->callable, name);
}

uint32_t pickle_get(const struct pickle *pickle, uint32_t dict, const char *key)
{
    const struct pickle_node *node = pickle_node(pickle, dict);
    if (node->kind != PICKLE_DICT || node->count > 2 * PICKLE_MAX_STATE)
        return 0;
    for (uint32_t i = node->count; i >= 2; i -= 2) {
        if (pickle_is_text(pickle, node->items[i - 2], key))
            return node->items[i - 1];
    }
    return 0;
}

bool pickle_size(const struct pickle *pickle, uint32_t index, uint64_t *out)
{
    const struct pickle_node *node = pickle_node(pickle, index);
    if ((node->kind != PICKLE_INT && node->kind != PICKLE_BOOL) || node->integer < 0)
        return false;
    *out = (uint64_t)node->integer;
    return true;
}

// Latin-1, as protocols up to 2 write bytes: every character is below 256. False where one is not.
static bool to_latin1(unsigned char *out, uint64_t *out_len, const unsigned char *text, uint64_t len)
{
    uint64_t at = 0;
    for (uint64_t i = 0; i < len; i++) {
        if (text[i] < 0x80) {
            out[at++] = text[i];
            continue;
        }
        if ((text[i] & 0xfc) != 0xc0 || i + 1 == len || (text[i + 1] & 0xc0) != 0x80)
            return false;
        out[at++] = (unsigned char)((text[i] & 3) << 6 | (text[i + 1] & 0x3f));
        i++;
    }
    *out_len = at;
    return true;
}

// Turns what builds bytes into these bytes. Its arguments are not needed any more: nobody else refers to the node as an
// object.
static bool become_bytes(struct pickle *pickle, uint32_t index, const unsigned char *bytes, uint64_t len)
{
    struct pickle_node *node = &pickle->nodes[index];
    *node = (struct pickle_node){.kind = PICKLE_BYTES};
    node->bytes = bytes;
    node->len = len;
    return true;
}

static bool decode(struct pickle *pickle, uint32_t index)
{
    const struct pickle_node *object = pickle_node(pickle, index);
    if (object->state || object->list || object->dict)
        return false;
    uint32_t given = pickle_node(pickle, object->args)->count, codec = pickle_item(pickle, object->args, 1);
    if (given == 0 && pickle_node(pickle, object->args)->kind == PICKLE_TUPLE)
        return become_bytes(pickle, index, (const unsigned char *)"", 0);
    const struct pickle_node *text = pickle_node(pickle, pickle_item(pickle, object->args, 0));
    if (given == 1 && text->kind == PICKLE_BYTES)
        return become_bytes(pickle, index, text->bytes, text->len);
    if (given != 2 || text->kind != PICKLE_TEXT ||
        (!pickle_is_text(pickle, codec, "latin1") && !pickle_is_text(pickle, codec, "latin-1")))
        return false;
    uint64_t len = 0;
    unsigned char *bytes = pickle_memory(pickle, text->len);
    return bytes && to_latin1(bytes, &len, text->bytes, text->len) && become_bytes(pickle, index, bytes, len);
}

bool pickle_bytes(struct pickle *pickle, uint32_t index, const unsigned char **bytes, uint64_t *len)
{
    static const char *const calls[] = {"_codecs.encode", "builtins.bytes", "builtins.bytearray"};
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        if (!pickle_is_call(pickle, index, calls[i]))
            continue;
        // bytearray(bytes()), at most: deeper nesting is nobody's.
        uint32_t inner = pickle_item(pickle, pickle_node(pickle, index)->args, 0);
        if (pickle_is_call(pickle, inner, "_codecs.encode") && !decode(pickle, inner))
            return false;
        if (!decode(pickle, index))
            return false;
        break;
    }
    const struct pickle_node *node = pickle_node(pickle, index);
    if (node->kind != PICKLE_BYTES && node->kind != PICKLE_TEXT)
        return false;
    *bytes = node->bytes;
    *len = node->len;
    return true;
}

void pickle_pack(struct pickle *pickle, uint32_t index)
{
    const struct pickle_node *list = pickle_node(pickle, index);
    if (list->kind != PICKLE_LIST || list->count < 8)
        return;
    enum pickle_kind kind = pickle_node(pickle, list->items[0])->kind;
    if (kind != PICKLE_INT && kind != PICKLE_FLOAT)
        return;
    for (uint32_t i = 1; i < list->count; i++) {
        if (pickle_node(pickle, list->items[i])->kind != kind)
            return;
    }
    uint64_t len = (uint64_t)list->count * 8;
    unsigned char *bytes = pickle_memory(pickle, len);
    if (!bytes)
        return;
    for (uint32_t i = 0; i < list->count; i++)
        memcpy(bytes + (size_t)i * 8, &pickle_node(pickle, list->items[i])->integer, 8); // or .real
    struct pickle_node *node = &pickle->nodes[index];
    free(node->items);
    *node = (struct pickle_node){.kind = kind == PICKLE_INT ? PICKLE_INTS : PICKLE_FLOATS};
    node->bytes = bytes;
    node->len = len;
}
