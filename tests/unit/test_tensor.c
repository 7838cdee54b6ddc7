// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"

#include "artifact/tensor.h"
#include "base/buf.h"

static const unsigned char bytes[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                        16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static int append(const void *piece, size_t len, void *context)
{
    buf_append(context, piece, len);
    return 0;
}

static int stop_at_once(const void *piece, size_t len, void *context)
{
    (void)piece, (void)len;
    ++*(int *)context;
    return 7;
}

static void assert_canonical(const struct tensor *tensor, const char *expected, size_t len)
{
    struct buf whole = {0};
    ck_assert_int_eq(tensor_canonical(tensor, append, &whole), 0);
    ck_assert_uint_eq(whole.len, len);
    ck_assert_uint_eq(tensor_bytes(tensor), len);
    ck_assert_mem_eq(buf_text(&whole), expected, len);
    // Gathered from any element on it is the same.
    size_t size = dtype_size(tensor->dtype);
    for (size_t first = 0; size && first < tensor->count; first++) {
        unsigned char part[128];
        tensor_gather(part, tensor, first, tensor->count - first);
        ck_assert_mem_eq(part, expected + first * size, len - first * size);
    }
    buf_free(&whole);
}
#define CANONICAL(tensor, text) assert_canonical(tensor, text, sizeof(text) - 1)

START_TEST(every_dtype_has_a_name_and_a_size)
{
    for (int dtype = DTYPE_BOOL; dtype <= DTYPE_BLOCK; dtype++) {
        ck_assert_ptr_nonnull(dtype_name(dtype));
        ck_assert_int_eq(dtype_size(dtype) == 0, dtype == DTYPE_BLOCK);
        for (int other = DTYPE_BOOL; other < dtype; other++)
            ck_assert_str_ne(dtype_name(dtype), dtype_name(other));
    }
    ck_assert_uint_eq(dtype_size(DTYPE_C128), 16);
    ck_assert(dtype_is_float(DTYPE_F8_E4M3) && dtype_is_float(DTYPE_F64));
    ck_assert(!dtype_is_float(DTYPE_I64) && !dtype_is_float(DTYPE_C64) && !dtype_is_float(DTYPE_BLOCK));
    ck_assert(dtype_is_complex(DTYPE_C64) && dtype_is_complex(DTYPE_C128) && !dtype_is_complex(DTYPE_F64));
}
END_TEST

START_TEST(a_contiguous_tensor_is_handed_out_in_place)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_U16, .rank = 2, .shape = {2, 3}};
    ck_ok(tensor_set_contiguous(&t, bytes, 12, &err), &err);
    ck_assert_uint_eq(t.count, 6);
    ck_assert_int_eq(t.strides[0], 6);
    ck_assert_int_eq(t.strides[1], 2);
    ck_assert(tensor_is_contiguous(&t));
    ck_assert_ptr_eq(t.data, bytes);
    CANONICAL(&t, "\0\1\2\3\4\5\6\7\10\11\12\13");
    int calls = 0;
    ck_assert_int_eq(tensor_canonical(&t, stop_at_once, &calls), 7);
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_tensor_must_fit_into_its_bytes)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_F32, .rank = 2, .shape = {2, 3}};
    ck_assert_int_eq(tensor_set_contiguous(&t, bytes, 23, &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_error_has(&err, "needs 24 bytes, there are 23");
    error_free(&err);
    ck_ok(tensor_set_contiguous(&t, bytes, 24, &err), &err);
}
END_TEST

START_TEST(a_shape_that_no_memory_holds_is_refused)
{
    static const uint64_t shapes[][2] = {
        {UINT64_MAX, 2}, {1ull << 32, 1ull << 32}, {1ull << 61, 1}, {1ull << 62, 1}, {UINT64_MAX, 1},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct error err = {0};
        struct tensor t = {.dtype = DTYPE_F32, .rank = 2, .shape = {shapes[i][0], shapes[i][1]}};
        ck_assert_int_eq(tensor_set_contiguous(&t, bytes, UINT64_MAX, &err), -1);
        ck_error_has(&err, "is too large");
        error_free(&err);
        tensor_fortran_strides(&t);
        ck_assert_int_eq(tensor_set_strided(&t, bytes, INT64_MAX, 0, &err), -1);
        ck_error_has(&err, "is too large");
        error_free(&err);
    }
}
END_TEST

START_TEST(scalars_and_empty_tensors_are_legal)
{
    struct error err = {0};
    struct tensor scalar = {.dtype = DTYPE_U32};
    ck_ok(tensor_set_contiguous(&scalar, bytes, 4, &err), &err);
    CANONICAL(&scalar, "\0\1\2\3");
    struct tensor empty = {.dtype = DTYPE_F64, .rank = 3, .shape = {UINT64_MAX, 0, UINT64_MAX}};
    ck_ok(tensor_set_contiguous(&empty, NULL, 0, &err), &err);
    ck_assert_uint_eq(empty.count, 0);
    CANONICAL(&empty, "");
    ck_ok(tensor_set_strided(&empty, NULL, 0, 0, &err), &err);
    ck_assert(tensor_is_contiguous(&empty));
}
END_TEST

START_TEST(fortran_order_becomes_c_order)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_U8, .rank = 3, .shape = {2, 3, 2}};
    tensor_fortran_strides(&t);
    ck_ok(tensor_set_strided(&t, bytes, 12, 0, &err), &err);
    ck_assert(!tensor_is_contiguous(&t));
    CANONICAL(&t, "\0\6\2\10\4\12\1\7\3\11\5\13");
    ck_assert_int_eq(tensor_set_strided(&t, bytes, 11, 0, &err), -1);
    ck_error_has(&err, "strides lead out of the 11 bytes");
    error_free(&err);
}
END_TEST

START_TEST(strides_may_be_negative_zero_or_leave_gaps)
{
    struct error err = {0};
    struct tensor back = {.dtype = DTYPE_U16, .rank = 1, .shape = {3}, .strides = {-4}};
    ck_ok(tensor_set_strided(&back, bytes, 10, 8, &err), &err);
    CANONICAL(&back, "\10\11\4\5\0\1");
    ck_assert_int_eq(tensor_set_strided(&back, bytes, 10, 6, &err), -1);
    error_free(&err);
    ck_assert_int_eq(tensor_set_strided(&back, bytes, 9, 8, &err), -1);
    error_free(&err);
    struct tensor repeated = {.dtype = DTYPE_U8, .rank = 2, .shape = {2, 2}, .strides = {0, 3}};
    ck_ok(tensor_set_strided(&repeated, bytes, 4, 0, &err), &err);
    CANONICAL(&repeated, "\0\3\0\3");
    struct tensor part = {.dtype = DTYPE_U8, .rank = 3, .shape = {2, 2, 2}, .strides = {8, 2, 1}};
    ck_ok(tensor_set_strided(&part, bytes, 13, 1, &err), &err);
    CANONICAL(&part, "\1\2\3\4\11\12\13\14");
}
END_TEST

START_TEST(hostile_strides_are_refused)
{
    static const struct {
        uint64_t shape[2];
        int64_t strides[2];
        uint64_t offset;
    } table[] = {
        {{2, 2}, {INT64_MAX, INT64_MAX}, 0},
        {{2, 2}, {INT64_MIN, 1}, 8},
        {{1ull << 40, 1}, {1ull << 40, 1}, 0},
        {{2, 2}, {60, 4}, 0},
        {{2, 2}, {0, 0}, 65},
        {{2, 2}, {0, 0}, UINT64_MAX},
        {{2, 2}, {-1, 0}, 0},
        {{1ull << 40, 1}, {0, 0}, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct error err = {0};
        struct tensor t = {.dtype = DTYPE_U8, .rank = 2};
        memcpy(t.shape, table[i].shape, sizeof table[i].shape);
        memcpy(t.strides, table[i].strides, sizeof table[i].strides);
        ck_assert_msg(tensor_set_strided(&t, bytes, 64, table[i].offset, &err) == -1, "row %zu", i);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        error_free(&err);
    }
}
END_TEST

START_TEST(big_endian_elements_are_turned_round)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_F32, .big_endian = true, .rank = 1, .shape = {2}};
    ck_ok(tensor_set_contiguous(&t, bytes, 8, &err), &err);
    CANONICAL(&t, "\3\2\1\0\7\6\5\4");
    t.dtype = DTYPE_F16;
    ck_ok(tensor_set_contiguous(&t, bytes, 8, &err), &err);
    CANONICAL(&t, "\1\0\3\2");
    t.dtype = DTYPE_F64;
    ck_ok(tensor_set_contiguous(&t, bytes, 16, &err), &err);
    CANONICAL(&t, "\7\6\5\4\3\2\1\0\17\16\15\14\13\12\11\10");
    t.dtype = DTYPE_C64; // each part for itself
    ck_ok(tensor_set_contiguous(&t, bytes, 16, &err), &err);
    CANONICAL(&t, "\3\2\1\0\7\6\5\4\13\12\11\10\17\16\15\14");
    t.dtype = DTYPE_U8;
    ck_ok(tensor_set_contiguous(&t, bytes, 2, &err), &err);
    CANONICAL(&t, "\0\1");
}
END_TEST

START_TEST(anything_but_0_is_true)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_BOOL, .rank = 1, .shape = {4}};
    ck_ok(tensor_set_contiguous(&t, (const unsigned char *)"\0\1\2\xff", 4, &err), &err);
    CANONICAL(&t, "\0\1\1\1");
}
END_TEST

START_TEST(blocks_are_handed_out_whole)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_BLOCK, .block_bytes = 3, .block_elements = 4, .rank = 2, .shape = {2, 4}};
    ck_ok(tensor_set_contiguous(&t, bytes, 6, &err), &err);
    CANONICAL(&t, "\0\1\2\3\4\5");
    unsigned char block[3];
    tensor_gather(block, &t, 1, 1);
    ck_assert_mem_eq(block, "\3\4\5", 3);
    ck_assert_int_eq(tensor_set_contiguous(&t, bytes, 5, &err), -1);
    error_free(&err);
    t.shape[1] = 3;
    ck_assert_int_eq(tensor_set_contiguous(&t, bytes, 64, &err), -1);
    ck_error_has(&err, "6 elements do not fill blocks of 4");
    error_free(&err);
    ck_assert_int_eq(tensor_set_strided(&t, bytes, 64, 0, &err), -1);
    error_free(&err);
}
END_TEST

START_TEST(large_tensors_come_in_pieces_that_join)
{
    struct error err = {0};
    enum { ROWS = 300, COLUMNS = 500 };
    uint32_t *numbers = malloc(sizeof(uint32_t) * ROWS * COLUMNS);
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++)
        numbers[i] = i;
    struct tensor t = {.dtype = DTYPE_U32, .rank = 2, .shape = {COLUMNS, ROWS}};
    tensor_fortran_strides(&t); // the transpose
    ck_ok(tensor_set_strided(&t, (unsigned char *)numbers, sizeof(uint32_t) * ROWS * COLUMNS, 0, &err), &err);
    struct buf whole = {0};
    ck_assert_int_eq(tensor_canonical(&t, append, &whole), 0);
    ck_assert_uint_eq(whole.len, sizeof(uint32_t) * ROWS * COLUMNS);
    for (uint32_t i = 0; i < ROWS * COLUMNS; i++) {
        uint32_t found;
        memcpy(&found, whole.data + i * sizeof found, sizeof found);
        ck_assert_uint_eq(found, i % ROWS * COLUMNS + i / ROWS);
    }
    buf_free(&whole);
    free(numbers);
}
END_TEST

START_TEST(shapes_and_indices_are_written_as_people_do)
{
    struct error err = {0};
    struct tensor t = {.dtype = DTYPE_U8, .rank = 3, .shape = {2, 3, 4}};
    ck_ok(tensor_set_contiguous(&t, bytes, 24, &err), &err);
    char *shape = tensor_shape_text(&t), *index = tensor_index_text(&t, 17);
    ck_assert_str_eq(shape, "[2,3,4]");
    ck_assert_str_eq(index, "[1,1,1]");
    free(shape);
    free(index);
    t.rank = 0;
    shape = tensor_shape_text(&t);
    ck_assert_str_eq(shape, "[]");
    free(shape);
}
END_TEST

UNIT_MAIN("tensor", every_dtype_has_a_name_and_a_size, a_contiguous_tensor_is_handed_out_in_place,
          a_tensor_must_fit_into_its_bytes, a_shape_that_no_memory_holds_is_refused,
          scalars_and_empty_tensors_are_legal, fortran_order_becomes_c_order,
          strides_may_be_negative_zero_or_leave_gaps, hostile_strides_are_refused, big_endian_elements_are_turned_round,
          anything_but_0_is_true, blocks_are_handed_out_whole, large_tensors_come_in_pieces_that_join,
          shapes_and_indices_are_written_as_people_do)
