// SPDX-License-Identifier: Apache-2.0
#include "serve/output.h"

#include "base/csv.h"
#include "base/number.h"
#include "serve/answer.h"
#include "serve/protocol.h"
#include "serve/reply.h"

#include <stdint.h>
#include <string.h>

// What a table has, and where the answers stand.
struct table {
    struct csv csv;
    bool header;
    size_t answer, error; // columns; SIZE_MAX: none
};

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n')
            return false;
    return true;
}

static void read_lines(struct reply *reply, const char *text, size_t len, const char *field)
{
    const char *end = text + len;
    for (size_t number = 1; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t size = newline ? (size_t)(newline - text) : (size_t)(end - text);
        if (!is_blank(text, size) && !answer_parse(reply_add(reply), text, size, field, reply_arena(reply)) &&
            reply->kind == REPLY_ANSWERED) {
            CLEANUP(free) char *quoted = reply_quote(text, size);
            reply_set(reply, REPLY_UNREADABLE, "line %zu of the output is not JSON: %s", number, quoted);
        }
        text += size + (newline != NULL);
    }
}

static bool cell_is(const struct csv_cell *cell, const char *word)
{
    return word && strlen(word) == cell->len && memcmp(cell->text, word, cell->len) == 0;
}

static bool cell_is_number(const struct csv_cell *cell)
{
    double number;
    return number_parse(&number, cell->text, cell->len);
}

// Finds the columns in the first row. A header is one that names a column that we know, or one row more than was asked
// for, or, where nobody knows how many those are, words above numbers.
static bool find_columns(struct table *table, size_t rows, const struct question *question, const char *field)
{
    const struct csv *csv = &table->csv;
    size_t others = 0, last = SIZE_MAX, prediction = SIZE_MAX, named = SIZE_MAX;
    table->error = SIZE_MAX;
    for (size_t i = 0; i < csv->count; i++) {
        if (cell_is(&csv->cells[i], field))
            named = i;
        else if (cell_is(&csv->cells[i], "prediction"))
            prediction = i;
        if (cell_is(&csv->cells[i], "error")) {
            table->error = i;
        } else {
            others++;
            last = i;
        }
    }
    table->answer = named != SIZE_MAX ? named : prediction != SIZE_MAX ? prediction : others == 1 ? last : SIZE_MAX;
    bool known = named != SIZE_MAX || prediction != SIZE_MAX || table->error != SIZE_MAX;
    bool expected = !question->raw && rows == question->rows.row_count + 1;
    bool words = question->raw && csv->count > 0 && !cell_is_number(&csv->cells[0]) && rows > 1;
    table->header = known || expected || words;
    if (!table->header)
        table->error = SIZE_MAX;
    return table->answer != SIZE_MAX;
}

static void read_row(struct reply *reply, const struct table *table)
{
    const struct csv_cell *cells = table->csv.cells;
    struct answer *answer = reply_add(reply);
    struct arena *arena = reply_arena(reply);
    if (table->error != SIZE_MAX && !is_blank(cells[table->error].text, cells[table->error].len)) {
        const struct csv_cell *error = &cells[table->error];
        *answer = (struct answer){
            .kind = ANSWER_REJECTED, .text = arena_bytes(arena, error->text, error->len), .len = error->len};
        return;
    }
    answer_of_cell(answer, cells[table->answer].text, cells[table->answer].len, arena);
}

static int count_rows(size_t *rows, const char *text, size_t len, struct error *err)
{
    CLEANUP(csv) struct csv csv = {0};
    csv_init(&csv, "output", text, len);
    bool more = true;
    for (*rows = 0; csv_next(&more, &csv, err) == 0; (*rows)++)
        if (!more)
            return 0;
    return -1;
}

static void read_table(struct reply *reply, const char *text, size_t len, const struct question *question,
                       const char *field)
{
    struct table table = {0};
    CLEANUP(error) struct error err = {0};
    size_t rows;
    bool more = false;
    if (count_rows(&rows, text, len, &err) < 0) {
        CLEANUP(free) char *message = error_text(&err);
        reply_set(reply, REPLY_UNREADABLE, "the output is neither JSON nor CSV: %s", message);
        return;
    }
    csv_init(&table.csv, "output", text, len);
    csv_next(&more, &table.csv, &err);
    if (!find_columns(&table, rows, question, field)) {
        CLEANUP(free) char *quoted = reply_quote(text, strcspn(text, "\r\n"));
        reply_set(reply, REPLY_UNREADABLE, "the output has several columns and none called \"%s\": %s",
                  field ? field : "prediction", quoted);
    } else {
        if (!table.header)
            read_row(reply, &table);
        while (csv_next(&more, &table.csv, &err) == 0 && more)
            read_row(reply, &table);
    }
    csv_free(&table.csv);
}

void output_read(struct reply *reply, const char *text, size_t len, const struct question *question, const char *field)
{
    struct piece whole;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (is_blank(text, len)) {
        if (question->raw || question->rows.row_count > 0)
            reply_set(reply, REPLY_UNREADABLE, "the output is empty");
        return;
    }
    size_t first = strspn(text, " \t\r\n"); // it is not blank
    if (piece_read(&whole, text, len))
        protocol_json.read(reply, &whole, question, field);
    else if (text[first] == '{' || text[first] == '[')
        read_lines(reply, text, len, field);
    else
        read_table(reply, text, len, question, field);
    if (reply->kind == REPLY_ANSWERED)
        reply_judge(reply);
}
