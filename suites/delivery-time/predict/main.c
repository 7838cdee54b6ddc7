// SPDX-License-Identifier: Apache-2.0
//
// predict MODEL --jsonl [--log FILE]   a JSON object a line in, {"prediction": 23.4} or {"error": "…"} a line out; with
//                                      --log, every line and its answer is appended to FILE (log.h)
// predict MODEL INPUT.csv OUTPUT.csv   a row in, a row out; a file with a bad row is refused as a whole
// predict --rules INPUT.csv OUTPUT.csv the fallback: every row is answered
//
// Both ways of asking give the same digits: they share everything behind the reading.
#include "log.h"
#include "model.h"
#include "number.h"
#include "order.h"
#include "rules.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LIMIT = 1 << 16, LOGGED_OF_LONG = 200 }; // an order has about 100 bytes

static int fail(const char *message)
{
    fprintf(stderr, "predict: %s\n", message);
    return 1;
}

static void put_error(const char *message)
{
    fputs("{\"error\": \"", stdout);
    for (; *message; message++) {
        if (*message == '"' || *message == '\\')
            putchar('\\');
        putchar(*message);
    }
    fputs("\"}\n", stdout);
}

static void answer(const struct model *model, struct log *log, const char *line, size_t len)
{
    struct fault fault;
    struct order order;
    struct timespec since = log_now(log);
    if (!order_read_json(&order, model, line, len, &fault)) {
        put_error(fault.text);
        log_refusal(log, &since, &order, line, len, fault.text);
        return;
    }
    double minutes = model_predict(model, order.cells);
    fputs("{\"prediction\": ", stdout);
    number_put(stdout, minutes);
    fputs("}\n", stdout);
    log_answer(log, &since, &order, minutes);
}

static void refuse_long(struct log *log, const char *line)
{
    static const char why[] = "the line is too long for an order";
    const struct order none = order_new();
    struct timespec since = log_now(log);
    put_error(why);
    log_refusal(log, &since, &none, line, LOGGED_OF_LONG, why);
}

struct lines {
    char bytes[LINE_LIMIT + 1];
    size_t len;
    bool skipping; // a line that was too long, and is answered
};

static void answer_lines(struct lines *lines, const struct model *model, struct log *log)
{
    char *at = lines->bytes, *end = at + lines->len, *stop;
    while ((stop = memchr(at, '\n', (size_t)(end - at)))) {
        *stop = '\0';
        if (!lines->skipping)
            answer(model, log, at, (size_t)(stop - at));
        lines->skipping = false;
        at = stop + 1;
    }
    lines->len = (size_t)(end - at);
    memmove(lines->bytes, at, lines->len);
    if (lines->len == LINE_LIMIT && !lines->skipping)
        refuse_long(log, lines->bytes);
    lines->skipping |= lines->len == LINE_LIMIT;
    if (lines->skipping)
        lines->len = 0;
}

static int stream(const struct model *model, struct log *log)
{
    static struct lines lines;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, lines.bytes + lines.len, LINE_LIMIT - lines.len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail("standard input cannot be read");
        lines.len += (size_t)got;
        if (got == 0 && lines.len > 0) // the last line, without its end
            lines.bytes[lines.len++] = '\n';
        answer_lines(&lines, model, log);
        log_flush(log);
        if (fflush(stdout) != 0)
            return fail("standard output cannot be written");
        if (got == 0)
            return 0;
    }
}

static bool read_columns(int *columns, const struct table *table, const struct model *model, struct fault *fault)
{
    bool seen[MODEL_FEATURES] = {false};
    for (size_t i = 0; i < table->rows[0].count; i++) {
        const char *name = table_cell(table, 0, i);
        columns[i] = order_column(model, name, strlen(name), fault);
        if (columns[i] == -2)
            return refuse_at(fault, 1);
        if (columns[i] >= 0 && seen[columns[i]])
            return refuse(fault, "line 1: %s: comes twice", model->features[columns[i]].name);
        if (columns[i] >= 0)
            seen[columns[i]] = true;
    }
    return true;
}

static bool predict_row(double *out, const struct table *table, size_t row, const int *columns,
                        const struct model *model, struct fault *fault)
{
    struct order order = order_new();
    for (size_t i = 0; i < table->rows[0].count; i++)
        if (columns[i] >= 0 && !order_read_cell(&order, model, columns[i], table_cell(table, row, i), fault))
            return refuse_at(fault, table->rows[row].line);
    if (!order_is_whole(&order, model, fault))
        return refuse_at(fault, table->rows[row].line);
    *out = model_predict(model, order.cells);
    return true;
}

static bool predict_all(double *out, const struct table *table, const struct model *model, struct fault *fault)
{
    int *columns = calloc(table->rows[0].count, sizeof *columns);
    bool good = columns && read_columns(columns, table, model, fault);
    for (size_t row = 1; good && row < table->row_count; row++)
        good = predict_row(&out[row - 1], table, row, columns, model, fault);
    free(columns);
    return good;
}

static int write_predictions(const char *path, const double *predictions, size_t count)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return fail("the output cannot be opened");
    fputs("prediction\n", file);
    for (size_t i = 0; i < count; i++) {
        number_put(file, predictions[i]);
        fputc('\n', file);
    }
    bool failed = ferror(file);
    return fclose(file) != 0 || failed ? fail("the output cannot be written") : 0;
}

// `model` NULL: by rules.
static int batch(const struct model *model, const char *input, const char *output)
{
    struct table table;
    struct fault fault;
    int status = 1;
    if (!table_read(&table, input, !model, &fault)) {
        table_free(&table);
        return fail(fault.text);
    }
    double *predictions = calloc(table.row_count, sizeof *predictions);
    if (!predictions)
        fail("out of memory");
    else if (model && !predict_all(predictions, &table, model, &fault))
        fail(fault.text);
    else {
        for (size_t row = 1; !model && row < table.row_count; row++)
            predictions[row - 1] = rules_predict(&table, row);
        status = write_predictions(output, predictions, table.row_count - 1);
    }
    free(predictions);
    table_free(&table);
    return status;
}

int main(int argc, char **argv)
{
    static struct model model;
    struct fault fault;
    struct log log = {0};
    bool by_rules = argc == 4 && strcmp(argv[1], "--rules") == 0;
    bool logged = argc == 5 && strcmp(argv[3], "--log") == 0;
    bool by_lines = (argc == 3 || logged) && strcmp(argv[2], "--jsonl") == 0;
    if (!by_lines && argc != 4)
        return fail("usage: predict MODEL --jsonl [--log FILE], predict MODEL INPUT OUTPUT, "
                    "predict --rules INPUT OUTPUT"),
               2;
    if ((!by_rules && !model_read(&model, argv[1], &fault)) || (logged && !log_open(&log, argv[4], &model, &fault)))
        return fail(fault.text);
    return by_lines ? stream(&model, &log) : batch(by_rules ? NULL : &model, argv[2], argv[3]);
}
