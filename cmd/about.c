/* about.c: the command about the program: help.
 *
 * `ttrans help --mdoc CMD` prints the OPTIONS section that `make man` puts into the manual page.
 */
#include "cmd.h"

#include <stddef.h>
#include <string.h>

typedef struct help_opts {
    const char *command;
    int mdoc;
} help_opts;

static const tt_opt help_rows[] = {
    {TT_OPT_STRING, "[COMMAND]", .at = offsetof(help_opts, command),
     .help = "the command to tell about"},
    {TT_OPT_FLAG, "--mdoc", .at = offsetof(help_opts, mdoc),
     .help = "print the command's options as the manual page has them"},
    {0}};

static const tt_example help_examples[] = {{"ttrans help eval", "the options of eval"}, {0}};

static int help_run(void *opts, tt_err *e) {
    help_opts *o = opts;
    if (!o->command) {
        tt_cmd_overview(stdout);
        return 0;
    }
    const tt_cmd *cmd = tt_cmd_find(o->command, e);
    if (!cmd) return e->code;
    (o->mdoc ? tt_opt_man : tt_opt_help)(cmd, stdout);
    return 0;
}

const tt_cmd tt_cmd_help = {"help",        "tells what a command does and what its options are",
                            "[COMMAND]",   NULL,
                            help_rows,     sizeof(help_opts),
                            help_examples, help_run};
