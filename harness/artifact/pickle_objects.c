// SPDX-License-Identifier: Apache-2.0
//
// The opcodes where Python would import and call: here they make nodes that say what would have been called.
#include "artifact/pickle_machine.h"

#include <string.h>

// Python 2's names for the same things, which protocols up to 2 use. A NULL name: all of the module.
static const struct {
    const char *module, *name, *now_module, *now;
} renamed[] = {
    {"__builtin__", "long", "builtins", "int"},     {"__builtin__", "unicode", "builtins", "str"},
    {"__builtin__", "xrange", "builtins", "range"}, {"__builtin__", NULL, "builtins", NULL},
    {"exceptions", NULL, "builtins", NULL},         {"copy_reg", NULL, "copyreg", NULL},
};

static bool is_word(const void *text, size_t len, const char *word)
{
    return !word || (len == strlen(word) && memcmp(text, word, len) == 0);
}

int pickle_push_global(struct pickle_machine *m, const void *module, size_t module_len, const void *name, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(renamed); i++) {
        if (!is_word(module, module_len, renamed[i].module) || !is_word(name, len, renamed[i].name))
            continue;
        module = renamed[i].now_module;
        module_len = strlen(renamed[i].now_module);
        if (renamed[i].now) {
            name = renamed[i].now;
            len = strlen(renamed[i].now);
        }
        break;
    }
    if (module_len + len > PICKLE_MAX_GLOBAL)
        return pickle_puzzle(m->pickle, "it names something in %zu bytes (byte %zu)", module_len + len, m->opcode);
    unsigned char *text = pickle_memory(m->pickle, module_len + 1 + len);
    if (!text)
        return 1;
    memcpy(text, module, module_len);
    text[module_len] = '.';
    memcpy(text + module_len + 1, name, len);
    return pickle_push_bytes(m, PICKLE_GLOBAL, text, module_len + 1 + len);
}

static int take_global(struct pickle_machine *m)
{
    const unsigned char *module = NULL, *name = NULL;
    size_t module_len = 0, len = 0;
    if (pickle_take_line(m, &module, &module_len) || pickle_take_line(m, &name, &len))
        return -1;
    return pickle_push_global(m, module, module_len, name, len);
}

static int run_global(struct pickle_machine *m)
{
    return take_global(m);
}

static int run_stack_global(struct pickle_machine *m)
{
    uint32_t name = 0, module = 0;
    if (pickle_pop(m, &name) || pickle_pop(m, &module))
        return -1;
    const struct pickle_node *a = pickle_node(m->pickle, module), *b = pickle_node(m->pickle, name);
    if (a->kind != PICKLE_TEXT || b->kind != PICKLE_TEXT)
        return pickle_damaged(m, "a name that is not text");
    if (a->len > PICKLE_MAX_GLOBAL || b->len > PICKLE_MAX_GLOBAL)
        return pickle_puzzle(m->pickle, "it names something in more than %d bytes (byte %zu)", PICKLE_MAX_GLOBAL,
                             m->opcode);
    return pickle_push_global(m, a->bytes, (size_t)a->len, b->bytes, (size_t)b->len);
}

static int push_object(struct pickle_machine *m, uint32_t callable, uint32_t args)
{
    uint32_t index = 0;
    int rc = pickle_push_new(m, &index, PICKLE_OBJECT);
    if (!rc) {
        m->pickle->nodes[index].callable = callable;
        m->pickle->nodes[index].args = args;
    }
    return rc;
}

static int run_reduce(struct pickle_machine *m) // REDUCE, NEWOBJ: what they call is not told apart
{
    uint32_t args = 0, callable = 0;
    if (pickle_pop(m, &args) || pickle_pop(m, &callable))
        return -1;
    if (pickle_node(m->pickle, args)->kind != PICKLE_TUPLE)
        return pickle_damaged(m, "arguments that are no tuple");
    return push_object(m, callable, args);
}

// NEWOBJ_EX: named arguments go behind the others, as one dict.
static int run_newobj_ex(struct pickle_machine *m)
{
    uint32_t named = 0, args = 0, callable = 0;
    if (pickle_pop(m, &named) || pickle_pop(m, &args) || pickle_pop(m, &callable))
        return -1;
    const struct pickle_node *given = pickle_node(m->pickle, args);
    if (given->kind != PICKLE_TUPLE || pickle_node(m->pickle, named)->kind != PICKLE_DICT)
        return pickle_damaged(m, "arguments that are no tuple");
    if (pickle_node(m->pickle, named)->count == 0)
        return push_object(m, callable, args);
    uint32_t both = 0, pair[2] = {args, named};
    int rc = pickle_new(m, &both, PICKLE_TUPLE);
    if (!rc)
        rc = pickle_add(m, both, pair, 2);
    return rc ? rc : push_object(m, callable, both);
}

// The class, then its arguments, above a mark.
static int push_marked_object(struct pickle_machine *m, uint32_t callable, size_t first)
{
    uint32_t args = 0;
    int rc = pickle_new(m, &args, PICKLE_TUPLE);
    if (!rc)
        rc = pickle_add(m, args, m->stack + first, m->depth - first);
    return rc ? rc : push_object(m, callable, args);
}

static int run_obj(struct pickle_machine *m)
{
    size_t first = 0;
    if (pickle_pop_mark(m, &first))
        return -1;
    if (first == m->depth)
        return pickle_damaged(m, "there is no class on the stack");
    uint32_t callable = m->stack[first], object = 0;
    int rc = push_marked_object(m, callable, first + 1);
    if (rc || pickle_pop(m, &object))
        return rc ? rc : -1;
    m->depth = first;
    return pickle_push(m, object);
}

static int run_inst(struct pickle_machine *m)
{
    size_t first = 0;
    uint32_t callable = 0, object = 0;
    if (pickle_pop_mark(m, &first))
        return -1;
    int rc = take_global(m);
    if (rc || pickle_pop(m, &callable))
        return rc ? rc : -1;
    rc = push_marked_object(m, callable, first);
    if (rc || pickle_pop(m, &object))
        return rc ? rc : -1;
    m->depth = first;
    return pickle_push(m, object);
}

static int run_build(struct pickle_machine *m)
{
    uint32_t state = 0, object = 0;
    if (pickle_pop(m, &state) || pickle_top(m, &object))
        return -1;
    struct pickle_node *node = &m->pickle->nodes[object];
    if (node->kind != PICKLE_OBJECT)
        return pickle_puzzle(m->pickle, "it sets the state of what is no object (byte %zu)", m->opcode);
    if (node->state)
        return pickle_puzzle(m->pickle, "it sets the state of an object twice (byte %zu)", m->opcode);
    node->state = state;
    if (!m->nested && pickle_is_call(m->pickle, object, "joblib.numpy_pickle.NumpyArrayWrapper"))
        return pickle_take_array(m, object);
    return 0;
}

static int push_persistent(struct pickle_machine *m)
{
    uint32_t id = 0, index = 0;
    if (pickle_pop(m, &id))
        return -1;
    int rc = pickle_push_new(m, &index, PICKLE_PERSISTENT);
    if (!rc)
        m->pickle->nodes[index].callable = id;
    return rc;
}

static int run_persid(struct pickle_machine *m)
{
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    int rc = pickle_push_bytes(m, PICKLE_TEXT, line, len);
    return rc ? rc : push_persistent(m);
}

const struct pickle_operation pickle_objects[] = {
    {'c', run_global},     {0x93, run_stack_global}, {'R', run_reduce}, {0x81, run_reduce},
    {0x92, run_newobj_ex}, {'o', run_obj},           {'i', run_inst},   {'b', run_build},
    {'P', run_persid},     {'Q', push_persistent},   {0, NULL},
};
