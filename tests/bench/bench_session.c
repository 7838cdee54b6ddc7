// SPDX-License-Identifier: Apache-2.0
//
// bench_session CASES: a whole session over a stream with a model that does as little as it can ("bench_session
// model"): questions a second (each has a row or more of ten columns), cases a second, and the memory of the harness in
// MiB. bench_session find: how many questions, and milliseconds, until a NaN that one column gives is found and shrunk.
#include "../unit/unit_launcher.h"
#include "base/clock.h"
#include "fuzz/session.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { COLUMNS = 10, ROWS = 1000 };

// Answers each line; `picky`: with NaN where column_3 is null or NaN.
static int model(bool picky)
{
    static char answers[1 << 16], lines[1 << 17];
    static const char good[] = "{\"prediction\": 1}\n", bad[] = "{\"prediction\": NaN}\n";
    size_t kept = 0;
    for (ssize_t got; (got = read(0, lines + kept, sizeof lines - kept)) > 0;) {
        size_t len = 0, end = kept + (size_t)got;
        const char *at = lines, *line_end;
        for (; (line_end = memchr(at, '\n', (size_t)(lines + end - at))) && len + sizeof bad < sizeof answers;
             at = line_end + 1) {
            const char *cell = picky ? memmem(at, (size_t)(line_end - at), "column_3\":", 10) : NULL;
            bool nan = cell && (strncmp(cell + 10, "null", 4) == 0 || strncmp(cell + 10, "NaN", 3) == 0);
            size_t size = nan ? sizeof bad - 1 : sizeof good - 1;
            memcpy(answers + len, nan ? bad : good, size);
            len += size;
        }
        kept = (size_t)(lines + end - at);
        kept = kept < sizeof lines ? kept : 0; // a line that long is not looked at
        memmove(lines, at, kept);
        for (size_t sent = 0; sent < len;) {
            ssize_t wrote = write(1, answers + sent, len - sent);
            if (wrote <= 0)
                return 1;
            sent += (size_t)wrote;
        }
    }
    return 0;
}

static struct cell *make_cells(struct arena *arena)
{
    static const char *const cities[] = {"Berlin", "Paris", "Lyon"};
    struct cell *cells = mem_array(ROWS * COLUMNS, sizeof *cells);
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        size_t mixed = i * 7919;
        if (i % COLUMNS < 3)
            cells[i] = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)(mixed % 10000)};
        else if (i % COLUMNS < 7)
            cells[i] = (struct cell){.kind = CELL_NUMBER, .number = (double)(mixed % 1000000) / 100};
        else
            cells[i] = (struct cell){.kind = CELL_TEXT, .text = cities[mixed % 3], .len = strlen(cities[mixed % 3])};
    }
    row_prepare(cells, ROWS * COLUMNS, arena);
    return cells;
}

static bool stop_at_first(void *context, size_t cases, double per_second, size_t findings)
{
    (void)context, (void)cases, (void)per_second;
    return findings == 0;
}

static int measure(struct client *client, size_t cases, struct error *err)
{
    struct category cities[] = {{(char *)"Berlin", 0.4}, {(char *)"Paris", 0.3}, {(char *)"Lyon", 0.3}};
    struct column columns[COLUMNS];
    static char names[COLUMNS][16];
    const char *name_of[COLUMNS];
    struct sample sample = {0};
    for (size_t j = 0; j < COLUMNS; j++) {
        snprintf(names[j], sizeof names[j], "column_%zu", j);
        name_of[j] = names[j];
        bool number = j < 7;
        columns[j] = (struct column){.name = names[j],
                                     .type = j < 3    ? COLUMN_INTEGER
                                             : number ? COLUMN_NUMBER
                                                      : COLUMN_CATEGORY,
                                     .min = number ? 0 : NAN,
                                     .max = number ? 10000 : NAN,
                                     .categories = number ? NULL : cities,
                                     .category_count = number ? 0 : 3};
    }
    sample.cells = make_cells(&sample.texts);
    sample.columns = name_of;
    sample.rows = (struct rows){name_of, COLUMNS, sample.cells, ROWS};
    const struct schema schema = {.columns = columns, .count = COLUMNS, .output = {.min = NAN, .max = NAN}};
    const struct fuzz_rules rules = {0};
    const struct fuzz_options options = {.schema = &schema,
                                         .sample = &sample,
                                         .rules = &rules,
                                         .client = client,
                                         .cases = cases,
                                         .only = cases ? NULL : "nan",
                                         .progress = cases ? NULL : stop_at_first};
    struct fuzz_outcome outcome;
    double began = clock_seconds();
    int done = fuzz_run(&outcome, &options, err);
    double seconds = clock_seconds() - began;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    if (done == 0 && cases)
        printf("%.0f %.0f %ld\n", (double)outcome.questions / seconds, (double)outcome.cases / seconds,
               usage.ru_maxrss / 1024);
    else if (done == 0)
        printf("%zu %.1f %zu\n", outcome.questions, seconds * 1000, outcome.finding_count);
    fuzz_outcome_free(&outcome);
    free(sample.cells);
    arena_free(&sample.texts);
    return done;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && str_equal(argv[1], "model"))
        return model(argc == 3);
    if (argc != 2)
        return 2;
    bool find = str_equal(argv[1], "find");
    CLEANUP(strings) struct strings command = {0};
    strings_add(&command, "/proc/self/exe");
    strings_add(&command, "model");
    if (find)
        strings_add(&command, "picky");
    const struct launcher launcher = unit_launcher(".");
    const struct client_options options = {.launcher = &launcher, .command = &command};
    CLEANUP(error) struct error err = {0};
    CLEANUP(client) struct client *client = NULL;
    int done = client_open(&client, "stream", &options, &err);
    if (done == 0)
        done = measure(client, strtoul(argv[1], NULL, 10), &err);
    if (done < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_session: %s\n", text);
    }
    return done < 0;
}
