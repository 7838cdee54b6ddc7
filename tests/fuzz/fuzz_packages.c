// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// What installers and dpkg left on the machine: names and versions are plain words, or they are not taken.
#include "base/str.h"
#include "run/distributions.h"
#include "run/dpkg.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static void expect_word(const char *text)
{
    for (const char *at = text; at && *at; at++)
        expect(isalnum((unsigned char)*at) || strchr("+-.:~_!", *at));
    expect(!text || (*text && strlen(text) <= 128));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // A copy that ends where the data end, so that a byte too many is seen.
    CLEANUP(free) char *text = malloc(size ? size : 1);
    CLEANUP(free) char *name = NULL;
    CLEANUP(free) char *version = NULL;
    CLEANUP(strings) struct strings listed = {0}, packages = {0};
    CLEANUP(pairs) struct pairs versions = {0};
    memcpy(text, data, size);
    distributions_metadata(&name, &version, text, size);
    expect_word(name);
    expect_word(version);

    distributions_record(&listed, text, size);
    size_t total = 0;
    for (size_t i = 0; i < listed.count; i++)
        total += strlen(listed.items[i]);
    expect(total <= size);
    CLEANUP(free) char *plain = distributions_name(text, strnlen(text, size));
    CLEANUP(free) char *again = distributions_name(plain, strlen(plain));
    expect(str_equal(plain, again));

    strings_add(&packages, "libc6:amd64");
    strings_add(&packages, "coreutils");
    strings_add(&packages, "a");
    dpkg_versions(&versions, text, size, &packages);
    expect(versions.count <= packages.count);
    for (size_t i = 0; i < versions.count; i++) {
        expect(strings_has(&packages, versions.items[i].name));
        expect_word(versions.items[i].value);
    }
    return 0;
}
