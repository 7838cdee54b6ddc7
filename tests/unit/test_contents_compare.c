// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
#include "compare/contents.h"

#include "unit.h"

#include <math.h>

// Contents made by hand: values are put in byte order of their names by the tests themselves.
struct side {
    struct contents contents;
    struct value values[64];
};

static struct value *add(struct side *side, const char *name, enum value_kind kind)
{
    struct value *value = &side->values[side->contents.count++];
    *value = (struct value){.name = name, .kind = kind};
    side->contents.items = side->values;
    return value;
}

static struct value *add_shaped(struct side *side, const char *name, enum dtype dtype, const void *data, uint64_t rows,
                                uint64_t columns)
{
    struct error err = {0};
    struct value *value = add(side, name, VALUE_TENSOR);
    value->tensor = (struct tensor){.dtype = dtype, .rank = 2, .shape = {rows, columns}};
    ck_ok(tensor_set_contiguous(&value->tensor, data, rows * columns * dtype_size(dtype), &err), &err);
    return value;
}

static struct value *add_tensor(struct side *side, const char *name, const float *data, uint64_t count)
{
    return add_shaped(side, name, DTYPE_F32, data, 1, count);
}

static void add_number(struct side *side, const char *name, double number)
{
    add(side, name, VALUE_NUMBER)->number = number;
}

static void add_bytes(struct side *side, const char *name, enum value_kind kind, const char *text)
{
    struct value *value = add(side, name, kind);
    value->bytes = (const unsigned char *)text;
    value->size = strlen(text);
}

static void compare(struct contents_difference *out, const struct side *golden, const struct side *now)
{
    contents_compare(out, &golden->contents, &now->contents, NULL, 0);
}

#define ck_describes(finding, expected)                                                                                \
    do {                                                                                                               \
        char *text_ = value_describe(finding);                                                                         \
        ck_assert_str_eq(text_, expected);                                                                             \
        free(text_);                                                                                                   \
    } while (0)
#define ck_says(difference, expected)                                                                                  \
    do {                                                                                                               \
        char *text_ = contents_describe(difference);                                                                   \
        ck_assert_str_eq(text_, expected);                                                                             \
        free(text_);                                                                                                   \
    } while (0)

static const float ones[] = {1, 1, 1, 1}, steps[] = {1, 2, 3, 4}, moved[] = {1, 2.0000002f, 3.0000005f, 4};

START_TEST(equal_contents_are_equal)
{
    struct side a = {0}, b = {0};
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_int_eq(d.verdict, CONTENTS_EQUAL);
    contents_difference_free(&d);
    add_tensor(&a, "a", ones, 4), add_tensor(&b, "a", ones, 4);
    add_number(&a, "b", NAN), add_number(&b, "b", NAN);
    add_bytes(&a, "c", VALUE_TEXT, "x"), add_bytes(&b, "c", VALUE_TEXT, "x");
    compare(&d, &a, &b);
    ck_assert_int_eq(d.verdict, CONTENTS_EQUAL);
    ck_assert_uint_eq(d.by_change[VALUE_SAME], 3);
    ck_assert_uint_eq(d.elements, 4);
    ck_says(&d, "all 3 values equal");
    ck_describes(&d.items[0], "f32 [1,4]  the same");
}
END_TEST

START_TEST(what_moved_is_told_in_one_line)
{
    struct side a = {0}, b = {0};
    add_tensor(&a, "k", steps, 4), add_tensor(&b, "k", ones, 4);
    add_tensor(&a, "layers.3.attn.q.weight", steps, 4), add_tensor(&b, "layers.3.attn.q.weight", moved, 4);
    add_tensor(&a, "z", ones, 4), add_tensor(&b, "z", ones, 4);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_int_eq(d.verdict, CONTENTS_DIFFERENT);
    ck_describes(&d.items[1], "f32 [1,4]  max 2 ULP (4.8e-07) at [0,2]  2 of 4 differ");
    ck_says(&d, "2 of 3 tensors differ, at most 16,777,216 ULP (3) in k");
    size_t count;
    size_t *worst = contents_worst(&count, &d);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(worst[0], 0);
    ck_assert_uint_eq(worst[1], 1);
    free(worst);
}
END_TEST

START_TEST(the_first_rule_that_matches_counts)
{
    static const struct contents_rule rules[] = {
        {"exact.*", {0}},
        {"*.w", {.max_ulp = 2}},
        {"**", {.close = true}},
    };
    struct side a = {0}, b = {0};
    add_tensor(&a, "exact.w", steps, 4), add_tensor(&b, "exact.w", moved, 4);
    add_tensor(&a, "x.b", steps, 4), add_tensor(&b, "x.b", moved, 4);
    add_tensor(&a, "x.w", steps, 4), add_tensor(&b, "x.w", moved, 4);
    CLEANUP(contents_difference) struct contents_difference d;
    contents_compare(&d, &a.contents, &b.contents, rules, 3);
    ck_assert_int_eq(d.items[0].change, VALUE_DIFFERS);
    ck_assert_ptr_eq(d.items[0].rule, &rules[0]);
    ck_assert_int_eq(d.items[1].change, VALUE_WITHIN);
    ck_assert_ptr_eq(d.items[1].rule, &rules[2]);
    ck_assert_int_eq(d.items[2].change, VALUE_WITHIN);
    ck_assert_int_eq(d.verdict, CONTENTS_DIFFERENT);
    ck_says(&d, "1 of 3 tensors differs, at most 2 ULP (4.8e-07) in exact.w; 2 within tolerance");
    contents_difference_free(&d);
    contents_compare(&d, &a.contents, &b.contents, rules + 2, 1);
    ck_assert_int_eq(d.verdict, CONTENTS_WITHIN);
    ck_says(&d, "3 of 3 tensors differ within tolerance, at most 2 ULP (4.8e-07) in exact.w");
    ck_describes(&d.items[0], "f32 [1,4]  max 2 ULP (4.8e-07) at [0,2]  2 of 4 differ, within tolerance");
}
END_TEST

START_TEST(zeros_of_two_signs_are_within_but_not_the_same)
{
    float zero = 0, minus = -0.0f;
    struct side a = {0}, b = {0};
    add_tensor(&a, "w", &zero, 1), add_tensor(&b, "w", &minus, 1);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_int_eq(d.verdict, CONTENTS_WITHIN);
    ck_describes(&d.items[0], "f32 [1,1]  equal as numbers; 1 element differs in the sign of zero");
    ck_says(&d, "1 of 1 tensor differs within tolerance");
}
END_TEST

START_TEST(added_and_removed_values_are_named)
{
    struct side a = {0}, b = {0};
    add_tensor(&a, "gone", steps, 4);
    add_tensor(&b, "come", ones, 4);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_uint_eq(d.count, 2);
    ck_assert_str_eq(d.items[0].name, "come");
    ck_assert_int_eq(d.items[0].change, VALUE_ADDED);
    ck_assert_ptr_null(d.items[0].golden);
    ck_assert_int_eq(d.items[1].change, VALUE_REMOVED);
    ck_assert_ptr_null(d.items[1].now);
    ck_describes(&d.items[0], "f32 [1,4]  added");
    ck_describes(&d.items[1], "f32 [1,4]  removed");
    ck_says(&d, "1 added; 1 removed");
}
END_TEST

START_TEST(the_same_content_under_another_name_is_renamed)
{
    struct side a = {0}, b = {0};
    add_tensor(&a, "a.bias", ones, 4), add_tensor(&a, "a.more", ones, 4), add_tensor(&a, "a.weight", steps, 4);
    add_number(&a, "a.x", 5);
    add_tensor(&b, "b.bias", ones, 4), add_tensor(&b, "b.weight", steps, 4);
    add_number(&b, "b.x", 5); // a number says too little
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_uint_eq(d.by_change[VALUE_RENAMED], 2);
    ck_assert_uint_eq(d.by_change[VALUE_REMOVED], 2);
    ck_assert_uint_eq(d.by_change[VALUE_ADDED], 1);
    ck_assert_uint_eq(d.count, 5);
    ck_assert_str_eq(d.items[0].name, "a.more");
    ck_assert_str_eq(d.items[2].name, "b.bias");
    ck_assert_str_eq(d.items[2].was, "a.bias");
    ck_assert_str_eq(d.items[3].was, "a.weight");
    ck_assert_int_eq(d.verdict, CONTENTS_DIFFERENT);
    ck_describes(&d.items[3], "f32 [1,4]  was a.weight");
    ck_says(&d, "1 added; 2 removed; 2 renamed");
}
END_TEST

START_TEST(another_shape_is_told_with_its_elements)
{
    struct side a = {0}, b = {0};
    add_shaped(&a, "p", DTYPE_F32, steps, 1, 4), add_shaped(&b, "p", DTYPE_F32, steps, 2, 2);
    add_shaped(&a, "q", DTYPE_F32, steps, 1, 4), add_shaped(&b, "q", DTYPE_F32, moved, 4, 1);
    add_shaped(&a, "r", DTYPE_F32, steps, 1, 4), add_shaped(&b, "r", DTYPE_F32, steps, 1, 3);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_uint_eq(d.by_change[VALUE_RESHAPED], 3);
    ck_describes(&d.items[0], "f32 [1,4] → f32 [2,2]  the same elements");
    ck_describes(&d.items[1], "f32 [1,4] → f32 [4,1]  max 2 ULP (4.8e-07) at [2,0]  2 of 4 differ");
    ck_describes(&d.items[2], "f32 [1,4] → f32 [1,3]");
    ck_assert(!d.items[2].measured);
}
END_TEST

START_TEST(numbers_of_another_type_are_compared_as_f64)
{
    double same[] = {1, 2, 3, 4}, other[] = {1, 2, 3, 4.5};
    int32_t whole[] = {1, 2, 3, 4};
    struct side a = {0}, b = {0};
    add_shaped(&a, "p", DTYPE_F32, steps, 1, 4), add_shaped(&b, "p", DTYPE_F64, same, 1, 4);
    add_shaped(&a, "q", DTYPE_I32, whole, 1, 4), add_shaped(&b, "q", DTYPE_F64, other, 1, 4);
    add_shaped(&a, "r", DTYPE_F32, steps, 1, 4), add_number(&b, "r", 1);
    add_shaped(&a, "s", DTYPE_F32, steps, 1, 1), add_number(&b, "s", 1);
    add_number(&a, "t", 1), add_bytes(&b, "t", VALUE_TEXT, "1");
    add_shaped(&a, "u", DTYPE_F32, steps, 1, 4), add_shaped(&b, "u", DTYPE_C64, steps, 1, 2);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_assert_uint_eq(d.by_change[VALUE_RETYPED], 6);
    ck_describes(&d.items[0], "f32 [1,4] → f64 [1,4]  equal as numbers");
    ck_describes(&d.items[1], "i32 [1,4] → f64 [1,4]  max difference 0.5, relative 0.125  1 of 4 differs");
    ck_assert(!d.items[2].measured);
    ck_describes(&d.items[3], "f32 [1,1] → number  equal as numbers");
    ck_describes(&d.items[4], "number → text");
    ck_describes(&d.items[5], "f32 [1,4] → c64 [1,2]");
    ck_says(&d, "6 retyped");
}
END_TEST

START_TEST(numbers_and_texts_show_both_sides)
{
    struct side a = {0}, b = {0};
    add_bytes(&a, "b", VALUE_BYTES, "abc"), add_bytes(&b, "b", VALUE_BYTES, "abXY");
    add_number(&a, "n", 0.5), add_number(&b, "n", 0.5000000000000001);
    add_bytes(&a, "t", VALUE_TEXT, "one\ntwo\nthree"), add_bytes(&b, "t", VALUE_TEXT, "one\ntw\to\nthree");
    add_bytes(&a, "u", VALUE_TEXT, "one"), add_bytes(&b, "u", VALUE_TEXT, "one\nmore");
    const char *digits = "0123456789012345678901234567890123456789012345678901234567";
    char *golden = str_printf("%sé1 and no more", digits), *now = str_printf("%sé2", digits);
    char *first = str_printf("%séé", digits);
    add_bytes(&a, "v", VALUE_TEXT, golden), add_bytes(&b, "v", VALUE_TEXT, now);
    add_bytes(&a, "w", VALUE_TEXT, "x"), add_bytes(&b, "w", VALUE_TEXT, first);
    add_bytes(&a, "x", VALUE_TEXT, ""), add_bytes(&b, "x", VALUE_TEXT, "x");
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_describes(&d.items[0], "bytes  4 bytes, was 3; first differs at offset 2");
    ck_describes(&d.items[1], "number  0.5000000000000001, was 0.5 (1 ULP)");
    ck_describes(&d.items[2], "text  line 2: 'tw\\to', was 'two'");
    ck_describes(&d.items[3], "text  line 1: goes on here, the other ended");
    ck_describes(&d.items[4], "text  line 1: '…012345678901234567é2', was '…012345678901234567é1 and no more'");
    ck_describes(&d.items[5], "text  line 1: '0123456789012345678901234567890123456789012345678901234567é…', was 'x'");
    ck_describes(&d.items[6], "text  line 1: goes on here, the other ended");
    free(golden), free(now), free(first);
    ck_says(&d, "7 of 7 values differ, at most 1 ULP (1.1e-16) in n");
}
END_TEST

START_TEST(integers_and_truth_have_words_of_their_own)
{
    int64_t x[] = {5, -7}, y[] = {5, 1};
    bool t[] = {true, false}, u[] = {true, true};
    struct side a = {0}, b = {0};
    add_shaped(&a, "i", DTYPE_I64, x, 1, 2), add_shaped(&b, "i", DTYPE_I64, y, 1, 2);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_describes(&d.items[0], "i64 [1,2]  max difference 8 at [0,1]  1 of 2 differs");
    ck_says(&d, "1 of 1 tensor differs, by at most 8 in i");
    contents_difference_free(&d);
    a.contents.count = b.contents.count = 0;
    add_shaped(&a, "m", DTYPE_BOOL, t, 1, 2), add_shaped(&b, "m", DTYPE_BOOL, u, 1, 2);
    compare(&d, &a, &b);
    ck_describes(&d.items[0], "bool [1,2]  first at [0,1]  1 of 2 differs");
    ck_says(&d, "1 of 1 tensor differs, in m");
}
END_TEST

START_TEST(the_worst_come_first)
{
    float nan_too[] = {1, NAN, 3, 4};
    struct side a = {0}, b = {0};
    add_tensor(&a, "a.far", steps, 4), add_tensor(&b, "a.far", ones, 4);
    add_tensor(&a, "b.near", steps, 4), add_tensor(&b, "b.near", moved, 4);
    add_tensor(&a, "c.nan", steps, 4), add_tensor(&b, "c.nan", nan_too, 4);
    add_tensor(&a, "d.shape", steps, 4), add_tensor(&b, "d.shape", steps, 3);
    add_tensor(&a, "e.same", steps, 4), add_tensor(&b, "e.same", steps, 4);
    add_tensor(&b, "f.new", moved, 2);
    add_tensor(&a, "g.gone", ones, 3);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    size_t count;
    size_t *worst = contents_worst(&count, &d);
    const char *const expected[] = {"f.new", "g.gone", "d.shape", "c.nan", "a.far", "b.near"};
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(d.items[worst[i]].name, expected[i]);
    free(worst);
    ck_describes(&d.items[2], "f32 [1,4]  1 of 4 differs, 1 NaN appeared");
}
END_TEST

START_TEST(names_that_a_terminal_would_obey_are_made_visible)
{
    struct side a = {0}, b = {0};
    add_tensor(&a, "a\033[2J", steps, 4), add_tensor(&b, "b", steps, 4);
    CLEANUP(contents_difference) struct contents_difference d;
    compare(&d, &a, &b);
    ck_describes(&d.items[0], "f32 [1,4]  was a\\x1b[2J");
}
END_TEST

// --- the words of tensors ---

START_TEST(details_use_the_words_of_numpy_and_torch)
{
    struct side a = {0}, b = {0};
    add_tensor(&a, "w", steps, 4), add_tensor(&b, "w", moved, 4);
    const struct contents_rule rule = {"**", {.abs = 1e-7}};
    CLEANUP(contents_difference) struct contents_difference d;
    contents_compare(&d, &a.contents, &b.contents, &rule, 1);
    char *text = tensor_detail(&d.items[0].difference, &b.values[0].tensor, &rule.tensor);
    ck_assert_str_eq(text, "Mismatched elements: 2 / 4 (50.0%)\n"
                           "Greatest absolute difference: 4.76837e-07 at index (0, 2) (up to 1e-07 allowed): "
                           "3 in golden, 3.00000048 now\n"
                           "Greatest relative difference: 1.58946e-07 at index (0, 2): 3 in golden, 3.00000048 now\n"
                           "Greatest distance: 2 ULP, mean 0.75 ULP\n"
                           "Cosine: 1");
    free(text);
}
END_TEST

START_TEST(the_histogram_is_drawn_in_bars)
{
    struct tensor_difference d = {.count = 1000, .differing = 1000};
    char *text = tensor_histogram_text(&d);
    ck_assert_str_eq(text, "");
    free(text);
    d.histogram[1] = 1204, d.histogram[2] = 301, d.histogram[11] = 1, d.histogram[64] = 0, d.histogram[65] = 7;
    text = tensor_histogram_text(&d);
    ck_assert_str_eq(text, "1 ULP            ████████████████████████████████████████ 1,204\n"
                           "2-3 ULP          ██████████ 301\n"
                           "1,024-2,047 ULP  ▏ 1\n"
                           "no distance      ▏ 7");
    free(text);
}
END_TEST

UNIT_MAIN("contents_compare", equal_contents_are_equal, what_moved_is_told_in_one_line,
          the_first_rule_that_matches_counts, zeros_of_two_signs_are_within_but_not_the_same,
          added_and_removed_values_are_named, the_same_content_under_another_name_is_renamed,
          another_shape_is_told_with_its_elements, numbers_of_another_type_are_compared_as_f64,
          numbers_and_texts_show_both_sides, integers_and_truth_have_words_of_their_own, the_worst_come_first,
          names_that_a_terminal_would_obey_are_made_visible, details_use_the_words_of_numpy_and_torch,
          the_histogram_is_drawn_in_bars)
