// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"

#include "artifact/protobuf.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

// "1=5 2=3 bytes" for the fields of a message, or what is wrong with it.
static char *list(const void *bytes, size_t len)
{
    struct error err = {0};
    struct buf out = {0};
    struct protobuf message = {bytes, (const unsigned char *)bytes + len, bytes};
    for (bool more = true; more;) {
        struct protobuf_field field;
        if (protobuf_next(&more, &field, &message, &err) < 0) {
            buf_puts(&out, err.message);
            error_free(&err);
            break;
        }
        if (more && field.wire == PROTOBUF_VARINT)
            buf_printf(&out, "%u=%llu ", field.number, (unsigned long long)field.varint);
        else if (more)
            buf_printf(&out, "%u:%zu ", field.number, field.len);
    }
    return buf_take(&out);
}

START_TEST(fields_are_read_within_their_bounds)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } table[] = {
        {"", 0, ""},
        {"\x08\x05", 2, "1=5 "},
        {"\x08\xac\x02\x12\x02hi", 7, "1=300 2:2 "},
        {"\x09"
         "12345678\x15"
         "1234",
         14, "1:8 2:4 "},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "1=18446744073709551615 "},
        {"\xf8\xff\xff\xff\x0f\x01", 6, "536870911=1 "},
        {"\x08", 1, "byte 1: a message ends within a number"},
        {"\x08\x80", 2, "byte 2: a message ends within a number"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12, "byte 11: a number of more than 10 bytes"},
        {"\x12\x03hi", 4, "byte 2: a field is longer than what holds it"},
        {"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "byte 11: a field is longer than what holds it"},
        {"\x09"
         "1234567",
         8, "byte 1: a field is longer than what holds it"},
        {"\x0b\x0c", 2, "byte 1: a field of an unknown wire type"},
        {"\x0f", 1, "byte 1: a field of an unknown wire type"},
        {"\x00\x01", 2, "byte 1: a field without a valid number"},
        {"\x80\x80\x80\x80\x20\x01", 6, "byte 5: a field without a valid number"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *exact = table[i].len ? mem_copy(table[i].bytes, table[i].len) : str_dup("");
        CLEANUP(free) char *found = list(exact, table[i].len);
        ck_assert_str_eq(found, table[i].expected);
    }
}
END_TEST

UNIT_MAIN("protobuf", fields_are_read_within_their_bounds)
