// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "base/buf.h"

#include "run/class.h"
#include "run/knobs.h"

START_TEST(the_parts_of_a_class_are_told_apart)
{
    static const struct {
        const char *name, *arch, *isa, *vendor, *packages;
    } cases[] = {
        {"x86_64-avx2", "x86_64", "avx2", "", ""},
        {"x86_64-avx512-intel", "x86_64", "avx512", "intel", ""},
        {"aarch64-neon+numpy-1.24.2", "aarch64", "neon", "", "numpy=1.24.2 "},
        {"x86_64-avx2+torch-1.13.0a0+gitunknown+numpy-1.24.2", "x86_64", "avx2", "",
         "numpy=1.24.2 torch=1.13.0a0+gitunknown "},
        {"x86_64-avx2-amd+scikit-learn-absent+torch-2.0.1+cu117", "x86_64", "avx2", "amd",
         "scikit-learn=absent torch=2.0.1+cu117 "},
        {"x86_64-avx2+mkl-2-service-2024.1", "x86_64", "avx2", "", "mkl-2-service=2024.1 "},
        {"any", "any", "", "", ""},
        {"", "", "", "", ""},
        {"+++", "", "", "", "+= "},
        {"a+b+c-", "a", "", "", "b+c-= "},
        {"---+-", "", "", "-", "-= "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(class) struct numerical_class parts = {0};
        CLEANUP(buf) struct buf packages = {0};
        class_parse(&parts, cases[i].name);
        for (size_t p = 0; p < parts.packages.count; p++)
            buf_printf(&packages, "%s=%s ", parts.packages.items[p].name, parts.packages.items[p].value);
        ck_assert_str_eq(parts.arch, cases[i].arch);
        ck_assert_str_eq(parts.isa, cases[i].isa);
        ck_assert_str_eq(parts.vendor, cases[i].vendor);
        ck_assert_str_eq(buf_text(&packages), cases[i].packages);
    }
}
END_TEST

START_TEST(the_nearest_class_has_the_same_machine_and_packages_first)
{
    // From near to far, of the first one.
    static const char *const rising[] = {
        "x86_64-avx2-intel+torch-2.0+numpy-1.24",   "x86_64-avx2+torch-2.0+numpy-1.24",
        "x86_64-avx512-intel+torch-2.0+numpy-1.24", "x86_64-avx512-amd+torch-2.0+numpy-1.24",
        "x86_64-base+torch-2.0+numpy-1.24",         "x86_64-avx2-intel+torch-2.1+numpy-1.24",
        "x86_64-avx2-intel+torch-2.1+numpy-1.26",   "x86_64-avx512-intel",
        "aarch64-neon+torch-2.0+numpy-1.24",        "any",
    };
    size_t count = sizeof rising / sizeof *rising;
    ck_assert_uint_eq(class_distance(rising[0], rising[0]), 0);
    for (size_t i = 1; i < count; i++) {
        ck_assert_msg(class_distance(rising[0], rising[i]) > class_distance(rising[0], rising[i - 1]), "%s", rising[i]);
        ck_assert_uint_eq(class_distance(rising[0], rising[i]), class_distance(rising[i], rising[0]));
    }
    ck_assert_uint_gt(class_distance("", "x86_64-avx2"), 0);
}
END_TEST

START_TEST(advice_names_what_would_make_two_classes_one)
{
    static const struct {
        const char *golden, *mine, *advice;
    } cases[] = {
        {"x86_64-avx2", "x86_64-avx2", ""},
        {"x86_64-avx512-intel", "x86_64-avx2-intel", "\"pin\": [\"isa:avx2\"] in suite.json would make them one"},
        {"x86_64-avx2", "x86_64-avx512", "\"pin\": [\"isa:avx2\"] in suite.json would make them one"},
        {"x86_64-v2-intel", "x86_64-avx512-intel", "\"pin\": [\"isa:default\"] in suite.json would make them one"},
        {"x86_64-default", "x86_64-avx2", "\"pin\": [\"isa:default\"] in suite.json would make them one"},
        {"x86_64-avx2-intel", "x86_64-avx2-amd",
         "\"pin\": [\"isa:avx2\"] in suite.json would make them one (with Intel's MKL: \"isa:default\")"},
        {"x86_64-avx2+torch-2.0", "x86_64-avx2+torch-2.1",
         "the same versions of packages are needed: torch 2.1 here, 2.0 there"},
        {"x86_64-avx2+torch-2.0", "x86_64-avx512+numpy-absent",
         "\"pin\": [\"isa:avx2\"] in suite.json would make them one, and the same versions of packages are needed: "
         "numpy absent here, not named there; torch not named here, 2.0 there"},
        {"aarch64-sve", "aarch64-neon", "no pin makes 'sve' and 'neon' compute alike: keep a golden of each"},
        {"x86_64-base", "x86_64-avx2", "no pin makes 'base' and 'avx2' compute alike: keep a golden of each"},
        {"x86_64-avx2", "aarch64-neon", "nothing makes 'x86_64' and 'aarch64' compute alike: keep a golden of each"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(free) char *advice = class_advice(cases[i].golden, cases[i].mine);
        ck_assert_str_eq(advice, cases[i].advice);
    }
}
END_TEST

START_TEST(the_pins_that_advice_names_are_there)
{
    static const char *const sets[] = {"base", "default", "v2", "avx2", "avx512", "neon", "sve", "unheard-of"};
    size_t count = sizeof sets / sizeof *sets, named = 0;
    for (size_t i = 0; i < count * count; i++) {
        const char *level = class_common_pin(sets[i / count], sets[i % count]);
        if (!level)
            continue;
        CLEANUP(strings) struct strings pins = {0};
        CLEANUP(pairs) struct pairs env = {0};
        struct error err = {0};
        strings_printf(&pins, "isa:%s", level);
        ck_ok(knobs_pin(&env, &pins, &err), &err);
        named++;
    }
    ck_assert_uint_eq(named, 16);
}
END_TEST

UNIT_MAIN("class", the_parts_of_a_class_are_told_apart, the_nearest_class_has_the_same_machine_and_packages_first,
          advice_names_what_would_make_two_classes_one, the_pins_that_advice_names_are_there)
