// SPDX-License-Identifier: Apache-2.0
#include "engine/identity.h"

#include "store/digest.h"

#include <string.h>

void identity_add(struct digester *digester, const struct file_list *files)
{
    digester_add(digester, &files->count, sizeof files->count);
    for (size_t i = 0; i < files->count; i++) {
        const struct file_entry *file = &files->items[i];
        const char facts[] = {(char)file->kind, (char)file->executable};
        digester_add(digester, file->path, strlen(file->path) + 1);
        digester_add(digester, facts, sizeof facts);
        digester_add(digester, file->sha256.bytes, sizeof file->sha256.bytes);
    }
}

int identity_inputs(struct digest *out, const struct manifest *manifest, struct error *err)
{
    const struct file_list *lists[] = {&manifest->code, &manifest->data, &manifest->settings, &manifest->external};
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, err) < 0)
        return -1;
    digester_begin(digester);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        identity_add(digester, lists[i]);
    digester_end(digester, out);
    return 0;
}

int identity_document(struct digest *out, const char *root, const char *suite, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(free) char *path = str_printf("%s/suites/%s/suite.json", root, suite);
    if (digester_new(&digester, err) < 0)
        return -1;
    return digest_file(digester, out, NULL, path, err);
}
