// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: where the formula is the same, drift/ and scipy say the same to 1e-9.
#include "unit.h"

#include "base/mem.h"
#include "drift/contingency.h"
#include "drift/special.h"
#include "drift/statistics.h"

#include <math.h>
#include <sys/wait.h>

#define PYTHON "/usr/bin/python3"

// The words of a line, as numbers.
struct words {
    double items[4000];
    size_t count;
};
struct list {
    const double *items;
    size_t count;
};

static struct list list_at(const struct words *words, size_t at)
{
    ck_assert_uint_lt(at, words->count);
    struct list list = {words->items + at + 1, (size_t)words->items[at]};
    ck_assert_uint_le(at + 1 + list.count, words->count);
    return list;
}

static double of_lists(const char *name, const struct words *words)
{
    struct list a = list_at(words, 0), b = list_at(words, a.count + 1);
    double p[200], q[200];
    if (strcmp(name, "ks") == 0)
        return statistics_ks(a.items, a.count, b.items, b.count);
    if (strcmp(name, "wasserstein") == 0)
        return statistics_wasserstein(a.items, a.count, b.items, b.count);
    if (strcmp(name, "js") == 0)
        return statistics_js(a.items, b.items, a.count);
    if (strcmp(name, "most") == 0)
        return statistics_most(a.items, b.items, a.count);
    if (strcmp(name, "chi2") == 0)
        return contingency_chi2(a.items, b.items, a.count).statistic;
    if (strcmp(name, "chi2_p") == 0)
        return contingency_chi2(a.items, b.items, a.count).p;
    ck_assert_str_eq(name, "psi");
    statistics_smooth(p, a.items, a.count);
    statistics_smooth(q, b.items, b.count);
    return statistics_psi(p, q, a.count);
}

static double answer(const char *name, const struct words *words)
{
    const double *x = words->items;
    uint64_t k[4] = {0};
    for (size_t i = 0; i < 4 && i < words->count; i++)
        k[i] = x[i] >= 0 ? (uint64_t)x[i] : 0;
    if (strcmp(name, "log_gamma") == 0)
        return special_log_gamma(x[0]);
    if (strcmp(name, "gamma_upper") == 0)
        return special_gamma_upper(x[0], x[1]);
    if (strcmp(name, "beta") == 0)
        return special_beta(x[0], x[1], x[2]);
    if (strcmp(name, "normal_quantile") == 0)
        return special_normal_quantile(x[0]);
    if (strcmp(name, "normal_upper") == 0)
        return special_normal_upper(x[0]);
    if (strcmp(name, "kolmogorov") == 0)
        return special_kolmogorov(x[0]);
    if (strcmp(name, "binomial") == 0)
        return special_binomial(x[0], x[1], x[2]);
    if (strcmp(name, "hypergeometric") == 0)
        return special_hypergeometric(x[0], x[1], x[2], x[3]);
    if (strcmp(name, "ks_exact") == 0)
        return statistics_ks_exact(x[0], k[1], k[2]);
    if (strcmp(name, "fisher") == 0)
        return contingency_fisher(k[0], k[1], k[2], k[3]);
    if (strcmp(name, "outside") == 0)
        return contingency_outside(k[0], k[1], k[2]);
    if (strcmp(name, "unseen") == 0)
        return contingency_unseen(k[0], k[1], &(struct contingency_unseen){.m = k[2], .singles = k[3]});
    return of_lists(name, words);
}

static int peer_status;

START_TEST(every_function_says_what_scipy_says)
{
    char command[5000], name[40];
    snprintf(command, sizeof command, PYTHON " '%s/drift/scipy_values.py'", getenv("FIXTURES"));
    FILE *peer = popen(command, "r");
    ck_assert_ptr_nonnull(peer);
    CLEANUP(free) struct words *words = mem_alloc(sizeof *words);
    size_t cases = 0;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, peer) > 0) {
        char *rest = NULL, *word = strtok_r(line, " \n", &rest);
        snprintf(name, sizeof name, "%s", word);
        double expected = strtod(strtok_r(NULL, " \n", &rest), NULL);
        for (words->count = 0; (word = strtok_r(NULL, " \n", &rest));) {
            ck_assert_uint_lt(words->count, 4000);
            words->items[words->count++] = strtod(word, NULL);
        }
        double got = answer(name, words);
        ck_assert_msg(fabs(got - expected) <= 1e-9 * fabs(expected) ||
                          fabs(got - expected) < (expected == 0 ? 1e-15 : 1e-200),
                      "%s(%g, %g, %g, …) is %.17g, scipy says %.17g", name, words->items[0], words->items[1],
                      words->items[2], got, expected);
        cases++;
    }
    free(line);
    int status = pclose(peer);
    ck_assert(WIFEXITED(status));
    peer_status = WEXITSTATUS(status);
    if (peer_status == 77)
        return;
    ck_assert_int_eq(peer_status, 0);
    ck_assert_uint_gt(cases, 400);
}
END_TEST

int main(void)
{
    // The skip is told where the test program ends, which a fork would hide.
    setenv("CK_FORK", "no", 1);
    const TTest *const tests[] = {every_function_says_what_scipy_says};
    int failed = unit_run("beside_scipy", tests, 1);
    return failed == EXIT_SUCCESS && peer_status == 77 ? 77 : failed;
}
