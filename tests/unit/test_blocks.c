// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "artifact/blocks.h"
#include "unit_files.h"

// All cells of all rows, whatever the size of the blocks: "a|b\n".
static char *read_in(const char *path, size_t size, struct error *err)
{
    struct blocks blocks;
    struct table_names names = {0};
    struct buf text = {0}, room CLEANUP(buf) = {0};
    struct table_reader reader = {.names = &names};
    int status = blocks_open(&blocks, &names, path, path, size, err);
    for (bool more = true; status == 0 && more;) {
        struct table_source block;
        uint64_t offset;
        status = blocks_next(&more, &block, &room, &offset, &blocks, err);
        if (status == 0 && more)
            status = blocks_check(&block, err);
        reader.source = &block;
        reader.at = more ? block.text : NULL;
        reader.end = more ? block.text + block.len : NULL;
        for (bool row = more; status == 0 && row;) {
            status = table_row(&row, &reader, reader.end, err);
            for (size_t i = 0; status == 0 && row && i < names.count; i++) {
                if (reader.tokens[i].kind != TOKEN_ABSENT)
                    buf_append(&text, reader.tokens[i].text, reader.tokens[i].len);
                buf_putc(&text, i + 1 < names.count ? '|' : '\n');
            }
        }
        if (status < 0)
            blocks_fix_lines(err, &blocks, offset);
    }
    blocks_close(&blocks);
    table_reader_free(&reader);
    table_names_free(&names);
    if (status == 0)
        return buf_take(&text);
    buf_free(&text);
    return NULL;
}

START_TEST(rows_are_the_same_in_blocks_of_any_size)
{
    static const struct {
        const char *name, *text, *cells;
    } cases[] = {
        {"a.csv", "a,b\n1,2\n3,4\n", "1|2\n3|4\n"},
        {"a.csv", "a,b\n1,2\n\n\r\n3,4", "1|2\n3|4\n"},
        {"a.csv",
         "\xef\xbb\xbf"
         "a;b\r\n1;2\r\n3;\r\n",
         "1|2\n3|\n"},
        {"a.csv", "a,b\n\"1\n,\",\"\"\n\"x\"\"\n\"\"y\",\"\"\"\"\nz,\"\n\n\"\n", "1\n,|\nx\"\n\"y|\"\nz|\n\n\n"},
        {"a.csv", "a,b\n5\",6\n7,8\"\n\"9\",0\n", "5\"|6\n7|8\"\n9|0\n"},
        {"a.csv", "a,b\n", ""},
        {"a.jsonl", "{\"a\": 1}\n\n{\"a\": \"x\\ny\"}\n{}\n", "1\nx\ny\n\n"},
    };
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        put(cases[i].name, cases[i].text);
        for (size_t size = 1; size < 40; size++) {
            struct error err = {0};
            CLEANUP(free) char *cells = read_in(cases[i].name, size, &err);
            ck_assert_msg(cells != NULL, "case %zu, size %zu: %s", i, size, error_text(&err));
            ck_assert_str_eq(cells, cases[i].cells);
        }
    }
    leave_folder(folder);
}
END_TEST

START_TEST(faults_are_told_with_the_line_of_the_file)
{
    static const struct {
        const char *name, *text, *says;
    } cases[] = {
        {"a.csv", "a,b\n1,2\n3,4\n5\n", "a.csv:4: 1 cell where the header has 2"},
        {"a.csv", "a,b\n1,\"2\n\n\"\n3\n", "a.csv:5: 1 cell"},
        {"a.csv", "a,b\n1,2\n\"3,4\n5,6\n", "a.csv:3: a quoted cell is never closed"},
        {"a.csv", "a,b\n1,2\n3,\xff\n", "a.csv:3: the byte 0xff is not UTF-8"},
        {"a.csv", "a,a\n1,2\n", "two columns are called 'a'"},
        {"a.csv", "", "'a.csv' is empty"},
        {"a.csv", "PK\3\4", "a zip archive"},
        {"a.jsonl", "{\"a\": 1}\n{\"a\": 2}\n{\"a\" 3}\n", "a.jsonl:3: expected ':'"},
    };
    char *folder = enter_folder();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        put(cases[i].name, cases[i].text);
        for (size_t size = 1; size < 20; size += 3) {
            CLEANUP(error) struct error err = {0};
            CLEANUP(free) char *cells = read_in(cases[i].name, size, &err);
            ck_assert_msg(!cells, "case %zu, size %zu is taken", i, size);
            ck_error_has(&err, cases[i].says);
        }
    }
    FILE *file = fopen("nul.csv", "w");
    ck_assert(file && fwrite("a,b\n1,2\n3,\0\n", 1, 12, file) == 12 && fclose(file) == 0);
    CLEANUP(error) struct error err = {0}, folder_err = {0};
    ck_assert(!read_in("nul.csv", 4, &err));
    ck_error_has(&err, "nul.csv:3: a NUL byte");
    ck_assert(!read_in(".", 4, &folder_err));
    ck_error_has(&folder_err, "is a folder");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("blocks", rows_are_the_same_in_blocks_of_any_size, faults_are_told_with_the_line_of_the_file)
