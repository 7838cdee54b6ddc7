// SPDX-License-Identifier: Apache-2.0
#include "engine/doctor.h"

#include "base/fs.h"
#include "base/pool.h"
#include "core/project.h"
#include "core/suite.h"
#include "engine/classes.h"
#include "run/facts.h"
#include "run/knobs.h"
#include "run/sandbox.h"
#include "run/trace.h"
#include "store/repository.h"

#include <stdlib.h>
#include <sys/statvfs.h>

enum { SUITES_AT_MOST = 20 };

static void add(struct findings *out, const char *name, bool good, char *text, const char *remedy)
{
    out->items = mem_grow(out->items, out->count, &out->capacity, sizeof *out->items);
    out->items[out->count++] =
        (struct finding){.name = str_dup(name), .good = good, .text = text, .remedy = good ? NULL : str_dup(remedy)};
}

static int examine_isolation(struct findings *out, const char *probe, struct error *err)
{
    struct sandbox_ability ability = {0};
    if (sandbox_probe(&ability, probe, err) < 0)
        return -1;
    const char *why = ability.why_not ? ability.why_not : "unknown";
    bool confined = sandbox_can_confine(&ability, false);
    CLEANUP(free) char *gaps = sandbox_gaps(&ability, false);
    add(out, "isolation", ability.namespaces,
        ability.namespaces ? str_dup("full: mount, PID, IPC and UTS namespaces of its own")
        : confined         ? str_printf("partial: %s", gaps)
                           : str_dup("none: training can see and change what you can"),
        why);
    add(out, "network", ability.network,
        str_dup(ability.network                          ? "training gets loopback only, unless the suite asks for more"
                : !ability.namespaces && ability.sockets ? "training gets none, not even loopback, unless the suite "
                                                           "asks for it"
                                                         : "training can reach the network"),
        why);
    CLEANUP(free)
    char *files = ability.files > 0 ? str_printf("Landlock %d guards files", ability.files)
                                    : str_dup("nothing guards files (Landlock needs Linux 5.19)");
    add(out, "partial", true,
        str_printf("without namespaces %s, %s", ability.sockets ? "seccomp refuses sockets" : "nothing refuses sockets",
                   files),
        NULL);
    add(out, "workspace", ability.overlay,
        str_dup(ability.overlay ? "overlay: no copy is made, whatever the size of the project"
                                : "copy: the project is copied for every run (reflinked where the file system can)"),
        why);
    sandbox_ability_free(&ability);
    return 0;
}

static int examine_trace(struct findings *out, struct error *err)
{
    struct trace_ability ability = {0};
    if (trace_probe(&ability, err) < 0)
        return -1;
    add(out, "trace", ability.available,
        str_printf("%s", !ability.available    ? "off: which files training opens is not seen"
                         : ability.synchronous ? "every file that training opens is seen, at little cost"
                                               : "every file that training opens is seen (quicker from Linux 6.6 on)"),
        ability.why_not ? ability.why_not : "unknown");
    trace_ability_free(&ability);
    return 0;
}

static int examine_class(struct findings *out, char *const *variables, struct error *err)
{
    CLEANUP(suite) struct suite *suite = mem_alloc(sizeof *suite);
    CLEANUP(pairs) struct pairs facts = {0};
    char *text = NULL, *pinned = NULL;
    if (facts_collect(&facts, suite, variables, err) < 0 || classes_of_machine(&text, &pinned, &facts, err) < 0)
        return -1;
    add(out, "class", true, text, NULL);
    if (pinned)
        add(out, "pinned class", true, pinned, NULL);
    for (size_t i = 0; i < facts.count; i++)
        add(out, facts.items[i].name, true, str_dup(facts.items[i].value), NULL);
    add(out, "cpus", true, str_printf("%zu", pool_cpus()), NULL);
    return 0;
}

// Where the goldens of a project's suites are looked for on this machine.
static int examine_suites(struct findings *out, const char *folder, char *const *variables, struct error *err)
{
    CLEANUP(project) struct project *project = NULL;
    if (project_open(&project, folder, err) < 0)
        return -1;
    for (size_t i = 0; i < project->suites.count && i < SUITES_AT_MOST; i++) {
        CLEANUP(error) struct error unreadable = {0};
        CLEANUP(free) char *name = str_printf("class of %s", project->suites.items[i]);
        CLEANUP(free) char *remedy = NULL;
        char *text = NULL;
        bool fits = false;
        if (classes_of_suite(&text, &fits, &remedy, folder, project->suites.items[i], variables, &unreadable) < 0)
            text = error_text(&unreadable);
        add(out, name, fits, text, remedy);
    }
    if (project->suites.count > SUITES_AT_MOST)
        add(out, "classes", true, str_printf("%zu more suites", project->suites.count - SUITES_AT_MOST), NULL);
    return 0;
}

static int examine_git(struct findings *out, const char *folder, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(git_facts) struct git_facts facts = {0};
    if (repository_open(&repository, folder, err) < 0 || (repository && repository_head(&facts, repository, err) < 0))
        return -1;
    if (!repository) {
        add(out, "git", false, str_dup("not in a repository"),
            "git init: then golden, log and the base branch are kept with the code");
        return 0;
    }
    add(out, "git", !facts.shallow,
        str_printf("%.*s%s%s%s", facts.commit ? 12 : -1, facts.commit ? facts.commit : "no commit yet",
                   facts.branch ? " on " : "", facts.branch ? facts.branch : "",
                   facts.shallow ? ", a shallow clone" : ""),
        "the base branch may be missing here; give actions/checkout `fetch-depth: 2` (or 0)");
    return 0;
}

static void examine_disk(struct findings *out, const char *folder)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) < 0)
        return;
    uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    CLEANUP(free) char *text = str_human_size(bytes);
    add(out, "disk", bytes > (uint64_t)256 << 20, str_printf("%s free", text),
        "make room: a run needs space for what it writes");
}

static void examine_knobs(struct findings *out)
{
    CLEANUP(buf) struct buf names = {0};
    for (size_t i = 0; i < knob_count(); i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", knob_at(i)->name);
    add(out, "pins", true, buf_take(&names), NULL);
}

int doctor_examine(struct findings *out, const char *folder, bool project, char *const *variables, struct error *err)
{
    CLEANUP(free) char *probe = NULL;
    add(out, "project", project, str_dup(folder), "no suites here; make one with: repro init NAME -- COMMAND");
    // Outside a project nothing of ours is left behind, not even .repro.
    if (project && project_private(&probe, folder, "probe", err) < 0)
        return -1;
    if (!probe) {
        probe = str_dup("/tmp/repro-doctor-XXXXXX");
        if (!mkdtemp(probe))
            return error_errno(err, "cannot make a folder in '/tmp'");
    } else if (fs_mkdirs(probe, err) < 0) {
        return -1;
    }
    int examined = examine_isolation(out, probe, err);
    if (examined == 0)
        examined = examine_trace(out, err);
    if (examined == 0)
        examined = examine_class(out, variables, err);
    if (examined == 0 && project)
        examined = examine_suites(out, folder, variables, err);
    if (examined == 0)
        examined = examine_git(out, folder, err);
    examine_disk(out, folder);
    examine_knobs(out);
    struct error ignored = {0};
    fs_remove_tree(probe, &ignored);
    error_free(&ignored);
    return examined;
}

void findings_free(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->items[i].name);
        free(findings->items[i].text);
        free(findings->items[i].remedy);
    }
    free(findings->items);
    *findings = (struct findings){0};
}
