#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: an api is put under load over loopback, before other ways of asking; where there is no loopback, that is said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../fixtures/limits/lib.sh"
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"
declared='"predict": {"rate": 100, "seconds": "300ms", "p99": "10s", "cold_start": "1m", "memory": "1GiB", "after": 300}'
RUN=run_repro
trial() {
    served_suite none "$API" "$declared"
    limits 0 --isolation "$LEVEL"
    if [ "$LEVEL" = partial ]; then
        came predict.p99 skip
        came predict.memory skip
        says "refuses every network socket"
        served_suite none "$STREAM, $API" "$declared"
        limits 0 --isolation "$LEVEL"
        holds result.json "questions at 100/s by stream"
        return
    fi
    came predict.p99 pass
    came predict.cold_start pass
    came_or_untold predict.memory pass
    holds result.json "questions at 100/s by api"
}
each_level trial
