// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include "base/fs.h"
#include "base/rng.h"
#include "cli/options.h"
#include "cli/setup.h"
#include "engine/session.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

enum { LOG_SHOWN_AT_MOST = 256 << 10 };

int output_fault(const struct error *err)
{
    CLEANUP(free) char *text = error_text(err);
    for (const char *line = text; line && *line;) {
        size_t length = strcspn(line, "\n");
        fprintf(stderr, "repro: %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return err->kind == ERROR_USAGE ? 2 : 3;
}

void output_line(const char *before, const char *text)
{
    CLEANUP(free) char *visible = str_visible(text, strlen(text));
    printf("%s%s\n", before, visible);
}

int output_text(const struct buf *out)
{
    if (fwrite(buf_text(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0)
        return 0;
    perror("repro: cannot write to standard output");
    return 3;
}

// A device or a pipe, such as /dev/stdout or what `>(…)` names: it cannot be renamed over.
static int write_through(const char *path, const struct buf *text, struct error *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return error_errno(err, "cannot open '%s'", path);
    bool written = fwrite(buf_text(text), 1, text->len, file) == text->len;
    if (fclose(file) != 0 || !written)
        return error_errno(err, "cannot write '%s'", path);
    return 0;
}

static int write_report(const char *path, const struct report_format *format, const struct result *result,
                        struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    format->write(&text, result);
    if (str_equal(path, "-"))
        return output_text(&text) == 0 ? 0 : error_set(err, ERROR_MACHINE, "cannot write to standard output");
    struct stat st;
    if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
        return fs_write_atomic(path, buf_text(&text), text.len, err);
    return write_through(path, &text, err);
}

// The logs of training that failed, where a reader of GitHub's log finds them; wrapped, so that they cannot give
// commands.
static void put_logs(struct buf *out, const struct session *session, const struct result *result)
{
    static const char *const names[] = {"stdout.log", "stderr.log"};
    for (size_t i = 0; i < result->suite_count; i++) {
        const struct suite_summary *suite = &result->suites[i];
        if (!suite->run_folder || result_count(result, suite->name, VERDICT_FAIL) == 0)
            continue;
        for (size_t n = 0; n < ARRAY_LEN(names); n++) {
            CLEANUP(free) char *folder = fs_join(session->project->root, suite->run_folder);
            CLEANUP(free) char *path = fs_join(folder, names[n]);
            CLEANUP(free) char *title = str_printf("%s: %s", suite->name, names[n]);
            CLEANUP(buf) struct buf text = {0};
            CLEANUP(error) struct error ignored = {0};
            char token[21];
            rng_token(token, sizeof token);
            if (fs_read(&text, path, LOG_SHOWN_AT_MOST, &ignored) == 0 && text.len > 0)
                report_github_log(out, title, buf_text(&text), token);
        }
    }
}

static int write_github(const struct session *session, const struct result *result, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (session)
        put_logs(&text, session, result);
    report_github(&text, result);
    if (output_text(&text) != 0)
        return error_set(err, ERROR_MACHINE, "cannot write to standard output");
    return report_github_files(result, getenv("GITHUB_STEP_SUMMARY"), getenv("GITHUB_OUTPUT"), err);
}

static bool wants_github(const struct cli_args *args)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return args_flag(args, "github") || (actions && str_equal(actions, "true"));
}

// Every report is tried, whatever happens to another.
static int write_reports(const struct cli_args *args, const struct session *session, const struct result *result)
{
    static const char *const files[] = {"junit", "json"};
    int status = 0;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        const char *path = args_value(args, files[i]);
        CLEANUP(error) struct error err = {0};
        bool possible = path && *path && !fs_is_folder(path); // else it was refused at the start
        if (possible && write_report(path, report_find(files[i]), result, &err) < 0)
            status = output_fault(&err);
    }
    CLEANUP(error) struct error err = {0};
    if (session && session_keep_result(session, result, &err) < 0)
        status = output_fault(&err);
    CLEANUP(error) struct error github = {0};
    if (wants_github(args) && write_github(session, result, &github) < 0)
        status = output_fault(&github);
    return status;
}

int output_result(const struct cli_args *args, const struct session *session, struct result *result)
{
    struct term term;
    term_init(&term, stdout, setup_color(args));
    struct terminal_options options = {.quiet = args_flag(args, "quiet"), .verbose = args_flag(args, "verbose")};
    bool json_on_stdout = str_equal(args_value(args, "json"), "-") || str_equal(args_value(args, "junit"), "-");
    CLEANUP(buf) struct buf text = {0};
    report_terminal(&text, result, &term, &options);
    int status = 0;
    if (json_on_stdout)
        fwrite(buf_text(&text), 1, text.len, stderr); // stdout is for the report alone
    else
        status = output_text(&text);
    int written = write_reports(args, session, result);
    if (status == 0)
        status = written;
    return status != 0 ? status : result_exit_status(result);
}

int output_fault_result(const struct cli_args *args, const struct session *session, const struct error *err)
{
    CLEANUP(result) struct result *result = result_new(args->typed);
    int status = output_fault(err);
    result_add_error(result, "", STAGE_DOCUMENT, "repro", err);
    int written = write_reports(args, session, result);
    return written != 0 ? written : status;
}

int output_refuse(const struct cli_args *args)
{
    return output_fault_result(args, NULL, &args->error);
}
