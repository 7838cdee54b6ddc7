// SPDX-License-Identifier: Apache-2.0
//
// A hello-world linked with the same libraries as repro: what start-up costs before main. The addresses keep the linker
// from dropping a library.
#include <archive.h>
#include <cjson/cJSON.h>
#include <git2.h>
#include <openssl/evp.h>
#include <stdio.h>

int main(void)
{
    const void *used[] = {(const void *)archive_version_number, (const void *)cJSON_Version,
                          (const void *)git_libgit2_version, (const void *)EVP_sha256};
    printf("hello %d\n", used[0] && used[1] && used[2] && used[3]);
    return 0;
}
