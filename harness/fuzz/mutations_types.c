// SPDX-License-Identifier: Apache-2.0
//
// Values of another type than the column's, and numbers as people write them.
#include "fuzz/mess.h"

#include <string.h>

static bool is_number_or_boolean(const struct cell *cell)
{
    return mess_is_number(cell) || cell->kind == CELL_BOOL;
}

// 12 becomes "12".
static void apply_text(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    const struct buf *token = mess_token(c, mess_clean(c));
    mess_set_text(c, arena_bytes(&c->arena, token->data, token->len), token->len);
}

static bool claims_text(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    CLEANUP(buf) struct buf token = {0};
    struct cell plain = *clean;
    plain.text = NULL;
    cell_write_json(&token, &plain);
    return is_number_or_boolean(clean) && mess_text_is(now, buf_text(&token), token.len);
}

static const int64_t integers[] = {0, 1, -1, 42, 1000000000};

static void apply_number(struct fuzz_case *c, struct choices *choices)
{
    int64_t value = integers[choose(choices, ARRAY_LEN(integers))];
    *mess_cell(c) = (struct cell){.kind = CELL_INTEGER, .integer = value};
    const struct buf *token = mess_token(c, mess_cell(c));
    if (mess_clean(c)->kind == CELL_INTEGER && mess_is_category(mess_column(c), token->data, token->len))
        c->meaning = MEANING_VALID; // categories that are numbers
}

static bool claims_number(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_INTEGER;
}

static void apply_boolean(struct fuzz_case *c, struct choices *choices)
{
    *mess_cell(c) = (struct cell){.kind = CELL_BOOL, .integer = choose(choices, 2) == 0};
}

static bool claims_boolean(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_BOOL;
}

static const struct mess_text arrays[] = {MESS_TEXT("[]"),   MESS_TEXT("[1]"),     MESS_TEXT("[null]"),
                                          MESS_TEXT("[[]]"), MESS_TEXT("[1,2,3]"), MESS_TEXT("[\"a\"]")};
static const struct mess_text objects[] = {MESS_TEXT("{}"), MESS_TEXT("{\"a\":1}"), MESS_TEXT("{\"value\":null}"),
                                           MESS_TEXT("{\"\":{}}")};
static const struct mess_text words[] = {MESS_TEXT("abc"),   MESS_TEXT("x"),   MESS_TEXT("twelve"),
                                         MESS_TEXT("1x"),    MESS_TEXT("x1"),  MESS_TEXT("--"),
                                         MESS_TEXT("maybe"), MESS_TEXT("1 2"), MESS_TEXT("2021-01-01")};
static const struct mess_text numerals[] = {
    MESS_TEXT("1,5"),   MESS_TEXT("1.000,00"),  MESS_TEXT("1 000,00"), MESS_TEXT("1,000.00"), MESS_TEXT("1'000"),
    MESS_TEXT("1_000"), MESS_TEXT("0x0"),       MESS_TEXT("0x1F"),     MESS_TEXT("08"),       MESS_TEXT("１２３"),
    MESS_TEXT("١٢٣"),   MESS_TEXT("1E+02"),     MESS_TEXT("+1"),       MESS_TEXT(" 12 "),     MESS_TEXT("12\n"),
    MESS_TEXT("1."),    MESS_TEXT(".5"),        MESS_TEXT("1e400"),    MESS_TEXT("−5"),       MESS_TEXT("½"),
    MESS_TEXT("Ⅻ"),     MESS_TEXT("1,000,000"), MESS_TEXT("(5)"),      MESS_TEXT("$5"),       MESS_TEXT("5 €"),
    MESS_TEXT("50%"),   MESS_TEXT("5kg"),       MESS_TEXT("1/2"),      MESS_TEXT("0b1"),      MESS_TEXT("1\u00a0000"),
};

static void apply_deep(struct fuzz_case *c, struct choices *choices)
{
    static const size_t depths[] = {10, 10, 10, 100, 100, 1000, 10000, 100000};
    size_t depth = depths[choose(choices, ARRAY_LEN(depths))];
    char *text = arena_room(&c->arena, 2 * depth);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    mess_set_raw(c, text, 2 * depth);
}

static bool claims_deep(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    size_t half = now->len / 2, at = 0;
    while (at < now->len && now->text[at] == (at < half ? '[' : ']'))
        at++;
    return now->kind == CELL_RAW && half >= 10 && at == now->len && now->len % 2 == 0;
}

#define TYPES              .family = FAMILY_TYPES, .meaning = MEANING_MESSY, .per_column = true
#define NUMERIC_OR_BOOLEAN .types = TYPES_NUMERIC | 1u << COLUMN_BOOLEAN
// clang-format off
const struct mutation mutations_types[] = {
    {.name = "types.text", TYPES, .says = "a number or boolean as a text", NUMERIC_OR_BOOLEAN, .needs = NEED_JSON,
     .suits = is_number_or_boolean, .apply = apply_text, .claims = claims_text},
    {.name = "types.number", TYPES, .says = "a number where none is expected",
     .types = TYPES_ALL & ~TYPES_NUMERIC, .needs = NEED_JSON, .apply = apply_number, .claims = claims_number},
    {.name = "types.boolean", TYPES, .says = "true or false where neither is expected",
     .types = TYPES_ALL & ~(1u << COLUMN_BOOLEAN), .needs = NEED_JSON,
     .apply = apply_boolean, .claims = claims_boolean},
    {.name = "types.array", TYPES, .says = "an array in a cell", .types = TYPES_ALL, .needs = NEED_JSON,
     MESS_TEXTS(arrays), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "types.object", TYPES, .says = "an object in a cell", .types = TYPES_ALL, .needs = NEED_JSON,
     MESS_TEXTS(objects), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "types.deep", TYPES, .says = "an array nested deeply in a cell", .types = TYPES_ALL, .needs = NEED_JSON,
     .apply = apply_deep, .claims = claims_deep},
    {.name = "types.word", TYPES, .says = "a word where a number is expected", NUMERIC_OR_BOOLEAN,
     MESS_TEXTS(words), .apply = mess_apply_text, .claims = mess_claims_text},
    {.name = "types.numeral", TYPES, .says = "a number as people write it (1.000,00, 0x0, 08)",
     .types = TYPES_NUMERIC, MESS_TEXTS(numerals), .apply = mess_apply_text, .claims = mess_claims_text},
};
// clang-format on
const size_t mutations_types_count = ARRAY_LEN(mutations_types);
