// SPDX-License-Identifier: Apache-2.0
//
// Rules for columns in drift.columns of suite.json that guard nothing: for a column that there is not, or of something
// that a column of its kind does not have. Whoever wrote them believes to be warned.
#ifndef REPRO_ENGINE_IDLE_RULES_H
#define REPRO_ENGINE_IDLE_RULES_H

struct baseline;
struct check;
struct suite;

// A warning for each.
void idle_rules_tell(struct check *check, const struct suite *suite, const struct baseline *baseline);

#endif
