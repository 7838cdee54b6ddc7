// SPDX-License-Identifier: Apache-2.0
#include "boost.h"

#include "fail.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>

struct rows {
    int32_t *items; // ascending
    int count;
};

struct state {
    const struct orders *orders;
    struct rows train, valid;
    double *predictions; // by row of the orders
    double *residuals;
    struct rng rng;
};

// Draws which rows are kept out: the first ones of a shuffled list, so that their number is exact.
static void split_rows(struct state *state, double valid_share)
{
    int count = state->orders->row_count;
    int32_t *shuffled = allocate((size_t)count, sizeof *shuffled);
    bool *kept_out = allocate((size_t)count, sizeof *kept_out);
    for (int i = 0; i < count; i++)
        shuffled[i] = i;
    for (int i = count - 1; i > 0; i--) {
        int j = (int)rng_below(&state->rng, (uint32_t)i + 1);
        int32_t moved = shuffled[i];
        shuffled[i] = shuffled[j];
        shuffled[j] = moved;
    }
    int valid_count = (int)(count * valid_share);
    if (valid_count < 1 || valid_count >= count)
        fail("%d rows are too few to keep %g of them out of training", count, valid_share);
    for (int i = 0; i < valid_count; i++)
        kept_out[shuffled[i]] = true;
    state->train.items = allocate((size_t)count, sizeof *state->train.items);
    state->valid.items = allocate((size_t)count, sizeof *state->valid.items);
    for (int row = 0; row < count; row++) {
        struct rows *rows = kept_out[row] ? &state->valid : &state->train;
        rows->items[rows->count++] = row;
    }
    free(shuffled);
    free(kept_out);
}

static double mean(const double *values, const struct rows *rows)
{
    double sum = 0;
    for (int i = 0; i < rows->count; i++)
        sum += values[rows->items[i]];
    return sum / rows->count;
}

static struct score judge(const struct state *state, const struct rows *rows)
{
    const double *truth = state->orders->minutes;
    double middle = mean(truth, rows), squared = 0, absolute = 0, spread = 0;
    for (int i = 0; i < rows->count; i++) {
        int32_t row = rows->items[i];
        double error = truth[row] - state->predictions[row], offset = truth[row] - middle;
        squared += error * error;
        absolute += error < 0 ? -error : error;
        spread += offset * offset;
    }
    return (struct score){
        .rmse = sqrt(squared / rows->count),
        .mae = absolute / rows->count,
        .r2 = spread > 0 ? 1 - squared / spread : 0,
        .rows = rows->count,
    };
}

// The rows that the next tree sees.
static struct rows draw_rows(struct state *state, double share)
{
    struct rows drawn = {.items = allocate((size_t)state->train.count, sizeof *drawn.items)};
    for (int i = 0; i < state->train.count; i++)
        if (rng_unit(&state->rng) < share)
            drawn.items[drawn.count++] = state->train.items[i];
    if (drawn.count == 0)
        fail("row_share %g leaves a tree without a single one of %d rows", share, state->train.count);
    return drawn;
}

static struct tree next_tree(struct state *state, const struct params *params)
{
    const struct tree_options options = {
        .depth = (int)params->depth,
        .min_leaf = (int)params->min_leaf,
        .l2 = params->l2,
        .learning_rate = params->learning_rate,
    };
    const struct orders *orders = state->orders;
    for (int row = 0; row < orders->row_count; row++)
        state->residuals[row] = orders->minutes[row] - state->predictions[row];
    struct rows drawn = draw_rows(state, params->row_share);
    struct tree tree = tree_grow(orders, state->residuals, drawn.items, drawn.count, &options);
    free(drawn.items);
    for (int row = 0; row < orders->row_count; row++)
        state->predictions[row] += tree_predict(&tree, orders, row);
    return tree;
}

struct training boost(const struct orders *orders, const struct params *params)
{
    struct state state = {.orders = orders};
    size_t count = (size_t)orders->row_count, tree_count = (size_t)params->rounds;
    state.predictions = allocate(count, sizeof *state.predictions);
    state.residuals = allocate(count, sizeof *state.residuals);
    rng_seed(&state.rng, (uint64_t)params->seed);
    split_rows(&state, params->valid_share);

    struct training training = {.model.base = mean(orders->minutes, &state.train)};
    struct model *model = &training.model;
    for (int row = 0; row < orders->row_count; row++)
        state.predictions[row] = model->base;
    training.baseline = judge(&state, &state.valid);

    model->trees = allocate(tree_count, sizeof *model->trees);
    model->rounds = allocate(tree_count, sizeof *model->rounds);
    for (; model->tree_count < (int)tree_count; model->tree_count++) {
        model->trees[model->tree_count] = next_tree(&state, params);
        training.train = judge(&state, &state.train);
        training.valid = judge(&state, &state.valid);
        model->rounds[model->tree_count] = (struct round){training.train.rmse, training.valid.rmse};
    }
    return training;
}
