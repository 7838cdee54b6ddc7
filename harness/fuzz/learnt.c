// SPDX-License-Identifier: Apache-2.0
#include "fuzz/learnt.h"

#include "base/buf.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_CLASSES = 200,
    // Classes are believed to be all of them when so many answers were seen, and each class so often.
    LEAST_ANSWERS = 50,
    LEAST_OF_EACH = 3,
    LISTED = 8,
};
#define SUM_SLACK 1e-3 // of probabilities: float16 ones, and those that were rounded for people
#define ONE_SLACK 1e-6

static bool is_distribution(const struct answer *answer)
{
    double sum = 0;
    for (size_t i = 0; i < answer->number_count; i++) {
        if (!(answer->numbers[i] >= -ONE_SLACK && answer->numbers[i] <= 1 + ONE_SLACK))
            return false;
        sum += answer->numbers[i];
    }
    return answer->number_count < 2 || fabs(sum - 1) <= SUM_SLACK;
}

static void add_class(struct learnt *learnt, const char *name, size_t len)
{
    for (size_t i = 0; i < learnt->class_count; i++)
        if (strlen(learnt->classes[i].name) == len && memcmp(learnt->classes[i].name, name, len) == 0) {
            learnt->classes[i].count++;
            return;
        }
    if (learnt->class_count == MOST_CLASSES) {
        learnt->too_many = true;
        return;
    }
    learnt->classes = mem_grow(learnt->classes, learnt->class_count, &learnt->class_capacity, sizeof *learnt->classes);
    learnt->classes[learnt->class_count++] = (struct learnt_class){.name = str_ndup(name, len), .count = 1};
}

void learnt_add(struct learnt *learnt, const struct answer *answer)
{
    bool first = learnt->answers++ == 0;
    bool list = answer->kind == ANSWER_LIST;
    learnt->uniform = first || (learnt->uniform && learnt->kind == answer->kind);
    learnt->length = list && (first || learnt->length == answer->number_count) ? answer->number_count : 0;
    learnt->sums = list && (first || learnt->sums) && is_distribution(answer);
    learnt->kind = answer->kind;
    size_t len;
    char number[32];
    const char *name =
        answer->kind == ANSWER_TEXT || answer->kind == ANSWER_BOOL ? answer_class(&len, number, answer) : NULL;
    if (name)
        add_class(learnt, name, len);
}

void learnt_settle(struct learnt *learnt, const struct schema *schema)
{
    learnt->type = schema->output.type;
    learnt->classes_seen = learnt->answers >= LEAST_ANSWERS && !learnt->too_many && learnt->class_count > 0;
    for (size_t i = 0; i < learnt->class_count; i++)
        learnt->classes_seen = learnt->classes_seen && learnt->classes[i].count >= LEAST_OF_EACH;
    if (learnt->type != OUTPUT_UNKNOWN || learnt->answers == 0 || !learnt->uniform)
        return;
    if (learnt->kind == ANSWER_NUMBER)
        learnt->type = schema->output.classes.count > 0 ? OUTPUT_CLASS : OUTPUT_NUMBER;
    else if (learnt->kind == ANSWER_TEXT || learnt->kind == ANSWER_BOOL)
        learnt->type = OUTPUT_CLASS;
    else if (learnt->kind == ANSWER_LIST && learnt->sums && learnt->length > 1)
        learnt->type = OUTPUT_PROBABILITIES;
}

void learnt_free(struct learnt *learnt)
{
    for (size_t i = 0; i < learnt->class_count; i++)
        free(learnt->classes[i].name);
    free(learnt->classes);
    *learnt = (struct learnt){0};
}

static void list_classes(struct buf *out, const struct learnt *learnt, const struct schema *schema)
{
    const struct strings *declared = &schema->output.classes;
    size_t count = declared->count ? declared->count : learnt && learnt->classes_seen ? learnt->class_count : 0;
    for (size_t i = 0; i < count && i < LISTED; i++) {
        const char *name = declared->count ? declared->items[i] : learnt->classes[i].name;
        buf_puts(out, i ? ", " : "");
        buf_visible(out, name, strlen(name), "");
    }
    if (count > LISTED)
        buf_printf(out, " and %zu more", count - LISTED);
}

char *learnt_text(const struct learnt *learnt, const struct schema *schema)
{
    CLEANUP(buf) struct buf out = {0}, classes = {0};
    list_classes(&classes, learnt, schema);
    buf_puts(&out, output_type_name(learnt->type));
    if (classes.len)
        buf_printf(&out, ": %s", classes.data);
    if (learnt->length)
        buf_printf(&out, ", %zu in a list", learnt->length);
    if (schema->output.type == OUTPUT_UNKNOWN)
        buf_printf(&out, " (learnt from %zu answers to clean rows)", learnt->answers);
    return buf_take(&out);
}

// ---- Judging

static bool is_class(const struct learnt *learnt, const struct schema *schema, const char *name, size_t len,
                     bool ignore_case)
{
    const struct strings *declared = &schema->output.classes;
    size_t count = declared->count ? declared->count : learnt ? learnt->class_count : 0;
    for (size_t i = 0; i < count; i++) {
        const char *known = declared->count ? declared->items[i] : learnt->classes[i].name;
        if (strlen(known) == len && (ignore_case ? strncasecmp(known, name, len) == 0 : memcmp(known, name, len) == 0))
            return true;
    }
    return false;
}

// Texts that say that there is no answer.
static bool means_nothing(const struct answer *answer)
{
    static const char *const words[] = {"",    "nan",  "inf", "-inf", "infinity", "-infinity",
                                        "nat", "none", "na",  "null", "undefined"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i]) == answer->len &&
            strncasecmp(words[i], answer->text ? answer->text : "", answer->len) == 0)
            return true;
    return false;
}

static bool is_nothing(const struct answer *answer, const struct learnt *learnt, const struct schema *schema)
{
    switch (answer->kind) {
    case ANSWER_NULL:
        return true;
    case ANSWER_NUMBER:
        return !isfinite(answer->number);
    case ANSWER_LIST:
        for (size_t i = 0; i < answer->number_count; i++)
            if (!isfinite(answer->numbers[i]))
                return true;
        return false;
    case ANSWER_TEXT:
        return means_nothing(answer) && !is_class(learnt, schema, answer->text, answer->len, false);
    default:
        return false;
    }
}

static const char *kind_name(enum answer_kind kind)
{
    static const char *const names[] = {
        [ANSWER_NUMBER] = "a number",     [ANSWER_TEXT] = "a text", [ANSWER_BOOL] = "true or false",
        [ANSWER_NULL] = "null",           [ANSWER_LIST] = "a list", [ANSWER_REJECTED] = "a rejection",
        [ANSWER_OTHER] = "something else"};
    return names[kind];
}

// What is expected instead, when the answer has the wrong shape; NULL when it has the right one.
static const char *expected_instead(const struct answer *answer, const struct learnt *learnt,
                                    const struct schema *schema)
{
    enum output_type type = learnt ? learnt->type : schema->output.type;
    enum answer_kind kind = answer->kind;
    if (kind == ANSWER_OTHER)
        return "a prediction";
    if (type == OUTPUT_NUMBER && kind != ANSWER_NUMBER)
        return "a number";
    if (type == OUTPUT_CLASS && kind == ANSWER_LIST)
        return "a class";
    if (type == OUTPUT_PROBABILITIES && kind != ANSWER_LIST && kind != ANSWER_NUMBER)
        return "probabilities";
    if (learnt && learnt->answers > 1 && learnt->uniform && kind != learnt->kind)
        return kind_name(learnt->kind);
    return NULL;
}

static enum oracle_number judge_shape(char **why, const struct learnt *learnt, const struct schema *schema,
                                      const struct answer *answer)
{
    const char *instead = expected_instead(answer, learnt, schema);
    CLEANUP(free) char *text = NULL;
    if (instead) {
        text = answer_text(answer);
        *why = str_printf("answered %s where %s is expected", text, instead);
        return ORACLE_UNREADABLE;
    }
    if (answer->kind == ANSWER_LIST && learnt && learnt->length && answer->number_count != learnt->length) {
        *why = str_printf("answered a list of %zu where clean rows have %zu", answer->number_count, learnt->length);
        return ORACLE_UNREADABLE;
    }
    return 0;
}

static enum oracle_number judge_class(char **why, const struct learnt *learnt, const struct schema *schema,
                                      const struct answer *answer)
{
    size_t len;
    char number[32];
    const char *name = answer_class(&len, number, answer);
    bool declared = schema->output.classes.count > 0;
    if (!name || !(declared || (learnt && learnt->classes_seen)) ||
        is_class(learnt, schema, name, len, answer->kind == ANSWER_BOOL))
        return 0;
    CLEANUP(buf) struct buf classes = {0};
    CLEANUP(free) char *text = answer_text(answer);
    list_classes(&classes, learnt, schema);
    *why = str_printf("answered %s, which is none of the classes%s: %s", text, declared ? "" : " that clean rows have",
                      buf_text(&classes));
    return ORACLE_RANGE;
}

static bool is_outside(double value, const struct schema *schema)
{
    return value < schema->output.min || value > schema->output.max;
}

static enum oracle_number judge_range(char **why, const struct learnt *learnt, const struct schema *schema,
                                      const struct answer *answer)
{
    enum output_type type = learnt ? learnt->type : schema->output.type;
    CLEANUP(free) char *text = NULL;
    if (type == OUTPUT_CLASS)
        return judge_class(why, learnt, schema, answer);
    bool outside = answer->kind == ANSWER_NUMBER && is_outside(answer->number, schema);
    for (size_t i = 0; answer->kind == ANSWER_LIST && i < answer->number_count; i++)
        outside = outside || is_outside(answer->numbers[i], schema);
    if (outside) {
        char min[32], max[32];
        str_double(min, schema->output.min);
        str_double(max, schema->output.max);
        text = answer_text(answer);
        *why = str_printf("answered %s, outside of %s to %s", text, isnan(schema->output.min) ? "anything" : min,
                          isnan(schema->output.max) ? "anything" : max);
        return ORACLE_RANGE;
    }
    bool probable = answer->kind == ANSWER_LIST ? is_distribution(answer)
                                                : answer->number >= -ONE_SLACK && answer->number <= 1 + ONE_SLACK;
    if (type != OUTPUT_PROBABILITIES || probable)
        return 0;
    text = answer_text(answer);
    *why = str_printf("answered %s: no probabilities that sum to 1", text);
    return ORACLE_RANGE;
}

enum oracle_number learnt_judge(char **why, const struct learnt *learnt, const struct schema *schema,
                                const struct answer *answer)
{
    if (is_nothing(answer, learnt, schema)) {
        CLEANUP(free) char *text = answer_text(answer);
        *why = str_printf("answered %s", text);
        return ORACLE_NAN;
    }
    enum oracle_number number = judge_shape(why, learnt, schema, answer);
    return number ? number : judge_range(why, learnt, schema, answer);
}
