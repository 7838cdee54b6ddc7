// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// suite.json: whatever the bytes, it is a suite that keeps its promises or an error that says something.
#include "base/fs.h"
#include "core/suite.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(error) struct error err = {0};
    if (suite_parse(&suite, "churn", "suites/churn/suite.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!suite && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    require(err.kind == ERROR_NONE && err.problem_count == 0);
    require(suite->train.command.count > 0 && *suite->train.command.items[0]);
    require(suite->train.timeout > 0);
    for (size_t i = 0; i < suite->inputs.code.count; i++)
        require(fs_is_inside(suite->inputs.code.items[i]));
    size_t compared = suite->metrics.from.count + suite->metrics.series_count;
    for (size_t i = 0; i < suite->artifact_count; i++) {
        const struct artifact_rule *rule = &suite->artifacts[i];
        require(fs_is_inside(rule->path) && rule->allowance.abs >= 0 && rule->allowance.rel >= 0);
        require(suite_artifact(suite, rule->path) != NULL);
        compared += rule->compare != COMPARE_NONE;
    }
    require(compared > 0 || !suite->artifacts_given);
    for (size_t i = 0; i < suite->metrics.tolerance_count; i++)
        require(suite_tolerance(suite, suite->metrics.tolerances[i].pattern) != NULL);
    return 0;
}
