#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a quick model keeps generous limits, each limit is one check with its value, and the picture of latency is there.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../fixtures/limits/lib.sh"
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"
served_suite none "$STREAM, $BATCH" '"train": {"cpu": "1m"},
  "predict": {"rate": 200, "seconds": "300ms", "p50": "2s", "p99": "10s", "p99.9": "20s", "highest_rate": 100,
              "cold_start": "1m", "memory": "1GiB", "after": 500, "rows_per_second": 1, "growth": 3},
  "price": {"currency": "EUR", "cpu_hour": 0.1, "gb_hour": 0.01, "training": 5, "million_predictions": 10000}'
limits 0
for name in train.cpu price.training predict.cold_start predict.p50 predict.p99 predict.p99.9 predict.highest_rate \
    predict.rows_per_second; do
    came "$name" pass
done
came_or_untold predict.memory pass
came_or_untold price.million_predictions pass
# Where starting Python takes longer than all the rows, nothing can be said.
case $(verdict predict.growth) in pass | skip) ;; *) fail "predict.growth: $(verdict predict.growth)" ;; esac
holds result.json "questions at 200/s by stream"
holds result.json "█ p50"
holds result.json "EUR for one training"

# Only what is declared is checked.
served_suite none "$STREAM" '"predict": {"seconds": "100ms", "p99": "10s"}'
limits 0
came predict.p99 pass
came predict.p50 "0 checks"
came predict.memory "0 checks"
holds result.json "questions at 100/s by stream"

# What cannot be asked is passed over with the reason.
served_suite none "$BATCH" '"predict": {"p99": "1s", "cold_start": "1m", "rows_per_second": 1}'
limits 0
came predict.p99 skip
came predict.cold_start skip
came predict.rows_per_second pass
says "no process stays alive"
served_suite none "$STREAM" '"predict": {"growth": 1.1}'
limits 0
came predict.growth skip
says "declares no \"batch\""
