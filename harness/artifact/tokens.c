// SPDX-License-Identifier: Apache-2.0
#include "artifact/tokens.h"

struct tokens_mark tokens_mark(const struct tokens *tokens)
{
    return (struct tokens_mark){tokens->at, tokens->depth, tokens->levels[tokens->depth - 1]};
}

void tokens_rewind(struct tokens *tokens, const struct tokens_mark *mark)
{
    // The levels below were not touched while they were not the innermost.
    tokens->at = mark->at;
    tokens->depth = mark->depth;
    tokens->levels[mark->depth - 1] = mark->level;
}

int tokens_open(struct tokens *tokens, struct tokens_level level, struct error *err)
{
    if (tokens->depth == TOKENS_MAX_DEPTH)
        return error_set(err, ERROR_USAGE, "byte %zu: nested deeper than %d levels", tokens->at, TOKENS_MAX_DEPTH);
    tokens->levels[tokens->depth++] = level;
    return 0;
}

void tokens_free(struct tokens *tokens)
{
    buf_free(&tokens->scratch);
}
