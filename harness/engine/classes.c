// SPDX-License-Identifier: Apache-2.0
#include "engine/classes.h"

#include "base/buf.h"
#include "core/suite.h"
#include "run/class.h"
#include "run/cpu.h"
#include "run/facts.h"
#include "run/knobs.h"
#include "store/golden.h"

static int class_under(char **out, const char *pin, const struct pairs *facts, struct error *err)
{
    // A suite without packages of its own: what is left is the machine.
    static const char document[] = "{\"suite\": \"doctor\", \"train\": {\"command\": [\"true\"]}}";
    CLEANUP(suite) struct suite *suite = NULL;
    if (suite_parse(&suite, "doctor", "doctor", document, sizeof document - 1, err) < 0)
        return -1;
    if (pin)
        strings_add(&suite->train.pins, pin);
    return facts_class(out, suite, facts, err);
}

// The levels of the pin `isa` that give another class than the ones before.
static int describe_pins(char **out, const char *unpinned, const struct pairs *facts, struct error *err)
{
    CLEANUP(strings) struct strings texts = {0}, names = {0};
    strings_add(&names, unpinned);
    for (size_t i = 0; i < knob_count(); i++) {
        const struct knob *knob = knob_at(i);
        for (const char *const *level = knob->levels; str_equal(knob->name, "isa") && *level; level++) {
            CLEANUP(free) char *pin = str_printf("isa:%s", *level);
            CLEANUP(free) char *name = NULL;
            if (class_under(&name, pin, facts, err) < 0)
                return -1;
            if (!strings_has(&names, name))
                strings_printf(&texts, "%s gives %s", pin, name);
            strings_add(&names, name);
        }
    }
    *out = texts.count > 0 ? strings_join(&texts, ", ") : NULL;
    return 0;
}

int classes_of_machine(char **text, char **pinned, const struct pairs *facts, struct error *err)
{
    CLEANUP(free) char *name = NULL;
    *text = *pinned = NULL;
    if (class_under(&name, NULL, facts, err) < 0 || describe_pins(pinned, name, facts, err) < 0)
        return -1;
    CLEANUP(class) struct numerical_class parts = {0};
    class_parse(&parts, name);
    struct buf why = {0};
    buf_printf(&why, "%s (numerical class without pins, before class_packages: the newest instructions are %s", name,
               parts.isa);
    if (*parts.vendor)
        buf_printf(&why, "; '%s' since maths libraries choose kernels by the processor's maker, too", parts.vendor);
    buf_puts(&why, ")");
    *text = buf_take(&why);
    return 0;
}

// The one of `classes` that is nearest. Borrowed.
static const char *nearest_of(const struct strings *classes, const char *name)
{
    const char *nearest = classes->items[0];
    for (size_t i = 1; i < classes->count; i++)
        if (class_distance(classes->items[i], name) < class_distance(nearest, name))
            nearest = classes->items[i];
    return nearest;
}

int classes_of_suite(char **text, bool *fits, char **remedy, const char *root, const char *name, char *const *variables,
                     struct error *err)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(pairs) struct pairs facts = {0};
    CLEANUP(strings) struct strings classes = {0};
    CLEANUP(free) char *mine = NULL;
    *text = *remedy = NULL;
    if (suite_load(&suite, root, name, err) < 0 || facts_collect(&facts, suite, variables, err) < 0 ||
        facts_class(&mine, suite, &facts, err) < 0 || golden_classes(&classes, root, name, err) < 0)
        return -1;
    *fits = classes.count == 0 || strings_has(&classes, mine);
    if (*fits) {
        *text = str_printf("%s, %s", mine, classes.count == 0 ? "no golden yet" : "which has a golden");
        return 0;
    }
    const char *nearest = nearest_of(&classes, mine);
    CLEANUP(free) char *advice = class_advice(nearest, mine);
    *text = str_printf("%s, which has no golden; the nearest is that of %s", mine, nearest);
    *remedy = str_printf("repro record %s adds one; or make them one class: %s", name, advice);
    return 0;
}
