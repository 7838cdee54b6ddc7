// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "core/schema.h"
#include "core/suite.h"
#include "unit.h"

#include <math.h>

static int parse(struct suite **out, const char *schema, struct error *err)
{
    CLEANUP(free) char *text = str_printf("{\"train\": {\"command\": \"x\"},\n\"schema\": %s}", schema);
    return suite_parse(out, "churn", "suites/churn/suite.json", text, strlen(text), err);
}

static char *write_out(const struct schema *schema)
{
    struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    schema_write(&w, "schema", schema);
    json_end_object(&w);
    json_finish(&w);
    return buf_take(&text);
}

// What stands under the key "schema" of a written document, cut out of it.
static char *schema_part(const char *written)
{
    const char *from = strstr(written, ": ") + 2;
    return str_ndup(from, (size_t)(strrchr(written, '}') - from));
}

static const char *const whole =
    "{\n"
    "    \"from\": \"data/train.csv\",\n"
    "    \"target\": \"churned\",\n"
    "    \"columns\": {\n"
    "      \"age\": {\"type\": \"integer\", \"nullable\": true, \"missing\": 0.02, \"missing_as\": [\"NA\", \"?\"], "
    "\"min\": "
    "18, \"max\": 99},\n"
    "      \"income\": {\n"
    "        \"type\": \"number\",\n"
    "        \"min\": -1.5,\n"
    "        \"max\": 1e300,\n"
    "        \"quantiles\": [-1.5, 0, 0, 0.25, 10000.5, 1e17, 1e20, 1e100, 1e300],\n"
    "        \"monotone\": \"increasing\"\n"
    "      },\n"
    "      \"plan\": {\"type\": \"category\", \"categories\": {\"basic\": 0.7, \"größer\": 0.2, \"a \\\"b\\\"\": "
    "0.1}},\n"
    "      \"active\": {\"type\": \"boolean\", \"categories\": {\"True\": 0.5, \"False\": 0.5}, \"monotone\": "
    "\"decreasing\"},\n"
    "      \"since\": {\"type\": \"date\", \"format\": \"%Y-%m-%d\", \"samples\": [\"2020-02-29\"]},\n"
    "      \"note\": {\"type\": \"text\", \"longest\": 120, \"samples\": [\"\", \"two\\nlines\"]},\n"
    "      \"id\": {\"type\": \"identifier\", \"samples\": [\"c-1\", \"c-2\"], \"invariant\": true},\n"
    "      \"\": {\"type\": \"text\"}\n"
    "    },\n"
    "    \"output\": {\"type\": \"class\", \"field\": \"prediction\", \"min\": 0, \"max\": 1, \"classes\": [\"no\", "
    "\"yes\"]}\n"
    "  }\n";

START_TEST(a_whole_schema_is_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, whole, &err), &err);
    const struct schema *schema = suite->schema;
    ck_assert_str_eq(schema->from, "data/train.csv");
    ck_assert_str_eq(schema->target, "churned");
    ck_assert_uint_eq(schema->count, 8);
    const struct column *age = schema_find(schema, "age"), *income = schema_find(schema, "income");
    ck_assert_int_eq(age->type, COLUMN_INTEGER);
    ck_assert(age->nullable && !age->has_quantiles);
    ck_assert_double_eq(age->missing, 0.02);
    ck_assert_str_eq(age->spelt.items[1], "?");
    ck_assert_double_eq(age->min, 18);
    ck_assert_double_eq(income->max, 1e300);
    ck_assert(income->has_quantiles && !income->nullable);
    ck_assert_double_eq(income->quantiles[4], 10000.5);
    ck_assert_int_eq(income->monotone, 1);
    const struct column *plan = schema_find(schema, "plan"), *active = schema_find(schema, "active");
    ck_assert_uint_eq(plan->category_count, 3);
    ck_assert_str_eq(plan->categories[2].value, "a \"b\"");
    ck_assert_double_eq(plan->categories[1].share, 0.2);
    ck_assert(isnan(plan->min) && isnan(plan->max));
    ck_assert_int_eq(active->type, COLUMN_BOOLEAN);
    ck_assert_int_eq(active->monotone, -1);
    ck_assert_str_eq(schema_find(schema, "since")->format, "%Y-%m-%d");
    ck_assert_uint_eq(schema_find(schema, "note")->longest, 120);
    ck_assert_str_eq(schema_find(schema, "note")->samples.items[1], "two\nlines");
    ck_assert(schema_find(schema, "id")->invariant);
    ck_assert_int_eq(schema_find(schema, "")->type, COLUMN_TEXT);
    ck_assert_ptr_null(schema_find(schema, "churned"));
    ck_assert_int_eq(schema->output.type, OUTPUT_CLASS);
    ck_assert_str_eq(schema->output.field, "prediction");
    ck_assert_uint_eq(schema->output.classes.count, 2);
    ck_assert_double_eq(schema->output.max, 1);
}
END_TEST

START_TEST(what_is_written_is_what_is_read_byte_for_byte)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, whole, &err), &err);
    CLEANUP(free) char *written = write_out(suite->schema);
    CLEANUP(free) char *part = schema_part(written);
    ck_assert_str_eq(part, whole);
}
END_TEST

START_TEST(an_empty_schema_says_nothing_and_is_written_as_such)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, "{}", &err), &err);
    ck_assert_uint_eq(suite->schema->count, 0);
    ck_assert_int_eq(suite->schema->output.type, OUTPUT_UNKNOWN);
    ck_assert(isnan(suite->schema->output.min) && isnan(suite->schema->output.max));
    CLEANUP(free) char *written = write_out(suite->schema);
    ck_assert_str_eq(written, "{\n  \"schema\": {\n    \"columns\": {},\n    \"output\": {}\n  }\n}\n");
}
END_TEST

START_TEST(a_long_list_is_broken_into_lines_and_read_back)
{
    struct error err = {0};
    CLEANUP(schema) struct schema *schema = schema_new();
    struct column *column = schema_add(schema, "city");
    column->type = COLUMN_CATEGORY;
    column->category_count = 1000;
    column->categories = mem_array(1000, sizeof *column->categories);
    for (size_t i = 0; i < 1000; i++)
        column->categories[i] = (struct category){str_printf("city %zu", i), 0.001};
    CLEANUP(free) char *written = write_out(schema);
    size_t width = 0;
    for (const char *at = written, *end; (end = strchr(at, '\n')); at = end + 1)
        width = (size_t)(end - at) > width ? (size_t)(end - at) : width;
    ck_assert_uint_le(width, 120);
    ck_assert_uint_ge(width, 90);

    CLEANUP(free) char *part = schema_part(written);
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, part, &err), &err);
    ck_assert_uint_eq(suite->schema->columns[0].category_count, 1000);
    ck_assert_str_eq(suite->schema->columns[0].categories[999].value, "city 999");
    CLEANUP(free) char *again = write_out(suite->schema);
    ck_assert_str_eq(again, written);
}
END_TEST

START_TEST(categories_stand_in_order_of_their_share)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(
        parse(&suite,
              "{\"columns\": {\"a\": {\"type\": \"category\", \"categories\": {\"x\": 0.1, \"y\": 0.8, \"z\": 0.1}},\n"
              "\"b\": {\"type\": \"category\", \"categories\": [\"p\", \"q\", \"r\", \"s\"]}}}",
              &err),
        &err);
    const struct column *a = &suite->schema->columns[0], *b = &suite->schema->columns[1];
    ck_assert_str_eq(a->categories[0].value, "y");
    ck_assert_str_eq(a->categories[1].value, "x");
    ck_assert_str_eq(a->categories[2].value, "z");
    ck_assert_uint_eq(b->category_count, 4);
    ck_assert_str_eq(b->categories[0].value, "p");
    ck_assert_double_eq(b->categories[3].share, 0.25);
}
END_TEST

START_TEST(a_fault_of_a_schema_is_told)
{
    static const struct {
        const char *text, *message;
    } faults[] = {
        {"{\"from\": \"../d\"}", "schema.from: '../d' is not a path inside"},
        {"{\"target\": \"\"}", "schema.target: is empty"},
        {"{\"columns\": {\"a\": {}}}", "schema.columns.a.type: this key is required"},
        {"{\"columns\": {\"a\": {\"type\": \"int\"}}}", "schema.columns.a.type: 'int' is unknown"},
        {"{\"columns\": {\"a\": {\"type\": \"integr\"}}}", "did you mean \"integer\"?"},
        {"{\"columns\": {\"a\": {\"type\": \"text\", \"nulable\": true}}}", "did you mean 'nullable'?"},
        {"{\"columns\": {\"a\": {\"type\": \"text\", \"missing\": 1.5}}}", "columns.a.missing: expected a share"},
        {"{\"columns\": {\"a\": {\"type\": \"text\", \"missing_as\": [\"?\", \"?\"]}}}", "'?' is here twice"},
        {"{\"columns\": {\"a\": {\"type\": \"integer\", \"min\": 2, \"max\": 1}}}", "columns.a.max: is below \"min\""},
        {"{\"columns\": {\"a\": {\"type\": \"integer\", \"min\": \"1\"}}}", "columns.a.min: expected a number"},
        {"{\"columns\": {\"a\": {\"type\": \"number\", \"quantiles\": [1, 2]}}}", "quantiles: expected 9 numbers"},
        {"{\"columns\": {\"a\": {\"type\": \"number\", \"quantiles\": [1, 2, 3, 4, 3, 6, 7, 8, 9]}}}",
         "quantiles[4]: is below the quantile before it"},
        {"{\"columns\": {\"a\": {\"type\": \"category\", \"categories\": {\"x\": -1}}}}", "expected a share"},
        {"{\"columns\": {\"a\": {\"type\": \"category\", \"categories\": [\"x\", \"x\"]}}}", "'x' is here twice"},
        {"{\"columns\": {\"a\": {\"type\": \"category\", \"categories\": [1]}}}", "expected a string, found a number"},
        {"{\"columns\": {\"a\": {\"type\": \"text\", \"min\": 1}}}", "min: has no effect on a column of type \"text\""},
        {"{\"columns\": {\"a\": {\"type\": \"integer\", \"format\": \"%Y\"}}}", "format: has no effect"},
        {"{\"columns\": {\"a\": {\"type\": \"number\", \"longest\": 3}}}", "longest: has no effect"},
        {"{\"columns\": {\"a\": {\"type\": \"text\", \"longest\": -3}}}", "longest: expected a whole number"},
        {"{\"columns\": {\"a\": {\"type\": \"category\", \"monotone\": \"increasing\"}}}", "monotone: has no effect"},
        {"{\"columns\": {\"a\": {\"type\": \"number\", \"monotone\": \"up\"}}}", "'up' is unknown"},
        {"{\"columns\": {\"a\": {\"type\": \"number\", \"monotone\": \"increasing\", \"invariant\": true}}}",
         "moves no answer in any direction"},
        {"{\"target\": \"y\", \"columns\": {\"y\": {\"type\": \"number\"}}}", "columns.y: is the target"},
        {"{\"output\": {\"type\": \"float\"}}", "schema.output.type: 'float' is unknown"},
        {"{\"output\": {\"min\": 1, \"max\": 0}}", "output.max: is below \"min\""},
        {"{\"output\": {\"type\": \"number\", \"classes\": [\"a\"]}}", "classes: has no effect"},
        {"{\"output\": {\"field\": \"\"}}", "output.field: is empty"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct error err = {0};
        struct suite *suite = NULL;
        ck_assert_msg(parse(&suite, faults[i].text, &err) == -1, "accepted: %s", faults[i].text);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, "suites/churn/suite.json:2: ");
        ck_error_has(&err, faults[i].message);
        error_free(&err);
    }
}
END_TEST

UNIT_MAIN("schema", a_whole_schema_is_read, what_is_written_is_what_is_read_byte_for_byte,
          an_empty_schema_says_nothing_and_is_written_as_such, a_long_list_is_broken_into_lines_and_read_back,
          categories_stand_in_order_of_their_share, a_fault_of_a_schema_is_told)
