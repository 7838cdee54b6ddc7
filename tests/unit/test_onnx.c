// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"
#include "unit_files.h"

// --- models by hand ---

static void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_putc(out, (char)(0x80 | (value & 0x7f)));
    buf_putc(out, (char)value);
}

static void put_number(struct buf *out, unsigned field, uint64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, value);
}

static void put_bytes(struct buf *out, unsigned field, const void *bytes, size_t len)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, len);
    if (len > 0)
        buf_append(out, bytes, len);
}

// What the message of a field is built in, and then put into its parent.
static void put_message(struct buf *out, unsigned field, struct buf *message)
{
    put_bytes(out, field, message->data, message->len);
    buf_free(message);
    *message = (struct buf){0};
}

// A model whose graph has this and nothing else, and what is read of it: without the model's own fields. The caller
// frees.
static char *list_graph(const struct buf *graph)
{
    CLEANUP(buf) struct buf model = {0};
    put_number(&model, 1, 8);
    put_bytes(&model, 7, graph->data, graph->len);
    CLEANUP(free) char *all = list_file("m.onnx", model.data, model.len);
    char *version = strstr(all, "model.ir_version = 8\n");
    if (!version)
        return steal(&all);
    size_t front = (size_t)(version - all);
    return str_printf("%.*s%s", (int)front, all, version + strlen("model.ir_version = 8\n"));
}

static char *list_tensor_proto(struct buf *tensor)
{
    CLEANUP(buf) struct buf graph = {0};
    put_message(&graph, 5, tensor);
    return list_graph(&graph);
}

struct tensor_case {
    unsigned type;
    const char *dims; // one digit each
    unsigned field;   // 9: raw
    const char *bytes;
    size_t len;
    const char *expected;
};
#define DATA(bytes) bytes, sizeof(bytes) - 1

START_TEST(every_type_is_read_from_raw_and_from_typed_data)
{
    static const struct tensor_case table[] = {
        {1, "2", 9, DATA("\0\0\x80\x3f\0\0\0\x40"), "w f32[2] 1 2\n"},
        {1, "2", 4, DATA("\0\0\x80\x3f\0\0\0\x40"), "w f32[2] 1 2\n"},
        {2, "2", 9, DATA("\1\xff"), "w u8[2] 1 255\n"},
        {2, "2", 5, DATA("\1\xff\1"), "w u8[2] 1 255\n"},
        {3, "1", 5, DATA("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), "w i8[1] -1\n"},
        {4, "1", 5, DATA("\xac\2"), "w u16[1] 300\n"},
        {5, "1", 9, DATA("\xfe\xff"), "w i16[1] -2\n"},
        {6, "2", 5, DATA("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), "w i32[2] 1 -1\n"},
        {7, "1", 7, DATA("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), "w i64[1] -1\n"},
        {9, "2", 5, DATA("\0\1"), "w bool[2] 0 1\n"},
        {10, "1", 5, DATA("\x80\x78"), "w f16[1] 003c\n"},
        {10, "1", 9, DATA("\0\x3c"), "w f16[1] 003c\n"},
        {11, "1", 10, DATA("\0\0\0\0\0\0\xf0\x3f"), "w f64[1] 1\n"},
        {12, "1", 11, DATA("\xff\xff\xff\xff\x0f"), "w u32[1] 4294967295\n"},
        {13, "1", 11, DATA("\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"), "w u64[1] 18446744073709551615\n"},
        {14, "1", 4, DATA("\0\0\x80\x3f\0\0\0\x40"), "w c64[1] 0000803f00000040\n"},
        {15, "1", 10, DATA("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\0"), "w c128[1] 000000000000f03f0000000000000000\n"},
        {16, "1", 5, DATA("\x80\x7f"), "w bf16[1] 803f\n"},
        {17, "2", 9, DATA("\x38\x40"), "w f8_e4m3[2] 38 40\n"},
        {18, "1", 5, DATA("\x38"), "w f8_e4m3fnuz[1] 38\n"},
        {19, "1", 9, DATA("\x3c"), "w f8_e5m2[1] 3c\n"},
        {20, "1", 9, DATA("\x40"), "w f8_e5m2fnuz[1] 40\n"},
        {21, "22", 9, DATA("\x21\x43"), "w UINT4[2,2] 21 43\n"},
        {22, "3", 9, DATA("\x2f\x08"), "w INT4[3] -1 2 -8\n"},
        {23, "4", 5, DATA("\x21\x43"), "w FLOAT4E2M1[4] 21 43\n"},
        {24, "1", 9, DATA("\x7f"), "w f8_e8m0[1] 7f\n"},
        {6, "20", 9, "", 0, "w i32[2,0]\n"},
        {1, "", 9, DATA("\0\0\x80\x3f"), "w f32[] 1\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct tensor_case *test = &table[i];
        struct buf tensor = {0};
        for (const char *dim = test->dims; *dim; dim++)
            put_number(&tensor, 1, (unsigned)(*dim - '0'));
        put_bytes(&tensor, test->field, test->bytes, test->len);
        put_number(&tensor, 2, test->type); // behind the data, as no library writes it and all may
        put_bytes(&tensor, 8, "w", 1);
        CLEANUP(free) char *found = list_tensor_proto(&tensor);
        ck_assert_str_eq(found, test->expected);
    }
}
END_TEST

START_TEST(typed_data_that_is_not_packed_is_the_same)
{
    struct buf tensor = {0};
    put_number(&tensor, 1, 2);
    put_number(&tensor, 2, 6);
    put_bytes(&tensor, 8, "w", 1);
    put_number(&tensor, 5, 7);
    put_bytes(&tensor, 5, "\1", 1);
    CLEANUP(free) char *found = list_tensor_proto(&tensor);
    ck_assert_str_eq(found, "w i32[2] 7 1\n");
    put_number(&tensor, 1, 3);
    put_number(&tensor, 2, 1);
    put_bytes(&tensor, 8, "w", 1);
    put_bytes(&tensor, 4, "\0\0\x80\x3f", 4);
    buf_append(&tensor, "\x25\0\0\0\x40", 5);
    put_bytes(&tensor, 4, "\0\0\x40\x40", 4);
    CLEANUP(free) char *floats = list_tensor_proto(&tensor);
    ck_assert_str_eq(floats, "w f32[3] 1 2 3\n");
}
END_TEST

START_TEST(strings_are_lines)
{
    struct buf tensor = {0};
    put_number(&tensor, 1, 2);
    put_number(&tensor, 2, 8);
    put_bytes(&tensor, 6, "a", 1);
    put_bytes(&tensor, 6, "", 0);
    put_bytes(&tensor, 8, "w", 1);
    CLEANUP(free) char *found = list_tensor_proto(&tensor);
    ck_assert_str_eq(found, "w \"STRING[2]\"\nw[] \"a\\n\\n\"\n");
}
END_TEST

START_TEST(damaged_tensors_are_refused)
{
    static const struct {
        unsigned type, dim, field;
        const char *bytes;
        size_t len;
        unsigned again;
        const char *expected;
    } table[] = {
        {0, 1, 9, DATA("a"), 0, "a type that this reader does not know"},
        {99, 1, 9, DATA("a"), 0, "a type that this reader does not know"},
        {1, 2, 9, DATA("\0\0\0\0"), 0, "needs 8 bytes, there are 4"},
        {1, 1, 9, DATA("\0\0\0\0\0"), 0, "has 1 bytes more than its shape asks for"},
        {1, 1, 4, DATA("\0\0\0"), 0, "needs 4 bytes, there are 3"},
        {2, 1, 5, DATA("\x80\2"), 0, "an element that its type cannot hold"},
        {3, 1, 5, DATA("\x80\1"), 0, "an element that its type cannot hold"},
        {6, 1, 5, DATA("\x80"), 0, "a message ends within a number"},
        {6, 1, 4, DATA("\0\0\0\0"), 0, "its data is in the field of another type"},
        {1, 1, 4, DATA("\0\0\0\0"), 9, "its data is there twice"},
        {1, 1, 9, DATA("\0\0\0\0"), 9, "its data is there twice"},
        {8, 2, 6, DATA("a"), 0, "it has not as many strings as its shape says"},
        {8, 1, 9, DATA("a"), 0, "its data is in the field of another type"},
        {1, 0xffffffff, 9, DATA("a"), 0, "needs 17179869180 bytes, there are 1"},
        {22, 3, 9, DATA("a"), 0, "has fewer bytes than its shape asks for"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct buf tensor = {0};
        put_number(&tensor, 1, table[i].dim);
        put_number(&tensor, 2, table[i].type);
        put_bytes(&tensor, table[i].field, table[i].bytes, table[i].len);
        if (table[i].again)
            put_bytes(&tensor, table[i].again, table[i].bytes, table[i].len);
        put_bytes(&tensor, 8, "w", 1);
        CLEANUP(free) char *found = list_tensor_proto(&tensor);
        ck_assert_msg(str_starts(found, "error: m.onnx: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
}
END_TEST

START_TEST(dimensions_are_held_in_bounds)
{
    struct buf tensor = {0};
    put_number(&tensor, 2, 1);
    put_number(&tensor, 1, UINT64_MAX);
    CLEANUP(free) char *negative = list_tensor_proto(&tensor);
    ck_assert_ptr_nonnull(strstr(negative, "a negative dimension"));
    put_number(&tensor, 2, 1);
    for (int i = 0; i < 33; i++)
        put_number(&tensor, 1, 1);
    CLEANUP(free) char *many = list_tensor_proto(&tensor);
    ck_assert_ptr_nonnull(strstr(many, "more than 32 dimensions"));
    put_number(&tensor, 2, 1);
    for (int i = 0; i < 4; i++)
        put_number(&tensor, 1, 1 << 30);
    CLEANUP(free) char *large = list_tensor_proto(&tensor);
    ck_assert_ptr_nonnull(strstr(large, "is too large"));
}
END_TEST

// --- structure ---

static void put_node(struct buf *graph, const char *name, const char *op)
{
    struct buf node = {0};
    put_bytes(&node, 4, op, strlen(op));
    if (name)
        put_bytes(&node, 3, name, strlen(name));
    put_message(graph, 1, &node);
}

START_TEST(nodes_without_a_name_of_their_own_are_known_by_their_place)
{
    CLEANUP(buf) struct buf graph = {0};
    put_node(&graph, "a", "Add");
    put_node(&graph, "twin", "Mul");
    put_node(&graph, NULL, "Sub");
    put_node(&graph, "twin", "Div");
    put_node(&graph, "a.b", "Relu");
    CLEANUP(free) char *found = list_graph(&graph);
    ck_assert_str_eq(found, "graph.node.a.op_type \"Add\"\n"
                            "graph.node[\"a.b\"].op_type \"Relu\"\n"
                            "graph.node[1].name \"twin\"\n"
                            "graph.node[1].op_type \"Mul\"\n"
                            "graph.node[2].op_type \"Sub\"\n"
                            "graph.node[3].name \"twin\"\n"
                            "graph.node[3].op_type \"Div\"\n");
}
END_TEST

START_TEST(fields_that_nobody_knows_are_kept_as_bytes)
{
    CLEANUP(buf) struct buf graph = {0};
    put_number(&graph, 99, 5);
    put_bytes(&graph, 98, "x", 1);
    put_bytes(&graph, 10, "left out", 8);
    CLEANUP(free) char *found = list_graph(&graph);
    ck_assert_str_eq(found, "graph.unknown[0] <980605>\ngraph.unknown[1] <92060178>\n");
}
END_TEST

START_TEST(damaged_structures_are_refused)
{
    CLEANUP(buf) struct buf graph = {0};
    put_bytes(&graph, 2, "one", 3);
    put_bytes(&graph, 2, "two", 3);
    CLEANUP(free) char *twice = list_graph(&graph);
    ck_assert_str_eq(twice, "error: m.onnx: graph.name: is there twice");
    buf_clear(&graph);
    put_number(&graph, 2, 7);
    CLEANUP(free) char *wire = list_graph(&graph);
    ck_assert_str_eq(wire, "error: m.onnx: graph.name: a field of the wrong wire type");
    struct buf deep = {0};
    for (int i = 0; i < 60; i++) { // a graph in an attribute of a node of a graph
        struct buf attribute = {0}, node = {0}, inner = {0};
        put_message(&attribute, 6, &deep);
        put_message(&node, 5, &attribute);
        put_message(&inner, 1, &node);
        deep = inner;
    }
    CLEANUP(free) char *nested = list_graph(&deep);
    ck_assert_ptr_nonnull(strstr(nested, "nested deeper than 100 messages"));
    buf_free(&deep);
    buf_clear(&graph);
    struct buf tensor = {0};
    for (int i = 0; i < 2; i++) {
        put_number(&tensor, 2, 2);
        put_bytes(&tensor, 8, "w", 1);
        put_bytes(&tensor, 9, "x", 1);
        put_message(&graph, 5, &tensor);
    }
    CLEANUP(free) char *names = list_graph(&graph);
    ck_assert_str_eq(names, "error: m.onnx: 'w' comes twice");
}
END_TEST

// --- external data ---

// A model with one u8 tensor of `size` elements in the file `location`; `extra` is another pair of key and value.
static char *list_external(const char *location, unsigned size, const char *key, const char *value)
{
    struct buf model = {0}, graph = {0}, tensor = {0}, pair = {0};
    put_number(&tensor, 1, size);
    put_number(&tensor, 2, 2);
    put_bytes(&tensor, 8, "w", 1);
    put_bytes(&pair, 1, "location", 8);
    put_bytes(&pair, 2, location, strlen(location));
    put_message(&tensor, 13, &pair);
    if (key) {
        put_bytes(&pair, 1, key, strlen(key));
        put_bytes(&pair, 2, value, strlen(value));
        put_message(&tensor, 13, &pair);
    }
    put_number(&tensor, 14, 1);
    put_message(&graph, 5, &tensor);
    put_number(&model, 1, 8);
    put_message(&model, 7, &graph);
    FILE *file = fopen("d/m.onnx", "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(model.data, 1, model.len, file), model.len);
    ck_assert_int_eq(fclose(file), 0);
    buf_free(&model);
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    if (contents_open(&contents, "d/m.onnx", &err) == 0)
        return list_contents(contents);
    char *said = error_text(&err);
    error_free(&err);
    return said;
}

START_TEST(external_data_is_found_beside_the_model_and_nowhere_else)
{
    static const struct {
        const char *location;
        unsigned size;
        const char *key, *value, *expected;
    } table[] = {
        {"w.bin", 4, NULL, NULL, "w u8[4] 49 50 51 52"},
        {"w.bin", 2, NULL, NULL, "w u8[2] 49 50"},
        {"sub/v.bin", 1, NULL, NULL, "w u8[1] 118"},
        {"w.bin", 2, "offset", "1", "w u8[2] 50 51"},
        {"w.bin", 2, "length", "2", "w u8[2] 49 50"},
        {"w.bin", 2, "length", "3", "1 bytes more than its shape asks for"},
        {"w.bin", 5, NULL, NULL, "needs 5 bytes, there are 4"},
        {"w.bin", 1, "offset", "9", "its data is beyond the 4 bytes of 'w.bin'"},
        {"w.bin", 1, "length", "9", "its data is beyond the 4 bytes of 'w.bin'"},
        {"w.bin", 1, "offset", "-1", "an offset or a length that is no number"},
        {"w.bin", 1, "length", "99999999999999999999", "an offset or a length that is no number"},
        {"w.bin", 1, "location", "w.bin", "external data without a proper location"},
        {"../secret", 1, NULL, NULL, "../secret"},
        {"/etc/passwd", 1, NULL, NULL, "/etc/passwd"},
        {"link", 1, NULL, NULL, "link"},
        {"none", 1, NULL, NULL, "none"},
        {"sub", 1, NULL, NULL, "sub"},
        {"", 1, NULL, NULL, "tensor 'w'"},
    };
    char *folder = enter_folder();
    put("secret", "s");
    put("d/w.bin", "1234");
    put("d/sub/v.bin", "v");
    ck_assert_int_eq(symlink("../secret", "d/link"), 0);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_external(table[i].location, table[i].size, table[i].key, table[i].value);
        ck_assert_msg(strstr(found, table[i].expected) && (i < 5) == (strstr(found, "w u8") != NULL), "'%s' in '%s'",
                      table[i].expected, found);
    }
    leave_folder(folder);
}
END_TEST

// --- models of the library ---

static const char writer[] =
    "from onnx import helper, numpy_helper, TensorProto as T\n"
    "def model(raw, op='Relu', bump=0):\n"
    "    def t(name, a):\n"
    "        proto = numpy_helper.from_array(a, name)\n"
    "        if raw: return proto\n"
    "        return helper.make_tensor(name, proto.data_type, a.shape, a.flatten().tolist())\n"
    "    n = numpy\n"
    "    w = n.arange(6, dtype=n.float32).reshape(2, 3); w[1, 2] += bump\n"
    "    inits = [t('w', w)] + [t(d, n.arange(3).astype(d)) for d in ['int8', 'uint8', 'int16', 'uint16', 'int32',\n"
    "             'int64', 'uint32', 'uint64', 'float16', 'float64', 'bool', 'complex64', 'complex128']]\n"
    "    inner = helper.make_graph([helper.make_node('Constant', [], ['c'], value=t('', n.array([1, 2])))], 'then', "
    "[],\n"
    "        [helper.make_tensor_value_info('c', T.INT64, [2])], initializer=[t('v', n.array([3.5]))])\n"
    "    nodes = [helper.make_node('MatMul', ['x', 'w'], ['y'], name='mm'), helper.make_node(op, ['y'], ['z'], "
    "name='act'),\n"
    "        helper.make_node('If', ['c'], ['o'], name='if', then_branch=inner, else_branch=inner),\n"
    "        helper.make_node('Conv', ['a'], ['b'], name='conv', pads=[1, 1], alpha=0.5, names=['p', 'q'])]\n"
    "    graph = helper.make_graph(nodes, 'g', [helper.make_tensor_value_info('x', T.FLOAT, ['N', 2])],\n"
    "        [helper.make_tensor_value_info('z', T.FLOAT, ['N', 3])], initializer=inits, doc_string='doc %d' % raw)\n"
    "    return helper.make_model(graph, producer_name='p%d' % raw, opset_imports=[helper.make_opsetid('', 15)])\n"
    "onnx.save(model(True), 'raw.onnx')\n"
    "onnx.save(model(False), 'typed.onnx')\n"
    "onnx.save(model(True, 'Gelu'), 'operator.onnx')\n"
    "onnx.save(model(True, bump=1), 'weight.onnx')\n"
    "onnx.save_model(model(True), 'external.onnx', save_as_external_data=True, location='e.bin', size_threshold=1)\n";

static char *list_path(const char *path, bool *left_out_producer)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, path, &err), &err);
    ck_assert_str_eq(contents->format->name, "onnx");
    *left_out_producer = strings_has(&contents->left_out, "producer_name");
    return list_contents(contents);
}

START_TEST(a_model_of_the_library_is_the_same_however_it_is_stored)
{
    char *folder = enter_folder();
    if (write_with_python("numpy, onnx", writer)) {
        bool left_out;
        CLEANUP(free) char *raw = list_path("raw.onnx", &left_out);
        ck_assert(left_out);
        static const char *const lines[] = {
            "w f32[2,3] 0 1 2 3 4 5\n",
            "int8 i8[3] 0 1 2\n",
            "uint64 u64[3] 0 1 2\n",
            "float64 f64[3] 0 1 2\n",
            "bool bool[3] 0 1 1\n",
            "float16 f16[3] 0000 003c 0040\n",
            "act.op_type \"Relu\"\n",
            "node.conv.pads.ints i64[2] 1 1\n",
            "node.conv.alpha.f = 0.5\n",
            "node.conv.names.strings[] \"p\\nq\\n\"\n",
            "then_branch.g.node[0].value.t i64[2] 1 2\n",
            "then_branch.g.v f64[1] 3.5\n",
            "graph.input[] \"x\\n\"\n",
            "opset_import[0].version = 15\n",
            "input.x.type.tensor_type.elem_type \"FLOAT\"\n",
        };
        for (size_t i = 0; i < ARRAY_LEN(lines); i++)
            ck_assert_msg(strstr(raw, lines[i]) != NULL, "'%s' in\n%s", lines[i], raw);
        CLEANUP(free) char *typed = list_path("typed.onnx", &left_out);
        ck_assert_str_eq(raw, typed);
        CLEANUP(free) char *external = list_path("external.onnx", &left_out);
        ck_assert_str_eq(raw, external);
        CLEANUP(free) char *operator= list_path("operator.onnx", &left_out);
        ck_assert_ptr_nonnull(strstr(operator, "graph.node.act.op_type \"Gelu\"\n"));
        CLEANUP(free) char *weight = list_path("weight.onnx", &left_out);
        ck_assert_ptr_nonnull(strstr(weight, "w f32[2,3] 0 1 2 3 4 6\n"));
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_model_cut_anywhere_is_read_or_refused)
{
    struct error err = {0};
    char *folder = enter_folder();
    if (write_with_python("numpy, onnx", writer)) {
        CLEANUP(buf) struct buf model = {0};
        ck_ok(fs_read(&model, "raw.onnx", 0, &err), &err);
        // Between two fields of the model there is nothing that tells.
        ck_assert_uint_gt(cut_everywhere("m.onnx", model.data, model.len), model.len - 32);
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("onnx", every_type_is_read_from_raw_and_from_typed_data, typed_data_that_is_not_packed_is_the_same,
          strings_are_lines, damaged_tensors_are_refused, dimensions_are_held_in_bounds,
          nodes_without_a_name_of_their_own_are_known_by_their_place, fields_that_nobody_knows_are_kept_as_bytes,
          damaged_structures_are_refused, external_data_is_found_beside_the_model_and_nowhere_else,
          a_model_of_the_library_is_the_same_however_it_is_stored, a_model_cut_anywhere_is_read_or_refused)
