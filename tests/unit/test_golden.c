// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "unit_golden.h"

#include <sys/resource.h>

START_TEST(what_was_never_saved_is_no_error)
{
    enter();
    struct error err = {0};
    CLEANUP(strings) struct strings classes = {0};
    ck_ok(golden_classes(&classes, root, "churn", &err), &err);
    ck_assert_uint_eq(classes.count, 0);
    ck_assert_ptr_null(loaded());
    leave();
}
END_TEST

START_TEST(a_golden_comes_back_with_its_artifacts_code_and_settings)
{
    enter();
    struct error err = {0};
    CLEANUP(free) char *script = fs_join(root, "train.py");
    put(root, "train.py", "print()\n");
    ck_assert_int_eq(chmod(script, 0755), 0);
    CLEANUP(manifest) struct manifest *manifest = recorded("model", "first golden");
    ck_assert(save(manifest, MEBIBYTE));
    CLEANUP(manifest) struct manifest *back = loaded();
    ck_assert_ptr_nonnull(back);
    ck_assert(manifest_same(manifest, back));
    ck_assert(!back->bundle.in_store);
    ck_assert_str_eq(back->accepted.reason, "first golden");
    CLEANUP(strings) struct strings classes = {0};
    ck_ok(golden_classes(&classes, root, "churn", &err), &err);
    ck_assert_uint_eq(classes.count, 1);
    ck_assert_str_eq(classes.items[0], "any");

    CLEANUP(free) char *out = fs_join(base, "out");
    ck_ok(golden_extract(root, back, out, &err), &err);
    CLEANUP(file_list) struct file_list files = {0};
    ck_ok(tree_list_all(&files, out, &err), &err);
    ck_assert_uint_eq(files.count, 4); // not the data
    ck_assert(golden_holds_code(back, out));
    CLEANUP(free) char *code = text_of(out, "train.py"), *metrics = text_of(out, "out/metrics.json");
    ck_assert_str_eq(code, "print()\n");
    ck_assert_str_eq(metrics, "{\"loss\": 0.5}\n");
    CLEANUP(free) char *unpacked = fs_join(out, "train.py");
    struct stat st;
    ck_assert_int_eq(stat(unpacked, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, back->code.items[0].executable ? 0755 : 0644);
    leave();
}
END_TEST

START_TEST(saving_the_same_again_touches_nothing)
{
    enter();
    CLEANUP(manifest) struct manifest *first = recorded("model", "first golden");
    ck_assert(save(first, MEBIBYTE));
    CLEANUP(free) char *before = text_of(root, "golden/churn/any/manifest.json"), *names = names_in("golden/churn/any");
    CLEANUP(manifest) struct manifest *again = recorded("model", "another reason");
    ck_assert(!save(again, MEBIBYTE));
    CLEANUP(free) char *after = text_of(root, "golden/churn/any/manifest.json"), *still = names_in("golden/churn/any");
    ck_assert_str_eq(before, after);
    ck_assert_str_eq(names, still);
    leave();
}
END_TEST

START_TEST(a_new_golden_replaces_the_bundle_and_clears_the_folder)
{
    enter();
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    save(first, MEBIBYTE);
    put(root, "golden/churn/any/.repro-0123.tmp", "left by somebody who was killed");
    put(root, "golden/churn/any/NOTES.md", "a person's");
    CLEANUP(manifest) struct manifest *second = recorded("two", "better");
    ck_assert(save(second, MEBIBYTE));
    char hex[65];
    digest_hex(hex, &second->bundle.digest);
    CLEANUP(strings) struct strings expected = {0};
    strings_printf(&expected, "%.16s.tar.zst", hex);
    strings_add(&expected, "NOTES.md");
    strings_add(&expected, "manifest.json");
    strings_sort(&expected);
    CLEANUP(free)
    char *names = names_in("golden/churn/any"), *wanted = strings_join(&expected, " "), *model = golden_model();
    ck_assert_str_eq(model, "two");
    ck_assert_str_eq(names, wanted);
    leave();
}
END_TEST

START_TEST(a_bundle_over_the_limit_is_kept_outside_of_git)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    ck_assert(save(first, 10));
    char hex[65];
    digest_hex(hex, &first->bundle.digest);
    ck_assert(first->bundle.in_store);
    CLEANUP(free) char *names = names_in("golden/churn/any"), *stored = names_in(".repro/store");
    CLEANUP(free) char *expected = str_printf("%s.tar.zst", hex), *model = golden_model();
    ck_assert_str_eq(names, "manifest.json");
    ck_assert_str_eq(stored, expected);
    ck_assert_str_eq(model, "one");

    // As in another clone: the golden is there, its bundle is not.
    CLEANUP(free) char *store = fs_join(root, ".repro/store"), *out = fs_join(base, "out");
    ck_ok(fs_remove_tree(store, &err), &err);
    ck_assert_int_eq(golden_extract(root, first, out, &err), -1);
    ck_error_has(&err, ".repro/store/");
    ck_error_has(&err, "record on this machine");
    error_free(&err);

    // Recording the same there brings it back and leaves git alone.
    CLEANUP(manifest) struct manifest *again = recorded("one", "again");
    ck_assert(!save(again, 10));
    CLEANUP(free) char *back = golden_model();
    ck_assert_str_eq(back, "one");
    leave();
}
END_TEST

START_TEST(a_damaged_bundle_is_refused_and_the_next_save_mends_it)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden");
    save(manifest, MEBIBYTE);
    CLEANUP(free) char *path = NULL, *out = fs_join(base, "out");
    ck_ok(golden_bundle_path(&path, root, manifest, &err), &err);
    ck_assert_int_eq(truncate(path, 20), 0);
    ck_assert_int_eq(golden_extract(root, manifest, out, &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "damaged");
    ck_assert(!fs_exists(out));
    error_free(&err);
    CLEANUP(manifest) struct manifest *again = recorded("one", "again");
    ck_assert(!save(again, MEBIBYTE));
    CLEANUP(free) char *model = golden_model();
    ck_assert_str_eq(model, "one");
    leave();
}
END_TEST

START_TEST(another_goldens_bundle_under_this_ones_name_is_refused)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    save(first, MEBIBYTE);
    CLEANUP(free) char *one = NULL, *kept = fs_join(base, "kept"), *two = NULL, *out = fs_join(base, "out");
    ck_ok(golden_bundle_path(&one, root, first, &err), &err);
    ck_assert_int_eq(rename(one, kept), 0);
    CLEANUP(manifest) struct manifest *second = recorded("two", "better");
    save(second, MEBIBYTE);
    ck_ok(golden_bundle_path(&two, root, second, &err), &err);
    ck_assert_int_eq(rename(kept, two), 0);
    ck_assert_int_eq(golden_extract(root, second, out, &err), -1);
    ck_error_has(&err, "tampered with");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(large_code_and_links_that_lead_out_are_left_out_of_the_bundle)
{
    enter();
    struct error err = {0};
    CLEANUP(buf) struct buf large = {0};
    while (large.len <= GOLDEN_SMALL)
        buf_puts(&large, "# a long program\n");
    put(root, "long.py", large.data);
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    CLEANUP(free)
    char *out = fs_join(base, "out"), *long_path = fs_join(root, "long.py"), *link = fs_join(root, "link.py");
    save(first, MEBIBYTE);
    ck_ok(golden_extract(root, first, out, &err), &err);
    ck_assert(!golden_holds_code(first, out));
    ck_ok(fs_remove_tree(out, &err), &err);

    ck_assert_int_eq(unlink(long_path), 0);
    ck_assert_int_eq(symlink("/somewhere/else.py", link), 0);
    CLEANUP(manifest) struct manifest *second = recorded("two", "better");
    ck_assert_uint_eq(second->code.count, 2);
    save(second, MEBIBYTE);
    ck_ok(golden_extract(root, second, out, &err), &err);
    ck_assert(!golden_holds_code(second, out));
    leave();
}
END_TEST

START_TEST(an_artifact_that_is_a_folder_is_kept_with_all_its_files)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden");
    put(run, "saved/variables/a", "1");
    put(run, "saved/b", "2");
    struct file_list folder = {0};
    file_list_add(&folder, "saved")->kind = FILE_FOLDER;
    ck_ok(tree_hash(&folder, run, NULL, 1, &err), &err);
    folder.items[0].format = str_dup("bytes");
    file_list_copy(&manifest->artifacts, &folder);
    file_list_free(&folder);
    file_list_sort(&manifest->artifacts);
    save(manifest, MEBIBYTE);
    CLEANUP(manifest) struct manifest *back = loaded();
    CLEANUP(free) char *out = fs_join(base, "out");
    ck_ok(golden_extract(root, back, out, &err), &err);
    CLEANUP(free) char *a = text_of(out, "saved/variables/a");
    ck_assert_str_eq(a, "1");

    put(run, "saved/b", "3");
    bool changed;
    ck_assert_int_eq(
        golden_save(root, run, manifest, &(struct golden_options){.bundle_limit = MEBIBYTE}, &changed, &err), -1);
    ck_error_has(&err, "'saved' changed since it was hashed");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(an_artifact_that_changed_since_it_was_hashed_leaves_the_old_golden)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *first = recorded("one", "first golden");
    save(first, MEBIBYTE);
    CLEANUP(manifest) struct manifest *second = recorded("two", "better");
    put(run, "model.bin", "2!!");
    bool changed;
    ck_assert_int_eq(golden_save(root, run, second, &(struct golden_options){.bundle_limit = MEBIBYTE}, &changed, &err),
                     -1);
    ck_error_has(&err, "'model.bin' changed since it was hashed");
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    error_free(&err);
    CLEANUP(free) char *model = golden_model(), *stored = names_in(".repro/store");
    ck_assert_str_eq(model, "one");
    ck_assert_str_eq(stored, "");
    leave();
}
END_TEST

START_TEST(a_golden_in_another_goldens_folder_is_refused)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *manifest = recorded("one", "first golden"), *none = NULL;
    save(manifest, MEBIBYTE);
    CLEANUP(free) char *text = text_of(root, "golden/churn/any/manifest.json");
    put(root, "golden/other/any/manifest.json", text);
    put(root, "golden/churn/avx2/manifest.json", text);
    ck_assert_int_eq(golden_load(&none, root, "other", "any", &err), -1);
    ck_error_has(&err, "golden/other/any/manifest.json");
    ck_error_has(&err, "suite: 'churn'");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
    ck_assert_int_eq(golden_load(&none, root, "churn", "avx2", &err), -1);
    ck_error_has(&err, "class: 'any'");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(names_that_are_no_folders_are_refused)
{
    enter();
    static const char *const names[] = {"", "..", ".", "a/b", "/etc", ".hidden"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct error err = {0};
        struct manifest *manifest = NULL;
        ck_assert_int_eq(golden_load(&manifest, root, names[i], "any", &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        error_free(&err);
        ck_assert_int_eq(golden_load(&manifest, root, "churn", names[i], &err), -1);
        error_free(&err);
        CLEANUP(strings) struct strings classes = {0};
        ck_assert_int_eq(golden_classes(&classes, root, names[i], &err), -1);
        error_free(&err);
    }
    leave();
}
END_TEST

// ---- killed, and out of space

START_TEST(killed_at_any_system_call_the_golden_reads_as_before_or_as_after)
{
    enter();
    int before = 0, after = 0;
    for (int count = 1;; count++) {
        CLEANUP(manifest) struct manifest *one = recorded("one", "first golden");
        save(one, MEBIBYTE);
        CLEANUP(manifest) struct manifest *two = recorded("two", "better");
        pid_t child = fork();
        if (child == 0) {
            if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
                _exit(77);
            raise(SIGSTOP);
            _exit(save_quietly(two) == 0 ? 0 : 1);
        }
        bool ended = kill_at(child, count);
        CLEANUP(free) char *model = golden_model();
        ck_assert_msg(str_equal(model, "one") || str_equal(model, "two"), "%s", model);
        before += str_equal(model, "one");
        after += str_equal(model, "two");

        // And the next save finds nothing in its way and leaves nothing lying about.
        put(run, "model.bin", "two");
        save(two, MEBIBYTE);
        CLEANUP(free) char *mended = golden_model(), *names = names_in("golden/churn/any");
        ck_assert_str_eq(mended, "two");
        if (ended) {
            ck_assert_ptr_null(strstr(names, ".tmp"));
            break;
        }
    }
    // Where nobody may be traced, the child ends at once and there is nothing to see.
    ck_assert(after > 0);
    ck_assert(before > 20 || before + after == 1);
    leave();
}
END_TEST

START_TEST(out_of_space_the_old_golden_stays_whole)
{
    enter();
    CLEANUP(manifest) struct manifest *one = recorded("one", "first golden");
    save(one, MEBIBYTE);
    CLEANUP(manifest) struct manifest *two = recorded("two", "better");
    int failed = 0;
    for (rlim_t limit = 0; limit < 4096; limit += 37) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
            _exit(save_quietly(two) == 0 ? 0 : 1);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        CLEANUP(free) char *model = golden_model(), *names = names_in("golden/churn/any");
        ck_assert_str_eq(model, WEXITSTATUS(status) == 0 ? "two" : "one");
        ck_assert_ptr_null(strstr(names, ".tmp"));
        failed += WEXITSTATUS(status) != 0;
        if (WEXITSTATUS(status) == 0)
            break;
    }
    ck_assert_int_gt(failed, 3);
    leave();
}
END_TEST

START_TEST(two_who_save_at_once_leave_one_whole_golden)
{
    enter();
    CLEANUP(manifest) struct manifest *one = recorded("one", "first golden");
    char *other_run = fs_join(base, "run2");
    char *first_run = run;
    ck_assert_int_eq(mkdir(other_run, 0755), 0);
    run = other_run;
    CLEANUP(manifest) struct manifest *two = recorded("two", "first golden");
    for (int round = 0; round < 20; round++) {
        pid_t children[2];
        for (int i = 0; i < 2; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                run = i ? other_run : first_run;
                _exit(save_quietly(i ? two : one) == 0 ? 0 : 1);
            }
        }
        for (int i = 0; i < 2; i++) {
            int status;
            ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
            ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        CLEANUP(free) char *model = golden_model();
        ck_assert(str_equal(model, "one") || str_equal(model, "two"));
    }
    free(first_run);
    leave();
}
END_TEST

UNIT_MAIN("golden", what_was_never_saved_is_no_error, a_golden_comes_back_with_its_artifacts_code_and_settings,
          saving_the_same_again_touches_nothing, a_new_golden_replaces_the_bundle_and_clears_the_folder,
          a_bundle_over_the_limit_is_kept_outside_of_git, a_damaged_bundle_is_refused_and_the_next_save_mends_it,
          another_goldens_bundle_under_this_ones_name_is_refused,
          large_code_and_links_that_lead_out_are_left_out_of_the_bundle,
          an_artifact_that_is_a_folder_is_kept_with_all_its_files,
          an_artifact_that_changed_since_it_was_hashed_leaves_the_old_golden,
          a_golden_in_another_goldens_folder_is_refused, names_that_are_no_folders_are_refused,
          killed_at_any_system_call_the_golden_reads_as_before_or_as_after, out_of_space_the_old_golden_stays_whole,
          two_who_save_at_once_leave_one_whole_golden)
