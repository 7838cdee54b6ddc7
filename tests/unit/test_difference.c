// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
//
// A difference as a document and as people read it.
#include "core/difference.h"
#include "report/difference.h"
#include "unit.h"

#include <math.h>

static struct difference_row *add_measured(struct difference *difference, const char *name)
{
    struct difference_row *row = difference_add(difference, name, "differs");
    row->dtype = str_dup("f32");
    row->shape = str_dup("[2,2]");
    row->text = str_dup("f32 [2,2]  max 3 ULP (2.4e-07) at [1,0]  2 of 4 differ");
    row->measured = true;
    row->count = 4;
    row->differing = row->outside = 2;
    row->max_ulp = 3;
    row->max_ulp_at = str_dup("[1,0]");
    row->histogram = str_dup("1 ULP    ██ 1\n2-3 ULP  ██ 1");
    return row;
}

static char *draw(const struct difference *difference, bool all)
{
    struct buf out = {0};
    const struct term term = {.width = 80};
    report_difference(&out, difference, &term, all);
    return buf_take(&out);
}

static struct difference *sample(void)
{
    struct difference *difference = difference_new("a", "b");
    difference->sameness = DIFFERENT;
    difference->summary = str_dup("1 of 3 tensors differs");
    difference->values = 3;
    add_measured(difference, "w");
    struct difference_row *renamed = difference_add(difference, "new", "renamed");
    renamed->text = str_dup("f32 [2]");
    renamed->was = str_dup("old");
    strings_add(&difference->facts, "data: x moved");
    strings_add(&difference->left_out, "dates");
    strings_add(&difference->notes, "a note");
    return difference;
}

START_TEST(people_read_a_verdict_a_table_and_what_was_left_out)
{
    CLEANUP(difference) struct difference *difference = sample();
    CLEANUP(free) char *text = draw(difference, false);
    ck_assert_str_eq(text, "different: 1 of 3 tensors differs\n"
                           "  w    differs  f32 [2,2]  max 3 ULP (2.4e-07) at [1,0]  2 of 4 differ\n"
                           "  new  renamed  f32 [2]  was old\n"
                           "\n"
                           "  w, elements by distance:\n"
                           "    1 ULP    ██ 1\n"
                           "    2-3 ULP  ██ 1\n"
                           "  data: x moved\n"
                           "  left out: dates\n"
                           "  note: a note\n");
}
END_TEST

START_TEST(a_lone_element_needs_no_histogram)
{
    CLEANUP(difference) struct difference *difference = difference_new("a", "b");
    add_measured(difference, "w")->differing = 1;
    CLEANUP(free) char *text = draw(difference, false);
    ck_assert_ptr_null(strstr(text, "by distance"));
}
END_TEST

START_TEST(names_give_no_orders_and_stand_in_columns)
{
    CLEANUP(difference) struct difference *difference = difference_new("a", "b");
    difference->sameness = DIFFERENT;
    difference->summary = str_dup("\x1b[2J");
    difference_add(difference, "\x1b[31m", "added")->text = str_dup("f32 []");
    difference_add(difference, "a\nb", "removed")->text = str_dup("\xff");
    CLEANUP(free) char *text = draw(difference, false);
    ck_assert_str_eq(text, "different: \\x1b[2J\n"
                           "  \\x1b[31m  added    f32 []\n"
                           "  a\\nb      removed  \\xff\n");
}
END_TEST

START_TEST(twenty_rows_are_shown_and_all_when_asked_for)
{
    CLEANUP(difference) struct difference *difference = difference_new("a", "b");
    difference->sameness = DIFFERENT;
    for (int i = 0; i < 25; i++) {
        CLEANUP(free) char *name = str_printf("t%02d", i);
        difference_add(difference, name, "added");
    }
    CLEANUP(free) char *some = draw(difference, false), *all = draw(difference, true);
    ck_assert_ptr_nonnull(strstr(some, "  t19  added\n  … and 5 more; --all shows them\n"));
    ck_assert_ptr_null(strstr(some, "t20"));
    ck_assert_ptr_nonnull(strstr(all, "  t24  added\n"));
    ck_assert_ptr_null(strstr(all, "more"));
}
END_TEST

START_TEST(the_document_says_all_of_it)
{
    CLEANUP(difference) struct difference *difference = sample();
    CLEANUP(buf) struct buf out = {0};
    difference->rows[0].was_at = 0.5;
    difference->rows[0].is_at = NAN;
    difference_write(&out, difference);
    static const char *const parts[] = {"\"verdict\": \"different\"",
                                        "\"name\": \"w\"",
                                        "\"max_ulp\": 3",
                                        "\"max_ulp_at\": \"[1,0]\"",
                                        "\"was\": 0.5",
                                        "\"is\": \"NaN\"",
                                        "\"was_name\": \"old\"",
                                        "\"data: x moved\"",
                                        "\"dates\"",
                                        "\"a note\"",
                                        "\"change\": \"renamed\"",
                                        "\"values\": 3"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        ck_assert_msg(strstr(buf_text(&out), parts[i]) != NULL, "'%s' is not in %s", parts[i], buf_text(&out));
}
END_TEST

UNIT_MAIN("difference", people_read_a_verdict_a_table_and_what_was_left_out, a_lone_element_needs_no_histogram,
          names_give_no_orders_and_stand_in_columns, twenty_rows_are_shown_and_all_when_asked_for,
          the_document_says_all_of_it)
