// SPDX-License-Identifier: Apache-2.0
//
// Differences in words.
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "compare/tensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR 40 // cells of the longest bar

// With an exponent of two digits at least, as C and Python print it: "2.4e-07".
static void print_short(char out[32], int digits, double value)
{
    number_print(out, digits, value);
    char *exponent = strchr(out, 'e');
    if (!exponent)
        return;
    exponent += exponent[1] == '-' ? 2 : 1;
    if (strlen(exponent) == 1) {
        exponent[2] = '\0';
        exponent[1] = exponent[0];
        exponent[0] = '0';
    }
}

static bool counts_steps(enum dtype dtype)
{
    return dtype_is_float(dtype) || dtype_is_complex(dtype);
}

char *tensor_describe_largest(const struct tensor_difference *difference, const struct tensor *tensor)
{
    char number[32];
    struct buf text = {0};
    if (difference->max_ulp == 0 || tensor->dtype == DTYPE_BLOCK)
        return buf_take(&text);
    CLEANUP(free) char *at = tensor_index_text(tensor, difference->max_ulp_at);
    number_group(number, difference->max_ulp);
    if (tensor->dtype == DTYPE_BOOL)
        buf_printf(&text, "first at %s", at);
    else if (!counts_steps(tensor->dtype))
        buf_printf(&text, "max difference %s at %s", number, at);
    else {
        buf_printf(&text, "max %s ULP", number);
        print_short(number, 2, difference->max_abs);
        if (difference->max_abs > 0)
            buf_printf(&text, " (%s)", number);
        buf_printf(&text, " at %s", at);
    }
    return buf_take(&text);
}

static void put_count(struct buf *text, uint64_t count, const char *what)
{
    char number[32];
    number_group(number, count);
    if (count)
        buf_printf(text, ", %s %s", number, what);
}

// What is equal as numbers and yet other bits.
static void put_bits(struct buf *text, const struct tensor_difference *d)
{
    char zeros[32], nans[32];
    uint64_t zero = d->bits_differ - d->nan_payload;
    number_group(zeros, zero);
    number_group(nans, d->nan_payload);
    buf_puts(text, "equal as numbers; ");
    if (zero)
        buf_printf(text, "%s element%s in the sign of zero", zeros, zero == 1 ? " differs" : "s differ");
    if (d->nan_payload)
        buf_printf(text, "%s%s%s in the payload of NaN", zero ? ", " : "", nans,
                   zero                  ? ""
                   : d->nan_payload == 1 ? " element differs"
                                         : " elements differ");
}

char *tensor_describe_count(const struct tensor_difference *difference, const struct tensor *tensor)
{
    char differing[32], count[32];
    bool blocks = tensor->dtype == DTYPE_BLOCK;
    struct buf text = {0};
    if (difference->differing == 0 && difference->bits_differ == 0) {
        buf_puts(&text, "equal");
        return buf_take(&text);
    }
    if (difference->differing == 0) {
        put_bits(&text, difference);
        return buf_take(&text);
    }
    number_group(differing, difference->differing);
    number_group(count, difference->count);
    buf_printf(&text, "%s of %s %s%s", differing, count, blocks ? "blocks " : "",
               difference->differing == 1 ? "differs" : "differ");
    if (blocks) {
        CLEANUP(free) char *at = tensor_index_text(tensor, difference->max_abs_at);
        buf_printf(&text, ", first at %s", at);
    }
    put_count(&text, difference->nan_appeared, "NaN appeared");
    put_count(&text, difference->nan_vanished, "NaN vanished");
    put_count(&text, difference->inf_appeared, "Inf appeared");
    put_count(&text, difference->inf_vanished, "Inf vanished");
    return buf_take(&text);
}

char *tensor_describe(const struct tensor_difference *difference, const struct tensor *tensor)
{
    CLEANUP(free) char *largest = tensor_describe_largest(difference, tensor);
    CLEANUP(free) char *count = tensor_describe_count(difference, tensor);
    return *largest ? str_printf("%s, %s", largest, count) : steal(&count);
}

// --- in the words of numpy and torch ---

// "(17, 402)"; "(3,)" of a vector; "()" of a scalar.
static void put_tuple(struct buf *text, const struct tensor *tensor, uint64_t element)
{
    CLEANUP(free) char *index = tensor_index_text(tensor, element);
    buf_putc(text, '(');
    for (const char *at = index; *at; at++) {
        if (*at == ',')
            buf_puts(text, ", ");
        else if (*at != '[' && *at != ']')
            buf_putc(text, *at);
    }
    buf_puts(text, tensor->rank == 1 ? ",)" : ")");
}

struct greatest {
    const char *word;
    double size, golden, now, allowed;
    uint64_t at;
};

static void put_greatest(struct buf *text, const struct tensor *tensor, const struct greatest *greatest)
{
    char number[32], golden[32], now[32];
    if (greatest->size <= 0)
        return;
    print_short(number, 6, greatest->size);
    buf_printf(text, "\nGreatest %s difference: %s at index ", greatest->word, number);
    put_tuple(text, tensor, greatest->at);
    if (greatest->allowed > 0) {
        print_short(number, 17, greatest->allowed);
        buf_printf(text, " (up to %s allowed)", number);
    }
    int digits = tensor->dtype == DTYPE_F64 || tensor->dtype == DTYPE_C128 ? 17 : 9;
    number_print(golden, counts_steps(tensor->dtype) ? digits : 17, greatest->golden);
    number_print(now, counts_steps(tensor->dtype) ? digits : 17, greatest->now);
    buf_printf(text, ": %s in golden, %s now", golden, now);
}

// "50.0%", rounded up, so that one of many is not 0.
static void print_percent(char out[32], uint64_t part, uint64_t whole)
{
    uint64_t tenths = whole ? (uint64_t)ceil((double)part / (double)whole * 1000) : 0;
    if (part < whole && tenths == 1000)
        tenths = 999;
    snprintf(out, 32, "%u.%u%%", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
}

char *tensor_detail(const struct tensor_difference *difference, const struct tensor *tensor,
                    const struct tensor_rule *rule)
{
    char number[32], share[32], count[32];
    struct buf text = {0};
    struct tensor_rule allowed = tensor_rule_for(rule, tensor->dtype);
    number_group(number, difference->differing);
    number_group(count, difference->count);
    print_percent(share, difference->differing, difference->count);
    buf_printf(&text, "Mismatched %s: %s / %s (%s)", tensor->dtype == DTYPE_BLOCK ? "blocks" : "elements", number,
               count, share);
    if (difference->outside != difference->differing) {
        number_group(number, difference->outside);
        buf_printf(&text, ", %s of them outside the tolerance", number);
    }
    put_greatest(&text, tensor,
                 &(struct greatest){"absolute", difference->max_abs, difference->golden_at, difference->new_at,
                                    allowed.abs, difference->max_abs_at});
    put_greatest(&text, tensor,
                 &(struct greatest){"relative", difference->max_rel, difference->golden_rel_at, difference->new_rel_at,
                                    allowed.rel, difference->max_rel_at});
    if (difference->max_ulp && counts_steps(tensor->dtype)) {
        number_group(number, difference->max_ulp);
        number_print(share, 3, difference->mean_ulp);
        buf_printf(&text, "\nGreatest distance: %s ULP, mean %s ULP", number, share);
    }
    if (!isnan(difference->cosine) && difference->differing) {
        number_print(number, 12, difference->cosine);
        buf_printf(&text, "\nCosine: %s", number);
    }
    if (difference->nan_appeared || difference->nan_vanished || difference->inf_appeared || difference->inf_vanished ||
        difference->differing == 0) {
        CLEANUP(free) char *words = tensor_describe_count(difference, tensor);
        buf_printf(&text, "\n%s", words);
    }
    return buf_take(&text);
}

// --- the histogram ---

static void print_label(char out[80], size_t bucket)
{
    if (bucket == TENSOR_HISTOGRAM - 1) {
        snprintf(out, 80, "no distance");
    } else if (bucket == 1) {
        snprintf(out, 80, "1 ULP");
    } else if (bucket <= 20) {
        char low[32], high[32];
        number_group(low, UINT64_C(1) << (bucket - 1));
        number_group(high, (UINT64_C(1) << bucket) - 1);
        snprintf(out, 80, "%s-%s ULP", low, high);
    } else {
        snprintf(out, 80, "2^%zu-2^%zu ULP", bucket - 1, bucket);
    }
}

static void put_bar(struct buf *text, uint64_t count, uint64_t largest)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t cells = (size_t)((double)count / (double)largest * BAR * 8);
    if (cells == 0)
        cells = 1;
    for (size_t i = 0; i < cells / 8; i++)
        buf_puts(text, "█");
    buf_puts(text, eighths[cells % 8]);
}

char *tensor_histogram_text(const struct tensor_difference *difference)
{
    uint64_t largest = 0;
    int width = 0;
    char label[80], number[32];
    for (size_t k = 1; k < TENSOR_HISTOGRAM; k++) {
        if (difference->histogram[k] == 0)
            continue;
        print_label(label, k);
        int len = (int)strlen(label);
        width = len > width ? len : width;
        largest = difference->histogram[k] > largest ? difference->histogram[k] : largest;
    }
    struct buf text = {0};
    for (size_t k = 1; k < TENSOR_HISTOGRAM; k++) {
        if (difference->histogram[k] == 0)
            continue;
        print_label(label, k);
        number_group(number, difference->histogram[k]);
        buf_printf(&text, "%s%-*s  ", text.len ? "\n" : "", width, label);
        put_bar(&text, difference->histogram[k], largest);
        buf_printf(&text, " %s", number);
    }
    return buf_take(&text);
}
