// SPDX-License-Identifier: Apache-2.0
//
// A model that reads rows as JSON lines and predicts a price, honestly; and the same with one defect each. The test
// program is the model when it is run as "PROGRAM model NAME".
#ifndef REPRO_TESTS_UNIT_DEFECTS_H
#define REPRO_TESTS_UNIT_DEFECTS_H

#include "base/json.h"
#include "base/str.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// What is freed is used again at once, as it is without the sanitizer: its memory must not grow where the model's does
// not.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

struct defect_row {
    double age, size, weight;
    bool has_weight;
    int city;
    double id;
};

static const char *defect; // its name; "" is honest

static inline bool has_defect(const char *name)
{
    return strcmp(defect, name) == 0;
}

static inline void defect_refuse(const char *why)
{
    printf("{\"error\": \"%s\"}\n", why);
}

static inline void defect_hang(void)
{
    for (;;)
        pause();
}

// False when the row is refused (and answered).
static inline bool read_column(double *out, const struct json_value *root, const char *name)
{
    const struct json_value *value = json_get(root, name);
    if (has_defect("takes texts for numbers") && value && json_type(value) == JSON_STRING) {
        *out = atof(json_string(value)); // "1,5" is 1
        return true;
    }
    bool null = !value || json_type(value) == JSON_NULL;
    if (!null && json_type(value) != JSON_NUMBER && has_defect("hangs on strange things"))
        defect_hang();
    if (has_defect("imputes") && null) {
        *out = 30;
        return true;
    }
    if (!value || json_type(value) != JSON_NUMBER) {
        CLEANUP(free) char *why = str_printf("%s must be a number", name);
        defect_refuse(why);
        return false;
    }
    *out = json_number(value);
    return true;
}

static inline int city_of(const struct json_value *value)
{
    static const char *const known[] = {"Bonn", "Lyon", "Paris"};
    for (int i = 0; value && i < 3; i++)
        if (strcmp(json_string(value), known[i]) == 0)
            return i;
    return -1;
}

// What goes wrong before anything is understood. True when the line has been answered.
static inline bool defect_of_null(const struct json_value *root)
{
    const struct json_value *age = json_get(root, "age"), *size = json_get(root, "size");
    bool null = age && json_type(age) == JSON_NULL;
    if (null && has_defect("crashes on a null"))
        abort();
    if (null && has_defect("gives up on a null")) {
        fprintf(stderr, "TypeError: None is no number\n");
        exit(3);
    }
    if (null && has_defect("hangs on a null"))
        defect_hang();
    if (null && has_defect("says NaN to a null")) {
        printf("{\"prediction\": NaN}\n");
        return true;
    }
    if (null && has_defect("says null to a null")) {
        printf("{\"prediction\": null}\n");
        return true;
    }
    if (null && has_defect("says sorry to a null")) {
        printf("{\"prediction\": \"sorry\"}\n");
        return true;
    }
    if (null && has_defect("leaks a traceback")) {
        printf("{\"error\": \"Traceback (most recent call last):\\n  File \\\"/srv/model/predict.py\\\", line 3\"}\n");
        return true;
    }
    if (size && json_type(size) == JSON_STRING && has_defect("leaks a path")) {
        printf("{\"error\": \"cannot convert, see /var/log/model.log\"}\n");
        return true;
    }
    return false;
}

static inline bool read_row(struct defect_row *row, const struct json_value *root)
{
    if (defect_of_null(root))
        return false;
    if (!read_column(&row->age, root, "age") || !read_column(&row->size, root, "size") ||
        !read_column(&row->id, root, "id"))
        return false;
    const struct json_value *weight = json_get(root, "weight");
    row->has_weight = weight && json_type(weight) == JSON_NUMBER;
    if (weight && json_type(weight) != JSON_NULL && !row->has_weight) {
        defect_refuse("weight must be a number or null");
        return false;
    }
    row->weight = row->has_weight ? json_number(weight) : 0;
    row->city = city_of(json_get(root, "city"));
    if (row->city < 0 && has_defect("crashes on an unseen city"))
        abort();
    if (row->city < 0) {
        defect_refuse("unknown city");
        return false;
    }
    if (has_defect("refuses the oldest") && row->age >= 90) {
        defect_refuse("too old");
        return false;
    }
    if (fabs(row->age) > 1e6 || fabs(row->size) > 1e6 || fabs(row->weight) > 1e6) {
        if (!has_defect("has no bounds")) {
            defect_refuse("out of range");
            return false;
        }
    }
    return true;
}

static inline void defect_leak(void)
{
    if (has_defect("leaks memory")) {
        char *lost = malloc(16 << 10);
        memset(lost, 1, 16 << 10);
        // Kept where no checker of leaks looks for it.
        static volatile unsigned long hidden __attribute__((unused));
        hidden ^= (unsigned long)lost;
    }
    if (has_defect("leaves files open"))
        (void)!open("/dev/null", O_RDONLY);
}

static inline double defect_answer(const struct defect_row *row, long number)
{
    static double last_weight, shift;
    double answer = row->age / 2 + row->size + 10 * row->city + row->weight;
    if (has_defect("keeps the last weight")) {
        answer += row->has_weight ? 0 : last_weight;
        last_weight = row->has_weight ? row->weight : last_weight;
    }
    if (has_defect("learns on the way")) {
        answer += shift;
        shift = row->size > 150 || row->size < 0 ? 5 : shift; // from one that is out of range on, for good
    }
    if (has_defect("is off every 50th time") && number % 50 == 0)
        answer += 1;
    if (has_defect("is random"))
        answer += rand() / (double)RAND_MAX;
    if (has_defect("differs between processes"))
        answer += getpid() % 1000;
    if (has_defect("uses the number of the row"))
        answer += row->id / 1000;
    if (has_defect("falls") && row->size > 50)
        answer -= 60;
    return answer;
}

static inline void defect_slow(const struct defect_row *row)
{
    const struct timespec pause_for = {.tv_nsec = 60000000};
    if (has_defect("is slow in Lyon") && row->city == 1)
        nanosleep(&pause_for, NULL);
    if (has_defect("hangs above 400") && row->size > 400)
        defect_hang();
}

static inline void defect_line(const char *line, size_t len, long number)
{
    CLEANUP(json) struct json *json = NULL;
    CLEANUP(error) struct error err = {0};
    struct defect_row row = {0};
    static bool wobbly;
    defect_leak();
    if (json_parse(&json, "row", line, len, NULL, &err) < 0 || json_type(json_root(json)) != JSON_OBJECT) {
        if (has_defect("answers what is no row"))
            printf("{\"prediction\": 1}\n");
        else
            defect_refuse("this is no row");
        return;
    }
    const struct json_value *age = json_get(json_root(json), "age");
    if (has_defect("wants integers written as such") && age && strstr(line, "\"age\":") &&
        strspn(strstr(line, "\"age\":") + 6, "0123456789-") != strcspn(strstr(line, "\"age\":") + 6, ",}")) {
        defect_refuse("age must be an integer");
        return;
    }
    if (has_defect("fails now and then on a null") && age && json_type(age) == JSON_NULL && (wobbly = !wobbly)) {
        printf("{\"prediction\": NaN}\n");
        return;
    }
    if (!read_row(&row, json_root(json)))
        return;
    defect_slow(&row);
    if ((has_defect("stands still once") && number == 500) ||
        (has_defect("stands still now and then") && number % 90 == 89))
        defect_hang();
    if (has_defect("answers with more"))
        printf("{\"model\": \"m\", \"prediction\": %.17g, \"took\": 3}\n", defect_answer(&row, number));
    else
        printf("{\"prediction\": %.17g}\n", defect_answer(&row, number));
}

// "PROGRAM model NAME [INPUT OUTPUT]": lines from one stream or file to another.
static inline int defect_main(int argc, char **argv)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    if (argc == 5 && (!freopen(argv[3], "r", stdin) || !freopen(argv[4], "w", stdout)))
        return 1;
    defect = argv[2];
    srand((unsigned)getpid());
    for (long number = 1; (len = getline(&line, &capacity, stdin)) > 0; number++) {
        defect_line(line, (size_t)len - (line[len - 1] == '\n'), number);
        if (has_defect("writes much to its standard error"))
            fprintf(stderr, "row %ld: a word to nobody\n", number);
        fflush(stdout);
    }
    free(line);
    return 0;
}

#endif
