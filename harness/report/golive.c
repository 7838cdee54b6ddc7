// SPDX-License-Identifier: Apache-2.0
//
// On a terminal, evidence that is wider than the rest of the line goes on below itself:
//
//     churn  9 questions: 7 yes, 1 no, 1 not known
//       ✓ 1 provenance        yes        12 inputs hashed as in golden and held by commit 2601ece8a237; traced:
//                                        none undeclared
//       – 9 way back          not known  3 days old, golden has changed since (required)
//                                        → repro rollback churn --drill
#include "report/golive.h"

#include "base/str.h"
#include "report/order.h"
#include "report/text.h"

#include <string.h>

enum { STATE_WIDTH = 9, NARROW = 30, LINE = 1000 };
#define UNKNOWN "not known: "

static const struct {
    const char *state, *mark, *sign;
    enum term_style style;
} looks[] = {
    {"yes", "✓", "✅", TERM_GREEN},
    {"no", "✗", "❌", TERM_RED},
    {"not known", "–", "❔", TERM_YELLOW},
    {"error", "!", "❗", TERM_RED},
};

static size_t look_of(const struct check *check)
{
    bool unknown = check->verdict == VERDICT_SKIP || (check->reason && str_starts(check->reason, UNKNOWN));
    return check->verdict == VERDICT_PASS ? 0 : check->verdict == VERDICT_ERROR ? 3 : unknown ? 2 : 1;
}

const char *golive_state(const struct check *check)
{
    return looks[look_of(check)].state;
}

const char *golive_evidence(const struct check *check)
{
    if (!check->reason)
        return "";
    return check->reason + (str_starts(check->reason, UNKNOWN) ? strlen(UNKNOWN) : 0);
}

static bool bars(const struct check *check)
{
    return check->verdict == VERDICT_ERROR || (check->verdict == VERDICT_FAIL && !check->advisory);
}

static void put_styled(struct buf *out, const struct term *term, enum term_style style, const char *text)
{
    buf_printf(out, "%s%s%s", term_style(term, style), text, term_style(term, TERM_PLAIN));
}

// Words of visible text from column `indent` on; a word that is wider than the room is left whole. None that a CI
// runner would read as a command ("::error") comes to stand first in a line.
static void put_wrapped(struct buf *out, const char *text, size_t indent, size_t room)
{
    size_t used = 0;
    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " "), width = text_characters(word, len);
        if (used > 0 && room > 0 && used + 1 + width > room && strncmp(word, "::", 2) != 0) {
            buf_printf(out, "\n%*s", (int)indent, "");
            used = 0;
        } else if (used > 0) {
            buf_putc(out, ' ');
            used++;
        }
        buf_append(out, word, len);
        used += width;
        word += len + strspn(word + len, " ");
    }
    buf_putc(out, '\n');
}

static void put_foreign(struct buf *out, const char *text, size_t indent, size_t room)
{
    CLEANUP(buf) struct buf visible = {0};
    text_terminal(&visible, text, text_cut(text, strlen(text), LINE));
    put_wrapped(out, buf_text(&visible), indent, room);
}

static void put_answer(struct buf *out, const struct term *term, const struct check *check, size_t width)
{
    size_t look = look_of(check), indent = 4 + width + 2 + STATE_WIDTH + 2;
    size_t columns = term->width > 0 ? (size_t)term->width : 0;
    size_t room = columns == 0 ? 0 : columns > indent + NARROW ? columns - indent : NARROW;
    size_t name = text_characters(check->name, strlen(check->name));
    CLEANUP(free)
    char *line = str_printf("%s%s", golive_evidence(check), bars(check) && look != 3 ? " (required)" : "");
    buf_puts(out, "  ");
    put_styled(out, term, looks[look].style, looks[look].mark);
    buf_putc(out, ' ');
    text_terminal(out, check->name, strlen(check->name));
    buf_printf(out, "%*s", (int)(width > name ? width - name : 0) + 2, "");
    put_styled(out, term, looks[look].style, looks[look].state);
    buf_printf(out, "%*s", (int)(STATE_WIDTH - strlen(looks[look].state)) + 2, "");
    put_foreign(out, line, indent, room);
    if (!check->repeat)
        return;
    buf_printf(out, "%*s", (int)indent, "");
    put_styled(out, term, TERM_CYAN, "→ ");
    put_foreign(out, check->repeat, indent + 2, 0); // to be copied in one piece
}

void golive_totals(struct buf *out, const struct check *const *checks, size_t count)
{
    size_t of[ARRAY_LEN(looks)] = {0};
    for (size_t i = 0; i < count; i++)
        of[look_of(checks[i])]++;
    buf_printf(out, "%zu question%s:", count, count == 1 ? "" : "s");
    for (size_t i = 0, shown = 0; i < ARRAY_LEN(looks); i++) {
        if (of[i] > 0)
            buf_printf(out, "%s %zu %s", shown++ > 0 ? "," : "", of[i], looks[i].state);
    }
}

static void put_suite(struct buf *out, const struct term *term, const struct check *const *checks, size_t count,
                      bool quiet)
{
    size_t width = 0, told = 0;
    for (size_t i = 0; i < count; i++) {
        size_t name = text_characters(checks[i]->name, strlen(checks[i]->name));
        width = name > width ? name : width;
        told += !quiet || bars(checks[i]);
    }
    if (told == 0)
        return;
    const char *label = order_suite_label(checks[0]->suite);
    buf_puts(out, term_style(term, TERM_BOLD));
    if (!strncmp(label + strspn(label, " \t"), "::", 2))
        buf_puts(out, "· ");
    text_terminal(out, label, strlen(label));
    buf_printf(out, "%s  ", term_style(term, TERM_PLAIN));
    golive_totals(out, checks, count);
    buf_putc(out, '\n');
    for (size_t i = 0; i < count; i++) {
        if (!quiet || bars(checks[i]))
            put_answer(out, term, checks[i], width);
    }
    buf_putc(out, '\n');
}

void golive_terminal(struct buf *out, const struct term *term, const struct check *const *checks, size_t count,
                     bool quiet)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && !strcmp(checks[to]->suite, checks[from]->suite);)
            to++;
        put_suite(out, term, checks + from, to - from, quiet);
    }
}

static void put_cell(struct buf *out, const char *text)
{
    buf_puts(out, "</td><td>");
    text_escape_html(out, text, text_cut(text, strlen(text), LINE), false);
}

void golive_row(struct buf *out, const struct check *check)
{
    if (!check) {
        buf_puts(out,
                 "<tr><th></th><th>suite</th><th>question</th><th></th><th>evidence</th><th>what helps</th></tr>\n");
        return;
    }
    buf_printf(out, "<tr><td>%s", looks[look_of(check)].sign);
    put_cell(out, order_suite_label(check->suite));
    put_cell(out, check->name);
    put_cell(out, looks[look_of(check)].state);
    put_cell(out, golive_evidence(check));
    if (bars(check) && check->verdict == VERDICT_FAIL)
        buf_puts(out, " <b>required</b>");
    buf_puts(out, "</td><td>");
    if (check->repeat) {
        buf_puts(out, "<code>");
        text_escape_html(out, check->repeat, text_cut(check->repeat, strlen(check->repeat), LINE), false);
        buf_puts(out, "</code>");
    }
    buf_puts(out, "</td></tr>\n");
}
