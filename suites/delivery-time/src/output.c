// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include "fail.h"
#include "safetensors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

FILE *output_open(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        fail("cannot write '%s': %s", path, strerror(errno));
    return file;
}

void output_close(FILE *file, const char *path)
{
    int failed = ferror(file);
    if (fclose(file) != 0 || failed)
        fail("cannot write '%s': %s", path, strerror(errno));
}

// The shortest text that reads back as the same double.
static const char *number(char out[32], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return out;
}

void output_history(const char *path, const struct model *model)
{
    FILE *file = output_open(path);
    fputs("round,train_rmse,valid_rmse\n", file);
    for (int i = 0; i < model->tree_count; i++) {
        char train[32], valid[32];
        fprintf(file, "%d,%s,%s\n", i + 1, number(train, model->rounds[i].train_rmse),
                number(valid, model->rounds[i].valid_rmse));
    }
    output_close(file, path);
}

static void put_score(FILE *file, const char *name, const struct score *score, const char *end)
{
    char rmse[32], mae[32], r2[32];
    fprintf(file, "  \"%s\": {\"mae\": %s, \"r2\": %s, \"rmse\": %s, \"rows\": %d}%s\n", name, number(mae, score->mae),
            number(r2, score->r2), number(rmse, score->rmse), score->rows, end);
}

void output_metrics(const char *path, const struct training *training)
{
    FILE *file = output_open(path);
    fputs("{\n", file);
    put_score(file, "baseline", &training->baseline, ",");
    put_score(file, "train", &training->train, ",");
    put_score(file, "valid", &training->valid, "");
    fputs("}\n", file);
    output_close(file, path);
}

// "clear,fog,rain": what a number in the file stands for.
static const char *join(const char *const *names, int count)
{
    size_t len = 1;
    for (int i = 0; i < count; i++)
        len += strlen(names[i]) + 1;
    char *text = allocate(len, 1), *at = text;
    for (int i = 0; i < count; i++)
        at += sprintf(at, "%s%s", i ? "," : "", names[i]);
    return text;
}

static struct metadata *describe(const struct orders *orders)
{
    struct metadata *list = allocate((size_t)orders->feature_count + 2, sizeof *list);
    const char **names = allocate((size_t)orders->feature_count, sizeof *names);
    int count = 1;
    for (int i = 0; i < orders->feature_count; i++) {
        const struct feature *feature = &orders->features[i];
        names[i] = feature->name;
        if (feature->category)
            list[count++] = (struct metadata){feature->name, join(feature->categories, feature->bin_count)};
    }
    list[0] = (struct metadata){"features", join(names, orders->feature_count)};
    return list;
}

// The trees as columns, one entry a node.
struct columns {
    double *threshold, *value, *gain;
    uint64_t *categories;
    int32_t *feature, *left, *right, *rows;
    uint8_t *missing_left;
};

static struct columns allocate_columns(size_t count)
{
    return (struct columns){
        .threshold = allocate(count, sizeof(double)),
        .value = allocate(count, sizeof(double)),
        .gain = allocate(count, sizeof(double)),
        .categories = allocate(count, sizeof(uint64_t)),
        .feature = allocate(count, sizeof(int32_t)),
        .left = allocate(count, sizeof(int32_t)),
        .right = allocate(count, sizeof(int32_t)),
        .rows = allocate(count, sizeof(int32_t)),
        .missing_left = allocate(count, sizeof(uint8_t)),
    };
}

static void put_node(struct columns *columns, size_t at, const struct node *node, const struct orders *orders)
{
    if (node->feature >= 0 && !orders->features[node->feature].category)
        columns->threshold[at] = orders->features[node->feature].edges[node->bin];
    columns->value[at] = node->value;
    columns->gain[at] = node->gain;
    columns->categories[at] = node->categories;
    columns->feature[at] = node->feature;
    columns->left[at] = node->left;
    columns->right[at] = node->right;
    columns->rows[at] = node->rows;
    columns->missing_left[at] = node->missing_left;
}

void output_model(const char *path, const struct model *model, const struct orders *orders)
{
    int32_t *offsets = allocate((size_t)model->tree_count + 1, sizeof *offsets), total = 0;
    for (int i = 0; i < model->tree_count; i++)
        offsets[i + 1] = total += model->trees[i].node_count;
    struct columns columns = allocate_columns((size_t)total);
    for (int i = 0; i < model->tree_count; i++)
        for (int j = 0; j < model->trees[i].node_count; j++)
            put_node(&columns, (size_t)offsets[i] + (size_t)j, &model->trees[i].nodes[j], orders);
    const struct tensor tensors[] = {
        {"base", "F64", &model->base, 1},
        {"node.categories", "U64", columns.categories, total},
        {"node.gain", "F64", columns.gain, total},
        {"node.threshold", "F64", columns.threshold, total},
        {"node.value", "F64", columns.value, total},
        {"node.feature", "I32", columns.feature, total},
        {"node.left", "I32", columns.left, total},
        {"node.right", "I32", columns.right, total},
        {"node.rows", "I32", columns.rows, total},
        {"tree.offset", "I32", offsets, model->tree_count + 1},
        {"node.missing_left", "U8", columns.missing_left, total},
        {0},
    };
    safetensors_write(path, tensors, describe(orders));
}
