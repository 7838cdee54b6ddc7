// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// diff: operands found, and what became of the values as rows.
#include "engine/diff.h"

#include "unit_verify.h"

static struct difference *diff(const char *a, const char *b, int expected)
{
    static char path[4096];
    static char *variables[] = {path, NULL};
    struct difference *difference = NULL;
    struct error err = {0};
    const struct diff_options options = {.folder = ".", .environ = variables};
    snprintf(path, sizeof path, "PATH=%s", getenv("PATH"));
    ck_ok(diff_run(&difference, a, b, &options, &err), &err);
    ck_assert_msg((int)difference->sameness == expected, "%s %s: %s: %s", a, b, sameness_name(difference->sameness),
                  difference->summary);
    return difference;
}

static void expect_refused(const char *a, const char *b, const char *part)
{
    struct difference *difference = NULL;
    struct error err = {0};
    const struct diff_options options = {.folder = "."};
    ck_assert_int_eq(diff_run(&difference, a, b, &options, &err), -1);
    ck_error_has(&err, part);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
}

// "name change text", a line each.
static void expect_rows(struct difference *difference, const char *expected)
{
    CLEANUP(buf) struct buf text = {0};
    for (size_t i = 0; i < difference->count; i++)
        buf_printf(&text, "%s %s %s%s%s\n", difference->rows[i].name, difference->rows[i].change,
                   difference->rows[i].text ? difference->rows[i].text : "", difference->rows[i].was ? " was " : "",
                   difference->rows[i].was ? difference->rows[i].was : "");
    ck_assert_str_eq(buf_text(&text), expected);
    difference_free(difference);
}

START_TEST(each_change_has_its_word_once)
{
    char *folder = enter_folder();
    put("a.json", "{\"gone\": \"x\", \"old\": [1.5, 2.5], \"kind\": 1, \"text\": \"one\", \"number\": 0.5}");
    put("b.json", "{\"here\": 7, \"new\": [1.5, 2.5], \"kind\": \"1\", \"text\": \"two\", \"number\": 0.75}");
    expect_rows(diff("a.json", "b.json", DIFFERENT), "here added number\n"
                                                     "gone removed text\n"
                                                     "kind retyped number → text\n"
                                                     "text differs text  line 1: 'two', was 'one'\n"
                                                     "number differs number  0.75, was 0.5\n"
                                                     "new renamed f64 [2] was old\n");
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_equal_byte_for_byte_leaves_nothing_out)
{
    char *folder = enter_folder();
    put("one/a.json", "{\"x\": 1}");
    put("two/a.json", "{\"x\": 1}");
    put("three/a.json", "{\"x\": 1.0}");
    CLEANUP(difference) struct difference *same = diff("one", "two", SAME_BYTES);
    CLEANUP(difference) struct difference *content = diff("one", "three", SAME_CONTENT);
    ck_assert_uint_eq(same->left_out.count, 0);
    ck_assert_ptr_null(same->summary);
    ck_assert_uint_eq(content->left_out.count, 1);
    leave_folder(folder);
}
END_TEST

START_TEST(what_cannot_be_compared_is_an_error_with_its_name)
{
    char *folder = enter_folder();
    put("a.json", "{\"x\": 1}");
    put("cut.npz", "PK\003\004");
    ck_assert_int_eq(mkfifo("pipe", 0644), 0);
    expect_refused("a.json", "cut.npz", "cut.npz");
    expect_refused("pipe", "a.json", "'pipe' is not a regular file");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_beside_a_file_means_the_artifact_of_that_name)
{
    char *folder = enter_recorded("");
    put("elsewhere/model.txt", "1.5\n4.5\n9\n");
    put("elsewhere/other.txt", "x\n");
    difference_free(diff("sums", "elsewhere/model.txt", SAME_BYTES));
    expect_refused("sums", "elsewhere/other.txt", "has no artifact called 'other.txt'; name one, as in: sums:");
    expect_refused("sums:other.txt", "sums", "has no artifact 'other.txt'");
    expect_refused("sums/none", "sums", "no class 'none'");
    leave_folder(folder);
}
END_TEST

START_TEST(one_artifact_named_on_one_side_is_meant_on_both)
{
    char *folder = enter_recorded("");
    sh("cp -r golden ../before");
    put("factor.json", "{\"factor\": 2}\n");
    record("other");
    sh("cp ../before/sums/any/* . && mkdir was && mv manifest.json *.tar.zst was");
    static const char *const rows = "(file) differs text  line 1: '2', was '1.5'\n";
    expect_rows(diff("was", "sums:model.txt", DIFFERENT), rows);
    CLEANUP(difference) struct difference *all = diff("was", "sums", DIFFERENT);
    ck_assert_uint_gt(all->facts.count, 0);
    leave_folder(folder);
}
END_TEST

static struct content *kept(unsigned char all, unsigned char w)
{
    struct content *content = content_new();
    memset(content->sha256.bytes, all, sizeof content->sha256.bytes);
    if (w == 0)
        return content;
    struct tensor_facts *facts = content_add(content, "w");
    facts->dtype = str_dup("f32");
    memset(facts->sha256.bytes, w, sizeof facts->sha256.bytes);
    facts->mean = 1.0 / 3 * w;
    return content;
}

static void expect_kept(struct content *a, struct content *b, const char *expected)
{
    struct difference *difference = difference_new("a", "b");
    diff_add_facts(difference, "m:", a, b);
    ck_assert_int_eq(difference->sameness, *expected ? DIFFERENT : SAME_CONTENT);
    expect_rows(difference, expected);
    content_free(a);
    content_free(b);
}

START_TEST(kept_digests_tell_what_moved_and_no_more_than_they_know)
{
    expect_kept(kept(1, 1), kept(1, 1), "");
    expect_kept(kept(1, 1), kept(2, 2), "m:w differs f32 []  mean 0.333333 → 0.666667\n");
    expect_kept(kept(1, 1), kept(2, 1),
                "m differs values that are no tensors moved; the manifest keeps their digest "
                "only\n");
    // Of many small tensors, only the digest of all is kept: they were not "added".
    expect_kept(kept(1, 0), kept(2, 1), "m differs other values; the manifest keeps the digest of all of them only\n");
    expect_kept(kept(1, 0), kept(1, 1), "");
}
END_TEST

UNIT_MAIN("diff", each_change_has_its_word_once, what_is_equal_byte_for_byte_leaves_nothing_out,
          what_cannot_be_compared_is_an_error_with_its_name, a_golden_beside_a_file_means_the_artifact_of_that_name,
          one_artifact_named_on_one_side_is_meant_on_both, kept_digests_tell_what_moved_and_no_more_than_they_know)
