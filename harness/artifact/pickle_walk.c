// SPDX-License-Identifier: Apache-2.0
#include "artifact/pickle_walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Shared values are walked once for each path: a small file can describe more paths than there are atoms. Python's own
// pickler stops at about 330 levels.
enum { MAX_DEPTH = 400, MAX_VISITS = 2 << 20 };
#define MAX_NAMES ((uint64_t)256 << 20)

int pickle_failed(const struct pickle_walker *w)
{
    return w->err->kind != ERROR_NONE ? -1 : 1;
}

int pickle_context(struct pickle_walker *w)
{
    return error_context(w->err, "'%s'", buf_text(&w->path));
}

size_t pickle_enter(struct pickle_walker *w, const char *name)
{
    size_t path = w->path.len;
    if (path)
        buf_putc(&w->path, '.');
    buf_puts(&w->path, name);
    return path;
}

void pickle_leave(struct pickle_walker *w, size_t path)
{
    w->path.len = path;
    if (w->path.data)
        w->path.data[path] = '\0';
}

struct value *pickle_emit(struct pickle_walker *w, enum value_kind kind)
{
    w->named += w->path.len + 1;
    if (w->named > MAX_NAMES) {
        pickle_puzzle(w->pickle, "the names of its values would take more than %d MiB", (int)(MAX_NAMES >> 20));
        return NULL;
    }
    if (w->contents->count >= CONTENTS_MAX_VALUES) {
        pickle_puzzle(w->pickle, "it has more than %zu values", CONTENTS_MAX_VALUES);
        return NULL;
    }
    return contents_add(w->contents, w->prefix, buf_text(&w->path), kind, w->err);
}

static int emit_in_place(struct pickle_walker *w, enum value_kind kind, const void *bytes, uint64_t len)
{
    struct value *value = pickle_emit(w, kind);
    if (!value)
        return pickle_failed(w);
    value->bytes = bytes;
    value->size = len;
    return 0;
}

int pickle_emit_text(struct pickle_walker *w, const void *text, uint64_t len)
{
    return emit_in_place(w, VALUE_TEXT, text, len);
}

int pickle_emit_bytes(struct pickle_walker *w, const void *bytes, uint64_t len)
{
    return emit_in_place(w, VALUE_BYTES, bytes, len);
}

int pickle_emit_printed(struct pickle_walker *w, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    unsigned char *copy = pickle_memory(w->pickle, text.len);
    if (!copy)
        return 1;
    memcpy(copy, buf_text(&text), text.len);
    return pickle_emit_text(w, copy, text.len);
}

static int emit_number(struct pickle_walker *w, double number)
{
    struct value *value = pickle_emit(w, VALUE_NUMBER);
    if (!value)
        return pickle_failed(w);
    value->number = number;
    return 0;
}

static int emit_integer(struct pickle_walker *w, int64_t integer)
{
    const int64_t exact = (int64_t)1 << 53;
    if (integer >= -exact && integer <= exact)
        return emit_number(w, (double)integer);
    return pickle_emit_printed(w, "<int %" PRId64 ">", integer);
}

static int emit_string(struct pickle_walker *w, const unsigned char *text, uint64_t len)
{
    static const char *const marks[] = {"None", "[]", "{}", "()", "set()"};
    bool quote = len > 0 && (text[0] == '<' || text[0] == '\'');
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        quote = quote || (len == strlen(marks[i]) && !memcmp(text, marks[i], (size_t)len));
    if (!quote)
        return pickle_emit_text(w, text, len);
    unsigned char *copy = len < UINT64_MAX - 2 ? pickle_memory(w->pickle, len + 2) : NULL;
    if (!copy)
        return pickle_failed(w);
    copy[0] = copy[len + 1] = '\'';
    memcpy(copy + 1, text, (size_t)len);
    return pickle_emit_text(w, copy, len + 2);
}

static int emit_packed(struct pickle_walker *w, const struct pickle_node *node)
{
    struct value *value = pickle_emit(w, VALUE_TENSOR);
    if (!value)
        return pickle_failed(w);
    value->tensor.dtype = node->kind == PICKLE_INTS ? DTYPE_I64 : DTYPE_F64;
    value->tensor.rank = 1;
    value->tensor.shape[0] = node->len / 8;
    return tensor_set_contiguous(&value->tensor, node->bytes, node->len, w->err);
}

int pickle_walk_at(struct pickle_walker *w, const char *name, uint32_t node)
{
    size_t path = pickle_enter(w, name);
    int rc = pickle_walk_node(w, node);
    pickle_leave(w, path);
    return rc;
}

int pickle_walk_index(struct pickle_walker *w, size_t index, uint32_t node)
{
    char name[24];
    snprintf(name, sizeof name, "%zu", index);
    return pickle_walk_at(w, name, node);
}

int pickle_walk_items(struct pickle_walker *w, uint32_t list)
{
    int rc = 0;
    uint32_t count = pickle_node(w->pickle, list)->count;
    for (uint32_t i = 0; i < count && !rc; i++)
        rc = pickle_walk_index(w, i, pickle_item(w->pickle, list, i));
    return rc;
}

static int visit(struct pickle_walker *w)
{
    // As often as it has values, many times over: more than that is a bomb.
    uint64_t most = w->pickle->count * 64 + 20000;
    most = most > MAX_VISITS ? MAX_VISITS : most;
    if (++w->visits > most)
        return pickle_puzzle(w->pickle, "it describes more than %llu values", (unsigned long long)most);
    return 0;
}

// --- dicts and sets, in the order of their keys' names ---

struct key {
    char *name;
    uint32_t node, value;
    uint32_t order; // in the file
    unsigned char kind;
};

static int by_name(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    if (order == 0)
        order = (x->kind > y->kind) - (x->kind < y->kind);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

// The keys of `count` items, `step` apart; those of a dict (step 2) have their values behind them.
static int sorted_keys(struct pickle_walker *w, struct key *keys, uint32_t container, uint32_t step)
{
    uint32_t count = pickle_node(w->pickle, container)->count / step;
    struct buf name = {0};
    int rc = 0;
    for (uint32_t i = 0; i < count && !rc; i++) {
        const struct pickle_node *node = pickle_node(w->pickle, container);
        uint32_t key = node->items[(size_t)i * step], value = node->items[(size_t)i * step + step - 1];
        buf_clear(&name);
        rc = pickle_repr(&name, w->pickle, key);
        w->named += name.len;
        if (!rc && w->named > MAX_NAMES)
            rc =
                pickle_puzzle(w->pickle, "the names of its values would take more than %d MiB", (int)(MAX_NAMES >> 20));
        keys[i] = (struct key){str_ndup(buf_text(&name), name.len), key, value, i, pickle_node(w->pickle, key)->kind};
    }
    buf_free(&name);
    if (!rc)
        qsort(keys, count, sizeof *keys, by_name);
    return rc;
}

// sklearn's vectorizers keep the id() of a list to know it again.
static bool is_address(struct pickle_walker *w, const char *name)
{
    if (strcmp(name, "_stop_words_id") != 0)
        return false;
    contents_leave_out(w->contents, "_stop_words_id, an address in memory");
    return true;
}

static int walk_keyed(struct pickle_walker *w, uint32_t container, uint32_t step)
{
    uint32_t count = pickle_node(w->pickle, container)->count / step;
    if (count == 0)
        return 0;
    struct key *keys = mem_array(count, sizeof *keys);
    int rc = sorted_keys(w, keys, container, step);
    for (uint32_t i = 0; i < count && !rc; i++) {
        // A key that is set again is one key: the last value counts.
        if (i + 1 < count && keys[i].kind == keys[i + 1].kind && str_equal(keys[i].name, keys[i + 1].name))
            continue;
        if (step == 2 && is_address(w, keys[i].name))
            continue;
        if (step == 2) {
            rc = pickle_walk_at(w, keys[i].name, keys[i].value);
        } else {
            size_t path = pickle_enter(w, keys[i].name);
            rc = visit(w);
            rc = rc ? rc : pickle_emit_printed(w, "%s", keys[i].name);
            pickle_leave(w, path);
        }
    }
    for (uint32_t i = 0; i < count; i++)
        free(keys[i].name);
    free(keys);
    return rc;
}

int pickle_walk_pairs(struct pickle_walker *w, uint32_t dict)
{
    return pickle_node(w->pickle, dict)->kind == PICKLE_DICT ? walk_keyed(w, dict, 2) : 0;
}

int pickle_walk_set(struct pickle_walker *w, uint32_t set)
{
    if (pickle_node(w->pickle, set)->count == 0)
        return pickle_emit_text(w, "set()", 5);
    return walk_keyed(w, set, 1);
}

// --- objects ---

static const struct pickle_special *find_special(struct pickle_walker *w, uint32_t callable)
{
    const struct pickle_node *node = pickle_node(w->pickle, callable);
    if (node->kind != PICKLE_GLOBAL)
        return NULL;
    char name[PICKLE_MAX_GLOBAL + 2] = "";
    memcpy(name, node->bytes, (size_t)node->len);
    if (str_starts(name, "numpy._core."))
        memmove(name + 6, name + 7, strlen(name + 7) + 1);
    const struct pickle_special *const tables[] = {pickle_numpy, pickle_torch, pickle_python};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        for (const struct pickle_special *row = tables[i]; row->name; row++) {
            if (str_equal(row->name, name))
                return row;
        }
    }
    return NULL;
}

// The state of an object: its attributes, those in __slots__ apart, or whatever its class makes of it.
static int walk_state(struct pickle_walker *w, uint32_t state)
{
    const struct pickle_node *node = pickle_node(w->pickle, state);
    if (node->kind == PICKLE_DICT)
        return pickle_walk_pairs(w, state);
    uint32_t plain = pickle_item(w->pickle, state, 0), slots = pickle_item(w->pickle, state, 1);
    enum pickle_kind kind = pickle_node(w->pickle, plain)->kind;
    bool both = node->kind == PICKLE_TUPLE && node->count == 2 && (kind == PICKLE_NONE || kind == PICKLE_DICT) &&
                pickle_node(w->pickle, slots)->kind == PICKLE_DICT;
    if (!both)
        return state ? pickle_walk_at(w, "<state>", state) : 0;
    int rc = pickle_walk_pairs(w, plain);
    return rc ? rc : pickle_walk_pairs(w, slots);
}

static int walk_any_object(struct pickle_walker *w, uint32_t index)
{
    struct pickle_node object = *pickle_node(w->pickle, index);
    const struct pickle_node *callable = pickle_node(w->pickle, object.callable);
    size_t path = pickle_enter(w, "<class>");
    int rc = callable->kind == PICKLE_GLOBAL ? pickle_emit_text(w, callable->bytes, callable->len)
                                             : pickle_walk_node(w, object.callable);
    pickle_leave(w, path);
    if (!rc && pickle_node(w->pickle, object.args)->count > 0)
        rc = pickle_walk_at(w, "<args>", object.args);
    if (!rc)
        rc = walk_state(w, object.state);
    if (!rc && object.list)
        rc = pickle_walk_items(w, object.list);
    if (!rc && object.dict)
        rc = pickle_walk_pairs(w, object.dict);
    if (!rc && object.raw)
        rc = pickle_walk_at(w, "<array>", object.raw);
    return rc;
}

static int walk_object(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_special *special = find_special(w, pickle_node(w->pickle, index)->callable);
    int rc = special ? special->walk(w, index) : PICKLE_GENERIC;
    return rc == PICKLE_GENERIC ? walk_any_object(w, index) : rc;
}

static int walk_persistent(struct pickle_walker *w, uint32_t index)
{
    int rc = pickle_walk_persistent(w, index);
    return rc == PICKLE_GENERIC ? pickle_walk_at(w, "<persistent>", pickle_node(w->pickle, index)->callable) : rc;
}

static int walk_inner(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *node = pickle_node(w->pickle, index);
    bool empty = node->count == 0;
    switch ((enum pickle_kind)node->kind) {
    case PICKLE_TUPLE:
        return empty ? pickle_emit_text(w, "()", 2) : pickle_walk_items(w, index);
    case PICKLE_LIST:
        return empty ? pickle_emit_text(w, "[]", 2) : pickle_walk_items(w, index);
    case PICKLE_DICT:
        return empty ? pickle_emit_text(w, "{}", 2) : pickle_walk_pairs(w, index);
    case PICKLE_SET:
        return pickle_walk_set(w, index);
    case PICKLE_PERSISTENT:
        return walk_persistent(w, index);
    default:
        return walk_object(w, index);
    }
}

static int same_as(struct pickle_walker *w, uint32_t index)
{
    size_t i = w->depth;
    while (i > 0 && w->open[i - 1].node != index)
        i--;
    size_t len = i > 0 ? w->open[i - 1].path : 0;
    return pickle_emit_printed(w, "<same as '%.*s'>", (int)len, buf_text(&w->path));
}

static int walk_nested(struct pickle_walker *w, uint32_t index)
{
    if (w->pickle->nodes[index].open)
        return same_as(w, index);
    if (w->depth == MAX_DEPTH)
        return pickle_puzzle(w->pickle, "its values are nested more than %d deep", MAX_DEPTH);
    w->open[w->depth++] = (struct pickle_open){index, w->path.len};
    w->pickle->nodes[index].open = true;
    int rc = walk_inner(w, index);
    w->pickle->nodes[index].open = false;
    w->depth--;
    return rc;
}

int pickle_walk_node(struct pickle_walker *w, uint32_t index)
{
    if (visit(w))
        return 1;
    pickle_pack(w->pickle, index);
    const struct pickle_node *node = pickle_node(w->pickle, index);
    switch ((enum pickle_kind)node->kind) {
    case PICKLE_NONE:
        return pickle_emit_text(w, "None", 4);
    case PICKLE_BOOL:
    case PICKLE_INT:
        return emit_integer(w, node->integer);
    case PICKLE_LONG:
        return pickle_emit_printed(w, "<int %.*s>", (int)node->len, (const char *)node->bytes);
    case PICKLE_FLOAT:
        return emit_number(w, node->real);
    case PICKLE_TEXT:
        return emit_string(w, node->bytes, node->len);
    case PICKLE_BYTES:
        return pickle_emit_bytes(w, node->bytes, node->len);
    case PICKLE_GLOBAL:
        return pickle_emit_printed(w, "<%.*s>", (int)node->len, (const char *)node->bytes);
    case PICKLE_INTS:
    case PICKLE_FLOATS:
        return emit_packed(w, node);
    default:
        return walk_nested(w, index);
    }
}

static int by_value_name(const void *a, const void *b)
{
    const struct value *const *x = a, *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);
    return order ? order : (*x > *y) - (*x < *y);
}

// Dicts may have both "1" and 1, "a.b" and a dict "a": later ones get a number. True when there were some.
static bool part_names(struct contents *contents, size_t from)
{
    size_t count = contents->count - from;
    if (count < 2)
        return false;
    CLEANUP(free) struct value **order = mem_array(count, sizeof(struct value *));
    for (size_t i = 0; i < count; i++)
        order[i] = &contents->items[from + i];
    qsort(order, count, sizeof(struct value *), by_value_name);
    size_t times = 1;
    bool parted = false;
    const char *last = order[0]->name;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(order[i]->name, last) != 0) {
            last = order[i]->name;
            times = 1;
            continue;
        }
        CLEANUP(free) char *name = str_printf("%s#%zu", last, ++times);
        order[i]->name = arena_copy(&contents->texts, name);
        parted = true;
    }
    return parted;
}

int pickle_walk(struct contents *contents, struct pickle *pickle, uint32_t root, const char *prefix,
                const struct pickle_storages *storages, struct error *err)
{
    struct pickle_walker w = {
        .pickle = pickle, .contents = contents, .prefix = prefix, .storages = storages, .err = err};
    w.open = mem_array(MAX_DEPTH, sizeof *w.open);
    size_t before = contents->count;
    int rc = pickle_walk_node(&w, root);
    if (rc)
        contents->count = before;
    while (!rc && part_names(contents, before))
        continue; // "a#2" may have been there already
    free(w.open);
    buf_free(&w.path);
    return rc;
}
