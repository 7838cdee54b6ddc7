// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "engine/doctor.h"

#include <stdio.h>

int cmd_doctor(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(project) struct project *project = NULL;
    struct findings findings = {0};
    struct term term;
    term_init(&term, stdout, setup_color(args));
    if (args->rest.count > 0) {
        error_set(&err, ERROR_USAGE, "doctor takes no arguments, found '%s'", args->rest.items[0]);
        return output_fault(&err);
    }
    int examined = project_open(&project, ".", &err);
    if (examined == 0)
        examined = doctor_examine(&findings, project->root, project->suites.count > 0, environ, &err);
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        printf("%s%s%s %-12s", term_style(&term, finding->good ? TERM_GREEN : TERM_YELLOW),
               finding->good ? "ok  " : "note", term_style(&term, TERM_PLAIN), finding->name);
        output_line(" ", finding->text);
        if (finding->remedy)
            printf("                  %s\n", finding->remedy);
    }
    findings_free(&findings);
    return examined == 0 ? 0 : output_fault(&err);
}
