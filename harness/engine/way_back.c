// SPDX-License-Identifier: Apache-2.0
#include "engine/way_back.h"

#include "store/golden.h"

#include <string.h>

enum { LEAST_DIGITS = 4, MOST_DIGITS = 64 };

void way_back_free(struct way_back *way)
{
    free(way->class_name);
    manifest_free(way->current);
    golden_kept_list_free(&way->kept);
    *way = (struct way_back){0};
}

char *way_back_name(const struct digest *identity, const struct manifest *manifest)
{
    char hex[65];
    digest_hex(hex, identity);
    const char *reason = manifest->accepted.reason;
    CLEANUP(free) char *why = str_visible(reason ? reason : "no reason", strlen(reason ? reason : "no reason"));
    return str_printf("%.12s (%s)", hex, why);
}

static int choose_class(struct way_back *out, const char *root, const char *suite, const char *mine, struct error *err)
{
    CLEANUP(strings) struct strings classes = {0};
    if (golden_classes(&classes, root, suite, err) < 0)
        return -1;
    if (classes.count == 0)
        return error_set(err, ERROR_USAGE, "suite '%s' has no golden yet; make one with: repro record %s", suite,
                         suite);
    if (strings_has(&classes, mine) || classes.count == 1) {
        out->class_name = str_dup(strings_has(&classes, mine) ? mine : classes.items[0]);
        return 0;
    }
    CLEANUP(free) char *names = strings_join(&classes, ", ");
    return error_set(err, ERROR_USAGE,
                     "suite '%s' has goldens of other classes than this machine's, '%s': %s; go back on a machine of "
                     "the class that is meant",
                     suite, mine, names);
}

// ---- Which one is meant

static bool begins(const struct digest *digest, const char *digits)
{
    static const struct digest none;
    char hex[65];
    digest_hex(hex, digest);
    return !digest_equal(digest, &none) && str_starts(hex, digits);
}

static bool is_meant(const struct digest *identity, const struct manifest *manifest, const char *digits)
{
    bool meant = begins(identity, digits) || begins(&manifest->bundle.digest, digits);
    for (size_t i = 0; i < manifest->artifacts.count && !meant; i++)
        meant = begins(&manifest->artifacts.items[i].sha256, digits);
    return meant;
}

static char *list_kept(const struct way_back *way, const char *digits)
{
    CLEANUP(strings) struct strings names = {0};
    for (size_t i = 0; i < way->kept.count; i++) {
        const struct golden_kept *kept = &way->kept.items[i];
        if (!digits || is_meant(&kept->identity, kept->manifest, digits))
            strings_take(&names, way_back_name(&kept->identity, kept->manifest));
    }
    return names.count > 0 ? strings_join(&names, ", ") : str_dup("none");
}

static int read_digits(char out[MOST_DIGITS + 1], const char *to, struct error *err)
{
    size_t length = strlen(to);
    if (length < LEAST_DIGITS || length > MOST_DIGITS || strspn(to, "0123456789abcdefABCDEF") != length)
        return error_set(err, ERROR_USAGE,
                         "--to: expected %d to %d hexadecimal digits of a golden, its bundle or an artifact, found "
                         "'%s'",
                         LEAST_DIGITS, MOST_DIGITS, to);
    for (size_t i = 0; i <= length; i++)
        out[i] = (char)(to[i] >= 'A' && to[i] <= 'F' ? to[i] - 'A' + 'a' : to[i]);
    return 0;
}

static int choose(struct way_back *out, const char *to, struct error *err)
{
    char digits[MOST_DIGITS + 1];
    if (read_digits(digits, to, err) < 0)
        return -1;
    size_t found = 0;
    for (size_t i = 0; i < out->kept.count; i++) {
        if (is_meant(&out->kept.items[i].identity, out->kept.items[i].manifest, digits)) {
            out->to = &out->kept.items[i];
            found++;
        }
    }
    const struct manifest *current = out->current;
    out->arrived = found == 0 && is_meant(&out->identity, current, digits);
    if (found == 1 || out->arrived)
        return 0;
    CLEANUP(free) char *names = list_kept(out, found > 0 ? digits : NULL);
    if (found > 1)
        return error_set(err, ERROR_USAGE, "--to: '%s' is the beginning of more than one: %s", to, names);
    return error_set(err, ERROR_USAGE, "--to: golden %s/%s keeps no earlier one that begins with '%s'; it keeps: %s",
                     current->suite, current->class_name, to, names);
}

int way_back_find(struct way_back *out, const char *root, const char *suite, const char *mine, const char *to,
                  struct error *err)
{
    if (choose_class(out, root, suite, mine, err) < 0 ||
        golden_load(&out->current, root, suite, out->class_name, err) < 0)
        return -1;
    if (!out->current)
        return error_set(err, ERROR_USAGE, "golden %s/%s was removed meanwhile", suite, out->class_name);
    if (golden_identity(&out->identity, out->current, err) < 0 ||
        golden_kept_list(&out->kept, root, suite, out->class_name, err) < 0)
        return -1;
    if (to)
        return choose(out, to, err);
    out->to = out->kept.count > 0 ? &out->kept.items[0] : NULL;
    return 0;
}
