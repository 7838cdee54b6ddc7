#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of `make` in a tree of C, with folders, links, a library and two jobs at once, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires make cc ar
mkdir -p include src lib
echo 'int half(int);' >include/half.h
ln -s half.h include/alias.h
printf '#include "alias.h"\nint half(int x) { return x / 2; }\n' >lib/half.c
printf '#include "half.h"\n#include <stdio.h>\nint main(void) { printf("%%d\\n", half(4)); }\n' >src/main.c
cat >Makefile <<'END'
CFLAGS = -Iinclude
program: out/main.o out/libhalf.a
	cc -o $@ $^
out/libhalf.a: out/half.o
	ar rcs $@ $^
out/main.o: src/main.c include/half.h | out
	cc $(CFLAGS) -c -o $@ $<
out/half.o: lib/half.c include/alias.h | out
	cc $(CFLAGS) -c -o $@ $<
out:
	mkdir $@
END
beside_strace_everywhere 'make -j2 && ./program >result && make -n && rm -r out && cd src && make -C .. program'
