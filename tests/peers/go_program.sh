#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a Go program, which has threads of its own kind and no C library, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires go
cat >main.go <<'END'
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
)

func main() {
	var group sync.WaitGroup
	sizes := make([]int, 20)
	for i := range sizes {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			text, _ := os.ReadFile(fmt.Sprintf("data/%d.txt", i))
			sizes[i] = len(text)
			os.WriteFile(fmt.Sprintf("out/%d.txt", i), text, 0644)
		}(i)
	}
	os.MkdirAll("out/deep/er", 0755)
	group.Wait()
	listing, err := exec.Command("ls", "data").Output()
	if err == nil {
		os.WriteFile("model", append(listing, fmt.Sprint(sizes)...), 0644)
	}
	os.RemoveAll("out")
}
END
mkdir data
for i in 0 1 2 3 4 5 6 7 8 9; do seq "$i" 20 >"data/$i.txt"; done
GOCACHE=$WORK/cache GO111MODULE=off CGO_ENABLED=0 go build -o walk main.go || skip "Go cannot build here"
beside_strace_everywhere './walk'
