// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
//
// Two machines with a common mount: `root` is the project on the first; as in a clone of git, the other has all but
// .repro.
#include "unit_golden.h"

#include "store/golden_bundle.h"

#include <sys/resource.h>

#define LIMIT 10 // bytes: every bundle is over it

static char *mount; // what repro.json names

static void sh(const char *format, ...) PRINTF_LIKE(1, 2);

static void sh(const char *format, ...)
{
    CLEANUP(buf) struct buf command = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&command, format, args);
    va_end(args);
    ck_assert_int_eq(system(command.data), 0);
}

static void enter_with_store(void)
{
    enter();
    mount = fs_join(base, "mnt");
    ck_assert_int_eq(mkdir(mount, 0755), 0);
    CLEANUP(free) char *text = str_printf("{\"store\": \"%s\"}\n", mount);
    put(root, "repro.json", text);
}

static void leave_with_store(void)
{
    free(mount);
    leave();
}

static void move_to_another_machine(void)
{
    char *other = fs_join(base, "clone");
    sh("cp -r '%s' '%s'", root, other);
    sh("rm -rf '%s/.repro'", other);
    free(root);
    root = other;
}

static struct manifest *saved(const char *model)
{
    struct manifest *manifest = recorded(model, "first golden");
    ck_assert(save(manifest, LIMIT));
    ck_assert(manifest->bundle.in_store);
    return manifest;
}

static char *path_in(const char *folder, const struct manifest *manifest)
{
    CLEANUP(free) char *name = golden_bundle_name(manifest);
    return fs_join(folder, name);
}

static char *names_in_mount(void)
{
    return names_in(mount);
}

START_TEST(a_bundle_over_the_limit_is_kept_in_the_store_that_repro_json_names)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = saved("one"), *back = loaded();
    CLEANUP(free) char *expected = golden_bundle_name(manifest), *names = names_in_mount();
    CLEANUP(free) char *mine = names_in(".repro/store");
    ck_assert_str_eq(names, expected);
    ck_assert_str_eq(mine, expected);
    ck_assert_str_eq(manifest->bundle.store, mount);
    ck_assert(back->bundle.in_store);
    ck_assert_str_eq(back->bundle.store, mount);
    ck_assert(golden_is_whole(root, back));
    leave_with_store();
}
END_TEST

START_TEST(what_is_small_enough_for_git_is_kept_in_git_alone)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden");
    ck_assert(save(manifest, MEBIBYTE));
    CLEANUP(free) char *names = names_in_mount();
    ck_assert_str_eq(names, "");
    ck_assert_ptr_null(manifest->bundle.store);
    leave_with_store();
}
END_TEST

START_TEST(another_machine_takes_it_from_there)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    move_to_another_machine();
    CLEANUP(free) char *model = golden_model();
    ck_assert_str_eq(model, "one");
    ck_assert(golden_is_whole(root, manifest));
    leave_with_store();
}
END_TEST

START_TEST(what_comes_from_another_file_system_is_kept_here_too)
{
    enter_with_store();
    struct stat here, there;
    char far[] = "/tmp/repro-unit-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(far));
    ck_assert_int_eq(stat(base, &here), 0);
    ck_assert_int_eq(stat(far, &there), 0);
    CLEANUP(free) char *text = str_printf("{\"store\": \"%s\"}", far);
    put(root, "repro.json", text);
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    move_to_another_machine();
    CLEANUP(free) char *model = golden_model(), *kept = names_in(".repro/store"), *name = golden_bundle_name(manifest);
    ck_assert_str_eq(model, "one");
    ck_assert_str_eq(kept, here.st_dev != there.st_dev ? name : "");
    sh("rm -r '%s' && mkdir '%s'", far, far);
    ck_assert_int_eq(golden_is_whole(root, manifest), false); // it has to be in the store
    if (here.st_dev != there.st_dev) {
        CLEANUP(free) char *again = golden_model();
        ck_assert_str_eq(again, "one");
    }
    ck_assert_int_eq(rmdir(far), 0);
    leave_with_store();
}
END_TEST

START_TEST(a_bundle_in_no_place_says_where_it_was_looked_for_and_how_to_get_it)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    move_to_another_machine();
    sh("rm '%s'/*.tar.zst", mount);
    CLEANUP(free)
    char *out = fs_join(base, "out"), *shared = path_in(mount, manifest), *name = golden_bundle_name(manifest);
    for (int kind = 0; kind < 3; kind++) {
        CLEANUP(error) struct error err = {0};
        if (kind == 1)
            sh("rmdir '%s'", mount);
        if (kind == 2)
            put(root, "repro.json", "{}");
        ck_assert_int_eq(golden_extract(root, manifest, out, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_MACHINE);
        ck_assert(!fs_exists(out));
        ck_error_has(&err, "looked for '.repro/store/");
        ck_error_has(&err, "'golden/churn/any/");
        CLEANUP(free) char *copy = str_printf("copy %s from there to .repro/store, or record on this machine", name);
        CLEANUP(free) char *kept = str_printf("in the store '%s' and in .repro/store of the machine", mount);
        CLEANUP(free) char *remount = str_printf("(there is no folder '%s': is it mounted?)", mount);
        ck_error_has(&err, copy);
        ck_error_has(&err, kept);
        if (kind < 2)
            ck_error_has(&err, shared);
        if (kind == 1) {
            ck_error_has(&err, remount);
            ck_error_has(&err, "mount '");
        }
        if (kind == 2)
            ck_error_has(&err, "name the folder with its store in repro.json");
    }
    leave_with_store();
}
END_TEST

// What else may lie under the bundle's name.
static void damage(const char *path, int kind)
{
    ck_assert_int_eq(kind == 0 ? truncate(path, 30) : unlink(path), 0);
    CLEANUP(free) char *elsewhere = str_printf("%s.elsewhere", path);
    int made = kind == 1   ? mkfifo(path, 0644)
               : kind == 2 ? symlink(elsewhere, path)
               : kind == 3 ? mkdir(path, 0755)
               : kind == 4 ? symlink("/dev/zero", path)
                           : 0;
    ck_assert_int_eq(made, 0);
    if (kind == 5)
        sh("printf x >'%s'", path);
}

START_TEST(whatever_else_lies_in_the_store_is_refused)
{
    static const char *const says[] = {"damaged",     "not a regular file", "is a symbolic link",
                                       "is a folder", "is a symbolic link", "damaged"};
    for (int kind = 0; kind < (int)ARRAY_LEN(says); kind++) {
        enter_with_store();
        CLEANUP(error) struct error err = {0};
        CLEANUP(manifest) struct manifest *manifest = saved("one");
        move_to_another_machine();
        CLEANUP(free) char *path = path_in(mount, manifest), *out = fs_join(base, "out");
        damage(path, kind);
        ck_assert_int_eq(golden_extract(root, manifest, out, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, says[kind]);
        ck_error_has(&err, path);
        ck_assert(!fs_exists(out));
        CLEANUP(free) char *kept = names_in(".repro/store");
        ck_assert_str_eq(kept, "");
        leave_with_store();
    }
}
END_TEST

START_TEST(another_bundle_under_this_ones_name_is_refused)
{
    enter_with_store();
    CLEANUP(error) struct error err = {0};
    CLEANUP(manifest) struct manifest *one = saved("one"), *two = saved("two");
    CLEANUP(free) char *wrong = path_in(mount, one), *right = path_in(mount, two), *out = fs_join(base, "out");
    ck_assert_int_eq(rename(wrong, right), 0);
    move_to_another_machine();
    ck_assert_int_eq(golden_extract(root, two, out, &err), -1);
    ck_error_has(&err, "tampered with");
    leave_with_store();
}
END_TEST

START_TEST(a_damaged_copy_here_is_replaced_by_the_one_in_the_store)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    CLEANUP(free) char *mine = golden_bundle_in_store(root, manifest);
    ck_assert_int_eq(truncate(mine, 30), 0);
    CLEANUP(free) char *model = golden_model();
    off_t size;
    ck_assert_str_eq(model, "one");
    ck_assert(golden_bundle_is_sound(mine, manifest, &size));
    leave_with_store();
}
END_TEST

START_TEST(recording_again_mends_the_store)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    CLEANUP(free) char *path = path_in(mount, manifest);
    CLEANUP(free) char *before = text_of(root, "golden/churn/any/manifest.json");
    for (int kind = 0; kind < 2; kind++) {
        struct error err = {0};
        bool mended = false;
        ck_assert_int_eq(kind == 0 ? truncate(path, 30) : unlink(path), 0);
        ck_assert(!golden_is_whole(root, manifest));
        CLEANUP(manifest) struct manifest *again = recorded("one", "again");
        ck_ok(golden_mend(root, run, again, &mended, &err), &err);
        ck_assert(mended);
        ck_assert(golden_is_whole(root, manifest));
    }
    CLEANUP(free) char *after = text_of(root, "golden/churn/any/manifest.json");
    ck_assert_str_eq(before, after);
    leave_with_store();
}
END_TEST

START_TEST(a_sound_bundle_in_the_store_is_not_written_again)
{
    enter_with_store();
    struct stat before, after;
    CLEANUP(manifest) struct manifest *one = saved("one");
    CLEANUP(free) char *path = path_in(mount, one);
    ck_assert_int_eq(stat(path, &before), 0);
    CLEANUP(manifest) struct manifest *two = saved("two"), *again = saved("one");
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert(before.st_ino == after.st_ino);
    ck_assert_str_eq(again->bundle.store, mount);
    leave_with_store();
}
END_TEST

START_TEST(a_store_named_later_gets_the_bundle_when_recording_again)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden");
    save(manifest, LIMIT);
    ck_assert_ptr_null(manifest->bundle.store);
    put(root, "bundles/z-notes", "for all of us");
    CLEANUP(free) char *settings = fs_join(root, "repro.json");
    ck_ok(fs_write_atomic(settings, "{\"store\": \"bundles\"}", 20, &err), &err);
    ck_assert(!golden_is_whole(root, manifest));
    bool mended = false;
    ck_ok(golden_mend(root, run, manifest, &mended, &err), &err);
    ck_assert(mended);
    CLEANUP(manifest) struct manifest *back = loaded();
    ck_assert_str_eq(back->bundle.store, "bundles");
    ck_assert_str_eq(back->accepted.reason, "first golden");
    ck_assert(golden_is_whole(root, back));
    CLEANUP(free) char *names = names_in("bundles"), *name = golden_bundle_name(back);
    CLEANUP(free) char *expected = str_printf("%s z-notes", name);
    ck_assert_str_eq(names, expected);
    leave();
}
END_TEST

// A store that cannot take the bundle fails the save, and the golden on disk stays as it was.
static void assert_refused(const char *says, enum error_kind kind)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(manifest) struct manifest *two = recorded("two", "better");
    bool changed = false;
    ck_assert_int_eq(golden_save(root, run, two, &(struct golden_options){.bundle_limit = LIMIT}, &changed, &err), -1);
    ck_assert(!changed);
    ck_assert_int_eq(err.kind, kind);
    ck_error_has(&err, says);
    ck_error_has(&err, "the store that repro.json names");
    CLEANUP(manifest) struct manifest *back = loaded();
    ck_assert_str_eq(back->accepted.reason, "first golden");
    put(run, "model.bin", "one");
}

START_TEST(a_store_that_is_not_there_is_not_made)
{
    enter_with_store();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *one = saved("one");
    CLEANUP(free) char *before = text_of(root, "golden/churn/any/manifest.json");
    ck_ok(golden_check_store(root, "churn", "any", &err), &err);
    ck_ok(fs_remove_tree(mount, &err), &err);
    assert_refused("is it mounted? (repro does not make it)", ERROR_MACHINE);
    ck_assert(!fs_exists(mount));
    ck_assert_int_eq(golden_check_store(root, "churn", "any", &err), -1); // known before training
    ck_error_has(&err, "is it mounted?");
    error_free(&err);
    ck_ok(golden_check_store(root, "other", "any", &err), &err);
    put(base, "mnt", "a file");
    assert_refused("is not a folder", ERROR_MACHINE);
    CLEANUP(free) char *after = text_of(root, "golden/churn/any/manifest.json"), *model = golden_model();
    ck_assert_str_eq(before, after);
    ck_assert_str_eq(model, "one");
    leave_with_store();
}
END_TEST

START_TEST(what_is_no_file_under_the_bundles_name_is_not_replaced)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *one = saved("one"), *two = saved("two");
    CLEANUP(free) char *path = path_in(mount, two);
    ck_assert(save(one, LIMIT));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    assert_refused("is a symbolic link", ERROR_USAGE);
    struct stat st;
    ck_assert_int_eq(lstat(path, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    leave_with_store();
}
END_TEST

// The store's limit on the size of a file stands for a disk that is full.
START_TEST(out_of_space_in_the_store_the_old_golden_stays_whole)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *one = saved("one");
    CLEANUP(manifest) struct manifest *two = recorded("two", "better");
    int failed = 0;
    for (rlim_t limit = 0; limit < 4096; limit += 61) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
            struct error err = {0};
            bool changed;
            _exit(golden_save(root, run, two, &(struct golden_options){.bundle_limit = LIMIT}, &changed, &err) == 0
                      ? 0
                      : 1);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        CLEANUP(free) char *model = golden_model(), *names = names_in_mount();
        ck_assert_str_eq(model, WEXITSTATUS(status) == 0 ? "two" : "one");
        ck_assert_ptr_null(strstr(names, ".tmp"));
        failed += WEXITSTATUS(status) != 0;
        if (WEXITSTATUS(status) == 0)
            break;
    }
    ck_assert_int_gt(failed, 3);
    leave_with_store();
}
END_TEST

START_TEST(killed_at_any_system_call_the_store_has_whole_bundles_only)
{
    enter_with_store();
    int before = 0, after = 0;
    for (int count = 1;; count++) {
        CLEANUP(manifest) struct manifest *one = recorded("one", "first golden");
        save(one, LIMIT);
        CLEANUP(manifest) struct manifest *two = recorded("two", "better");
        CLEANUP(free) char *shared = path_in(mount, two), *mine = golden_bundle_in_store(root, two);
        pid_t child = fork();
        if (child == 0) {
            if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
                _exit(77);
            raise(SIGSTOP);
            struct error err = {0};
            bool changed;
            _exit(golden_save(root, run, two, &(struct golden_options){.bundle_limit = LIMIT}, &changed, &err) == 0
                      ? 0
                      : 1);
        }
        bool ended = kill_at(child, count);
        off_t size;
        CLEANUP(manifest) struct manifest *golden = loaded();
        ck_assert(golden_is_whole(root, golden)); // wherever it points, all is there
        ck_assert(!fs_exists(shared) || golden_bundle_is_sound(shared, two, &size));
        CLEANUP(free) char *model = golden_model();
        before += str_equal(model, "one");
        after += str_equal(model, "two");
        unlink(shared); // each time from the start
        unlink(mine);
        put(run, "model.bin", "one");
        if (ended)
            break;
    }
    ck_assert(after > 0);
    ck_assert(before > 20 || before + after == 1);
    leave_with_store();
}
END_TEST

START_TEST(two_machines_that_save_at_once_leave_whole_bundles)
{
    enter_with_store();
    CLEANUP(manifest) struct manifest *one = recorded("one", "first golden");
    char *roots[2] = {str_dup(root), fs_join(base, "clone")};
    sh("cp -r '%s' '%s'", roots[0], roots[1]);
    for (int round = 0; round < 10; round++) {
        pid_t children[2];
        CLEANUP(free) char *path = NULL;
        for (int i = 0; i < 2; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                struct error err = {0};
                bool changed;
                _exit(golden_save(roots[i], run, one, &(struct golden_options){.bundle_limit = LIMIT}, &changed,
                                  &err) == 0
                          ? 0
                          : 1);
            }
        }
        for (int i = 0; i < 2; i++) {
            int status;
            ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
            ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            free(root);
            root = str_dup(roots[i]);
            CLEANUP(manifest) struct manifest *golden = loaded();
            ck_assert(golden_is_whole(root, golden));
            path = path ? path : path_in(mount, golden);
        }
        CLEANUP(free) char *names = names_in_mount();
        ck_assert_str_eq(names, fs_basename(path));
        sh("rm -r '%s/golden' '%s/golden'", roots[0], roots[1]);
        sh("rm -r '%s/.repro/store' '%s'", roots[0], path);
    }
    free(roots[0]);
    free(roots[1]);
    leave_with_store();
}
END_TEST

START_TEST(what_somebody_who_was_killed_left_in_the_store_goes_in_the_end)
{
    enter_with_store();
    CLEANUP(free)
    char *old = fs_join(mount, ".repro-0123456789abcdef.tmp"), *young = fs_join(mount, ".repro-fedcba9876543210.tmp"),
         *other = fs_join(mount, "old.txt");
    sh("touch '%s'", young);
    sh("touch -d '8 days ago' '%s' '%s'", old, other);
    CLEANUP(manifest) struct manifest *manifest = saved("one");
    ck_assert(!fs_exists(old));
    ck_assert(fs_exists(young)); // it may still be growing
    ck_assert(fs_exists(other));
    leave_with_store();
}
END_TEST

UNIT_MAIN("shared_store", a_bundle_over_the_limit_is_kept_in_the_store_that_repro_json_names,
          what_is_small_enough_for_git_is_kept_in_git_alone, another_machine_takes_it_from_there,
          what_comes_from_another_file_system_is_kept_here_too,
          a_bundle_in_no_place_says_where_it_was_looked_for_and_how_to_get_it,
          whatever_else_lies_in_the_store_is_refused, another_bundle_under_this_ones_name_is_refused,
          a_damaged_copy_here_is_replaced_by_the_one_in_the_store, recording_again_mends_the_store,
          a_sound_bundle_in_the_store_is_not_written_again, a_store_named_later_gets_the_bundle_when_recording_again,
          a_store_that_is_not_there_is_not_made, what_is_no_file_under_the_bundles_name_is_not_replaced,
          out_of_space_in_the_store_the_old_golden_stays_whole,
          killed_at_any_system_call_the_store_has_whole_bundles_only,
          two_machines_that_save_at_once_leave_whole_bundles,
          what_somebody_who_was_killed_left_in_the_store_goes_in_the_end)
