// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"
#include "serve/client.h"
#include "unit_python.h"

#include <math.h>
#include <string.h>

#define TEXT(string)                                                                                                   \
    {                                                                                                                  \
        .kind = CELL_TEXT, .text = (string), .len = sizeof(string) - 1                                                 \
    }
#define RAW(string)                                                                                                    \
    {                                                                                                                  \
        .kind = CELL_RAW, .text = (string), .len = sizeof(string) - 1                                                  \
    }
#define INTEGER(value)                                                                                                 \
    {                                                                                                                  \
        .kind = CELL_INTEGER, .integer = (value)                                                                       \
    }
#define NUMBER(value)                                                                                                  \
    {                                                                                                                  \
        .kind = CELL_NUMBER, .number = (value)                                                                         \
    }

static const struct {
    struct cell cell;
    const char *json, *csv;
} table[] = {
    {{.kind = CELL_NULL}, "null", ""},
    {{.kind = CELL_BOOL, .integer = 1}, "true", "true"},
    {{.kind = CELL_BOOL}, "false", "false"},
    {{.kind = CELL_BOOL, .integer = 1, .text = "yes", .len = 3}, "true", "yes"},
    {INTEGER(0), "0", "0"},
    {INTEGER(-42), "-42", "-42"},
    {INTEGER(INT64_MAX), "9223372036854775807", "9223372036854775807"},
    {INTEGER(INT64_MIN), "-9223372036854775808", "-9223372036854775808"},
    {NUMBER(3), "3", "3"},
    {NUMBER(-0.0), "-0.0", "-0.0"},
    {NUMBER(0.1), "0.1", "0.1"},
    {NUMBER(-12.50), "-12.5", "-12.5"},
    {NUMBER(0.1 + 0.2), "0.30000000000000004", "0.30000000000000004"},
    {NUMBER(1234567.875), "1234567.875", "1234567.875"},
    {NUMBER(0.0001), "0.0001", "0.0001"},
    {NUMBER(1.5e-7), "1.5e-7", "1.5e-7"},
    {NUMBER(1e300), "1e300", "1e300"},
    {NUMBER(5e-324), "5e-324", "5e-324"},
    {NUMBER(9007199254740992.0), "9007199254740992", "9007199254740992"},
    {NUMBER(NAN), "NaN", "NaN"},
    {NUMBER(INFINITY), "Infinity", "Infinity"},
    {NUMBER(-INFINITY), "-Infinity", "-Infinity"},
    {TEXT("abc"), "\"abc\"", "abc"},
    {TEXT(""), "\"\"", "\"\""},
    {TEXT("a\"b\\c"), "\"a\\\"b\\\\c\"", "\"a\"\"b\\c\""},
    {TEXT("one\ntwo\r\t"), "\"one\\ntwo\\r\\t\"", "\"one\ntwo\r\t\""},
    {TEXT("a,b"), "\"a,b\"", "\"a,b\""},
    {TEXT("\x01\x1f\x7f"), "\"\\u0001\\u001f\x7f\"", "\x01\x1f\x7f"},
    {TEXT("long enough for eight at once: é\" end"), "\"long enough for eight at once: é\\\" end\"",
     "\"long enough for eight at once: é\"\" end\""},
    {TEXT("not \xff utf-8"), "\"not \xff utf-8\"", "not \xff utf-8"},
    {RAW("1E+02"), "1E+02", "1E+02"},
    {RAW("[1,2]"), "[1,2]", "\"[1,2]\""},
};

START_TEST(cells_are_written_as_json_and_csv_have_them)
{
    CLEANUP(buf) struct buf out = {0};
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        buf_clear(&out);
        cell_write_json(&out, &table[i].cell);
        ck_assert_str_eq(buf_text(&out), table[i].json);
        buf_clear(&out);
        cell_write_csv(&out, &table[i].cell);
        ck_assert_str_eq(buf_text(&out), table[i].csv);
        struct cell prepared = table[i].cell;
        row_prepare(&prepared, 1, &arena);
        buf_clear(&out);
        cell_write_json(&out, &prepared);
        ck_assert_str_eq(buf_text(&out), table[i].json);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_nul_in_a_text_is_escaped)
{
    CLEANUP(buf) struct buf out = {0};
    cell_write_json(&out, &(struct cell){.kind = CELL_TEXT, .text = "a\0b", .len = 3});
    ck_assert_str_eq(buf_text(&out), "\"a\\u0000b\"");
}
END_TEST

START_TEST(absent_cells_have_no_key_and_an_empty_line_of_csv_is_quoted)
{
    const char *const columns[] = {"a", "b \"x\"", "c,d"};
    const struct cell cells[] = {{.kind = CELL_ABSENT}, INTEGER(1),
                                 {.kind = CELL_ABSENT}, {.kind = CELL_ABSENT},
                                 {.kind = CELL_ABSENT}, {.kind = CELL_ABSENT}};
    const struct rows rows = {.columns = columns, .column_count = 3, .cells = cells, .row_count = 2};
    CLEANUP(buf) struct buf out = {0};
    row_write_json(&out, &rows, 0);
    row_write_json(&out, &rows, 1);
    ck_assert_str_eq(buf_text(&out), "{\"b \\\"x\\\"\":1}{}");
    buf_clear(&out);
    row_write_csv_header(&out, &rows);
    row_write_csv(&out, &rows, 0);
    row_write_csv(&out, &rows, 1);
    ck_assert_str_eq(buf_text(&out), "a,\"b \"\"x\"\"\",\"c,d\"\n,1,\n,,\n");
    const struct rows narrow = {.columns = columns, .column_count = 1, .cells = cells, .row_count = 1};
    buf_clear(&out);
    row_write_csv(&out, &narrow, 0);
    ck_assert_str_eq(buf_text(&out), "\"\"\n");
}
END_TEST

START_TEST(a_long_text_is_escaped_in_pieces)
{
    enum { LENGTH = 100000 };
    CLEANUP(free) char *text = malloc(LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        text[i] = i % 3 ? 'x' : '\\';
    CLEANUP(buf) struct buf out = {0};
    cell_write_json(&out, &(struct cell){.kind = CELL_TEXT, .text = text, .len = LENGTH});
    ck_assert_uint_eq(out.len, LENGTH + LENGTH / 3 + 1 + 2);
    ck_assert_int_eq(strncmp(out.data, "\"\\\\xx\\\\xx", 9), 0);
}
END_TEST

static void odd_cell(struct cell *cell, struct rng *rng, char text[24])
{
    uint64_t bits = (uint64_t)rng_u32(rng) << 32 | rng_u32(rng);
    switch (rng_below(rng, 5)) {
    case 0:
        *cell = (struct cell)INTEGER((int64_t)bits >> rng_below(rng, 63));
        return;
    case 1:
        *cell = (struct cell){.kind = CELL_NUMBER};
        memcpy(&cell->number, &bits, 8);
        return;
    case 2:
        *cell = (struct cell)NUMBER((double)rng_below(rng, 1000000) / 1000);
        return;
    case 3:
        *cell = (struct cell)NUMBER(ldexp((double)rng_u32(rng), (int)rng_below(rng, 120) - 60));
        return;
    default: {
        size_t len = rng_below(rng, 24);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(1 + rng_below(rng, 126));
        *cell = (struct cell){.kind = CELL_TEXT, .text = text, .len = len};
    }
    }
}

// Beside each row stand the bits of its numbers and the codes of its texts, which another program compares with what it
// reads.
START_TEST(python_reads_the_cells_that_were_written)
{
    enum { ROWS = 4000, COLUMNS = 5 };
    char *folder = enter_folder();
    struct rng rng;
    rng_seed(&rng, 42);
    const char *const columns[COLUMNS] = {"a", "b", "c", "d", "e"};
    CLEANUP(buf) struct buf json = {0}, csv = {0}, truth = {0};
    struct rows rows = {.columns = columns, .column_count = COLUMNS, .row_count = 1};
    row_write_csv_header(&csv, &rows);
    for (int i = 0; i < ROWS; i++) {
        struct cell cells[COLUMNS];
        char texts[COLUMNS][24];
        for (size_t j = 0; j < COLUMNS; j++) {
            odd_cell(&cells[j], &rng, texts[j]);
            uint64_t bits = (uint64_t)cells[j].integer;
            if (cells[j].kind == CELL_NUMBER)
                memcpy(&bits, &cells[j].number, 8);
            if (cells[j].kind == CELL_TEXT)
                buf_putc(&truth, 't');
            else
                buf_printf(&truth, "%c%016jx", cells[j].kind == CELL_NUMBER ? 'n' : 'i', (uintmax_t)bits);
            for (size_t k = 0; cells[j].kind == CELL_TEXT && k < cells[j].len; k++)
                buf_printf(&truth, "%02x", (unsigned)cells[j].text[k]);
            buf_putc(&truth, j + 1 < COLUMNS ? ' ' : '\n');
        }
        rows.cells = cells;
        row_write_json(&json, &rows, 0);
        buf_putc(&json, '\n');
        row_write_csv(&csv, &rows, 0);
    }
    put("rows.jsonl", json.data);
    put("rows.csv", csv.data);
    put("truth", truth.data);
    python("import csv, json, struct\n"
           "def digits(text):\n"
           "    return text.lower().split('e')[0].replace('.', '').replace('-', '').strip('0')\n"
           "def same(token, value, text):\n"
           "    kind, data = token[0], token[1:]\n"
           "    if kind == 't': return value == bytes.fromhex(data).decode()\n"
           "    if kind == 'i': return int(value) == struct.unpack('>q', bytes.fromhex(data))[0]\n"
           "    want, got = struct.unpack('>d', bytes.fromhex(data))[0], float(value)\n"
           "    if want != want: return got != got\n"
           "    if text and abs(want) != float('inf') and digits(value) != digits(repr(want)): return False\n"
           "    return struct.pack('>d', want) == struct.pack('>d', got)\n"
           "truth = [line.split(' ') for line in open('truth').read().split('\\n')[:-1]]\n"
           "rows = [json.loads(line) for line in open('rows.jsonl', newline='\\n').read().split('\\n')[:-1]]\n"
           "assert len(rows) == len(truth) == 4000, (len(rows), len(truth))\n"
           "for want, row in zip(truth, rows):\n"
           "    assert list(row) == list('abcde')\n"
           "    assert all(same(t, v, False) for t, v in zip(want, row.values())), (want, row)\n"
           "rows = list(csv.reader(open('rows.csv', newline='')))\n"
           "assert len(rows) == 4001, len(rows)\n"
           "for want, row in zip(truth, rows[1:]):\n"
           "    assert all(same(t, v, True) for t, v in zip(want, row)), (want, row)\n");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("row_write", cells_are_written_as_json_and_csv_have_them, a_nul_in_a_text_is_escaped,
          absent_cells_have_no_key_and_an_empty_line_of_csv_is_quoted, a_long_text_is_escaped_in_pieces,
          python_reads_the_cells_that_were_written)
