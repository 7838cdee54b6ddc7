// SPDX-License-Identifier: Apache-2.0
//
// Batch: rows a second, and how time grows with rows. What one row takes is the start of the process: from the size on
// that takes clearly more, sizes are doubled until a file takes half a second, and the start is taken off before the
// exponent is fitted.
#include "base/clock.h"
#include "engine/limit.h"
#include "engine/power_law.h"
#include "engine/serving.h"

#include <math.h>
#include <string.h>

enum {
    REPEATS = 3,
    FIRST_ROWS = 64,
    MOST_CELLS = 1 << 20,
    MOST_SIZES = 20,
    MOST_STARTS = 24,
    LEAST_SIZES = 3,
    SURE = 2,
    FITTED_SIZES = 6, // the largest ones: small files are all start
};
#define LONG_ENOUGH 0.5  // seconds for one file beyond the start
#define TOO_LONG    5.0  // … where few sizes take more than the start
#define BUDGET      40.0 // … for all
// What a size must take beyond the start to be fitted: this share of the start, and so many times its noise.
#define OWN_SHARE 1.0
#define NOISES    2.0

struct size {
    size_t rows;
    double seconds[REPEATS]; // ascending
};

struct doubling {
    struct serving *serving;
    struct client *client;
    struct cell *cells;
    size_t most_rows;
    double starts[MOST_STARTS]; // seconds of one row, and of sizes that take no longer; ascending
    size_t start_count;
    double start; // the middle one: the machine delays small files as it does large ones
    double noise; // by how much they differ
    double began;
    struct size sizes[MOST_SIZES];
    size_t count;
};

static void doubling_free(struct doubling *doubling)
{
    client_close(doubling->client);
    free(doubling->cells);
}
DEFINE_CLEANUP_VALUE(doubling)

static int doubling_begin(struct doubling *out, struct serving *serving, struct error *err)
{
    const struct rows *rows = &serving->sample.rows;
    const struct model_asking asking = {.timeout = 20, .limit = (size_t)256 << 20};
    size_t row = rows->column_count * sizeof *out->cells;
    *out = (struct doubling){.serving = serving, .began = clock_seconds()};
    out->most_rows = FIRST_ROWS;
    while (out->most_rows * 2 * rows->column_count <= MOST_CELLS)
        out->most_rows *= 2;
    out->cells = mem_array(out->most_rows * rows->column_count, sizeof *out->cells);
    for (size_t i = 0; i < out->most_rows; i++)
        memcpy(out->cells + i * rows->column_count, rows->cells + i % rows->row_count * rows->column_count, row);
    return model_client_with(&out->client, serving->model, "batch", &asking, err);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int ask_rows(double *seconds, struct doubling *doubling, size_t rows, struct error *err)
{
    struct reply reply;
    struct question question = {.rows = doubling->serving->sample.rows};
    question.rows.cells = doubling->cells;
    question.rows.row_count = rows;
    if (client_ask(doubling->client, &question, &reply, 1, err) < 0)
        return -1;
    int answered = 0;
    if (reply.kind != REPLY_ANSWERED || reply.count != rows)
        answered = error_set(err, ERROR_USAGE, "%zu clean rows were not answered: %s: %s", rows,
                             reply_kind_name(reply.kind), reply.why ? reply.why : "");
    *seconds = reply.seconds;
    reply_free(&reply);
    return answered;
}

static int measure_size(struct size *size, struct doubling *doubling, struct error *err)
{
    for (size_t i = 0; i < REPEATS; i++)
        if (ask_rows(&size->seconds[i], doubling, size->rows, err) < 0)
            return -1;
    qsort(size->seconds, REPEATS, sizeof *size->seconds, by_value);
    return 0;
}

static void add_start(struct doubling *doubling, double seconds)
{
    double *starts = doubling->starts;
    if (doubling->start_count == MOST_STARTS)
        return;
    starts[doubling->start_count++] = seconds;
    size_t count = doubling->start_count;
    qsort(starts, count, sizeof *starts, by_value);
    doubling->start = starts[count / 2];
    doubling->noise = starts[count * 3 / 4] - starts[count / 4];
}

static bool is_beyond_start(const struct doubling *doubling, double seconds)
{
    return seconds - doubling->start >= fmax(OWN_SHARE * doubling->start, NOISES * doubling->noise);
}

static bool goes_on(const struct doubling *doubling)
{
    const struct size *last = &doubling->sizes[doubling->count - 1];
    size_t fitted = 0;
    for (size_t i = 0; i < doubling->count; i++)
        fitted += is_beyond_start(doubling, doubling->sizes[i].seconds[0]);
    return doubling->count < MOST_SIZES && last->rows * 2 <= doubling->most_rows &&
           last->seconds[REPEATS / 2] - doubling->start < (fitted < LEAST_SIZES ? TOO_LONG : LONG_ENOUGH) &&
           clock_seconds() - doubling->began < BUDGET && !serving_stopped(doubling->serving);
}

// The size to begin with, looked for in large steps. For the growth, one whose time is hardly more than that of one
// row; for the speed alone, the one that is measured.
static int skip_small(size_t *rows, struct doubling *doubling, struct error *err)
{
    bool grows = doubling->serving->rules->growth > 0;
    size_t at = FIRST_ROWS;
    for (int looks = 0; looks < SURE;) {
        double seconds = 0;
        if (ask_rows(&seconds, doubling, at, err) < 0)
            return -1;
        // Once may be the machine.
        bool enough = grows ? is_beyond_start(doubling, seconds)
                            : seconds - doubling->start >= fmax(LONG_ENOUGH, doubling->start + doubling->noise);
        if ((!enough && at * 4 > doubling->most_rows) || serving_stopped(doubling->serving))
            break;
        if (!enough && grows)
            add_start(doubling, seconds);
        looks = enough ? looks + 1 : 0;
        at = enough ? at : at * 4;
    }
    *rows = grows && at > FIRST_ROWS ? at / 2 : at;
    return 0;
}

static int measure_all(struct doubling *doubling, struct error *err)
{
    struct size one = {.rows = 1};
    const struct verification *v = doubling->serving->v;
    session_phase(v->session, v->suite->name, "batch: one row", 0);
    if (measure_size(&one, doubling, err) < 0)
        return -1;
    for (size_t i = 0; i < REPEATS; i++)
        add_start(doubling, one.seconds[i]);
    size_t rows = FIRST_ROWS;
    if (skip_small(&rows, doubling, err) < 0)
        return -1;
    do {
        struct size *size = &doubling->sizes[doubling->count++];
        CLEANUP(free) char *phase = str_printf("batch: %zu rows", rows);
        session_phase(v->session, v->suite->name, phase, 0);
        size->rows = rows;
        if (measure_size(size, doubling, err) < 0)
            return -1;
        rows *= 2;
    } while (doubling->serving->rules->growth > 0 && goes_on(doubling));
    return 0;
}

static char *list_sizes(const struct doubling *doubling)
{
    CLEANUP(buf) struct buf out = {0};
    CLEANUP(free) char *start = limit_seconds(doubling->start);
    buf_printf(&out, "%9s  %9s  (the start)\n", "1 row", start);
    for (size_t i = 0; i < doubling->count; i++) {
        const struct size *size = &doubling->sizes[i];
        CLEANUP(free) char *rows = limit_count((double)size->rows);
        CLEANUP(free) char *seconds = limit_seconds(size->seconds[REPEATS / 2]);
        CLEANUP(free) char *speed = limit_rate((double)size->rows / size->seconds[REPEATS / 2]);
        buf_printf(&out, "%9s  %9s  %12s\n", rows, seconds, speed);
    }
    return buf_take(&out);
}

static void check_speed(const struct doubling *doubling, const char *list)
{
    struct serving *serving = doubling->serving;
    const struct size *last = &doubling->sizes[doubling->count - 1];
    double rows = (double)last->rows;
    CLEANUP(free) char *count = limit_count(rows);
    CLEANUP(free) char *how = str_printf("%s rows in one file, %d times, its start included", count, REPEATS);
    const struct limit limit = {.name = "predict.rows_per_second",
                                .what = "batch rows",
                                .value = rows / last->seconds[REPEATS / 2],
                                .low = rows / last->seconds[REPEATS - 1],
                                .high = rows / last->seconds[0],
                                .allowed = serving->rules->rows_per_second,
                                .at_least = true,
                                .show = limit_rate,
                                .how = how};
    if (limit.allowed > 0)
        check_detail(limit_check(serving->v, &limit), "%s", list);
}

// The points that are more than the start of the process. Gives how many sizes have one.
static size_t choose_points(double *x, double *y, size_t *points, const struct doubling *doubling)
{
    size_t sizes = 0;
    *points = 0;
    for (size_t i = doubling->count; i-- > 0 && sizes < FITTED_SIZES;) {
        const struct size *size = &doubling->sizes[i];
        if (!is_beyond_start(doubling, size->seconds[0]))
            break;
        for (size_t r = 0; r < REPEATS; r++) {
            x[*points] = (double)size->rows;
            y[(*points)++] = size->seconds[r] - doubling->start;
        }
        sizes++;
    }
    return sizes;
}

static void check_growth(const struct doubling *doubling, const char *list)
{
    struct verification *v = doubling->serving->v;
    const struct size *last = &doubling->sizes[doubling->count - 1];
    double allowed = doubling->serving->rules->growth, x[FITTED_SIZES * REPEATS], y[FITTED_SIZES * REPEATS];
    size_t points, sizes = choose_points(x, y, &points, doubling);
    struct power_law law;
    CLEANUP(free) char *most = limit_count((double)last->rows);
    if (sizes < LEAST_SIZES || power_law_fit(&law, x, y, points) < 0) {
        CLEANUP(free) char *start = limit_seconds(doubling->start);
        CLEANUP(free) char *end = limit_seconds(last->seconds[REPEATS / 2]);
        CLEANUP(free)
        char *why = str_printf("too quick to tell: one row takes %s, %s rows take %s: nearly all of it is the start of "
                               "the process",
                               start, most, end);
        limit_skip(v, "predict.growth", why);
        return;
    }
    CLEANUP(free) char *least = limit_count(x[points - 1]);
    CLEANUP(free)
    char *how = str_printf("time grows with rows to this power, from %s to %s rows in %zu sizes, %d times each", least,
                           most, sizes, REPEATS);
    const struct limit limit = {.name = "predict.growth",
                                .what = "exponent",
                                .value = law.exponent,
                                .low = law.low,
                                .high = law.high,
                                .allowed = allowed,
                                .show = limit_number,
                                .how = how};
    struct check *check = limit_check(v, &limit);
    if (doubling->serving->rules->rows_per_second <= 0)
        check_detail(check, "%s", list); // else it stands with the speed
}

void limits_batch(struct serving *serving)
{
    const struct limit_rules *rules = serving->rules;
    CLEANUP(error) struct error err = {0};
    const char *const names[] = {rules->rows_per_second > 0 ? "predict.rows_per_second" : NULL,
                                 rules->growth > 0 ? "predict.growth" : NULL};
    if (!names[0] && !names[1])
        return;
    if (!strings_has(model_kinds(serving->model), "batch")) {
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (names[i])
                limit_skip(serving->v, names[i], "suite.json declares no \"batch\" to ask");
        return;
    }
    CLEANUP(doubling) struct doubling doubling;
    int measured = doubling_begin(&doubling, serving, &err);
    if (measured == 0)
        measured = measure_all(&doubling, &err);
    if (serving_stopped(serving))
        return;
    if (measured < 0) {
        verification_error(serving->v, STAGE_LIMITS, names[0] ? names[0] : names[1], &err);
        return;
    }
    CLEANUP(free) char *list = list_sizes(&doubling);
    check_speed(&doubling, list);
    if (rules->growth > 0)
        check_growth(&doubling, list);
}
