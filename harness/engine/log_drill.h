// SPDX-License-Identifier: Apache-2.0
//
// A drill of the log of predictions: the model that was just trained is asked clean rows, each under an id of its own,
// as it is asked once it is live, and what it then logged is looked for under these ids.
#ifndef REPRO_ENGINE_LOG_DRILL_H
#define REPRO_ENGINE_LOG_DRILL_H

#include "base/err.h"
#include "base/mem.h"
#include "drift/prediction.h"
#include "engine/model.h"
#include "engine/verify.h"
#include "fuzz/infer.h"
#include "serve/row_answers.h"

struct log_drill {
    const char *kind;       // how the model was asked
    struct log_rules rules; // the suite's, with what holds where it says nothing; borrowed
    struct client *client;
    const char *written; // the folder in which its files are
    struct sample sample;
    struct cell *cells;
    const char **columns;
    struct rows rows; // as they were asked, the column of ids included
    struct strings ids, headers;
    struct row_answers answers;

    bool there;            // the log is
    bool late;             // what is missing from it while the model ran came when it ended
    const char *elsewhere; // the standard stream on which an id stood, where entries are missing; static
    struct drilled {
        size_t count;            // lines under this id
        struct prediction entry; // of the first one; into `texts`
    } * entries;                 // one for each row
    size_t missing;              // rows without an entry
    struct arena texts;
    struct prediction_counts counts;
    uint64_t strangers; // entries under other ids
    char *stranger;     // the first of those ids
};

// −1 where the model cannot be asked, or its log cannot be read. `model` must outlive the drill.
int log_drill_run(struct log_drill *out, const struct verification *v, struct model *model, const char *kind,
                  struct error *err);
void log_drill_free(struct log_drill *drill);
DEFINE_CLEANUP_VALUE(log_drill)

// The way of asking whose log is looked at: over HTTP where there is one, unless rows hold the ids. NULL, with what
// stands in the way, when there is none that works.
const char *log_drill_kind(const struct model *model, const struct log_rules *rules, const char **why);

#endif
