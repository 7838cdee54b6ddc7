#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of a torch program whose data come from two worker processes, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
python3 -c 'import torch.utils.data' 2>/dev/null || skip "torch is not installed"
mkdir data
for i in 1 2 3 4 5 6; do echo "$i" >"data/$i.txt"; done
cat >train.py <<'END'
import os
import torch

class Folder(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.names = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    def __len__(self):
        return len(self.names)
    def __getitem__(self, i):
        with open(self.names[i], encoding="utf-8") as text:
            return float(text.read())

if __name__ == "__main__":
    batches = torch.utils.data.DataLoader(Folder("data"), batch_size=2, num_workers=2)
    torch.save(sum(batch.sum() for batch in batches), "model.pt")
END
beside_strace 'python3 train.py'
