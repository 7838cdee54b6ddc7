// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"
#include "unit_files.h"

// --- files by hand ---

static void put_number(struct buf *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        buf_putc(out, (char)(value >> 8 * i));
}

static void put_text(struct buf *out, const char *text)
{
    put_number(out, strlen(text), 8);
    buf_puts(out, text);
}

static void put_head(struct buf *out, uint64_t tensors, uint64_t pairs)
{
    buf_append(out, "GGUF\3\0\0\0", 8);
    put_number(out, tensors, 8);
    put_number(out, pairs, 8);
}

// The key, the type and the bytes of a value.
static void put_pair(struct buf *out, const char *key, unsigned type, const void *bytes, size_t len)
{
    put_text(out, key);
    put_number(out, type, 4);
    buf_append(out, bytes, len);
}

static void put_tensor(struct buf *out, const char *name, uint64_t elements, unsigned type, uint64_t offset)
{
    put_text(out, name);
    put_number(out, 1, 4);
    put_number(out, elements, 8);
    put_number(out, type, 4);
    put_number(out, offset, 8);
}

// Pads to a multiple of 32, then puts that many bytes, 1, 2, 3, …
static void put_data(struct buf *out, size_t len)
{
    while (out->len % 32 != 0)
        buf_putc(out, '\0');
    for (size_t i = 0; i < len; i++)
        buf_putc(out, (char)(i + 1));
}

static char *list(const struct buf *file)
{
    return list_file("m.gguf", file->data, file->len);
}

#define BYTES(bytes) bytes, sizeof(bytes) - 1

START_TEST(values_of_every_type_are_read)
{
    static const struct {
        unsigned type;
        const char *bytes;
        size_t len;
        const char *expected;
    } table[] = {
        {0, BYTES("\xff"), "k = 255\n"},
        {1, BYTES("\xff"), "k = -1\n"},
        {2, BYTES("\xff\xff"), "k = 65535\n"},
        {3, BYTES("\xfe\xff"), "k = -2\n"},
        {4, BYTES("\xff\xff\xff\xff"), "k = 4294967295\n"},
        {5, BYTES("\xff\xff\xff\xff"), "k = -1\n"},
        {6, BYTES("\0\0\0\x3f"), "k = 0.5\n"},
        {7, BYTES("\1"), "k bool[] 1\n"},
        {8, BYTES("\2\0\0\0\0\0\0\0hi"), "k \"hi\"\n"},
        {10, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "k u64[] 18446744073709551615\n"},
        {10, BYTES("\7\0\0\0\0\0\0\0"), "k = 7\n"},
        {11, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "k = -1\n"},
        {11, BYTES("\0\0\0\0\0\0\0\x80"), "k i64[] -9223372036854775808\n"},
        {12, BYTES("\0\0\0\0\0\0\xe0\xbf"), "k = -0.5\n"},
        {9, BYTES("\5\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\xff\xff\xff\xff"), "k i32[2] 1 -1\n"},
        {9, BYTES("\7\0\0\0\2\0\0\0\0\0\0\0\1\0"), "k bool[2] 1 0\n"},
        {9, BYTES("\6\0\0\0\0\0\0\0\0\0\0\0"), "k f32[0]\n"},
        {9, BYTES("\x8\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0a\2\0\0\0\0\0\0\0b\n"), "k[] \"a\\nb\\n\\n\"\n"},
        {9, BYTES("\x9\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\5\0\0\0\0\2\0\0\0\0\0\0\0\6\7"),
         "k[0] u8[1] 5\nk[1] u8[2] 6 7\nk[].length = 2\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf file = {0};
        put_head(&file, 0, 1);
        put_pair(&file, "k", table[i].type, table[i].bytes, table[i].len);
        CLEANUP(free) char *found = list(&file);
        ck_assert_str_eq(found, table[i].expected);
        // Four bytes of the signature are not GGUF yet.
        ck_assert_uint_eq(cut_everywhere("m.gguf", file.data, file.len), file.len - 4);
    }
}
END_TEST

START_TEST(tensors_have_the_innermost_dimension_last)
{
    CLEANUP(buf) struct buf file = {0};
    put_head(&file, 1, 0);
    put_text(&file, "w");
    put_number(&file, 2, 4);
    put_number(&file, 3, 8); // columns
    put_number(&file, 2, 8); // rows
    put_number(&file, 24, 4);
    put_number(&file, 0, 8);
    put_data(&file, 6);
    CLEANUP(free) char *found = list(&file);
    ck_assert_str_eq(found, "w i8[2,3] 1 2 3 4 5 6\n");
}
END_TEST

START_TEST(numbers_are_numbers_and_quantised_tensors_are_blocks)
{
    static const struct {
        unsigned type, elements, bytes;
        const char *expected;
    } table[] = {
        {0, 1, 4, "w f32[1] "},         {1, 1, 2, "w f16[1] 0102\n"},   {30, 1, 2, "w bf16[1] 0102\n"},
        {28, 1, 8, "w f64[1] "},        {24, 2, 2, "w i8[2] 1 2\n"},    {25, 1, 2, "w i16[1] 513\n"},
        {26, 1, 4, "w i32[1] "},        {27, 1, 8, "w i64[1] "},        {2, 32, 18, "w Q4_0[32] 0102"},
        {3, 64, 40, "w Q4_1[64] "},     {6, 32, 22, "w Q5_0[32] "},     {7, 32, 24, "w Q5_1[32] "},
        {8, 32, 34, "w Q8_0[32] "},     {10, 256, 84, "w Q2_K[256] "},  {11, 256, 110, "w Q3_K[256] "},
        {12, 256, 144, "w Q4_K[256] "}, {13, 256, 176, "w Q5_K[256] "}, {14, 256, 210, "w Q6_K[256] "},
        {20, 32, 18, "w IQ4_NL[32] "},  {39, 32, 17, "w MXFP4[32] "},   {35, 256, 66, "w TQ2_0[256] "},
        {29, 256, 56, "w IQ1_M[256] "},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        for (unsigned less = 0; less < 2; less++) {
            CLEANUP(buf) struct buf file = {0};
            put_head(&file, 1, 0);
            put_tensor(&file, "w", table[i].elements, table[i].type, 0);
            put_data(&file, table[i].bytes - less);
            CLEANUP(free) char *found = list(&file);
            ck_assert_msg(str_starts(found, less ? "error: m.gguf: tensor 'w': needs " : table[i].expected), "%s: %s",
                          table[i].expected, found);
        }
    }
}
END_TEST

START_TEST(a_type_that_nobody_knows_is_bytes_and_said)
{
    CLEANUP(buf) struct buf file = {0};
    put_head(&file, 2, 0);
    put_tensor(&file, "a", 7, 99, 0);
    put_tensor(&file, "b", 2, 24, 32);
    put_data(&file, 2);
    put_data(&file, 2);
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "m.gguf", file.data, file.len, &err), &err);
    ck_assert_ptr_nonnull(strstr(contents->note, "tensor 'a' is of the type 99"));
    ck_assert_int_eq(contents->items[0].kind, VALUE_BYTES);
    ck_assert_uint_eq(contents->items[0].size, 32);
    ck_assert_int_eq(contents->items[1].kind, VALUE_TENSOR);
}
END_TEST

START_TEST(what_names_the_file_and_its_maker_is_left_out)
{
    CLEANUP(buf) struct buf file = {0};
    put_head(&file, 0, 2);
    put_pair(&file, "general.uuid", 8, "\1\0\0\0\0\0\0\0u", 9);
    put_pair(&file, "general.name", 8, "\1\0\0\0\0\0\0\0n", 9);
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "m.gguf", file.data, file.len, &err), &err);
    ck_assert_uint_eq(contents->count, 1);
    ck_assert_str_eq(contents->items[0].name, "general.name");
    ck_assert(strings_has(&contents->left_out, "general.uuid"));
    ck_assert(!strings_has(&contents->left_out, "general.url"));
}
END_TEST

// Two tensors of 2 bytes each, `a` and `b`, at these offsets, in `len` bytes of data.
static char *list_two(uint64_t a, uint64_t b, size_t len)
{
    CLEANUP(buf) struct buf file = {0};
    put_head(&file, 2, 0);
    put_tensor(&file, "a", 2, 24, a);
    put_tensor(&file, "b", 2, 24, b);
    put_data(&file, len);
    return list(&file);
}

START_TEST(tensors_lie_one_behind_the_other)
{
    static const struct {
        uint64_t a, b;
        size_t len;
        const char *expected;
    } table[] = {
        {0, 32, 34, "a i8[2] 1 2\nb i8[2] 33 34\n"},
        {32, 0, 34, "a i8[2] 33 34\nb i8[2] 1 2\n"},
        {0, 32, 64, "a i8[2] 1 2\nb i8[2] 33 34\n"}, // padded at the end, too
        {0, 0, 34, "error: m.gguf: tensor 'a': needs 2 bytes, there are 0"},
        {0, 2, 34, "error: m.gguf: tensor 'b': begins at 2 of 34 bytes of data, aligned to 32"},
        {0, 64, 98, "error: m.gguf: tensor 'a': 62 bytes that belong to no tensor stand behind it"},
        {0, 32, 96, "error: m.gguf: tensor 'b': 62 bytes that belong to no tensor stand behind it"},
        {32, 64, 98, "the data begins with bytes that belong to no tensor"},
        {0, 32, 33, "error: m.gguf: tensor 'b': needs 2 bytes, there are 1"},
        {0, 64, 34, "error: m.gguf: tensor 'a': begins at 0 of 34 bytes"},
        {0, UINT64_MAX - 31, 34, "error: m.gguf: tensor 'a': begins at 0 of 34 bytes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_two(table[i].a, table[i].b, table[i].len);
        ck_assert_msg(strstr(found, table[i].expected) != NULL, "'%s' in '%s'", table[i].expected, found);
    }
}
END_TEST

START_TEST(damaged_files_are_refused)
{
    static const struct {
        uint64_t tensors, pairs;
        unsigned type;
        const char *bytes;
        size_t len;
        const char *expected;
    } table[] = {
        {0, 1, 13, BYTES("a"), "a value of a type that GGUF does not have"},
        {0, 2, 0, BYTES("a"), "the file ends here"},
        {UINT64_MAX, 0, 0, BYTES("a"), "more tensors and pairs than the file has room for"},
        {0, UINT64_MAX, 0, BYTES("a"), "more tensors and pairs than the file has room for"},
        {0, 1, 8, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "a text is longer than the file"},
        {0, 1, 9, BYTES("\x0d\0\0\0\1\0\0\0\0\0\0\0a"), "an array of a type that GGUF does not have"},
        {0, 1, 9, BYTES("\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"),
         "an array has more values than the file has bytes"},
        {0, 1, 9, BYTES("\4\0\0\0\2\0\0\0\0\0\0\0aaaa"), "'k': needs 8 bytes, there are 4"},
        {0, 1, 4, BYTES("\0\0\0\0\1"), "the data begins with bytes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf file = {0};
        put_head(&file, table[i].tensors, table[i].pairs);
        put_pair(&file, "k", table[i].type, table[i].bytes, table[i].len);
        if (i + 1 == ARRAY_LEN(table))
            put_data(&file, 64);
        CLEANUP(free) char *found = list(&file);
        ck_assert_msg(str_starts(found, "error: m.gguf: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
}
END_TEST

START_TEST(names_dimensions_and_alignments_are_held_in_bounds)
{
    static const struct {
        uint64_t elements;
        unsigned type, alignment;
        const char *name, *expected;
    } table[] = {
        {2, 24, 7, "w", "general.alignment is no multiple of 8"},
        {2, 24, 0, "w", "general.alignment is no multiple of 8"},
        {2, 24, 8, "", "a name that is empty"},
        {33, 2, 8, "w", "rows of 33 elements do not fill blocks of 32"},
        {UINT64_MAX, 0, 8, "w", "is too large"},
        {2, 24, 0x80000000, "w", "the file ends before the data of its tensors"},
        {2, 24, 8, "general.alignment", "'general.alignment' comes twice"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf file = {0}, alignment = {0};
        put_number(&alignment, table[i].alignment, 4);
        put_head(&file, 1, 1);
        put_pair(&file, "general.alignment", 4, alignment.data, alignment.len);
        put_tensor(&file, table[i].name, table[i].elements, table[i].type, 0);
        while (file.len % 8 != 0)
            buf_putc(&file, '\0');
        buf_append(&file, "ab", 2);
        CLEANUP(free) char *found = list(&file);
        ck_assert_msg(str_starts(found, "error: m.gguf: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
    CLEANUP(buf) struct buf file = {0};
    put_head(&file, 1, 0);
    put_text(&file, "w");
    put_number(&file, 5, 4);
    CLEANUP(free) char *dimensions = list(&file);
    ck_assert_ptr_nonnull(strstr(dimensions, "a tensor of more than 4 dimensions"));
    CLEANUP(free) char *version = list_file("m.gguf", BYTES("GGUF\1\0\0\0\0\0\0\0\0\0\0\0"));
    ck_assert_ptr_nonnull(strstr(version, "version 1, this reader knows 2 and 3"));
}
END_TEST

// A writer of its own, in another language, after the specification: little-endian and big-endian.
static const char writer[] =
    "def gguf(path, e):\n"
    "    p = lambda f, *v: struct.pack(e + f, *v)\n"
    "    text = lambda s: p('Q', len(s.encode())) + s.encode()\n"
    "    formats = dict(zip([0, 1, 2, 3, 4, 5, 6, 10, 11, 12], 'BbHhIifQqd'))\n"
    "    def value(kind, v):\n"
    "        if kind == 8: return text(v)\n"
    "        if kind == 7: return p('B', v)\n"
    "        if kind == 9: return p('IQ', v[0], len(v[1])) + b''.join(value(v[0], x) for x in v[1])\n"
    "        return p(formats[kind], v)\n"
    "    pairs = [('general.architecture', 8, 'llama'), ('general.uuid', 8, path), ('a.count', 4, 7), ('a.rate', 6, "
    "0.5),\n"
    "        ('a.yes', 7, 1), ('a.tokens', 9, (8, ['<s>', 'a b', ''])), ('a.scores', 9, (6, [0.5, -1.0])),\n"
    "        ('a.deep', 9, (9, [(5, [1, -2]), (8, ['x'])])), ('general.alignment', 4, 64)]\n"
    "    rows = [('w', 0, (3, 2), p('6f', *range(6))), ('h', 26, (2,), p('2i', 1, -1)), ('q', 8, (32, 2), "
    "bytes(range(68)))]\n"
    "    head = b'GGUF' + p('IQQ', 3, len(rows), len(pairs))\n"
    "    head += b''.join(text(k) + p('I', t) + value(t, v) for k, t, v in pairs)\n"
    "    data = b''\n"
    "    for name, kind, dims, raw in rows:\n"
    "        head += text(name) + p('I', len(dims)) + p('%dQ' % len(dims), *dims) + p('IQ', kind, len(data))\n"
    "        data += raw + bytes(-len(raw) % 64)\n"
    "    open(path, 'wb').write(head + bytes(-len(head) % 64) + data)\n"
    "gguf('little.gguf', '<')\n"
    "gguf('big.gguf', '>')\n";

START_TEST(files_of_another_writer_are_read_in_both_byte_orders)
{
    struct error err = {0};
    char *folder = enter_folder();
    if (write_with_python("struct", writer)) {
        CLEANUP(contents) struct contents *little = NULL, *big = NULL;
        ck_ok(contents_open(&little, "little.gguf", &err), &err);
        ck_ok(contents_open(&big, "big.gguf", &err), &err);
        CLEANUP(free) char *one = list_contents(little), *two = list_contents(big);
        ck_assert_str_eq(one, two);
        char *blocks = strstr(one, "q Q8_0");
        ck_assert_ptr_nonnull(blocks);
        ck_assert(str_starts(blocks, "q Q8_0[2,32] 000102"));
        *blocks = '\0';
        ck_assert_str_eq(one, "a.count = 7\n"
                              "a.deep[0] i32[2] 1 -2\n"
                              "a.deep[1][] \"x\\n\"\n"
                              "a.deep[].length = 2\n"
                              "a.rate = 0.5\n"
                              "a.scores f32[2] 0.5 -1\n"
                              "a.tokens[] \"<s>\\na b\\n\\n\"\n"
                              "a.yes bool[] 1\n"
                              "general.alignment = 64\n"
                              "general.architecture \"llama\"\n"
                              "h i32[2] 1 -1\n");
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("gguf", values_of_every_type_are_read, tensors_have_the_innermost_dimension_last,
          numbers_are_numbers_and_quantised_tensors_are_blocks, a_type_that_nobody_knows_is_bytes_and_said,
          what_names_the_file_and_its_maker_is_left_out, tensors_lie_one_behind_the_other, damaged_files_are_refused,
          names_dimensions_and_alignments_are_held_in_bounds, files_of_another_writer_are_read_in_both_byte_orders)
