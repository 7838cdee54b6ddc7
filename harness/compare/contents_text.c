// SPDX-License-Identifier: Apache-2.0
//
// What became of the values, in words.
#include "base/buf.h"
#include "base/number.h"
#include "base/str.h"
#include "compare/contents.h"

#include <math.h>
#include <string.h>

#define EXCERPT 60 // bytes of a line of text that are shown

// --- one finding ---

static void put_type(struct buf *text, const struct value *value)
{
    static const char *const kinds[] = {[VALUE_NUMBER] = "number", [VALUE_TEXT] = "text", [VALUE_BYTES] = "bytes"};
    if (value->kind != VALUE_TENSOR) {
        buf_puts(text, kinds[value->kind]);
        return;
    }
    const struct tensor *tensor = &value->tensor;
    CLEANUP(free) char *shape = tensor_shape_text(tensor);
    buf_printf(text, "%s %s", tensor->type_name ? tensor->type_name : dtype_name(tensor->dtype), shape);
}

// The line that begins at `start`, or its part around `at` where that is far from its beginning.
static void put_excerpt(struct buf *text, const struct value *value, uint64_t start, uint64_t at)
{
    bool cut = at - start > EXCERPT / 2;
    if (cut)
        start = at - EXCERPT / 3;
    // Not in the middle of a character.
    while (cut && start < at && (value->bytes[start] & 0xc0) == 0x80)
        start++;
    uint64_t left = value->size - start;
    const unsigned char *from = left ? value->bytes + start : (const unsigned char *)"";
    const unsigned char *end = memchr(from, '\n', left);
    size_t len = end ? (size_t)(end - from) : (size_t)left, shown = len < EXCERPT ? len : EXCERPT;
    while (shown > 0 && shown < len && (from[shown] & 0xc0) == 0x80)
        shown--;
    buf_puts(text, cut ? "'…" : "'");
    buf_visible(text, (const char *)from, shown, "");
    buf_puts(text, shown < len ? "…'" : "'");
}

// "line 3: 'is', was 'before'".
static void put_text_difference(struct buf *text, const struct value *golden, const struct value *now)
{
    char number[32];
    uint64_t least = golden->size < now->size ? golden->size : now->size, at = 0, start = 0, lines = 1;
    while (at < least && golden->bytes[at] == now->bytes[at]) {
        if (golden->bytes[at++] == '\n') {
            start = at;
            lines++;
        }
    }
    number_group(number, lines);
    buf_printf(text, "line %s: ", number);
    bool line_ends = at == least && at < golden->size + now->size - least &&
                     (golden->size > now->size ? golden : now)->bytes[at] == '\n';
    if (line_ends || (at == least && at == start)) {
        buf_printf(text, "%s here, the other %s", now->size < golden->size ? "ends" : "goes on",
                   now->size < golden->size ? "went on" : "ended");
        return;
    }
    put_excerpt(text, now, start, at);
    buf_puts(text, ", was ");
    put_excerpt(text, golden, start, at);
}

static void put_bytes_difference(struct buf *text, const struct value *golden, const struct value *now)
{
    char a[32], b[32];
    uint64_t least = golden->size < now->size ? golden->size : now->size, at = 0;
    while (at < least && golden->bytes[at] == now->bytes[at])
        at++;
    number_group(a, golden->size);
    number_group(b, now->size);
    if (golden->size != now->size)
        buf_printf(text, "%s bytes, was %s; ", b, a);
    number_group(a, at);
    buf_printf(text, "first differs at offset %s", a);
}

// "0.25, was 0.5 (1 ULP)".
static void put_number_difference(struct buf *text, const struct value_finding *finding)
{
    char was[32], is[32], ulp[32];
    str_double(was, finding->golden->number);
    str_double(is, finding->now->number);
    buf_printf(text, "%s, was %s", is, was);
    number_group(ulp, finding->difference.max_ulp);
    if (finding->difference.max_ulp && finding->difference.max_ulp < 1000000)
        buf_printf(text, " (%s ULP)", ulp);
}

static void put_tensor_difference(struct buf *text, const struct value_finding *finding)
{
    CLEANUP(free) char *largest = tensor_describe_largest(&finding->difference, &finding->now->tensor);
    CLEANUP(free) char *count = tensor_describe_count(&finding->difference, &finding->now->tensor);
    buf_printf(text, "%s%s%s", largest, *largest ? "  " : "", count);
}

static void put_difference(struct buf *text, const struct value_finding *finding)
{
    buf_puts(text, "  ");
    switch (finding->now->kind) {
    case VALUE_TENSOR:
        put_tensor_difference(text, finding);
        break;
    case VALUE_NUMBER:
        put_number_difference(text, finding);
        break;
    case VALUE_TEXT:
        put_text_difference(text, finding->golden, finding->now);
        break;
    case VALUE_BYTES:
        put_bytes_difference(text, finding->golden, finding->now);
        break;
    }
    if (finding->change == VALUE_WITHIN && finding->difference.differing)
        buf_puts(text, ", within tolerance");
}

// Of two types, distance is not counted in steps of either.
static void put_converted(struct buf *text, const struct value_finding *finding)
{
    char number[32];
    const struct tensor_difference *d = &finding->difference;
    if (d->differing == 0) {
        buf_puts(text, "  equal as numbers");
        return;
    }
    number_print(number, 3, d->max_abs);
    buf_printf(text, "  max difference %s", number);
    if (d->max_rel > 0) {
        number_print(number, 3, d->max_rel);
        buf_printf(text, ", relative %s", number);
    }
    if (finding->now->kind == VALUE_TENSOR) {
        CLEANUP(free) char *count = tensor_describe_count(d, &finding->now->tensor);
        buf_printf(text, "  %s", count);
    }
}

static void put_reshaped(struct buf *text, const struct value_finding *finding)
{
    if (!finding->measured)
        return;
    if (finding->difference.bits_differ == 0)
        buf_puts(text, "  the same elements");
    else {
        buf_puts(text, "  ");
        put_tensor_difference(text, finding);
    }
}

char *value_describe(const struct value_finding *finding)
{
    struct buf text = {0};
    switch (finding->change) {
    case VALUE_ADDED:
        put_type(&text, finding->now);
        buf_puts(&text, "  added");
        break;
    case VALUE_REMOVED:
        put_type(&text, finding->golden);
        buf_puts(&text, "  removed");
        break;
    case VALUE_RENAMED:
        put_type(&text, finding->now);
        buf_puts(&text, "  was ");
        buf_visible(&text, finding->was, strlen(finding->was), "");
        break;
    case VALUE_RETYPED:
    case VALUE_RESHAPED:
        put_type(&text, finding->golden);
        buf_puts(&text, " → ");
        put_type(&text, finding->now);
        if (finding->change == VALUE_RESHAPED)
            put_reshaped(&text, finding);
        else if (finding->measured)
            put_converted(&text, finding);
        break;
    case VALUE_SAME:
        put_type(&text, finding->now);
        buf_puts(&text, "  the same");
        break;
    case VALUE_WITHIN:
    case VALUE_DIFFERS:
        put_type(&text, finding->now);
        put_difference(&text, finding);
        break;
    }
    return buf_take(&text);
}

// --- all of them ---

static const char *noun_of(const struct contents_difference *difference)
{
    for (size_t i = 0; i < difference->count; i++) {
        const struct value_finding *finding = &difference->items[i];
        if ((finding->now ? finding->now : finding->golden)->kind != VALUE_TENSOR)
            return "value";
    }
    return "tensor";
}

// The finding that moved farthest, of those that have a distance.
static const struct value_finding *farthest(const struct contents_difference *difference)
{
    const struct value_finding *worst = NULL;
    for (size_t i = 0; i < difference->count; i++) {
        const struct value_finding *finding = &difference->items[i];
        if (finding->change != VALUE_DIFFERS && finding->change != VALUE_WITHIN)
            continue;
        if (finding->measured && finding->difference.max_ulp > 0 &&
            (!worst || finding->difference.max_ulp > worst->difference.max_ulp))
            worst = finding;
    }
    return worst;
}

// The first finding in which numbers became NaN: worse than any distance.
static const struct value_finding *with_new_nan(const struct contents_difference *difference)
{
    for (size_t i = 0; i < difference->count; i++) {
        const struct value_finding *finding = &difference->items[i];
        if (finding->measured && finding->difference.nan_appeared > 0)
            return finding;
    }
    return NULL;
}

static void put_farthest(struct buf *text, const struct contents_difference *difference)
{
    char number[32];
    const struct value_finding *worst = farthest(difference), *nan = with_new_nan(difference);
    if (nan) {
        buf_printf(text, ", NaN appeared%s", *nan->name ? " in " : "");
        buf_visible(text, nan->name, strlen(nan->name), "");
    }
    if (!worst)
        return;
    struct tensor scalar = {.dtype = DTYPE_F64, .count = 1};
    const struct tensor *tensor = worst->now->kind == VALUE_TENSOR ? &worst->now->tensor : &scalar;
    if (dtype_is_float(tensor->dtype) || dtype_is_complex(tensor->dtype)) {
        // "max 3 ULP (2.4e-07) at [17,402]" without the place.
        CLEANUP(free) char *largest = tensor_describe_largest(&worst->difference, tensor);
        const char *place = strstr(largest, " at [");
        buf_printf(text, ", at most %.*s", (int)(place - largest - 4), largest + 4);
    } else if (tensor->dtype != DTYPE_BOOL) {
        number_group(number, worst->difference.max_ulp);
        buf_printf(text, ", by at most %s", number);
    } else if (*worst->name) {
        buf_putc(text, ',');
    }
    if (*worst->name) // the one array of an .npy has none
        buf_puts(text, " in ");
    buf_visible(text, worst->name, strlen(worst->name), "");
}

static void put_more(struct buf *text, size_t count, const char *what)
{
    char number[32];
    number_group(number, count);
    if (count)
        buf_printf(text, "%s%s %s", text->len ? "; " : "", number, what);
}

char *contents_describe(const struct contents_difference *difference)
{
    char number[32], count[32];
    struct buf text = {0};
    const char *noun = noun_of(difference), *plural = difference->count == 1 ? "" : "s";
    const size_t *by = difference->by_change;
    number_group(count, difference->count);
    if (difference->verdict == CONTENTS_EQUAL || difference->verdict == CONTENTS_EQUAL_BYTES) {
        buf_printf(&text, "%s%s %s%s equal", difference->count > 1 ? "all " : "", count, noun, plural);
        return buf_take(&text);
    }
    number_group(number, by[VALUE_DIFFERS] ? by[VALUE_DIFFERS] : by[VALUE_WITHIN]);
    if (by[VALUE_DIFFERS])
        buf_printf(&text, "%s of %s %s%s differ%s", number, count, noun, plural, by[VALUE_DIFFERS] == 1 ? "s" : "");
    else if (by[VALUE_WITHIN])
        buf_printf(&text, "%s of %s %s%s differ%s within tolerance", number, count, noun, plural,
                   by[VALUE_WITHIN] == 1 ? "s" : "");
    put_farthest(&text, difference);
    if (by[VALUE_DIFFERS])
        put_more(&text, by[VALUE_WITHIN], "within tolerance");
    put_more(&text, by[VALUE_ADDED], "added");
    put_more(&text, by[VALUE_REMOVED], "removed");
    put_more(&text, by[VALUE_RETYPED], "retyped");
    put_more(&text, by[VALUE_RESHAPED], "reshaped");
    put_more(&text, by[VALUE_RENAMED], "renamed");
    return buf_take(&text);
}
