// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// The file's name up to the first newline, then its text. What is read must be sorted, without duplicates, and equal to
// itself.
#include "base/str.h"
#include "compare/metrics.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    if (!newline)
        return 0;
    size_t name_len = (size_t)(newline - data);
    CLEANUP(free) char *name = str_ndup((const char *)data, name_len);
    CLEANUP(metric_list) struct metric_list list = {0};
    struct error err = {0};
    size_t len = size - name_len - 1;
    // A copy of exactly this size, so that a read beyond it is seen.
    CLEANUP(free) char *text = malloc(len + (len == 0));
    memcpy(text, newline + 1, len);
    if (metrics_parse(&list, name, text, len, &err) < 0) {
        expect(err.kind == ERROR_USAGE && list.count == 0);
        error_free(&err);
        return 0;
    }
    expect(list.count > 0);
    for (size_t i = 1; i < list.count; i++)
        expect(strcmp(list.items[i - 1].name, list.items[i].name) < 0);
    struct metric_findings findings = {0};
    metrics_compare(&findings, &list, &list, NULL);
    expect(findings.count == list.count);
    for (size_t i = 0; i < findings.count; i++) {
        CLEANUP(free) char *line = metric_describe(&findings.items[i]);
        expect(findings.items[i].verdict == METRIC_EQUAL && strlen(line) > 0);
    }
    metric_findings_free(&findings);
    return 0;
}
