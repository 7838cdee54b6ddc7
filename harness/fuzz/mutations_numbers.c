// SPDX-License-Identifier: Apache-2.0
//
// Numbers: where floating point ends, where integers end, where the training data end, and other ways to write the
// same.
#include "base/str.h"
#include "fuzz/mess.h"

#include <math.h>
#include <string.h>

static void apply_nan(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    *mess_cell(c) = (struct cell){.kind = CELL_NUMBER, .number = NAN};
    const struct column *column = mess_column(c);
    if (!mess_json(c) && column->nullable && strings_has(&column->spelt, "NaN"))
        c->meaning = MEANING_VALID;
}

static bool claims_nan(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_NUMBER && isnan(now->number);
}

static void apply_infinity(struct fuzz_case *c, struct choices *choices)
{
    *mess_cell(c) = (struct cell){.kind = CELL_NUMBER, .number = choose(choices, 2) ? -INFINITY : INFINITY};
}

static bool claims_infinity(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_NUMBER && isinf(now->number);
}

static void apply_value(struct fuzz_case *c, double value)
{
    mess_set_number(c, value);
    c->meaning = mess_in_range(mess_column(c), value);
}

static void apply_zero(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    apply_value(c, 0);
}

static bool claims_zero(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return mess_is_number(now) && mess_number(now) == 0 && !signbit(mess_number(now));
}

// Tokens as they stand, for no double holds all of them.
static const struct mess_text minus_zero[] = {MESS_TEXT("-0.0"), MESS_TEXT("-0")};
static const struct mess_text subnormal[] = {MESS_TEXT("5e-324"), MESS_TEXT("-5e-324"), MESS_TEXT("1e-45"),
                                             MESS_TEXT("2.2250738585072009e-308")};
static const struct mess_text largest[] = {
    MESS_TEXT("3.4028234663852886e38"),
    MESS_TEXT("-3.4028234663852886e38"),
    MESS_TEXT("3.5e38"),
    MESS_TEXT("1.7976931348623157e308"),
    MESS_TEXT("-1.7976931348623157e308"),
    MESS_TEXT("1e309"),
    MESS_TEXT("-1e309"),
};
static const struct mess_text exact[] = {MESS_TEXT("9007199254740991"), MESS_TEXT("9007199254740993"),
                                         MESS_TEXT("-9007199254740993"), MESS_TEXT("9007199254740993.0")};
static const struct mess_text powers_of_two[] = {
    MESS_TEXT("127"),
    MESS_TEXT("128"),
    MESS_TEXT("255"),
    MESS_TEXT("256"),
    MESS_TEXT("-129"),
    MESS_TEXT("32767"),
    MESS_TEXT("32768"),
    MESS_TEXT("65535"),
    MESS_TEXT("65536"),
    MESS_TEXT("16777217"),
    MESS_TEXT("2147483647"),
    MESS_TEXT("2147483648"),
    MESS_TEXT("4294967295"),
    MESS_TEXT("4294967296"),
    MESS_TEXT("-2147483649"),
    MESS_TEXT("9223372036854775807"),
    MESS_TEXT("9223372036854775808"),
    MESS_TEXT("-9223372036854775809"),
    MESS_TEXT("18446744073709551615"),
    MESS_TEXT("18446744073709551616"),
};
static const struct mess_text powers_of_ten[] = {
    MESS_TEXT("10"),
    MESS_TEXT("100"),
    MESS_TEXT("1000"),
    MESS_TEXT("1000000"),
    MESS_TEXT("1000000000"),
    MESS_TEXT("1000000000000"),
    MESS_TEXT("-1000000"),
    MESS_TEXT("-1000000000"),
    MESS_TEXT("1000000000000000000"),
    MESS_TEXT("100000000000000000000"),
    MESS_TEXT("0.001"),
    MESS_TEXT("0.000001"),
};

static double token_value(const struct cell *cell)
{
    double value = NAN;
    str_read_double(&value, cell->text, cell->len);
    return value;
}

static void apply_token(struct fuzz_case *c, struct choices *choices)
{
    mess_apply_raw(c, choices);
    c->meaning = mess_in_range(mess_column(c), token_value(mess_cell(c)));
}

static void apply_minimum(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_set_number(c, mess_column(c)->min);
}

static bool claims_minimum(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_is_number(now) && mess_number(now) == mess_column(c)->min;
}

static void apply_maximum(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_set_number(c, mess_column(c)->max);
}

static bool claims_maximum(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_is_number(now) && mess_number(now) == mess_column(c)->max;
}

// The next number of the column's kind; where integers have gaps, the next double.
static double just_beyond(const struct column *column, double value, double towards)
{
    double step = towards > value ? 1 : -1;
    if (column->type == COLUMN_INTEGER && value + step != value && value + step == trunc(value + step))
        return value + step;
    return nextafter(value, towards);
}

static void apply_below(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_set_number(c, just_beyond(mess_column(c), mess_column(c)->min, -INFINITY));
}

static bool claims_below(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_is_number(now) && mess_number(now) < mess_column(c)->min;
}

static void apply_above(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    mess_set_number(c, just_beyond(mess_column(c), mess_column(c)->max, INFINITY));
}

static bool claims_above(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_is_number(now) && mess_number(now) > mess_column(c)->max;
}

// How far the training data reach, for what is far from them.
static double reach(const struct column *column)
{
    double width = column->max - column->min;
    return isfinite(width) && width > 1 ? width : 1;
}

static void apply_far(struct fuzz_case *c, struct choices *choices)
{
    static const double times[] = {10, 1e3, 1e6, 1e12};
    const struct column *column = mess_column(c);
    uint64_t how = choose(choices, 2 * ARRAY_LEN(times));
    double away = ceil(times[how / 2] * reach(column));
    double value = how % 2 ? column->min - away : column->max + away;
    mess_set_number(c, isfinite(value) ? value : how % 2 ? -1e300 : 1e300);
}

static bool claims_far(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    const struct column *column = mess_column(c);
    double value = mess_number(now), away = 5 * reach(column);
    return mess_is_number(now) && (value <= column->min - away || value >= column->max + away);
}

static bool is_not_zero(const struct cell *cell)
{
    return mess_is_number(cell) && mess_number(cell) != 0 && fabs(mess_number(cell)) < 1e300;
}

static void apply_unit(struct fuzz_case *c, struct choices *choices)
{
    static const double units[] = {10, 1000, 0.1, 0.001};
    bool whole = mess_column(c)->type == COLUMN_INTEGER;
    apply_value(c, mess_number(mess_clean(c)) * units[choose(choices, whole ? 2 : ARRAY_LEN(units))]);
}

static bool claims_unit(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    double ratio = mess_number(now) / mess_number(clean);
    return mess_is_number(now) && is_not_zero(clean) && (ratio >= 9.99 || ratio <= 0.101);
}

static void apply_noise(struct fuzz_case *c, struct choices *choices)
{
    static const double parts[] = {1e-2, -1e-2, 1e-3, -1e-3, 1e-6, -1e-6, 1e-9, -1e-9};
    double value = mess_number(mess_clean(c));
    uint64_t how = choose(choices, ARRAY_LEN(parts));
    bool whole = mess_column(c)->type == COLUMN_INTEGER;
    apply_value(c, whole ? value + (how % 2 ? -1 : 1) : value + parts[how] * (value != 0 ? fabs(value) : 1));
}

static bool claims_noise(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    double before = mess_number(clean), after = mess_number(now);
    double most = fabs(before) * 0.011 > 1 ? fabs(before) * 0.011 : 1;
    return mess_is_number(now) && mess_is_number(clean) && fabs(after - before) <= most;
}

// The one that comes `after` others of the same type as the column; SIZE_MAX.
static size_t alike(const struct schema *schema, size_t column, size_t after)
{
    for (size_t i = 0; i < schema->count; i++)
        if (i != column && schema->columns[i].type == schema->columns[column].type && after-- == 0)
            return i;
    return SIZE_MAX;
}

static bool fits_swapped(const struct case_space *space, size_t column, const char **why)
{
    *why = "no other column is of its type";
    return alike(space->schema, column, 0) != SIZE_MAX;
}

static void apply_swapped(struct fuzz_case *c, struct choices *choices)
{
    size_t count = 0;
    while (alike(c->schema, c->column, count) != SIZE_MAX)
        count++;
    size_t other = alike(c->schema, c->column, (size_t)choose(choices, count));
    struct cell *row = c->cells + c->poisoned * c->column_count, mine = row[c->column];
    row[c->column] = row[other];
    row[other] = mine;
    bool known = mess_is_number(&row[c->column]) && mess_is_number(&mine);
    if (known && mess_in_range(mess_column(c), mess_number(&row[c->column])) == MEANING_VALID)
        c->meaning = mess_in_range(&c->schema->columns[other], mess_number(&mine));
}

static bool holds_swapped(const struct fuzz_case *c)
{
    if (!mess_shape_kept(c))
        return false;
    const struct cell *now = c->cells + c->poisoned * c->column_count;
    const struct cell *clean = c->clean.cells + c->poisoned * c->column_count;
    size_t changed = 0, other = c->column;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        changed += !mess_same(&c->cells[i], &c->clean.cells[i]);
    for (size_t j = 0; j < c->column_count; j++)
        if (j != c->column && !mess_same(&now[j], &clean[j]))
            other = j;
    if (changed == 0) // two that were equal
        return true;
    return changed == 2 && mess_same(&now[c->column], &clean[other]) && mess_same(&now[other], &clean[c->column]);
}

static bool is_small_integer(const struct cell *cell)
{
    return mess_is_number(cell) && fabs(mess_number(cell)) < 0x1p52 && mess_number(cell) == trunc(mess_number(cell));
}

static void apply_fraction(struct fuzz_case *c, struct choices *choices)
{
    static const double parts[] = {0.5, 0.25, 0.1};
    double value = mess_number(mess_clean(c)) + parts[choose(choices, ARRAY_LEN(parts))];
    *mess_cell(c) = (struct cell){.kind = CELL_NUMBER, .number = value};
}

static bool claims_fraction(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c, (void)clean;
    return now->kind == CELL_NUMBER && now->number != trunc(now->number) && isfinite(now->number);
}

// The token of a number in another spelling. An exponent comes last, so that the forms are one with a point and one
// with an exponent.
static void respell(struct fuzz_case *c, const char *point, const char *exponent)
{
    const struct buf *token = mess_token(c, mess_clean(c));
    const char *e = strchr(token->data, 'e');
    size_t digits = e ? (size_t)(e - token->data) : token->len;
    char *text = arena_room(&c->arena, token->len + 8);
    size_t len = digits;
    memcpy(text, token->data, digits);
    if (*point) {
        const char *more = memchr(text, '.', digits) ? "0" : point;
        memcpy(text + len, more, strlen(more));
        len += strlen(more);
    }
    if (e) {
        memcpy(text + len, e, token->len - digits);
        text[len] = *exponent ? *exponent : 'e';
        len += token->len - digits;
    } else {
        memcpy(text + len, exponent, strlen(exponent));
        len += strlen(exponent);
    }
    mess_set_raw(c, text, len);
}

static void apply_as_float(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    respell(c, ".0", "");
}

static void apply_spelling(struct fuzz_case *c, struct choices *choices)
{
    static const char *const exponents[] = {"e0", "E0", "E+0", "E-0"};
    uint64_t how = choose(choices, 1 + ARRAY_LEN(exponents));
    if (how == 0)
        respell(c, ".00", "");
    else
        respell(c, "", exponents[how - 1]);
}

// The same number to the last bit.
static bool claims_equal(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    double value = mess_number(clean), read = token_value(now);
    return now->kind == CELL_RAW && mess_is_number(clean) && memcmp(&value, &read, sizeof value) == 0;
}

static bool is_exact(const struct cell *cell)
{
    return mess_is_number(cell) && (cell->kind == CELL_NUMBER || is_small_integer(cell));
}

// The `at`-th of the integers from `low` to `high`, those near to zero first, positive before negative.
static double near_zero(double low, double high, uint64_t at)
{
    double k = (double)at;
    if (low >= 0)
        return low + k;
    if (high <= 0)
        return high - k;
    double both = high < -low ? high : -low; // so many stand on each side
    if (k <= 2 * both)
        return at % 2 ? (k + 1) / 2 : -k / 2;
    return high > -low ? k - both : -(k - both);
}

static void apply_other(struct fuzz_case *c, struct choices *choices)
{
    const struct column *column = mess_column(c);
    double low = ceil(column->min), high = floor(column->max), count = high - low + 1;
    bool whole = count >= 1 && fabs(low) < 0x1p52 && fabs(high) < 0x1p52;
    bool fraction = !whole || (column->type == COLUMN_NUMBER && choose(choices, 2) == 1);
    if (fraction) {
        double at = (double)choose(choices, 1001) / 1000;
        double value = column->min * (1 - at) + column->max * at;
        mess_set_number(c, value < column->min ? column->min : value > column->max ? column->max : value);
    } else {
        mess_set_number(c, near_zero(low, high, choose(choices, (uint64_t)count)) + 0.0);
    }
}

static bool claims_other(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return mess_is_number(now) && mess_in_range(mess_column(c), mess_number(now)) == MEANING_VALID;
}

#define NUMBERS      .family = FAMILY_NUMBERS, .per_column = true, .types = TYPES_NUMERIC
#define MESSY        .meaning = MEANING_MESSY
#define VALID        .meaning = MEANING_VALID
#define SAME         .meaning = MEANING_SAME
#define TOKENS(list) MESS_TEXTS(list), .apply = apply_token, .claims = mess_claims_raw
// clang-format off
const struct mutation mutations_numbers[] = {
    {.name = "numbers.nan", NUMBERS, MESSY, .says = "not a number", .apply = apply_nan, .claims = claims_nan},
    {.name = "numbers.infinity", NUMBERS, MESSY, .says = "an infinity",
     .apply = apply_infinity, .claims = claims_infinity},
    {.name = "numbers.zero", NUMBERS, MESSY, .says = "zero", .apply = apply_zero, .claims = claims_zero},
    {.name = "numbers.minus_zero", NUMBERS, MESSY, .says = "a negative zero", TOKENS(minus_zero)},
    {.name = "numbers.subnormal", NUMBERS, MESSY, .says = "a number next to zero",
     MESS_TEXTS(subnormal), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "numbers.largest", NUMBERS, MESSY, .says = "a number at the end of a floating-point type",
     MESS_TEXTS(largest), .apply = mess_apply_raw, .claims = mess_claims_raw},
    {.name = "numbers.exact", NUMBERS, MESSY, .says = "an integer at the end of what a double holds", TOKENS(exact)},
    {.name = "numbers.power_of_two", NUMBERS, MESSY, .says = "an integer at the end of an integer type",
     TOKENS(powers_of_two)},
    {.name = "numbers.power_of_ten", NUMBERS, MESSY, .says = "a power of ten", TOKENS(powers_of_ten)},
    {.name = "numbers.minimum", NUMBERS, VALID, .says = "the least number of the training data",
     .fits = mess_has_range, .apply = apply_minimum, .claims = claims_minimum},
    {.name = "numbers.maximum", NUMBERS, VALID, .says = "the largest number of the training data",
     .fits = mess_has_range, .apply = apply_maximum, .claims = claims_maximum},
    {.name = "numbers.other", NUMBERS, VALID, .says = "another number of the range",
     .fits = mess_has_range, .apply = apply_other, .claims = claims_other},
    {.name = "numbers.below", NUMBERS, MESSY, .says = "a number just below the least of the training data",
     .fits = mess_has_range, .apply = apply_below, .claims = claims_below},
    {.name = "numbers.above", NUMBERS, MESSY, .says = "a number just above the largest of the training data",
     .fits = mess_has_range, .apply = apply_above, .claims = claims_above},
    {.name = "numbers.far", NUMBERS, MESSY, .says = "a number far out of range",
     .fits = mess_has_range, .apply = apply_far, .claims = claims_far},
    {.name = "numbers.unit", NUMBERS, MESSY, .says = "a number in another unit (times 10, 1000, 0.1, 0.001)",
     .suits = is_not_zero, .apply = apply_unit, .claims = claims_unit},
    {.name = "numbers.noise", NUMBERS, MESSY, .says = "a number with a little noise",
     .suits = mess_is_number, .apply = apply_noise, .claims = claims_noise},
    {.name = "numbers.swapped", NUMBERS, MESSY, .says = "the values of two columns exchanged",
     .fits = fits_swapped, .apply = apply_swapped, .holds = holds_swapped},
    {.name = "numbers.fraction", MESSY, .says = "a fraction where integers are",
     .family = FAMILY_NUMBERS, .per_column = true, .types = 1u << COLUMN_INTEGER,
     .suits = is_small_integer, .apply = apply_fraction, .claims = claims_fraction},
    {.name = "numbers.as_float", SAME, .says = "an integer as 3.0",
     .family = FAMILY_NUMBERS, .per_column = true, .types = 1u << COLUMN_INTEGER,
     .suits = is_small_integer, .apply = apply_as_float, .claims = claims_equal},
    {.name = "numbers.spelling", NUMBERS, SAME, .says = "the same number in another spelling (1.50, 15e-1)",
     .suits = is_exact, .apply = apply_spelling, .claims = claims_equal},
};
// clang-format on
const size_t mutations_numbers_count = ARRAY_LEN(mutations_numbers);
