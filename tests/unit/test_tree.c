// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "base/buf.h"
#include "base/fs.h"
#include "store/tree.h"

#include "unit.h"

#include <stdbool.h>
#include <sys/stat.h>

static char *root;

static void enter(void)
{
    root = unit_folder();
}

static void leave(void)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(root, &err), &err);
    free(root);
}

static void put(const char *path, const char *text)
{
    struct error err = {0};
    CLEANUP(free) char *full = fs_join(root, path);
    ck_ok(fs_write_atomic(full, text, strlen(text), &err), &err);
}

static void link_to(const char *path, const char *target)
{
    CLEANUP(free) char *full = fs_join(root, path);
    ck_assert_int_eq(symlink(target, full), 0);
}

// What the patterns (separated by spaces) list, joined by spaces.
static char *listed(const char *patterns, struct error *err)
{
    CLEANUP(strings) struct strings list = {0}, paths = {0};
    CLEANUP(free) char *copy = str_dup(patterns);
    for (char *rest = NULL, *one = strtok_r(copy, " ", &rest); one; one = strtok_r(NULL, " ", &rest))
        strings_add(&list, one);
    CLEANUP(file_list) struct file_list files = {0};
    if (tree_list(&files, root, &list, err) != 0)
        return NULL;
    for (size_t i = 0; i < files.count; i++)
        strings_add(&paths, files.items[i].path);
    return strings_join(&paths, " ");
}

// Everything that the tests of tree_list look at.
static void plant(void)
{
    static const char *const paths[] = {
        "train.py",
        "src/a.py",
        "src/b.txt",
        "src/deep/c.py",
        "src/deep/er/d.py",
        "src-2/e.py",
        "src.py",
        "data/one.csv",
        "data/two.csv",
        "data/more/three.csv",
        "golden/x/m.json",
        "src/golden/y.py",
        ".git/config",
        ".repro/runs/1",
        "venv/pyvenv.cfg",
        "venv/lib/z.py",
        "conda/conda-meta/h",
        "conda/lib.py",
        "node_modules/n.js",
        "src/__pycache__/a.pyc",
        "src/left.pyc",
        "src0",
        "odd/a[b.txt",
        "odd/x y",
        ".hidden/f",
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        put(paths[i], paths[i]);
    link_to("src/link.py", "a.py");
    link_to("linked", "data");
}

static const struct {
    const char *patterns, *expected;
} listings[] = {
    {"train.py", "train.py"},
    {"src/a.py train.py src/a.py", "src/a.py train.py"},
    {"src/*", "src/a.py src/b.txt src/link.py"},
    {"src/*.py", "src/a.py src/link.py"},
    {"src/**", "src/a.py src/b.txt src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py"},
    {"src/", "src/a.py src/b.txt src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py"},
    {"src", "src/a.py src/b.txt src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py"},
    {"src/**/*.py", "src/a.py src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py"},
    {"src/*/c.py", "src/deep/c.py"},
    {"src/de*/**", "src/deep/c.py src/deep/er/d.py"},
    {"src/de*/", "src/deep/c.py src/deep/er/d.py"},
    {"**/er/*", "src/deep/er/d.py"},
    {"**/d.py", "src/deep/er/d.py"},
    {"*.py", "src.py train.py"},
    {"s*/*.py", "src-2/e.py src/a.py src/link.py"},
    // In byte order, as `LC_ALL=C sort` has it: '-' and '.' before '/', '/' before '0'.
    {"src*/** src* train.py",
     "src-2/e.py src.py src/a.py src/b.txt src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py src0 train.py"},
    {"data/*.csv", "data/one.csv data/two.csv"},
    {"data/[n-p]*.csv", "data/one.csv"},
    {"./data/one.csv", "data/one.csv"},
    {"odd/a[b.txt", "odd/a[b.txt"},
    {"nothing/*.py", ""},
    {"golden/** .git/** .repro/** venv/** conda/** node_modules/**", ""},
    {"linked", "linked"},
    {".hidden/*", ".hidden/f"},
};

START_TEST(patterns_name_what_a_reader_would_expect)
{
    enter();
    plant();
    for (size_t i = 0; i < ARRAY_LEN(listings); i++) {
        struct error err = {0};
        CLEANUP(free) char *found = listed(listings[i].patterns, &err);
        ck_assert_msg(found && str_equal(found, listings[i].expected), "'%s' lists '%s', expected '%s'",
                      listings[i].patterns, found ? found : error_text(&err), listings[i].expected);
    }
    leave();
}
END_TEST

START_TEST(a_folder_that_no_pattern_reaches_need_not_be_readable)
{
    enter();
    put("src/a.py", "");
    put("private/b.py", "");
    CLEANUP(free) char *private = fs_join(root, "private");
    ck_assert_int_eq(chmod(private, 0), 0);
    struct error err = {0};
    CLEANUP(free) char *found = listed("src/*.py *.txt", &err);
    ck_assert_str_eq(found, "src/a.py");
    if (geteuid() != 0) {
        ck_assert_ptr_null(listed("*/*.py", &err));
        ck_error_has(&err, "cannot open the folder 'private'");
        error_free(&err);
    }
    ck_assert_int_eq(chmod(private, 0700), 0);
    leave();
}
END_TEST

START_TEST(many_folders_side_by_side_are_listed_in_byte_order)
{
    enter();
    CLEANUP(strings) struct strings expected = {0};
    for (int i = 0; i < 60; i++) {
        static const char *const names[] = {"x", "y/z", "y-z", "y0"};
        for (size_t j = 0; j < ARRAY_LEN(names); j++) {
            CLEANUP(free) char *path = str_printf("d/%c%d/%s", "a-."[i % 3], i, names[j]);
            put(path, "");
            strings_add(&expected, path);
        }
    }
    strings_sort(&expected);
    struct error err = {0};
    CLEANUP(free) char *found = listed("d/** d/*/missing", &err), *wanted = strings_join(&expected, " ");
    ck_assert_str_eq(found, wanted);
    for (int i = 0; i < 60; i++) {
        CLEANUP(free) char *path = str_printf("d/%c%d/link", "a-."[i % 3], i);
        link_to(path, "y");
    }
    ck_assert_ptr_null(listed("d/*/link/z d/nothing", &err));
    ck_assert_uint_eq(err.problem_count, 61);
    error_free(&err);
    leave();
}
END_TEST

START_TEST(the_whole_tree_is_everything_that_can_be_an_input)
{
    enter();
    plant();
    struct error err = {0};
    CLEANUP(free) char *dot = listed(".", &err), *stars = listed("**", &err);
    ck_assert_str_eq(dot,
                     ".hidden/f data/more/three.csv data/one.csv data/two.csv linked odd/a[b.txt odd/x y src-2/e.py "
                     "src.py src/a.py src/b.txt src/deep/c.py src/deep/er/d.py src/golden/y.py src/link.py src0 "
                     "train.py");
    ck_assert_str_eq(stars, dot);
    leave();
}
END_TEST

static const struct {
    const char *pattern, *said;
} mistakes[] = {
    {"missing.py", "'missing.py' names no file"},
    {"src/missing.py", "'src/missing.py' names no file"},
    {"../etc/passwd", "'../etc/passwd' leaves the project"},
    {"src/../../x", "leaves the project"},
    {"/etc/passwd", "'/etc/passwd' leaves the project"},
    {"/etc/*", "'/etc/*' leaves the project"},
    {"../*", "'../*' leaves the project"},
    {"golden/x/m.json", "'golden/x/m.json' cannot be an input"},
    {"golden", "the folder 'golden' holds no file that can be an input"},
    {"linked/*.csv", "'linked/*.csv' leads through the symbolic link 'linked'"},
    {"linked/one.csv", "'linked/one.csv' leads through the symbolic link 'linked', which is not followed"},
};

START_TEST(a_name_that_means_nothing_is_a_problem_of_the_document)
{
    enter();
    plant();
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct error err = {0};
        CLEANUP(free) char *found = listed(mistakes[i].pattern, &err);
        ck_assert_msg(!found, "'%s' lists '%s'", mistakes[i].pattern, found);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_assert_uint_eq(err.problem_count, 1);
        ck_error_has(&err, mistakes[i].said);
        error_free(&err);
    }
    leave();
}
END_TEST

START_TEST(all_names_that_mean_nothing_are_reported_at_once)
{
    enter();
    struct error err = {0};
    put("here", "");
    ck_assert_ptr_null(listed("a here b", &err));
    ck_assert_uint_eq(err.problem_count, 2);
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_fifo_is_no_input_and_a_listing_of_everything_refuses_it)
{
    enter();
    struct error err = {0};
    CLEANUP(free) char *fifo = fs_join(root, "fifo");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    put("file", "");
    CLEANUP(free) char *found = listed("*", &err);
    ck_assert_str_eq(found, "file");
    CLEANUP(file_list) struct file_list files = {0};
    ck_assert_int_eq(tree_list_all(&files, root, &err), -1);
    ck_error_has(&err, "fifo");
    error_free(&err);
    leave();
}
END_TEST

static struct file_list hashed(const char *pattern, struct stat_cache *cache)
{
    struct error err = {0};
    struct file_list files = {0};
    CLEANUP(strings) struct strings patterns = {0};
    strings_add(&patterns, pattern);
    ck_ok(tree_list(&files, root, &patterns, &err), &err);
    ck_ok(tree_hash(&files, root, cache, 0, &err), &err);
    return files;
}

static char *output_of(const char *command)
{
    CLEANUP(buf) struct buf text = {0};
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    char line[4096];
    while (fgets(line, sizeof line, pipe))
        buf_puts(&text, line);
    ck_assert_int_eq(pclose(pipe), 0);
    return buf_take(&text);
}

static void check_against_coreutils(const char *folder, const char *links)
{
    struct error err = {0};
    CLEANUP(free)
    char *command = str_printf("cd '%s' && { find . -type f -printf '%%P\\0' | LC_ALL=C sort -z | xargs -0r sha256sum "
                               "--; printf '%%s' '%s'; } |"
                               " sha256sum | cut -c 1-64 | tr -d '\\n'",
                               folder, links);
    CLEANUP(free) char *expected = output_of(command);
    CLEANUP(file_list) struct file_list files = {0};
    ck_ok(tree_list_all(&files, folder, &err), &err);
    ck_ok(tree_hash(&files, folder, NULL, 2, &err), &err);
    struct digest digest;
    char hex[65];
    ck_ok(tree_digest(&digest, &files, "", &err), &err);
    digest_hex(hex, &digest);
    ck_assert_str_eq(hex, expected);
}

START_TEST(a_folder_has_the_digest_that_coreutils_gives_whatever_its_names)
{
    enter();
    static const char *const names[] = {"plain",     "a-b/x",       "a/x",
                                        "a.b/x",     "a0",          "with space",
                                        "new\nline", "back\\slash", "carriage\rreturn",
                                        "tab\there", "Ümläut",      "\xff\xfe bad",
                                        "-dash",     "both\\\n",    "a/new\nline/z"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        put(names[i], names[i]);
    check_against_coreutils(root, "");
    leave();
}
END_TEST

START_TEST(an_empty_folder_has_the_digest_of_nothing)
{
    enter();
    check_against_coreutils(root, "");
    leave();
}
END_TEST

START_TEST(symbolic_links_have_lines_after_those_of_the_files)
{
    enter();
    put("file", "text");
    put("z", "text");
    link_to("link", "file");
    link_to("dangling", "nowhere");
    // printf %s file | sha256sum, printf %s nowhere | sha256sum
    check_against_coreutils(root,
                            "SYMLINK (dangling) = 20aeff0494e828d188c704e1f488a589b15ae01d11f6cb129f62129caa6cc543\n"
                            "SYMLINK (link) = 3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80\n");
    leave();
}
END_TEST

START_TEST(a_prefix_takes_the_files_below_it_alone)
{
    enter();
    put("data/x", "1");
    put("data/y/z", "2");
    put("data-2/x", "3");
    put("data.txt", "4");
    struct error err = {0};
    CLEANUP(file_list) struct file_list all = hashed("**", NULL), below = {0};
    CLEANUP(free) char *data = fs_join(root, "data");
    ck_ok(tree_list_all(&below, data, &err), &err);
    ck_ok(tree_hash(&below, data, NULL, 0, &err), &err);
    struct digest a, b, c;
    ck_ok(tree_digest(&a, &all, "data", &err), &err);
    ck_ok(tree_digest(&b, &below, "", &err), &err);
    ck_ok(tree_digest(&c, &all, "data/", &err), &err);
    ck_assert(digest_equal(&a, &b));
    ck_assert(digest_equal(&a, &c));
    leave();
}
END_TEST

START_TEST(a_list_that_is_not_sorted_has_no_folder_digest)
{
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    file_list_add(&files, "b");
    file_list_add(&files, "a");
    struct digest digest;
    ck_assert_int_eq(tree_digest(&digest, &files, "", &err), -1);
    ck_error_has(&err, "not sorted at 'a'");
    error_free(&err);
}
END_TEST

START_TEST(hashing_fills_in_size_mode_and_digest)
{
    enter();
    put("run.sh", "abc");
    put("sub/plain", "");
    link_to("link", "run.sh");
    CLEANUP(free) char *script = fs_join(root, "run.sh");
    ck_assert_int_eq(chmod(script, 0755), 0);
    CLEANUP(file_list) struct file_list files = hashed("**", NULL);
    ck_assert_uint_eq(files.count, 3);
    const struct file_entry *link = &files.items[0], *run = &files.items[1], *plain = &files.items[2];
    char hex[65];
    ck_assert_int_eq(link->kind, FILE_SYMLINK);
    ck_assert_uint_eq(link->size, 6);
    ck_assert(!link->executable);
    ck_assert_uint_eq(run->size, 3);
    ck_assert(run->executable);
    digest_hex(hex, &run->sha256);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_uint_eq(plain->size, 0);
    ck_assert(!plain->executable);
    digest_hex(hex, &plain->sha256);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    leave();
}
END_TEST

START_TEST(a_folder_entry_gets_the_folder_digest_and_the_sum_of_its_sizes)
{
    enter();
    put("data/x", "123");
    put("data/y/z", "45");
    struct error err = {0};
    CLEANUP(file_list) struct file_list list = {0}, all = hashed("data", NULL);
    file_list_add(&list, "data")->kind = FILE_FOLDER;
    ck_ok(tree_hash(&list, root, NULL, 0, &err), &err);
    struct digest digest;
    ck_ok(tree_digest(&digest, &all, "data", &err), &err);
    ck_assert(digest_equal(&digest, &list.items[0].sha256));
    ck_assert_uint_eq(list.items[0].size, 5);
    leave();
}
END_TEST

START_TEST(many_files_of_all_sizes_get_the_same_digests_on_any_number_of_threads)
{
    enter();
    for (int i = 0; i < 300; i++) {
        CLEANUP(free) char *name = str_printf("d%d/f%03d", i % 7, i);
        CLEANUP(buf) struct buf text = {0};
        for (int j = 0; j < (i % 50 == 0 ? 300000 : i); j++)
            buf_printf(&text, "%d,", j);
        put(name, buf_text(&text));
    }
    CLEANUP(file_list) struct file_list many = hashed("**", NULL);
    struct error err = {0};
    CLEANUP(file_list) struct file_list one = {0};
    ck_ok(tree_list_all(&one, root, &err), &err);
    ck_ok(tree_hash(&one, root, NULL, 1, &err), &err);
    ck_assert_uint_eq(one.count, 300);
    for (size_t i = 0; i < one.count; i++)
        ck_assert(digest_equal(&one.items[i].sha256, &many.items[i].sha256));
    check_against_coreutils(root, "");
    leave();
}
END_TEST

START_TEST(a_file_that_vanished_or_became_something_else_is_an_error_that_names_it)
{
    enter();
    struct error err = {0};
    CLEANUP(file_list) struct file_list gone = {0}, other = {0};
    file_list_add(&gone, "gone");
    ck_assert_int_eq(tree_hash(&gone, root, NULL, 0, &err), -1);
    ck_error_has(&err, "'gone': No such file");
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    error_free(&err);
    link_to("other", "gone");
    file_list_add(&other, "other");
    ck_assert_int_eq(tree_hash(&other, root, NULL, 0, &err), -1);
    ck_error_has(&err, "'other' is no longer what it was");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(two_lists_are_compared_path_by_path)
{
    enter();
    put("a", "1");
    put("b", "2");
    put("c", "3");
    CLEANUP(file_list) struct file_list before = hashed("**", NULL);
    put("b", "two");
    put("bb", "new");
    CLEANUP(free) char *c = fs_join(root, "c");
    ck_assert_int_eq(unlink(c), 0);
    CLEANUP(file_list) struct file_list after = hashed("**", NULL);
    CLEANUP(strings) struct strings added = {0}, removed = {0}, changed = {0};
    tree_compare(&before, &after, &added, &removed, &changed);
    CLEANUP(free)
    char *plus = strings_join(&added, " "), *minus = strings_join(&removed, " "), *tilde = strings_join(&changed, " ");
    ck_assert_str_eq(plus, "bb");
    ck_assert_str_eq(minus, "c");
    ck_assert_str_eq(tilde, "b");
    tree_compare(&before, &before, &added, &removed, &changed);
    ck_assert_uint_eq(added.count + removed.count + changed.count, 3);
    leave();
}
END_TEST

UNIT_MAIN("tree", patterns_name_what_a_reader_would_expect, the_whole_tree_is_everything_that_can_be_an_input,
          a_folder_that_no_pattern_reaches_need_not_be_readable, many_folders_side_by_side_are_listed_in_byte_order,
          a_name_that_means_nothing_is_a_problem_of_the_document, all_names_that_mean_nothing_are_reported_at_once,
          a_fifo_is_no_input_and_a_listing_of_everything_refuses_it,
          a_folder_has_the_digest_that_coreutils_gives_whatever_its_names, an_empty_folder_has_the_digest_of_nothing,
          symbolic_links_have_lines_after_those_of_the_files, a_prefix_takes_the_files_below_it_alone,
          a_list_that_is_not_sorted_has_no_folder_digest, hashing_fills_in_size_mode_and_digest,
          a_folder_entry_gets_the_folder_digest_and_the_sum_of_its_sizes,
          many_files_of_all_sizes_get_the_same_digests_on_any_number_of_threads,
          a_file_that_vanished_or_became_something_else_is_an_error_that_names_it, two_lists_are_compared_path_by_path)
