// SPDX-License-Identifier: Apache-2.0
#include "report/order.h"

#include "report/golive.h"

#include <string.h>

struct ranked {
    const struct check *check;
    size_t index;
};

static bool is_answer(const struct check *check)
{
    return check->stage == STAGE_READY;
}

static int by_suite_stage_index(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;
    int order = is_answer(one->check) - is_answer(other->check);
    if (order == 0)
        order = strcmp(one->check->suite, other->check->suite);
    if (order == 0)
        order = (one->check->stage > other->check->stage) - (one->check->stage < other->check->stage);
    return order ? order : (one->index > other->index) - (one->index < other->index);
}

static int by_suite_name(const void *a, const void *b)
{
    return strcmp((*(const struct suite_summary *const *)a)->name, (*(const struct suite_summary *const *)b)->name);
}

// One suite of the order: all checks from `from` to before `end` that have its name; NULL: whatever they are called.
static void gather(struct order *order, const char *name, const struct suite_summary *summary, size_t from, size_t end)
{
    struct order_suite *suite = &order->suites[order->suite_count++];
    *suite = (struct order_suite){
        .name = name ? name : GOLIVE, .summary = summary, .golive = !name, .from = from, .to = from};
    double seconds = 0;
    while (suite->to < end && (!name || !strcmp(order->checks[suite->to]->suite, name))) {
        const struct check *check = order->checks[suite->to++];
        suite->verdicts[check->verdict]++;
        seconds += check->seconds > 0 ? check->seconds : 0;
    }
    suite->seconds = summary ? summary->seconds : seconds;
}

void order_make(struct order *out, const struct result *result)
{
    size_t count = result->check_count;
    CLEANUP(free) struct ranked *ranked = mem_array(count + 1, sizeof *ranked);
    CLEANUP(free) const struct suite_summary **summaries = mem_array(result->suite_count + 1, sizeof(*summaries));
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){&result->checks[i], i};
    qsort(ranked, count, sizeof *ranked, by_suite_stage_index);
    for (size_t i = 0; i < result->suite_count; i++)
        summaries[i] = &result->suites[i];
    qsort(summaries, result->suite_count, sizeof(*summaries), by_suite_name);

    *out = (struct order){.count = count};
    out->checks = mem_array(count + 1, sizeof(*out->checks));
    for (size_t i = 0; i < count; i++)
        out->checks[i] = ranked[i].check;
    size_t answers = count;
    while (answers > 0 && is_answer(out->checks[answers - 1]))
        answers--;
    out->suites = mem_array(count + result->suite_count + 1, sizeof *out->suites);
    for (size_t at = 0, k = 0; at < answers || k < result->suite_count;) {
        int which = at == answers              ? 1
                    : k == result->suite_count ? -1
                                               : strcmp(out->checks[at]->suite, summaries[k]->name);
        gather(out, which <= 0 ? out->checks[at]->suite : summaries[k]->name, which >= 0 ? summaries[k] : NULL, at,
               answers);
        at = out->suites[out->suite_count - 1].to;
        k += which >= 0;
    }
    if (answers < count)
        gather(out, NULL, NULL, answers, count);
}

void order_free(struct order *order)
{
    free(order->checks);
    free(order->suites);
    *order = (struct order){0};
}

const char *order_suite_label(const char *name)
{
    return *name ? name : "repro";
}

char *order_check_label(const struct check *check)
{
    return str_printf("%s %s %s", order_suite_label(check->suite), stage_name(check->stage), check->name);
}
