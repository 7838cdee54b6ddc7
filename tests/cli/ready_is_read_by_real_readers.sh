#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: the answers for several suites are one JUnit suite "go-live", valid, with one case a question; GitHub gets a
# table, warnings for what bars nothing and errors for what is required.
. "$(dirname "$0")/lib.sh"
requires xmllint
git_project
sums_suite
mkdir suites/add
sed 's/"suite": "sums"/"suite": "add"/' suites/sums/suite.json >suites/add/suite.json
commit
expect 0 "$REPRO" record
expect 0 "$REPRO" verify sums
export GITHUB_STEP_SUMMARY=$WORK/summary.md GITHUB_OUTPUT=$WORK/outputs
expect 1 "$REPRO" ready --require 2 --junit junit.xml --json ready.json --github
says "::warning file=suites/add/suite.json,title=add ready 3 messy input::"
says "::error title=add ready 2 same result::not known: it was never measured here%0Arepeat: repro verify add"
holds "$GITHUB_STEP_SUMMARY" "<td>2 same result</td><td>yes</td>"
holds "$GITHUB_STEP_SUMMARY" "<b>required</b>"
holds "$GITHUB_STEP_SUMMARY" "18 questions: "
holds "$GITHUB_OUTPUT" "verdict=fail"
holds "$GITHUB_OUTPUT" "failures=add ready 2 same result"
expect 0 "$REPRO" report junit ready.json
same "$OUT" junit.xml
expect 0 "$REPRO" report terminal ready.json
says "add  9 questions: "
says "sums  9 questions: "
xmllint --noout --schema "$SOURCE_DIR/harness/report/junit.xsd" junit.xml 2>"$ERR" || fail "not valid"
/usr/bin/python3 -c 'import junitparser' 2>/dev/null || skip "python3-junitparser is not installed"
/usr/bin/python3 - <<'PYTHON'
import junitparser
suites = list(junitparser.JUnitXml.fromfile("junit.xml"))
assert [s.name for s in suites] == ["go-live"], [s.name for s in suites]
cases = {(c.classname, c.name): c for c in suites[0]}
assert len(cases) == suites[0].tests == 18, len(cases)
def of(case, kind):
    return [r for r in case.result if isinstance(r, kind)]
yes, bars = cases["go-live.sums", "2 same result"], cases["go-live.add", "2 same result"]
assert not yes.result and "the same model came out 1 time" in yes.system_out, yes.system_out
assert of(bars, junitparser.Failure)[0].message == "not known: it was never measured here"
assert "repeat: repro verify add" in of(bars, junitparser.Failure)[0].text
no, unknown = cases["go-live.add", "3 messy input"], cases["go-live.add", "1 provenance"]
assert of(no, junitparser.Failure)[0].message.startswith("suite.json does not say")
assert of(unknown, junitparser.Skipped)[0].message.startswith("not known: ")
failures = sum(bool(of(c, junitparser.Failure)) for c in cases.values())
skipped = sum(bool(of(c, junitparser.Skipped)) for c in cases.values())
assert (failures, skipped) == (suites[0].failures, suites[0].skipped), (failures, skipped)
PYTHON
