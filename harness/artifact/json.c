// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259): one value in one file, its parts named by their paths (artifact/outline.h).
//
// A file that is JSON by its first bytes alone, and not by its name, may well be something else: where the grammar
// breaks it is read as text.
#include "artifact/contents.h"
#include "artifact/outline.h"
#include "artifact/readers.h"
#include "artifact/tokens.h"
#include "base/fs.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

static void leave_out(struct contents *out)
{
    contents_leave_out(out, "white space, the order of keys and the spelling of numbers in JSON");
}

static size_t skip_mark(const struct artifact_file *file)
{
    return file->len >= 3 && !memcmp(file->bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
}

static bool is_named_json(const char *name)
{
    size_t len = strlen(name);
    return len >= 5 && !strcasecmp(name + len - 5, ".json");
}

int json_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    size_t skip = skip_mark(file), count = out->count;
    CLEANUP(tokens) struct tokens tokens;
    tokens_json(&tokens, file->bytes + skip, file->len - skip);
    CLEANUP(error) struct error fault = {0};
    if (outline_read(out, prefix, &tokens, NULL, &fault) == 0) {
        leave_out(out);
        return 0;
    }
    if (is_named_json(file->name)) {
        *err = fault;
        fault = (struct error){0};
        return -1;
    }
    CLEANUP(free) char *text = error_text(&fault);
    contents_note(out, "%s: compared as text, since it is not JSON (%s)", file->name, text);
    out->count = count;
    return text_read(out, file, prefix, err);
}
