// SPDX-License-Identifier: Apache-2.0
//
// bench_content FILE: opens an artifact and finds out what a manifest keeps of it: the digest of its content, and of
// each tensor digest, range and norm. Prints the digest.
#include "artifact/contents.h"
#include "engine/content_facts.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    struct content *content = NULL;
    if (argc != 2 || contents_open(&contents, argv[1], &err) < 0 || content_facts(&content, contents, &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_content: %s\n", argc == 2 ? text : "expected a file");
        return 1;
    }
    char hex[65];
    digest_hex(hex, &content->sha256);
    printf("%s  %zu tensors\n", hex, content->count);
    content_free(content);
    return 0;
}
