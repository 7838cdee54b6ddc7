// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int run(struct cli_args *args)
{
    const char *folder = args_value(args, "directory");
    if (folder && chdir(folder) < 0)
        error_set(&args->error, ERROR_USAGE, "cannot work in '%s': %s", folder, strerror(errno));
    if (args_flag(args, "version")) {
        printf("repro %s\n", REPRO_VERSION);
        return 0;
    }
    if (args_flag(args, "help") && (args->command || args->error.kind == ERROR_NONE)) {
        help_print(stdout, args->command);
        return 0;
    }
    if (args->command && args->error.kind == ERROR_NONE)
        return args->command->run(args);
    if (args->error.kind == ERROR_NONE) { // nothing was typed
        help_print(stderr, NULL);
        return 2;
    }
    // A gate that reads the report wants to know about a bad command line, too.
    return args->command ? output_refuse(args) : output_fault(&args->error);
}

// A file opened while stdout is closed would get its number, and then what is printed. Each stream that the caller
// closed is taken by a descriptor that can do nothing, so that using it fails as on a closed one.
static void hold_closed_streams(void)
{
    static const int modes[] = {[STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) < 0)
            return;
    }
}

int cli_main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8"); // numbers stay in the C locale
    struct cli_args args;
    hold_closed_streams();
    stop_install();
    args_parse(&args, argc, argv);
    int status = run(&args);
    args_free(&args);
    if (fflush(stdout) != 0 && status == 0) {
        perror("repro: cannot write to standard output");
        status = 3;
    }
    return stop_signal() ? 128 + stop_signal() : status;
}
