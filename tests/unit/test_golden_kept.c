// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "store/golden_bundle.h"
#include "store/golden_kept.h"
#include "store/store_prune.h"

#include "unit_golden.h"

#include <fcntl.h>
#include <sys/resource.h>

#define BASELINE "golden/churn/any/baseline.json"

static struct manifest *record_keeping(const char *model, uint64_t keep, uint64_t limit)
{
    struct error err = {0};
    bool changed = false;
    CLEANUP(free) char *reason = str_printf("reason of %s", model);
    struct manifest *manifest = recorded(model, reason);
    const struct golden_options options = {.bundle_limit = limit, .keep = keep};
    ck_ok(golden_save(root, run, manifest, &options, &changed, &err), &err);
    ck_assert(changed);
    return manifest;
}

static struct digest identity_of(const struct manifest *manifest)
{
    struct error err = {0};
    struct digest identity;
    ck_ok(golden_identity(&identity, manifest, &err), &err);
    return identity;
}

static void give_baseline(const struct manifest *manifest, const char *text)
{
    char hex[65];
    struct digest identity = identity_of(manifest);
    digest_hex(hex, &identity);
    CLEANUP(free) char *json = str_printf("{\"golden\": \"%s\", \"text\": \"%s\"}\n", hex, text);
    put(root, BASELINE, json);
}

// The models of the goldens that are kept, newest first, joined by spaces. Each must be whole.
static char *kept_models(void)
{
    struct error err = {0};
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    CLEANUP(strings) struct strings models = {0};
    ck_ok(golden_kept_list(&list, root, "churn", "any", &err), &err);
    ck_assert_uint_eq(list.unreadable.count, 0);
    for (size_t i = 0; i < list.count; i++) {
        CLEANUP(free) char *out = fs_join(base, "kept");
        ck_assert(golden_is_whole(root, list.items[i].manifest));
        ck_ok(golden_extract(root, list.items[i].manifest, out, &err), &err);
        strings_take(&models, text_of(out, "model.bin"));
        ck_ok(fs_remove_tree(out, &err), &err);
    }
    return strings_join(&models, " ");
}

static void assert_models(const char *current, const char *kept)
{
    CLEANUP(free) char *model = golden_model(), *models = kept_models();
    ck_assert_str_eq(model, current);
    ck_assert_str_eq(models, kept);
}

static int switch_to(const struct manifest *from, const struct manifest *to, struct error *err)
{
    struct digest was = identity_of(from), wanted = identity_of(to);
    struct golden_switch how = {.from = &was, .to = &wanted, .reason = "orders grew", .by = "Ada"};
    return golden_switch(root, "churn", "any", &how, err);
}

START_TEST(the_newest_goldens_are_kept_and_the_oldest_forgotten)
{
    enter();
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 2, MEBIBYTE), *b = record_keeping("b", 2, MEBIBYTE);
    assert_models("b", "a");
    CLEANUP(manifest) struct manifest *c = record_keeping("c", 2, MEBIBYTE), *d = record_keeping("d", 2, MEBIBYTE);
    assert_models("d", "c b");
    CLEANUP(manifest) struct manifest *e = record_keeping("e", 1, MEBIBYTE);
    assert_models("e", "d");
    CLEANUP(manifest) struct manifest *f = record_keeping("f", 0, MEBIBYTE);
    assert_models("f", "");
    CLEANUP(free) char *names = names_in("golden/churn/any");
    ck_assert_ptr_null(strstr(names, "earlier"));
    leave();
}
END_TEST

START_TEST(what_is_kept_is_no_class_and_no_golden)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE), *b = record_keeping("b", 3, MEBIBYTE);
    CLEANUP(strings) struct strings classes = {0};
    ck_ok(golden_classes(&classes, root, "churn", &err), &err);
    ck_assert_uint_eq(classes.count, 1);
    CLEANUP(manifest) struct manifest *current = loaded();
    ck_assert(manifest_same(current, b));
    leave();
}
END_TEST

START_TEST(a_golden_that_was_kept_comes_back_and_the_other_can_come_back_too)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE);
    give_baseline(a, "of a");
    CLEANUP(manifest) struct manifest *b = record_keeping("b", 3, MEBIBYTE);
    CLEANUP(free) char *none = fs_join(root, BASELINE);
    ck_assert(!fs_exists(none)); // a's is no measure of b
    give_baseline(b, "of b");
    ck_ok(switch_to(b, a, &err), &err);
    assert_models("a", "b");

    CLEANUP(manifest) struct manifest *back = loaded();
    struct digest was = identity_of(b);
    char hex[65];
    digest_hex(hex, &was);
    ck_assert_str_eq(back->accepted.reason, "reason of a");
    ck_assert_str_eq(back->accepted.rolled_back.from, hex);
    ck_assert_str_eq(back->accepted.rolled_back.reason, "orders grew");
    ck_assert_str_eq(back->accepted.rolled_back.by, "Ada");
    ck_assert(manifest_same(back, a));
    CLEANUP(free) char *baseline = text_of(root, BASELINE);
    ck_assert_ptr_nonnull(strstr(baseline, "of a"));

    ck_ok(switch_to(a, b, &err), &err);
    assert_models("b", "a");
    CLEANUP(free) char *again = text_of(root, BASELINE);
    ck_assert_ptr_nonnull(strstr(again, "of b"));
    leave();
}
END_TEST

START_TEST(what_is_not_current_or_not_kept_is_not_switched)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE), *b = record_keeping("b", 3, MEBIBYTE);
    CLEANUP(manifest) struct manifest *unknown = recorded("unknown", "never");
    ck_assert_int_eq(switch_to(a, b, &err), -1); // as whoever looked before somebody else switched
    ck_error_has(&err, "has changed meanwhile");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
    ck_assert_int_eq(switch_to(b, unknown, &err), -1);
    ck_error_has(&err, "keeps no earlier one");
    error_free(&err);
    assert_models("b", "a");
    leave();
}
END_TEST

START_TEST(goldens_of_one_bundle_do_not_share_a_place)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE), *b = recorded("a", "other data");
    b->data.items[0].sha256.bytes[0] ^= 1; // the result is the same
    bool changed = false;
    const struct golden_options options = {.bundle_limit = MEBIBYTE, .keep = 3};
    ck_ok(golden_save(root, run, b, &options, &changed, &err), &err);
    ck_assert(changed && digest_equal(&a->bundle.digest, &b->bundle.digest));
    assert_models("a", "a");
    ck_ok(switch_to(b, a, &err), &err);
    assert_models("a", "a");
    ck_ok(switch_to(a, b, &err), &err);
    assert_models("a", "a");
    leave();
}
END_TEST

START_TEST(a_golden_without_a_sound_bundle_is_not_kept_and_does_not_come_back)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE), *b = record_keeping("b", 3, MEBIBYTE);
    CLEANUP(free) char *path = NULL, *earlier = NULL;
    ck_ok(golden_bundle_path(&earlier, root, a, &err), &err);
    ck_assert_ptr_nonnull(strstr(earlier, "/earlier/"));
    ck_assert_int_eq(truncate(earlier, 20), 0);
    ck_assert_int_eq(switch_to(b, a, &err), -1);
    ck_error_has(&err, "damaged or missing");
    error_free(&err);
    CLEANUP(manifest) struct manifest *current = loaded();
    ck_assert(manifest_same(current, b));

    ck_ok(golden_bundle_path(&path, root, b, &err), &err);
    ck_assert_int_eq(truncate(path, 20), 0);
    CLEANUP(manifest) struct manifest *c = record_keeping("c", 3, MEBIBYTE);
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    ck_ok(golden_kept_list(&list, root, "churn", "any", &err), &err);
    ck_assert_uint_eq(list.count, 1);
    ck_assert(manifest_same(list.items[0].manifest, a));
    leave();
}
END_TEST

START_TEST(a_bundle_in_the_store_stays_while_a_kept_golden_points_at_it)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 1, 10), *b = record_keeping("b", 1, 10);
    CLEANUP(free) char *one = golden_bundle_in_store(root, a), *two = golden_bundle_in_store(root, b);
    const struct timespec old[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    ck_assert_int_eq(utimensat(AT_FDCWD, one, old, 0), 0);
    store_prune(root);
    ck_assert(fs_exists(one));
    ck_ok(switch_to(b, a, &err), &err);
    assert_models("a", "b");
    ck_ok(switch_to(a, b, &err), &err);
    CLEANUP(manifest) struct manifest *c = record_keeping("c", 1, 10);
    ck_assert_int_eq(utimensat(AT_FDCWD, one, old, 0), 0);
    store_prune(root);
    ck_assert(!fs_exists(one)); // forgotten
    ck_assert(fs_exists(two));
    leave();
}
END_TEST

START_TEST(what_cannot_be_read_is_told_and_keeps_the_others)
{
    enter();
    struct error err = {0};
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 3, MEBIBYTE), *b = record_keeping("b", 3, MEBIBYTE);
    put(root, "golden/churn/any/earlier/0123456789abcdef/manifest.json", "{");
    put(root, "golden/churn/any/earlier/order", "nonsense\n\n0123456789abcdef\n");
    CLEANUP(golden_kept_list) struct golden_kept_list list = {0};
    ck_ok(golden_kept_list(&list, root, "churn", "any", &err), &err);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.unreadable.count, 1);
    ck_assert_ptr_nonnull(strstr(list.unreadable.items[0], "0123456789abcdef/manifest.json"));

    // A manifest in another one's folder would come back under a wrong name.
    CLEANUP(free)
    char *folder = golden_kept_folder(root, a, &err), *other = fs_join(root, "golden/churn/any/earlier/f");
    CLEANUP(free) char *wrong = str_printf("%s%s", other, "edcba9876543210");
    ck_assert_int_eq(rename(folder, wrong), 0);
    CLEANUP(golden_kept_list) struct golden_kept_list moved = {0};
    ck_ok(golden_kept_list(&moved, root, "churn", "any", &err), &err);
    ck_assert_uint_eq(moved.count, 0);
    ck_assert_uint_eq(moved.unreadable.count, 2);
    leave();
}
END_TEST

// ---- killed, and out of space

// A process with the sanitizers is slow to fork: there, one system call in seven is tried.
#ifdef __SANITIZE_ADDRESS__
enum { STRIDE = 7, BEFORE = 3 };
#else
enum { STRIDE = 1, BEFORE = 20 };
#endif

struct step {
    const struct manifest *from, *to; // NULL: `recorded` is saved
    struct manifest *recorded;
};

static int take(const struct step *step)
{
    struct error err = {0};
    bool changed = false;
    const struct golden_options options = {.bundle_limit = MEBIBYTE, .keep = 1};
    return step->from ? switch_to(step->from, step->to, &err)
                      : golden_save(root, run, step->recorded, &options, &changed, &err);
}

static bool take_and_kill_at(const struct step *step, int count)
{
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            _exit(77);
        raise(SIGSTOP);
        _exit(take(step) == 0 ? 0 : 1);
    }
    return kill_at(child, count);
}

// A golden is current; nothing that is kept is half there; and a baseline is its golden's.
static void assert_sound(const char *when, int count)
{
    struct error err = {0};
    CLEANUP(manifest) struct manifest *current = loaded();
    ck_assert_msg(current && golden_is_whole(root, current), "%s %d", when, count);
    CLEANUP(free) char *models = kept_models(), *path = NULL;
    ck_ok(golden_baseline_path(&path, root, current, &err), &err);
    ck_assert_msg(path != NULL, "%s %d: the baseline is lost", when, count);
}

START_TEST(killed_at_any_system_call_a_switch_is_before_or_after)
{
    enter();
    struct error err = {0};
    int before = 0, after = 0;
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 1, MEBIBYTE);
    give_baseline(a, "of a");
    CLEANUP(manifest) struct manifest *b = record_keeping("b", 1, MEBIBYTE);
    give_baseline(b, "of b");
    for (int count = 1;; count += STRIDE) {
        bool ended = take_and_kill_at(&(struct step){.from = b, .to = a}, count);
        assert_sound("switch", count);
        CLEANUP(manifest) struct manifest *now = loaded();
        bool switched = manifest_same(now, a);
        ck_assert(switched || manifest_same(now, b));
        before += !switched;
        after += switched;
        // And what follows finds nothing in its way.
        if (!switched)
            ck_ok(switch_to(b, a, &err), &err);
        assert_models("a", "b");
        ck_ok(switch_to(a, b, &err), &err);
        assert_models("b", "a");
        if (ended)
            break;
    }
    ck_assert(after > 0);
    ck_assert(before > BEFORE || before + after == 1);
    CLEANUP(free) char *names = names_in("golden/churn/any"), *earlier = names_in("golden/churn/any/earlier");
    ck_assert_ptr_null(strstr(names, ".tmp"));
    ck_assert_uint_eq(strlen(earlier), strlen("0123456789abcdef order"));
    leave();
}
END_TEST

START_TEST(killed_at_any_system_call_a_save_loses_nothing_that_is_kept)
{
    enter();
    int before = 0, after = 0;
    for (int count = 1;; count += STRIDE) {
        CLEANUP(manifest) struct manifest *a = record_keeping("a", 1, MEBIBYTE), *b = record_keeping("b", 1, MEBIBYTE);
        give_baseline(b, "of b");
        CLEANUP(manifest) struct manifest *c = recorded("c", "better");
        bool ended = take_and_kill_at(&(struct step){.recorded = c}, count);
        CLEANUP(manifest) struct manifest *now = loaded();
        CLEANUP(free) char *models = kept_models(), *model = golden_model();
        ck_assert(golden_is_whole(root, now));
        if (manifest_same(now, b)) {
            before++;
            assert_sound("save", count);
            ck_assert_str_eq(models, "a");
        } else {
            after++;
            ck_assert_str_eq(model, "c");
            ck_assert_int_eq(strncmp(models, "b", 1), 0);
        }
        if (ended)
            break;
    }
    ck_assert(after > 0);
    ck_assert(before > BEFORE || before + after == 1);
    leave();
}
END_TEST

START_TEST(out_of_space_a_switch_is_before_or_after)
{
    enter();
    struct error err = {0};
    int failed = 0;
    CLEANUP(manifest) struct manifest *a = record_keeping("a", 1, MEBIBYTE), *b = record_keeping("b", 1, MEBIBYTE);
    give_baseline(b, "of b");
    CLEANUP(free) char *expected = names_in("golden/churn/any/earlier");
    for (rlim_t limit = 0; limit < 1 << 16; limit += 37) {
        pid_t child = fork();
        if (child == 0) {
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &(struct rlimit){limit, limit});
            _exit(take(&(struct step){.from = b, .to = a}) == 0 ? 0 : 1);
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        bool done = WEXITSTATUS(status) == 0;
        assert_models(done ? "a" : "b", done ? "b" : "a");
        if (done)
            break;
        failed++;
        CLEANUP(free) char *names = names_in("golden/churn/any/earlier");
        ck_assert_str_eq(names, expected);
    }
    ck_assert_int_gt(failed, 3);
    ck_ok(switch_to(a, b, &err), &err);
    leave();
}
END_TEST

UNIT_MAIN("golden_kept", the_newest_goldens_are_kept_and_the_oldest_forgotten, what_is_kept_is_no_class_and_no_golden,
          a_golden_that_was_kept_comes_back_and_the_other_can_come_back_too,
          what_is_not_current_or_not_kept_is_not_switched, goldens_of_one_bundle_do_not_share_a_place,
          a_golden_without_a_sound_bundle_is_not_kept_and_does_not_come_back,
          a_bundle_in_the_store_stays_while_a_kept_golden_points_at_it,
          what_cannot_be_read_is_told_and_keeps_the_others, killed_at_any_system_call_a_switch_is_before_or_after,
          killed_at_any_system_call_a_save_loses_nothing_that_is_kept, out_of_space_a_switch_is_before_or_after)
