// SPDX-License-Identifier: Apache-2.0
#include "compare/flat.h"

#include "base/mem.h"
#include "base/number.h"
#include "compare/values.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static void skip_space(struct flat *row)
{
    while (row->at < row->end && (*row->at == ' ' || *row->at == '\t' || *row->at == '\r'))
        row->at++;
}

static bool take(struct flat *row, char c)
{
    skip_space(row);
    if (row->at == row->end || *row->at != c)
        return false;
    row->at++;
    return true;
}

// A string without escapes and control characters; `at` stands behind its opening quote.
static bool take_string(struct flat *row, const char **text, size_t *len)
{
    *text = row->at;
    while (row->at < row->end && *row->at != '"') {
        if (*row->at == '\\' || (unsigned char)*row->at < ' ')
            return false;
        row->at++;
    }
    *len = (size_t)(row->at - *text);
    if (row->at == row->end)
        return false;
    row->at++;
    return true;
}

struct word {
    const char *text;
    enum flat_kind kind;
    double number;
};
static const struct word words[] = {
    {"true", FLAT_NUMBER, 1},  {"false", FLAT_NUMBER, 0},           {"null", FLAT_OTHER, 0},
    {"NaN", FLAT_NUMBER, NAN}, {"Infinity", FLAT_NUMBER, INFINITY}, {"-Infinity", FLAT_NUMBER, -INFINITY},
};
#define FIRST_STRING_WORD 3 // from here on a word means the same as a string

static const struct word *find_word(size_t from, const char *text, size_t len)
{
    for (size_t i = from; i < ARRAY_LEN(words); i++) {
        if (strlen(words[i].text) == len && !memcmp(words[i].text, text, len))
            return &words[i];
    }
    return NULL;
}

// What number_parse takes and JSON does not: ".5", "5.", "+1", "01", "inf".
static bool is_json_number(const char *text, size_t len)
{
    size_t at = len > 0 && text[0] == '-';
    if (at == len || text[at] < '0' || text[at] > '9' ||
        (text[at] == '0' && at + 1 < len && text[at + 1] >= '0' && text[at + 1] <= '9'))
        return false;
    const char *point = memchr(text, '.', len);
    return !point || (point + 1 < text + len && point[1] >= '0' && point[1] <= '9');
}

static enum flat_kind take_value(struct flat_member *out, struct flat *row)
{
    const char *text;
    size_t len;
    const struct word *word;
    if (take(row, '"')) {
        if (!take_string(row, &text, &len))
            return FLAT_GIVE_UP;
        word = find_word(FIRST_STRING_WORD, text, len);
        out->number = word ? word->number : 0;
        return word ? FLAT_NUMBER : FLAT_OTHER;
    }
    text = row->at;
    while (row->at < row->end && !strchr(",} \t\r", *row->at))
        row->at++;
    len = (size_t)(row->at - text);
    if (is_json_number(text, len) && number_parse(&out->number, text, len) && isfinite(out->number))
        return FLAT_NUMBER; // 1e999 is for the strict reader to judge
    word = find_word(0, text, len);
    if (!word)
        return FLAT_GIVE_UP;
    out->number = word->number;
    return word->kind;
}

enum flat_kind flat_next(struct flat_member *out, struct flat *row)
{
    bool first = row->members++ == 0;
    if (first && !take(row, '{'))
        return FLAT_GIVE_UP;
    if (take(row, '}')) {
        skip_space(row);
        return row->at == row->end ? FLAT_END : FLAT_GIVE_UP;
    }
    if ((!first && !take(row, ',')) || !take(row, '"') || !take_string(row, &out->key, &out->key_len) ||
        out->key_len == 0 || out->key_len > VALUES_LONGEST_NAME || !take(row, ':'))
        return FLAT_GIVE_UP;
    return take_value(out, row);
}
