// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include "number.h"

#include <math.h>
#include <string.h>

bool log_open(struct log *out, const char *path, const struct model *model, struct fault *fault)
{
    *out = (struct log){.file = fopen(path, "ab"), .model = model};
    return out->file || refuse(fault, "the log cannot be opened");
}

struct timespec log_now(const struct log *log)
{
    struct timespec now = {0};
    if (log->file)
        timespec_get(&now, TIME_UTC);
    return now;
}

// What was sent is hostile: its bytes that are not ASCII are written as if they were Latin-1. What is `ours` is UTF-8.
static void put_text(FILE *file, const char *text, size_t len, bool ours)
{
    fputc('"', file);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !ours))
            fprintf(file, "\\u%04x", byte);
        else if (byte == '"' || byte == '\\')
            fprintf(file, "\\%c", byte);
        else
            fputc(byte, file);
    }
    fputc('"', file);
}

static void put_head(struct log *log, const struct timespec *since, const char *id)
{
    char stamp[32];
    const struct tm *utc = gmtime(&since->tv_sec);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", utc);
    fprintf(log->file, "{\"time\": \"%s.%03ldZ\", \"id\": ", stamp, since->tv_nsec / 1000000);
    if (*id)
        put_text(log->file, id, strlen(id), false);
    else
        fputs("null", log->file);
    fprintf(log->file, ", \"model\": \"%s\", \"input\": {", log->model->digest);
}

static void put_tail(struct log *log, const struct timespec *since)
{
    struct timespec now = log_now(log);
    double seconds = (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) / 1e9;
    fputs(", \"latency\": ", log->file);
    number_put(log->file, seconds > 0 ? seconds : 0); // the clock may have been set back
    fputs("}\n", log->file);
}

void log_answer(struct log *log, const struct timespec *since, const struct order *order, double answer)
{
    if (!log->file)
        return;
    put_head(log, since, order->id);
    for (int i = 0; i < log->model->feature_count; i++) {
        const struct model_feature *feature = &log->model->features[i];
        fputs(i ? ", " : "", log->file);
        put_text(log->file, feature->name, strlen(feature->name), true);
        fputs(": ", log->file);
        const char *category =
            feature->category_count > 0 && !isnan(order->cells[i]) ? feature->categories[(int)order->cells[i]] : NULL;
        if (category)
            put_text(log->file, category, strlen(category), true);
        else if (isnan(order->cells[i]))
            fputs("null", log->file);
        else
            number_put(log->file, order->cells[i]);
    }
    fputs("}, \"output\": ", log->file);
    number_put(log->file, answer);
    put_tail(log, since);
}

void log_refusal(struct log *log, const struct timespec *since, const struct order *order, const char *line, size_t len,
                 const char *why)
{
    if (!log->file)
        return;
    put_head(log, since, order->id);
    fputs("\"line\": ", log->file);
    put_text(log->file, line, len, false);
    fputs("}, \"error\": ", log->file);
    put_text(log->file, why, strlen(why), true);
    put_tail(log, since);
}

void log_flush(struct log *log)
{
    if (!log->file || (fflush(log->file) == 0 && !ferror(log->file)) || log->failed)
        return;
    log->failed = true; // orders are answered all the same
    fputs("predict: the log cannot be written\n", stderr);
}
