// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: measures are what scikit-learn says they are, and their intervals hold the truth as often as they claim.
#include "unit.h"

#include "base/mem.h"
#include "base/rng.h"
#include "drift/quality.h"
#include "drift/special.h"

#include <math.h>
#include <stdbool.h>
#include <sys/wait.h>

#define MOST 1000

struct answers {
    double score[MOST], given[MOST], error[MOST];
    bool positive[MOST];
    size_t rows;
    uint64_t right;
};

static void take(struct answers *out, size_t i, double score, bool positive)
{
    out->score[i] = score;
    out->positive[i] = positive;
    out->given[i] = positive ? score : 1 - score;
    out->error[i] = score - positive;
    out->right += (score > 0.5) == positive;
}

static void check_case(struct answers *answers, FILE *peer)
{
    answers->right = 0;
    for (size_t i = 0; i < answers->rows; i++) {
        double score;
        int positive;
        ck_assert_int_eq(fscanf(peer, "%lf %d", &score, &positive), 2);
        take(answers, i, score, positive);
    }
    const size_t rows = answers->rows;
    const struct quality ours[] = {
        quality_accuracy(answers->right, rows), quality_auc(answers->score, answers->positive, rows),
        quality_log_loss(answers->given, rows), quality_rmse(answers->error, rows), quality_mae(answers->error, rows)};
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        char name[20];
        double expected;
        ck_assert_int_eq(fscanf(peer, "%19s %lf", name, &expected), 2);
        ck_assert_msg(fabs(ours[i].value - expected) < 1e-12, "%s: %.15g, sklearn %.15g", name, ours[i].value,
                      expected);
        ck_assert(ours[i].low < ours[i].value && ours[i].value < ours[i].high);
        ck_assert_uint_eq(ours[i].rows, rows);
    }
}

static int peer_status;

START_TEST(measures_are_what_sklearn_says)
{
    char command[5000];
    snprintf(command, sizeof command, "/usr/bin/python3 '%s/drift/sklearn_quality.py'", getenv("FIXTURES"));
    FILE *peer = popen(command, "r");
    ck_assert_ptr_nonnull(peer);
    CLEANUP(free) struct answers *answers = mem_alloc(sizeof *answers);
    size_t cases = 0;
    for (; fscanf(peer, "%zu", &answers->rows) == 1; cases++) {
        ck_assert_uint_le(answers->rows, MOST);
        check_case(answers, peer);
    }
    int status = pclose(peer);
    ck_assert(WIFEXITED(status));
    peer_status = WEXITSTATUS(status);
    ck_assert(peer_status == 77 || (peer_status == 0 && cases == 3));
}
END_TEST

START_TEST(intervals_hold_the_truth_as_often_as_they_say)
{
    enum { LOOKS = 400, ROWS = 300 };
    // Scores are p itself for what comes with probability p, uniform: calibrated, accuracy ¾, AUC 5/6, MAE ⅓, …
    static const double truth[] = {0.75, 5.0 / 6, 0.5, 0.408248290463863, 1.0 / 3, 0};
    CLEANUP(free) struct answers *answers = mem_alloc(sizeof *answers);
    size_t held[6] = {0};
    struct rng rng;
    rng_seed(&rng, 1);
    for (int look = 0; look < LOOKS; look++) {
        answers->right = 0;
        for (size_t i = 0; i < ROWS; i++) {
            double p = rng_unit(&rng);
            take(answers, i, p, rng_unit(&rng) < p);
        }
        const struct quality ours[] = {
            quality_accuracy(answers->right, ROWS), quality_auc(answers->score, answers->positive, ROWS),
            quality_log_loss(answers->given, ROWS), quality_rmse(answers->error, ROWS),
            quality_mae(answers->error, ROWS),      quality_calibration(answers->score, answers->positive, ROWS)};
        for (size_t i = 0; i < 6; i++)
            held[i] += ours[i].low <= truth[i] && truth[i] <= ours[i].high;
    }
    for (size_t i = 0; i < 6; i++) // 380 expected, ± 4.4; ECE is biased upwards, its interval covers rather more
        ck_assert_msg(held[i] >= 362, "measure %zu: %zu of %d", i, held[i], LOOKS);
}
END_TEST

START_TEST(scores_that_are_off_have_a_calibration_error_of_as_much)
{
    static double probability[MOST];
    static bool came[MOST];
    for (size_t i = 0; i < MOST; i++) {
        probability[i] = 0.8;
        came[i] = i % 2;
    }
    struct quality quality = quality_calibration(probability, came, MOST);
    ck_assert(fabs(quality.value - 0.3) < 1e-12);
    ck_assert(quality.low > 0.25 && quality.low < 0.3 && quality.high > 0.3 && quality.high < 0.35);
    probability[7] = 1.5;
    ck_assert(isnan(quality_calibration(probability, came, MOST).value));
}
END_TEST

START_TEST(what_cannot_be_said_is_not_a_number)
{
    bool one_class[] = {true, true}, both[] = {true, false};
    double scores[] = {0.1, 0.2}, apart[] = {0.9, 0.2};
    ck_assert(isnan(quality_accuracy(0, 0).value));
    ck_assert(isnan(quality_mean(scores, 0).value));
    ck_assert(isnan(quality_rmse(scores, 0).low));
    ck_assert(isnan(quality_auc(scores, one_class, 2).value));
    ck_assert(isnan(quality_auc((double[]){NAN, 1}, both, 2).value));
    struct quality sure = quality_auc(apart, both, 2);
    ck_assert(sure.value == 1 && sure.low < 0.2 && sure.high == 1); // two rows prove nothing
    ck_assert(isnan(quality_mean(scores, 1).low));
}
END_TEST

int main(void)
{
    // The skip is told where the test program ends, which a fork would hide.
    setenv("CK_FORK", "no", 1);
    const TTest *const tests[] = {measures_are_what_sklearn_says, intervals_hold_the_truth_as_often_as_they_say,
                                  scores_that_are_off_have_a_calibration_error_of_as_much,
                                  what_cannot_be_said_is_not_a_number};
    int failed = unit_run("quality", tests, ARRAY_LEN(tests));
    return failed == EXIT_SUCCESS && peer_status == 77 ? 77 : failed;
}
