// SPDX-License-Identifier: Apache-2.0
//
// bench_result COUNT: a result of so many checks as JSON on stdout; one in ten fails.
#include "core/result.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    CLEANUP(result) struct result *result = result_new("repro verify");
    for (long i = 0; i < count; i++) {
        CLEANUP(free) char *name = str_printf("tensor.%ld.weight", i);
        bool fails = i % 10 == 0;
        struct check *check = result_add(result, "bench", STAGE_ARTIFACTS, name, fails ? VERDICT_FAIL : VERDICT_PASS);
        check_reason(check, "%ld of 65,536 elements differ; max 3 ULP at [17,402]", i);
        if (fails)
            check->repeat = str_dup("repro verify bench --only artifacts");
    }
    CLEANUP(buf) struct buf text = {0};
    result_write(&text, result);
    return fwrite(text.data, 1, text.len, stdout) == text.len ? 0 : 1;
}
