// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"
#include "unit_files.h"

#define UBJ(bytes) bytes, sizeof(bytes) - 1
// What every model begins with.
#define HEAD "{i\7learner"

START_TEST(ubjson_of_every_kind_is_read)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } table[] = {
        {UBJ(HEAD "i\x80}"), "learner = -128\n"},
        {UBJ(HEAD "U\xff}"), "learner = 255\n"},
        {UBJ(HEAD "I\xff\xfe}"), "learner = -2\n"},
        {UBJ(HEAD "l\0\1\0\0}"), "learner = 65536\n"},
        {UBJ(HEAD "L\x80\0\0\0\0\0\0\0}"), "learner i64[] -9223372036854775808\n"},
        {UBJ(HEAD "d\x3f\0\0\0}"), "learner = 0.5\n"},
        {UBJ(HEAD "D\xbf\xe0\0\0\0\0\0\0}"), "learner = -0.5\n"},
        {UBJ(HEAD "HU\3"
                  "1e9}"),
         "learner \"1e9\"\n"},
        {UBJ(HEAD "Cx}"), "learner \"x\"\n"},
        {UBJ(HEAD "SI\0\3abc}"), "learner \"abc\"\n"},
        {UBJ(HEAD "T}"), "learner bool[] 1\n"},
        {UBJ(HEAD "Z}"), "learner <6e756c6c>\n"},
        {UBJ(HEAD "NNFN}"), "learner bool[] 0\n"},
        {UBJ(HEAD "{}}"), "learner <7b7d>\n"},
        {UBJ(HEAD "[]}"), "learner i64[0]\n"},
        {UBJ(HEAD "[i\1NU\2]}"), "learner i64[2] 1 2\n"},
        {UBJ(HEAD "[[i\1][i\2]]}"), "learner i64[2,1] 1 2\n"},
        {UBJ(HEAD "[#i\2TF}"), "learner bool[2] 1 0\n"},
        {UBJ(HEAD "[#i\0}"), "learner i64[0]\n"},
        {UBJ(HEAD "[#i\2Si\1ai\5}"), "learner[0] \"a\"\nlearner[1] = 5\n"},
        {UBJ(HEAD "[$i#i\3\1\2\xff}"), "learner i8[3] 1 2 -1\n"},
        {UBJ(HEAD "[$I#i\2\1\0\xff\xff}"), "learner i16[2] 256 -1\n"},
        {UBJ(HEAD "[$d#i\1\x3f\x80\0\0}"), "learner f32[1] 1\n"},
        {UBJ(HEAD "[$D#U\1\x3f\xf0\0\0\0\0\0\0}"), "learner f64[1] 1\n"},
        {UBJ(HEAD "[$L#i\0}"), "learner i64[0]\n"},
        {UBJ(HEAD "[$S#i\2i\1ai\1b}"), "learner[] \"a\\nb\\n\"\n"},
        {UBJ(HEAD "[$[#i\2i\1]i\2]}"), "learner i64[2,1] 1 2\n"},
        {UBJ(HEAD "{#i\1i\1ai\5}"), "learner.a = 5\n"},
        {UBJ(HEAD "{$U#i\2i\1a\5i\1b\6}"), "learner.a = 5\nlearner.b = 6\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file("m.ubj", table[i].bytes, table[i].len);
        ck_assert_str_eq(found, table[i].expected);
        ck_assert_uint_eq(cut_everywhere("m.ubj", table[i].bytes, table[i].len), table[i].len - sizeof HEAD + 1);
    }
}
END_TEST

START_TEST(damaged_ubjson_is_refused)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } table[] = {
        {UBJ(HEAD "i\1i\7learneri\2}"), "learner: duplicate key"},
        {UBJ(HEAD "[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff}"), "more values than the file has bytes"},
        {UBJ(HEAD "[$D#i\3abc}"), "an array: needs 24 bytes, there are 4"},
        {UBJ(HEAD "[#i\x80}"), "a length is negative"},
        {UBJ(HEAD "Sd\0\0\0\0}"), "expected a length, found the byte 0x64"},
        {UBJ(HEAD "Sl\0\1\0\0a}"), "a text is longer than the file"},
        {UBJ(HEAD "[$T#i\3}"), "expected the type of a container's values, found the byte 0x54"},
        {UBJ(HEAD "[$di\3}"), "expected '#' behind the type of a container"},
        {UBJ(HEAD "x}"), "expected a value, found the byte 0x78"},
        {UBJ(HEAD "T}T"), "expected the end of the document"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file("m.ubj", table[i].bytes, table[i].len);
        ck_assert_msg(str_starts(found, "error: m.ubj: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
}
END_TEST

START_TEST(the_arrays_of_a_tree_have_the_types_that_xgboost_gives_them)
{
    static const char text[] =
        "{\"learner\": {\"base_weights\": [1, 2.5], \"parents\": [2147483647], \"split_type\": [0, 1],"
        "\"left_children\": [2147483648], \"default_left\": [256], \"split_conditions\": [1e39],"
        "\"sum_hessian\": [], \"id\": [7]}}";
    CLEANUP(free) char *found = list_file("m.json", text, strlen(text));
    ck_assert_str_eq(found, "learner.base_weights f32[2] 1 2.5\n"
                            "learner.default_left i64[1] 256\n"
                            "learner.id i64[1] 7\n"
                            "learner.left_children i64[1] 2147483648\n"
                            "learner.parents i32[1] 2147483647\n"
                            "learner.split_conditions f64[1] 1e39\n"
                            "learner.split_type u8[2] 0 1\n"
                            "learner.sum_hessian f32[0]\n");
}
END_TEST

static const char train[] = "x = numpy.random.RandomState(0).rand(200, 4)\n"
                            "y = x[:, 0] * 3 + x[:, 1]\n"
                            "def train(name, label, **params):\n"
                            "    d = xgboost.DMatrix(x, label=label, feature_names=['a', 'b.c', 'd', 'e'])\n"
                            "    m = xgboost.train(dict(verbosity=0, max_depth=3, **params), d, num_boost_round=5)\n"
                            "    m.save_model(name + '.json'); m.save_model(name + '.ubj')\n"
                            "train('tree', y)\n"
                            "train('linear', y, booster='gblinear')\n"
                            "train('dart', y > 2, booster='dart', objective='binary:logistic')\n";

START_TEST(a_model_is_the_same_in_json_and_in_ubjson)
{
    struct error err = {0};
    char *folder = enter_folder();
    static const char *const models[] = {"tree", "linear", "dart"};
    bool written = write_with_python("numpy, xgboost", train);
    for (size_t i = 0; written && i < ARRAY_LEN(models); i++) {
        CLEANUP(free) char *json_path = str_printf("%s.json", models[i]), *ubj_path = str_printf("%s.ubj", models[i]);
        CLEANUP(contents) struct contents *json = NULL, *ubj = NULL;
        ck_ok(contents_open(&json, json_path, &err), &err);
        ck_ok(contents_open(&ubj, ubj_path, &err), &err);
        ck_assert_str_eq(json->format->name, "xgboost-json");
        ck_assert_str_eq(ubj->format->name, "xgboost-ubj");
        CLEANUP(free) char *from_json = list_contents(json), *from_ubj = list_contents(ubj);
        ck_assert_str_eq(from_json, from_ubj);
        const char *some = i == 1 ? "learner.gradient_booster.model.weights" : "learner.objective.name";
        ck_assert_ptr_nonnull(contents_find(json, some));
        if (i == 0)
            ck_assert_ptr_nonnull(contents_find(json, "learner.gradient_booster.model.trees[4].split_conditions"));
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("xgboost", ubjson_of_every_kind_is_read, damaged_ubjson_is_refused,
          the_arrays_of_a_tree_have_the_types_that_xgboost_gives_them, a_model_is_the_same_in_json_and_in_ubjson)
