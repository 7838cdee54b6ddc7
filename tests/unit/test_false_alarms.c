// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: without drift the whole judgement rejects anything in at most the declared share of the looks, however many
// rows a look has; and a shift of 0.2 σ is always seen. On the columns of scikit-learn's data: reference and current
// are drawn from their rows. LOOKS=200 measures longer (default 16 of the small ones, 2 of the others), and prints what
// it found.
#include "unit.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "drift/contingency.h"
#include "drift/judgement.h"
#include "drift/sampling.h"

#include <math.h>
#include <sys/wait.h>
#include <time.h>

#define PYTHON "/usr/bin/python3"

static const struct drift_rules rules = {.given = true, .false_alarms = 0.05, .least = NAN};

struct value {
    double number;
    size_t row;
};
struct data {
    char name[40];
    size_t rows, columns;
    struct value **sorted; // of each column
    double *shares;        // of the rows: all the same
};

static int by_number(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static bool read_data(struct data *out, FILE *from)
{
    if (fscanf(from, "%39s %zu %zu", out->name, &out->rows, &out->columns) != 3)
        return false;
    out->sorted = mem_array(out->columns, sizeof *out->sorted);
    out->shares = mem_array(out->rows, sizeof *out->shares);
    for (size_t c = 0; c < out->columns; c++)
        out->sorted[c] = mem_array(out->rows, sizeof **out->sorted);
    for (size_t r = 0; r < out->rows; r++) {
        out->shares[r] = 1 / (double)out->rows;
        for (size_t c = 0; c < out->columns; c++) {
            out->sorted[c][r].row = r;
            ck_assert_int_eq(fscanf(from, "%lf", &out->sorted[c][r].number), 1);
        }
    }
    for (size_t c = 0; c < out->columns; c++)
        qsort(out->sorted[c], out->rows, sizeof **out->sorted, by_number);
    return true;
}

static void free_data(struct data *data)
{
    for (size_t c = 0; c < data->columns; c++)
        free(data->sorted[c]);
    free(data->sorted);
    free(data->shares);
}

// As 513 quantiles, where there are more points.
static void thin(struct column_summary *column)
{
    size_t kept = 0, count = column->point_count;
    if (count <= BASELINE_POINTS)
        return;
    double next = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i + 1 < count && column->shares[i] < next)
            continue;
        column->points[kept] = column->points[i];
        column->shares[kept++] = column->shares[i];
        while (next <= column->shares[i])
            next += 1.0 / (BASELINE_POINTS - 2);
    }
    column->point_count = kept;
    column->error = 0.5 / (BASELINE_POINTS - 2);
}

static void add_point(struct column_summary *out, double number, double share)
{
    if (out->point_count == 0 || out->points[out->point_count - 1] != number)
        out->points[out->point_count++] = number;
    out->shares[out->point_count - 1] = share;
}

// One column of a sample in which row r came times[r] times; moved by `shift`.
static struct column_summary numbers(const struct data *data, size_t c, const double *times, uint64_t n, double shift)
{
    struct column_summary out = {.type = COLUMN_NUMBER, .rows = n, .values = n};
    char name[20];
    snprintf(name, sizeof name, "c%zu", c);
    out.name = str_dup(name);
    out.points = mem_array(data->rows, sizeof *out.points);
    out.shares = mem_array(data->rows, sizeof *out.shares);
    double sum = 0, square = 0;
    for (size_t i = 0; i < data->rows; i++) {
        const struct value *value = &data->sorted[c][i];
        if (times[value->row] == 0)
            continue;
        sum += times[value->row];
        out.mean += value->number * times[value->row] / (double)n;
        add_point(&out, value->number + shift, sum / (double)n);
    }
    for (size_t i = 0; i < data->rows; i++)
        square += pow(data->sorted[c][i].number - out.mean, 2) * times[data->sorted[c][i].row] / (double)n;
    out.sigma = sqrt(square);
    out.min = out.points[0];
    out.max = out.points[out.point_count - 1];
    thin(&out);
    return out;
}

// The same of integers taken for the names of categories.
static struct column_summary categories(struct column_summary *from)
{
    struct column_summary out = {
        .name = str_dup(from->name), .type = COLUMN_CATEGORY, .rows = from->rows, .values = from->rows};
    out.categories = mem_array(from->point_count, sizeof *out.categories);
    double before = 0;
    for (size_t i = 0; i < from->point_count; i++) {
        char value[40];
        snprintf(value, sizeof value, "%g", from->points[i]);
        uint64_t count = (uint64_t)((from->shares[i] - before) * (double)from->rows + 0.5);
        before = from->shares[i];
        out.categories[out.category_count++] = (struct category_count){str_dup(value), count};
        out.singles += count == 1;
    }
    column_summary_free(from);
    return out;
}

static uint64_t unseen_of(const struct column_summary *reference, const struct column_summary *current)
{
    uint64_t unseen = 0;
    for (size_t i = 0; i < current->category_count; i++) {
        bool known = false;
        for (size_t k = 0; k < reference->category_count && !known; k++)
            known = strcmp(reference->categories[k].value, current->categories[i].value) == 0;
        unseen += known ? 0 : current->categories[i].count;
    }
    return unseen;
}

static uint64_t outside_of(const struct data *data, const struct column_summary *reference, size_t c,
                           const double *times, double shift)
{
    double outside = 0;
    for (size_t i = 0; i < data->rows; i++) {
        double number = data->sorted[c][i].number + shift;
        outside += number < reference->min || number > reference->max ? times[data->sorted[c][i].row] : 0;
    }
    return (uint64_t)outside;
}

struct look {
    uint64_t n, m, seed;
    double shift; // σ, of the first column alone
    size_t resamples;
};
struct outcome {
    size_t moved, alarms;
    bool first; // the first column's spread raised the alarm
    double seconds;
};

static struct outcome look(const struct data *data, const struct look *how)
{
    CLEANUP(free) double *was = mem_array(data->rows, sizeof *was);
    CLEANUP(free) double *is = mem_array(data->rows, sizeof *is);
    CLEANUP(free) struct column_summary *reference = mem_array(data->columns, sizeof *reference);
    CLEANUP(free) struct column_summary *current = mem_array(data->columns, sizeof *current);
    struct rng rng;
    rng_seed(&rng, how->seed);
    sampling_multinomial(was, &rng, how->m, data->shares, data->rows);
    sampling_multinomial(is, &rng, how->n, data->shares, data->rows);
    for (size_t c = 0; c < data->columns; c++) {
        bool named = strcmp(data->name, "digits") == 0 && c % 2 == 1;
        reference[c] = numbers(data, c, was, how->m, 0);
        double shift = c == 0 ? how->shift * reference[c].sigma : 0;
        current[c] = numbers(data, c, is, how->n, shift);
        current[c].out_of_range = outside_of(data, &reference[c], c, is, shift);
        if (named) {
            reference[c] = categories(&reference[c]);
            current[c] = categories(&current[c]);
            current[c].unseen = unseen_of(&reference[c], &current[c]);
        }
    }
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    CLEANUP(judgement)
    struct judgement *judgement =
        judgement_new(&(struct judgement_options){.rules = &rules, .seed = how->seed, .resamples = how->resamples});
    judgement_columns(judgement, DRIFT_COLUMNS, &(struct column_list){reference, data->columns},
                      &(struct column_list){current, data->columns});
    judgement_judge(judgement);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    struct outcome out = {.moved = judgement->moved, .alarms = judgement->alarms};
    out.seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    for (size_t i = 0; i < judgement->count; i++) {
        const struct finding *finding = &judgement->findings[i];
        out.first |= finding->kind == FINDING_SPREAD && finding->alarm && strcmp(finding->column, "c0") == 0;
        if (getenv("LOOKS") && how->shift == 0 && finding->moved)
            printf("  %s, kind %d, rate %d: p %g, level %g, n %ju, m %ju\n", finding->column, finding->kind,
                   finding->rate, finding->p, finding->level, (uintmax_t)finding->n, (uintmax_t)finding->m);
    }
    for (size_t c = 0; c < data->columns; c++) {
        column_summary_free(&reference[c]);
        column_summary_free(&current[c]);
    }
    return out;
}

static size_t looks_of(const char *name)
{
    const char *looks = getenv("LOOKS");
    size_t usual = strcmp(name, "digits") == 0 || strcmp(name, "breast_cancer") == 0 ? 2 : 16;
    return looks ? (size_t)atoi(looks) : usual;
}

static FILE *open_peer(const char *sets)
{
    char command[5000];
    snprintf(command, sizeof command, PYTHON " '%s/drift/sklearn_columns.py' %s", getenv("FIXTURES"), sets);
    return popen(command, "r");
}

static int peer_status;

static void close_peer(FILE *peer)
{
    int status = pclose(peer);
    ck_assert(WIFEXITED(status));
    peer_status = WEXITSTATUS(status);
    ck_assert(peer_status == 0 || peer_status == 77);
}

START_TEST(without_drift_at_most_the_declared_share_of_looks_rejects_anything)
{
    static const uint64_t sizes[] = {100, 1000, 100000};
    FILE *peer = open_peer(getenv("SETS") ? getenv("SETS") : "diabetes wine breast_cancer digits");
    struct data data;
    size_t moved[3] = {0}, looks = 0, sets = 0;
    for (; read_data(&data, peer); sets++) {
        size_t times = looks_of(data.name);
        looks += times;
        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            size_t here = 0, rung = 0;
            double seconds = 0;
            for (size_t i = 0; i < times; i++) {
                // Half of the references are as small as the data they were drawn from.
                struct outcome out =
                    look(&data, &(struct look){.n = sizes[s], .m = i % 2 ? data.rows : 10000, .seed = i});
                here += out.moved > 0;
                rung += out.alarms > 0;
                seconds += out.seconds;
            }
            moved[s] += here;
            if (getenv("LOOKS"))
                printf("%s, n = %ju: %zu of %zu rejected, %zu alarms; %.1f ms of CPU a judgement of %zu columns\n",
                       data.name, (uintmax_t)sizes[s], here, times, rung, 1e3 * seconds / (double)times, data.columns);
        }
        free_data(&data);
    }
    close_peer(peer);
    if (peer_status == 77)
        return;
    ck_assert_uint_ge(sets, 1);
    // At 5 % more than this happens once in ten thousand.
    double most = 0.05 * (double)looks + 3.8 * sqrt(0.05 * 0.95 * (double)looks);
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
        ck_assert_msg((double)moved[s] <= most, "n = %ju: %zu of %zu", (uintmax_t)sizes[s], moved[s], looks);
}
END_TEST

START_TEST(a_shift_of_a_fifth_of_sigma_at_ten_thousand_rows_is_always_seen)
{
    FILE *peer = open_peer("diabetes");
    struct data data;
    while (read_data(&data, peer)) {
        for (size_t i = 0; i < 100; i++)
            ck_assert(
                look(&data, &(struct look){.n = 10000, .m = 10000, .seed = i, .shift = 0.2, .resamples = 200}).first);
        free_data(&data);
    }
    close_peer(peer);
}
END_TEST

int main(void)
{
    // The skip is told where the test program ends, which a fork would hide.
    setenv("CK_FORK", "no", 1);
    const TTest *const tests[] = {without_drift_at_most_the_declared_share_of_looks_rejects_anything,
                                  a_shift_of_a_fifth_of_sigma_at_ten_thousand_rows_is_always_seen};
    int failed = unit_run("false_alarms", tests, ARRAY_LEN(tests));
    return failed == EXIT_SUCCESS && peer_status == 77 ? 77 : failed;
}
