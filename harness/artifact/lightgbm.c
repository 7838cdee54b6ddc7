// SPDX-License-Identifier: Apache-2.0
//
// LightGBM's text model (src/boosting/gbdt_model_text.cpp, src/io/tree.cpp of LightGBM), line by line:
//
//   tree                            then key=value: version, num_class, objective, feature_names, feature_infos, …
//   Tree=0                          one for each tree, with key=value; lists of numbers are separated by spaces
//   end of trees
//   feature_importances:            then name=value
//   parameters: … end of parameters how it was trained, with threads and paths: left out
//   pandas_categorical:[…]          JSON
//
// Values are named "num_class", "Tree=3.leaf_value", "feature_importances.age".
#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/path.h"
#include "artifact/readers.h"
#include "base/number.h"

#include <string.h>

// What a key holds does not depend on what its value looks like, so that a tree of one leaf is like the others.
enum key_kind { KEY_GUESS, KEY_NUMBER, KEY_INTEGERS, KEY_FLOATS, KEY_WORDS, KEY_LEFT_OUT };

static const struct {
    const char *name;
    enum key_kind kind;
} keys[] = {
    {"feature_names", KEY_WORDS},     {"feature_infos", KEY_WORDS},
    {"tree_sizes", KEY_LEFT_OUT},     {"monotone_constraints", KEY_INTEGERS},
    {"num_leaves", KEY_NUMBER},       {"num_cat", KEY_NUMBER},
    {"shrinkage", KEY_NUMBER},        {"is_linear", KEY_NUMBER},
    {"split_feature", KEY_INTEGERS},  {"split_gain", KEY_FLOATS},
    {"threshold", KEY_FLOATS},        {"decision_type", KEY_INTEGERS},
    {"left_child", KEY_INTEGERS},     {"right_child", KEY_INTEGERS},
    {"leaf_value", KEY_FLOATS},       {"leaf_weight", KEY_FLOATS},
    {"leaf_count", KEY_INTEGERS},     {"internal_value", KEY_FLOATS},
    {"internal_weight", KEY_FLOATS},  {"internal_count", KEY_INTEGERS},
    {"cat_boundaries", KEY_INTEGERS}, {"cat_threshold", KEY_INTEGERS},
    {"leaf_const", KEY_FLOATS},       {"num_features", KEY_INTEGERS},
    {"leaf_features", KEY_INTEGERS},  {"leaf_coeff", KEY_FLOATS},
};

struct lightgbm {
    struct contents *contents;
    const char *prefix;
    const char *at, *end;
    size_t line;
    struct buf section; // "", "Tree=3", "feature_importances"
    bool trees_ended;
    struct error *err;
};

struct span {
    const char *text;
    size_t len;
};

static int fail(const struct lightgbm *model, const char *what)
{
    return error_set(model->err, ERROR_USAGE, "line %zu: %s", model->line, what);
}

static bool next_line(struct span *out, struct lightgbm *model)
{
    if (model->at == model->end)
        return false;
    const char *newline = memchr(model->at, '\n', (size_t)(model->end - model->at));
    const char *stop = newline ? newline : model->end;
    *out = (struct span){model->at, (size_t)(stop - model->at)};
    if (out->len > 0 && out->text[out->len - 1] == '\r')
        out->len--;
    model->at = newline ? newline + 1 : model->end;
    model->line++;
    return true;
}

static bool is(const struct span *line, const char *text)
{
    return line->len == strlen(text) && !memcmp(line->text, text, line->len);
}

static bool starts(const struct span *line, const char *text)
{
    return line->len >= strlen(text) && !memcmp(line->text, text, strlen(text));
}

// The next word of a list; false at its end.
static bool next_word(struct span *word, struct span *rest)
{
    while (rest->len > 0 && *rest->text == ' ') {
        rest->text++;
        rest->len--;
    }
    const char *space = rest->len ? memchr(rest->text, ' ', rest->len) : NULL;
    *word = (struct span){rest->text, space ? (size_t)(space - rest->text) : rest->len};
    rest->text += word->len;
    rest->len -= word->len;
    return word->len > 0;
}

static bool take_integer(int64_t *out, const struct span *word)
{
    bool negative = word->text[0] == '-';
    int64_t value = 0;
    for (size_t i = negative; i < word->len; i++) {
        int64_t digit = word->text[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return word->len > negative;
}

// --- values ---

static int add_text(struct lightgbm *model, const char *name, const struct span *text)
{
    struct value *value = contents_add(model->contents, model->prefix, name, VALUE_TEXT, model->err);
    if (!value)
        return -1;
    value->bytes = (const unsigned char *)text->text;
    value->size = text->len;
    return 0;
}

static int add_words(struct lightgbm *model, const char *name, struct span rest)
{
    CLEANUP(buf) struct buf lines = {0};
    CLEANUP(free) char *list = str_printf("%s[]", name);
    for (struct span word; next_word(&word, &rest);)
        lines_add(&lines, word.text, word.len);
    return lines_value(model->contents, model->prefix, list, &lines, model->err);
}

static int add_number(struct lightgbm *model, const char *name, const struct span *text)
{
    double number;
    if (!number_parse(&number, text->text, text->len))
        return add_text(model, name, text);
    struct value *value = contents_add(model->contents, model->prefix, name, VALUE_NUMBER, model->err);
    if (!value)
        return -1;
    value->number = number;
    return 0;
}

// A list with a word that is no such number is text as it stands.
static int add_numbers(struct lightgbm *model, const char *name, const struct span *text, bool integers)
{
    CLEANUP(buf) struct buf cells = {0};
    struct span rest = *text;
    for (struct span word; next_word(&word, &rest);) {
        int64_t integer;
        double number;
        if (integers ? !take_integer(&integer, &word) : !number_parse(&number, word.text, word.len))
            return add_text(model, name, text);
        buf_append(&cells, integers ? (const void *)&integer : &number, 8);
    }
    struct value *value = contents_add(model->contents, model->prefix, name, VALUE_TENSOR, model->err);
    if (!value)
        return -1;
    struct tensor *tensor = &value->tensor;
    tensor->dtype = integers ? DTYPE_I64 : DTYPE_F64;
    tensor->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    tensor->rank = 1;
    tensor->shape[0] = cells.len / 8;
    size_t len = cells.len;
    return tensor_set_contiguous(tensor, contents_keep(model->contents, buf_take(&cells), len), len, model->err);
}

static int add_value(struct lightgbm *model, const char *name, enum key_kind kind, const struct span *text)
{
    switch (kind) {
    case KEY_INTEGERS:
    case KEY_FLOATS:
        return add_numbers(model, name, text, kind == KEY_INTEGERS);
    case KEY_WORDS:
        return add_words(model, name, *text);
    case KEY_LEFT_OUT:
        contents_leave_out(model->contents, name);
        return 0;
    default:
        return add_number(model, name, text);
    }
}

// --- lines ---

static enum key_kind kind_of(const struct span *key)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (is(key, keys[i].name))
            return keys[i].kind;
    }
    return KEY_GUESS;
}

// "key=value", or a key alone ("average_output").
static int take_pair(struct lightgbm *model, const struct span *line)
{
    bool importances = strcmp(buf_text(&model->section), "feature_importances") == 0;
    // The name of a feature may have a '=' in it, a number may not.
    const char *equals = importances ? memrchr(line->text, '=', line->len) : memchr(line->text, '=', line->len);
    struct span key = {line->text, equals ? (size_t)(equals - line->text) : line->len};
    struct span value = {line->text + key.len + (equals != NULL), line->len - key.len - (equals != NULL)};
    if (key.len == 0 || key.len > 4096)
        return fail(model, "expected key=value");
    CLEANUP(buf) struct buf name = {0};
    buf_puts(&name, buf_text(&model->section));
    path_key(&name, key.text, key.len);
    return add_value(model, name.data, importances ? KEY_NUMBER : kind_of(&key), &value);
}

static int skip_parameters(struct lightgbm *model)
{
    contents_leave_out(model->contents, "the block 'parameters:'");
    for (struct span line; next_line(&line, model);) {
        if (is(&line, "end of parameters"))
            return 0;
    }
    return fail(model, "the file ends within 'parameters:'");
}

static int take_line(struct lightgbm *model, const struct span *line)
{
    static const char categories[] = "pandas_categorical:";
    if (line->len == 0 || (model->line == 1 && is(line, "tree")))
        return 0;
    if (starts(line, "Tree=")) {
        if (line->len > 64 || memchr(line->text, '\0', line->len))
            return fail(model, "expected the number of a tree");
        buf_clear(&model->section);
        buf_append(&model->section, line->text, line->len);
        return 0;
    }
    if (is(line, "end of trees")) {
        buf_clear(&model->section);
        model->trees_ended = true;
        return 0;
    }
    if (is(line, "feature_importances:") || is(line, "feature importances:")) {
        buf_clear(&model->section);
        buf_puts(&model->section, "feature_importances");
        model->trees_ended = true; // all that tells in models of version 2
        return 0;
    }
    if (is(line, "parameters:")) {
        buf_clear(&model->section);
        return skip_parameters(model);
    }
    if (starts(line, categories)) {
        size_t skip = sizeof categories - 1;
        return add_text(model, "pandas_categorical", &(struct span){line->text + skip, line->len - skip});
    }
    return take_pair(model, line);
}

int lightgbm_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct lightgbm model = {
        .contents = out,
        .prefix = prefix,
        .at = (const char *)file->bytes,
        .end = (const char *)file->bytes + file->len,
        .err = err,
    };
    contents_leave_out(out, "the spelling of numbers and the order of lines");
    int status = 0;
    for (struct span line; status == 0 && next_line(&line, &model);)
        status = take_line(&model, &line);
    if (status == 0 && !model.trees_ended)
        status = fail(&model, "the file ends before 'end of trees'");
    buf_free(&model.section);
    return status;
}
