#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the story that README.md tells of delivery-time: roads change, prices jump, orders grow; the alarm rings, the
# model goes back to the last trusted one, and where no model is to be trusted, simple rules answer.
. "$(dirname "$0")/lib.sh"
requires cc git

mkdir suites
cp -r "$SOURCE_DIR/suites/delivery-time" suites/
rm -rf suites/delivery-time/out
git_project
commit "delivery-time"
expect 0 "$REPRO" record delivery-time
commit "golden"
edit suites/delivery-time/params.json 's/"rounds": 300/"rounds": 150/'
expect 0 "$REPRO" record delivery-time --reason "half the rounds are enough"
commit "another golden"

orders=suites/delivery-time/orders.csv
{ head -n 1 $orders; awk 'NR > 1 && NR % 4 == 0' $orders; } >last-week.csv
expect 0 "$REPRO" drift delivery-time last-week.csv

# A bridge is closed, so that ways are longer and roads are full; everybody orders more at once; drones deliver.
awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.1f", $1 * 1.3); if ($2 != "") $2 += $2 > 8.5 ? 10 - $2 : 1.5
                           if ($5 != "") $5 += NR % 2; if (NR % 10 == 0) $6 = "drone" } 1' last-week.csv >this-week.csv
expect 1 "$REPRO" drift delivery-time this-week.csv
for moved in 'distance_km: spread' 'traffic: spread' 'items: spread' 'vehicle: unseen' 'advice  pause'; do
    says "$moved"
done

expect 0 "$REPRO" rollback delivery-time --drill
before=$("$REPRO" log delivery-time | sed -nE 's/.*golden ([0-9a-f]{12}), kept.*/\1/p' | head -n 1)
expect 0 "$REPRO" rollback delivery-time --reason "the bridge is closed" --into live
"$REPRO" log delivery-time | head -n 3 >"$OUT"
says "$before"
says 'the bridge is closed'
[ -s live/suites/delivery-time/out/model.safetensors ] || fail "the service has no model"

# What the rules say needs no model at all.
(cd suites/delivery-time && rm -rf out && sh predict.sh --build && sh predict.sh --rules ../../this-week.csv ../../times.csv)
[ "$(wc -l <times.csv)" = "$(wc -l <this-week.csv)" ] || fail "the rules do not answer every order"
