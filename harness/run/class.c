// SPDX-License-Identifier: Apache-2.0
#include "run/class.h"

#include "base/buf.h"

#include <ctype.h>
#include <string.h>

// One family's instruction sets in rising order, each with the pin that lowers a newer machine to it.
static const struct {
    const char *isa, *pin;
    unsigned family, step;
} steps[] = {
    {"base", NULL, 1, 0},       {"default", "default", 1, 1}, {"v2", "default", 1, 1}, {"avx2", "avx2", 1, 2},
    {"avx512", "avx512", 1, 3}, {"neon", NULL, 2, 0},         {"sve", NULL, 2, 1},
};

static size_t find_step(const char *isa)
{
    size_t i = 0;
    while (i < ARRAY_LEN(steps) && !str_equal(steps[i].isa, isa))
        i++;
    return i;
}

const char *class_common_pin(const char *isa, const char *other)
{
    size_t a = find_step(isa), b = find_step(other);
    if (a == ARRAY_LEN(steps) || b == ARRAY_LEN(steps) || steps[a].family != steps[b].family)
        return NULL;
    return steps[steps[a].step < steps[b].step ? a : b].pin;
}

// Where the version of "NAME-VERSION" begins; NULL for what is no such thing.
static const char *version_of(const char *text, size_t len)
{
    static const char absent[] = "-absent";
    const char *found = NULL;
    if (len > strlen(absent) && memcmp(text + len - strlen(absent), absent, strlen(absent)) == 0)
        return text + len - strlen(absent) + 1;
    for (size_t i = 1; i + 1 < len; i++)
        if (text[i] == '-' && isdigit((unsigned char)text[i + 1]))
            found = text + i + 1;
    return found;
}

static void parse_packages(struct pairs *out, const char *text)
{
    CLEANUP(strings) struct strings parts = {0};
    while (*text) {
        size_t len = strcspn(text, "+");
        if (version_of(text, len) || parts.count == 0) {
            strings_take(&parts, str_ndup(text, len));
        } else { // the rest of a version
            char *last = parts.items[--parts.count];
            strings_printf(&parts, "%s+%.*s", last, (int)len, text);
            free(last);
        }
        text += len + (text[len] == '+');
    }
    for (size_t i = 0; i < parts.count; i++) {
        const char *part = parts.items[i], *version = version_of(part, strcspn(part, "+"));
        size_t len = version ? (size_t)(version - part) - 1 : strlen(part);
        CLEANUP(free) char *name = str_ndup(part, len);
        pairs_set(out, name, version ? version : "");
    }
    pairs_sort(out);
}

void class_parse(struct numerical_class *out, const char *name)
{
    size_t arch = strcspn(name, "-+");
    const char *isa = name + arch + (name[arch] == '-');
    size_t isa_len = strcspn(isa, "-+");
    const char *vendor = isa + isa_len + (isa[isa_len] == '-');
    size_t vendor_len = strcspn(vendor, "+");
    *out = (struct numerical_class){
        .arch = str_ndup(name, arch), .isa = str_ndup(isa, isa_len), .vendor = str_ndup(vendor, vendor_len)};
    if (vendor[vendor_len] == '+')
        parse_packages(&out->packages, vendor + vendor_len + 1);
}

void class_free(struct numerical_class *parts)
{
    free(parts->arch);
    free(parts->isa);
    free(parts->vendor);
    pairs_free(&parts->packages);
    *parts = (struct numerical_class){0};
}

// Packages that only one has, or that are of another version. `out` (may be NULL) gets "torch 1.13 here, 2.0 there".
static size_t different_packages(struct strings *out, const struct pairs *here, const struct pairs *there)
{
    size_t different = 0;
    for (int side = 0; side < 2; side++) {
        const struct pairs *list = side == 0 ? here : there, *other = side == 0 ? there : here;
        for (size_t i = 0; i < list->count; i++) {
            const char *name = list->items[i].name, *value = list->items[i].value, *against = pairs_get(other, name);
            if (str_equal(value, against) || (side == 1 && against))
                continue; // the second round is for those that only the other side has
            different++;
            const char *mine = side == 0 ? value : "not named", *its = side == 0 ? against : value;
            if (out)
                strings_printf(out, "%s %s here, %s there", name, mine, its ? its : "not named");
        }
    }
    return different;
}

static unsigned steps_between(const char *a, const char *b)
{
    size_t from = find_step(a), to = find_step(b);
    if (str_equal(a, b))
        return 0;
    if (from == ARRAY_LEN(steps) || to == ARRAY_LEN(steps) || steps[from].family != steps[to].family)
        return 9;
    unsigned high = steps[from].step, low = steps[to].step;
    return high > low ? high - low : low - high;
}

unsigned class_distance(const char *a, const char *b)
{
    enum { VENDOR = 1, STEP = 2, PACKAGE = 20, ARCH = 2000, PACKAGES_AT_MOST = 99 };
    CLEANUP(class) struct numerical_class left = {0};
    CLEANUP(class) struct numerical_class right = {0};
    class_parse(&left, a);
    class_parse(&right, b);
    size_t packages = different_packages(NULL, &left.packages, &right.packages);
    return (str_equal(left.arch, right.arch) ? 0 : ARCH) +
           PACKAGE * (unsigned)(packages < PACKAGES_AT_MOST ? packages : PACKAGES_AT_MOST) +
           STEP * steps_between(left.isa, right.isa) + (str_equal(left.vendor, right.vendor) ? 0 : VENDOR);
}

static void advise_isa(struct buf *out, const struct numerical_class *golden, const struct numerical_class *mine)
{
    if (str_equal(golden->isa, mine->isa) && str_equal(golden->vendor, mine->vendor))
        return;
    const char *pin = class_common_pin(golden->isa, mine->isa);
    if (!pin) {
        buf_printf(out, "no pin makes '%s' and '%s' compute alike: keep a golden of each", golden->isa, mine->isa);
        return;
    }
    buf_printf(out, "\"pin\": [\"isa:%s\"] in suite.json would make them one", pin);
    // MKL takes the other branches on Intel's processors only (see facts_class).
    if (!str_equal(golden->vendor, mine->vendor) && *golden->vendor && *mine->vendor && !str_equal(pin, "default"))
        buf_puts(out, " (with Intel's MKL: \"isa:default\")");
}

char *class_advice(const char *golden, const char *mine)
{
    CLEANUP(class) struct numerical_class there = {0};
    CLEANUP(class) struct numerical_class here = {0};
    CLEANUP(strings) struct strings packages = {0};
    struct buf out = {0};
    if (str_equal(golden, mine))
        return str_dup("");
    class_parse(&there, golden);
    class_parse(&here, mine);
    if (!str_equal(there.arch, here.arch)) {
        buf_printf(&out, "nothing makes '%s' and '%s' compute alike: keep a golden of each", there.arch, here.arch);
        return buf_take(&out);
    }
    advise_isa(&out, &there, &here);
    if (different_packages(&packages, &here.packages, &there.packages) > 0) {
        CLEANUP(free) char *list = strings_join(&packages, "; ");
        buf_printf(&out, "%sthe same versions of packages are needed: %s", out.len > 0 ? ", and " : "", list);
    }
    return buf_take(&out);
}
