// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// What counts as a wider gate: every part of suite.json that may be loosened, and that becoming stricter is nothing.
#include "engine/loosened.h"

#include "unit.h"

static struct suite *parse(const char *rest)
{
    struct suite *suite = NULL;
    struct error err = {0};
    CLEANUP(free)
    char *text =
        str_printf("{\"suite\": \"s\", \"train\": {\"command\": [\"true\"]%s}", *rest ? rest : ", \"env\": {}");
    ck_ok(suite_parse(&suite, "s", "suites/s/suite.json", text, strlen(text), &err), &err);
    return suite;
}

// The findings between two documents, in one line each, joined with "; ". `rest` follows the command: "}, …".
static char *between(const char *before_rest, const char *now_rest)
{
    CLEANUP(suite) struct suite *before = parse(before_rest);
    CLEANUP(suite) struct suite *now = parse(now_rest);
    CLEANUP(strings) struct strings found = {0};
    loosened(&found, before, now);
    return strings_join(&found, "; ");
}

static const struct {
    const char *before, *now;
    const char *found; // from `before` to `now`
    const char *back;  // from `now` to `before`; NULL: nothing
} changes[] = {
    // tolerances
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 0.01}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 0.5}}}",
     "absolute tolerance of 'loss': 0.01 → 0.5", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"rel\": 1e-6}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"rel\": 0.5}}}",
     "relative tolerance of 'loss': 1e-6 → 0.5", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"]}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 2}}}",
     "absolute tolerance of 'loss': 0 → 2", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"a\": {}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"a\": {\"better\": \"lower\"}}}",
     "'a' may now become lower without failing", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"a\": {\"better\": \"lower\"}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"a\": {\"better\": \"higher\"}}}",
     "'a' may now become higher without failing", "'a' may now become lower without failing"},
    // a strict rule that is taken away leaves its name to a wider one
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 0.1}, \"*\": {\"abs\": 3}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"*\": {\"abs\": 3}}}",
     "absolute tolerance of 'loss': 0.1 → 3", NULL},
    // and so does a wider rule that is put in front of it
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 0.1}, \"*\": {\"abs\": 3}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"*\": {\"abs\": 3}, \"loss\": {\"abs\": 0.1}}}",
     "absolute tolerance of 'loss': 0.1 → 3", NULL},
    // a new pattern is measured against the rule that its name fell under
    {"}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"*\": {\"abs\": 3}}}",
     "}, \"metrics\": {\"from\": [\"m.json\"], \"tolerance\": {\"loss\": {\"abs\": 2}, \"*\": {\"abs\": 3}}}", "",
     "absolute tolerance of 'loss': 2 → 3"},
    // metrics and series
    {"}, \"metrics\": {\"from\": [\"a.json\", \"b.json\"]}", "}, \"metrics\": {\"from\": [\"b.json\"]}",
     "metrics of 'a.json' are no longer read", NULL},
    {"}, \"metrics\": {\"series\": {\"h.csv\": {}}}", "}", "series 'h.csv' is no longer compared", NULL},
    {"}, \"metrics\": {\"series\": {\"h.csv\": {\"rel\": 0.1}}}",
     "}, \"metrics\": {\"series\": {\"h.csv\": {\"rel\": 0.2}}}", "relative tolerance of 'h.csv': 0.1 → 0.2", NULL},
    {"}, \"metrics\": {\"series\": {\"h.csv\": {\"abs\": 1}}}",
     "}, \"metrics\": {\"series\": {\"h.csv\": {\"abs\": 2}}}", "absolute tolerance of 'h.csv': 1 → 2", NULL},
    // artifacts
    {"}, \"artifacts\": {\"m\": {}, \"n\": {}}", "}, \"artifacts\": {\"n\": {}}", "artifact 'm' is no longer compared",
     NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {\"m\": {}}",
     "}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {}", "artifact 'm' is no longer compared", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {\"m\": {}}",
     "}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {\"m\": {\"compare\": \"none\"}}",
     "artifact 'm' is no longer compared", NULL},
    {"}, \"artifacts\": {\"m\": {}}", "}, \"artifacts\": {\"m\": {\"compare\": \"tensors\"}}",
     "artifact 'm' is compared less strictly", NULL},
    {"}, \"artifacts\": {\"m\": {\"compare\": \"tensors\"}}",
     "}, \"artifacts\": {\"m\": {\"compare\": \"tensors\", \"max_ulp\": 4}}", "ULPs allowed in 'm': 0 → 4", NULL},
    {"}, \"artifacts\": {\"m\": {\"compare\": \"close\", \"abs\": 1, \"rel\": 2}}",
     "}, \"artifacts\": {\"m\": {\"compare\": \"close\", \"abs\": 3, \"rel\": 4}}",
     "absolute tolerance of 'm': 1 → 3; relative tolerance of 'm': 2 → 4", NULL},
    // a tensor's own rule, measured against the one that its name fell under
    {"}, \"artifacts\": {\"m\": {\"compare\": \"tensors\", \"max_ulp\": 2}}",
     "}, \"artifacts\": {\"m\": {\"compare\": \"tensors\", \"max_ulp\": 2, \"tensors\": {\"b\": {\"max_ulp\": 8}}}}",
     "ULPs allowed in 'm: b': 2 → 8", NULL},
    {"}, \"artifacts\": {\"m\": {\"compare\": \"tensors\", \"tensors\": {\"b\": {}}}}",
     "}, \"artifacts\": {\"m\": {\"compare\": \"tensors\", \"tensors\": {\"b\": {\"compare\": \"close\"}}}}",
     "'m: b' need only be close now", NULL},
    // a file that a glob takes over is still compared; one that a new rule in front takes out is not
    {"}, \"artifacts\": {\"m.bin\": {}}", "}, \"artifacts\": {\"*.bin\": {}}", "",
     "artifact '*.bin' is no longer compared"},
    {"}, \"artifacts\": {\"*.bin\": {}}", "}, \"artifacts\": {\"m.bin\": {\"compare\": \"none\"}, \"*.bin\": {}}",
     "artifact 'm.bin' is no longer compared", NULL},
    {"}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {\"m.bin\": {}}",
     "}, \"metrics\": {\"from\": [\"m.json\"]}, \"artifacts\": {\"*\": {\"compare\": \"none\"}, \"m.bin\": {}}",
     "artifact 'm.bin' is no longer compared", NULL},
    // undeclared artifacts are all compared, byte for byte
    {"}", "}, \"artifacts\": {\"m\": {}}",
     "only declared artifacts are compared now; before, every file that the run wrote was", NULL},
    {"}", "}, \"artifacts\": {\"m\": {\"compare\": \"tensors\"}}",
     "only declared artifacts are compared now; before, every file that the run wrote was; artifact 'm' is compared "
     "less strictly",
     NULL},
    // limits: none is the loosest
    {"}, \"limits\": {\"train\": {\"wall\": \"5s\"}}", "}, \"limits\": {\"train\": {\"wall\": \"9s\"}}",
     "limit 'train.wall': 5 → 9", NULL},
    {"}, \"limits\": {\"train\": {\"wall\": \"5s\"}}", "}", "limit 'train.wall' is gone", NULL},
    {"}, \"limits\": {\"train\": {\"memory\": \"1KiB\"}}", "}, \"limits\": {\"train\": {\"memory\": \"2KiB\"}}",
     "limit 'train.memory': 1024 → 2048", NULL},
    {"}, \"limits\": {\"artifact\": \"1KiB\"}", "}", "limit 'artifact' is gone", NULL},
    {"}, \"limits\": {\"artifact\": 10}", "}, \"limits\": {\"artifact\": 11}", "limit 'artifact': 10 → 11", NULL},
    // surroundings
    {"}, \"environment\": \"fail\"", "}, \"environment\": \"warn\"", "another environment is only a warning now", NULL},
    {", \"network\": false}", ", \"network\": true}", "training may use the network now", NULL},
    {", \"pass_env\": [\"A\"]}", ", \"pass_env\": [\"A\", \"B\"]}", "training sees the caller's 'B' now", NULL},
    {"}, \"class\": \"any\"", "}", "bytes are compared within one numerical class only now; before, on every machine",
     NULL},
    // what is no part of the gate
    {"}, \"class_packages\": [\"torch\"]", "}, \"model\": {\"batch\": [\"p\", \"{input}\", \"{output}\"]}", "", NULL},
    {", \"timeout\": \"1m\"}", ", \"timeout\": \"9m\"}", "", NULL},
};

START_TEST(every_change_is_told_in_the_direction_that_loosens)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        CLEANUP(free) char *found = between(changes[i].before, changes[i].now);
        CLEANUP(free) char *back = between(changes[i].now, changes[i].before);
        ck_assert_msg(str_equal(found, changes[i].found), "%s ⇒ %s: '%s'", changes[i].before, changes[i].now, found);
        ck_assert_msg(str_equal(back, changes[i].back ? changes[i].back : ""), "back, %s ⇐ %s: '%s'", changes[i].before,
                      changes[i].now, back);
    }
}
END_TEST

START_TEST(the_same_document_is_never_loosened)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        CLEANUP(free) char *found = between(changes[i].now, changes[i].now);
        ck_assert_str_eq(found, "");
    }
}
END_TEST

UNIT_MAIN("loosened", every_change_is_told_in_the_direction_that_loosens, the_same_document_is_never_loosened)
