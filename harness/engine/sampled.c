// SPDX-License-Identifier: Apache-2.0
#include "engine/sampled.h"

#include "base/fs.h"
#include "fuzz/cases.h"

int sampled_rows(struct sample *out, const struct verification *v, size_t count, struct error *err)
{
    const struct schema *schema = v->suite->schema;
    CLEANUP(free) char *path = fs_join(replay_source(v->replay, v->session), schema->from);
    const struct infer_options options = {.target = schema->target, .sample_count = count};
    if (infer_data(NULL, out, path, schema->from, &options, err) < 0 || sample_fit(out, schema, err) < 0)
        return -1;
    sample_prepare(out);
    return 0;
}
