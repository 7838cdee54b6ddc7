// SPDX-License-Identifier: Apache-2.0
#include "params.h"

#include "fail.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct rule {
    const char *name;
    size_t offset;
    double least, most;
    bool whole;
} rules[] = {
    {"bins", offsetof(struct params, bins), 2, 254, true},
    {"depth", offsetof(struct params, depth), 1, 16, true},
    {"l2", offsetof(struct params, l2), 0, 1e6, false},
    {"learning_rate", offsetof(struct params, learning_rate), 1e-6, 1, false},
    {"min_leaf", offsetof(struct params, min_leaf), 1, 1e6, true},
    {"rounds", offsetof(struct params, rounds), 1, 100000, true},
    {"row_share", offsetof(struct params, row_share), 0.01, 1, false},
    {"seed", offsetof(struct params, seed), 0, 9007199254740992, true},
    {"valid_share", offsetof(struct params, valid_share), 0.01, 0.9, false},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

struct reader {
    const char *path;
    const char *at;
    int line;
};

static void skip_space(struct reader *reader)
{
    for (; *reader->at && strchr(" \t\r\n", *reader->at); reader->at++)
        reader->line += *reader->at == '\n';
}

static void expect(struct reader *reader, char wanted)
{
    skip_space(reader);
    if (*reader->at != wanted)
        fail("%s:%d: expected '%c'", reader->path, reader->line, wanted);
    reader->at++;
}

static const struct rule *read_name(struct reader *reader)
{
    expect(reader, '"');
    size_t len = strcspn(reader->at, "\"\\\n");
    if (reader->at[len] != '"')
        fail("%s:%d: expected a name in quotes", reader->path, reader->line);
    const char *name = reader->at;
    reader->at += len + 1;
    for (int i = 0; i < RULE_COUNT; i++)
        if (strlen(rules[i].name) == len && memcmp(rules[i].name, name, len) == 0)
            return &rules[i];
    fail("%s:%d: unknown setting '%.*s'", reader->path, reader->line, (int)(len < 40 ? len : 40), name);
}

// A number as JSON has it: strtod alone would take "0x10", "inf" and " 1" too.
static double read_number(struct reader *reader, const struct rule *rule)
{
    static const char digits[] = "0123456789";
    skip_space(reader);
    const char *at = reader->at + (*reader->at == '-');
    size_t whole = strspn(at, digits);
    bool good = whole > 0 && (whole == 1 || at[0] != '0');
    at += whole;
    if (good && *at == '.') {
        size_t fraction = strspn(at + 1, digits);
        good = fraction > 0;
        at += 1 + fraction;
    }
    if (good && (*at == 'e' || *at == 'E')) {
        at += 1 + (at[1] == '+' || at[1] == '-');
        size_t exponent = strspn(at, digits);
        good = exponent > 0;
        at += exponent;
    }
    if (!good)
        fail("%s:%d: %s: expected a number", reader->path, reader->line, rule->name);
    double value = strtod(reader->at, NULL);
    reader->at = at;
    if (!(value >= rule->least && value <= rule->most))
        fail("%s:%d: %s: expected a number from %g to %g", reader->path, reader->line, rule->name, rule->least,
             rule->most);
    if (rule->whole && value != (double)(long long)value)
        fail("%s:%d: %s: expected a whole number", reader->path, reader->line, rule->name);
    return value;
}

struct params params_read(const char *path)
{
    struct params params = {0};
    bool seen[RULE_COUNT] = {false};
    struct reader reader = {path, read_text(path), 1};
    expect(&reader, '{');
    for (;;) {
        const struct rule *rule = read_name(&reader);
        if (seen[rule - rules])
            fail("%s:%d: %s comes twice", path, reader.line, rule->name);
        seen[rule - rules] = true;
        expect(&reader, ':');
        *(double *)((char *)&params + rule->offset) = read_number(&reader, rule);
        skip_space(&reader);
        if (*reader.at != ',')
            break;
        reader.at++;
    }
    expect(&reader, '}');
    skip_space(&reader);
    if (*reader.at)
        fail("%s:%d: something follows the closing '}'", path, reader.line);
    for (int i = 0; i < RULE_COUNT; i++)
        if (!seen[i])
            fail("'%s' does not say %s", path, rules[i].name);
    return params;
}
