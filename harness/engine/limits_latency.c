// SPDX-License-Identifier: Apache-2.0
//
// Latency at the declared rate, and the highest rate at which it holds.
#include "engine/latency_picture.h"
#include "engine/limit.h"
#include "engine/power_law.h"
#include "engine/serving.h"

#include <math.h>

enum {
    MOST_TRIALS = 16,
    DOUBLINGS = 3,
    HALVINGS = 4,
    BISECTIONS = 3,
};
#define CLOSE_ENOUGH    1.15 // between the highest rate that holds and the lowest that does not
#define VALUES_TO_BOUND 4.2  // z² of the interval
#define OWN_LATENESS    1e-3 // the generator itself cannot go faster

struct aim {
    const char *name, *what;
    double q, allowed;
};

struct latency {
    struct serving *serving;
    struct aim aims[3];
    size_t aim_count;
    double rate, patience; // declared; seconds after which a rate is given up in the search
    struct trial trials[MOST_TRIALS];
    size_t trial_count;
    double cpu[MOST_PARTS]; // seconds for one answer, of each run
    size_t cpu_count;
    double kept, broken; // the highest rate that holds, the lowest above it that does not; 0 and infinity: none known
};

static void latency_free(struct latency *latency)
{
    for (size_t i = 0; i < latency->trial_count; i++)
        trial_free(&latency->trials[i]);
}
DEFINE_CLEANUP_VALUE(latency)

static void latency_begin(struct latency *out, struct serving *serving)
{
    const struct limit_rules *rules = serving->rules;
    const struct aim aims[] = {{"predict.p50", "p50", 0.5, rules->p50},
                               {"predict.p99", "p99", 0.99, rules->p99},
                               {"predict.p99.9", "p99.9", 0.999, rules->p999}};
    *out = (struct latency){
        .serving = serving, .rate = rules->rate > 0 ? rules->rate : 100, .patience = 0.25, .broken = INFINITY};
    for (size_t i = 0; i < ARRAY_LEN(aims); i++) {
        if (aims[i].allowed <= 0)
            continue;
        out->aims[out->aim_count++] = aims[i];
        out->patience = fmax(out->patience, 10 * aims[i].allowed);
    }
}

static bool is_cut_short(const struct trial *trial)
{
    return trial->result.ended || trial->result.gave_up || trial->result.stopped;
}

// As far as one run shows.
static bool holds(const struct latency *latency, const struct trial *trial)
{
    for (size_t i = 0; i < latency->aim_count; i++)
        if (trial_quantile(trial, latency->aims[i].q).value > latency->aims[i].allowed)
            return false;
    return !is_cut_short(trial);
}

static struct limit limit_of(const struct aim *aim, const struct trial *trial)
{
    struct load_estimate estimate = trial_quantile(trial, aim->q);
    return (struct limit){.name = aim->name,
                          .what = aim->what,
                          .value = estimate.value,
                          .low = estimate.low,
                          .high = estimate.high,
                          .allowed = aim->allowed,
                          .show = limit_seconds};
}

// The worst of the aims: a rate is broken with one of them.
static enum limit_standing standing_of(const struct latency *latency, const struct trial *trial)
{
    enum limit_standing worst = is_cut_short(trial) ? LIMIT_BROKEN : LIMIT_KEPT;
    for (size_t i = 0; i < latency->aim_count; i++) {
        struct limit limit = limit_of(&latency->aims[i], trial);
        enum limit_standing standing = limit_standing(&limit);
        worst = standing > worst ? standing : worst;
    }
    return worst;
}

static struct trial *add_trial(struct latency *latency, double rate)
{
    struct trial *trial = &latency->trials[latency->trial_count++];
    *trial = (struct trial){.rate = rate};
    return trial;
}

static int run_part(struct latency *latency, struct trial *trial, double give_up, struct error *err)
{
    struct serving *serving = latency->serving;
    uint64_t due = trial->result.due;
    double before = serving->client ? client_cpu(serving->client) : -1;
    if (serving_run(serving, trial, give_up, err) < 0)
        return -1;
    double after = client_cpu(serving->client), asked = (double)(trial->result.due - due);
    if (trial == latency->trials && before >= 0 && after > before && asked > 0) {
        asked *= 1 + fmin(0.2, 0.2 / serving_part(serving)); // those that warm it cost, too
        latency->cpu[latency->cpu_count++] = (after - before) / asked;
    }
    return 0;
}

// Whether more runs can tell: as many values as bound a quantile from above come within the time.
static bool can_tell(const struct latency *latency, const struct trial *trial)
{
    double most = trial->rate * serving_part(latency->serving) * MOST_PARTS;
    for (size_t i = 0; i < latency->aim_count; i++) {
        const struct aim *aim = &latency->aims[i];
        struct limit limit = limit_of(aim, trial);
        if (limit_standing(&limit) == LIMIT_OPEN &&
            (limit.value > aim->allowed || VALUES_TO_BOUND * aim->q / (1 - aim->q) < most))
            return true;
    }
    return false;
}

// Runs until the limits are known to be kept or broken, or it has taken long enough.
static int measure(struct latency *latency, struct trial *trial, double give_up, struct error *err)
{
    do {
        if (run_part(latency, trial, give_up, err) < 0)
            return -1;
    } while (!is_cut_short(trial) && (trial->parts < PARTS || (trial->parts < MOST_PARTS && can_tell(latency, trial))));
    return 0;
}

// ---- The highest rate

static bool goes_on(const struct latency *latency)
{
    return latency->trial_count < MOST_TRIALS && !serving_stopped(latency->serving);
}

// One run at a rate. False when the search is to end.
static bool look_at(bool *held, struct latency *latency, double rate)
{
    CLEANUP(error) struct error err = {0};
    if (!goes_on(latency))
        return false;
    struct trial *trial = add_trial(latency, rate);
    if (run_part(latency, trial, latency->patience, &err) < 0)
        return false;
    *held = holds(latency, trial);
    // What the generator cannot send in time says nothing of the model.
    if (!*held && load_histogram_quantile(&trial->result.late, 0.5) > OWN_LATENESS)
        return false;
    if (*held && rate > latency->kept)
        latency->kept = rate;
    if (!*held && rate < latency->broken)
        latency->broken = rate;
    return true;
}

static void search(struct latency *latency, double from)
{
    bool held = true;
    double rate = from;
    for (int i = 0; i < DOUBLINGS && held && isinf(latency->broken); i++)
        if (!look_at(&held, latency, rate *= 2))
            return;
    for (int i = 0; i < HALVINGS && latency->kept == 0; i++)
        if (!look_at(&held, latency, latency->broken / 2))
            return;
    for (int i = 0; i < BISECTIONS && latency->kept > 0 && latency->broken > latency->kept * CLOSE_ENOUGH &&
                    isfinite(latency->broken);
         i++)
        if (!look_at(&held, latency, sqrt(latency->kept * latency->broken)))
            return;
}

static void note_trial(struct latency *latency, const struct trial *trial)
{
    if (standing_of(latency, trial) == LIMIT_BROKEN)
        latency->broken = fmin(latency->broken, trial->rate);
    else if (holds(latency, trial))
        latency->kept = fmax(latency->kept, trial->rate);
}

static int find_highest(struct latency *latency, struct limit *out, struct error *err)
{
    double wanted = latency->serving->rules->highest_rate;
    struct trial *trial = latency->trials;
    if (wanted != latency->rate) {
        trial = add_trial(latency, wanted);
        if (measure(latency, trial, latency->patience, err) < 0)
            return -1;
    }
    note_trial(latency, &latency->trials[0]);
    note_trial(latency, trial);
    enum limit_standing standing = standing_of(latency, trial);
    search(latency, wanted);
    *out = (struct limit){.name = "predict.highest_rate",
                          .what = "highest rate",
                          .value = latency->kept,
                          .low = latency->kept,
                          .high = latency->broken,
                          .allowed = wanted,
                          .at_least = true,
                          .show = limit_rate};
    // The runs at the wanted rate decide, not the short ones of the search.
    if (standing == LIMIT_BROKEN)
        out->high = fmin(out->high, nextafter(wanted, 0));
    else
        out->high = fmax(out->high, wanted);
    if (standing == LIMIT_KEPT)
        out->low = fmax(out->low, wanted);
    out->value = fmax(out->value, out->low);
    return 0;
}

// Only for the picture: what becomes of it beside the declared rate.
static void look_around(struct latency *latency)
{
    bool held = true;
    if (!look_at(&held, latency, latency->rate / 2))
        return;
    held = holds(latency, &latency->trials[0]);
    for (double rate = latency->rate * 2; held && rate <= latency->rate * 4; rate *= 2)
        if (!look_at(&held, latency, rate))
            return;
}

// ---- What was found

static int by_rate(const void *a, const void *b)
{
    const struct latency_point *x = a, *y = b;
    return (x->rate > y->rate) - (x->rate < y->rate);
}

static char *draw(const struct latency *latency)
{
    struct latency_point points[MOST_TRIALS];
    size_t count = 0;
    for (size_t i = 0; i < latency->trial_count; i++) {
        const struct trial *trial = &latency->trials[i];
        if (trial->result.due > 0)
            points[count++] = (struct latency_point){.rate = trial->rate,
                                                     .p50 = trial_quantile(trial, 0.5).value,
                                                     .p99 = trial_quantile(trial, 0.99).value,
                                                     .p999 = trial_quantile(trial, 0.999).value,
                                                     .over = !holds(latency, trial)};
    }
    qsort(points, count, sizeof *points, by_rate);
    const struct aim *aim = &latency->aims[latency->aim_count > 1 ? 1 : 0];
    return latency_picture(points, count, latency->aim_count > 0 ? aim->allowed : 0, aim->what);
}

static void add_notes(struct check *check, const struct latency *latency, const struct aim *aim)
{
    const struct load_result *result = &latency->trials[0].result;
    const char *suite = latency->serving->v->suite->name;
    uint64_t lost = result->failed + result->unanswered;
    if (lost > 0)
        check_note(check, NOTE_WARNING, "%s: %ju of %ju questions were not answered in time: %s", suite,
                   (uintmax_t)lost, (uintmax_t)result->due, result->failure ? result->failure : "they waited too long");
    double late = load_histogram_quantile(&result->late, aim->q);
    if (late > aim->allowed / 4) {
        CLEANUP(free) char *shown = limit_seconds(late);
        check_note(check, NOTE_NOTICE, "%s: this machine is busy: %s of sending the questions in time was missed by %s",
                   suite, aim->what, shown);
    }
}

static void add_aim(const struct latency *latency, const struct aim *aim, const char *picture)
{
    const struct trial *trial = &latency->trials[0];
    const struct load_result *result = &trial->result;
    struct verification *v = latency->serving->v;
    CLEANUP(free) char *rate = limit_rate(trial->rate);
    CLEANUP(free) char *asked = limit_count((double)result->due);
    CLEANUP(free)
    char *how = str_printf("%s questions at %s by %s in %zu runs", asked, rate, latency->serving->kind, trial->parts);
    struct check *check;
    if (result->ended || (result->gave_up && result->answered == 0)) {
        check = verification_check(v, STAGE_LIMITS, aim->name, VERDICT_FAIL);
        check_reason(check, "%s when it was asked at %s: %s",
                     result->ended ? "the model ended" : "nothing was answered", rate,
                     result->failure ? result->failure : "the questions waited too long");
    } else {
        struct limit limit = limit_of(aim, trial);
        limit.how = how;
        check = limit_check(v, &limit);
    }
    add_notes(check, latency, aim);
    if (picture)
        check_detail(check, "%s", picture);
}

static void keep_cpu(struct latency *latency)
{
    struct serving *serving = latency->serving;
    double mean = 0, squares = 0, n = (double)latency->cpu_count;
    unsigned descriptors;
    if (serving->client)
        client_usage(&serving->memory, &descriptors, serving->client);
    for (size_t i = 0; i < latency->cpu_count; i++)
        mean += latency->cpu[i] / n;
    for (size_t i = 0; i < latency->cpu_count; i++)
        squares += (latency->cpu[i] - mean) * (latency->cpu[i] - mean);
    double half = n > 1 ? student_t95(latency->cpu_count - 1) * sqrt(squares / (n - 1) / n) : INFINITY;
    serving->cpu_each = mean;
    serving->cpu_low = fmax(mean - half, 0);
    serving->cpu_high = mean + half;
}

static int measure_all(struct latency *latency, struct limit *highest, struct error *err)
{
    struct serving *serving = latency->serving;
    if (serving_client(serving, false, err) < 0 || serving_ask(serving, err) < 0 ||
        measure(latency, add_trial(latency, latency->rate), 0, err) < 0)
        return -1;
    keep_cpu(latency);
    if (latency->aim_count == 0 || latency->trials[0].result.ended)
        return 0;
    if (serving->rules->highest_rate > 0)
        return find_highest(latency, highest, err);
    look_around(latency);
    return 0;
}

void limits_latency(struct serving *serving)
{
    CLEANUP(latency) struct latency latency;
    CLEANUP(error) struct error err = {0};
    struct limit highest = {0};
    latency_begin(&latency, serving);
    const struct limit_rules *rules = serving->rules;
    if (latency.aim_count == 0 && rules->price.million_predictions <= 0)
        return;
    for (size_t i = 0; i < latency.aim_count && !serving->kind; i++)
        limit_skip(serving->v, latency.aims[i].name, serving->obstacle);
    if (!serving->kind) {
        if (rules->highest_rate > 0)
            limit_skip(serving->v, "predict.highest_rate", serving->obstacle);
        return;
    }
    int measured = measure_all(&latency, &highest, &err);
    if (serving_stopped(serving))
        return;
    if (measured < 0) {
        verification_error(serving->v, STAGE_LIMITS, "predict", &err);
        return;
    }
    CLEANUP(free) char *picture = draw(&latency);
    for (size_t i = 0; i < latency.aim_count; i++)
        add_aim(&latency, &latency.aims[i], i == 0 && !highest.name ? picture : NULL);
    if (!highest.name)
        return;
    CLEANUP(free)
    char *how = str_printf("within the latencies, of %zu rates tried by %s", latency.trial_count, serving->kind);
    highest.how = how;
    check_detail(limit_check(serving->v, &highest), "%s", picture);
}
