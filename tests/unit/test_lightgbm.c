// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"

// A model as LightGBM 4 writes one, with a tree of three leaves, a tree of one leaf and a categorical split.
static const char model[] = "tree\n"
                            "version=v4\n"
                            "num_class=1\n"
                            "num_tree_per_iteration=1\n"
                            "label_index=0\n"
                            "max_feature_idx=2\n"
                            "objective=binary sigmoid:1\n"
                            "average_output\n"
                            "feature_names=0 age b.c\n"
                            "feature_infos=[0:1] 0:1:2 none\n"
                            "tree_sizes=400 150\n"
                            "\n"
                            "Tree=0\n"
                            "num_leaves=3\n"
                            "num_cat=1\n"
                            "split_feature=0 1\n"
                            "split_gain=10.5 2\n"
                            "threshold=0.50000000000000011 1.0000000180025095e-35\n"
                            "decision_type=2 1\n"
                            "left_child=1 -1\n"
                            "right_child=-2 -3\n"
                            "leaf_value=-0.25 0.125 1e-3\n"
                            "leaf_weight=1 2 3\n"
                            "leaf_count=10 20 30\n"
                            "internal_value=0 0\n"
                            "internal_weight=6 3\n"
                            "internal_count=60 30\n"
                            "cat_boundaries=0 1\n"
                            "cat_threshold=4294967295\n"
                            "is_linear=0\n"
                            "shrinkage=0.1\n"
                            "\n"
                            "\n"
                            "Tree=1\n"
                            "num_leaves=1\n"
                            "num_cat=0\n"
                            "split_feature=\n"
                            "leaf_value=2\n"
                            "shrinkage=0.1\n"
                            "\n"
                            "\n"
                            "end of trees\n"
                            "\n"
                            "feature_importances:\n"
                            "age=2\n"
                            "a=b=1\n"
                            "\n"
                            "parameters:\n"
                            "[boosting: gbdt]\n"
                            "[num_threads: 8]\n"
                            "\n"
                            "end of parameters\n"
                            "\n"
                            "pandas_categorical:[[\"x\"]]\n";

static const char expected[] = "Tree=0.cat_boundaries i64[2] 0 1\n"
                               "Tree=0.cat_threshold i64[1] 4294967295\n"
                               "Tree=0.decision_type i64[2] 2 1\n"
                               "Tree=0.internal_count i64[2] 60 30\n"
                               "Tree=0.internal_value f64[2] 0 0\n"
                               "Tree=0.internal_weight f64[2] 6 3\n"
                               "Tree=0.is_linear = 0\n"
                               "Tree=0.leaf_count i64[3] 10 20 30\n"
                               "Tree=0.leaf_value f64[3] -0.25 0.125 0.001\n"
                               "Tree=0.leaf_weight f64[3] 1 2 3\n"
                               "Tree=0.left_child i64[2] 1 -1\n"
                               "Tree=0.num_cat = 1\n"
                               "Tree=0.num_leaves = 3\n"
                               "Tree=0.right_child i64[2] -2 -3\n"
                               "Tree=0.shrinkage = 0.1\n"
                               "Tree=0.split_feature i64[2] 0 1\n"
                               "Tree=0.split_gain f64[2] 10.5 2\n"
                               "Tree=0.threshold f64[2] 0.5000000000000001 1.0000000180025095e-35\n"
                               "Tree=1.leaf_value f64[1] 2\n"
                               "Tree=1.num_cat = 0\n"
                               "Tree=1.num_leaves = 1\n"
                               "Tree=1.shrinkage = 0.1\n"
                               "Tree=1.split_feature i64[0]\n"
                               "average_output \"\"\n"
                               "feature_importances.a=b = 1\n"
                               "feature_importances.age = 2\n"
                               "feature_infos[] \"[0:1]\\n0:1:2\\nnone\\n\"\n"
                               "feature_names[] \"0\\nage\\nb.c\\n\"\n"
                               "label_index = 0\n"
                               "max_feature_idx = 2\n"
                               "num_class = 1\n"
                               "num_tree_per_iteration = 1\n"
                               "objective \"binary sigmoid:1\"\n"
                               "pandas_categorical \"[[\"x\"]]\"\n"
                               "version \"v4\"\n";

START_TEST(a_model_is_tensors_by_tree)
{
    CLEANUP(free) char *found = list_file("m.txt", model, strlen(model));
    ck_assert_str_eq(found, expected);
}
END_TEST

START_TEST(what_does_not_make_the_model_is_left_out_and_named)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "m.txt", model, strlen(model), &err), &err);
    ck_assert_str_eq(contents->format->name, "lightgbm");
    ck_assert(strings_has(&contents->left_out, "the block 'parameters:'"));
    ck_assert(strings_has(&contents->left_out, "tree_sizes"));
    ck_assert_ptr_null(contents->note);
}
END_TEST

START_TEST(lines_may_end_in_crlf)
{
    CLEANUP(buf) struct buf text = {0};
    for (const char *at = model; *at; at++) {
        if (*at == '\n')
            buf_putc(&text, '\r');
        buf_putc(&text, *at);
    }
    CLEANUP(free) char *found = list_file("m.txt", text.data, text.len);
    ck_assert_str_eq(found, expected);
}
END_TEST

START_TEST(numbers_that_are_none_are_text)
{
    static const struct {
        const char *line, *expected;
    } table[] = {
        {"leaf_value=1 x", "leaf_value \"1 x\"\n"},
        {"leaf_value=nan inf -inf", "leaf_value f64[3] NaN Infinity -Infinity\n"},
        {"leaf_count=1.5", "leaf_count \"1.5\"\n"},
        {"leaf_count=99999999999999999999", "leaf_count \"99999999999999999999\"\n"},
        {"num_leaves=", "num_leaves \"\"\n"},
        {"leaf_value=  1   2 ", "leaf_value f64[2] 1 2\n"},
        {"a.b=1", "[\"a.b\"] = 1\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *text = str_printf("tree\nversion=v3\n%s\nend of trees\n", table[i].line);
        CLEANUP(free) char *all = str_printf("%sversion \"v3\"\n", table[i].expected);
        CLEANUP(free) char *found = list_file("m.txt", text, strlen(text));
        ck_assert_str_eq(found, all);
    }
}
END_TEST

START_TEST(damaged_models_are_refused)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"tree\nversion=v3\nTree=0\nnum_leaves=1\n", "line 4: the file ends before 'end of trees'"},
        {"tree\nversion=v3\nend of trees\nparameters:\n[a: b]\n", "line 5: the file ends within 'parameters:'"},
        {"tree\nversion=v3\n=1\nend of trees\n", "line 3: expected key=value"},
        {"tree\nversion=v3\nversion=v4\nend of trees\n", "'version' comes twice"},
        {"tree\nversion=v3\nTree=0\na=1\nTree=0\na=1\nend of trees\n", "'Tree=0.a' comes twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file("m.txt", table[i].text, strlen(table[i].text));
        ck_assert_msg(str_starts(found, "error: m.txt: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
    // What is cut before its first two lines is text.
    size_t end = (size_t)(strstr(model, "end of trees") - model) + strlen("end of trees");
    ck_assert_uint_ge(cut_everywhere("m.txt", model, strlen(model)), end - strlen("tree\nversion=v"));
}
END_TEST

UNIT_MAIN("lightgbm", a_model_is_tensors_by_tree, what_does_not_make_the_model_is_left_out_and_named,
          lines_may_end_in_crlf, numbers_that_are_none_are_text, damaged_models_are_refused)
