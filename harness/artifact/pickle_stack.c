// SPDX-License-Identifier: Apache-2.0
//
// The opcodes that move values: the stack and its marks, the memo, tuples, lists, dicts and sets.
#include "artifact/pickle_machine.h"

#include <string.h>

int pickle_push(struct pickle_machine *m, uint32_t node)
{
    m->stack = mem_grow(m->stack, m->depth, &m->stack_capacity, sizeof *m->stack);
    m->stack[m->depth++] = node;
    return 0;
}

int pickle_push_new(struct pickle_machine *m, uint32_t *out, enum pickle_kind kind)
{
    int rc = pickle_new(m, out, kind);
    return rc ? rc : pickle_push(m, *out);
}

static size_t fence(const struct pickle_machine *m)
{
    return m->mark_count ? m->marks[m->mark_count - 1] : 0;
}

int pickle_pop(struct pickle_machine *m, uint32_t *out)
{
    if (m->depth <= fence(m))
        return pickle_damaged(m, "takes a value from an empty stack");
    *out = m->stack[--m->depth];
    return 0;
}

int pickle_top(struct pickle_machine *m, uint32_t *out)
{
    int rc = pickle_pop(m, out);
    m->depth += !rc;
    return rc;
}

int pickle_pop_mark(struct pickle_machine *m, size_t *first)
{
    if (m->mark_count == 0)
        return pickle_damaged(m, "there is no mark on the stack");
    *first = m->marks[--m->mark_count];
    return 0;
}

int pickle_add(struct pickle_machine *m, uint32_t container, const uint32_t *items, size_t count)
{
    struct pickle_node *node = &m->pickle->nodes[container];
    if (count > PICKLE_MAX_NODES - node->count)
        return pickle_puzzle(m->pickle, "a list has more than %d values", PICKLE_MAX_NODES);
    size_t needed = node->count + count, room = node->capacity;
    if (needed > room) {
        room = node->count ? needed + needed / 2 : needed;
        node->items = mem_realloc(node->items, room * sizeof *node->items);
        node->capacity = (uint32_t)room;
    }
    if (count)
        memcpy(node->items + node->count, items, count * sizeof *items);
    node->count = (uint32_t)needed;
    return 0;
}

// A new container of what stands on the stack from `first` on, in its place.
static int gather(struct pickle_machine *m, enum pickle_kind kind, size_t first)
{
    uint32_t node = 0;
    int rc = pickle_new(m, &node, kind);
    if (!rc)
        rc = pickle_add(m, node, m->depth > first ? m->stack + first : NULL, m->depth - first);
    m->depth = first;
    return rc ? rc : pickle_push(m, node);
}

static int gather_marked(struct pickle_machine *m, enum pickle_kind kind)
{
    size_t first = 0;
    if (pickle_pop_mark(m, &first))
        return -1;
    if (kind == PICKLE_DICT && (m->depth - first) % 2)
        return pickle_damaged(m, "a key has no value");
    return gather(m, kind, first);
}

static int run_tuple(struct pickle_machine *m)
{
    return gather_marked(m, PICKLE_TUPLE);
}

static int run_list(struct pickle_machine *m)
{
    return gather_marked(m, PICKLE_LIST);
}

static int run_dict(struct pickle_machine *m)
{
    return gather_marked(m, PICKLE_DICT);
}

static int run_frozenset(struct pickle_machine *m)
{
    return gather_marked(m, PICKLE_SET);
}

static int run_tuple_of(struct pickle_machine *m) // TUPLE1, TUPLE2, TUPLE3
{
    size_t count = (size_t)m->bytes[m->opcode] - 0x84;
    if (m->depth - fence(m) < count)
        return pickle_damaged(m, "takes a value from an empty stack");
    return gather(m, PICKLE_TUPLE, m->depth - count);
}

static int run_empty(struct pickle_machine *m)
{
    unsigned char code = m->bytes[m->opcode];
    uint32_t node = 0;
    return pickle_push_new(m, &node,
                           code == ')'   ? PICKLE_TUPLE
                           : code == ']' ? PICKLE_LIST
                           : code == '}' ? PICKLE_DICT
                                         : PICKLE_SET);
}

// The list, dict or set that items go into: the container itself, or the one that belongs to an object.
static int receiver(struct pickle_machine *m, uint32_t *out, uint32_t container, enum pickle_kind kind)
{
    unsigned char is = m->pickle->nodes[container].kind;
    *out = container;
    if (is == kind)
        return 0;
    if (is != PICKLE_OBJECT)
        return pickle_damaged(m, "puts items into what takes none");
    // A set that subclasses set is an object, too; its items are told apart by nothing, so they make a list.
    const struct pickle_node *object = &m->pickle->nodes[container];
    uint32_t own = kind == PICKLE_DICT ? object->dict : object->list;
    if (own == 0) {
        int rc = pickle_new(m, &own, kind == PICKLE_DICT ? PICKLE_DICT : PICKLE_LIST);
        if (rc)
            return rc;
        struct pickle_node *node = &m->pickle->nodes[container];
        *(kind == PICKLE_DICT ? &node->dict : &node->list) = own;
    }
    *out = own;
    return 0;
}

// Moves the `m->depth − first` items on top of the stack into the container below them.
static int put_items(struct pickle_machine *m, size_t first, enum pickle_kind kind)
{
    if (first <= fence(m))
        return pickle_damaged(m, "there is nothing to put items into");
    if (kind == PICKLE_DICT && (m->depth - first) % 2)
        return pickle_damaged(m, "a key has no value");
    uint32_t into = 0;
    int rc = receiver(m, &into, m->stack[first - 1], kind);
    if (!rc)
        rc = pickle_add(m, into, m->stack + first, m->depth - first);
    m->depth = first;
    return rc;
}

static int put_one(struct pickle_machine *m, size_t values, enum pickle_kind kind)
{
    if (m->depth - fence(m) < values + 1)
        return pickle_damaged(m, "takes a value from an empty stack");
    return put_items(m, m->depth - values, kind);
}

static int put_marked(struct pickle_machine *m, enum pickle_kind kind)
{
    size_t first = 0;
    return pickle_pop_mark(m, &first) ? -1 : put_items(m, first, kind);
}

static int run_append(struct pickle_machine *m)
{
    return put_one(m, 1, PICKLE_LIST);
}

static int run_setitem(struct pickle_machine *m)
{
    return put_one(m, 2, PICKLE_DICT);
}

static int run_appends(struct pickle_machine *m)
{
    return put_marked(m, PICKLE_LIST);
}

static int run_setitems(struct pickle_machine *m)
{
    return put_marked(m, PICKLE_DICT);
}

static int run_additems(struct pickle_machine *m)
{
    return put_marked(m, PICKLE_SET);
}

static int run_mark(struct pickle_machine *m)
{
    m->marks = mem_grow(m->marks, m->mark_count, &m->mark_capacity, sizeof *m->marks);
    m->marks[m->mark_count++] = m->depth;
    return 0;
}

static int run_pop(struct pickle_machine *m)
{
    uint32_t node = 0;
    if (m->mark_count && m->depth == fence(m)) {
        m->mark_count--;
        return 0;
    }
    return pickle_pop(m, &node);
}

static int run_pop_mark(struct pickle_machine *m)
{
    return pickle_pop_mark(m, &m->depth);
}

static int run_dup(struct pickle_machine *m)
{
    uint32_t node = 0;
    return pickle_top(m, &node) ? -1 : pickle_push(m, node);
}

static int run_stop(struct pickle_machine *m)
{
    m->stopped = true;
    return 0;
}

// --- the memo ---

// The number of an entry: a byte, four, or a line of digits.
static int entry(struct pickle_machine *m, uint64_t *out)
{
    unsigned char code = m->bytes[m->opcode];
    if (code == 'q' || code == 'h')
        return pickle_take_number(m, out, 1);
    if (code == 'r' || code == 'j')
        return pickle_take_number(m, out, 4);
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    *out = 0;
    if (len == 0 || len > 10)
        return pickle_damaged(m, "not the number of a memo's entry");
    for (size_t i = 0; i < len; i++) {
        if (line[i] < '0' || line[i] > '9')
            return pickle_damaged(m, "not the number of a memo's entry");
        *out = *out * 10 + (line[i] - '0');
    }
    return 0;
}

static int remember(struct pickle_machine *m, uint64_t index)
{
    uint32_t node = 0;
    if (pickle_top(m, &node))
        return -1;
    // Whoever numbers his entries one by one stays below the number of bytes; the others get no memory from us.
    if (index > m->at - m->start + 256)
        return pickle_puzzle(m->pickle, "it numbers its memo in leaps (%llu, byte %zu)", (unsigned long long)index,
                             m->opcode);
    if (index >= m->memo_size) {
        size_t size = ((size_t)index + 1) * 2 + 64;
        m->memo = mem_realloc(m->memo, size * sizeof *m->memo);
        memset(m->memo + m->memo_size, 0, (size - m->memo_size) * sizeof *m->memo);
        m->memo_size = size;
    }
    m->memo_set += m->memo[index] == 0;
    m->memo[index] = node;
    return 0;
}

static int run_put(struct pickle_machine *m)
{
    uint64_t index = 0;
    return entry(m, &index) ? -1 : remember(m, index);
}

static int run_memoize(struct pickle_machine *m)
{
    return remember(m, m->memo_set);
}

static int run_get(struct pickle_machine *m)
{
    uint64_t index = 0;
    if (entry(m, &index))
        return -1;
    if (index >= m->memo_size || m->memo[index] == 0)
        return pickle_damaged(m, "the memo has no entry %llu", (unsigned long long)index);
    return pickle_push(m, m->memo[index]);
}

const struct pickle_operation pickle_stacks[] = {
    {'(', run_mark},
    {'0', run_pop},
    {'1', run_pop_mark},
    {'2', run_dup},
    {'.', run_stop},
    {'t', run_tuple},
    {'l', run_list},
    {'d', run_dict},
    {0x91, run_frozenset},
    {0x85, run_tuple_of},
    {0x86, run_tuple_of},
    {0x87, run_tuple_of},
    {')', run_empty},
    {']', run_empty},
    {'}', run_empty},
    {0x8f, run_empty},
    {'a', run_append},
    {'s', run_setitem},
    {'e', run_appends},
    {'u', run_setitems},
    {0x90, run_additems},
    {'p', run_put},
    {'q', run_put},
    {'r', run_put},
    {0x94, run_memoize},
    {'g', run_get},
    {'h', run_get},
    {'j', run_get},
    {0, NULL},
};
