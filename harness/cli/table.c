// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"

enum {
    INIT = 1u << 0,
    RECORD = 1u << 1,
    VERIFY = 1u << 2,
    STATUS = 1u << 3,
    LOG = 1u << 4,
    DOCTOR = 1u << 5,
    REPORT = 1u << 6,
    HELP = 1u << 7,
    DIFF = 1u << 8,
    FUZZ = 1u << 9,
    ROLLBACK = 1u << 10,
    READY = 1u << 12,
    RUNS = INIT | RECORD | VERIFY | FUZZ,
    WORKS = RECORD | VERIFY | FUZZ | ROLLBACK,
    RESULTS = WORKS | READY,
    ALL = 0xffff,
};

const struct cli_command cli_commands[] = {
    {"init", "NAME -- COMMAND...", "run a command once and write suites/NAME/suite.json",
     "Runs the command in a workspace of its own, sees which files it reads and writes, and writes a suite.json to\n"
     "read and correct.",
     "repro init churn -- python3 train.py --config params.json", cmd_init, INIT},
    {"record", "[NAME...]", "train, and keep the result as golden",
     "Over an existing golden, shows what moved and keeps the new one only with --reason.",
     "repro record churn\nrepro record churn --reason \"new data of October\"", cmd_record, RECORD},
    {"verify", "[NAME...]", "train again and compare everything with golden",
     "The merge gate. NAME may be a glob; none means all suites. Exit status: 0 all passed, 1 a check failed,\n"
     "2 usage or a bad document, 3 could not run.",
     "repro verify\nrepro verify churn --junit junit.xml\nrepro verify churn --only log --log predictions.jsonl\nrepro "
     "verify 'digits-*' -j 2 --fail-fast",
     cmd_verify, VERIFY},
    {"diff", "A B", "say what moved between two models, tensor by tensor",
     "A and B are files, folders, bundles or manifests, or goldens of this project: "
     "NAME[/CLASS][@REVISION][:ARTIFACT].\n"
     "Exit status: 0 the same (or within the tolerance), 1 different, 2 one of them cannot be read.",
     "repro diff before.safetensors after.safetensors\nrepro diff churn@HEAD~3 churn --all", cmd_diff, DIFF},
    {"fuzz", "[NAME...]", "ask the model with messy, missing and unexpected input",
     "Trains, then asks the model with clean rows that each have one mess made of them, confirms and shrinks what "
     "fails,\n"
     "and keeps it in golden/NAME/corpus. The same seed gives the same report. With --infer, writes a schema instead.",
     "repro fuzz churn --infer data/train.csv --target churned\nrepro fuzz churn --time 60s\n"
     "repro fuzz churn --replay golden/churn/corpus/crash-missing.null-age.json",
     cmd_fuzz, FUZZ},
    {"rollback", "NAME", "go back to a golden from before",
     "The newest that is kept becomes current, and the current one is kept: doing it again goes forward. --to names\n"
     "another one by its first digits (repro log shows them). --into switches the folder that a service loads its\n"
     "model from, in one step.",
     "repro rollback churn --into /srv/churn/model -m \"orders grew\"", cmd_rollback, ROLLBACK},
    {"ready", "[NAME...]", "answer nine questions before a model goes live, with evidence",
     "Nothing is run: the answers are what verify, fuzz, drift and rollback measured of this golden and these inputs.\n"
     "Each is yes, no or not known, with the command that would turn it into a yes.\n"
     "With --require, exit status 1 says that a required answer is not yes; without, the answers bar nothing.",
     "repro ready churn\nrepro ready --require 1,2,3,9 --junit go-live.xml\nrepro ready churn --require all", cmd_ready,
     READY},
    {"status", "[NAME...]", "say what changed since golden, without training", NULL, "repro status", cmd_status,
     STATUS},
    {"log", "[NAME...]", "show the history of goldens and why each was accepted", NULL, "repro log churn -n 5", cmd_log,
     LOG},
    {"doctor", "", "say what this machine can isolate, and what would help", NULL, "repro doctor", cmd_doctor, DOCTOR},
    {"report", "FORMAT RESULT.json", "draw a result that was kept as another report",
     "FORMAT is junit, github, markdown, json or terminal. Results are kept in .repro/runs/*/result.json.",
     "repro report junit .repro/runs/20260102T030405.678Z-abc123/result.json > junit.xml", cmd_report, REPORT},
    {"help", "[COMMAND]", "explain a command",
     "TOPIC man, bash, zsh or fish prints the manual page or a completion script.", "repro help verify", cmd_help,
     HELP},
    {0},
};

const struct cli_option cli_options[] = {
    {"directory", 'C', "FOLDER", NULL, "work as if started in FOLDER", ALL},
    {"reason", 'm', "TEXT", NULL, "why the new result is right; kept in golden and in log", RECORD},
    {"reason", 'm', "TEXT", NULL, "why it goes back; kept in golden and in log", ROLLBACK},
    {"to", 0, "DIGEST", NULL, "go back to this one (4 digits or more; of its bundle or an artifact, too)", ROLLBACK},
    {"into", 0, "FOLDER", NULL, "put its artifacts where a service loads its model (a folder, or a link to one)",
     ROLLBACK},
    {"at", 0, "SOURCE", "worktree|head|golden", "which files to train on (default: worktree)", VERIFY},
    {"only", 0, "STAGE", NULL, "make only the checks of STAGE (may be given again, or as A,B)", VERIFY},
    {"log", 0, "FILE", NULL, "ask again what a log of predictions holds, and compare the answers", VERIFY},
    {"since", 0, "TIME", NULL, "with --log: entries of TIME (ISO 8601) or later", VERIFY},
    {"last", 0, "N", NULL, "with --log: the last N entries", VERIFY},
    {"cases", 0, "N", NULL, "make N cases (default: the suite's own, or 2000)", FUZZ},
    {"time", 0, "TIME", NULL, "stop after TIME (\"60s\"), whatever is left", FUZZ},
    {"seed", 0, "S", NULL, "draw the cases from the seed S (default: the suite's own, or 0)", FUZZ},
    {"only", 0, "WHAT", NULL, "one mutation, family of mutations or oracle", FUZZ},
    {"replay", 0, "FILE", NULL, "ask the case of one corpus file again, and nothing else", FUZZ},
    {"infer", 0, "DATA", NULL, "write a schema of DATA (CSV, JSON lines, MLmodel) into suite.json", FUZZ},
    {"target", 0, "COLUMN", NULL, "with --infer: the column that the model predicts, left out", FUZZ},
    {"fail-fast", 'x', NULL, NULL, "stop at the first check that does not pass", VERIFY},
    {"require", 0, "N[,N...]", NULL, "questions that must be answered with yes, or all (default: the suite's own)",
     READY},
    {"base", 0, "REVISION", NULL, "what changes of goldens and tolerances are measured against", VERIFY},
    {"jobs", 'j', "N", NULL, "work on N suites side by side (default: 1)", WORKS},
    {"timeout", 0, "TIME", NULL, "end training after TIME (\"90s\", \"10m\") instead of the suite's own", RUNS},
    {"isolation", 0, "LEVEL", "auto|full|partial|none", "how to keep training apart from this machine (default: auto)",
     RUNS},
    {"trace", 0, "LEVEL", "auto|off|files|full", "watch what training opens; full sees look-ups, too (default: auto)",
     RUNS},
    {"workspace", 0, "KIND", "auto|overlay|reflink|copy",
     "how to make the folder that training works in (default: auto)", RUNS},
    {"junit", 0, "FILE", NULL, "write a JUnit report to FILE", RESULTS},
    {"json", 0, "FILE", NULL, "write the result to FILE", RESULTS},
    {"json", 0, NULL, NULL, "print the differences as JSON", DIFF},
    {"all", 'a', NULL, NULL, "show every value that moved, not the worst 20", DIFF},
    {"max-ulp", 0, "N", NULL, "allow each number to be N representable steps away", DIFF},
    {"abs", 0, "X", NULL, "allow each number to be X away", DIFF},
    {"rel", 0, "X", NULL, "allow each number to be X times its size away", DIFF},
    {"close", 0, NULL, NULL, "allow what torch.testing.assert_close allows for each type", DIFF},
    {"github", 0, NULL, NULL, "annotations and a step summary for GitHub Actions (default there)", RESULTS},
    {"limit", 'n', "N", NULL, "show at most N entries of each golden (default: 20)", LOG},
    {"verbose", 'v', NULL, NULL, "show the output of training as it comes, and every check", RUNS},
    {"quiet", 'q', NULL, NULL, "show failures and totals only", RESULTS},
    {"color", 0, "WHEN", "auto|always|never", "colour (default: on a terminal, unless NO_COLOR is set)", ALL},
    {"help", 'h', NULL, NULL, "show this help", ALL},
    {"version", 0, NULL, NULL, "show the version", 0},
    {0},
};
