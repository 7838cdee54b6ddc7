// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"
#include "unit_expect.h"

#define NUMPY                                                                                                          \
    UNIT_EXPECT "import numpy as np\n"                                                                                 \
                "from numpy.lib import format as npy\n"                                                                \
                "def raw(a): return np.ascontiguousarray(a.astype(a.dtype.newbyteorder('<'))).tobytes()\n"

START_TEST(every_numeric_dtype_is_read_in_every_order)
{
    char *folder = enter_folder();
    python(
        NUMPY
        "names = {'b1': 'bool', 'i1': 'i8', 'i2': 'i16', 'i4': 'i32', 'i8': 'i64', 'u1': 'u8', 'u2': 'u16',\n"
        "         'u4': 'u32', 'u8': 'u64', 'f2': 'f16', 'f4': 'f32', 'f8': 'f64', 'c8': 'c64', 'c16': 'c128',\n"
        "         'M8[ns]': 'M8[ns]', 'M8[25s]': 'M8[25s]', 'm8[D]': 'm8[D]', 'm8': 'm8'}\n"
        "rng = np.random.RandomState(0)\n"
        "n = 0\n"
        "for code in names:\n"
        "    for order in '<>':\n"
        "        for shape in ((), (0,), (7,), (3, 4), (2, 3, 5), (2, 0, 3)):\n"
        "            bits = rng.bytes(int(np.prod(shape, dtype=int)) * np.dtype(code).itemsize)\n"
        "            a = np.frombuffer(bits, np.dtype(order + code)).reshape(shape)\n"
        "            if code == 'b1': a = a.view('u1') % 2 == 1\n"
        "            for layout in (a, np.copy(a, order='F')):\n"
        "                for version in ((1, 0), (2, 0), (3, 0)):\n"
        "                    n += 1\n"
        "                    with open('%d.npy' % n, 'wb') as f: npy.write_array(f, layout, version)\n"
        "                    little = a if order == '<' or code == 'b1' else a.byteswap().view(np.dtype('<' + code))\n"
        "                    expect('%d.npy' % n, '', names[code], shape, np.ascontiguousarray(little).tobytes())\n");
    ck_assert_uint_eq(expect_listed(), 18 * 2 * 6 * 2 * 3);
    leave_folder(folder);
}
END_TEST

START_TEST(texts_and_raw_bytes_are_blocks)
{
    char *folder = enter_folder();
    python(NUMPY
           "texts = np.array([['one', 'two'], ['drei', 'v\\u00eder'], ['\\U0001f600', '']])\n"
           "for i, a in enumerate((texts, np.asfortranarray(texts), texts.astype('>U5'), np.array('alone'))):\n"
           "    np.save('u%d' % i, a)\n"
           "    expect('u%d.npy' % i, '', 'U5' if a.dtype.itemsize == 20 else 'U4', a.shape, raw(a))\n"
           "for i, a in enumerate((np.array([b'a', b'bcd']), np.asfortranarray(np.array([[b'a', b'bcd']] * 2)))):\n"
           "    np.save('s%d' % i, a)\n"
           "    expect('s%d.npy' % i, '', 'S3', a.shape, np.ascontiguousarray(a).tobytes())\n"
           "v = np.arange(12, dtype='u1').view('V3')\n"
           "np.save('v', v)\n"
           "expect('v.npy', '', 'V3', (4,), v.tobytes())\n"
           "g = np.array([1, 2], dtype='g')\n"
           "np.save('g', g)\n"
           "expect('g.npy', '', 'f%d' % g.itemsize, (2,), g.tobytes())\n");
    ck_assert_uint_eq(expect_listed(), 8);
    leave_folder(folder);
}
END_TEST

START_TEST(a_structured_array_is_its_fields)
{
    char *folder = enter_folder();
    python(NUMPY "t = np.dtype([('id', '<i4'), ('pos', [('x', '>f4'), ('y', '<f8', (2, 2))], (3,)), ('name', 'U2'),\n"
                 "              (('a title', 'flag'), '?'), ('gr\\u00fc\\u00df', 'S3')], align=True)\n"
                 "for i, order in enumerate('CF'):\n"
                 "    bits = np.random.RandomState(1).bytes(t.itemsize * 6)\n"
                 "    a = np.frombuffer(bits, t).reshape(2, 3).copy(order=order)\n"
                 "    a['name'] = 'ab'; a['flag'] = [[1, 0, 1], [0, 0, 1]]\n"
                 "    f = 'a%d.npy' % i\n"
                 "    np.save(f, a)\n"
                 "    expect(f, 'id', 'i32', (2, 3), raw(a['id']))\n"
                 "    expect(f, 'pos.x', 'f32', (2, 3, 3), np.ascontiguousarray(a['pos']['x']).byteswap().tobytes())\n"
                 "    expect(f, 'pos.y', 'f64', (2, 3, 3, 2, 2), raw(a['pos']['y']))\n"
                 "    expect(f, 'name', 'U2', (2, 3), raw(a['name']))\n"
                 "    expect(f, 'flag', 'bool', (2, 3), raw(a['flag']))\n"
                 "    expect(f, 'gr\\u00fc\\u00df', 'S3', (2, 3), raw(a['gr\\u00fc\\u00df']))\n"
                 "b = np.zeros(2, [('gr\\u00fc\\u00df', 'f4'), ('\\u4e2d', 'f4')])\n" // version 3: UTF-8
                 "np.save('b', b)\n"
                 "expect('b.npy', 'gr\\u00fc\\u00df', 'f32', (2,), bytes(8))\n"
                 "expect('b.npy', '\\u4e2d', 'f32', (2,), bytes(8))\n"
                 "c = np.zeros(2, [('gr\\u00fc\\u00df', 'f4')])\n" // version 1: Latin-1
                 "np.save('c', c)\n"
                 "expect('c.npy', 'gr\\u00fc\\u00df', 'f32', (2,), bytes(8))\n");
    ck_assert_uint_eq(expect_listed(), 15);
    leave_folder(folder);
}
END_TEST

START_TEST(arrays_saved_one_after_another_are_numbered)
{
    char *folder = enter_folder();
    python(NUMPY "with open('a.npy', 'wb') as f:\n"
                 "    for i in range(3):\n"
                 "        np.save(f, np.full(i, i, 'i8'))\n"
                 "        expect('a.npy', str(i), 'i64', (i,), np.full(i, i, '<i8').tobytes())\n");
    ck_assert_uint_eq(expect_listed(), 3);
    leave_folder(folder);
}
END_TEST

START_TEST(python_objects_are_bytes_and_said_so)
{
    struct error err = {0};
    char *folder = enter_folder();
    python("import numpy as np\nnp.save('o', np.array([None, {}], dtype=object), allow_pickle=True)\n");
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "o.npy", &err), &err);
    ck_assert_uint_eq(contents->count, 1);
    ck_assert_int_eq(contents->items[0].kind, VALUE_BYTES);
    ck_assert_uint_eq(contents->items[0].bytes[0], 0x80);
    ck_assert_str_eq(contents->note, "an array of Python objects is compared byte for byte");
    leave_folder(folder);
}
END_TEST

START_TEST(an_npz_is_its_arrays_by_name)
{
    char *folder = enter_folder();
    python(NUMPY "w = np.arange(6, dtype='f4').reshape(2, 3)\n"
                 "for name, save in (('a.npz', np.savez), ('b.npz', np.savez_compressed)):\n"
                 "    save(name, w, **{'layer/w': w.T, 'b': np.float64(3)})\n"
                 "    expect(name, 'arr_0', 'f32', (2, 3), raw(w))\n"
                 "    expect(name, 'layer/w', 'f32', (3, 2), raw(w.T))\n"
                 "    expect(name, 'b', 'f64', (), raw(np.float64(3)))\n");
    ck_assert_uint_eq(expect_listed(), 6);
    leave_folder(folder);
}
END_TEST

// A version 1 file with this header and this many bytes behind it.
static int parse_header(struct contents **out, const char *header, size_t data, struct error *err)
{
    CLEANUP(buf) struct buf file = {0};
    size_t len = strlen(header);
    buf_append(&file, "\x93NUMPY\1\0", 8);
    buf_putc(&file, (char)(len & 0xff));
    buf_putc(&file, (char)(len >> 8));
    buf_puts(&file, header);
    for (size_t i = 0; i < data; i++)
        buf_putc(&file, (char)i);
    return parse_exactly(out, "a.npy", file.data, file.len, err);
}

START_TEST(headers_may_be_written_in_other_ways)
{
    static const char *const table[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }          \n",
        "{\"shape\":(2,),\"descr\":\"f4\",\"fortran_order\":True}",
        " {'fortran_order' : False , 'shape' : ( 2L , 1 ) , 'descr' : '=f4' , } ",
        "{'descr': [('\\x61\\u00e9\\n\\'', '<f4')], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': [('a', '<f4', 1)], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': [('a', '<f4', (1, 1),), ], 'fortran_order': False, 'shape': (2,)}",
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct error err = {0};
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(parse_header(&contents, table[i], 8, &err), &err);
        ck_assert_uint_eq(contents->count, 1);
        ck_assert_uint_eq(contents->items[0].tensor.count, 2);
        ck_assert_int_eq(contents->items[0].tensor.dtype, DTYPE_F32);
    }
}
END_TEST

START_TEST(a_bad_header_is_refused)
{
#define REST "'fortran_order': False, 'shape': (2,)}"
    static const char *const table[][2] = {
        {"", "expected '{'"},
        {"{", "expected a text"},
        {"{'descr': '<f4', " REST " x", "something follows the dict"},
        {"{" REST, "is missing"},
        {"{'descr': '<f4', 'descr': '<f4', " REST, "comes twice"},
        {"{'descr': '<f4', 'colour': 1, " REST, "unknown key"},
        {"{'descr': '<f3', " REST, "unknown type"},
        {"{'descr': '', " REST, "unknown type"},
        {"{'descr': '<', " REST, "unknown type"},
        {"{'descr': '<x4', " REST, "unknown type"},
        {"{'descr': '<U4294967296', " REST, "too large"},
        {"{'descr': '<U99999999999999999999', " REST, "too large"},
        {"{'descr': '<V2147483649', " REST, "too large"},
        {"{'descr': '<f4, " REST, "unknown type"},
        {"{'descr': '<f4", "text is not closed"},
        {"{'descr': '\\q', " REST, "unknown escape"},
        {"{'descr': '\\x0', " REST, "hexadecimal digit"},
        {"{'descr': '\\x00', " REST, "no such character"},
        {"{'descr': '\\U00110000', " REST, "no such character"},
        {"{'descr': [('a', '<f4', (99999, 99999))], " REST, "a field is too large"},
        {"{'descr': [('a', 'V2000000000'), ('b', 'V2000000000')], " REST, "an element is too large"},
        {"{'descr': [('a', '<f2'), ('a', '<f2')], " REST, "'a' comes twice"},
        {"{'descr': [[[[", "expected '('"},
        {"{'descr': [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', [('a', "
         "[('a', [('a', [('a', '<f4')])])])])])])])])])])])])])])])])], " REST,
         "nested too deeply"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "expected True or False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 2}", "expected '('"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", "expected a number"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}", "expected ',' or ')'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616,)}", "too large"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "does not fit"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "does not fit into the 8 bytes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "behind"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1)}",
         "more than 32 dimensions"},
        {"{'descr': [('a', '<f4', (1,1))], 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1,1,1,1,1,1,1)}",
         "more than 32 dimensions"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct error err = {0};
        struct contents *contents = NULL;
        ck_assert_msg(parse_header(&contents, table[i][0], 8, &err) == -1, "row %zu", i);
        expect_error(&err, ERROR_USAGE, table[i][1]);
        ck_assert_ptr_null(contents);
    }
#undef REST
}
END_TEST

START_TEST(a_file_that_is_cut_anywhere_is_refused)
{
    char *folder = enter_folder();
    python("import numpy as np\n"
           "np.save('a', np.arange(5))\n"
           "np.save('b', np.zeros(3, [('x', 'f4'), ('y', 'U3', (2,))]))\n"
           "np.savez('c', a=np.arange(5))\n"
           "np.savez_compressed('d', a=np.arange(5))\n"
           "np.lib.format.write_array(open('e.npy', 'wb'), np.arange(3), (2, 0))\n");
    expect_no_prefix("a.npy");
    expect_no_prefix("b.npy");
    expect_no_prefix("c.npz");
    expect_no_prefix("d.npz");
    expect_no_prefix("e.npy");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("npy", every_numeric_dtype_is_read_in_every_order, texts_and_raw_bytes_are_blocks,
          a_structured_array_is_its_fields, arrays_saved_one_after_another_are_numbered,
          python_objects_are_bytes_and_said_so, an_npz_is_its_arrays_by_name, headers_may_be_written_in_other_ways,
          a_bad_header_is_refused, a_file_that_is_cut_anywhere_is_refused)
