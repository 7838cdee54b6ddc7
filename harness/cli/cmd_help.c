// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/output.h"

int cmd_help(const struct cli_args *args)
{
    CLEANUP(buf) struct buf text = {0};
    const char *topic = args->rest.count > 0 ? args->rest.items[0] : NULL;
    const struct cli_command *command = topic ? cli_find_command(topic) : NULL;
    if (!topic || command) {
        help_print(stdout, command);
        return 0;
    }
    if (str_equal(topic, "man")) {
        help_manual(&text);
        return output_text(&text);
    }
    if (help_completion(&text, topic) == 0)
        return output_text(&text);
    CLEANUP(error) struct error err = {0};
    error_set(&err, ERROR_USAGE, "no help on '%s'; see: repro --help", topic);
    return output_fault(&err);
}
