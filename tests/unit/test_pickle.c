// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "artifact/pickle.h"
#include "unit_contents.h"

static void expect(const char *listing, const void *bytes, size_t len)
{
    CLEANUP(free) char *found = list_file("x.pkl", bytes, len);
    ck_assert_str_eq(found, listing);
}
#define EXPECT(listing, bytes) expect(listing, bytes, sizeof(bytes) - 1)

static void expect_note(const char *note, const void *bytes, size_t len)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "x.pkl", bytes, len, &err), &err);
    ck_assert_ptr_nonnull(contents->note);
    ck_assert_msg(strstr(contents->note, note) != NULL, "expected '%s' in '%s'", note, contents->note);
    ck_assert_uint_eq(contents->count, 1);
    ck_assert_int_eq(contents->items[0].kind, VALUE_BYTES);
    ck_assert_uint_eq(contents->items[0].size, len);
}
#define EXPECT_NOTE(note, bytes) expect_note(note, bytes, sizeof(bytes) - 1)

START_TEST(numbers_of_every_opcode_are_read)
{
    EXPECT(" = 255\n", "\x80\2K\xff.");
    EXPECT(" = 65535\n", "\x80\2M\xff\xff.");
    EXPECT(" = -2\n", "\x80\2J\xfe\xff\xff\xff.");
    EXPECT(" = -1\n", "\x80\2\x8a\1\xff.");
    EXPECT(" = 0\n", "\x80\2\x8a\0.");
    EXPECT(" \"<int 18446744073709551616>\"\n", "\x80\2\x8a\x09\0\0\0\0\0\0\0\0\1.");
    EXPECT(" \"<int -18446744073709551616>\"\n", "\x80\2\x8a\x09\0\0\0\0\0\0\0\0\xff.");
    EXPECT(" \"<int 9007199254740993>\"\n", "\x80\2\x8b\7\0\0\0\1\0\0\0\0\0\x20.");
    EXPECT(" = 1.5\n", "\x80\2G\x3f\xf8\0\0\0\0\0\0.");
    EXPECT(" = 1\n", "\x80\2\x88.");
    EXPECT(" = 1\n", "I01\n.");
    EXPECT(" = -7\n", "I-7\n.");
    EXPECT(" \"<int 123456789012345678901>\"\n", "L0123456789012345678901L\n.");
    EXPECT(" \"<int -9223372036854775808>\"\n", "L-9223372036854775808L\n.");
    EXPECT(" \"<int -9223372036854775809>\"\n", "L-9223372036854775809L\n.");
    EXPECT(" \"<int -9223372036854775808>\"\n", "\x80\2\x8a\x08\0\0\0\0\0\0\0\x80.");
    EXPECT(" = 2.5e-7\n", "F2.5e-07\n.");
    EXPECT(" = -Infinity\n", "F-inf\n.");
    EXPECT(" \"None\"\n", "\x80\2N.");
}
END_TEST

START_TEST(texts_of_every_opcode_are_read)
{
    EXPECT(" \"abc\"\n", "\x80\4\x8c\3abc.");
    EXPECT(" \"abc\"\n", "\x80\2X\3\0\0\0abc.");
    EXPECT(" \"abc\"\n", "\x80\4\x8d\3\0\0\0\0\0\0\0abc.");
    EXPECT(" \"\xc3\xa9\xe2\x82\xac\"\n", "V\xe9\\u20ac\n.");
    EXPECT(" \"a'\\n\\x01\"\n", "S'a\\'\\n\\x01'\n.");
    EXPECT(" \"abc\"\n", "\x80\2U\3abc.");
    EXPECT(" <ff00>\n", "\x80\2U\2\xff\0.");
    EXPECT(" <ff00>\n", "\x80\3C\2\xff\0.");
    EXPECT(" <ff00>\n", "\x80\5\x96\2\0\0\0\0\0\0\0\xff\0.");
    EXPECT(" <ff00>\n", "\x80\2c_codecs\nencode\nX\3\0\0\0\xc3\xbf\0X\6\0\0\0latin1\x86R.");
    EXPECT(" \"'None'\"\n", "\x80\4\x8c\4None.");
    EXPECT(" \"'<x>'\"\n", "\x80\4\x8c\3<x>.");
}
END_TEST

START_TEST(containers_become_dotted_names)
{
    EXPECT("a.0 = 1\na.1 \"x\"\nb.7 = 2\n", "\x80\2}(X\1\0\0\0a](K\1X\1\0\0\0xeX\1\0\0\0b}K\7K\2su.");
    EXPECT("'' = 4\n(1, 2) = 3\n", "\x80\2}(K\1K\2\x86K\3X\0\0\0\0K\4u.");
    EXPECT("a \"a\"\nb \"b\"\n", "\x80\4\x8f(\x8c\1b\x8c\1a\x90.");
    EXPECT("a \"()\"\nb \"[]\"\nc \"{}\"\nd \"set()\"\n", "\x80\4}(\x8c\1a)\x8c\1b]\x8c\1c}\x8c\1d\x8fu.");
    EXPECT(" i64[8] 1 2 3 4 5 6 7 -8\n", "](I1\nI2\nI3\nI4\nI5\nI6\nI7\nI-8\ne.");
}
END_TEST

START_TEST(the_last_of_equal_keys_counts_and_others_keep_apart)
{
    EXPECT("a = 2\n", "\x80\2}(X\1\0\0\0aK\1X\1\0\0\0aK\2u.");
    EXPECT("1 = 5\n1#2 = 6\n", "\x80\2}(X\1\0\0\0001K\6K\1K\5u.");
}
END_TEST

START_TEST(nothing_is_executed)
{
    EXPECT("<args>.0 \"touch /tmp/x\"\n<class> \"posix.system\"\n",
           "\x80\2cposix\nsystem\nX\x0c\0\0\0touch /tmp/x\x85R.");
    EXPECT("<class> \"a.B\"\nx = 1\n", "\x80\2ca\nB\n)\x81}X\1\0\0\0xK\1sb.");
    EXPECT("<args>.0 = 1\n<class> \"a.B\"\n", "\x80\2(ca\nB\nK\1o.");
    EXPECT("<args>.0 = 1\n<class> \"a.B\"\n", "(I1\nia\nB\n.");
    EXPECT(" \"<a.B>\"\n", "\x80\4\x8c\1a\x8c\1B\x93.");
    EXPECT("<persistent> \"id\"\n", "Pid\n.");
}
END_TEST

START_TEST(values_that_hold_themselves_end_somewhere)
{
    EXPECT("0 \"<same as ''>\"\n", "\x80\2]q\0h\0a.");
    EXPECT("<class> \"a.B\"\nx \"<same as ''>\"\n", "\x80\2ca\nB\n)\x81q\0}X\1\0\0\0xh\0sb.");
    EXPECT("a.b \"<same as 'a'>\"\n", "\x80\2}X\1\0\0\0a}q\1X\1\0\0\0bh\1ss.");
}
END_TEST

START_TEST(what_is_damaged_says_where)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *said;
    } table[] = {
#define ROW(bytes, said) {bytes, sizeof(bytes) - 1, said}
        ROW("\x80\4N", "byte 3: the pickle has no end"),
        ROW("\x80\4.", "byte 2: takes a value from an empty stack"),
        ROW("\x80\4(a.", "byte 3: takes a value from an empty stack"),
        ROW("\x80\4Ne.", "byte 3: there is no mark on the stack"),
        ROW("\x80\4(e.", "byte 3: there is nothing to put items into"),
        ROW("\x80\4]h\7.", "byte 3: the memo has no entry 7"),
        ROW("\x80\4N(K\1e.", "byte 6: puts items into what takes none"),
        ROW("\x80\4}(K\1u.", "byte 6: a key has no value"),
        ROW("\x80\4(K\1d.", "byte 5: a key has no value"),
        ROW("\x80\4\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
            "abc.",
            "byte 2: needs 18446744073709551615 bytes"),
        ROW("\x80\4\x8b\xff\xff\xff\x7f.", "byte 2: needs 2147483647 bytes"),
        ROW("\x80\4\x8b\xff\xff\xff\xff.", "byte 2: an integer of negative size"),
        ROW("\x80\4T\xff\xff\xff\xff.", "byte 2: a string of negative size"),
        ROW("\x80\4\x95\xff\0\0\0\0\0\0\0N.", "byte 2: a frame of 255 bytes, there are 2"),
        ROW("\x80\4NNR.", "byte 4: arguments that are no tuple"),
        ROW("\x80\4N\x8c\1a\x93.", "byte 6: a name that is not text"),
        ROW("\x80\4Fx\n.", "byte 2: not a number"),
        ROW("\x80\4Sx\n.", "byte 2: a string without quotes"),
        ROW("\x80\4V\\u12\n.", "byte 2: a character is cut short"),
        ROW("\x80\4\xff.", "byte 2: no opcode of a pickle: 0xff"),
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file("x.pkl", table[i].bytes, table[i].len);
        ck_assert_msg(strstr(found, table[i].said) && str_starts(found, "error: "), "%zu: %s", i, found);
    }
}
END_TEST

START_TEST(what_is_not_understood_is_bytes_with_the_reason)
{
    EXPECT_NOTE("EXT1, byte 2", "\x80\2\x82\1.");
    EXPECT_NOTE("NEXT_BUFFER, byte 2", "\x80\5\x97.");
    EXPECT_NOTE("protocol 6", "\x80\2\x80\6N.");
    EXPECT_NOTE("numbers its memo in leaps", "\x80\2Nr\xff\xff\xff\xff.");
    EXPECT_NOTE("the state of an object twice", "\x80\2ca\nB\n)\x81}b}b.");
    EXPECT_NOTE("the state of what is no object", "\x80\2]}b.");
    EXPECT_NOTE("compressed with xz", "\xfd\x37zXZ\0\0\4");
    EXPECT_NOTE("none that Python could have there", "\x80\2}}K\1s.");
}
END_TEST

// A tuple of two of the same, of two of the same, …
START_TEST(a_bomb_of_shared_values_is_not_expanded)
{
    CLEANUP(buf) struct buf bomb = {0};
    buf_append(&bomb, "\x80\4K\1", 4);
    for (int i = 0; i < 60; i++)
        buf_append(&bomb, "2\x86", 2);
    buf_putc(&bomb, '.');
    expect_note("more than", bomb.data, bomb.len);
}
END_TEST

START_TEST(a_million_levels_are_refused)
{
    CLEANUP(buf) struct buf deep = {0};
    buf_append(&deep, "\x80\4", 2);
    for (int i = 0; i < 1000000; i++)
        buf_putc(&deep, ']');
    for (int i = 1; i < 1000000; i++)
        buf_putc(&deep, 'a');
    buf_putc(&deep, '.');
    expect_note("nested more than 400 deep", deep.data, deep.len);
}
END_TEST

// A long text in the memo, as the key of many dicts and in many calls.
START_TEST(long_names_that_are_shared_do_not_fill_the_memory)
{
    CLEANUP(buf) struct buf bomb = {0};
    buf_append(&bomb, "\x80\4(\x8d\0\0\1\0\0\0\0\0", 12);
    for (int i = 0; i < 0x10000; i++)
        buf_putc(&bomb, 'k');
    buf_append(&bomb, "\x94", 1);
    for (int i = 0; i < 20000; i++)
        buf_append(&bomb, "}h\0K\1s", 6);
    buf_append(&bomb, "l.", 2);
    expect_note("names of its values", bomb.data, bomb.len);
}
END_TEST

START_TEST(several_pickles_in_one_file_have_numbers)
{
    EXPECT("0 = 1\n1 = 2\n", "\x80\2K\1.\x80\2K\2.");
    EXPECT("0 = 1\n<rest> <ff>\n", "\x80\2K\1.\xff");
}
END_TEST

UNIT_MAIN("pickle", numbers_of_every_opcode_are_read, texts_of_every_opcode_are_read, containers_become_dotted_names,
          the_last_of_equal_keys_counts_and_others_keep_apart, nothing_is_executed,
          values_that_hold_themselves_end_somewhere, what_is_damaged_says_where,
          what_is_not_understood_is_bytes_with_the_reason, a_bomb_of_shared_values_is_not_expanded,
          a_million_levels_are_refused, long_names_that_are_shared_do_not_fill_the_memory,
          several_pickles_in_one_file_have_numbers)
