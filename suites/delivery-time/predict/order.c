// SPDX-License-Identifier: Apache-2.0
#include "order.h"

#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct rule {
    const char *name;
    bool required, whole;
    double least, most;
} rules[] = {
    {"distance_km", true, false, 0, 1000}, {"hour", true, true, 0, 23},     {"traffic", false, false, 0, 10},
    {"items", false, true, 1, 1000},       {"weather", false, false, 0, 0}, {"vehicle", false, false, 0, 0},
};
static const char target[] = "minutes", identity[] = "id";

// A feature that has no rule, because the model was trained on others, may be any number and may be missing.
static const struct rule *rule_of(const struct model *model, int column)
{
    static const struct rule any = {"", false, false, -HUGE_VAL, HUGE_VAL};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].name, model->features[column].name) == 0)
            return &rules[i];
    return &any;
}

struct order order_new(void)
{
    struct order order = {0};
    for (int i = 0; i < MODEL_FEATURES; i++)
        order.cells[i] = NAN;
    return order;
}

static bool refuse_category(const struct model *model, int column, const char *what, struct fault *fault)
{
    const struct model_feature *feature = &model->features[column];
    char known[256] = "";
    for (int i = 0; i < feature->category_count && strlen(known) + MODEL_NAME + 2 < sizeof known; i++) {
        strcat(known, i ? ", " : "");
        strcat(known, feature->categories[i]);
    }
    return refuse(fault, "%s: %s; known are %s", feature->name, what, known);
}

static bool refuse_number(const struct model *model, int column, struct fault *fault)
{
    const struct rule *rule = rule_of(model, column);
    return refuse(fault, "%s: expected a %s from %g to %g", model->features[column].name,
                  rule->whole ? "whole number" : "number", rule->least, rule->most);
}

bool order_set_number(struct order *order, const struct model *model, int column, double value, struct fault *fault)
{
    const struct rule *rule = rule_of(model, column);
    if (model->features[column].category_count > 0)
        return refuse_category(model, column, "expected a category, found a number", fault);
    if (!(value >= rule->least && value <= rule->most) || isinf(value) || (rule->whole && value != floor(value)))
        return refuse_number(model, column, fault);
    order->cells[column] = value + 0.0; // −0 becomes 0
    return true;
}

bool order_set_text(struct order *order, const struct model *model, int column, const char *text, size_t len,
                    struct fault *fault)
{
    const struct model_feature *feature = &model->features[column];
    if (feature->category_count == 0)
        return refuse_number(model, column, fault);
    for (int i = 0; i < feature->category_count; i++) {
        if (strlen(feature->categories[i]) == len && memcmp(feature->categories[i], text, len) == 0) {
            order->cells[column] = i;
            return true;
        }
    }
    return refuse_category(model, column, "unknown category", fault);
}

bool order_is_whole(const struct order *order, const struct model *model, struct fault *fault)
{
    for (int i = 0; i < model->feature_count; i++)
        if (rule_of(model, i)->required && isnan(order->cells[i]))
            return refuse(fault, "%s: is missing", model->features[i].name);
    return true;
}

static bool is_name(const char *known, const char *name, size_t len)
{
    return strlen(known) == len && memcmp(known, name, len) == 0;
}

int order_column(const struct model *model, const char *name, size_t len, struct fault *fault)
{
    int column = model_find(model, name, len);
    if (column >= 0)
        return column;
    if (is_name(target, name, len) || is_name(identity, name, len))
        return -1;
    char known[MODEL_FEATURES * (MODEL_NAME + 2)] = "";
    for (int i = 0; i < model->feature_count; i++) {
        strcat(known, i ? ", " : "");
        strcat(known, model->features[i].name);
    }
    refuse(fault, "there is a column that the model does not know; it knows %s", known);
    return -2;
}

static bool read_value(struct order *out, const struct model *model, int column, struct json *json, struct fault *fault)
{
    char text[MODEL_NAME];
    size_t len;
    double value;
    char first = json_peek(json);
    if (first == 'n' && json_word(json, "null"))
        return true;
    if (first == '"') {
        if (!json_string(json, text, sizeof text, &len))
            return refuse(fault, "%s: not a string of JSON", model->features[column].name);
        return order_set_text(out, model, column, text, len < sizeof text ? len : 0, fault);
    }
    if (json_number(json, &value))
        return order_set_number(out, model, column, value, fault);
    if (first == '[' || first == '{' || first == 't' || first == 'f')
        return refuse(fault, "%s: expected a %s", model->features[column].name,
                      model->features[column].category_count > 0 ? "category" : "number");
    return refuse(fault, "%s: not a value of JSON", model->features[column].name);
}

// The target, whatever JSON it is: a number, a string or null.
static bool skip_value(struct json *json, struct fault *fault)
{
    char text[1];
    size_t len;
    double value;
    if (json_word(json, "null") || json_number(json, &value) || json_string(json, text, sizeof text, &len))
        return true;
    return refuse(fault, "%s: expected a number", target);
}

// A request's own name: it ends up in the log, and may not spoil it.
static bool read_id(struct order *out, struct json *json, struct fault *fault)
{
    size_t len;
    double value;
    if (*out->id)
        return refuse(fault, "id: comes twice");
    if (json_word(json, "null"))
        return true;
    bool text = json_peek(json) == '"';
    const char *begin = json->at;
    if (text ? !json_string(json, out->id, sizeof out->id, &len) : !json_number(json, &value))
        return refuse(fault, "id: expected a text or a number");
    if (!text && (len = (size_t)(json->at - begin)) < sizeof out->id)
        snprintf(out->id, sizeof out->id, "%.*s", (int)len, begin);
    bool printable = len > 0 && len < sizeof out->id;
    for (size_t i = 0; printable && i < len; i++)
        printable = out->id[i] >= ' ' && out->id[i] <= '~';
    if (printable)
        return true;
    *out->id = '\0';
    return refuse(fault, "id: expected 1 to 64 printable characters");
}

static bool read_member(struct order *out, const struct model *model, struct json *json, struct fault *fault)
{
    char name[MODEL_NAME];
    size_t len;
    if (!json_string(json, name, sizeof name, &len) || !json_take(json, ':'))
        return refuse(fault, "not JSON: expected \"column\": value");
    int column = order_column(model, name, len < sizeof name ? len : 0, fault);
    if (column == -2)
        return false;
    if (column == -1 && is_name(identity, name, len))
        return read_id(out, json, fault);
    if (column == -1)
        return skip_value(json, fault);
    if (out->given[column])
        return refuse(fault, "%s: comes twice", model->features[column].name);
    out->given[column] = true;
    return read_value(out, model, column, json, fault);
}

bool order_read_json(struct order *out, const struct model *model, const char *line, size_t len, struct fault *fault)
{
    struct json json = {line, line + len};
    *out = order_new();
    if (!json_take(&json, '{'))
        return refuse(fault, "expected a JSON object: {\"distance_km\": 4.0, …}");
    if (json_peek(&json) != '}') {
        do {
            if (!read_member(out, model, &json, fault))
                return false;
        } while (json_take(&json, ','));
    }
    if (!json_take(&json, '}'))
        return refuse(fault, "not JSON: expected ',' or '}'");
    if (!json_at_end(&json))
        return refuse(fault, "something follows the closing '}'");
    return order_is_whole(out, model, fault);
}

bool order_read_cell(struct order *order, const struct model *model, int column, const char *cell, struct fault *fault)
{
    size_t len = strlen(cell);
    struct json json = {cell, cell + len};
    double value;
    if (len == 0)
        return true;
    // A category may look like a number: the column says what it is.
    if (model->features[column].category_count > 0)
        return order_set_text(order, model, column, cell, len, fault);
    if (strchr(" \t\r\n", *cell) || !json_number(&json, &value) || json.at != json.end)
        return refuse_number(model, column, fault);
    return order_set_number(order, model, column, value, fault);
}
