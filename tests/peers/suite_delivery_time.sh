#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: of this project's suite delivery-time, repro's trace has what strace sees.
. "$(dirname "$0")/lib.sh"
requires cc
cp -r "$SOURCE_DIR/suites/delivery-time/." .
beside_strace_everywhere 'sh train.sh'
