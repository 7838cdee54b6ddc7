// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// suite.json: whatever the bytes, it is a suite that keeps its promises or an error that says something.
#include "base/fs.h"
#include "core/schema.h"
#include "core/suite.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

static char *written(const struct schema *schema)
{
    struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    json_begin_object(&w, "train");
    json_put_string(&w, "command", "x");
    json_end_object(&w);
    schema_write(&w, "schema", schema);
    json_end_object(&w);
    json_finish(&w);
    return buf_take(&text);
}

// What is written of a schema is read back, and written the same.
static void require_repeatable(const struct schema *schema)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(suite) struct suite *again = NULL;
    CLEANUP(free) char *once = written(schema);
    size_t len = strlen(once);
    if (len > SUITE_MAX_SIZE)
        return;
    require(suite_parse(&again, "churn", "suite.json", once, len, &err) == 0);
    CLEANUP(free) char *twice = written(again->schema);
    require(strcmp(once, twice) == 0);
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
    if (suite->schema)
        require_repeatable(suite->schema);
    for (size_t i = 0; i < suite->fuzz.expect_count; i++)
        require(suite->fuzz.expects[i].line > 0 && *suite->fuzz.expects[i].mutation);
    require(rules_expect(&suite->fuzz, "missing.null", "age") <= EXPECT_FALLBACK);
    return 0;
}
