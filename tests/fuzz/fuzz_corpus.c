// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
//
// A file of the corpus: what is accepted is written, read back and written to the same bytes; and the case that it
// makes, where it fits, can be encoded, described and judged.
#include "../unit/unit_cases.h"
#include "fuzz/corpus.h"
#include "fuzz/oracles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool promise)
{
    if (!promise)
        abort();
}

// Held against answers that are as many as its rows, or one fewer.
static void judge(const struct fuzz_case *c)
{
    static const struct fuzz_rules rules;
    size_t rows = c->clean.row_count > c->row_count ? c->clean.row_count : c->row_count;
    CLEANUP(free) struct answer *given = mem_array(rows + 1, sizeof *given);
    CLEANUP(free) struct answer *clean = mem_array(rows + 1, sizeof *clean);
    for (size_t i = 0; i <= rows; i++)
        given[i].number = clean[i].number = (double)i;
    for (size_t count = rows; count + 1 > rows && count <= rows; count--) {
        char *why = NULL;
        struct reply reply = {.answers = given, .count = count, .text = (char *)(uintptr_t) "/etc/passwd", .len = 11};
        const struct exchange x = {.c = c, .reply = &reply, .clean = clean, .rules = &rules, .schema = &sample_schema};
        for (size_t i = 0; i <= oracle_count; i++) {
            struct exchange one = x;
            one.only = i < oracle_count ? &oracles[i] : NULL;
            const struct oracle *broken = oracles_judge(&why, &one);
            require(!broken == !why && (!one.only || !broken || broken == one.only));
            free(why);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(corpus_entry) struct corpus_entry *first = NULL, *second = NULL;
    CLEANUP(error) struct error err = {0};
    if (!the_sample.cells)
        sample_begin();
    if (corpus_parse(&first, "case.json", (const char *)data, size, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        require(!first && *text && err.kind == ERROR_USAGE);
        return 0;
    }
    struct buf once CLEANUP(buf) = {0}, twice CLEANUP(buf) = {0}, bytes CLEANUP(buf) = {0};
    corpus_write(&once, first);
    // A little more than what is read may be written: a text that is repeated is longer than its name.
    if (once.len > CORPUS_MAX_SIZE)
        return 0;
    require(corpus_parse(&second, "case.json", once.data, once.len, &err) == 0);
    corpus_write(&twice, second);
    require(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    for (size_t way = 0; way < WAYS; way++) {
        const struct case_space space = sample_space(way);
        CLEANUP(fuzz_case) struct fuzz_case c = {0};
        CLEANUP(free) char *why = NULL;
        if (!corpus_fit(&c, &why, first, &space)) {
            require(why && *why);
            continue;
        }
        CLEANUP(free) char *line = case_describe(&c);
        CLEANUP(corpus_case) struct corpus_case *copy = corpus_case_of(&c);
        case_bytes(&bytes, &c);
        case_cells_changed(&c);
        judge(&c);
    }
    return 0;
}
