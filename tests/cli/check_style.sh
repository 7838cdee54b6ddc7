#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: ci/check-style names each breach of the style with its file and line.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$SOURCE_DIR/.clang-format" "$scratch/"
cd "$scratch"
mkdir -p harness/base ci
license='// SPDX-License-Identifier: Apache-2.0'
statements() { for _ in $(seq "$1"); do echo '    x++;'; done; }

{ printf '%s\nint f(int x)\n{\n' "$license"; statements 56; printf '    return x;\n}\n'; } >harness/base/good.c
"$SOURCE_DIR/ci/check-style" "$scratch" >said || { cat said; exit 1; }

{ printf '%s\nint f(int x)\n{\n' "$license"; statements 58; printf '    return x;\n}\n'; } >harness/base/function.c
{ echo "$license"; for i in $(seq 500); do echo "int v$i;"; done; } >harness/base/long.c
printf 'int a;\nint b;\nint c;\n' >harness/base/license.c
printf '%s\nint a; \n\tint b;\nint c;' "$license" >harness/base/space.c
printf '%s\nconst char *p = "%s%s/x";\n' "$license" /home/ somebody >harness/base/path.c
printf '%s\nconst char *p = "%s/y";\n' "$license" "$scratch" >harness/base/here.c
printf '#!/bin/sh\n:\n:\n' >ci/script
status=0
"$SOURCE_DIR/ci/check-style" "$scratch" >said || status=$?
[ "$status" = 1 ]
while IFS= read -r line; do
    grep -qF -- "$line" said || { echo "not said: $line"; cat said; exit 1; }
done <<'EXPECTED'
harness/base/function.c:2: a function of 62 lines, 60 at most
harness/base/long.c:501: 501 lines, 500 at most
harness/base/license.c:1: no line "SPDX-License-Identifier: Apache-2.0"
harness/base/space.c:2: white space at the end
harness/base/space.c:3: a tab
harness/base/space.c:3: no newline at the end
a path of somebody's machine
a path of this machine
ci/script:1: no line "SPDX-License-Identifier: Apache-2.0"
EXPECTED
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    grep -q '^harness/base/space.c:[0-9]*:.*should be clang-formatted' said
fi
! grep -q 'good\.c' said
