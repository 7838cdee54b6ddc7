// SPDX-License-Identifier: Apache-2.0
//
//   opcode  1 byte; its argument follows, of a fixed size, up to a newline, or with its length in front
//   PROTO n, from protocol 2 on, comes first; STOP ('.') ends it: what is on top of the stack is the value
//   FRAME   u64 length (protocol 4): only says how much may be read ahead
#include "artifact/pickle.h"

#include "artifact/pickle_machine.h"
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct pickle_block {
    struct pickle_block *next;
    size_t used, size;
    unsigned char *bytes;
};
enum { BLOCK_SIZE = 64 << 10 };

int pickle_puzzle(struct pickle *pickle, const char *format, ...)
{
    if (!pickle->why) {
        struct buf text = {0};
        va_list args;
        va_start(args, format);
        buf_vprintf(&text, format, args);
        va_end(args);
        pickle->why = buf_take(&text);
    }
    return 1;
}

int pickle_damaged(struct pickle_machine *m, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return error_set(m->err, ERROR_USAGE, "byte %zu: %s", m->opcode, buf_text(&text));
}

unsigned char *pickle_memory(struct pickle *pickle, uint64_t len)
{
    if (len > pickle->limit - pickle->decoded) {
        pickle_puzzle(pickle, "its texts would take more than %zu bytes", pickle->limit);
        return NULL;
    }
    pickle->decoded += (size_t)len;
    struct pickle_block *block = pickle->blocks;
    if (!block || block->size - block->used < len) {
        block = mem_alloc(sizeof *block);
        block->size = len > BLOCK_SIZE ? (size_t)len : BLOCK_SIZE;
        block->bytes = mem_alloc(block->size);
        block->next = pickle->blocks;
        pickle->blocks = block;
    }
    unsigned char *bytes = block->bytes + block->used;
    block->used += ((size_t)len + 7) & ~(size_t)7; // numbers are kept here, too
    block->used = block->used > block->size ? block->size : block->used;
    return bytes;
}

bool pickle_release(struct pickle *pickle, void **out, size_t *len)
{
    struct pickle_block *block = pickle->blocks;
    if (!block)
        return false;
    *out = block->bytes;
    *len = block->size;
    pickle->blocks = block->next;
    free(block);
    return true;
}

static bool has_items(const struct pickle_node *node)
{
    return node->kind >= PICKLE_TUPLE && node->kind <= PICKLE_SET;
}

void pickle_free(struct pickle *pickle)
{
    void *block = NULL;
    for (size_t len; pickle_release(pickle, &block, &len);)
        free(block);
    for (size_t i = 0; i < pickle->count; i++) {
        if (has_items(&pickle->nodes[i]))
            free(pickle->nodes[i].items);
    }
    free(pickle->nodes);
    free(pickle->why);
    *pickle = (struct pickle){0};
}

int pickle_new(struct pickle_machine *m, uint32_t *out, enum pickle_kind kind)
{
    struct pickle *pickle = m->pickle;
    if (pickle->count >= PICKLE_MAX_NODES)
        return pickle_puzzle(pickle, "it has more than %d values", PICKLE_MAX_NODES);
    pickle->nodes = mem_grow(pickle->nodes, pickle->count, &pickle->capacity, sizeof *pickle->nodes);
    pickle->nodes[pickle->count] = (struct pickle_node){.kind = (unsigned char)kind};
    *out = (uint32_t)pickle->count++;
    return 0;
}

int pickle_take(struct pickle_machine *m, const unsigned char **out, uint64_t len)
{
    if (len > m->len - m->at)
        return pickle_damaged(m, "needs %llu bytes from byte %zu on, there are %zu", (unsigned long long)len, m->at,
                              m->len - m->at);
    *out = m->bytes + m->at;
    m->at += (size_t)len;
    return 0;
}

int pickle_take_number(struct pickle_machine *m, uint64_t *out, size_t size)
{
    const unsigned char *bytes = NULL;
    if (pickle_take(m, &bytes, size))
        return -1;
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | bytes[i];
    *out = value;
    return 0;
}

int pickle_take_line(struct pickle_machine *m, const unsigned char **out, size_t *len)
{
    const unsigned char *from = m->bytes + m->at, *end = memchr(from, '\n', m->len - m->at);
    if (!end)
        return pickle_damaged(m, "its line has no end");
    *out = from;
    *len = (size_t)(end - from);
    m->at += *len + 1;
    return 0;
}

static int no_such_opcode(struct pickle_machine *m)
{
    unsigned char code = m->bytes[m->opcode];
    if (code >= 0x82 && code <= 0x84)
        return pickle_puzzle(m->pickle, "it uses a code of copyreg's extension registry (EXT%d, byte %zu)",
                             1 << (code - 0x82), m->opcode);
    if (code == 0x97 || code == 0x98)
        return pickle_puzzle(m->pickle, "it has buffers outside of the file (NEXT_BUFFER, byte %zu)", m->opcode);
    return pickle_damaged(m, "no opcode of a pickle: 0x%02x", code);
}

struct opcodes {
    pickle_opcode run[256];
};

static void fill_opcodes(struct opcodes *table)
{
    for (size_t i = 0; i < ARRAY_LEN(table->run); i++)
        table->run[i] = no_such_opcode;
    const struct pickle_operation *const parts[] = {pickle_atoms, pickle_objects, pickle_stacks};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (const struct pickle_operation *row = parts[i]; row->run; row++)
            table->run[row->code] = row->run;
    }
}

static int run_machine(struct pickle_machine *m, uint32_t *root)
{
    struct opcodes table;
    fill_opcodes(&table);
    m->stack_capacity = 64; // there is one even when nothing was ever pushed
    m->stack = mem_array(m->stack_capacity, sizeof *m->stack);
    int rc = 0;
    while (!rc && !m->stopped) {
        m->opcode = m->at;
        if (m->at == m->len)
            rc = pickle_damaged(m, "the pickle has no end");
        else
            rc = table.run[m->bytes[m->at++]](m);
    }
    if (!rc)
        rc = pickle_pop(m, root);
    free(m->stack);
    free(m->marks);
    free(m->memo);
    return rc;
}

int pickle_run_nested(struct pickle_machine *outer, uint32_t *root)
{
    struct pickle_machine m = {.pickle = outer->pickle,
                               .bytes = outer->bytes,
                               .len = outer->len,
                               .start = outer->at,
                               .at = outer->at,
                               .nested = true,
                               .err = outer->err};
    int rc = run_machine(&m, root);
    outer->at = m.at;
    return rc;
}

int pickle_run(struct pickle *pickle, uint32_t *root, const unsigned char *bytes, size_t len, size_t *at,
               struct error *err)
{
    struct pickle_machine m = {
        .pickle = pickle, .bytes = bytes, .len = len, .start = *at, .at = *at, .opcode = *at, .err = err};
    // A list of small numbers takes 2 bytes an item in the file and 8 here.
    pickle->limit = len > SIZE_MAX / 16 ? SIZE_MAX / 2 : len * 6 + BLOCK_SIZE;
    uint32_t none = 0;
    int rc = pickle->count == 0 ? pickle_new(&m, &none, PICKLE_NONE) : 0;
    if (!rc)
        rc = run_machine(&m, root);
    *at = m.at;
    return rc;
}
