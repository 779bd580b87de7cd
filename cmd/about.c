/* about.c: the commands about the program: help, and completion for the shell.
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
    {TT_OPT_STRING, "[COMMAND]", .at = offsetof(help_opts, command), .help = "the command to tell about"},
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

const tt_cmd tt_cmd_help = {"help", "tells what a command does and what its options are", "[COMMAND]", NULL,
                            help_rows, sizeof(help_opts), help_examples, help_run};

typedef struct completion_opts {
    int shell;
} completion_opts;

static const tt_opt completion_rows[] = {
    {TT_OPT_ENUM, "SHELL", .at = offsetof(completion_opts, shell), .allowed = "bash",
     .help = "the shell to print it for"},
    {0}};

static const tt_example completion_examples[] = {
    {"ttrans completion bash > ttrans.bash", "for ~/.local/share/bash-completion/completions"}, {0}};

static int completion_run(void *opts, tt_err *e) {
    (void)opts, (void)e;
    fputs("# bash completion for ttrans, printed by `ttrans completion bash`\n"
          "_ttrans() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
          "    [[ $cur == = ]] && cur=\n"
          "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words=\"--help --version",
          stdout);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) printf(" %s", (*c)->name);
    fputs("\"\n    else", stdout);
    fputs("\n        [[ ${COMP_WORDS[1]} == help ]] && words=\"", stdout);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) printf("%s ", (*c)->name);
    fputs("\"\n    case ${COMP_WORDS[1]}:$prev in\n", stdout);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) tt_opt_words(*c, stdout);
    fputs("    esac\n"
          "    fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "}\n"
          "complete -o bashdefault -o default -F _ttrans ttrans\n",
          stdout);
    return 0;
}

const tt_cmd tt_cmd_completion = {"completion", "prints completion for a shell", "SHELL",
                                  "Load it with: source <(ttrans completion bash)", completion_rows,
                                  sizeof(completion_opts), completion_examples, completion_run};
