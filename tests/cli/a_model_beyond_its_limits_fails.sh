#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: a model that is slow, stalls, refuses, dies, leaks, or takes a square of the rows fails the limit that says so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../fixtures/limits/lib.sh"
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"

served_suite slow "$STREAM" '"predict": {"rate": 10, "seconds": "600ms", "p50": "5ms", "p99": "10s", "highest_rate": 200}'
limits 1
came predict.p50 fail
came predict.p99 pass
came predict.highest_rate fail
says "of at least 200/s"
says "the limit of p99"
says "repro verify served --only limits"

# One question in a hundred stalls it for 0.3 s, in which thirty more are due: whoever waits for each answer before the
# next question finds one in a hundred late.
served_suite stalls "$STREAM" '"predict": {"rate": 200, "seconds": "2s", "p99": "10ms"}'
limits 1
came predict.p99 fail

served_suite refuses "$STREAM" '"predict": {"rate": 200, "seconds": "500ms", "p99": "10s"}'
limits 1
came predict.p99 fail
says "not today"

served_suite dies "$STREAM" '"predict": {"rate": 200, "seconds": "3s", "p99": "10s"}'
limits 1
came predict.p99 fail
says "the model ended when it was asked at 200/s"

# A limit that cannot be kept stands beside it, for machines that do not tell the memory of a process.
served_suite leaks "$STREAM" '"predict": {"memory": "60MiB", "after": 1000, "cold_start": "1ms"}'
limits 1
came_or_untold predict.memory fail
came predict.cold_start fail

served_suite quadratic "$BATCH" '"predict": {"growth": 1.2}'
limits 1
came predict.growth fail
/usr/bin/python3 - <<'PYTHON'
import json, re
reason = [c["reason"] for c in json.load(open("result.json"))["checks"] if c["name"] == "predict.growth"][0]
exponent = float(re.match(r"exponent ([0-9.]+)", reason).group(1))
assert 1.4 < exponent < 2.6, reason
PYTHON

served_suite none "$STREAM" '"predict": {"rate": 500, "seconds": "1s"},
  "price": {"cpu_hour": 1e12, "training": 0.0001, "million_predictions": 1}'
limits 1
came price.training fail
came_or_untold price.million_predictions fail
