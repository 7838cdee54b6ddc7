// SPDX-License-Identifier: Apache-2.0
//
// train ORDERS.csv PARAMS.json FOLDER: learns how many minutes a delivery takes, and writes model.safetensors,
// history.csv and metrics.json into the folder. The same bytes on every machine: integers of fixed width, IEEE doubles
// with + − × ÷ and sqrt only, every sum in one order.
#include "boost.h"
#include "fail.h"
#include "orders.h"
#include "output.h"
#include "params.h"

#include <stdio.h>

static const char *inside(const char *folder, const char *name)
{
    size_t size = 4096;
    char *path = allocate(size, 1);
    if ((size_t)snprintf(path, size, "%s/%s", folder, name) >= size)
        fail("the name of the folder is too long");
    return path;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: train ORDERS.csv PARAMS.json FOLDER");
    struct params params = params_read(argv[2]);
    struct orders orders = orders_read(argv[1], (int)params.bins);
    struct training training = boost(&orders, &params);
    output_model(inside(argv[3], "model.safetensors"), &training.model, &orders);
    output_history(inside(argv[3], "history.csv"), &training.model);
    output_metrics(inside(argv[3], "metrics.json"), &training);
    printf("%d orders, %d trees: %.2f minutes off (RMSE), %.2f without a model\n", orders.row_count,
           training.model.tree_count, training.valid.rmse, training.baseline.rmse);
    return 0;
}
