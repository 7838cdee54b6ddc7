#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a shell pipeline, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
printf 'b 2\na 1\nb 3\n' >words.txt
beside_strace_everywhere 'cut -d" " -f1 words.txt | sort | uniq -c >model; ls; mv model counts; cat missing || true'
