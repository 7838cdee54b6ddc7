// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
#include "base/fs_os.h"
#include "engine/into.h"

#include "unit_golden.h"

#include <unistd.h>

static char *served; // where the service loads its model

static struct manifest *enter_with_golden(void)
{
    enter();
    struct error err = {0};
    CLEANUP(free) char *srv = fs_join(base, "srv");
    ck_ok(fs_mkdirs(srv, &err), &err);
    served = fs_join(srv, "model");
    struct manifest *manifest = recorded("new", "first golden");
    save(manifest, MEBIBYTE);
    return manifest;
}

static void leave_with_golden(void)
{
    free(served);
    leave();
}

static char *beside(void)
{
    CLEANUP(free) char *old = root;
    root = base;
    char *names = names_in("srv");
    root = steal(&old);
    return names;
}

static int install(const struct manifest *manifest, struct error *err)
{
    CLEANUP(into) struct into *into = NULL;
    return into_prepare(&into, root, manifest, served, err) < 0 ? -1 : into_switch(into, err);
}

static void make_old_folder(void)
{
    put(served, "model.bin", "old");
    put(served, "old-only.txt", "old");
}

static void make_old_link(void)
{
    CLEANUP(free) char *first = str_printf("%s-v1", served);
    put(first, "model.bin", "old");
    put(first, "old-only.txt", "old");
    ck_assert_int_eq(symlink("model-v1", served), 0);
}

// "old" or "new", whole; anything else fails.
static const char *what_is_served(const char *folder)
{
    CLEANUP(file_list) struct file_list files = {0};
    CLEANUP(free) char *real = NULL;
    struct error err = {0};
    ck_ok(fs_realpath(&real, folder, &err), &err);
    ck_ok(tree_list_all(&files, real, &err), &err);
    ck_assert_uint_eq(files.count, 2);
    CLEANUP(free) char *model = text_of(folder, "model.bin");
    bool old = str_equal(model, "old");
    ck_assert(old || str_equal(model, "new"));
    CLEANUP(free) char *other = text_of(folder, old ? "old-only.txt" : "out/metrics.json");
    return old ? "old" : "new";
}

static const struct {
    const char *name;
    void (*make)(void);
} kinds[] = {{"folder", make_old_folder}, {"link", make_old_link}};

START_TEST(what_was_served_stays_beside_what_is)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
        struct error err = {0};
        kinds[i].make();
        ck_ok(install(manifest, &err), &err);
        CLEANUP(free) char *previous = str_printf("%s.previous", served);
        ck_assert_str_eq(what_is_served(served), "new");
        ck_assert_str_eq(what_is_served(previous), "old");
        ck_ok(install(manifest, &err), &err); // nothing moves
        ck_assert_str_eq(what_is_served(previous), "old");

        // And the next one: nothing of ours is left but what the two names lead to.
        CLEANUP(manifest) struct manifest *other = recorded("old", "better");
        save(other, MEBIBYTE);
        put(run, "model.bin", "newer");
        ck_ok(install(other, &err), &err);
        CLEANUP(free) char *now = text_of(served, "model.bin"), *names = beside();
        ck_assert_str_eq(now, "old");
        ck_assert_str_eq(what_is_served(previous), "new");
        size_t ours = 0;
        for (const char *at = names; (at = strstr(at, ".repro-")); at++)
            ours++;
        ck_assert_msg(ours == (i == 0 ? 0 : 2), "%s: %s", kinds[i].name, names);
        leave_with_golden();
    }
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_made)
{
    CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
    struct error err = {0};
    ck_ok(install(manifest, &err), &err);
    ck_assert_str_eq(what_is_served(served), "new");
    CLEANUP(free) char *names = beside();
    ck_assert_str_eq(names, "model");
    leave_with_golden();
}
END_TEST

START_TEST(the_mode_is_that_of_what_was_served)
{
    CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
    struct error err = {0};
    struct stat st;
    make_old_folder();
    ck_assert_int_eq(chmod(served, 0751), 0);
    ck_ok(install(manifest, &err), &err);
    ck_assert_int_eq(stat(served, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0751);
    leave_with_golden();
}
END_TEST

START_TEST(what_cannot_be_meant_is_refused)
{
    CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
    CLEANUP(free) char *file = fs_join(base, "srv/file"), *golden = fs_join(root, "golden/churn");
    CLEANUP(free) char *absent = fs_join(base, "nowhere/model");
    put(base, "srv/file", "a file");
    const char *const folders[] = {"/", "..", root, base, golden, file, absent};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        struct error err = {0};
        struct into *into = NULL;
        ck_assert_msg(into_prepare(&into, root, manifest, folders[i], &err) == -1, "%s", folders[i]);
        ck_assert_ptr_null(into);
        error_free(&err);
    }
    CLEANUP(free) char *names = beside();
    ck_assert_str_eq(names, "file");
    leave_with_golden();
}
END_TEST

START_TEST(what_two_steps_left_without_a_folder_is_put_back)
{
    CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
    struct error err = {0};
    CLEANUP(free) char *previous = str_printf("%s.previous", served);
    make_old_folder();
    ck_assert_int_eq(rename(served, previous), 0);
    CLEANUP(into) struct into *into = NULL;
    ck_ok(into_prepare(&into, root, manifest, served, &err), &err);
    ck_assert_str_eq(what_is_served(served), "old");
    ck_ok(into_switch(into, &err), &err);
    ck_assert_str_eq(what_is_served(served), "new");
    leave_with_golden();
}
END_TEST

static bool can_exchange(void)
{
    CLEANUP(free) char *a = fs_join(base, "a"), *b = fs_join(base, "b");
    put(base, "a", "a");
    put(base, "b", "b");
    return fs_os_exchange(a, b) == 0;
}

START_TEST(killed_at_any_system_call_the_old_or_the_new_is_served)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        CLEANUP(manifest) struct manifest *manifest = enter_with_golden();
        int old = 0, new = 0;
        CLEANUP(free) char *srv = fs_join(base, "srv");
        for (int count = 1;; count++) {
            struct error err = {0};
            ck_ok(fs_remove_tree(srv, &err), &err);
            kinds[i].make();
            pid_t child = fork();
            if (child == 0) {
                if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
                    _exit(77);
                raise(SIGSTOP);
                _exit(install(manifest, &err) == 0 ? 0 : 1);
            }
            bool ended = kill_at(child, count);
            if (!fs_exists(served)) { // between two renames, where there is no single one
                ck_assert(!can_exchange());
                ck_ok(install(manifest, &err), &err);
                continue;
            }
            bool was_old = str_equal(what_is_served(served), "old");
            old += was_old;
            new += !was_old;
            ck_ok(install(manifest, &err), &err);
            ck_assert_str_eq(what_is_served(served), "new");
            if (ended)
                break;
        }
        ck_assert(new > 0);
        ck_assert(old > 20 || old + new == 1);
        leave_with_golden();
    }
}
END_TEST

UNIT_MAIN("into", what_was_served_stays_beside_what_is, a_folder_that_is_not_there_is_made,
          the_mode_is_that_of_what_was_served, what_cannot_be_meant_is_refused,
          what_two_steps_left_without_a_folder_is_put_back, killed_at_any_system_call_the_old_or_the_new_is_served)
