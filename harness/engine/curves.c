// SPDX-License-Identifier: Apache-2.0
#include "engine/curves.h"

#include "base/fs.h"

int curves_compare(struct series_finding *out, const char *golden_folder, const struct replay *replay,
                   const struct series_rule *rule, struct error *err)
{
    CLEANUP(free) char *before = fs_join(golden_folder, rule->path);
    CLEANUP(free) char *after = replay_output(replay, rule->path);
    CLEANUP(free) char *name = str_printf("golden's %s", rule->path);
    struct series golden = {0}, now = {0};
    struct error fault = {0};
    int read = series_read(&golden, before, name, rule->x, err);
    if (read == 0 && series_read(&now, after, rule->path, rule->x, &fault) == 0)
        series_compare(out, &golden, &now, rule);
    else if (read == 0)
        *out = (struct series_finding){.text = error_text(&fault)};
    error_free(&fault);
    series_free(&golden);
    series_free(&now);
    return read;
}
