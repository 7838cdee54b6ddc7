// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "fuzz/infer.h"
#include "unit.h"

static struct schema *from_mlmodel(const char *text)
{
    struct error err = {0};
    struct schema *schema = NULL;
    ck_ok(infer_mlmodel(&schema, "MLmodel", text, strlen(text), &err), &err);
    return schema;
}

START_TEST(the_signature_of_an_mlmodel_file_names_the_columns)
{
    // As PyYAML writes it: single quotes, long lines broken.
    CLEANUP(schema)
    struct schema *schema = from_mlmodel(
        "artifact_path: model\nflavors:\n  python_function:\n    inputs: 'not this one'\n"
        "signature:\n"
        "  inputs: '[{\"type\": \"long\", \"name\": \"age\", \"required\": true}, {\"type\": \"double\",\n"
        "    \"name\": \"it''s income\", \"required\": false}, {\"type\": \"string\", \"name\": \"plan\"},\n"
        "    {\"type\": \"boolean\", \"name\": \"ok\", \"optional\": true}, {\"type\": \"datetime\", \"name\": "
        "\"day\"}]'\n"
        "  outputs: '[{\"type\": \"double\"}]'\n"
        "  params: null\n"
        "utc_time_created: '2024-01-01'\n");
    static const struct {
        const char *name;
        enum column_type type;
        bool nullable;
    } expected[] = {{"age", COLUMN_INTEGER, false},
                    {"it's income", COLUMN_NUMBER, true},
                    {"plan", COLUMN_TEXT, false},
                    {"ok", COLUMN_BOOLEAN, true},
                    {"day", COLUMN_DATE, false}};
    ck_assert_uint_eq(schema->count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        ck_assert_str_eq(schema->columns[i].name, expected[i].name);
        ck_assert_int_eq(schema->columns[i].type, expected[i].type);
        ck_assert_int_eq(schema->columns[i].nullable, expected[i].nullable);
    }
    ck_assert_int_eq(schema->output.type, OUTPUT_NUMBER);
}
END_TEST

START_TEST(double_quotes_and_a_value_on_the_next_line_are_read)
{
    CLEANUP(schema)
    struct schema *schema = from_mlmodel("signature:\r\n  inputs:\r\n    \"[{\\\"name\\\": \\\"a\\\\u00e9\\\",\\\r\n   "
                                         "   \\ \\\"type\\\": \\\"float\\\"}]\"\r\n");
    ck_assert_uint_eq(schema->count, 1);
    ck_assert_str_eq(schema->columns[0].name, "aé");
    ck_assert_int_eq(schema->columns[0].type, COLUMN_NUMBER);
    ck_assert_int_eq(schema->output.type, OUTPUT_UNKNOWN);
}
END_TEST

START_TEST(an_mlmodel_file_without_columns_gets_a_clear_message)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "MLmodel: has no signature; log the model with one"},
        {"flavors:\n  signature:\n", "has no signature"},
        {"signature:\n", "the signature names no inputs"},
        {"signature:\n  outputs: '[]'\n", "the signature names no inputs"},
        {"signature: null\nother:\n  inputs: '[]'\n", "the signature names no inputs"},
        {"signature:\n  inputs: null\n", "the signature names no inputs"},
        {"signature:\n  inputs: '[", "the quotes of 'inputs:' are never closed"},
        {"signature:\n  inputs: \"[\\", "the quotes of 'inputs:' are never closed"},
        {"signature:\n  inputs: '[]'\n", "names no inputs"},
        {"signature:\n  inputs: '{}'\n", "names no inputs"},
        {"signature:\n  inputs: '[1'\n", "MLmodel:1"},
        {"signature:\n  inputs: '[{\"type\": \"long\"}]'\n", "has no name"},
        {"signature:\n  inputs: '[{\"name\": \"a\", \"type\": \"quaternion\"}]'\n", "'a' has no type that is known"},
        {"signature:\n  inputs: '[{\"name\": \"a\", \"type\": \"long\"}, {\"name\": \"a\", \"type\": \"long\"}]'\n",
         "'a' is here twice"},
        {"signature:\n  inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {}}]'\n", "is a tensor"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};
        struct schema *schema;
        ck_assert_int_eq(infer_mlmodel(&schema, "MLmodel", cases[i].text, strlen(cases[i].text), &err), -1);
        ck_assert_ptr_null(schema);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, cases[i].message);
        error_free(&err);
    }
}
END_TEST

START_TEST(a_model_description_names_the_columns)
{
    struct error err = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    const char *text =
        "{\"name\": \"m\", \"platform\": \"x\", \"inputs\": [\n"
        "{\"name\": \"age\", \"datatype\": \"INT64\", \"shape\": [-1]},\n"
        "{\"name\": \"income\", \"datatype\": \"FP32\", \"shape\": [-1, 1]},\n"
        "{\"name\": \"plan\", \"datatype\": \"BYTES\"}, {\"name\": \"ok\", \"datatype\": \"BOOL\", \"shape\": []}],\n"
        "\"outputs\": [{\"name\": \"p\", \"datatype\": \"BYTES\", \"shape\": [-1]}]}";
    ck_ok(infer_oip(&schema, "model.json", text, strlen(text), &err), &err);
    ck_assert_uint_eq(schema->count, 4);
    ck_assert_int_eq(schema->columns[0].type, COLUMN_INTEGER);
    ck_assert_int_eq(schema->columns[1].type, COLUMN_NUMBER);
    ck_assert_int_eq(schema->columns[2].type, COLUMN_TEXT);
    ck_assert_int_eq(schema->columns[3].type, COLUMN_BOOLEAN);
    ck_assert_int_eq(schema->output.type, OUTPUT_CLASS);
}
END_TEST

START_TEST(a_model_description_that_is_none_gets_a_clear_message)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "model.json:1"},
        {"[]", "model.json:1: expected an object"},
        {"{}", "names no inputs"},
        {"{\"inputs\": [1]}", "inputs[0]: has no name"},
        {"{\"inputs\": [{\"name\": \"a\", \"datatype\": \"INT128\"}]}", "inputs[0]: 'a' has no datatype that is known"},
        {"{\"inputs\": [{\"name\": \"a\", \"datatype\": \"FP32\", \"shape\": [-1, 64]}]}",
         "inputs[0]: 'a' is a tensor"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};
        struct schema *schema;
        ck_assert_int_eq(infer_oip(&schema, "model.json", cases[i].text, strlen(cases[i].text), &err), -1);
        ck_assert_ptr_null(schema);
        ck_error_has(&err, cases[i].message);
        error_free(&err);
    }
}
END_TEST

UNIT_MAIN("infer_model", the_signature_of_an_mlmodel_file_names_the_columns,
          double_quotes_and_a_value_on_the_next_line_are_read, an_mlmodel_file_without_columns_gets_a_clear_message,
          a_model_description_names_the_columns, a_model_description_that_is_none_gets_a_clear_message)
