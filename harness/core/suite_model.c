// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the keys "model", "fallback", and what "fuzz" asks of them.
#include "core/suite_read.h"

#include <string.h>

static const struct json_field api_fields[] = {
    {.name = "command", .types = DOC_COMMAND, .required = true, .items = &document_text},
    {.name = "protocol", .types = DOC_STRING},
    {.name = "ready", .types = DOC_STRING},
    {.name = "name", .types = DOC_STRING},
    {0},
};

const struct json_field suite_model_fields[] = {
    {.name = "batch", .types = DOC_COMMAND, .items = &document_text},
    {.name = "stream", .types = DOC_COMMAND, .items = &document_text},
    {.name = "api", .types = DOC_OBJECT, .fields = api_fields},
    {0},
};

// A command that is never told where to read or write answers something else than what is asked.
static void require_placeholder(const struct document *doc, const struct strings *argv,
                                const struct json_value *command, const char *placeholder)
{
    for (size_t i = 0; i < argv->count; i++) {
        if (strstr(argv->items[i], placeholder))
            return;
    }
    if (argv->count > 0)
        json_problem(doc->json, command, doc->err, "has no argument %s", placeholder);
}

static void read_files_command(const struct document *doc, struct strings *out, const struct json_value *command)
{
    document_command(doc, out, command);
    require_placeholder(doc, out, command, "{input}");
    require_placeholder(doc, out, command, "{output}");
}

static void ready_path(const struct document *doc, const struct json_value *where, const char *text)
{
    bool good = *text == '/';
    for (const char *at = text; *at; at++)
        good = good && *at > ' ' && *at < 0x7f && *at != '#';
    if (!good)
        json_problem(doc->json, where, doc->err, "expected the path of a URL, such as \"/ping\"");
}

static void url_name(const struct document *doc, const struct json_value *where, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    if (*text == '\0' || text[strspn(text, unreserved)] != '\0')
        json_problem(doc->json, where, doc->err,
                     "'%s' is not a name for a URL (letters, digits, '-', '.', '_' and '~')", text);
}

static void read_api(const struct document *doc, struct suite *suite, const struct json_value *api)
{
    static const char *const protocols[] = {"json", "mlflow", "oip", "tfserving"};
    if (!api)
        return;
    const struct json_value *command = document_get(api, "command", DOC_COMMAND);
    document_command(doc, &suite->model.api.command, command);
    require_placeholder(doc, &suite->model.api.command, command, "{port}");
    int protocol = document_word(doc, text_of(api, "protocol"), protocols, ARRAY_LEN(protocols), 0);
    suite->model.api.protocol = str_dup(protocols[protocol]);
    suite->model.api.ready = document_string(doc, text_of(api, "ready"), ready_path);
    suite->model.api.name = document_string(doc, text_of(api, "name"), url_name);
}

void suite_read_model(const struct document *doc, struct suite *suite, const struct json_value *model)
{
    read_files_command(doc, &suite->model.batch, document_get(model, "batch", DOC_COMMAND));
    document_command(doc, &suite->model.stream, document_get(model, "stream", DOC_COMMAND));
    read_api(doc, suite, object_of(model, "api"));
}

void suite_read_fallback(const struct document *doc, struct suite *suite, const struct json_value *root)
{
    read_files_command(doc, &suite->fallback, document_get(root, "fallback", DOC_COMMAND));
    for (size_t i = 0; i < suite->fuzz.expect_count && suite->fallback.count == 0; i++) {
        const struct expect_rule *rule = &suite->fuzz.expects[i];
        if (rule->expect != EXPECT_FALLBACK)
            continue;
        error_problem(doc->err, json_name(doc->json), rule->line,
                      "fuzz.expect: expects the fallback to answer, but the suite has no \"fallback\" command");
        return;
    }
}
