// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"
#include "unit_expect.h"

// A writer made from the specification, for Python: tensors is a list of (name, dtype, shape, bytes).
#define WRITER                                                                                                         \
    UNIT_EXPECT "import json, struct, random\n"                                                                        \
                "def write(file, tensors, metadata=None, shuffle=None, pad=0):\n"                                      \
                "    header = {}; data = b''\n"                                                                        \
                "    for name, dtype, shape, raw in tensors:\n"                                                        \
                "        header[name] = {'dtype': dtype, 'shape': list(shape), 'data_offsets': [len(data), len(data) " \
                "+ len(raw)]}\n"                                                                                       \
                "        data += raw\n"                                                                                \
                "    items = list(header.items())\n"                                                                   \
                "    if shuffle: random.Random(shuffle).shuffle(items)\n"                                              \
                "    if metadata is not None: items.insert(0, ('__metadata__', metadata))\n"                           \
                "    text = json.dumps(dict(items), ensure_ascii=bool(shuffle)).encode() + b' ' * pad\n"               \
                "    open(file, 'wb').write(struct.pack('<Q', len(text)) + text + data)\n"

START_TEST(every_dtype_is_read)
{
    char *folder = enter_folder();
    python(WRITER
           "bits = {'BOOL': 8, 'U8': 8, 'I8': 8, 'F8_E5M2': 8, 'F8_E4M3': 8, 'F8_E8M0': 8, 'F8_E4M3FNUZ': 8,\n"
           "        'F8_E5M2FNUZ': 8, 'I16': 16, 'U16': 16, 'F16': 16, 'BF16': 16, 'I32': 32, 'U32': 32,\n"
           "        'F32': 32, 'C64': 64, 'F64': 64, 'I64': 64, 'U64': 64, 'F4': 4, 'F6_E2M3': 6, 'F6_E3M2': 6}\n"
           "rng = random.Random(1)\n"
           "tensors = []\n"
           "for dtype in bits:\n"
           "    for shape in ((), (0,), (4,), (3, 8), (2, 0, 5)):\n"
           "        count = 1\n"
           "        for d in shape: count *= d\n"
           "        if count * bits[dtype] % 8: continue\n"
           "        raw = bytes(rng.randrange(2 if dtype == 'BOOL' else 256) for i in range(count * "
           "bits[dtype] // 8))\n"
           "        tensors.append(('%s.%d' % (dtype, len(shape)) + str(count), dtype, shape, raw))\n"
           "for i, (shuffle, pad) in enumerate(((None, 0), (5, 7))):\n"
           "    write('%d.safetensors' % i, tensors, None, shuffle, pad)\n"
           "    for name, dtype, shape, raw in tensors:\n"
           "        known = dtype if dtype in ('F4', 'F6_E2M3', 'F6_E3M2') else dtype.lower()\n"
           "        expect('%d.safetensors' % i, name, known, shape, raw)\n");
    ck_assert_uint_eq(expect_listed(), 2 * (22 * 5 - 3));
    leave_folder(folder);
}
END_TEST

START_TEST(names_and_metadata_are_any_text)
{
    struct error err = {0};
    char *folder = enter_folder();
    python(WRITER
           "t = [('gr\\u00fc\\u00df.w', 'U8', (1,), b'a'), ('tab\\t\"q\"', 'U8', (1,), b'b'), ('', 'U8', (1,), b'c'),"
           " ('\\U0001f600', 'U8', (), b'd')]\n"
           "write('a', t, {'format': 'pt', 'escaped': 'a\\nb'})\n"
           "write('b', t, {'escaped': 'a\\nb', 'format': 'pt'}, 3)\n");
    static const char *const names[] = {"a", "b"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_open(&contents, names[i], &err), &err);
        ck_assert_uint_eq(contents->count, 6);
        ck_assert_ptr_nonnull(contents_find(contents, "gr\xc3\xbc\xc3\x9f.w"));
        ck_assert_ptr_nonnull(contents_find(contents, "tab\t\"q\""));
        ck_assert_ptr_nonnull(contents_find(contents, ""));
        ck_assert_ptr_nonnull(contents_find(contents, "\xf0\x9f\x98\x80"));
        const struct value *format = contents_find(contents, "__metadata__.format");
        const struct value *escaped = contents_find(contents, "__metadata__.escaped");
        ck_assert_int_eq(format->kind, VALUE_TEXT);
        ck_assert_mem_eq(format->bytes, "pt", 2);
        ck_assert_uint_eq(escaped->size, 3);
        ck_assert_mem_eq(escaped->bytes, "a\nb", 3);
        ck_assert(strings_has(&contents->left_out, "the order of tensors and keys in safetensors' headers"));
        ck_assert_ptr_null(contents->note);
    }
    leave_folder(folder);
}
END_TEST

static int parse_header(struct contents **out, const char *header, size_t data, struct error *err)
{
    CLEANUP(buf) struct buf file = {0};
    uint64_t len = strlen(header);
    buf_append(&file, &len, 8); // the machines that test this are little-endian
    buf_puts(&file, header);
    for (size_t i = 0; i < data; i++)
        buf_putc(&file, (char)i);
    return parse_exactly(out, "a.safetensors", file.data, file.len, err);
}

START_TEST(tensors_by_hand_are_read)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(parse_header(&contents,
                       "{\"b\":{\"data_offsets\":[2,4],\"shape\":[1],\"dtype\":\"I16\"},"
                       "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                       "\"empty\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[2,2]}}   ",
                       4, &err),
          &err);
    ck_assert_uint_eq(contents->count, 3);
    ck_assert_mem_eq(contents_find(contents, "b")->tensor.data, "\2\3", 2);
    ck_assert_mem_eq(contents_find(contents, "a")->tensor.data, "\0\1", 2);
    ck_assert_uint_eq(contents_find(contents, "empty")->tensor.count, 0);
    CLEANUP(contents) struct contents *none = NULL;
    ck_ok(parse_header(&none, "{}", 0, &err), &err);
    ck_assert_uint_eq(none->count, 0);
}
END_TEST

START_TEST(a_bad_header_is_refused)
{
#define TENSOR(shape, offsets) "{\"dtype\":\"U8\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
    static const char *const table[][2] = {
        {"{\"a\":" TENSOR("[4]", "[0,4]"), "its header: line 1, column 53"},
        {"{\"a\":" TENSOR("[4]", "[0,4]") "} x", "expected the end"},
        {"{\"a\":" TENSOR("[3]", "[0,3]") "}", "the tensors end at byte 3 of 4"},
        {"{\"a\":" TENSOR("[3]", "[1,4]") "}", "tensor 'a' begins at byte 1 of the data instead of 0"},
        {"{\"a\":" TENSOR("[3]", "[0,3]") ",\"b\":" TENSOR("[2]", "[2,4]") "}", "'b' begins at byte 2 of the data"},
        {"{\"a\":" TENSOR("[4]", "[0,4]") ",\"b\":" TENSOR("[4]", "[0,4]") "}", "begins at byte 0 of the data"},
        {"{\"a\":" TENSOR("[5]", "[0,5]") "}", "bytes 0 to 5 are not among the 4"},
        {"{\"a\":" TENSOR("[4]", "[4,0]") "}", "bytes 4 to 0 are not"},
        {"{\"a\":" TENSOR("[5]", "[0,4]") "}", "tensor 'a': needs 5 bytes, there are 4"},
        {"{\"a\":" TENSOR("[3]", "[0,4]") "}", "tensor 'a': needs 3 bytes, there are 4"},
        {"{\"a\":" TENSOR("[-1]", "[0,4]") "}", "expected a number"},
        {"{\"a\":" TENSOR("[4.0]", "[0,4]") "}", "expected a number"},
        {"{\"a\":" TENSOR("[\"4\"]", "[0,4]") "}", "expected a number"},
        {"{\"a\":" TENSOR("[NaN]", "[0,4]") "}", "expected a number"},
        {"{\"a\":" TENSOR("[9223372036854775807,9]", "[0,4]") "}", "is too large"},
        {"{\"a\":" TENSOR("[18446744073709551616]", "[0,4]") "}", "expected a number"},
        {"{\"a\":" TENSOR("[4]", "[0,4,4]") "}", "more than 2 numbers"},
        {"{\"a\":" TENSOR("[4]", "[0]") "}", "two 'data_offsets'"},
        {"{\"a\":" TENSOR("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4]", "[0,4]") "}",
         "more than 32 numbers"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", "it needs"},
        {"{\"a\":{\"dtype\":\"u8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "unknown type 'u8'"},
        {"{\"a\":{\"dtype\":8,\"shape\":[4],\"data_offsets\":[0,4]}}", "expected the name of a type"},
        {"{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,4]}}", "3 elements do not fill blocks of 2"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "'dtype' comes twice"},
        {"{\"a\":{\"colour\":1,\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", "unknown key 'colour'"},
        {"{\"a\":4}", "tensor 'a': expected an object"},
        {"{\"a\":" TENSOR("[4]", "[0,4]") ",\"a\":" TENSOR("[0]", "[4,4]") "}", "'a' comes twice"},
        {"{\"__metadata__\":{\"a\":1}}", "__metadata__: expected a text"},
        {"{\"__metadata__\":[]}", "__metadata__: expected an object"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", "comes twice"},
        {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"},\"a\":" TENSOR("[4]", "[0,4]") "}",
         "'__metadata__.a' comes twice"},
        {"{\"a\\u0000\":" TENSOR("[4]", "[0,4]") "}", "zero byte"},
        {"{\"\xff\":" TENSOR("[4]", "[0,4]") "}", "byte 10: its header is not UTF-8"},
    };
#undef TENSOR
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct error err = {0};
        struct contents *contents = NULL;
        ck_assert_msg(parse_header(&contents, table[i][0], 4, &err) == -1, "row %zu", i);
        expect_error(&err, ERROR_USAGE, table[i][1]);
    }
}
END_TEST

START_TEST(a_header_that_does_not_fit_is_refused)
{
    char *folder = enter_folder();
    python(WRITER "write('a', [('w', 'U8', (2,), b'ab'), ('v', 'F32', (), b'abcd')], {'k': 'v'})\n");
    expect_no_prefix("a");
    // One byte more than the header says.
    struct error err = {0};
    FILE *file = fopen("a", "ab");
    fputc('x', file);
    fclose(file);
    struct contents *contents = NULL;
    ck_assert_int_eq(contents_open(&contents, "a", &err), -1);
    expect_error(&err, ERROR_USAGE, "a: the tensors end at byte 6 of 7 of data");
    leave_folder(folder);
}
END_TEST

static void write_shards(void)
{
    python(
        WRITER
        "import os\n"
        "os.mkdir('m'); os.mkdir('one')\n"
        "a, b, c = ('a', 'U8', (2,), b'aa'), ('b', 'U8', (3,), b'bbb'), ('c', 'F32', (), b'cccc')\n"
        "write('m/model-00001-of-00002.safetensors', [a, b], {'format': 'pt'})\n"
        "write('m/model-00002-of-00002.safetensors', [c], {'format': 'pt'})\n"
        "write('one/model.safetensors', [a, b, c])\n"
        "json.dump({'metadata': {'total_size': 9}, 'weight_map': {'a': 'model-00001-of-00002.safetensors',"
        " 'b': 'model-00001-of-00002.safetensors', 'c': 'model-00002-of-00002.safetensors'}},"
        " open('m/model.safetensors.index.json', 'w'), indent=2)\n"
        "for name, dtype, shape, raw in a, b, c: expect('m/model.safetensors.index.json', name, dtype.lower(), shape,"
        " raw)\n");
}

START_TEST(a_checkpoint_in_shards_is_one_list)
{
    struct error err = {0};
    char *folder = enter_folder();
    write_shards();
    CLEANUP(contents) struct contents *index = NULL;
    ck_ok(contents_open(&index, "m/model.safetensors.index.json", &err), &err);
    ck_assert_str_eq(index->format->name, "safetensors-index");
    expect_tensor(index, "a", "u8", "[2]", "raw1");
    expect_tensor(index, "b", "u8", "[3]", "raw2");
    expect_tensor(index, "c", "f32", "[]", "raw3");
    ck_assert(contents_find(index, "metadata.total_size")->number == 9);
    ck_assert_ptr_nonnull(contents_find(index, "model-00002-of-00002.safetensors:__metadata__.format"));
    ck_assert_uint_eq(index->count, 6);
    leave_folder(folder);
}
END_TEST

START_TEST(a_folder_with_shards_has_the_names_of_the_unsharded_one)
{
    struct error err = {0};
    char *folder = enter_folder();
    write_shards();
    CLEANUP(contents) struct contents *shards = NULL;
    CLEANUP(contents) struct contents *one = NULL;
    ck_ok(contents_open(&shards, "m", &err), &err);
    ck_ok(contents_open(&one, "one", &err), &err);
    ck_assert_uint_eq(shards->count, 6); // each shard once
    for (size_t i = 0; i < one->count; i++)
        ck_assert_ptr_nonnull(contents_find(shards, one->items[i].name));
    ck_assert_ptr_nonnull(contents_find(one, "model.safetensors:c"));
    leave_folder(folder);
}
END_TEST

START_TEST(a_damaged_checkpoint_is_an_error_that_names_the_shard)
{
    static const char *const table[][2] = {
        {"os.unlink(shard)", "its shard: 'model-00002-of-00002.safetensors' is missing"},
        {"os.unlink(shard); os.symlink('model-00001-of-00002.safetensors', shard)", "is a symbolic link"},
        {"write(shard, [])", "tensor 'c' is not in its shard 'model-00002-of-00002.safetensors'"},
        {"open(shard, 'wb').write(b'x')", "model-00002-of-00002.safetensors: its header"},
        {"put({'weight_map': {'a': '../a'}})", "'../a' leads out of its folder"},
        {"put({'weight_map': {'a': '/etc/passwd'}})", "'/etc/passwd' leads out of its folder"},
        {"put({'weight_map': {'a': 1}})", "expected the file name"},
        {"put({'weight_map': []})", "expected an object in 'weight_map'"},
        {"put({'metadata': {}})", "expected a 'weight_map'"},
        {"put({'weight_map': {}, 'more': 1})", "and nothing else"},
        {"put([])", "expected an object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *folder = enter_folder();
        write_shards();
        CLEANUP(free)
        char *program = str_printf("%s%s%s\n", WRITER,
                                   "import os\nshard = 'm/model-00002-of-00002.safetensors'\n"
                                   "index = 'm/model.safetensors.index.json'\n"
                                   "def put(value): json.dump(value, open(index, 'w'))\n",
                                   table[i][0]);
        python(program);
        struct error err = {0};
        struct contents *contents = NULL;
        ck_assert_msg(contents_open(&contents, "m/model.safetensors.index.json", &err) == -1, "row %zu", i);
        expect_error(&err, ERROR_USAGE, table[i][1]);
        // The folder can be compared nevertheless.
        ck_ok(contents_open(&contents, "m", &err), &err);
        ck_assert_ptr_nonnull(contents_find(contents, "model-00001-of-00002.safetensors:a"));
        ck_assert_ptr_nonnull(contents->note);
        contents_free(contents);
        leave_folder(folder);
    }
}
END_TEST

UNIT_MAIN("safetensors", every_dtype_is_read, names_and_metadata_are_any_text, tensors_by_hand_are_read,
          a_bad_header_is_refused, a_header_that_does_not_fit_is_refused, a_checkpoint_in_shards_is_one_list,
          a_folder_with_shards_has_the_names_of_the_unsharded_one,
          a_damaged_checkpoint_is_an_error_that_names_the_shard)
