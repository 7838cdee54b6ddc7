// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
#include "engine/way_back.h"

#include "unit_golden.h"

// Models "a" to "c" were recorded, "c" is current; all left the same metrics.
static void enter_with_three(void)
{
    enter();
    for (const char *model = "a\0b\0c\0"; *model; model += 2) {
        struct error err = {0};
        bool changed = false;
        CLEANUP(free) char *reason = str_printf("reason of %s", model);
        CLEANUP(manifest) struct manifest *manifest = recorded(model, reason);
        const struct golden_options options = {.bundle_limit = MEBIBYTE, .keep = 3};
        ck_ok(golden_save(root, run, manifest, &options, &changed, &err), &err);
    }
}

static const struct digest *digest_of(const struct manifest *manifest, const char *artifact)
{
    return &file_list_find(&manifest->artifacts, artifact)->sha256;
}

static void expect_way(const struct digest *digest, size_t digits, const char *reason)
{
    CLEANUP(way_back) struct way_back way = {0};
    struct error err = {0};
    char hex[65];
    digest_hex(hex, digest);
    hex[digits] = '\0';
    ck_ok(way_back_find(&way, root, "churn", "any", hex, &err), &err);
    const struct manifest *found = way.arrived ? way.current : way.to->manifest;
    ck_assert_str_eq(found->accepted.reason, reason);
}

static void expect_refusal(const char *mine, const char *to, const char *message)
{
    CLEANUP(way_back) struct way_back way = {0};
    struct error err = {0};
    ck_assert_msg(way_back_find(&way, root, "churn", mine, to, &err) == -1, "%s", to ? to : "");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, message);
    error_free(&err);
}

START_TEST(the_newest_that_is_kept_is_meant_where_nothing_is_said)
{
    enter_with_three();
    struct error err = {0};
    CLEANUP(way_back) struct way_back way = {0};
    ck_ok(way_back_find(&way, root, "churn", "any", NULL, &err), &err);
    ck_assert_str_eq(way.to->manifest->accepted.reason, "reason of b");
    ck_assert_str_eq(way.current->accepted.reason, "reason of c");
    ck_assert(!way.arrived);
    CLEANUP(free) char *name = way_back_name(&way.to->identity, way.to->manifest);
    ck_assert_uint_eq(strlen(name), strlen("0123456789ab (reason of b)"));
    leave();
}
END_TEST

START_TEST(a_golden_is_named_by_the_first_digits_of_what_it_is_known_by)
{
    enter_with_three();
    struct error err = {0};
    CLEANUP(way_back) struct way_back way = {0};
    ck_ok(way_back_find(&way, root, "churn", "any", NULL, &err), &err);
    for (size_t i = 0; i < way.kept.count; i++) {
        const struct golden_kept *kept = &way.kept.items[i];
        const char *reason = kept->manifest->accepted.reason;
        expect_way(&kept->identity, 64, reason);
        expect_way(&kept->identity, 12, reason);
        expect_way(&kept->manifest->bundle.digest, 8, reason);
        expect_way(digest_of(kept->manifest, "model.bin"), 4, reason);
    }
    expect_way(&way.identity, 6, "reason of c"); // arrived
    leave();
}
END_TEST

START_TEST(what_names_none_or_several_is_refused_with_what_there_is)
{
    enter_with_three();
    CLEANUP(manifest) struct manifest *current = loaded();
    char hex[65];
    digest_hex(hex, digest_of(current, "out/metrics.json")); // all have it
    expect_refusal("any", hex, "is the beginning of more than one");
    expect_refusal("any", "0000000", "(reason of b), ");
    expect_refusal("any", "012", "expected 4 to 64 hexadecimal digits");
    expect_refusal("any", "", "expected 4 to 64 hexadecimal digits");
    expect_refusal("any", "01234z", "expected 4 to 64 hexadecimal digits");
    leave();
}
END_TEST

START_TEST(the_class_of_the_machine_is_meant_or_the_only_one)
{
    enter_with_three();
    struct error err = {0};
    CLEANUP(way_back) struct way_back way = {0};
    ck_ok(way_back_find(&way, root, "churn", "x86_64-avx2", NULL, &err), &err);
    ck_assert_str_eq(way.class_name, "any");

    bool changed = false;
    CLEANUP(manifest) struct manifest *other = recorded("other", "of another class");
    free(other->class_name);
    other->class_name = str_dup("aarch64");
    const struct golden_options options = {.bundle_limit = MEBIBYTE};
    ck_ok(golden_save(root, run, other, &options, &changed, &err), &err);
    expect_refusal("x86_64-avx2", NULL, "aarch64, any");
    CLEANUP(way_back) struct way_back mine = {0};
    ck_ok(way_back_find(&mine, root, "churn", "aarch64", NULL, &err), &err);
    ck_assert_str_eq(mine.class_name, "aarch64");
    ck_assert_ptr_null(mine.to); // it keeps none
    leave();
}
END_TEST

START_TEST(a_suite_without_golden_has_no_way_back)
{
    enter();
    expect_refusal("any", NULL, "has no golden yet; make one with: repro record churn");
    leave();
}
END_TEST

UNIT_MAIN("way_back", the_newest_that_is_kept_is_meant_where_nothing_is_said,
          a_golden_is_named_by_the_first_digits_of_what_it_is_known_by,
          what_names_none_or_several_is_refused_with_what_there_is, the_class_of_the_machine_is_meant_or_the_only_one,
          a_suite_without_golden_has_no_way_back)
