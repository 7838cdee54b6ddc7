// SPDX-License-Identifier: Apache-2.0
//
// bench_infer FILE [THREADS]: the schema and the sample of a file of training data; the schema is written to stdout.
// bench_infer --make FILE ROWS: a CSV of ten columns to measure it with.
#include "base/json.h"
#include "base/rng.h"
#include "fuzz/infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int make(const char *path, uint64_t rows)
{
    static const char *const plans[] = {"basic", "pro", "team", "enterprise"};
    static const char *const cities[] = {"Berlin", "Paris", "Łódź", "São Paulo", "Roma, Lazio"};
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    struct rng rng;
    rng_seed(&rng, 1);
    fputs("id,age,income,balance,score,plan,city,since,active,note\n", file);
    for (uint64_t i = 0; i < rows; i++) {
        bool missing = rng_below(&rng, 50) == 0;
        fprintf(file, "c-%07" PRIu64 ",%u,%u.%02u,", i, 18 + rng_below(&rng, 70), 900 + rng_below(&rng, 900000),
                rng_below(&rng, 100));
        if (!missing)
            fprintf(file, "%.17g", (rng_unit(&rng) - 0.5) * 1e6);
        fprintf(file, ",%.6f,%s,\"%s\",20%02u-%02u-%02uT%02u:%02u:00Z,%s,", rng_unit(&rng), plans[rng_below(&rng, 4)],
                cities[rng_below(&rng, 5)], rng_below(&rng, 24), 1 + rng_below(&rng, 12), 1 + rng_below(&rng, 28),
                rng_below(&rng, 24), rng_below(&rng, 60), rng_below(&rng, 2) ? "true" : "false");
        fprintf(file, "\"called %u times, said \"\"no\"\" %u times and hung up\"\n", rng_below(&rng, 100000),
                rng_below(&rng, 1000));
    }
    return fclose(file) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--make") == 0)
        return make(argv[2], strtoull(argv[3], NULL, 10));
    if (argc < 2)
        return 2;
    CLEANUP(error) struct error err = {0};
    CLEANUP(schema) struct schema *schema = NULL;
    struct sample sample;
    const struct infer_options options = {.threads = argc > 2 ? strtoull(argv[2], NULL, 10) : 0};
    if (infer_data(&schema, &sample, argv[1], argv[1], &options, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_infer: %s\n", text);
        return 1;
    }
    CLEANUP(buf) struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    schema_write(&w, NULL, schema);
    json_finish(&w);
    printf("%s%" PRIu64 " rows, %zu in the sample\n", buf_text(&text), sample.seen, sample.rows.row_count);
    sample_free(&sample);
    return 0;
}
