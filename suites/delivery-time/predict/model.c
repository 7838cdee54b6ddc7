// SPDX-License-Identifier: Apache-2.0
//
// safetensors: u64 little-endian N · N bytes of JSON · the tensors. Of the JSON, as the trainer writes it:
// {"__metadata__":{"features":"a,b","b":"x,y"},"NAME":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}
#include "model.h"

#include "json.h"
#include "sha256.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the tensors are used as they stand in the file");

enum { FILE_LIMIT = 64 << 20, NAMES_LIMIT = 4096 };

struct tensors {
    const char *data; // behind the header
    size_t size;
    struct model *model;
    size_t tree_ends, counts[8];
    char features[NAMES_LIMIT]; // "distance_km,traffic,…"
    struct {
        char name[MODEL_NAME], list[NAMES_LIMIT];
    } categories[MODEL_FEATURES];
    int category_lists;
};

static const struct field {
    const char *name, *dtype;
    size_t offset; // in struct model, of the pointer
} fields[] = {
    {"node.feature", "I32", offsetof(struct model, feature)},
    {"node.left", "I32", offsetof(struct model, left)},
    {"node.right", "I32", offsetof(struct model, right)},
    {"node.threshold", "F64", offsetof(struct model, threshold)},
    {"node.value", "F64", offsetof(struct model, value)},
    {"node.categories", "U64", offsetof(struct model, categories)},
    {"node.missing_left", "U8", offsetof(struct model, missing_left)},
    {"tree.offset", "I32", offsetof(struct model, offsets)},
};
enum { FIELDS = sizeof fields / sizeof fields[0], TREES = FIELDS - 1 };

static size_t size_of(const char *dtype)
{
    return strcmp(dtype, "U8") == 0 ? 1 : strcmp(dtype, "I32") == 0 ? 4 : 8;
}

static bool take_name(struct json *json, const char *wanted)
{
    char name[32];
    size_t len;
    return json_string(json, name, sizeof name, &len) && strcmp(name, wanted) == 0 && json_take(json, ':');
}

static bool take_index(struct json *json, size_t limit, size_t *out)
{
    double value;
    if (!json_number(json, &value) || !(value >= 0 && value <= (double)limit))
        return false;
    *out = (size_t)value;
    return true;
}

static bool take_tensor(struct json *json, struct tensors *tensors, const char *name)
{
    char dtype[8];
    size_t len, count, first, last;
    if (!json_take(json, '{') || !take_name(json, "dtype") || !json_string(json, dtype, sizeof dtype, &len) ||
        !json_take(json, ',') || !take_name(json, "shape") || !json_take(json, '[') ||
        !take_index(json, tensors->size, &count) || !json_take(json, ']') || !json_take(json, ',') ||
        !take_name(json, "data_offsets") || !json_take(json, '[') || !take_index(json, tensors->size, &first) ||
        !json_take(json, ',') || !take_index(json, tensors->size, &last) || !json_take(json, ']') ||
        !json_take(json, '}'))
        return false;
    size_t size = size_of(dtype);
    if (last < first || last - first != count * size || (uintptr_t)(tensors->data + first) % size != 0)
        return false;
    if (strcmp(name, "base") == 0 && count == 1 && size == 8)
        memcpy(&tensors->model->base, tensors->data + first, size);
    for (size_t i = 0; i < FIELDS; i++) {
        if (strcmp(name, fields[i].name) != 0 || strcmp(dtype, fields[i].dtype) != 0)
            continue;
        const void *data = tensors->data + first;
        memcpy((char *)tensors->model + fields[i].offset, &data, sizeof data);
        tensors->counts[i] = count;
    }
    return true;
}

static bool take_metadata(struct json *json, struct tensors *tensors)
{
    char name[MODEL_NAME], list[NAMES_LIMIT];
    size_t name_len, len;
    if (!json_take(json, '{'))
        return false;
    do {
        if (!json_string(json, name, sizeof name, &name_len) || name_len >= sizeof name || !json_take(json, ':') ||
            !json_string(json, list, sizeof list, &len) || len >= sizeof list)
            return false;
        if (strcmp(name, "features") == 0) {
            memcpy(tensors->features, list, len + 1);
        } else if (tensors->category_lists < MODEL_FEATURES) {
            memcpy(tensors->categories[tensors->category_lists].name, name, name_len + 1);
            memcpy(tensors->categories[tensors->category_lists++].list, list, len + 1);
        }
    } while (json_take(json, ','));
    return json_take(json, '}');
}

static bool read_header(struct json *json, struct tensors *tensors)
{
    char name[32];
    size_t len;
    if (!json_take(json, '{'))
        return false;
    do {
        if (!json_string(json, name, sizeof name, &len) || !json_take(json, ':'))
            return false;
        bool good = strcmp(name, "__metadata__") == 0 ? take_metadata(json, tensors) : take_tensor(json, tensors, name);
        if (!good)
            return false;
    } while (json_take(json, ','));
    return json_take(json, '}') && json_at_end(json);
}

// The names of a list that commas part; −1 when there are too many, or one is too long.
static int split(char names[][MODEL_NAME], int limit, const char *list)
{
    int count = 0;
    for (const char *at = list;; at++) {
        size_t len = strcspn(at, ",");
        if (count == limit || len == 0 || len >= MODEL_NAME)
            return -1;
        memcpy(names[count], at, len);
        names[count++][len] = '\0';
        at += len;
        if (!*at)
            return count;
    }
}

static bool read_features(struct model *model, const struct tensors *tensors)
{
    char names[MODEL_FEATURES][MODEL_NAME];
    model->feature_count = split(names, MODEL_FEATURES, tensors->features);
    for (int i = 0; i < model->feature_count; i++) {
        struct model_feature *feature = &model->features[i];
        memcpy(feature->name, names[i], MODEL_NAME);
        for (int k = 0; k < tensors->category_lists; k++)
            if (strcmp(tensors->categories[k].name, feature->name) == 0)
                feature->category_count = split(feature->categories, MODEL_CATEGORIES, tensors->categories[k].list);
        if (feature->category_count < 0)
            return false;
    }
    return model->feature_count > 0;
}

// Children stand behind their parent in the same tree: a walk ends.
static bool check_trees(const struct model *model)
{
    for (int tree = 0; tree < model->tree_count; tree++) {
        int32_t first = model->offsets[tree], end = model->offsets[tree + 1], count = end - first;
        if (first < 0 || end <= first || (size_t)end > model->node_count)
            return false;
        for (int32_t node = 0; node < count; node++) {
            int32_t at = first + node, left = model->left[at], right = model->right[at];
            if (model->feature[at] >= 0 && (model->feature[at] >= model->feature_count || left <= node ||
                                            right <= node || left >= count || right >= count))
                return false;
        }
    }
    return true;
}

static bool use(struct model *model, struct tensors *tensors)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (tensors->counts[i] == 0 || (i != TREES && tensors->counts[i] != tensors->counts[0]))
            return false;
    model->node_count = tensors->counts[0];
    model->tree_count = (int)tensors->counts[TREES] - 1;
    return isfinite(model->base) && read_features(model, tensors) && check_trees(model);
}

static bool read_file(char **out, size_t *size, const char *path, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return refuse(fault, "there is no trained model: train first");
    *out = malloc(FILE_LIMIT);
    *size = *out ? fread(*out, 1, FILE_LIMIT, file) : 0;
    fclose(file);
    return *out && *size < FILE_LIMIT ? true : refuse(fault, "the model is too large");
}

bool model_read(struct model *out, const char *path, struct fault *fault)
{
    static struct tensors tensors;
    size_t size;
    uint64_t header = 0;
    *out = (struct model){0};
    tensors = (struct tensors){.model = out};
    if (!read_file(&out->bytes, &size, path, fault))
        return false;
    sha256_hex(out->digest, out->bytes, size);
    if (size >= 8)
        memcpy(&header, out->bytes, 8);
    if (size < 8 || header > size - 8)
        return refuse(fault, "the model is damaged: its header does not end");
    struct json json = {out->bytes + 8, out->bytes + 8 + header};
    tensors.data = json.end;
    tensors.size = size - 8 - (size_t)header;
    return read_header(&json, &tensors) && use(out, &tensors) ? true : refuse(fault, "the model is damaged");
}

int model_find(const struct model *model, const char *name, size_t len)
{
    for (int i = 0; i < model->feature_count; i++)
        if (strlen(model->features[i].name) == len && memcmp(model->features[i].name, name, len) == 0)
            return i;
    return -1;
}

static bool goes_left(const struct model *model, int32_t node, const double *cells)
{
    int32_t feature = model->feature[node];
    double cell = cells[feature];
    if (isnan(cell))
        return model->missing_left[node];
    if (model->features[feature].category_count > 0)
        return model->categories[node] >> (unsigned)cell & 1;
    return cell <= model->threshold[node];
}

double model_predict(const struct model *model, const double *cells)
{
    double total = model->base;
    for (int tree = 0; tree < model->tree_count; tree++) {
        int32_t root = model->offsets[tree], node = root;
        while (model->feature[node] >= 0)
            node = root + (goes_left(model, node, cells) ? model->left[node] : model->right[node]);
        total += model->value[node];
    }
    return total;
}
