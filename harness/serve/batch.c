// SPDX-License-Identifier: Apache-2.0
//
// A command that reads a file of rows and writes one of answers: a process for each question.
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/rng.h"
#include "serve/kind.h"
#include "serve/output.h"
#include "serve/reply.h"
#include "serve/shell.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct file {
    bool jsonl;
    char *host, *seen; // its path
};

struct batch {
    struct file input, output;
    struct buf text;
};

// What a command calls a file decides how it is written.
static const struct placeholder {
    const char *word;
    bool output, jsonl;
} placeholders[] = {
    {"{input}", false, false}, {"{input:csv}", false, false}, {"{input:jsonl}", false, true},
    {"{output}", true, false}, {"{output:csv}", true, false}, {"{output:jsonl}", true, true},
};

// Whether the command has it. −1 when it has two that differ in format.
static int find_file(struct file *file, const struct client *client, bool output, struct error *err)
{
    const struct placeholder *found = NULL;
    for (size_t i = 0; i < client->command.count; i++) {
        for (size_t j = 0; j < ARRAY_LEN(placeholders); j++) {
            const struct placeholder *here = &placeholders[j];
            if (here->output != output || !strstr(client->command.items[i], here->word))
                continue;
            if (found && found->jsonl != here->jsonl)
                return error_set(err, ERROR_USAGE, "the command names its %s both %s and %s",
                                 output ? "output" : "input", found->word, here->word);
            found = here;
        }
    }
    if (!found) {
        CLEANUP(free) char *command = strings_shell(&client->command);
        return error_set(err, ERROR_USAGE, "the command has no %s: %s", output ? "{output}" : "{input}", command);
    }
    file->jsonl = found->jsonl;
    return 0;
}

static void name_file(struct file *file, const struct launcher *launcher, const char *what, const char *token)
{
    CLEANUP(free) char *name = str_printf("%s-%s.%s", what, token, file->jsonl ? "jsonl" : "csv");
    file->host = fs_join(launcher->folder_host, name);
    file->seen = fs_join(launcher->folder_seen, name);
}

static void encode_rows(struct buf *out, const struct question *question, bool jsonl)
{
    const struct rows *rows = &question->rows;
    if (question->raw) {
        buf_append(out, question->raw, question->raw_len);
        return;
    }
    if (!jsonl)
        row_write_csv_header(out, rows);
    for (size_t i = 0; i < rows->row_count; i++) {
        if (!jsonl) {
            row_write_csv(out, rows, i);
            continue;
        }
        row_write_json(out, rows, i);
        buf_putc(out, '\n');
    }
}

static void encode(struct buf *body, const void *context, const struct question *question)
{
    const struct batch *batch = context;
    encode_rows(body, question, batch->input.jsonl);
}

static int batch_open(struct client *client, struct error *err)
{
    struct batch *batch = client->state = mem_alloc(sizeof *batch);
    const struct launcher *launcher = client->options.launcher;
    if (find_file(&batch->input, client, false, err) < 0 || find_file(&batch->output, client, true, err) < 0)
        return -1;
    char token[13];
    rng_token(token, sizeof token); // others may pass files in the same folder
    name_file(&batch->input, launcher, "input", token);
    name_file(&batch->output, launcher, "output", token);
    client->ability = (struct client_ability){.many_rows = true,
                                              .no_rows = true,
                                              .json = batch->input.jsonl,
                                              .csv = !batch->input.jsonl,
                                              .raw = true,
                                              .named_columns = true,
                                              .styles = 1u << STYLE_PLAIN,
                                              .encode = encode,
                                              .context = batch};
    return 0;
}

static void batch_close(struct client *client)
{
    struct batch *batch = client->state;
    struct file *files[] = {&batch->input, &batch->output};
    CLEANUP(error) struct error err = {0};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (files[i]->host)
            fs_remove_tree(files[i]->host, &err);
        free(files[i]->host);
        free(files[i]->seen);
    }
    buf_free(&batch->text);
    free(batch);
}

static void fill_command(struct strings *argv, const struct client *client, const char *input, const char *output)
{
    for (size_t i = 0; i < client->command.count; i++) {
        char *word = str_dup(client->command.items[i]);
        for (size_t j = 0; j < ARRAY_LEN(placeholders); j++) {
            char *filled = client_fill(word, placeholders[j].word, placeholders[j].output ? output : input);
            free(word);
            word = filled;
        }
        strings_take(argv, word);
    }
}

static void batch_command(struct strings *argv, struct client *client)
{
    const struct batch *batch = client->state;
    fill_command(argv, client, batch->input.seen, batch->output.seen);
}

// Not synced: it is read at once, and thrown away.
static int write_input(struct batch *batch, const struct question *question, struct error *err)
{
    CLEANUP(error) struct error ignored = {0};
    buf_clear(&batch->text);
    encode_rows(&batch->text, question, batch->input.jsonl);
    // Whatever the model made of the files of the question before.
    if (fs_remove_tree(batch->output.host, err) < 0 || fs_remove_tree(batch->input.host, err) < 0)
        return -1;
    CLEANUP(fd) int fd = open(batch->input.host, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_errno(err, "cannot write '%s'", batch->input.host);
    for (size_t at = 0; at < batch->text.len;) {
        ssize_t wrote = write(fd, batch->text.data + at, batch->text.len - at);
        if (wrote <= 0)
            return error_errno(err, "cannot write '%s'", batch->input.host);
        at += (size_t)wrote;
    }
    return 0;
}

// Ends of programs that nobody meant: an exception that nobody caught, a panic.
static bool is_uncaught(const char *tail)
{
    static const char *const words[] = {"Traceback (most recent call last)",
                                        "panicked at",
                                        "goroutine 1 [",
                                        "Exception in thread",
                                        "terminate called",
                                        "AddressSanitizer",
                                        "Segmentation fault",
                                        "core dumped",
                                        "Execution halted"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(tail, words[i]))
            return true;
    return false;
}

// The last line that says something.
static char *last_line(const char *text)
{
    size_t end = strlen(text);
    while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' '))
        end--;
    size_t begin = end;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    return str_visible(text + begin, end - begin);
}

static void read_output(struct reply *reply, struct client *client, const struct question *question)
{
    struct batch *batch = client->state;
    CLEANUP(error) struct error err = {0};
    struct stat st;
    if (lstat(batch->output.host, &st) < 0) {
        reply_set(reply, REPLY_UNREADABLE, "exited with status 0 and wrote no output");
        return;
    }
    if (!S_ISREG(st.st_mode)) { // a link would lead us anywhere
        reply_set(reply, REPLY_UNREADABLE, "the output is not a regular file");
        return;
    }
    if ((uint64_t)st.st_size > client->options.limit) {
        reply->len = (size_t)st.st_size;
        reply_set(reply, REPLY_TOO_LARGE, "the output has more than %zu bytes", client->options.limit);
        return;
    }
    buf_clear(&batch->text);
    if (fs_read(&batch->text, batch->output.host, client->options.limit, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        reply_set(reply, REPLY_UNREADABLE, "the output cannot be read: %s", text);
        return;
    }
    reply_came(reply, buf_text(&batch->text), batch->text.len);
    output_read(reply, buf_text(&batch->text), batch->text.len, question, client->options.output_field);
}

static void judge_end(struct reply *reply, struct client *client, const struct question *question,
                      struct served_end *end)
{
    const char *tail = end->stderr_tail ? end->stderr_tail : "";
    CLEANUP(free) char *ending = client_ending(end);
    reply->status = end->signal ? -end->signal : end->exit_code;
    if (end->signal == 0 && end->exit_code == 0) {
        read_output(reply, client, question);
        return;
    }
    CLEANUP(free) char *said = last_line(tail);
    if (end->signal == 0 && end->exit_code < 126 && *said && !is_uncaught(tail)) {
        reply_set(reply, REPLY_REJECTED, "%s: %s", ending, said);
        return;
    }
    reply_set(reply, REPLY_CRASHED, "%s%s%s", ending, *said ? ": " : " without a word", said);
    reply->stderr_tail = steal(&end->stderr_tail);
}

static int run(struct client *client, struct reply *reply, const struct question *question, struct error *err)
{
    const struct client_options *options = &client->options;
    const struct launcher *launcher = options->launcher;
    CLEANUP(strings) struct strings argv = {0};
    batch_command(&argv, client);
    struct served served = {.in = -1, .out = -1};
    struct served_end end = {0};
    double allowed = options->start_timeout + options->timeout;
    if (write_input(client->state, question, err) < 0)
        return -1;
    double began = clock_seconds();
    if (launcher->start(&served, launcher->context, &argv, false, err) < 0)
        return -1;
    client->starts++;
    bool ended = launcher->wait(launcher->context, &served, allowed);
    launcher->stop(&end, launcher->context, &served);
    reply->seconds = clock_seconds() - began;
    if (ended) {
        judge_end(reply, client, question, &end);
    } else {
        CLEANUP(free) char *limit = str_human_duration(allowed);
        reply_set(reply, REPLY_HUNG, "did not end within %s", limit);
        reply->stderr_tail = steal(&end.stderr_tail);
    }
    free(end.stderr_tail);
    return 0;
}

static void batch_ask(struct client *client, struct asking *asking)
{
    for (size_t i = asking_next(asking, asking->first); i < asking->end; i = asking_next(asking, i + 1)) {
        if (run(client, &asking->replies[i], &asking->questions[i], asking->err) < 0) {
            asking_lost(asking, LOSS_START, i, "not started");
            return;
        }
        asking->progress[i] = PROGRESS_DONE;
    }
}

static char *batch_repeat(const struct client *client, const struct question *question)
{
    const struct batch *batch = client->state;
    CLEANUP(buf) struct buf input = {0}, command = {0};
    encode_rows(&input, question, batch->input.jsonl);
    shell_printf(&command, buf_text(&input), input.len);
    CLEANUP(free) char *from = str_printf("input.%s", batch->input.jsonl ? "jsonl" : "csv");
    CLEANUP(free) char *to = str_printf("output.%s", batch->output.jsonl ? "jsonl" : "csv");
    CLEANUP(strings) struct strings argv = {0};
    fill_command(&argv, client, from, to);
    CLEANUP(free) char *words = strings_shell(&argv);
    buf_printf(&command, " >%s; %s && cat %s", from, words, to);
    return buf_take(&command);
}

const struct client_kind kind_batch = {
    .name = "batch",
    .in_flight = 1,
    .open = batch_open,
    .command = batch_command,
    .ask = batch_ask,
    .repeat = batch_repeat,
    .close = batch_close,
};
