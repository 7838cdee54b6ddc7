// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// The file's name, the name of x (empty: none), golden's text, the new text; a byte 0x1e ends each. A series must equal
// itself, and a comparison must say the same about the numbers of points from both sides.
#include "base/str.h"
#include "compare/series.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

// A copy of the next part, NUL-terminated.
static char *part(const uint8_t **at, const uint8_t *end, size_t *len)
{
    const uint8_t *stop = *at < end ? memchr(*at, 0x1e, (size_t)(end - *at)) : NULL;
    stop = stop ? stop : end;
    *len = (size_t)(stop - *at);
    char *text = str_ndup((const char *)*at, *len);
    *at = stop + (stop < end);
    return text;
}

static void compare(const struct series *golden, const struct series *now, bool same)
{
    const struct series_rule rule = {.tolerance = {.abs = 0.5, .rel = 0.01, .better = BETTER_LOWER}};
    struct series_finding finding, reverse;
    series_compare(&finding, golden, now, &rule);
    series_compare(&reverse, now, golden, &rule);
    expect(finding.points == reverse.points && finding.exact == reverse.exact);
    expect(finding.differing <= finding.points && finding.text && (finding.equal || finding.column));
    expect(!same || (finding.equal && finding.exact));
    series_finding_free(&finding);
    series_finding_free(&reverse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size;
    size_t len, golden_len, now_len;
    CLEANUP(free) char *name = part(&at, end, &len);
    CLEANUP(free) char *x = part(&at, end, &len);
    CLEANUP(free) char *golden_text = part(&at, end, &golden_len);
    CLEANUP(free) char *now_text = part(&at, end, &now_len);
    struct error err = {0};
    struct series golden, now;
    bool has_golden = series_parse(&golden, name, golden_text, golden_len, *x ? x : NULL, &err) == 0;
    bool has_now = series_parse(&now, name, now_text, now_len, *x ? x : NULL, &err) == 0;
    expect((has_golden && has_now) || err.kind == ERROR_USAGE);
    if (has_golden)
        compare(&golden, &golden, true);
    if (has_golden && has_now)
        compare(&golden, &now, false);
    series_free(&golden);
    series_free(&now);
    error_free(&err);
    return 0;
}
