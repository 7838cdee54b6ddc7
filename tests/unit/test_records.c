// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit_contents.h"
#include "unit_files.h"

#include "artifact/records.h"

#include <fcntl.h>
#include <sys/stat.h>

static const struct artifact_file file = {.name = "m.h5", .bytes = (const unsigned char *)"12345678", .len = 8};

// Reads these bytes as records, and lists what came of it. The caller frees.
static char *list_records(const void *bytes, size_t len)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(contents) struct contents *contents = mem_alloc(sizeof *contents);
    CLEANUP(free) unsigned char *copy = malloc(len + (len == 0));
    memcpy(copy, bytes, len);
    const struct artifact_file records = {.bytes = copy, .len = len};
    if (records_read(contents, "", &file, &records, &err) != 0)
        return error_text(&err);
    CLEANUP(free) char *values = list_contents(contents), *left_out = strings_join(&contents->left_out, ",");
    return str_printf("%s%s|%s", values, left_out, contents->note ? contents->note : "");
}

static void write_all(struct records *records)
{
    const struct tensor here = {.dtype = DTYPE_U8, .rank = 1, .shape = {3}};
    const struct tensor there = {.dtype = DTYPE_I16, .big_endian = true, .rank = 2, .shape = {1, 2}};
    ck_assert_int_eq(records_value(records, RECORD_TENSOR, "w", &here, RECORD_HERE, 3), 0);
    ck_assert_int_eq(records_data(records, "\1\2", 2), 0);
    ck_assert_int_eq(records_data(records, "\3", 1), 0);
    ck_assert_int_eq(records_value(records, RECORD_TENSOR, "there", &there, 2, 4), 0);
    ck_assert_int_eq(records_value(records, RECORD_TEXT, "t", NULL, RECORD_HERE, 2), 0);
    ck_assert_int_eq(records_data(records, "hi", 2), 0);
    ck_assert_int_eq(records_value(records, RECORD_BYTES, "b", NULL, 0, 8), 0);
    ck_assert_int_eq(records_word(records, RECORD_LEFT_OUT, "times"), 0);
    ck_assert_int_eq(records_word(records, RECORD_NOTE, "odd"), 0);
}

// What was written to the file behind the descriptor.
static void slurp(struct buf *out)
{
    struct error err = {0};
    ck_ok(fs_read(out, "records", 0, &err), &err);
}

START_TEST(what_one_process_writes_another_reads)
{
    char *folder = enter_folder();
    struct records records = {.fd = open("records", O_RDWR | O_CREAT, 0600), .limit = 1 << 20};
    write_all(&records);
    ck_assert_int_eq(records_finish(&records), 0);
    CLEANUP(buf) struct buf bytes = {0};
    slurp(&bytes);
    CLEANUP(free) char *found = list_records(bytes.data, bytes.len);
    ck_assert_str_eq(found, "w u8[3] 1 2 3\n"
                            "there i16[1,2] 13108 13622\n"
                            "t \"hi\"\n"
                            "b <3132333435363738>\n"
                            "times|m.h5: odd");
    for (size_t len = 0; len < bytes.len; len++) {
        CLEANUP(free) char *cut = list_records(bytes.data, len);
        ck_assert_ptr_nonnull(strstr(cut, "damaged at byte"));
    }
    close(records.fd);
    records_free(&records);
    leave_folder(folder);
}
END_TEST

START_TEST(a_verdict_on_the_file_takes_the_place_of_its_values)
{
    static const struct {
        enum record_kind kind;
        const char *expected;
    } table[] = {
        {RECORD_GIVE_UP, " <3132333435363738>\ntimes|m.h5: odd"},
        {RECORD_ERROR, "the verdict"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *folder = enter_folder();
        struct records records = {.fd = open("records", O_RDWR | O_CREAT, 0600), .limit = 1 << 20};
        write_all(&records);
        ck_assert_int_eq(records_word(&records, table[i].kind, "the verdict"), 0);
        ck_assert_int_eq(records_finish(&records), 0);
        CLEANUP(buf) struct buf bytes = {0};
        slurp(&bytes);
        CLEANUP(free) char *found = list_records(bytes.data, bytes.len);
        ck_assert_str_eq(found, table[i].expected);
        close(records.fd);
        records_free(&records);
        leave_folder(folder);
    }
}
END_TEST

START_TEST(no_more_is_written_than_the_limit)
{
    struct records records = {.fd = -1, .limit = 100};
    ck_assert_int_eq(records_value(&records, RECORD_TEXT, "t", NULL, RECORD_HERE, 101), -1);
    ck_assert(records.full);
    records_free(&records);
    records = (struct records){.fd = -1, .limit = 100};
    ck_assert_int_eq(records_value(&records, RECORD_TEXT, "t", NULL, RECORD_HERE, 52), 0);
    ck_assert_int_eq(records_data(&records, "01234567890123456789012345678901234567890123456789012", 53), -1);
    ck_assert(records.full);
    records_free(&records);
    records = (struct records){.fd = -1, .limit = 100};
    ck_assert_int_eq(records_finish(&records), -1);
    ck_assert(!records.full);
    ck_assert_int_ne(records.failed, 0);
    records_free(&records);
}
END_TEST

UNIT_MAIN("records", what_one_process_writes_another_reads, a_verdict_on_the_file_takes_the_place_of_its_values,
          no_more_is_written_than_the_limit)
