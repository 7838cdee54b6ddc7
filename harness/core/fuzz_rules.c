// SPDX-License-Identifier: Apache-2.0
#include "core/fuzz_rules.h"

#include "core/suite_read.h"

#include <string.h>

static const struct json_field expect_field = {.name = "", .types = DOC_STRING | DOC_OBJECT, .values = &document_text};

static const struct json_field tolerance_fields[] = {
    {.name = "abs", .types = DOC_NUMBER},
    {.name = "rel", .types = DOC_NUMBER},
    {0},
};

const struct json_field fuzz_rules_fields[] = {
    {.name = "cases", .types = DOC_NUMBER},
    {.name = "timeout", .types = DOC_QUANTITY},
    {.name = "seed", .types = DOC_QUANTITY},
    {.name = "expect", .types = DOC_OBJECT, .values = &expect_field},
    {.name = "order", .types = DOC_OBJECT, .fields = tolerance_fields},
    {.name = "batch", .types = DOC_OBJECT, .fields = tolerance_fields},
    {.name = "parity", .types = DOC_OBJECT, .fields = tolerance_fields},
    {.name = "slow", .types = DOC_QUANTITY},
    {.name = "memory_growth", .types = DOC_QUANTITY},
    {0},
};

// ---- Reading

static void read_tolerance(const struct document *doc, double *abs, double *rel, const struct json_value *value)
{
    document_amount(doc, abs, document_get(value, "abs", DOC_NUMBER));
    document_amount(doc, rel, document_get(value, "rel", DOC_NUMBER));
}

static void add_rule(const struct document *doc, struct fuzz_rules *rules, const char *mutation, const char *column,
                     const struct json_value *word)
{
    static const char *const words[] = {[EXPECT_EITHER] = "either",
                                        [EXPECT_ACCEPT] = "accept",
                                        [EXPECT_REJECT] = "reject",
                                        [EXPECT_FALLBACK] = "fallback"};
    if (!document_is(word, DOC_STRING))
        return;
    document_filled(doc, word, mutation);
    struct expect_rule *rule = &rules->expects[rules->expect_count++];
    rule->mutation = str_dup(mutation);
    rule->column = str_dup(column);
    rule->expect = (enum expectation)document_word(doc, word, words, ARRAY_LEN(words), EXPECT_EITHER);
    rule->line = json_line(word);
}

// From a name written out in full to what matches everything. Of mutations, the name of a family ("missing") stands
// between.
static int vagueness(const char *pattern, bool mutation)
{
    if (strcmp(pattern, "*") == 0)
        return 3;
    if (str_is_glob(pattern))
        return 1;
    return mutation && !strchr(pattern, '.') ? 2 : 0;
}

struct placed {
    struct expect_rule rule;
    size_t place;
};

// The rule for less comes first, wherever it stands in the document; equals stay in their order.
static int by_vagueness(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int order = vagueness(x->rule.mutation, true) - vagueness(y->rule.mutation, true);
    if (order == 0)
        order = vagueness(x->rule.column, false) - vagueness(y->rule.column, false);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void sort_rules(struct fuzz_rules *rules)
{
    CLEANUP(free) struct placed *placed = mem_array(rules->expect_count + 1, sizeof *placed);
    for (size_t i = 0; i < rules->expect_count; i++)
        placed[i] = (struct placed){rules->expects[i], i};
    qsort(placed, rules->expect_count, sizeof *placed, by_vagueness);
    for (size_t i = 0; i < rules->expect_count; i++)
        rules->expects[i] = placed[i].rule;
}

static void read_expect(const struct document *doc, struct fuzz_rules *rules, const struct json_value *expect)
{
    size_t count = expect ? json_count(expect) : 0, total = 0;
    for (size_t i = 0; i < count; i++)
        total += document_is(json_at(expect, i), DOC_OBJECT) ? json_count(json_at(expect, i)) : 1;
    rules->expects = total ? mem_array(total, sizeof *rules->expects) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(expect, i);
        if (!document_is(item, DOC_OBJECT))
            add_rule(doc, rules, json_key(item), "*", item);
        for (size_t k = 0; document_is(item, DOC_OBJECT) && k < json_count(item); k++)
            add_rule(doc, rules, json_key(item), json_key(json_at(item, k)), json_at(item, k));
    }
    sort_rules(rules);
}

void fuzz_rules_read(const struct document *doc, struct fuzz_rules *out, const struct json_value *object)
{
    document_count(doc, &out->cases, document_get(object, "cases", DOC_NUMBER));
    document_duration(doc, &out->timeout, quantity_of(object, "timeout"));
    document_count(doc, &out->seed, quantity_of(object, "seed"));
    read_expect(doc, out, object_of(object, "expect"));
    read_tolerance(doc, &out->order_abs, &out->order_rel, object_of(object, "order"));
    read_tolerance(doc, &out->batch_abs, &out->batch_rel, object_of(object, "batch"));
    read_tolerance(doc, &out->parity_abs, &out->parity_rel, object_of(object, "parity"));
    document_duration(doc, &out->slow, quantity_of(object, "slow"));
    const struct json_value *growth = quantity_of(object, "memory_growth");
    size_t before = doc->err->problem_count;
    uint64_t bytes = 0;
    document_size(doc, &bytes, growth);
    if (growth && bytes == 0 && doc->err->problem_count == before)
        json_problem(doc->json, growth, doc->err, "expected a size above 0");
    out->memory_growth = (double)bytes;
}

// ---- Use

static bool matches(const char *pattern, const char *name)
{
    return strcmp(pattern, "*") == 0 || strcmp(pattern, name) == 0 || str_glob(pattern, name);
}

static bool matches_mutation(const char *pattern, const char *mutation)
{
    size_t len = strlen(pattern);
    return matches(pattern, mutation) || (strncmp(mutation, pattern, len) == 0 && mutation[len] == '.');
}

enum expectation rules_expect(const struct fuzz_rules *rules, const char *mutation, const char *column)
{
    for (size_t i = 0; i < rules->expect_count; i++) {
        const struct expect_rule *rule = &rules->expects[i];
        bool here = column ? matches(rule->column, column) : strcmp(rule->column, "*") == 0;
        if (here && matches_mutation(rule->mutation, mutation))
            return rule->expect;
    }
    return EXPECT_EITHER;
}

void fuzz_rules_free(struct fuzz_rules *rules)
{
    for (size_t i = 0; i < rules->expect_count; i++) {
        free(rules->expects[i].mutation);
        free(rules->expects[i].column);
    }
    free(rules->expects);
    *rules = (struct fuzz_rules){0};
}
