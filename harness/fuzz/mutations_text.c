// SPDX-License-Identifier: Apache-2.0
//
// Texts: those that programs stumble over, class by class, and the clean text in another guise.
#include "base/str.h"
#include "fuzz/letters.h"
#include "fuzz/mess.h"

#include <ctype.h>
#include <string.h>

static const struct mess_text reserved[] = {
    MESS_TEXT("true"),      MESS_TEXT("False"),       MESS_TEXT("None"),
    MESS_TEXT("undefined"), MESS_TEXT("NaN"),         MESS_TEXT("inf"),
    MESS_TEXT("0"),         MESS_TEXT("-1"),          MESS_TEXT("[object Object]"),
    MESS_TEXT("con"),       MESS_TEXT("nul"),         MESS_TEXT("self"),
    MESS_TEXT("if"),        MESS_TEXT("constructor"), MESS_TEXT("__proto__"),
    MESS_TEXT("1e1000"),    MESS_TEXT("0x7fffffff"),
};
static const struct mess_text code[] = {
    MESS_TEXT("'"),         MESS_TEXT("' OR 1=1 --"), MESS_TEXT("<b>x</b>"), MESS_TEXT("<script>x()</script>"),
    MESS_TEXT("%s%n%x"),    MESS_TEXT("${x}"),        MESS_TEXT("{{7*7}}"),  MESS_TEXT("$(id)"),
    MESS_TEXT("`id`"),      MESS_TEXT("; id"),        MESS_TEXT("&amp;"),    MESS_TEXT("%00"),
    MESS_TEXT("{\"a\":1}"), MESS_TEXT("[1,2]"),       MESS_TEXT("(?:a+)+$"), MESS_TEXT("\\"),
    MESS_TEXT("\\u0000"),   MESS_TEXT("%d{0}"),       MESS_TEXT("#{1}"),     MESS_TEXT("*)(x=*"),
};
static const struct mess_text paths[] = {
    MESS_TEXT("/"),         MESS_TEXT(".."),    MESS_TEXT("../../etc/passwd"),
    MESS_TEXT("/dev/null"), MESS_TEXT("C:\\x"), MESS_TEXT("file:///x"),
    MESS_TEXT("~"),         MESS_TEXT("a/b"),   MESS_TEXT("*"),
};
static const struct mess_text controls[] = {
    MESS_TEXT("\x01"), MESS_TEXT("a\0b"), MESS_TEXT("\x7f"),     MESS_TEXT("\x1b[31m"),
    MESS_TEXT("a\bb"), MESS_TEXT("\x0c"), MESS_TEXT("\xc2\x85"), MESS_TEXT("\u2028"),
    MESS_TEXT("\r"),   MESS_TEXT("\n"),   MESS_TEXT("\t"),       MESS_TEXT("\x1a"),
};
static const struct mess_text emoji[] = {
    MESS_TEXT("🙂"),   MESS_TEXT("👩‍👩‍👧"), MESS_TEXT("🇩🇪"), MESS_TEXT("👍🏽"), MESS_TEXT("❤️"),
    MESS_TEXT("a🙂b"),
};
static const struct mess_text scripts[] = {
    MESS_TEXT("ж"),        MESS_TEXT("日本語"), MESS_TEXT("한국어"), MESS_TEXT("ไทย"), MESS_TEXT("हिन्दी"),
    MESS_TEXT("Ελληνικά"), MESS_TEXT("ＡＢＣ"), MESS_TEXT("ß"),      MESS_TEXT("ıİ"),  MESS_TEXT("ﬁ"),
    MESS_TEXT("𝒜𝒷"),       MESS_TEXT("𠮷"),     MESS_TEXT("аррӏе"),
};
static const struct mess_text symbols[] = {
    MESS_TEXT("!"),   MESS_TEXT("…"),    MESS_TEXT("“x”"),  MESS_TEXT("—"), MESS_TEXT("€"), MESS_TEXT("∞"),
    MESS_TEXT("§±¼"), MESS_TEXT("\"\""), MESS_TEXT("^~`|"), MESS_TEXT("#"), MESS_TEXT("&"),
};
static const struct mess_text cells_of_csv[] = {
    MESS_TEXT(","),    MESS_TEXT("a,b"),  MESS_TEXT("\""),     MESS_TEXT("a\"b"),  MESS_TEXT("\"a"), MESS_TEXT("a;b"),
    MESS_TEXT("a\tb"), MESS_TEXT("a\nb"), MESS_TEXT("a\r\nb"), MESS_TEXT("\",\""), MESS_TEXT("\\,"), MESS_TEXT("# a"),
};
static const struct mess_text formulas[] = {
    MESS_TEXT("=1+1"), MESS_TEXT("+1+1"), MESS_TEXT("-1+1"), MESS_TEXT("@A1"), MESS_TEXT("=A1"), MESS_TEXT("\t=1"),
};
static const struct mess_text blanks[] = {
    MESS_TEXT(" "),      MESS_TEXT("   "),    MESS_TEXT("\u00a0"), MESS_TEXT("\u200b"),
    MESS_TEXT("\u3000"), MESS_TEXT("\u2003"), MESS_TEXT("\ufeff"),
};
static const struct mess_text not_utf8[] = {
    MESS_TEXT("\xff"),     MESS_TEXT("a\xc3"),
    MESS_TEXT("\xc0\x80"), MESS_TEXT("\xed\xa0\x80"),
    MESS_TEXT("caf\xe9"),  MESS_TEXT("\xf8\x88\x80\x80\x80"),
    MESS_TEXT("a\x80z"),   MESS_TEXT("\xf4\x90\x80\x80"),
};

static void take_text(struct fuzz_case *c, char *text, size_t len)
{
    mess_set_text(c, text, len);
    if (mess_column(c)->type == COLUMN_CATEGORY)
        c->meaning = mess_is_category(mess_column(c), text, len) ? MEANING_VALID : MEANING_MESSY;
}

static bool has_letter(const struct cell *cell)
{
    for (size_t i = 0; mess_is_text(cell) && i < cell->len; i++)
        if (isalpha((unsigned char)cell->text[i]))
            return true;
    return false;
}

static char *clean_copy(struct fuzz_case *c)
{
    return arena_bytes(&c->arena, mess_clean(c)->text, mess_clean(c)->len);
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) && (unsigned char)c < 0x80;
}

// Upper, lower or title; the next of these that changes something. (A text with a letter has one that does.)
static void apply_letters(struct fuzz_case *c, struct choices *choices)
{
    uint64_t how = choose(choices, 3);
    char *text = clean_copy(c);
    size_t len = mess_clean(c)->len;
    for (int tried = 0; tried < 3; tried++, how = (how + 1) % 3) {
        for (size_t i = 0; i < len; i++) {
            bool first = i == 0 || !is_letter(text[i - 1]);
            if (is_letter(text[i]))
                text[i] = (char)(how == 0 || (how == 2 && first) ? toupper(text[i]) : tolower(text[i]));
        }
        if (memcmp(text, mess_clean(c)->text, len) != 0)
            break;
    }
    take_text(c, text, len);
}

static bool claims_letters(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    if (now->kind != CELL_TEXT || now->len != clean->len || mess_same(now, clean))
        return false;
    for (size_t i = 0; i < now->len; i++)
        if (tolower((unsigned char)now->text[i]) != tolower((unsigned char)clean->text[i]))
            return false;
    return true;
}

// A letter left out, twice, or exchanged with the next one.
static void apply_typo(struct fuzz_case *c, struct choices *choices)
{
    const struct cell *clean = mess_clean(c);
    char *text = arena_room(&c->arena, clean->len + 1);
    size_t at = (size_t)choose(choices, clean->len), len = clean->len;
    uint64_t how = choose(choices, 3);
    while (!is_letter(clean->text[at]))
        at = (at + 1) % clean->len;
    memcpy(text, clean->text, at + 1);
    memcpy(text + at + 1, clean->text + at + 1, len - at - 1);
    bool can_swap = at + 1 < len && is_letter(text[at + 1]) && text[at] != text[at + 1];
    if (how == 2 && can_swap) {
        text[at] = clean->text[at + 1];
        text[at + 1] = clean->text[at];
    } else if (how == 0 && len > 1) {
        memmove(text + at, text + at + 1, len - at - 1);
        len--;
    } else {
        memmove(text + at + 1, clean->text + at, len - at);
        len++;
    }
    take_text(c, text, len);
}

static bool claims_typo(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    return now->kind == CELL_TEXT && now->len + 1 >= clean->len && now->len <= clean->len + 1 && !mess_same(now, clean);
}

// One of the mutation's texts put into the clean one: at its end, its beginning, or behind its first character.
static void apply_insert(struct fuzz_case *c, struct choices *choices)
{
    const struct mutation *mutation = mess_mutation(c);
    const struct mess_text *more = &mutation->texts[choose(choices, mutation->text_count)];
    const struct cell *clean = mess_clean(c);
    uint32_t code_point;
    size_t first = str_utf8_next(clean->text, clean->len, &code_point);
    const size_t places[] = {clean->len, 0, first ? first : 1};
    size_t at = places[choose(choices, ARRAY_LEN(places))];
    char *text = arena_room(&c->arena, clean->len + more->len);
    memcpy(text, clean->text, at);
    memcpy(text + at, more->text, more->len);
    memcpy(text + at + more->len, clean->text + at, clean->len - at);
    take_text(c, text, clean->len + more->len);
}

static bool claims_insert(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    const struct mutation *mutation = mess_mutation(c);
    for (size_t i = 0; now->kind == CELL_TEXT && i < mutation->text_count; i++)
        if (now->len == clean->len + mutation->texts[i].len &&
            memmem(now->text, now->len, mutation->texts[i].text, mutation->texts[i].len))
            return true;
    return false;
}

static const struct mess_text no_break[] = {MESS_TEXT("\u00a0"), MESS_TEXT("\u202f"), MESS_TEXT("\u2007")};
static const struct mess_text zero_width[] = {MESS_TEXT("\u200b"), MESS_TEXT("\u200d"), MESS_TEXT("\ufeff"),
                                              MESS_TEXT("\u00ad"), MESS_TEXT("\u2060")};
static const struct mess_text right_to_left[] = {MESS_TEXT("\u202e"), MESS_TEXT("\u200f"), MESS_TEXT("\u2067"),
                                                 MESS_TEXT("אב"), MESS_TEXT("مرحبا")};
static const struct mess_text combining[] = {
    MESS_TEXT("\u0301"),
    MESS_TEXT("\u0308\u0323"),
    MESS_TEXT("\u20dd"),
    MESS_TEXT("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0316\u0317\u0323\u0324\u0330"),
};

static void apply_decomposed(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    const struct cell *clean = mess_clean(c);
    char *text = arena_room(&c->arena, 2 * clean->len);
    mess_set_text(c, text, letters_decompose(text, clean->text, clean->len));
}

static void apply_composed(struct fuzz_case *c, struct choices *choices)
{
    (void)choices;
    const struct cell *clean = mess_clean(c);
    char *text = arena_room(&c->arena, 2 * clean->len);
    mess_set_text(c, text, letters_compose(text, clean->text, clean->len));
}

static bool can_decompose(const struct cell *cell)
{
    return mess_is_text(cell) && letters_decompose(NULL, cell->text, cell->len) != cell->len;
}

static bool can_compose(const struct cell *cell)
{
    return mess_is_text(cell) && letters_compose(NULL, cell->text, cell->len) != cell->len;
}

// Equal once both are taken apart, and not before.
static bool claims_equivalent(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)c;
    if (!mess_is_text(now) || !mess_is_text(clean) || mess_same(now, clean))
        return false;
    CLEANUP(free) char *a = mem_alloc(2 * clean->len), *b = mem_alloc(2 * now->len);
    size_t a_len = letters_decompose(a, clean->text, clean->len), b_len = letters_decompose(b, now->text, now->len);
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

// Just longer than any text of the training data, then much longer, which is drawn less often for what it costs.
// `longest` is not known of every kind of column.
static void apply_long(struct fuzz_case *c, struct choices *choices)
{
    enum { LARGEST = 1 << 20 };
    static const size_t sizes[] = {0,    0,    0,    0,    0,       0,       256,     256,
                                   1024, 1024, 1024, 4096, 1 << 12, 1 << 14, 1 << 16, LARGEST};
    size_t len = sizes[choose(choices, ARRAY_LEN(sizes))], longest = mess_column(c)->longest;
    longest = longest ? longest : 63;
    size_t least = (longest > mess_clean(c)->len || !mess_is_text(mess_clean(c)) ? longest : mess_clean(c)->len) + 1;
    len = len < least && least < LARGEST ? least : len;
    char *text = arena_room(&c->arena, len);
    memset(text, 'x', len);
    mess_set_text(c, text, len);
    mess_cell(c)->plain = true;
}

static bool claims_long(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    size_t at = 0;
    while (at < now->len && now->text[at] == 'x')
        at++;
    return now->kind == CELL_TEXT && at == now->len && (now->len > mess_column(c)->longest || at >= 1 << 20) &&
           (!mess_is_text(clean) || now->len > clean->len || at >= 1 << 20);
}

#define TEXT .family = FAMILY_TEXT, .per_column = true, .types = TYPES_STRING, .meaning = MEANING_MESSY
#define OF_PROSE                                                                                                       \
    .family = FAMILY_TEXT, .per_column = true, .types = 1u << COLUMN_TEXT, .meaning = MEANING_VALID, .suits = has_letter
#define LISTED(list)   MESS_TEXTS(list), .apply = mess_apply_text, .claims = mess_claims_text
#define INSERTED(list) MESS_TEXTS(list), .suits = mess_is_text, .apply = apply_insert, .claims = claims_insert
#define SAME_TEXT      .family = FAMILY_TEXT, .per_column = true, .types = TYPES_STRING, .meaning = MEANING_SAME
// clang-format off
const struct mutation mutations_text[] = {
    {.name = "text.reserved", TEXT, .says = "a word that means something to programs", LISTED(reserved)},
    {.name = "text.code", TEXT, .says = "a piece of some language (SQL, HTML, shell, formats)", LISTED(code)},
    {.name = "text.path", TEXT, .says = "a path", LISTED(paths)},
    {.name = "text.control", TEXT, .says = "control characters", LISTED(controls)},
    {.name = "text.emoji", TEXT, .says = "emoji", LISTED(emoji)},
    {.name = "text.script", TEXT, .says = "another script", LISTED(scripts)},
    {.name = "text.symbols", TEXT, .says = "symbols and punctuation", LISTED(symbols)},
    {.name = "text.csv", TEXT, .says = "quotes, delimiters and line ends of CSV", LISTED(cells_of_csv)},
    {.name = "text.formula", TEXT, .says = "a formula of a spreadsheet", LISTED(formulas)},
    {.name = "text.blank", TEXT, .says = "nothing but blanks", LISTED(blanks)},
    {.name = "text.not_utf8", TEXT, .says = "bytes that are not UTF-8", LISTED(not_utf8)},
    {.name = "text.letters", OF_PROSE, .says = "the text in upper, lower or title case",
     .apply = apply_letters, .claims = claims_letters},
    {.name = "text.typo", OF_PROSE, .says = "a typing mistake", .apply = apply_typo, .claims = claims_typo},
    {.name = "text.no_break", TEXT, .says = "a blank that does not break", INSERTED(no_break)},
    {.name = "text.zero_width", TEXT, .says = "a character without width", INSERTED(zero_width)},
    {.name = "text.right_to_left", TEXT, .says = "text from right to left", INSERTED(right_to_left)},
    {.name = "text.combining", TEXT, .says = "combining marks", INSERTED(combining)},
    {.name = "text.decomposed", SAME_TEXT, .says = "letters taken apart (NFD)",
     .suits = can_decompose, .apply = apply_decomposed, .claims = claims_equivalent},
    {.name = "text.composed", SAME_TEXT, .says = "letters put together (NFC)",
     .suits = can_compose, .apply = apply_composed, .claims = claims_equivalent},
    {.name = "text.long", TEXT, .says = "a very long text", .apply = apply_long, .claims = claims_long},
};
// clang-format on
const size_t mutations_text_count = ARRAY_LEN(mutations_text);
