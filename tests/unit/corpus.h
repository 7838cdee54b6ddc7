// SPDX-License-Identifier: Apache-2.0
//
// The fuzz corpora as examples: every good-* file must be accepted, every bad-* file refused.
#ifndef REPRO_TESTS_CORPUS_H
#define REPRO_TESTS_CORPUS_H

#include "base/fs.h"
#include "unit.h"

typedef int (*corpus_parse)(const char *text, size_t len, struct error *err);

struct corpus_walk {
    const char *root;
    corpus_parse parse;
    size_t good, bad;
};

static inline enum fs_visit corpus_visit(const char *path, const struct stat *st, void *context)
{
    struct corpus_walk *walk = context;
    struct error err = {0};
    struct buf text CLEANUP(buf) = {0};
    bool good = str_starts(path, "good-");
    if (!S_ISREG(st->st_mode) || (!good && !str_starts(path, "bad-")))
        return FS_CONTINUE;
    CLEANUP(free) char *whole = fs_join(walk->root, path);
    ck_ok(fs_read(&text, whole, 0, &err), &err);
    int status = walk->parse(buf_text(&text), text.len, &err);
    CLEANUP(free) char *said = error_text(&err);
    ck_assert_msg(good == (status == 0), "%s: %s", path, good ? said : "accepted");
    ck_assert(good || *said);
    error_free(&err);
    *(good ? &walk->good : &walk->bad) += 1;
    return FS_CONTINUE;
}

// `name` is a folder of tests/fuzz/corpus/.
static inline void corpus_check(const char *name, corpus_parse parse)
{
    struct error err = {0};
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(free) char *root = str_printf("%s/tests/fuzz/corpus/%s", source, name);
    struct corpus_walk walk = {.root = root, .parse = parse};
    ck_ok(fs_walk(root, corpus_visit, &walk, &err), &err);
    ck_assert_uint_gt(walk.good, 0);
    ck_assert_uint_gt(walk.bad, 0);
}

#endif
