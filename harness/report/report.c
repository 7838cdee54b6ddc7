// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include "base/mem.h"

#include <string.h>

void report_json(struct buf *out, const struct result *result)
{
    result_write(out, result);
}

static const struct report_format formats[] = {
    {"junit", report_junit, "JUnit XML, for test reporters"},
    {"json", report_json, "the whole result, for programs and for 'repro report'"},
    {"github", report_github, "annotations for GitHub Actions"},
    {"markdown", report_github_summary, "the step summary of GitHub Actions"},
};

const struct report_format *report_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    }
    return NULL;
}

size_t report_count(void)
{
    return ARRAY_LEN(formats);
}

const struct report_format *report_at(size_t index)
{
    return &formats[index];
}
