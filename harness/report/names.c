// SPDX-License-Identifier: Apache-2.0
#include "report/names.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); // FNV-1a
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

// The slot that holds the key, or the free one where it belongs.
static struct names_entry *find(const struct names *names, const char *key, uint64_t hash)
{
    size_t at = (size_t)hash & (names->capacity - 1);
    while (names->slots[at].key && (names->slots[at].hash != hash || strcmp(names->slots[at].key, key) != 0))
        at = (at + 1) & (names->capacity - 1);
    return &names->slots[at];
}

static void make_room(struct names *names)
{
    if (names->count * 2 < names->capacity)
        return;
    struct names larger = {.count = names->count, .capacity = names->capacity ? names->capacity * 2 : 256};
    larger.slots = mem_array(larger.capacity, sizeof *larger.slots);
    for (size_t i = 0; i < names->capacity; i++) {
        if (names->slots[i].key)
            *find(&larger, names->slots[i].key, names->slots[i].hash) = names->slots[i];
    }
    free(names->slots);
    *names = larger;
}

// How often the key was asked for before; it counts as asked for once more.
static size_t ask(struct names *names, const char *key)
{
    make_room(names);
    uint64_t hash = hash_text(key);
    struct names_entry *entry = find(names, key, hash);
    if (!entry->key) {
        *entry = (struct names_entry){.key = str_dup(key), .hash = hash};
        names->count++;
    }
    return entry->given++;
}

void names_make_unique(struct names *names, const char *class_name, struct buf *name)
{
    CLEANUP(buf) struct buf key = {0};
    buf_printf(&key, "%s\n%s", class_name, buf_text(name));
    size_t len = key.len;
    size_t before = ask(names, key.data);
    while (before > 0) {
        CLEANUP(free) char *number = str_printf(" (%zu)", before + 1);
        buf_puts(&key, number);
        // Somebody may have called a check "name (2)" himself: then the next number is tried.
        if (ask(names, key.data) == 0) {
            buf_puts(name, number);
            return;
        }
        key.len = len;
        key.data[len] = '\0';
        before = ask(names, key.data);
    }
}

void names_free(struct names *names)
{
    for (size_t i = 0; i < names->capacity; i++)
        free(names->slots[i].key);
    free(names->slots);
    *names = (struct names){0};
}
