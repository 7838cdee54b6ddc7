// SPDX-License-Identifier: Apache-2.0
#include "artifact/pickle_walk.h"

#include <inttypes.h>
#include <string.h>

// A key is short; one that is not, or that is nested in itself, would be a trap.
enum { REPR_MAX = 64 << 10, REPR_DEPTH = 16 };

static int repr(struct buf *out, struct pickle *pickle, uint32_t index, int depth);

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int repr_set(struct buf *out, struct pickle *pickle, const struct pickle_node *node, int depth)
{
    CLEANUP(strings) struct strings items = {0};
    for (uint32_t i = 0; i < node->count; i++) {
        CLEANUP(buf) struct buf item = {0};
        if (repr(&item, pickle, node->items[i], depth + 1))
            return 1;
        strings_add(&items, buf_text(&item));
    }
    if (items.count)
        qsort(items.items, items.count, sizeof *items.items, by_text);
    CLEANUP(free) char *text = strings_join(&items, ", ");
    buf_printf(out, "{%s}", text);
    return 0;
}

static int repr_items(struct buf *out, struct pickle *pickle, const struct pickle_node *node, int depth)
{
    bool tuple = node->kind == PICKLE_TUPLE;
    buf_putc(out, tuple ? '(' : '[');
    for (uint32_t i = 0; i < node->count; i++) {
        if (i)
            buf_puts(out, ", ");
        if (repr(out, pickle, node->items[i], depth + 1))
            return 1;
    }
    buf_puts(out, tuple ? node->count == 1 ? ",)" : ")" : "]");
    return 0;
}

// An object that can stand in a key: an enum's member, a date, a frozenset. Its state would be hidden there.
static int repr_object(struct buf *out, struct pickle *pickle, const struct pickle_node *node, int depth)
{
    if (node->state || node->list || node->dict || node->raw)
        return pickle_puzzle(pickle, "the key of a dict, or an item of a set, is an object with a state");
    uint32_t callable = node->callable, args = node->args;
    if (repr(out, pickle, callable, depth + 1))
        return 1;
    return repr(out, pickle, args, depth + 1);
}

static int repr(struct buf *out, struct pickle *pickle, uint32_t index, int depth)
{
    const struct pickle_node *node = pickle_node(pickle, index);
    char number[32];
    if (depth > REPR_DEPTH || out->len > REPR_MAX || node->count > REPR_MAX)
        return pickle_puzzle(pickle, "the key of a dict, or an item of a set, is too large to be a name");
    switch ((enum pickle_kind)node->kind) {
    case PICKLE_NONE:
        buf_puts(out, "None");
        return 0;
    case PICKLE_BOOL:
        buf_puts(out, node->integer ? "True" : "False");
        return 0;
    case PICKLE_INT:
        buf_printf(out, "%" PRId64, node->integer);
        return 0;
    case PICKLE_FLOAT:
        str_double(number, node->real);
        buf_puts(out, number);
        return 0;
    case PICKLE_LONG:
        buf_append(out, node->bytes, (size_t)node->len);
        return 0;
    case PICKLE_GLOBAL:
        buf_printf(out, "<%.*s>", (int)node->len, (const char *)node->bytes);
        return 0;
    case PICKLE_TEXT:
    case PICKLE_BYTES:
        if (node->len > REPR_MAX)
            return pickle_puzzle(pickle, "the key of a dict, or an item of a set, is too large to be a name");
        if (node->kind == PICKLE_TEXT && depth == 0 && node->len > 0) {
            buf_visible(out, (const char *)node->bytes, (size_t)node->len, "");
            return 0;
        }
        buf_puts(out, node->kind == PICKLE_BYTES ? "b'" : "'");
        buf_visible(out, (const char *)node->bytes, (size_t)node->len, "");
        buf_putc(out, '\'');
        return 0;
    case PICKLE_TUPLE:
    case PICKLE_LIST:
        return repr_items(out, pickle, node, depth);
    case PICKLE_SET:
        return repr_set(out, pickle, node, depth);
    case PICKLE_OBJECT:
        return repr_object(out, pickle, node, depth);
    case PICKLE_DICT:
    case PICKLE_PERSISTENT:
    case PICKLE_INTS:
    case PICKLE_FLOATS:
        break;
    }
    return pickle_puzzle(pickle, "the key of a dict, or an item of a set, is none that Python could have there");
}

int pickle_repr(struct buf *out, struct pickle *pickle, uint32_t node)
{
    return repr(out, pickle, node, 0);
}
