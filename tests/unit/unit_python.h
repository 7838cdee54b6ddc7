// SPDX-License-Identifier: Apache-2.0
//
// Files by their real writers: runs a Python program in the current folder.
#ifndef REPRO_TESTS_UNIT_PYTHON_H
#define REPRO_TESTS_UNIT_PYTHON_H

#include "unit_files.h"

#include <sys/wait.h>

static inline void python(const char *program)
{
    put("program.py", program);
    // The system's Python: the first on PATH may have none of the packages.
    int status = system("PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 program.py >program.log 2>&1");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        struct error err = {0};
        CLEANUP(buf) struct buf log = {0};
        ck_ok(fs_read(&log, "program.log", 0, &err), &err);
        ck_abort_msg("python: %s", buf_text(&log));
    }
    unlink("program.py");
    unlink("program.log");
}

#endif
