// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// What the quick reader takes, the strict one must read alike, number for number, unless a key comes twice.
#include "base/str.h"
#include "compare/flat.h"
#include "compare/values.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

// False when the row is given up.
static bool read_quickly(struct value_list *out, struct strings *keys, const char *text, size_t len)
{
    struct flat row = {text, text + len, 0};
    struct flat_member member;
    enum flat_kind kind;
    while ((kind = flat_next(&member, &row)) == FLAT_NUMBER || kind == FLAT_OTHER) {
        strings_take(keys, str_ndup(member.key, member.key_len));
        if (kind == FLAT_NUMBER)
            values_add(out, str_ndup(member.key, member.key_len), member.number, 1);
    }
    return kind == FLAT_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // As the series reader has made sure of before.
    if (size == 0 || !str_is_utf8((const char *)data, size, NULL) || memchr(data, 0, size) || memchr(data, '\n', size))
        return 0;
    CLEANUP(free) char *text = malloc(size);
    memcpy(text, data, size);
    CLEANUP(value_list) struct value_list quick = {0}, strict = {0};
    CLEANUP(strings) struct strings keys = {0};
    if (!read_quickly(&quick, &keys, text, size))
        return 0;
    size_t count = keys.count;
    strings_sort(&keys);
    strings_unique(&keys);
    struct error err = {0};
    int status = values_parse_json(&strict, "x", text, size, 0, &err);
    error_free(&err);
    expect((status < 0) == (keys.count < count));
    for (size_t i = 0; status == 0 && i < quick.count; i++) {
        double a = quick.items[i].number, b = strict.items[i].number;
        expect(i < strict.count && !strcmp(quick.items[i].name, strict.items[i].name));
        expect(a == b || (isnan(a) && isnan(b)));
    }
    expect(status < 0 || quick.count == strict.count);
    return 0;
}
