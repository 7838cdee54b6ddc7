// SPDX-License-Identifier: Apache-2.0
//
// What is sent, damaged: before any row is read, it must be seen to be none. Tokens inside of a row go through the
// encoding of the protocol; other damage is done to the bytes that it gives.
#include "fuzz/mess.h"

#include <string.h>

static void send_bytes(struct fuzz_case *c, const char *bytes, size_t len)
{
    buf_clear(&c->raw);
    buf_append(&c->raw, bytes, len);
    c->is_raw = true;
    c->poisoned = SIZE_MAX;
}

static void apply_bytes(struct fuzz_case *c, struct choices *choices)
{
    const struct mutation *mutation = c->mutation;
    const struct mess_text *text = &mutation->texts[choose(choices, mutation->text_count)];
    send_bytes(c, text->text, text->len);
}

static bool holds_bytes(const struct fuzz_case *c)
{
    for (size_t i = 0; c->is_raw && i < c->mutation->text_count; i++)
        if (c->mutation->texts[i].len == c->raw.len && memcmp(c->mutation->texts[i].text, c->raw.data, c->raw.len) == 0)
            return true;
    return false;
}

// None of them has only blanks: that is not a question at all where questions are lines.
static const struct mess_text not_json[] = {
    MESS_TEXT("x"),        MESS_TEXT("{"),        MESS_TEXT("}"),          MESS_TEXT("["),
    MESS_TEXT("not json"), MESS_TEXT("null"),     MESS_TEXT("42"),         MESS_TEXT("\"\""),
    MESS_TEXT("{]"),       MESS_TEXT("{\"a\"}"),  MESS_TEXT("{a:1}"),      MESS_TEXT("<xml/>"),
    MESS_TEXT("a=1&b=2"),  MESS_TEXT("{'a': 1}"), MESS_TEXT("{\"a\":1,}"), MESS_TEXT("true"),
};
static const struct mess_text garbage[] = {
    MESS_TEXT("\xff\xfe\xfd"), MESS_TEXT("\x01\x02\x03"), MESS_TEXT("\x89PNG\r\x1a"),
    MESS_TEXT("a\0b"),         MESS_TEXT("PK\x03\x04"),   MESS_TEXT("\x1f\x8b\x08"),
};
static const struct mess_text bare[] = {MESS_TEXT("NaN"), MESS_TEXT("Infinity"), MESS_TEXT("-Infinity")};
static const struct mess_text bad_tokens[] = {
    MESS_TEXT("nan"), MESS_TEXT("undefined"), MESS_TEXT("None"), MESS_TEXT("True"),    MESS_TEXT("'a'"),
    MESS_TEXT("01"),  MESS_TEXT("+1"),        MESS_TEXT(".5"),   MESS_TEXT("1."),      MESS_TEXT("0x1F"),
    MESS_TEXT("1,5"), MESS_TEXT("--1"),       MESS_TEXT("\"a"),  MESS_TEXT("\"\\x\""), MESS_TEXT("inf"),
};

// The column once more, behind the others, with another value.
static void apply_duplicate_key(struct fuzz_case *c, struct choices *choices)
{
    bool as_null = choose(choices, 2) == 0;
    size_t count = c->column_count, row = c->poisoned;
    const char **names = mess_reshape(c, c->row_count, count + 1);
    names[count] = c->clean.columns[c->column];
    c->cells[row * (count + 1) + count] =
        as_null ? (struct cell){.kind = CELL_NULL} : (struct cell){.kind = CELL_TEXT, .text = "another", .len = 7};
}

static bool holds_duplicate_key(const struct fuzz_case *c)
{
    size_t last = c->column_count - 1;
    if (c->is_raw || c->column_count != c->clean.column_count + 1 || c->row_count != c->clean.row_count)
        return false;
    for (size_t i = 0; i < c->row_count; i++)
        for (size_t j = 0; j < last; j++)
            if (!mess_same(&c->cells[i * c->column_count + j], &c->clean.cells[i * last + j]))
                return false;
    const struct cell *more = &c->cells[c->poisoned * c->column_count + last];
    return strcmp(c->columns[last], c->clean.columns[c->column]) == 0 && more->kind != CELL_ABSENT &&
           (!mess_same(more, mess_clean(c)) || more->kind == CELL_NULL);
}

// What the clean rows become; what the damaged ones are held against.
static void encode_clean(struct buf *out, const struct fuzz_case *c)
{
    struct fuzz_case plain = {.cells = (struct cell *)c->clean.cells, // only read
                              .columns = c->clean.columns,
                              .row_count = c->clean.row_count,
                              .column_count = c->clean.column_count,
                              .ability = c->ability};
    mess_encode(&plain);
    *out = plain.raw;
}

static void apply_bom(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_encode(c);
    size_t len = c->raw.len;
    buf_puts(&c->raw, "BOM"); // room for it
    memmove(c->raw.data + 3, c->raw.data, len);
    memcpy(c->raw.data, "\xef\xbb\xbf", 3);
    c->poisoned = SIZE_MAX;
}

static bool holds_bom(const struct fuzz_case *c)
{
    CLEANUP(buf) struct buf clean = {0};
    encode_clean(&clean, c);
    return c->is_raw && c->raw.len == clean.len + 3 && memcmp(c->raw.data, "\xef\xbb\xbf", 3) == 0 &&
           memcmp(c->raw.data + 3, clean.data, clean.len) == 0;
}

// Line ends become CRLF. A body without one gets it at its end, where JSON allows blanks.
static void apply_crlf(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_encode(c);
    size_t at = c->raw.len, lines = 0;
    for (size_t i = 0; i < at; i++)
        lines += c->raw.data[i] == '\n';
    if (lines == 0)
        buf_putc(&c->raw, '\r');
    for (size_t i = 0; i < lines; i++)
        buf_putc(&c->raw, '\r'); // room for them
    // From behind, so that no byte is overwritten before it was moved.
    for (size_t to = c->raw.len; lines > 0;) {
        char byte = c->raw.data[--at];
        c->raw.data[--to] = byte;
        if (byte == '\n') {
            c->raw.data[--to] = '\r';
            lines--;
        }
    }
    c->poisoned = SIZE_MAX;
}

static bool holds_crlf(const struct fuzz_case *c)
{
    CLEANUP(buf) struct buf clean = {0};
    encode_clean(&clean, c);
    size_t at = 0, returns = 0;
    for (size_t i = 0; i < c->raw.len; i++) {
        if (c->raw.data[i] == '\r')
            returns++;
        else if (at >= clean.len || clean.data[at++] != c->raw.data[i])
            return false;
    }
    return c->is_raw && at == clean.len && returns > 0 && !memchr(buf_text(&clean), '\r', clean.len);
}

// Cut somewhere before the last bracket (JSON) or within the header (CSV, where a cut in a cell leaves a good row).
static void apply_truncated(struct fuzz_case *c, struct choices *choices)
{
    mess_encode(c);
    size_t most = c->raw.len;
    if (c->ability->json)
        while (most > 1 && c->raw.data[most - 1] != '}' && c->raw.data[most - 1] != ']')
            most--;
    else
        most = (size_t)((char *)memchr(c->raw.data, '\n', c->raw.len) - c->raw.data);
    size_t keep = 1 + (most > 2 ? (size_t)choose(choices, most - 1) : 0);
    c->raw.len = keep < most ? keep : most - 1;
    c->raw.data[c->raw.len] = '\0';
    c->poisoned = SIZE_MAX;
}

static bool holds_truncated(const struct fuzz_case *c)
{
    CLEANUP(buf) struct buf clean = {0};
    encode_clean(&clean, c);
    return c->is_raw && c->raw.len > 0 && c->raw.len < clean.len && memcmp(c->raw.data, clean.data, c->raw.len) == 0;
}

// Where the last line of a body ends: behind its end something would be a question of its own.
static size_t last_line_end(const struct buf *body)
{
    size_t end = body->len;
    while (end > 0 && body->data[end - 1] == '\n')
        end--;
    return end;
}

static void apply_trailing(struct fuzz_case *c, struct choices *choices)
{
    static const char *const tails[] = {"x", "}", "]", ",", "{}", " null"};
    mess_encode(c);
    c->raw.len = last_line_end(&c->raw);
    buf_puts(&c->raw, tails[choose(choices, ARRAY_LEN(tails))]);
    c->poisoned = SIZE_MAX;
}

static bool holds_trailing(const struct fuzz_case *c)
{
    CLEANUP(buf) struct buf clean = {0};
    encode_clean(&clean, c);
    size_t len = last_line_end(&clean);
    return c->is_raw && c->raw.len > len && memcmp(c->raw.data, clean.data, len) == 0 && c->raw.data[len] != '\n';
}

// A line of CSV with one cell too many, or without its last one.
static void apply_ragged(struct fuzz_case *c, bool more)
{
    struct question question;
    case_question(&question, c);
    buf_clear(&c->raw);
    row_write_csv_header(&c->raw, &question.rows);
    struct rows rows = question.rows;
    rows.column_count -= !more;
    row_write_csv(&c->raw, &rows, 0);
    c->raw.len--; // the line end
    buf_puts(&c->raw, more ? ",1\n" : "\n");
    c->is_raw = true;
    c->poisoned = SIZE_MAX;
}

static void apply_too_long(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    apply_ragged(c, true);
}

static void apply_too_short(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    apply_ragged(c, false);
}

// Commas outside of quotes in the line that begins at `*at`, which goes on to the next.
static size_t count_commas(const struct buf *csv, size_t *at)
{
    size_t commas = 0;
    bool quoted = false;
    for (; *at < csv->len && (quoted || csv->data[*at] != '\n'); ++*at) {
        quoted = quoted != (csv->data[*at] == '"');
        commas += !quoted && csv->data[*at] == ',';
    }
    ++*at;
    return commas;
}

static bool holds_ragged(const struct fuzz_case *c)
{
    size_t at = 0, header = count_commas(&c->raw, &at), row = count_commas(&c->raw, &at);
    return c->is_raw && header + 1 == c->clean.column_count && at == c->raw.len &&
           (c->mutation->meaning == MEANING_INVALID ? row == header + 1 : row + 1 == header);
}

static const char *const content_types[] = {
    "text/plain",          "application/xml", "application/octet-stream", "application/x-www-form-urlencoded",
    "multipart/form-data", "nonsense"};

static void apply_content_type(struct fuzz_case *c, struct choices *choices)
{
    c->content_type = content_types[choose(choices, ARRAY_LEN(content_types))];
    c->poisoned = SIZE_MAX;
}

static bool holds_content_type(const struct fuzz_case *c)
{
    return !c->is_raw && c->content_type && mess_cells_kept(c) && c->row_count == c->clean.row_count;
}

// CSV has no types, so that it may be answered otherwise.
static void apply_style(struct fuzz_case *c, struct choices *choices)
{
    uint32_t styles[32];
    size_t count = 0;
    for (uint32_t i = STYLE_PLAIN + 1; i < 32; i++)
        if (c->ability->styles & 1u << i)
            styles[count++] = i;
    c->style = (enum question_style)choose_of(choices, styles, count);
    c->meaning = c->style == STYLE_CSV ? MEANING_MESSY : MEANING_SAME;
    c->poisoned = SIZE_MAX;
}

static bool holds_style(const struct fuzz_case *c)
{
    return !c->is_raw && c->style != STYLE_PLAIN && !c->content_type && !c->sources && mess_cells_kept(c) &&
           c->row_count == c->clean.row_count;
}

#define WIRE    .family = FAMILY_WIRE
#define MESSY   .meaning = MEANING_MESSY
#define INVALID .meaning = MEANING_INVALID
#define SAME    .meaning = MEANING_SAME
#define IN_ANY  .per_column = true, .types = TYPES_ALL
// clang-format off
const struct mutation mutations_wire[] = {
    {.name = "wire.not_json", WIRE, INVALID, .says = "something that is no row of JSON", .needs = NEED_RAW | NEED_JSON,
     MESS_TEXTS(not_json), .apply = apply_bytes, .holds = holds_bytes},
    {.name = "wire.garbage", WIRE, INVALID, .says = "bytes that are no text", .needs = NEED_RAW,
     MESS_TEXTS(garbage), .apply = apply_bytes, .holds = holds_bytes},
    {.name = "wire.bare_nan", WIRE, MESSY, .says = "NaN or Infinity as a bare word", IN_ANY, .needs = NEED_JSON,
     MESS_TEXTS(bare), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "wire.bad_token", WIRE, INVALID, .says = "a value that JSON does not have", IN_ANY, .needs = NEED_JSON,
     MESS_TEXTS(bad_tokens), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "wire.duplicate_key", WIRE, MESSY, .says = "a key twice, with two values", IN_ANY,
     .needs = NEED_JSON | NEED_NAMES, .apply = apply_duplicate_key, .holds = holds_duplicate_key},
    {.name = "wire.bom", WIRE, MESSY, .says = "a byte-order mark in front", .needs = NEED_BODY,
     .apply = apply_bom, .holds = holds_bom},
    {.name = "wire.crlf", WIRE, SAME, .says = "lines that end in CRLF", .needs = NEED_BODY,
     .apply = apply_crlf, .holds = holds_crlf},
    {.name = "wire.truncated", WIRE, INVALID, .says = "a body that is cut off", .needs = NEED_BODY,
     .apply = apply_truncated, .holds = holds_truncated},
    {.name = "wire.trailing", WIRE, INVALID, .says = "something behind the end of the JSON",
     .needs = NEED_BODY | NEED_JSON, .apply = apply_trailing, .holds = holds_trailing},
    {.name = "wire.too_long", WIRE, INVALID, .says = "a line with a cell too many", .needs = NEED_RAW | NEED_CSV,
     .apply = apply_too_long, .holds = holds_ragged},
    {.name = "wire.too_short", WIRE, MESSY, .says = "a line without its last cell", .needs = NEED_RAW | NEED_CSV,
     .fits = mess_two_columns, .apply = apply_too_short, .holds = holds_ragged},
    {.name = "wire.content_type", WIRE, MESSY, .says = "a wrong content type", .needs = NEED_HTTP,
     .apply = apply_content_type, .holds = holds_content_type},
    {.name = "wire.style", WIRE, SAME, .says = "another encoding of the protocol", .needs = NEED_STYLES,
     .apply = apply_style, .holds = holds_style},
};
// clang-format on
const size_t mutations_wire_count = ARRAY_LEN(mutations_wire);
