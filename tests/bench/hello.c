// SPDX-License-Identifier: Apache-2.0
//
// A hello-world linked with the same libraries as repro: what start-up costs before main. Each is
// called, or the linker would drop it.
#include <archive.h>
#include <cjson/cJSON.h>
#include <git2.h>
#include <openssl/evp.h>
#include <stdio.h>

int main(void)
{
    int major = 0, minor = 0, patch = 0;
    git_libgit2_version(&major, &minor, &patch);
    printf("hello %d %s %d %d\n", archive_version_number(), cJSON_Version(), major, EVP_sha256() != NULL);
    return 0;
}
