// SPDX-License-Identifier: Apache-2.0
//
// The stage `replay`: did training run to its end, on inputs that stood still, and what did it leave?
#include "base/fs.h"
#include "engine/verify.h"

#include <string.h>

static void add_summary(struct verification *v)
{
    const struct process_result *process = &v->replay->run->process;
    struct suite_summary *summary = result_suite(v->result, v->suite->name);
    const char *root = v->session->project->root;
    summary->train_wall = process->wall;
    summary->train_cpu = process->cpu;
    summary->peak_memory = process->peak_memory;
    const char *folder = v->replay->folder;
    free(summary->run_folder);
    summary->run_folder = str_dup(str_starts(folder, root) ? folder + strlen(root) + (root[1] != '\0') : folder);
}

static void check_training(struct verification *v)
{
    const struct run *run = v->replay->run;
    const struct process_result *process = &run->process;
    bool trained = replay_trained(v->replay);
    double timeout = v->session->options.timeout > 0 ? v->session->options.timeout : v->suite->train.timeout;
    struct check *check = verification_check(v, STAGE_REPLAY, "training", trained ? VERDICT_PASS : VERDICT_FAIL);
    CLEANUP(free) char *what = process_describe(process, timeout);
    CLEANUP(free) char *took = str_human_duration(process->wall);
    CLEANUP(free) char *memory = str_human_size(process->peak_memory);
    check->seconds = process->wall;
    if (trained) {
        check_reason(check, "%s, peak %s", took, memory);
    } else {
        const char *tail = process->stderr_tail;
        const char *last = strrchr(tail, '\n');
        last = last && last[1] == '\0' && last > tail ? NULL : last ? last + 1 : tail;
        CLEANUP(free) char *line = last ? str_dup(last) : NULL;
        check_reason(check, "training %s%s%s", what, line && *line ? ": " : "", line ? line : "");
        if (*tail)
            check_detail(check, "last lines of stderr:\n%s\n", tail);
        check->file = str_dup(v->suite->path);
    }
    if (process->leftovers > 0)
        check_note(check, NOTE_WARNING, "%s: training left %d process%s behind%s", v->suite->name, process->leftovers,
                   process->leftovers == 1 ? "" : "es", process->alive ? "" : "; ended");
    if (process->alive)
        check_note(check, NOTE_WARNING,
                   "%s: processes of the run could not be ended and may still be there (without /proc or a PID "
                   "namespace a daemon cannot be found)",
                   v->suite->name);
    if (process->stdout_cut || process->stderr_cut)
        check_note(check, NOTE_NOTICE,
                   "%s: the logs of training were cut in the middle (%llu bytes of stdout, %llu of "
                   "stderr)",
                   v->suite->name, (unsigned long long)process->stdout_bytes,
                   (unsigned long long)process->stderr_bytes);
    if (run->isolation_note)
        check_note(check, NOTE_NOTICE, "isolation %s: %s", isolation_name(run->isolation), run->isolation_note);
}

static void check_inputs_stood_still(struct verification *v)
{
    const struct strings *moved = &v->replay->moved_inputs;
    bool moves = moved->count > 0;
    struct check *check =
        verification_check(v, STAGE_REPLAY, "inputs during training", moves ? VERDICT_FAIL : VERDICT_PASS);
    check_reason(check, moves ? "changed while training ran: %s%s" : "unchanged%s%s", moves ? moved->items[0] : "",
                 moved->count > 1 ? ", …" : "");
    verification_lines(check, moved);
    const struct strings *own = &v->replay->own_inputs;
    if (own->count > 0)
        check_note(
            check, NOTE_WARNING,
            "%s: training changes or removes its own inputs: %s%s (in its workspace: the next run here starts from "
            "the project's again)",
            v->suite->name, own->items[0], own->count > 1 ? ", …" : "");
}

static void note_undeclared(struct verification *v)
{
    const struct strings *undeclared = &v->replay->undeclared;
    if (undeclared->count == 0)
        return;
    struct check *check = verification_check(v, STAGE_REPLAY, "outputs", VERDICT_PASS);
    check_reason(check, "%zu written that suite.json does not declare: %s%s", undeclared->count, undeclared->items[0],
                 undeclared->count > 1 ? ", …" : "");
    check_note(check, NOTE_NOTICE,
               "%s wrote files that suite.json does not declare: %s%s (add them to \"artifacts\"; with "
               "\"compare\": \"none\" they are left alone)",
               v->suite->name, undeclared->items[0], undeclared->count > 1 ? ", …" : "");
    verification_lines(check, undeclared);
}

static void add_properties(struct verification *v)
{
    struct pairs *properties = &v->result->properties;
    const struct run *run = v->replay->run;
    pairs_set(properties, "isolation", isolation_name(run->isolation));
    pairs_set(properties, "trace", run->traced ? "on" : run->trace_note ? run->trace_note : "off");
    pairs_set(properties, "workspace", workspace_kind_name(workspace_kind(run->workspace)));
    CLEANUP(free) char *name = str_printf("class.%s", v->suite->name);
    pairs_set(properties, name, v->replay->manifest->class_name);
}

void stage_replay(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    int ran = replay_train(v->replay, v->session, v->suite, &err);
    if (v->replay->run) {
        add_summary(v);
        add_properties(v);
    }
    if (ran < 0 || !v->replay->run) {
        if (!session_stopped(v->session)) // then it is said once, for the whole suite
            verification_error(v, STAGE_REPLAY, "training", &err);
        return;
    }
    check_training(v);
    if (replay_trained(v->replay)) {
        check_inputs_stood_still(v);
        note_undeclared(v);
    }
}
