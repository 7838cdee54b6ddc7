// SPDX-License-Identifier: Apache-2.0
//
// ONNX (onnx/onnx.proto, onnx/onnx-ml.proto): a ModelProto of Protocol Buffers. The tables below say which fields its
// messages have; what they do not name is kept as bytes. Tensors of the graph have their own names ("fc.weight"), all
// else stands below "model" and "graph": "graph.node.conv1.op_type", "graph.node.conv1.pads.ints". Nodes are named by
// their names, or by their index where these are empty or come twice.
//
// Compared apart from the order of nodes (the edges say what follows what), and from where and how tensors are stored:
// as raw data, as typed fields, or in files of their own.
#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/message.h"
#include "artifact/onnx_tensor.h"
#include "artifact/path.h"
#include "artifact/protobuf.h"
#include "artifact/readers.h"

#include <string.h>

#define MESSAGE(rows, label)                                                                                           \
    {                                                                                                                  \
        rows, ARRAY_LEN(rows), label                                                                                   \
    }

static const struct message graph, type;

static const struct message_field pair_fields[] = {{1, MESSAGE_TEXT, "key", NULL}, {2, MESSAGE_TEXT, "value", NULL}};
static const struct message pair = MESSAGE(pair_fields, 1);

// --- types of inputs and outputs ---

static const struct message_field dim_fields[] = {
    {1, MESSAGE_INTEGER, "value", NULL}, {2, MESSAGE_TEXT, "param", NULL}, {3, MESSAGE_TEXT, "denotation", NULL}};
static const struct message dim = MESSAGE(dim_fields, 0);
static const struct message_field shape_fields[] = {{1, MESSAGE_MANY, "dim", &dim}};
static const struct message shape = MESSAGE(shape_fields, 0);
static const struct message_field tensor_type_fields[] = {{1, MESSAGE_ENUM, "elem_type", NULL},
                                                          {2, MESSAGE_ONE, "shape", &shape}};
static const struct message tensor_type = MESSAGE(tensor_type_fields, 0);
static const struct message_field sequence_type_fields[] = {{1, MESSAGE_ONE, "elem_type", &type}};
static const struct message sequence_type = MESSAGE(sequence_type_fields, 0);
static const struct message_field map_type_fields[] = {{1, MESSAGE_ENUM, "key_type", NULL},
                                                       {2, MESSAGE_ONE, "value_type", &type}};
static const struct message map_type = MESSAGE(map_type_fields, 0);
static const struct message_field opaque_type_fields[] = {{1, MESSAGE_TEXT, "domain", NULL},
                                                          {2, MESSAGE_TEXT, "name", NULL}};
static const struct message opaque_type = MESSAGE(opaque_type_fields, 0);
static const struct message_field type_fields[] = {
    {1, MESSAGE_ONE, "tensor_type", &tensor_type},     {4, MESSAGE_ONE, "sequence_type", &sequence_type},
    {5, MESSAGE_ONE, "map_type", &map_type},           {6, MESSAGE_TEXT, "denotation", NULL},
    {7, MESSAGE_ONE, "opaque_type", &opaque_type},     {8, MESSAGE_ONE, "sparse_tensor_type", &tensor_type},
    {9, MESSAGE_ONE, "optional_type", &sequence_type},
};
static const struct message type = MESSAGE(type_fields, 0);
static const struct message_field value_info_fields[] = {{1, MESSAGE_TEXT, "name", NULL},
                                                         {2, MESSAGE_ONE, "type", &type},
                                                         {3, MESSAGE_LEFT_OUT, "doc_string", NULL},
                                                         {4, MESSAGE_MANY, "metadata_props", &pair}};
static const struct message value_info = MESSAGE(value_info_fields, 1);

// --- nodes ---

static const struct message_field sparse_fields[] = {
    {1, MESSAGE_SPECIAL, "values", NULL}, {2, MESSAGE_SPECIAL, "indices", NULL}, {3, MESSAGE_INTEGERS, "dims", NULL}};
static const struct message sparse = MESSAGE(sparse_fields, 0);
static const struct message_field attribute_fields[] = {
    {1, MESSAGE_TEXT, "name", NULL},
    {2, MESSAGE_FLOAT, "f", NULL},
    {3, MESSAGE_INTEGER, "i", NULL},
    {4, MESSAGE_TEXT, "s", NULL},
    {5, MESSAGE_SPECIAL, "t", NULL},
    {6, MESSAGE_ONE, "g", &graph},
    {7, MESSAGE_FLOATS, "floats", NULL},
    {8, MESSAGE_INTEGERS, "ints", NULL},
    {9, MESSAGE_TEXTS, "strings", NULL},
    {10, MESSAGE_SPECIAL, "tensors", NULL},
    {11, MESSAGE_MANY, "graphs", &graph},
    {13, MESSAGE_LEFT_OUT, "doc_string", NULL},
    {14, MESSAGE_ONE, "tp", &type},
    {15, MESSAGE_MANY, "type_protos", &type},
    {20, MESSAGE_INTEGER, "type", NULL},
    {21, MESSAGE_TEXT, "ref_attr_name", NULL},
    {22, MESSAGE_ONE, "sparse_tensor", &sparse},
    {23, MESSAGE_MANY, "sparse_tensors", &sparse},
};
static const struct message attribute = MESSAGE(attribute_fields, 1);
static const struct message_field node_fields[] = {
    {1, MESSAGE_TEXTS, "input", NULL},  {2, MESSAGE_TEXTS, "output", NULL},  {3, MESSAGE_TEXT, "name", NULL},
    {4, MESSAGE_TEXT, "op_type", NULL}, {5, MESSAGE_MANY, "", &attribute},   {6, MESSAGE_LEFT_OUT, "doc_string", NULL},
    {7, MESSAGE_TEXT, "domain", NULL},  {8, MESSAGE_TEXT, "overload", NULL}, {9, MESSAGE_MANY, "metadata_props", &pair},
};
static const struct message node = MESSAGE(node_fields, 3);

// --- graphs and models ---

static const struct message_field annotation_fields[] = {{1, MESSAGE_TEXT, "tensor_name", NULL},
                                                         {2, MESSAGE_MANY, "quant_parameter_tensor_names", &pair}};
static const struct message annotation = MESSAGE(annotation_fields, 1);
static const struct message_field graph_fields[] = {
    {1, MESSAGE_MANY, "node", &node},
    {2, MESSAGE_TEXT, "name", NULL},
    {5, MESSAGE_SPECIAL, "initializer", NULL},
    {10, MESSAGE_LEFT_OUT, "doc_string", NULL},
    {11, MESSAGE_IN_ORDER, "input", &value_info},
    {12, MESSAGE_IN_ORDER, "output", &value_info},
    {13, MESSAGE_LEFT_OUT, "value_info (types of what flows between nodes)", NULL},
    {14, MESSAGE_MANY, "quantization_annotation", &annotation},
    {15, MESSAGE_MANY, "sparse_initializer", &sparse},
    {16, MESSAGE_MANY, "metadata_props", &pair},
};
static const struct message graph = MESSAGE(graph_fields, 0);
static const struct message_field opset_fields[] = {{1, MESSAGE_TEXT, "domain", NULL},
                                                    {2, MESSAGE_INTEGER, "version", NULL}};
static const struct message opset = MESSAGE(opset_fields, 1);
static const struct message_field function_fields[] = {
    {1, MESSAGE_TEXT, "name", NULL},
    {4, MESSAGE_TEXTS, "input", NULL},
    {5, MESSAGE_TEXTS, "output", NULL},
    {6, MESSAGE_TEXTS, "attribute", NULL},
    {7, MESSAGE_MANY, "node", &node},
    {8, MESSAGE_LEFT_OUT, "doc_string", NULL},
    {9, MESSAGE_MANY, "opset_import", &opset},
    {10, MESSAGE_TEXT, "domain", NULL},
    {11, MESSAGE_MANY, "attribute_proto", &attribute},
    {12, MESSAGE_LEFT_OUT, "value_info (types of what flows between nodes)", NULL},
    {13, MESSAGE_TEXT, "overload", NULL},
    {14, MESSAGE_MANY, "metadata_props", &pair},
};
static const struct message function = MESSAGE(function_fields, 1);
static const struct message_field training_fields[] = {
    {1, MESSAGE_ONE, "initialization", &graph},
    {2, MESSAGE_ONE, "algorithm", &graph},
    {3, MESSAGE_MANY, "initialization_binding", &pair},
    {4, MESSAGE_MANY, "update_binding", &pair},
};
static const struct message training = MESSAGE(training_fields, 0);
static const struct message_field model_fields[] = {
    {1, MESSAGE_INTEGER, "ir_version", NULL},
    {2, MESSAGE_LEFT_OUT, "producer_name", NULL},
    {3, MESSAGE_LEFT_OUT, "producer_version", NULL},
    {4, MESSAGE_TEXT, "domain", NULL},
    {5, MESSAGE_INTEGER, "model_version", NULL},
    {6, MESSAGE_LEFT_OUT, "doc_string", NULL},
    {7, MESSAGE_SPECIAL, "graph", NULL},
    {8, MESSAGE_MANY, "opset_import", &opset},
    {14, MESSAGE_MANY, "metadata_props", &pair},
    {20, MESSAGE_MANY, "training_info", &training},
    {25, MESSAGE_MANY, "functions", &function},
};
static const struct message model = MESSAGE(model_fields, 0);

// --- what the tables cannot say ---

struct onnx {
    struct message_reader reader;
    struct onnx_target target;
};

// The name of a TensorProto: field 8.
static int tensor_name(struct buf *out, const struct message_special *special, const unsigned char *file,
                       struct error *err)
{
    struct protobuf fields = {special->bytes, special->bytes + special->len, file};
    for (bool more = true; more;) {
        struct protobuf_field field;
        if (protobuf_next(&more, &field, &fields, err) < 0)
            return -1;
        if (more && field.number == 8 && field.wire == PROTOBUF_BYTES) {
            buf_clear(out);
            buf_append(out, field.bytes, field.len);
        }
    }
    return 0;
}

// The name of a tensor that is not its value's: a sparse initializer is known by the name of its values, but that of a
// constant means nothing.
static int keep_name(struct onnx *onnx, const char *field, const char *path, const struct buf *name, struct error *err)
{
    if (strcmp(field, "t") == 0 || strcmp(field, "tensors") == 0) {
        contents_leave_out(onnx->reader.contents, "names of tensors in attributes");
        return 0;
    }
    CLEANUP(free) char *whole = str_printf("%s.name", path);
    return lines_copy_value(onnx->reader.contents, onnx->reader.prefix, whole, name->data, name->len, err);
}

// A tensor of the graph itself has its own name, one of an inner graph stands below its path; others are named by the
// field that they are in.
static int read_tensor(struct onnx *onnx, const struct message_special *special, struct error *err)
{
    CLEANUP(buf) struct buf name = {0}, path = {0};
    const char *field = special->field->name;
    bool initializer = strcmp(field, "initializer") == 0;
    if (tensor_name(&name, special, onnx->reader.file, err) < 0)
        return -1;
    // A name with a NUL in it would be cut short there.
    bool plain = initializer && name.len > 0 && strlen(buf_text(&name)) == name.len;
    if (!plain || strcmp(special->path, "graph") != 0)
        buf_puts(&path, special->path);
    if (plain && path.len == 0) {
        buf_append(&path, name.data, name.len);
    } else if (plain) {
        path_key(&path, name.data, name.len);
    } else {
        path_key(&path, field, strlen(field));
        if (initializer || strcmp(field, "tensors") == 0 || special->index > 0)
            path_index(&path, special->index);
        if (name.len > 0 && keep_name(onnx, field, buf_text(&path), &name, err) < 0)
            return -1;
    }
    return onnx_tensor_read(&onnx->target, buf_text(&path), special->bytes, special->len, err);
}

static int read_special(void *context, const struct message_special *special, struct error *err)
{
    struct onnx *onnx = context;
    if (strcmp(special->field->name, "graph") != 0)
        return read_tensor(onnx, special, err);
    if (special->index > 0)
        return error_set(err, ERROR_USAGE, "it has two graphs");
    CLEANUP(buf) struct buf path = {0};
    buf_puts(&path, "graph");
    return message_read(&onnx->reader, &graph, &path, special->bytes, special->len, err);
}

int onnx_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct onnx onnx = {
        .reader = {.contents = out,
                   .prefix = prefix,
                   .file = file->bytes,
                   .enumerator = onnx_type_name,
                   .special = read_special},
        .target = {.contents = out, .prefix = prefix, .file = file},
    };
    onnx.reader.context = &onnx;
    contents_leave_out(out, "the order of named nodes and of tensors");
    contents_leave_out(out, "how tensors are stored (raw, typed, or in a file beside the model)");
    CLEANUP(buf) struct buf path = {0};
    buf_puts(&path, "model");
    int status = message_read(&onnx.reader, &model, &path, file->bytes, file->len, err);
    onnx_target_free(&onnx.target);
    return status;
}
