// SPDX-License-Identifier: Apache-2.0
//
// From findings to rows.
#include "engine/diff.h"

#include "base/buf.h"
#include "base/number.h"
#include "core/content.h"

#include <math.h>
#include <string.h>

enum { FACT_DIGITS = 6 };

static void fill_measured(struct difference_row *row, const struct value_finding *finding)
{
    const struct tensor_difference *d = &finding->difference;
    row->measured = true;
    row->count = d->count;
    row->differing = d->differing;
    row->outside = d->outside;
    row->max_ulp = d->max_ulp;
    row->mean_ulp = d->mean_ulp;
    row->max_abs = d->max_abs;
    row->max_rel = d->max_rel;
    row->cosine = d->cosine;
    row->was_at = d->golden_at;
    row->is_at = d->new_at;
    row->nan_appeared = d->nan_appeared;
    row->nan_vanished = d->nan_vanished;
    row->inf_appeared = d->inf_appeared;
    row->inf_vanished = d->inf_vanished;
    row->histogram = tensor_histogram_text(d);
    if (finding->now->kind == VALUE_TENSOR && d->differing > 0) {
        row->max_ulp_at = tensor_index_text(&finding->now->tensor, d->max_ulp_at);
        row->max_abs_at = tensor_index_text(&finding->now->tensor, d->max_abs_at);
    }
}

static void add_row(struct difference *out, const struct value_finding *finding)
{
    static const char *const kinds[] = {[VALUE_NUMBER] = "number", [VALUE_TEXT] = "text", [VALUE_BYTES] = "bytes"};
    const struct value *value = finding->now ? finding->now : finding->golden;
    struct difference_row *row =
        difference_add(out, *finding->name ? finding->name : "(file)", value_change_name(finding->change));
    row->was = str_dup(finding->was);
    if (value->kind == VALUE_TENSOR) {
        const struct tensor *tensor = &value->tensor;
        row->dtype = str_dup(tensor->type_name ? tensor->type_name : dtype_name(tensor->dtype));
        row->shape = tensor_shape_text(tensor);
    }
    // The column before it says what became of it.
    bool alone = finding->change == VALUE_ADDED || finding->change == VALUE_REMOVED || finding->change == VALUE_RENAMED;
    if (!alone)
        row->text = value_describe(finding);
    else
        row->text = row->dtype ? str_printf("%s %s", row->dtype, row->shape) : str_dup(kinds[value->kind]);
    if (finding->measured)
        fill_measured(row, finding);
}

static void add_once(struct strings *out, const char *text)
{
    if (!strings_has(out, text))
        strings_add(out, text);
}

void diff_add_findings(struct difference *out, const struct contents_difference *found, const struct contents *a,
                       const struct contents *b)
{
    static const enum sameness verdicts[] = {[CONTENTS_EQUAL_BYTES] = SAME_BYTES,
                                             [CONTENTS_EQUAL] = SAME_CONTENT,
                                             [CONTENTS_WITHIN] = SAME_WITHIN,
                                             [CONTENTS_DIFFERENT] = DIFFERENT};
    size_t count = 0;
    CLEANUP(free) size_t *worst = contents_worst(&count, found);
    for (size_t i = 0; i < count; i++)
        add_row(out, &found->items[worst[i]]);
    out->values += found->count;
    if (verdicts[found->verdict] > out->sameness)
        out->sameness = verdicts[found->verdict];
    free(out->summary);
    out->summary = contents_describe(found);
    const struct contents *sides[] = {a, b};
    for (size_t s = 0; s < ARRAY_LEN(sides); s++) {
        for (size_t i = 0; i < sides[s]->left_out.count; i++)
            add_once(&out->left_out, sides[s]->left_out.items[i]);
        if (sides[s]->note)
            add_once(&out->notes, sides[s]->note);
    }
}

// ---- without the bytes

static char *shape_text(const struct tensor_facts *facts)
{
    struct buf text = {0};
    buf_putc(&text, '[');
    for (size_t i = 0; i < facts->rank; i++)
        buf_printf(&text, "%s%llu", i > 0 ? "," : "", (unsigned long long)facts->shape[i]);
    buf_putc(&text, ']');
    return buf_take(&text);
}

static bool same_shape(const struct tensor_facts *a, const struct tensor_facts *b)
{
    return a->rank == b->rank && (a->rank == 0 || memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0);
}

static void put_move(struct buf *out, const char *what, double was, double is)
{
    char from[32], to[32];
    if (was == is || (isnan(was) && isnan(is)))
        return;
    number_print(from, FACT_DIGITS, was);
    number_print(to, FACT_DIGITS, is);
    if (strcmp(from, to) == 0) { // the move is smaller than what is shown
        str_double(from, was);
        str_double(to, is);
    }
    buf_printf(out, "%s%s %s → %s", out->len > 0 ? ", " : "", what, from, to);
}

static char *describe_facts(const struct tensor_facts *was, const struct tensor_facts *is)
{
    CLEANUP(buf) struct buf moves = {0};
    CLEANUP(free) char *shape = shape_text(is);
    put_move(&moves, "mean", was->mean, is->mean);
    put_move(&moves, "L2", was->l2, is->l2);
    put_move(&moves, "min", was->min, is->min);
    put_move(&moves, "max", was->max, is->max);
    put_move(&moves, "NaN", (double)was->nan, (double)is->nan);
    return str_printf("%s %s  %s", is->dtype, shape,
                      moves.len > 0 ? moves.data : "other bits, the same range and norm");
}

static void add_fact(struct difference *out, const char *prefix, const char *change, const struct tensor_facts *facts,
                     char *text)
{
    CLEANUP(free) char *name = str_printf("%s%s", prefix, facts->name);
    struct difference_row *row = difference_add(out, name, change);
    row->dtype = str_dup(facts->dtype);
    row->shape = shape_text(facts);
    row->text = text ? text : str_printf("%s %s", row->dtype, row->shape);
}

static void compare_facts(struct difference *out, const char *prefix, const struct tensor_facts *was,
                          const struct tensor_facts *is)
{
    if (!str_equal(was->dtype, is->dtype))
        add_fact(out, prefix, "retyped", is, str_printf("%s → %s", was->dtype, is->dtype));
    else if (!same_shape(was, is))
        add_fact(out, prefix, "reshaped", is, NULL);
    else if (!digest_equal(&was->sha256, &is->sha256))
        add_fact(out, prefix, "differs", is, describe_facts(was, is));
}

// What moved has no row of its own.
static void add_others(struct difference *out, const char *prefix, const char *text)
{
    CLEANUP(free) char *name = *prefix ? str_ndup(prefix, strlen(prefix) - 1) : str_dup("(file)");
    difference_add(out, name, "differs")->text = str_dup(text);
    out->values++;
}

void diff_add_facts(struct difference *out, const char *prefix, const struct content *a, const struct content *b)
{
    bool same = digest_equal(&a->sha256, &b->sha256);
    size_t i = 0, j = 0, before = out->count;
    // Of many small tensors, a manifest keeps the digest of all.
    if (a->count == 0 || b->count == 0)
        i = a->count, j = b->count;
    while (i < a->count || j < b->count) {
        const struct tensor_facts *was = i < a->count ? &a->tensors[i] : NULL;
        const struct tensor_facts *is = j < b->count ? &b->tensors[j] : NULL;
        int order = !was ? 1 : !is ? -1 : strcmp(was->name, is->name);
        if (order < 0)
            add_fact(out, prefix, "removed", was, NULL);
        else if (order > 0)
            add_fact(out, prefix, "added", is, NULL);
        else
            compare_facts(out, prefix, was, is);
        i += order <= 0;
        j += order >= 0;
        out->values++;
    }
    if (i > 0 && out->count == before && !same)
        add_others(out, prefix, "values that are no tensors moved; the manifest keeps their digest only");
    else if (out->count == before && !same)
        add_others(out, prefix, "other values; the manifest keeps the digest of all of them only");
    enum sameness sameness = out->count > before ? DIFFERENT : SAME_CONTENT;
    if (sameness > out->sameness)
        out->sameness = sameness;
}
