// SPDX-License-Identifier: Apache-2.0
//
// bench_hash file FILE: the SHA-256 of one file. bench_hash tree FOLDER: the folder digest, on all CPUs, without a
// cache.
#include "base/fs.h"
#include "store/digest.h"
#include "store/tree.h"

#include <stdio.h>

static int hash_file(struct digest *out, const char *path, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, err) < 0)
        return -1;
    return digest_file(digester, out, NULL, path, err);
}

static int hash_tree(struct digest *out, const char *folder, struct error *err)
{
    CLEANUP(file_list) struct file_list files = {0};
    CLEANUP(strings) struct strings all = {0};
    strings_add(&all, "**");
    if (tree_list(&files, folder, &all, err) < 0 || tree_hash(&files, folder, NULL, 0, err) < 0)
        return -1;
    return tree_digest(out, &files, "", err);
}

int main(int argc, char **argv)
{
    CLEANUP(error) struct error err = {0};
    struct digest digest;
    if (argc != 3)
        return 2;
    int hashed = str_equal(argv[1], "tree") ? hash_tree(&digest, argv[2], &err) : hash_file(&digest, argv[2], &err);
    if (hashed < 0) {
        char *text = error_text(&err);
        fprintf(stderr, "bench_hash: %s\n", text);
        free(text);
        return 1;
    }
    char hex[65];
    digest_hex(hex, &digest);
    puts(hex);
    return 0;
}
