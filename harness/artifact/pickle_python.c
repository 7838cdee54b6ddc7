// SPDX-License-Identifier: Apache-2.0
//
// What Python's own types are in a pickle: calls of these names.
#include "artifact/pickle_walk.h"

static uint32_t args_of(struct pickle_walker *w, uint32_t node)
{
    return pickle_node(w->pickle, node)->args;
}

static uint32_t arg(struct pickle_walker *w, uint32_t node, uint32_t index)
{
    return pickle_item(w->pickle, args_of(w, node), index);
}

static uint32_t arg_count(struct pickle_walker *w, uint32_t node)
{
    return pickle_node(w->pickle, args_of(w, node))->count;
}

static enum pickle_kind kind_of(struct pickle_walker *w, uint32_t node)
{
    return pickle_node(w->pickle, node)->kind;
}

// Attributes that somebody hung on a dict (torch's `_metadata` on a state_dict) stand among its keys.
static int walk_mapping(struct pickle_walker *w, uint32_t node)
{
    const struct pickle_node *object = pickle_node(w->pickle, node);
    uint32_t state = object->state, dict = object->dict;
    bool plain = (state == 0 || kind_of(w, state) == PICKLE_DICT) && object->list == 0;
    if (!plain)
        return PICKLE_GENERIC;
    if (dict == 0 || pickle_node(w->pickle, dict)->count == 0) {
        if (state == 0)
            return pickle_emit_text(w, "{}", 2);
        return pickle_walk_pairs(w, state);
    }
    int rc = pickle_walk_pairs(w, dict);
    return rc ? rc : pickle_walk_pairs(w, state);
}

// Protocols 0 and 1 give OrderedDict its items as a list of pairs.
static bool take_pairs(struct pickle_walker *w, uint32_t node)
{
    uint32_t list = arg(w, node, 0);
    if (kind_of(w, list) != PICKLE_LIST || pickle_node(w->pickle, node)->dict)
        return false;
    uint32_t count = pickle_node(w->pickle, list)->count;
    for (uint32_t i = 0; i < count; i++) {
        const struct pickle_node *pair = pickle_node(w->pickle, pickle_item(w->pickle, list, i));
        if ((pair->kind != PICKLE_LIST && pair->kind != PICKLE_TUPLE) || pair->count != 2)
            return false;
    }
    return true;
}

static int walk_ordered_dict(struct pickle_walker *w, uint32_t node)
{
    if (arg_count(w, node) == 0)
        return walk_mapping(w, node);
    if (arg_count(w, node) != 1 || !take_pairs(w, node) || pickle_node(w->pickle, node)->state)
        return PICKLE_GENERIC;
    int rc = 0;
    uint32_t list = arg(w, node, 0), count = pickle_node(w->pickle, list)->count;
    if (count == 0)
        return pickle_emit_text(w, "{}", 2);
    for (uint32_t i = 0; i < count && !rc; i++) {
        uint32_t pair = pickle_item(w->pickle, list, i);
        CLEANUP(buf) struct buf name = {0};
        rc = pickle_repr(&name, w->pickle, pickle_item(w->pickle, pair, 0));
        if (!rc)
            rc = pickle_walk_at(w, buf_text(&name), pickle_item(w->pickle, pair, 1));
    }
    return rc;
}

static int walk_default_dict(struct pickle_walker *w, uint32_t node)
{
    if (arg_count(w, node) > 1)
        return PICKLE_GENERIC;
    int rc = arg_count(w, node) ? pickle_walk_at(w, "<default>", arg(w, node, 0)) : 0;
    const struct pickle_node *object = pickle_node(w->pickle, node);
    if (!rc && object->state)
        rc = pickle_walk_at(w, "<state>", object->state);
    return rc ? rc : pickle_walk_pairs(w, object->dict);
}

static bool has_more(const struct pickle_node *object)
{
    return object->state || object->list || object->dict || object->raw;
}

static int walk_set(struct pickle_walker *w, uint32_t node)
{
    if (has_more(pickle_node(w->pickle, node)) || arg_count(w, node) > 1)
        return PICKLE_GENERIC;
    if (arg_count(w, node) == 0)
        return pickle_emit_text(w, "set()", 5);
    uint32_t items = arg(w, node, 0);
    return kind_of(w, items) == PICKLE_LIST || kind_of(w, items) == PICKLE_TUPLE ? pickle_walk_set(w, items)
                                                                                 : PICKLE_GENERIC;
}

static int walk_bytes(struct pickle_walker *w, uint32_t node)
{
    const unsigned char *bytes = NULL;
    uint64_t len = 0;
    if (pickle_bytes(w->pickle, node, &bytes, &len))
        return pickle_emit_bytes(w, bytes, len);
    return w->pickle->why ? 1 : PICKLE_GENERIC;
}

static int walk_complex(struct pickle_walker *w, uint32_t node)
{
    if (has_more(pickle_node(w->pickle, node)) || arg_count(w, node) != 2)
        return PICKLE_GENERIC;
    int rc = pickle_walk_at(w, "real", arg(w, node, 0));
    return rc ? rc : pickle_walk_at(w, "imag", arg(w, node, 1));
}

// _reconstructor(class, base, value of the base): an object of protocols 0 and 1.
static int walk_reconstructed(struct pickle_walker *w, uint32_t node)
{
    uint32_t class = arg(w, node, 0), base = arg(w, node, 1), value = arg(w, node, 2);
    const struct pickle_node *name = pickle_node(w->pickle, class);
    const struct pickle_node *object = pickle_node(w->pickle, node);
    bool whole = arg_count(w, node) == 3 && name->kind == PICKLE_GLOBAL && !object->list && !object->dict;
    enum pickle_kind state = kind_of(w, object->state);
    if (!whole || (object->state && state != PICKLE_DICT))
        return PICKLE_GENERIC;
    uint32_t attributes = object->state;
    size_t path = pickle_enter(w, "<class>");
    int rc = pickle_emit_text(w, name->bytes, name->len);
    pickle_leave(w, path);
    if (!rc && !pickle_is_global(w->pickle, base, "builtins.object"))
        rc = kind_of(w, value) == PICKLE_DICT ? pickle_walk_pairs(w, value) : pickle_walk_at(w, "<args>", value);
    return rc ? rc : pickle_walk_pairs(w, attributes);
}

const struct pickle_special pickle_python[] = {
    {"collections.OrderedDict", walk_ordered_dict},
    {"collections.defaultdict", walk_default_dict},
    {"builtins.set", walk_set},
    {"builtins.frozenset", walk_set},
    {"builtins.complex", walk_complex},
    {"builtins.bytes", walk_bytes},
    {"builtins.bytearray", walk_bytes},
    {"_codecs.encode", walk_bytes},
    {"copyreg._reconstructor", walk_reconstructed},
    {NULL, NULL},
};
