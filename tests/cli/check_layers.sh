#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: ci/check-layers names each include that breaks the layers, and nothing else.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
check=$SOURCE_DIR/ci/check-layers

tree() { # PATH LINE...: a source below harness/
    local path=$scratch/harness/$1
    shift
    mkdir -p "$(dirname "$path")"
    printf '%s\n' "$@" >"$path"
}
tree base/err.h '#include <stddef.h>' '#include <sys/stat.h>'
tree base/json.c '#include "base/err.h"' '#include <cjson/cJSON.h>'
tree core/suite.h '#include "base/err.h"'
tree store/bundle.c '#include <archive.h>' '#include <archive_entry.h>'
tree run/trace_linux.c '#include <seccomp.h>' '#include <linux/seccomp.h>'
tree cli/cli.h '#include "core/suite.h"'
tree main.c '#include "cli/cli.h"'
"$check" "$scratch"

tree base/bad.c '#include <stdio.h>' '#include "core/suite.h"'
tree core/bad.c '#include <git2.h>' '#include "suite.h"' '#include "base/none.h"'
tree report/bad.c '#  include  "store/bundle.h"' '// #include "store/bundle.h" is only talked about'
tree engine/bad.c '#include "cli/cli.h"' '#include <lzo/lzo.h>' '#include <seccomp.h>'
tree extra/bad.c 'int x;'
status=0
"$check" "$scratch" >"$scratch/said" || status=$?
[ "$status" = 1 ]
diff - "$scratch/said" <<'EXPECTED'
harness/base/bad.c:2: base may not include core/suite.h
harness/core/bad.c:1: <git2.h> belongs to its wrapper, ^store/repository[a-z_]*\.[ch]$
harness/core/bad.c:2: "suite.h" does not name its folder
harness/core/bad.c:3: there is no harness/base/none.h
harness/engine/bad.c:1: engine may not include cli/cli.h (only base core store run artifact compare serve fuzz drift)
harness/engine/bad.c:2: <lzo/lzo.h> is of a library that no wrapper is named for
harness/engine/bad.c:3: <seccomp.h> belongs to its wrapper, ^run/[a-z_]*_linux\.c$
harness/extra/bad.c:1: the folder harness/extra is not in the table of layers
harness/report/bad.c:1: report may not include store/bundle.h (only base core)
9 includes break the layers
EXPECTED

status=0
"$check" "$scratch/harness/base" 2>/dev/null || status=$?
[ "$status" = 2 ] # a folder without a harness is no success
