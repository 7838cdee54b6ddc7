// SPDX-License-Identifier: Apache-2.0
// Links: repro_fuzz
#include "fuzz/corpus.h"
#include "schema.h"
#include "unit_asked.h"
#include "unit_cases.h"

static void write_case(struct buf *out, const struct fuzz_case *c)
{
    CLEANUP(corpus_case) struct corpus_case *kept = corpus_case_of(c);
    uint64_t choices[] = {3, UINT64_MAX};
    const struct corpus_entry entry = {.oracle = OWN("nan"),
                                       .mutation = c->mutation ? OWN(c->mutation->name) : NULL,
                                       .inner = c->inner ? OWN(c->inner->name) : NULL,
                                       .column =
                                           c->column < c->schema->count ? c->schema->columns[c->column].name : NULL,
                                       .why = OWN("answered NaN"),
                                       .schema = OWN("fnv1a:0"),
                                       .seed = UINT64_MAX,
                                       .choices = choices,
                                       .choice_count = 2,
                                       .kept = kept};
    corpus_write(out, &entry);
}

// Of every mutation, column and way of asking: what is kept is asked again to the byte.
START_TEST(every_case_is_kept_and_asked_again_to_the_byte)
{
    struct fuzz_case c = {0};
    struct rng rng;
    size_t kept = 0;
    sample_begin();
    rng_seed(&rng, 5);
    for (size_t way = 0; way < WAYS; way++) {
        const struct case_space space = sample_space(way);
        uint64_t first[2];
        size_t count;
        for (size_t pair = 0; case_pair(first, &count, &c, &space, pair); pair++) {
            CLEANUP(buf) struct buf text = {0}, again = {0}, sent = {0}, sent_again = {0};
            CLEANUP(corpus_entry) struct corpus_entry *entry = NULL;
            CLEANUP(fuzz_case) struct fuzz_case replayed = {0};
            CLEANUP(free) char *why = NULL;
            struct error err = {0};
            choices_extend(&c.choices, first, count, &rng);
            case_make(&c, &space, &c.choices);
            write_case(&text, &c);
            if (text.len > CORPUS_MAX_SIZE)
                continue;
            ck_ok(corpus_parse(&entry, "case.json", text.data, text.len, &err), &err);
            ck_assert_uint_eq(entry->seed, UINT64_MAX);
            ck_assert_uint_eq(entry->choices[1], UINT64_MAX);
            corpus_write(&again, entry);
            ck_assert_str_eq(buf_text(&again), buf_text(&text));
            const char *name = c.mutation ? c.mutation->name : "clean";
            ck_assert_msg(corpus_fit(&replayed, &why, entry, &space), "%s: %s", name, why);
            case_bytes(&sent, &c);
            case_bytes(&sent_again, &replayed);
            ck_assert_msg(sent.len == sent_again.len && memcmp(sent.data, sent_again.data, sent.len) == 0,
                          "%s:\n%s\n%s", name, sent.data, sent_again.data);
            ck_assert_msg(case_holds(&c) == case_holds(&replayed), "%s", name);
            ck_assert_uint_eq(case_cells_changed(&c), case_cells_changed(&replayed));
            kept++;
        }
    }
    ck_assert_uint_gt(kept, 500);
    case_free(&c);
    sample_end();
}
END_TEST

#define HEAD  "{\"format\": 1, \"oracle\": \"nan\", "
#define TAIL  ", \"meaning\": \"messy\", \"schema\": \"x\", \"seed\": 1, \"choices\": []}"
#define CLEAN "\"clean\": {\"columns\": [\"a\"], \"rows\": [[1]]}"
static const struct {
    const char *text, *problem;
} bad[] = {
    {"", "case.json"},
    {"[]", "expected an object"},
    {"{\"format\": 2}", "format"},
    {HEAD "\"question\": {\"columns\": [\"a\"], \"rows\": [[1]]}" TAIL, "clean"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[1, 2]]}" TAIL,
     "as many cells as there are columns"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[1], [2]]}" TAIL, "more rows than clean ones"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"order\": [1]}" TAIL, "no such clean row"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\", \"b\"], \"order\": [0]}" TAIL, "other columns"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[{\"bytes\": \"f\"}]]}" TAIL, "hexadecimal"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[{\"repeat\": \"x\", \"times\": 99999999}]]}" TAIL,
     "up to 4194304"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[{\"integer\": \"1e3\"}]]}" TAIL, "whole number"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[[1]]]}" TAIL, "no array"},
    {HEAD CLEAN ", \"question\": {\"columns\": [\"a\"], \"rows\": [[{\"what\": 1}]]}" TAIL, "expected a text"},
    {HEAD CLEAN ", \"question\": {}" TAIL, "or \"raw\""},
    {HEAD CLEAN ", \"poisoned\": 1, \"question\": {\"columns\": [\"a\"], \"rows\": [[1]]}" TAIL, "no such row"},
    {HEAD CLEAN ", \"question\": {\"raw\": \"x\", \"style\": \"fancy\"}" TAIL, "style"},
};

START_TEST(a_damaged_file_is_refused_with_its_line)
{
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        struct corpus_entry *entry = NULL;
        ck_assert_int_eq(corpus_parse(&entry, "case.json", bad[i].text, strlen(bad[i].text), &err), -1);
        ck_assert_ptr_null(entry);
        expect_error(&err, ERROR_USAGE, bad[i].problem);
    }
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("corpus.schema.json", corpus_fields);
}
END_TEST

START_TEST(names_of_files_are_safe_and_different)
{
    CLEANUP(free) char *plain = corpus_file("nan", "missing.null", "age"), *clean = corpus_file("crash", NULL, NULL);
    CLEANUP(free)
    char *a = corpus_file("nan", "missing.null", "../a b"), *b = corpus_file("nan", "missing.null", "../a_b");
    ck_assert_str_eq(plain, "nan-missing.null-age.json");
    ck_assert_str_eq(clean, "crash-clean.json");
    ck_assert(!strchr(a, '/') && !strchr(b, '/'));
    ck_assert_str_ne(a, b);
}
END_TEST

static void keep(struct asked_session *a)
{
    struct error err = {0};
    ck_ok(corpus_keep(&a->outcome, "corpus", &a->schema, a->options.seed, &err), &err);
}

START_TEST(what_was_found_is_asked_first_until_it_is_fixed)
{
    struct asked_session a;
    asked_begin(&a);
    asked_run(&a, "says NaN to a null");
    keep(&a);
    const struct finding *f = find_finding(&a, "nan", "missing.null", "age");
    ck_assert_ptr_nonnull(f);
    ck_assert(!f->known);
    ck_assert_str_eq(f->file, "nan-missing.null-age.json");
    size_t files = count_entries("corpus"), found = a.outcome.finding_count;
    ck_assert_uint_eq(files, found);

    a.options.corpus = "corpus";
    asked_run(&a, "says NaN to a null");
    ck_assert_uint_eq(a.outcome.regressions, files);
    ck_assert_uint_eq(a.outcome.fixed.count, 0);
    ck_assert_uint_eq(a.outcome.finding_count, found);
    for (size_t i = 0; i < found; i++)
        ck_assert(a.outcome.findings[i].known && a.outcome.findings[i].file);
    keep(&a);
    ck_assert_uint_eq(count_entries("corpus"), files);

    // One file alone.
    a.options.replay = "corpus/nan-missing.null-age.json";
    asked_run(&a, "says NaN to a null");
    ck_assert_uint_eq(a.outcome.finding_count, 1);
    ck_assert_uint_eq(a.outcome.cases, 0);
    a.options.replay = NULL;

    client_close(a.client);
    a.client = NULL;
    asked_run(&a, "");
    ck_assert_uint_eq(a.outcome.fixed.count, files);
    ck_assert_uint_eq(a.outcome.finding_count, 0);
    asked_end(&a);
}
END_TEST

START_TEST(a_file_that_no_longer_fits_is_told)
{
    struct asked_session a;
    asked_begin(&a);
    asked_run(&a, "says NaN to a null");
    keep(&a);
    a.columns[4].name = OWN("number");
    a.names[4] = a.columns[4].name;
    a.options.corpus = "corpus";
    a.options.cases = 10;
    asked_run(&a, "says NaN to a null");
    ck_assert_uint_gt(a.outcome.unfit.count, 0);
    ck_assert_ptr_nonnull(strstr(a.outcome.unfit.items[0], "other columns"));
    ck_assert_uint_eq(a.outcome.regressions, 0);
    asked_end(&a);
}
END_TEST

START_TEST(a_damaged_corpus_stops_the_session)
{
    struct asked_session a;
    struct error err = {0};
    asked_begin(&a);
    put("corpus/nan-x.json", "{\"format\": 1}");
    asked_open(&a.client, &a, "stream", "");
    a.options.client = a.client;
    a.options.corpus = "corpus";
    ck_assert_int_eq(fuzz_run(&a.outcome, &a.options, &err), -1);
    expect_error(&err, ERROR_USAGE, "nan-x.json");
    asked_end(&a);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "model") == 0)
        return defect_main(argc, argv);
    const TTest *const tests[] = {every_case_is_kept_and_asked_again_to_the_byte,
                                  a_damaged_file_is_refused_with_its_line,
                                  the_schema_says_what_the_code_reads,
                                  names_of_files_are_safe_and_different,
                                  what_was_found_is_asked_first_until_it_is_fixed,
                                  a_file_that_no_longer_fits_is_told,
                                  a_damaged_corpus_stops_the_session};
    return unit_run("corpus", tests, ARRAY_LEN(tests));
}
