// SPDX-License-Identifier: Apache-2.0
#include "serve/answer.h"

#include "base/arena.h"
#include "base/number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

// Of what is not an answer, this much is kept for people.
enum { BEGINNING = 200 };

static void set_other(struct answer *out, const char *text, size_t len, struct arena *arena)
{
    size_t kept = len < BEGINNING ? len : BEGINNING;
    *out = (struct answer){.kind = ANSWER_OTHER, .text = arena_bytes(arena, text, kept), .len = kept};
}

static void set_text(struct answer *out, enum answer_kind kind, const struct piece *string, struct arena *arena)
{
    *out = (struct answer){.kind = kind};
    out->text = piece_text(&out->len, string, arena);
}

// A list of numbers (nulls among them are NaN: a probability that is missing).
static bool set_list(struct answer *out, const struct piece *array, struct arena *arena)
{
    struct piece_items items = piece_items(array);
    struct piece value;
    size_t count = 0, nulls = 0;
    for (; piece_next(&items, NULL, &value); count++) {
        nulls += value.kind == PIECE_NULL;
        if (value.kind != PIECE_NUMBER && value.kind != PIECE_NULL)
            return false;
    }
    if (count > 0 && nulls == count)
        return false;
    double *numbers = arena_room(arena, (count ? count : 1) * sizeof *numbers);
    items = piece_items(array);
    for (size_t i = 0; piece_next(&items, NULL, &value); i++)
        numbers[i] = value.kind == PIECE_NUMBER ? piece_number(&value) : NAN;
    *out = (struct answer){.kind = ANSWER_LIST, .numbers = numbers, .number_count = count};
    return true;
}

// The member that is the answer. False when there is none, or no telling which.
static bool choose_member(struct piece *out, const struct piece *object, const char *field)
{
    if (field)
        return piece_get(out, object, field);
    struct piece_items items = piece_items(object);
    struct piece key, value;
    size_t count = 0;
    bool named = false;
    while (piece_next(&items, &key, &value)) {
        if (value.kind == PIECE_NULL && piece_is(&key, "error"))
            continue;
        count++;
        if (piece_is(&key, "prediction")) {
            *out = value;
            named = true;
        } else if (!named) {
            *out = value;
        }
    }
    return count == 1 || named;
}

static void set_rejected(struct answer *out, const struct piece *error, struct arena *arena)
{
    if (error->kind == PIECE_STRING) {
        set_text(out, ANSWER_REJECTED, error, arena);
        return;
    }
    set_other(out, error->text, error->len, arena);
    out->kind = ANSWER_REJECTED;
}

static void set_object(struct answer *out, const struct piece *object, const char *field, struct arena *arena)
{
    struct piece value, error;
    bool refused = piece_get(&error, object, "error") && error.kind != PIECE_NULL;
    bool chosen = choose_member(&value, object, field);
    if (refused && (!chosen || value.text == error.text || value.kind == PIECE_NULL))
        set_rejected(out, &error, arena);
    else if (!chosen || value.kind == PIECE_OBJECT || (refused && !field))
        set_other(out, object->text, object->len, arena);
    else
        answer_of(out, &value, NULL, arena);
}

void answer_of(struct answer *out, const struct piece *value, const char *field, struct arena *arena)
{
    switch (value->kind) {
    case PIECE_NULL:
        *out = (struct answer){.kind = ANSWER_NULL};
        return;
    case PIECE_FALSE:
    case PIECE_TRUE:
        *out = (struct answer){.kind = ANSWER_BOOL, .number = value->kind == PIECE_TRUE};
        return;
    case PIECE_NUMBER:
        *out = (struct answer){.kind = ANSWER_NUMBER, .number = piece_number(value)};
        return;
    case PIECE_STRING:
        set_text(out, ANSWER_TEXT, value, arena);
        return;
    case PIECE_ARRAY:
        if (!set_list(out, value, arena))
            set_other(out, value->text, value->len, arena);
        return;
    case PIECE_OBJECT:
        set_object(out, value, field, arena);
        return;
    }
}

bool answer_parse(struct answer *out, const char *text, size_t len, const char *field, struct arena *arena)
{
    struct piece value;
    if (!piece_read(&value, text, len)) {
        set_other(out, text, len, arena);
        return false;
    }
    answer_of(out, &value, field, arena);
    return true;
}

void answer_read(struct answer *out, const char *text, size_t len, const char *field, struct arena *arena)
{
    answer_parse(out, text, len, field, arena);
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

void answer_of_cell(struct answer *out, const char *text, size_t len, struct arena *arena)
{
    while (len > 0 && (*text == ' ' || *text == '\t'))
        text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
        len--;
    double number;
    if (len == 0 || is_word(text, len, "null") || is_word(text, len, "none") || is_word(text, len, "na"))
        *out = (struct answer){.kind = ANSWER_NULL};
    else if (is_word(text, len, "true") || is_word(text, len, "false"))
        *out = (struct answer){.kind = ANSWER_BOOL, .number = len == 4};
    else if (number_parse(&number, text, len))
        *out = (struct answer){.kind = ANSWER_NUMBER, .number = number};
    else
        *out = (struct answer){.kind = ANSWER_TEXT, .text = arena_bytes(arena, text, len), .len = len};
}
