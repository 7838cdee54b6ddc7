// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

static const char *const verdicts[] = {
    [VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail", [VERDICT_SKIP] = "skip", [VERDICT_ERROR] = "error"};

static const char *const stages[STAGE_COUNT] = {
    [STAGE_DOCUMENT] = "document",   [STAGE_GOLDEN] = "golden",           [STAGE_CODE] = "code",
    [STAGE_INPUTS] = "inputs",       [STAGE_ENVIRONMENT] = "environment", [STAGE_REPLAY] = "replay",
    [STAGE_ARTIFACTS] = "artifacts", [STAGE_METRICS] = "metrics",         [STAGE_FUZZ] = "fuzz",
    [STAGE_PARITY] = "parity",       [STAGE_LIMITS] = "limits",           [STAGE_LOG] = "log",
    [STAGE_DRIFT] = "drift",         [STAGE_ROLLBACK] = "rollback",       [STAGE_READY] = "ready",
};

const char *verdict_name(enum verdict verdict)
{
    return verdicts[verdict];
}

const char *stage_name(enum stage stage)
{
    return stages[stage];
}

int stage_from_name(enum stage *out, const char *name)
{
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (strcmp(stages[i], name) == 0) {
            *out = (enum stage)i;
            return 0;
        }
    }
    return -1;
}

struct result *result_new(const char *command)
{
    struct result *result = mem_alloc(sizeof *result);
    result->command = str_dup(command);
    result->version = str_dup(REPRO_VERSION);
    result->started = (int64_t)time(NULL);
    return result;
}

static void check_free(struct check *check)
{
    free(check->suite);
    free(check->name);
    free(check->reason);
    free(check->detail);
    free(check->cause);
    free(check->repeat);
    free(check->file);
    for (size_t i = 0; i < check->note_count; i++)
        free(check->notes[i].text);
    free(check->notes);
}

void result_free(struct result *result)
{
    if (!result)
        return;
    free(result->command);
    free(result->version);
    pairs_free(&result->properties);
    for (size_t i = 0; i < result->suite_count; i++) {
        free(result->suites[i].name);
        free(result->suites[i].run_folder);
    }
    free(result->suites);
    for (size_t i = 0; i < result->check_count; i++)
        check_free(&result->checks[i]);
    free(result->checks);
    free(result);
}

struct check *result_add(struct result *result, const char *suite, enum stage stage, const char *name,
                         enum verdict verdict)
{
    result->checks = mem_grow(result->checks, result->check_count, &result->check_capacity, sizeof *result->checks);
    struct check *check = &result->checks[result->check_count++];
    *check =
        (struct check){.suite = str_dup(suite ? suite : ""), .stage = stage, .name = str_dup(name), .verdict = verdict};
    return check;
}

static void append_text(char **slot, const char *format, va_list args) PRINTF_LIKE(2, 0);
static void append_text(char **slot, const char *format, va_list args)
{
    struct buf text = {0};
    if (*slot)
        buf_puts(&text, *slot);
    buf_vprintf(&text, format, args);
    free(*slot);
    *slot = buf_take(&text);
}

void check_reason(struct check *check, const char *format, ...)
{
    free(steal(&check->reason));
    va_list args;
    va_start(args, format);
    append_text(&check->reason, format, args);
    va_end(args);
    for (char *c = check->reason; (c = strpbrk(c, "\r\n")); c++)
        *c = ' ';
}

void check_detail(struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append_text(&check->detail, format, args);
    va_end(args);
}

void check_note(struct check *check, enum note_level level, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    append_text(&text, format, args);
    va_end(args);
    check->notes = mem_realloc(check->notes, (check->note_count + 1) * sizeof *check->notes);
    check->notes[check->note_count++] = (struct note){level, text};
}

static struct check *add_fault(struct result *result, const char *suite, enum stage stage, const char *name,
                               size_t number)
{
    CLEANUP(free) char *numbered = number > 1 ? str_printf("%s %zu", name, number) : str_dup(name);
    return result_add(result, suite, stage, numbered, VERDICT_ERROR);
}

void result_add_error(struct result *result, const char *suite, enum stage stage, const char *name,
                      const struct error *err)
{
    size_t number = 0;
    enum error_kind fault = err->kind == ERROR_NONE ? ERROR_MACHINE : err->kind;
    if (err->message || err->problem_count == 0) {
        struct check *check = add_fault(result, suite, stage, name, ++number);
        const char *message = err->message ? err->message : "failed without a message";
        size_t line = strcspn(message, "\n");
        check_reason(check, "%.*s", (int)line, message);
        if (message[line] != '\0')
            check_detail(check, "%s", message + line + 1);
        check->fault = fault;
    }
    for (size_t i = 0; i < err->problem_count; i++) {
        const struct problem *problem = &err->problems[i];
        struct check *check = add_fault(result, suite, stage, name, ++number);
        check->fault = fault;
        check->file = str_dup(problem->file);
        check->line = problem->line;
        if (problem->file && problem->line > 0)
            check_reason(check, "%s:%ld: %s", problem->file, problem->line, problem->text);
        else
            check_reason(check, "%s%s%s", problem->file ? problem->file : "", problem->file ? ": " : "", problem->text);
    }
}

struct suite_summary *result_suite(struct result *result, const char *name)
{
    for (size_t i = result->suite_count; i-- > 0;) { // the one that is worked on is mostly the last
        if (strcmp(result->suites[i].name, name) == 0)
            return &result->suites[i];
    }
    result->suites = mem_realloc(result->suites, (result->suite_count + 1) * sizeof *result->suites);
    struct suite_summary *summary = &result->suites[result->suite_count++];
    *summary = (struct suite_summary){.name = str_dup(name)};
    return summary;
}

// A suite of which both have a part (its fuzz cases, say, split over shards).
static void merge_summary(struct suite_summary *to, struct suite_summary *from)
{
    to->seconds += from->seconds;
    to->train_wall += from->train_wall;
    to->train_cpu += from->train_cpu;
    if (from->peak_memory > to->peak_memory)
        to->peak_memory = from->peak_memory;
    if (!to->run_folder)
        to->run_folder = steal(&from->run_folder);
}

static bool lists_value(const char *list, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = list; (at = strstr(at, value)); at++) {
        bool begins = at == list || (at - list >= 2 && at[-1] == ' ' && at[-2] == ',');
        if (begins && (at[len] == '\0' || at[len] == ','))
            return true;
        if (*at == '\0')
            break;
    }
    return false;
}

static void merge_property(struct pairs *to, const struct pair *from)
{
    const char *value = pairs_get(to, from->name);
    if (!value) {
        pairs_set(to, from->name, from->value);
    } else if (!lists_value(value, from->value)) {
        CLEANUP(free) char *both = str_printf("%s, %s", value, from->value);
        pairs_set(to, from->name, both);
    }
}

static void merge_times(struct result *to, const struct result *from)
{
    double to_end = (double)to->started + to->seconds, from_end = (double)from->started + from->seconds;
    if (from->started < to->started)
        to->started = from->started;
    to->seconds = (from_end > to_end ? from_end : to_end) - (double)to->started;
}

void result_merge(struct result *to, struct result *from)
{
    for (size_t i = 0; i < from->check_count; i++) {
        to->checks = mem_grow(to->checks, to->check_count, &to->check_capacity, sizeof *to->checks);
        to->checks[to->check_count++] = from->checks[i];
    }
    from->check_count = 0;
    for (size_t i = 0; i < from->suite_count; i++) {
        merge_summary(result_suite(to, from->suites[i].name), &from->suites[i]);
        free(from->suites[i].name);
        free(from->suites[i].run_folder);
    }
    from->suite_count = 0;
    for (size_t i = 0; i < from->properties.count; i++)
        merge_property(&to->properties, &from->properties.items[i]);
    pairs_free(&from->properties);
    merge_times(to, from);
}

struct ordered {
    struct check check;
    size_t index; // keeps the order of what is equal
};

static int compare_checks(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int order = strcmp(x->check.suite, y->check.suite);
    if (order == 0)
        order = (x->check.stage > y->check.stage) - (x->check.stage < y->check.stage);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static int compare_summaries(const void *a, const void *b)
{
    return strcmp(((const struct suite_summary *)a)->name, ((const struct suite_summary *)b)->name);
}

void result_sort(struct result *result)
{
    CLEANUP(free) struct ordered *order = mem_array(result->check_count + 1, sizeof *order);
    for (size_t i = 0; i < result->check_count; i++)
        order[i] = (struct ordered){result->checks[i], i};
    qsort(order, result->check_count, sizeof *order, compare_checks);
    for (size_t i = 0; i < result->check_count; i++)
        result->checks[i] = order[i].check;
    if (result->suite_count > 1)
        qsort(result->suites, result->suite_count, sizeof *result->suites, compare_summaries);
}

size_t result_count(const struct result *result, const char *suite, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < result->check_count; i++)
        count += result->checks[i].verdict == verdict && (!suite || strcmp(result->checks[i].suite, suite) == 0);
    return count;
}

int result_exit_status(const struct result *result)
{
    size_t of[4] = {0}, stopped = 0, usage = 0, advisory = 0;
    for (size_t i = 0; i < result->check_count; i++) {
        const struct check *check = &result->checks[i];
        if (check->advisory && (check->verdict == VERDICT_FAIL || check->verdict == VERDICT_SKIP)) {
            advisory++;
            continue;
        }
        of[check->verdict]++;
        stopped += check->verdict == VERDICT_ERROR && check->fault == ERROR_STOPPED;
        usage += check->verdict == VERDICT_ERROR && check->fault == ERROR_USAGE;
    }
    if (stopped > 0)
        return 130;
    if (of[VERDICT_ERROR] > usage)
        return 3;
    if (usage > 0)
        return 2;
    if (of[VERDICT_FAIL] > 0)
        return 1;
    return of[VERDICT_PASS] + advisory > 0 ? 0 : 3;
}
