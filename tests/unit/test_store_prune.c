// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "unit_golden.h"

#include "store/golden_bundle.h"
#include "store/store_prune.h"

#include <fcntl.h>
#include <time.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void age(const char *folder, const char *name, int days)
{
    CLEANUP(free) char *path = str_printf("%s/%s/%s", root, folder, name);
    const struct timespec then = {.tv_sec = time(NULL) - (time_t)days * 86400};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, (const struct timespec[]){then, then}, 0), 0);
}

static void assert_store(const char *folder, const char *expected)
{
    CLEANUP(free) char *names = names_in(folder);
    ck_assert_str_eq(names, expected);
}

START_TEST(what_nothing_points_at_goes_after_thirty_days)
{
    enter();
    put(root, ".repro/store/" A ".tar.zst", "old");
    put(root, ".repro/store/" B ".tar.zst", "young");
    put(root, ".repro/store/notes.txt", "a person's");
    put(root, ".repro/store/" B "b.tar.zst", "no digest");
    age(".repro/store", A ".tar.zst", STORE_PRUNE_DAYS + 1);
    age(".repro/store", B ".tar.zst", STORE_PRUNE_DAYS - 1);
    age(".repro/store", "notes.txt", 900);
    age(".repro/store", B "b.tar.zst", 900);
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden");
    save(manifest, 10);
    CLEANUP(strings) struct strings expected = {0};
    strings_take(&expected, golden_bundle_name(manifest));
    strings_add(&expected, B ".tar.zst");
    strings_add(&expected, B "b.tar.zst");
    strings_add(&expected, "notes.txt");
    strings_sort(&expected);
    CLEANUP(free) char *names = strings_join(&expected, " ");
    assert_store(".repro/store", names);
    leave();
}
END_TEST

START_TEST(what_any_golden_points_at_stays)
{
    enter();
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden"), *second = NULL;
    save(first, 10);
    CLEANUP(free) char *name = golden_bundle_name(first);
    age(".repro/store", name, 400);
    second = recorded("two", "another suite");
    free(second->suite);
    second->suite = str_dup("other");
    save(second, 10);
    CLEANUP(free) char *path = fs_join(".repro/store", name), *still = text_of(root, path);
    ck_assert_uint_gt(strlen(still), 0);
    leave();
}
END_TEST

START_TEST(what_is_unpacked_is_young_again)
{
    enter();
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden"), *second = NULL;
    save(first, 10);
    CLEANUP(free) char *name = golden_bundle_name(first), *model = NULL;
    age(".repro/store", name, 400);
    model = golden_model();
    second = recorded("two", "better");
    save(second, 10);
    CLEANUP(free) char *path = golden_bundle_in_store(root, first);
    ck_assert(fs_exists(path));
    age(".repro/store", name, 400);
    store_prune(root);
    ck_assert(!fs_exists(path));
    leave();
}
END_TEST

START_TEST(nothing_goes_while_a_golden_cannot_be_read)
{
    enter();
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    save(first, 10);
    put(root, ".repro/store/" A ".tar.zst", "old");
    age(".repro/store", A ".tar.zst", 400);
    put(root, "golden/other/any/manifest.json", "{");
    store_prune(root);
    CLEANUP(free) char *old = text_of(root, ".repro/store/" A ".tar.zst");
    ck_assert_str_eq(old, "old");
    leave();
}
END_TEST

START_TEST(the_shared_store_is_never_pruned)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    save(first, 10);
    put(root, "shared/" A ".tar.zst", "old");
    age("shared", A ".tar.zst", 400);
    CLEANUP(free) char *link = fs_join(root, ".repro/store"), *shared = fs_join(root, "shared");
    ck_ok(fs_remove_tree(link, &err), &err);
    for (int kind = 0; kind < 2; kind++) { // by a link, and by name
        CLEANUP(free) char *text = str_printf("{\"store\": \"%s\"}", kind ? link : shared);
        if (kind == 0)
            ck_assert_int_eq(symlink("../shared", link), 0);
        else
            ck_assert(unlink(link) == 0 && rename(shared, link) == 0);
        put(root, "repro.json", text);
        store_prune(root);
        CLEANUP(free) char *old = text_of(root, ".repro/store/" A ".tar.zst");
        ck_assert_str_eq(old, "old");
    }
    leave();
}
END_TEST

UNIT_MAIN("store_prune", what_nothing_points_at_goes_after_thirty_days, what_any_golden_points_at_stays,
          what_is_unpacked_is_young_again, nothing_goes_while_a_golden_cannot_be_read, the_shared_store_is_never_pruned)
