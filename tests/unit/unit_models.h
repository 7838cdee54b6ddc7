// SPDX-License-Identifier: Apache-2.0
//
// Models that a test asks through `stream`: the test program itself, run again as "PROGRAM model NAME". Each answers
// {"x": 3} with {"prediction": 6}, and has one habit.
#ifndef REPRO_TESTS_UNIT_MODELS_H
#define REPRO_TESTS_UNIT_MODELS_H

#include "base/str.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline double model_x(const char *line)
{
    const char *x = strstr(line, "\"x\":");
    return x ? atof(x + 4) : 0;
}

static inline void model_say(double x)
{
    printf("{\"prediction\": %g}\n", 2 * x);
    fflush(stdout);
}

// Bytes without an end of line.
static inline void model_pour(size_t count)
{
    for (size_t i = 0; i < count; i++)
        putchar('7');
}

static inline void model_hang(void)
{
    for (;;)
        pause();
}

static inline void model_answer(const char *name, const char *line, int number)
{
    double x = model_x(line);
    bool bad = x == 13;
    if (str_equal(name, "crashes") && bad)
        abort();
    if (str_equal(name, "exits") && bad) {
        fprintf(stderr, "no 13, please\n");
        exit(3);
    }
    if ((str_equal(name, "hangs") && bad) || (str_equal(name, "stops reading") && number == 5))
        model_hang();
    if (str_equal(name, "swallows") && bad)
        return;
    if (str_equal(name, "dies of the fifth") && number == 5)
        abort();
    if (str_equal(name, "half a line") && bad) {
        printf("{\"predic");
        fflush(stdout);
        _exit(4);
    }
    if (str_equal(name, "pours") && bad) {
        model_pour(8 << 20);
        model_hang();
    }
    if (str_equal(name, "rejects") && bad) {
        printf("{\"error\": \"x may not be 13\"}\n");
        fflush(stdout);
        return;
    }
    if (str_equal(name, "stammers") && bad)
        printf("{\"prediction\": 26}\n");
    if (str_equal(name, "mumbles") && bad)
        printf("what?\n");
    else
        model_say(x);
    fflush(stdout);
    if (str_equal(name, "dies after") && bad)
        _exit(5);
    if (str_equal(name, "says more later") && bad) {
        usleep(500);
        model_say(x);
    }
}

// The first half of each answer before the question is read.
static inline void model_write_first(void)
{
    char *line = NULL;
    size_t cap = 0;
    for (int c; (c = getchar()) != EOF;) {
        printf("{\"more\": \"");
        model_pour(1 << 20);
        fflush(stdout);
        ungetc(c, stdin);
        if (getline(&line, &cap, stdin) > 0)
            printf("\", \"prediction\": %g}\n", 2 * model_x(line));
        fflush(stdout);
    }
    free(line);
}

static inline int model_main(const char *name)
{
    if (str_equal(name, "greets") || str_equal(name, "greets and hangs"))
        printf("Loading the model …\n");
    if (str_equal(name, "greets in JSON"))
        printf("{\"ready\": 1}\n");
    if (str_equal(name, "greets without an end"))
        printf("Loading … ");
    fflush(stdout);
    if (str_equal(name, "ends at once")) {
        fprintf(stderr, "ImportError: no such module\n");
        return 1;
    }
    if (str_equal(name, "closes its input")) {
        close(0);
        model_hang();
    }
    if (str_equal(name, "closes its output")) {
        close(1);
        model_hang();
    }
    if (str_equal(name, "never answers"))
        model_hang();
    char *line = NULL;
    size_t cap = 0;
    if (str_equal(name, "writes first"))
        model_write_first();
    for (int number = 1; getline(&line, &cap, stdin) > 0; number++) {
        if (str_equal(name, "buffers"))
            printf("{\"prediction\": %g}\n", 2 * model_x(line));
        else
            model_answer(name, line, number);
    }
    free(line);
    return 0;
}

// For main(): "PROGRAM model NAME" never returns.
static inline void model_dispatch(int argc, char **argv)
{
    if (argc == 3 && str_equal(argv[1], "model"))
        exit(model_main(argv[2]));
}

#endif
