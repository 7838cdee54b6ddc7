// SPDX-License-Identifier: Apache-2.0
//
// Categories: values that were never seen, those that look nearly like one that was, and rare ones.
#include "fuzz/mess.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool has_categories(const struct case_space *space, size_t column, const char **why)
{
    *why = "the categories of the column are not known";
    return space->schema->columns[column].category_count > 0;
}

static bool has_letters(const char *text)
{
    while (*text && !isalpha((unsigned char)*text))
        text++;
    return *text != '\0';
}

static bool fits_case(const struct case_space *space, size_t column, const char **why)
{
    const struct column *of = &space->schema->columns[column];
    *why = "no category of the column has a letter";
    for (size_t i = 0; i < of->category_count; i++)
        if (has_letters(of->categories[i].value))
            return true;
    return false;
}

static bool fits_other(const struct case_space *space, size_t column, const char **why)
{
    *why = "the column has one category only";
    return space->schema->columns[column].category_count > 1;
}

static bool is_known(const struct fuzz_case *c, const char *text, size_t len)
{
    return mess_is_category(mess_column(c), text, len);
}

static const struct mess_text unseen[] = {
    MESS_TEXT("unseen"),  MESS_TEXT("zzz"),
    MESS_TEXT("other"),   MESS_TEXT("0"),
    MESS_TEXT("unknown"), MESS_TEXT("-1"),
    MESS_TEXT("Ünseen"),  MESS_TEXT("a very long name of a category that nobody has seen"),
};

static void apply_unseen(struct fuzz_case *c, struct choices *choices)
{
    size_t at = (size_t)choose(choices, ARRAY_LEN(unseen));
    for (size_t tried = 0; tried < ARRAY_LEN(unseen) && is_known(c, unseen[at].text, unseen[at].len); tried++)
        at = (at + 1) % ARRAY_LEN(unseen);
    mess_set_text(c, unseen[at].text, unseen[at].len);
}

static bool claims_unseen(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return now->kind == CELL_TEXT && !is_known(c, now->text, now->len);
}

// One of the categories, or the next one that has a letter.
static const char *choose_category(const struct fuzz_case *c, struct choices *choices, bool with_letters)
{
    const struct column *column = mess_column(c);
    size_t at = (size_t)choose(choices, column->category_count);
    for (size_t tried = 0; with_letters && tried < column->category_count; tried++) {
        if (has_letters(column->categories[at].value))
            break;
        at = (at + 1) % column->category_count;
    }
    return column->categories[at].value;
}

static void case_variant(char *text, size_t len, size_t how)
{
    bool first = true; // of a word
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool upper = how == 0 || (how == 2 && first) || (how == 3 && islower(byte));
        first = !isalpha(byte);
        if (byte < 0x80)
            text[i] = (char)(upper ? toupper(byte) : tolower(byte));
    }
}

// The chosen way, or the next that gives no category that is known.
static void apply_case(struct fuzz_case *c, struct choices *choices)
{
    enum { WAYS = 4 }; // upper, lower, title, swapped
    const char *value = choose_category(c, choices, true);
    size_t len = strlen(value), how = (size_t)choose(choices, WAYS);
    char *text = arena_copy(&c->arena, value);
    for (size_t tried = 0; tried < WAYS; tried++, how = (how + 1) % WAYS) {
        memcpy(text, value, len);
        case_variant(text, len, how);
        if (!is_known(c, text, len))
            break;
    }
    mess_set_text(c, text, len);
    if (is_known(c, text, len))
        c->meaning = MEANING_VALID;
}

static bool claims_case(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    const struct column *column = mess_column(c);
    for (size_t i = 0; now->kind == CELL_TEXT && i < column->category_count; i++) {
        const char *value = column->categories[i].value;
        if (strlen(value) == now->len && strncasecmp(value, now->text, now->len) == 0)
            return c->meaning == MEANING_VALID || !is_known(c, now->text, now->len);
    }
    return false;
}

static void apply_around(struct fuzz_case *c, struct choices *choices, const char *const (*around)[2], size_t ways)
{
    const char *value = choose_category(c, choices, false);
    size_t how = (size_t)choose(choices, ways), len = strlen(value);
    char *text = arena_room(&c->arena, len + 8);
    size_t total = 0;
    for (size_t tried = 0; tried < ways; tried++, how = (how + 1) % ways) {
        size_t before = strlen(around[how][0]), after = strlen(around[how][1]);
        memcpy(text, around[how][0], before);
        memcpy(text + before, value, len);
        memcpy(text + before + len, around[how][1], after);
        total = before + len + after;
        if (!is_known(c, text, total))
            break;
    }
    mess_set_text(c, text, total);
    if (is_known(c, text, total))
        c->meaning = MEANING_VALID;
}

static void apply_blanks(struct fuzz_case *c, struct choices *choices)
{
    static const char *const around[][2] = {{"", " "}, {" ", ""}, {" ", " "}, {"", "\t"}, {"", "\n"}, {"", "\u00a0"}};
    apply_around(c, choices, around, ARRAY_LEN(around));
}

static void apply_punctuation(struct fuzz_case *c, struct choices *choices)
{
    static const char *const around[][2] = {{"", "."}, {"", "-"}, {"_", ""}, {"'", "'"}, {"", ","}, {"(", ")"}};
    apply_around(c, choices, around, ARRAY_LEN(around));
}

// The text is a category with a few bytes around it.
static bool claims_around(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    const struct column *column = mess_column(c);
    for (size_t i = 0; now->kind == CELL_TEXT && i < column->category_count; i++) {
        size_t len = strlen(column->categories[i].value);
        if (len < now->len && now->len - len <= 4 &&
            (len == 0 || memmem(now->text, now->len, column->categories[i].value, len)))
            return c->meaning == MEANING_VALID || !is_known(c, now->text, now->len);
    }
    return false;
}

static void apply_other(struct fuzz_case *c, struct choices *choices)
{
    *mess_cell(c) = mess_category_cell(c, choose_category(c, choices, false));
}

static bool claims_other(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    if (now->kind == CELL_TEXT)
        return is_known(c, now->text, now->len);
    CLEANUP(buf) struct buf token = {0};
    cell_write_csv(&token, now);
    return now->kind == CELL_BOOL || is_known(c, buf_text(&token), token.len);
}

static const char *rarest(const struct fuzz_case *c)
{
    const struct column *column = mess_column(c);
    size_t least = 0;
    for (size_t i = 1; i < column->category_count; i++)
        least = column->categories[i].share <= column->categories[least].share ? i : least;
    return column->categories[least].value;
}

static void apply_rare(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    struct cell cell = mess_category_cell(c, rarest(c));
    for (size_t i = 0; i < c->row_count; i++)
        c->cells[i * c->column_count + c->column] = cell;
    c->poisoned = SIZE_MAX;
}

static bool holds_rare(const struct fuzz_case *c)
{
    if (!mess_shape_kept(c) || c->row_count == 0)
        return false;
    for (size_t i = 0; i < c->row_count * c->column_count; i++) {
        const struct cell *expected = i % c->column_count == c->column ? &c->cells[c->column] : &c->clean.cells[i];
        if (!mess_same(&c->cells[i], expected))
            return false;
    }
    const struct cell *cell = &c->cells[c->column];
    return cell->kind != CELL_TEXT || mess_text_is(cell, rarest(c), strlen(rarest(c)));
}

#define CATEGORIES .family = FAMILY_CATEGORIES, .per_column = true, .types = 1u << COLUMN_CATEGORY
#define MESSY      .meaning = MEANING_MESSY
#define VALID      .meaning = MEANING_VALID
#define OR_BOOLEANS                                                                                                    \
    .family = FAMILY_CATEGORIES, .per_column = true, .types = 1u << COLUMN_CATEGORY | 1u << COLUMN_BOOLEAN
// clang-format off
const struct mutation mutations_categories[] = {
    {.name = "categories.unseen", CATEGORIES, MESSY, .says = "a category that was never seen",
     .fits = has_categories, .apply = apply_unseen, .claims = claims_unseen},
    {.name = "categories.case", CATEGORIES, MESSY, .says = "a category in upper or lower case",
     .fits = fits_case, .apply = apply_case, .claims = claims_case},
    {.name = "categories.blanks", CATEGORIES, MESSY, .says = "a category with blanks around it",
     .fits = has_categories, .apply = apply_blanks, .claims = claims_around},
    {.name = "categories.punctuation", CATEGORIES, MESSY, .says = "a category with punctuation around it",
     .fits = has_categories, .apply = apply_punctuation, .claims = claims_around},
    {.name = "categories.other", OR_BOOLEANS, VALID, .says = "another category",
     .fits = fits_other, .apply = apply_other, .claims = claims_other},
    {.name = "categories.rare", OR_BOOLEANS, VALID, .says = "all rows of the rarest category",
     .fits = has_categories, .least_rows = 2, .most_rows = 8, .apply = apply_rare, .holds = holds_rare},
};
// clang-format on
const size_t mutations_categories_count = ARRAY_LEN(mutations_categories);
