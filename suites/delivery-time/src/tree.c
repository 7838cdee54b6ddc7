// SPDX-License-Identifier: Apache-2.0
#include "tree.h"

#include "fail.h"

#include <stdlib.h>
#include <string.h>

// What is known of some rows: enough for their mean, and for the squared error around it.
struct sums {
    double sum;
    int32_t count;
};

// The rows of one node by their bin of one feature.
struct histogram {
    struct sums bins[MISSING];
    struct sums missing;
    struct sums all;
};

struct grower {
    const struct orders *orders;
    const struct tree_options *options;
    const double *residuals;
    int32_t *spare; // as long as the rows
    struct tree tree;
};

static struct sums plus(struct sums a, struct sums b)
{
    return (struct sums){a.sum + b.sum, a.count + b.count};
}

static struct sums minus(struct sums a, struct sums b)
{
    return (struct sums){a.sum - b.sum, a.count - b.count};
}

// How much of the squared error goes away when these rows get their (shrunken) mean.
static double score(struct sums sums, double l2)
{
    return sums.sum * sums.sum / (sums.count + l2);
}

static void fill(struct histogram *histogram, const struct grower *grower, const struct feature *feature,
                 const int32_t *rows, int row_count)
{
    memset(histogram, 0, sizeof *histogram);
    for (int i = 0; i < row_count; i++) {
        uint8_t bin = feature->bins[rows[i]];
        struct sums *sums = bin == MISSING ? &histogram->missing : &histogram->bins[bin];
        sums->sum += grower->residuals[rows[i]];
        sums->count++;
    }
    histogram->all = histogram->missing;
    for (int bin = 0; bin < feature->bin_count; bin++)
        histogram->all = plus(histogram->all, histogram->bins[bin]);
}

// The bins that have rows, in the order in which a split may cut them: as they are, or categories by their mean.
static int order_bins(int *order, const struct histogram *histogram, const struct feature *feature)
{
    int count = 0;
    for (int bin = 0; bin < feature->bin_count; bin++) {
        struct sums sums = histogram->bins[bin];
        if (sums.count == 0)
            continue;
        int place = count++;
        if (feature->category) {
            double mean = sums.sum / sums.count;
            for (; place > 0; place--) {
                struct sums other = histogram->bins[order[place - 1]];
                if (other.sum / other.count <= mean)
                    break;
                order[place] = order[place - 1];
            }
        }
        order[place] = bin;
    }
    return count;
}

// Takes the candidate into `best` when it is better. `left` and `right` are without the missing cells.
static bool consider(struct node *best, const struct histogram *histogram, struct sums left, struct sums right,
                     const struct tree_options *options)
{
    bool taken = false;
    double before = score(histogram->all, options->l2);
    for (int side = 0; side < 2; side++) {
        bool missing_left = side == 0;
        if (histogram->missing.count == 0 && missing_left != (left.count >= right.count))
            continue;
        struct sums a = missing_left ? plus(left, histogram->missing) : left;
        struct sums b = missing_left ? right : plus(right, histogram->missing);
        if (a.count < options->min_leaf || b.count < options->min_leaf)
            continue;
        double gain = score(a, options->l2) + score(b, options->l2) - before;
        if (gain > best->gain) {
            best->gain = gain;
            best->missing_left = missing_left;
            taken = true;
        }
    }
    return taken;
}

static void search_feature(struct node *best, const struct grower *grower, int index, const int32_t *rows,
                           int row_count)
{
    const struct feature *feature = &grower->orders->features[index];
    struct histogram histogram;
    fill(&histogram, grower, feature, rows, row_count);
    int order[MISSING];
    int count = order_bins(order, &histogram, feature);
    struct sums present = minus(histogram.all, histogram.missing), left = {0};
    uint64_t categories = 0;
    for (int i = 0; i + 1 < count; i++) {
        left = plus(left, histogram.bins[order[i]]);
        if (feature->category)
            categories |= (uint64_t)1 << order[i];
        if (!consider(best, &histogram, left, minus(present, left), grower->options))
            continue;
        best->feature = index;
        best->bin = feature->category ? 0 : order[i];
        best->categories = categories;
    }
}

static bool goes_left(const struct node *node, const struct orders *orders, int row)
{
    const struct feature *feature = &orders->features[node->feature];
    uint8_t bin = feature->bins[row];
    if (bin == MISSING)
        return node->missing_left;
    return feature->category ? node->categories >> bin & 1 : bin <= node->bin;
}

// Rows that go left first; both sides keep their order. Returns how many go left.
static int partition(const struct grower *grower, const struct node *node, int32_t *rows, int row_count)
{
    int left = 0, right = 0;
    for (int i = 0; i < row_count; i++) {
        if (goes_left(node, grower->orders, rows[i]))
            rows[left++] = rows[i];
        else
            grower->spare[right++] = rows[i];
    }
    memcpy(rows + left, grower->spare, (size_t)right * sizeof *rows);
    return left;
}

static int32_t add_node(struct tree *tree)
{
    if (tree->node_count == tree->capacity) {
        tree->capacity = tree->capacity ? tree->capacity * 2 : 64;
        tree->nodes = realloc(tree->nodes, (size_t)tree->capacity * sizeof *tree->nodes);
        if (!tree->nodes)
            fail("out of memory");
    }
    return tree->node_count++;
}

static int32_t grow(struct grower *grower, int32_t *rows, int row_count, int depth)
{
    struct node node = {.feature = -1, .left = -1, .right = -1, .rows = row_count};
    if (depth < grower->options->depth && row_count >= 2 * grower->options->min_leaf)
        for (int i = 0; i < grower->orders->feature_count; i++)
            search_feature(&node, grower, i, rows, row_count);
    int32_t index = add_node(&grower->tree);
    if (node.feature >= 0) {
        int left = partition(grower, &node, rows, row_count);
        node.left = grow(grower, rows, left, depth + 1);
        node.right = grow(grower, rows + left, row_count - left, depth + 1);
    } else {
        double sum = 0;
        for (int i = 0; i < row_count; i++)
            sum += grower->residuals[rows[i]];
        node.value = grower->options->learning_rate * (sum / (row_count + grower->options->l2));
    }
    grower->tree.nodes[index] = node;
    return index;
}

struct tree tree_grow(const struct orders *orders, const double *residuals, int32_t *rows, int row_count,
                      const struct tree_options *options)
{
    struct grower grower = {.orders = orders, .options = options, .residuals = residuals};
    grower.spare = allocate((size_t)row_count, sizeof *grower.spare);
    grow(&grower, rows, row_count, 0);
    free(grower.spare);
    return grower.tree;
}

double tree_predict(const struct tree *tree, const struct orders *orders, int row)
{
    const struct node *node = tree->nodes;
    while (node->feature >= 0)
        node = &tree->nodes[goes_left(node, orders, row) ? node->left : node->right];
    return node->value;
}
