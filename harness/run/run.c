// SPDX-License-Identifier: Apache-2.0
#include "run/run.h"

#include "run/environ.h"
#include "run/run_place.h"
#include "run/run_trace.h"

#include "base/buf.h"
#include "base/fs.h"

#include <string.h>

// What one attempt is made with.
struct attempt {
    const struct run_options *options;
    enum isolation isolation;
    enum workspace_kind workspace;
    enum trace_level trace; // never AUTO
    bool network;           // the host's network stays
    const char
        *layer; // of a service: where it writes instead (folders `upper`, `work` and `beneath`); NULL: the run itself
};

static const char not_protected[] = "the run can reach the network, HOME and every file of this user";

static enum isolation best_isolation(const struct sandbox_ability *ability, bool network)
{
    if (ability->namespaces)
        return ISOLATION_FULL;
    return sandbox_can_confine(ability, network) ? ISOLATION_PARTIAL : ISOLATION_NONE;
}

// What the level that was chosen does not protect, and why it is not a better one.
static char *describe_gaps(const struct attempt *attempt, const char *why)
{
    const struct run_options *options = attempt->options;
    const struct sandbox_ability *ability = options->ability;
    bool wanted = options->isolation != ISOLATION_AUTO; // then nobody asks why
    if (attempt->isolation == ISOLATION_NONE)
        return wanted ? str_printf("not isolated, as asked for: %s", not_protected)
                      : str_printf("not isolated: %s: %s", not_protected, why);
    if (attempt->isolation == ISOLATION_PARTIAL) {
        CLEANUP(free) char *gaps = sandbox_gaps(ability, attempt->network);
        return wanted ? str_dup(gaps) : str_printf("%s: %s", gaps, why);
    }
    if (attempt->network && !options->suite->train.network)
        return str_printf("the network is not cut off: %s", why);
    return ability->read_only ? NULL : str_printf("files outside the workspace can be changed: %s", why);
}

// Decides on the level, and says what is lost.
static int choose_isolation(struct attempt *attempt, struct run *run, struct error *err)
{
    static const struct sandbox_ability unknown = {.why_not = NULL};
    const struct run_options *options = attempt->options;
    const struct sandbox_ability *ability = options->ability ? options->ability : &unknown;
    const char *why = ability->why_not ? ability->why_not : "it was not found out what this machine can do";
    bool network = options->suite->train.network, cut_off = ability->namespaces && ability->network;
    if (options->isolation == ISOLATION_FULL && !(cut_off || (ability->namespaces && network)))
        return error_set(err, ERROR_MACHINE, PROCESS_NOT_ISOLATED "%s", why);
    if (options->isolation == ISOLATION_PARTIAL && !sandbox_can_confine(ability, network))
        return error_set(err, ERROR_MACHINE, PROCESS_NOT_ISOLATED "%s",
                         network ? "this kernel has no Landlock (from Linux 5.19 on, when it is among its `lsm`)"
                                 : "this machine has neither Landlock nor seccomp filters");
    attempt->isolation = options->isolation == ISOLATION_AUTO ? best_isolation(ability, network) : options->isolation;
    attempt->network = network || (attempt->isolation == ISOLATION_FULL && !cut_off);
    run->isolation = attempt->isolation;
    run->network = attempt->network;
    run->isolation_note = describe_gaps(attempt, why);
    run->loopback = attempt->isolation != ISOLATION_PARTIAL || attempt->network || !ability->sockets;
    return 0;
}

static int open_workspace(struct attempt *attempt, struct run *run, struct error *err)
{
    const struct run_options *options = attempt->options;
    bool sandboxed = attempt->isolation == ISOLATION_FULL;
    if (attempt->workspace == WORKSPACE_OVERLAY && !sandboxed)
        return error_set(err, ERROR_MACHINE, "cannot make an overlay workspace: it needs isolation 'full'");
    struct workspace_options wanted = {.source = options->source ? options->source : options->root,
                                       .folder = options->folder,
                                       .kind = attempt->workspace,
                                       .overlay = sandboxed && options->ability->overlay};
    return workspace_open(&run->workspace, &wanted, err);
}

// Host paths that the run needs even where what is around them is hidden.
static void add_needs(struct strings *out, const struct attempt *attempt, const struct pairs *env)
{
    const struct suite *suite = attempt->options->suite;
    environ_needs(out, env, &suite->train.command, environ_get(attempt->options->caller_environ, "HOME"));
    for (size_t i = 0; i < suite->inputs.external.count; i++)
        strings_add(out, suite->inputs.external.items[i].value);
    struct error ignored = {0};
    char *resolver = NULL; // with the host's network, names are looked up where /run may say
    if (attempt->network && fs_realpath(&resolver, "/etc/resolv.conf", &ignored) == 0)
        strings_take(out, resolver);
    error_free(&ignored);
}

// A check-out keeps its token in .git/config: of a project below the top of its repository, that is further up. In a
// linked work tree `.git` is a file that names the real one.
static void hide_git(struct strings *hide, const char *root)
{
    for (char *folder = str_dup(root), *parent; folder; folder = parent) {
        CLEANUP(free) char *git = fs_join(folder, ".git");
        CLEANUP(buf) struct buf text = {0};
        struct error ignored = {0};
        if (fs_is_folder(git)) {
            strings_add(hide, git);
        } else if (fs_read(&text, git, 4096, &ignored) == 0 && str_starts(buf_text(&text), "gitdir: /")) {
            const char *named = buf_text(&text) + strlen("gitdir: "), *end = strstr(named, "/.git/");
            strings_take(hide, str_ndup(named, end ? (size_t)(end - named) + strlen("/.git") : strcspn(named, "\n")));
        }
        error_free(&ignored);
        parent = str_equal(folder, "/") || str_equal(folder, ".") ? NULL : fs_dirname(folder);
        free(folder);
    }
}

static int open_sandbox(struct sandbox **out, const struct attempt *attempt, struct run *run, const struct pairs *env,
                        struct error *err)
{
    const struct run_options *options = attempt->options;
    CLEANUP(strings) struct strings hide = {0};
    const char *private[] = {environ_get(options->caller_environ, "HOME"), "/run",
                             environ_get(options->caller_environ, "RUNNER_TEMP")};
    for (size_t i = 0; i < ARRAY_LEN(private); i++)
        if (private[i])
            strings_add(&hide, private[i]);
    hide_git(&hide, options->root);
    strings_free(&run->installations);
    add_needs(&run->installations, attempt, env);
    const struct workspace *workspace = run->workspace;
    bool layered = attempt->layer && workspace_lower(workspace);
    CLEANUP(free) char *upper = layered ? fs_join(attempt->layer, "upper") : str_dup(workspace_upper(workspace));
    CLEANUP(free) char *beneath = layered ? fs_join(attempt->layer, "beneath") : NULL;
    CLEANUP(free) char *work = layered ? fs_join(attempt->layer, "work") : str_dup(workspace_work(workspace));
    struct sandbox_options wanted = {.isolation = attempt->isolation,
                                     .network = attempt->network,
                                     .ability = options->ability,
                                     .lower = workspace_lower(workspace),
                                     .trained = layered ? workspace_upper(workspace) : NULL,
                                     .trained_work = beneath,
                                     .upper = upper,
                                     .work = work,
                                     .folder = workspace_copy(workspace),
                                     .home = workspace_home(workspace),
                                     .tmp = workspace_tmp(workspace),
                                     .hide = &hide,
                                     .read_only = &run->installations,
                                     .also = options->root};
    return sandbox_new(out, &wanted, err);
}

static int start(const struct attempt *attempt, struct run *run, const struct sandbox *sandbox, const struct pairs *env,
                 struct error *err)
{
    const struct run_options *options = attempt->options;
    const struct suite *suite = options->suite;
    CLEANUP(trace) struct trace *trace = NULL;
    if (attempt->trace != TRACE_OFF && trace_new(&trace, attempt->trace, err) != 0)
        return -1;
    run_trace_place(run, options, sandbox_seen_work(sandbox));
    CLEANUP(free) char *directory = fs_join(sandbox_seen_work(sandbox), suite->train.directory);
    struct process_options wanted = {.argv = &suite->train.command,
                                     .env = env,
                                     .directory = directory,
                                     .timeout = options->timeout > 0 ? options->timeout : suite->train.timeout,
                                     .stop_fd = options->stop_fd,
                                     .stdout_path = run->stdout_path,
                                     .stderr_path = run->stderr_path,
                                     .echo_fd = options->echo_fd,
                                     .sandbox = sandbox,
                                     .trace = trace};
    int failed = process_run(&run->process, &wanted, err);
    return failed || !trace ? failed : run_trace_close(run, trace, options, err);
}

static int make_environment(struct pairs *env, const struct attempt *attempt, const struct run *run, struct error *err)
{
    bool sandboxed = attempt->isolation == ISOLATION_FULL;
    const char *home = sandboxed ? SANDBOX_HOME : workspace_home(run->workspace);
    const char *tmp = sandboxed ? SANDBOX_TMP : workspace_tmp(run->workspace);
    return environ_build(env, attempt->options->suite, attempt->options->caller_environ, home, tmp, err);
}

int run_place(struct sandbox **out, struct pairs *env, struct run *run, const struct run_options *options,
              const char *layer, struct error *err)
{
    struct attempt attempt = {.options = options, .isolation = run->isolation, .network = run->network, .layer = layer};
    return make_environment(env, &attempt, run, err) != 0 ? -1 : open_sandbox(out, &attempt, run, env, err);
}

static int try_run(struct attempt *attempt, struct run *run, struct error *err)
{
    if (open_workspace(attempt, run, err) != 0)
        return -1;
    CLEANUP(pairs) struct pairs env = {0};
    if (make_environment(&env, attempt, run, err) != 0)
        return -1;
    struct sandbox *sandbox = NULL;
    int failed = open_sandbox(&sandbox, attempt, run, &env, err) != 0 || start(attempt, run, sandbox, &env, err) != 0;
    sandbox_free(sandbox);
    return failed ? -1 : 0;
}

// An overlay may be refused over this very folder (another overlay, FUSE) though one could be made elsewhere.
static bool is_overlay_refused(const struct attempt *attempt, const struct run *run, const struct error *err)
{
    return attempt->workspace == WORKSPACE_AUTO && run->workspace && err->message &&
           workspace_kind(run->workspace) == WORKSPACE_OVERLAY &&
           str_starts(err->message, PROCESS_NOT_ISOLATED "mount overlay");
}

// It worked when it was tried, but not with all that a run has besides.
static bool is_trace_refused(const struct attempt *attempt, const struct error *err)
{
    return attempt->options->trace == TRACE_AUTO && attempt->trace != TRACE_OFF && err->message &&
           str_starts(err->message, TRACE_REFUSED);
}

static int run_in(struct run *run, const struct run_options *options, struct error *err)
{
    struct attempt attempt = {.options = options, .workspace = options->workspace};
    if (choose_isolation(&attempt, run, err) != 0 || run_trace_choose(&attempt.trace, run, options, err) != 0)
        return -1;
    int failed = try_run(&attempt, run, err);
    if (failed && is_overlay_refused(&attempt, run, err)) {
        error_free(err);
        workspace_free(steal(&run->workspace));
        attempt.workspace = WORKSPACE_COPY;
        failed = try_run(&attempt, run, err);
    }
    if (failed && is_trace_refused(&attempt, err)) {
        run->trace_note = str_printf("not traced: %s", err->message + strlen(TRACE_REFUSED));
        error_free(err);
        workspace_free(steal(&run->workspace));
        attempt.trace = TRACE_OFF;
        failed = try_run(&attempt, run, err);
    }
    return failed ? -1 : workspace_written(&run->written, &run->removed, run->workspace, err);
}

int run_suite(struct run **out, const struct run_options *options, struct error *err)
{
    CLEANUP(run) struct run *run = mem_alloc(sizeof *run);
    run->stdout_path = fs_join(options->folder, "stdout.log");
    run->stderr_path = fs_join(options->folder, "stderr.log");
    if (fs_mkdirs(options->folder, err) != 0 || run_in(run, options, err) != 0)
        return -1;
    *out = steal(&run);
    return 0;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    process_result_free(&run->process);
    workspace_free(run->workspace);
    file_list_free(&run->written);
    strings_free(&run->removed);
    strings_free(&run->installations);
    free(run->isolation_note);
    trace_log_free(&run->trace);
    free(run->trace_note);
    strings_free(&run->seen_work);
    free(run->stdout_path);
    free(run->stderr_path);
    free(run);
}
