#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the JUnit report is valid against the schema and reads back with the right counts.
. "$(dirname "$0")/lib.sh"
requires xmllint
sums_suite
expect 0 "$REPRO" record
edit factor.json 's/1.5/1.6/'
expect 1 "$REPRO" verify --junit junit.xml
xmllint --noout --schema "$SOURCE_DIR/harness/report/junit.xsd" junit.xml 2>"$ERR" || fail "not valid"
/usr/bin/python3 -c 'import junitparser' 2>/dev/null || skip "python3-junitparser is not installed"
/usr/bin/python3 - <<'EOF'
import junitparser
xml = junitparser.JUnitXml.fromfile("junit.xml")
suites = list(xml)
assert [s.name for s in suites] == ["sums"], [s.name for s in suites]
cases = list(suites[0])
failed = [c for c in cases if any(isinstance(r, junitparser.Failure) for r in c.result)]
assert len(cases) == suites[0].tests and len(failed) == suites[0].failures > 0
assert any(c.name == "settings" for c in failed), [c.name for c in failed]
assert all(r.message for c in failed for r in c.result)
EOF
