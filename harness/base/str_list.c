// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"

#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void strings_add(struct strings *list, const char *text)
{
    strings_take(list, str_dup(text));
}

void strings_take(struct strings *list, char *text)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = text;
}

void strings_printf(struct strings *list, const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    strings_take(list, buf_take(&text));
}

void strings_count(struct strings *list, uint64_t count, const char *noun, const char *what)
{
    if (count == 0)
        return;
    CLEANUP(free) char *counted = str_count((size_t)count, noun);
    strings_printf(list, "%s %s", counted, what);
}

bool strings_has(const struct strings *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

bool strings_has_sorted(const struct strings *sorted, const char *text)
{
    size_t low = 0, high = sorted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(sorted->items[middle], text);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_texts);
}

void strings_unique(struct strings *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept && strcmp(list->items[kept - 1], list->items[i]) == 0)
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

void strings_copy(struct strings *to, const struct strings *from)
{
    assert(to != from);
    for (size_t i = 0; i < from->count; i++)
        strings_add(to, from->items[i]);
}

char *strings_join(const struct strings *list, const char *separator)
{
    struct buf text = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            buf_puts(&text, separator);
        buf_puts(&text, list->items[i]);
    }
    return buf_take(&text);
}

char *strings_shell(const struct strings *argv)
{
    struct buf text = {0};
    for (size_t i = 0; i < argv->count; i++) {
        CLEANUP(free) char *word = str_shell_quote(argv->items[i]);
        if (i)
            buf_putc(&text, ' ');
        buf_puts(&text, word);
    }
    return buf_take(&text);
}

void strings_free(struct strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct strings){0};
}

void pairs_set(struct pairs *list, const char *name, const char *value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, name) == 0) {
            char *copy = str_dup(value); // before the old one goes: it may be the same text
            free(list->items[i].value);
            list->items[i].value = copy;
            return;
        }
    }
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (struct pair){str_dup(name), str_dup(value)};
}

const char *pairs_get(const struct pairs *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return list->items[i].value;
    return NULL;
}

void pairs_add(struct pairs *list, const char *name, const char *value)
{
    const char *old = pairs_get(list, name);
    CLEANUP(strings) struct strings values = {0};
    for (const char *at = old ? old : ""; *at;) {
        const char *end = strstr(at, ", ");
        strings_take(&values, str_ndup(at, end ? (size_t)(end - at) : strlen(at)));
        at = end ? end + 2 : at + strlen(at);
    }
    strings_add(&values, value);
    strings_sort(&values);
    strings_unique(&values);
    CLEANUP(free) char *all = strings_join(&values, ", ");
    pairs_set(list, name, all);
}

static int compare_pairs(const void *a, const void *b)
{
    return strcmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

void pairs_sort(struct pairs *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_pairs);
}

void pairs_copy(struct pairs *to, const struct pairs *from)
{
    assert(to != from);
    for (size_t i = 0; i < from->count; i++)
        pairs_set(to, from->items[i].name, from->items[i].value);
}

void pairs_free(struct pairs *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].value);
    }
    free(list->items);
    *list = (struct pairs){0};
}
