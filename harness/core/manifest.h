// SPDX-License-Identifier: Apache-2.0
//
// A manifest: the facts of a run that must repeat. Deterministic: the same facts give the same bytes. It holds no time,
// no duration, no host name and no absolute path.
#ifndef REPRO_CORE_MANIFEST_H
#define REPRO_CORE_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "core/content.h"
#include "core/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_FORMAT 1

enum file_kind { FILE_REGULAR, FILE_SYMLINK, FILE_FOLDER };
struct file_entry {
    const char *path;    // relative to the project's root, '/' between components; belongs to the list
    enum file_kind kind; // of a symbolic link, size and digest are those of its target text
    bool executable;
    uint64_t size;           // bytes; of a folder, the sum over its files
    struct digest sha256;    // of a folder, the folder digest (store/tree.h)
    char *format;            // artifacts only: "safetensors", "json", …, "bytes" when not recognised; else NULL
    struct content *content; // artifacts only: what it held; NULL when that is not known
};
// In byte order of the paths. All-zero is empty.
struct file_list {
    struct file_entry *items;
    size_t count;
    size_t capacity;
    struct arena paths;
};
struct file_entry *file_list_add(struct file_list *list, const char *path);              // zeroed but for the path
const struct file_entry *file_list_find(const struct file_list *list, const char *path); // of a sorted list
void file_list_sort(struct file_list *list);
void file_list_copy(struct file_list *to, const struct file_list *from); // appends
void file_list_move(struct file_list *to, struct file_list *from);       // appends; `from` is empty then
void file_list_free(struct file_list *list);
DEFINE_CLEANUP_VALUE(file_list)

struct metric {
    char *name; // nested JSON objects give dotted names
    double value;
};
// In byte order of the names. All-zero is empty.
struct metric_list {
    struct metric *items;
    size_t count;
    size_t capacity;
};
void metric_list_add(struct metric_list *list, const char *name, double value);
const struct metric *metric_list_find(const struct metric_list *list, const char *name); // of a sorted list
void metric_list_sort(struct metric_list *list);
void metric_list_free(struct metric_list *list);
DEFINE_CLEANUP_VALUE(metric_list)

struct manifest {
    char *suite;
    char *class_name; // "any" or the numerical class of the machine (manifest_class_is_valid)

    struct {
        struct strings argv;
        char *directory;
        struct pairs env;    // the suite's own
        struct strings pins; // as the suite names them
    } command;

    struct file_list code, data, settings;
    struct file_list external; // path is the external's name
    struct strings absent;     // project files that were looked for and not found (needs the trace)
    struct pairs environment;  // "os", "libc", "machine", "interpreter", "package:numpy", … → version
    struct pairs computed; // what a traced run used: "package:numpy", "library:libm.so.6", "program:sort" → whose,
                           // and which version; empty where the run was not traced

    struct file_list artifacts; // what the run left: artifacts, and the files that metrics and series were read from
    struct metric_list metrics;

    struct {                  // all zero as long as there is none
        struct digest digest; // the folder digest of what the bundle holds
        uint64_t size;        // bytes of its contents together
        bool in_store;        // kept in .repro/store because it is over the suite's limit
        char *store;          // with in_store: the store of repro.json that has it too, as written there; NULL: none
    } bundle;

    struct {
        char *reason; // why this result was accepted; "first golden" when there was none before
        char *by;     // name from git's configuration, or the user's name
        struct {      // git facts for people; never compared. All NULL without git
            char *commit, *tree, *branch, *remote;
            bool dirty; // an input differed from the commit
        } from;
        struct {        // how it became golden again after others; all NULL when it did not
            char *from; // identity of the golden that it replaced (golden_identity), 64 hexadecimal digits
            char *reason, *by;
        } rolled_back;
    } accepted;
};

// Appends the document to `out`. Lists whose order means nothing are written sorted, whatever their order in memory.
// `suite` and `class_name` must be set; what is NULL, empty or zero elsewhere is left out or written empty. Texts are
// UTF-8: whoever fills a manifest refuses paths that are not (str_is_utf8), which would not read back as themselves.
void manifest_write(struct buf *out, const struct manifest *manifest);
// `path` is what messages call the file. Strict: paths stay inside the project, lists are sorted without duplicates,
// every problem is reported. A newer format is refused with the advice to update repro. What manifest_write wrote reads
// back to the same bytes.
int manifest_parse(struct manifest **out, const char *path, const char *text, size_t len, struct error *err);
struct manifest *manifest_new(void);
void manifest_free(struct manifest *manifest);
DEFINE_CLEANUP(manifest)

// True when everything that is compared is equal: all but `accepted`, `bundle.in_store` and `bundle.store`.
bool manifest_same(const struct manifest *a, const struct manifest *b);

// Whether a file of the project is among the inputs: code, data or settings.
bool manifest_has_input(const struct manifest *manifest, const char *path);

const struct json_field *manifest_fields(void);

// True for a numerical class that can be a folder: [A-Za-z0-9][A-Za-z0-9._+-]*, at most 200 characters.
bool manifest_class_is_valid(const char *name);

#endif
