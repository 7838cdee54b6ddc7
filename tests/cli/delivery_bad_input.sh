#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the trainer refuses bad orders and bad settings, and says where and why.
set -euo pipefail
suite=$SOURCE_DIR/suites/delivery-time
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -std=c17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -ffp-contract=off \
    -o "$scratch/train" "$suite"/src/*.c -lm
export ASAN_OPTIONS=detect_leaks=0 # it ends without giving its memory back
cd "$scratch"
mkdir out

refuses() { # WHAT: a message that must be all of stderr
    local status=0
    ./train orders.csv params.json out >stdout 2>stderr || status=$?
    if [ "$status" != 1 ] || [ "$(cat stderr)" != "train: $1" ]; then
        printf 'expected status 1 and "train: %s", got status %s and:\n' "$1" "$status"
        cat stderr
        exit 1
    fi
    fresh
}
fresh() {
    head -200 "$suite/orders.csv" >orders.csv
    sed 's/"rounds": [0-9]*/"rounds": 3/' "$suite/params.json" >params.json
}
setting() { sed -i "s/\"$1\": [^,]*/\"$1\": $2/" params.json; }
cell() { sed -i "$1s/.*/$2/" orders.csv; }

fresh
./train orders.csv params.json out >/dev/null # what is damaged below is good as it stands

setting depth 17;        refuses 'params.json:3: depth: expected a number from 1 to 16'
setting depth 2.5;       refuses 'params.json:3: depth: expected a whole number'
setting depth '"5"';     refuses 'params.json:3: depth: expected a number'
setting depth 05;        refuses 'params.json:3: depth: expected a number'
setting depth 0x5;       refuses "params.json:3: expected '}'"
setting depth NaN;       refuses 'params.json:3: depth: expected a number'
setting l2 -1;           refuses 'params.json:4: l2: expected a number from 0 to 1e+06'
setting bins 300;        refuses 'params.json:2: bins: expected a number from 2 to 254'
setting l2 1e999;        refuses 'params.json:4: l2: expected a number from 0 to 1e+06'
sed -i 's/"l2"/"l3"/' params.json;            refuses "params.json:4: unknown setting 'l3'"
sed -i 's/"l2": 1.0/"bins": 9/' params.json;  refuses 'params.json:4: bins comes twice'
sed -i '/"l2"/d' params.json;                 refuses "'params.json' does not say l2"
echo 'x' >>params.json;                       refuses "params.json:12: something follows the closing '}'"
: >params.json;                               refuses "params.json:1: expected '{'"
rm params.json;                               refuses "cannot open 'params.json': No such file or directory"

cell 3 '1,2,clear,12,3,car';                  refuses 'orders.csv:3: expected 7 cells, found 6'
cell 3 '1,2,clear,12,3,car,9,9';              refuses 'orders.csv:3: expected 7 cells, found 8'
cell 3 '';                                    refuses 'orders.csv:3: expected 7 cells, found 1'
cell 3 '1,2,"clear",12,3,car,9';              refuses 'orders.csv:3: quoted cells are not supported'
cell 3 '1km,2,clear,12,3,car,9';              refuses "orders.csv:3: distance_km: expected a number, found '1km'"
cell 3 '1,nan,clear,12,3,car,9';              refuses "orders.csv:3: traffic: expected a number, found 'nan'"
cell 3 '1,2,clear,1e999,3,car,9';             refuses "orders.csv:3: hour: expected a number, found '1e999'"
cell 3 '1,2,clear,12,3,car,';                 refuses "orders.csv:3: minutes: expected a number, found ''"
cell 1 'distance_km,traffic,weather,hour,items,vehicle,time'; refuses "orders.csv:1: no column 'minutes'"
cell 1 'distance_km,traffic,weather,hour,hour,items,vehicle'; refuses "orders.csv:1: column 'hour' comes twice"
sed -i '2,$s/^[^,]*/x/' orders.csv;           refuses "orders.csv:2: distance_km: expected a number, found 'x'"
sed -i '2,$s/^[^,]*//' orders.csv;            refuses "orders.csv:1: column 'distance_km' has no value at all"
awk -F, -v OFS=, 'NR > 1 { $3 = "kind" NR } 1' orders.csv >many.csv
mv many.csv orders.csv;                       refuses 'orders.csv:66: weather: more than 64 categories'
sed -i '2,$d' orders.csv;                     refuses "'orders.csv' has no rows"
sed -i '3,$d' orders.csv;                     refuses '1 rows are too few to keep 0.2 of them out of training'
: >orders.csv;                                refuses "'orders.csv' has no rows"
printf '1\0' >>orders.csv;                    refuses "'orders.csv' is not text: it contains a NUL byte"

rm -r out;         refuses "cannot write 'out/model.safetensors': No such file or directory"
