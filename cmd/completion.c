/* completion.c: `ttrans completion`, scripts that tell bash, zsh or fish what can be typed.
 *
 * All of it comes from the option tables: names, values of enumerations, what takes a file. A value
 * is offered behind its option, also where it may be left out. Aliases are understood behind the
 * cursor, but not offered.
 */
#include "cmd.h"
#include "files.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { BASH, ZSH, FISH };
enum { NAME_MOST = 64, HELP_MOST = 72 };

typedef struct opts {
    int shell;
} opts;

static const tt_opt rows[] = {{TT_OPT_ENUM, "SHELL", .at = offsetof(opts, shell),
                               .allowed = "bash|zsh|fish", .help = "the shell to print it for"},
                              {0}};

static const tt_example examples[] = {
    {"ttrans completion bash > ttrans.bash",
     "for ~/.local/share/bash-completion/completions/ttrans"},
    {"ttrans completion zsh > _ttrans", "for a folder of $fpath"},
    {"ttrans completion fish > ttrans.fish", "for ~/.config/fish/completions"},
    {0}};

/* ---- what rows offer ----------------------------------------------------------------------- */

/* Goes through the rows of a command and then those of every command, headings left out: the next
 * one, or NULL. */
static const tt_opt *next_row(const tt_cmd *cmd, const tt_opt *o) {
    o = o ? o + 1 : cmd->rows;
    for (;; o++) {
        if (!o->kind) {
            const tt_opt *own = cmd->rows;
            while (own->kind) own++;
            if (o != own) return NULL;
            o = tt_opt_common;
        }
        if (o->kind != TT_OPT_GROUP) return o;
    }
}

static bool is_common(const tt_opt *row) {
    for (const tt_opt *o = tt_opt_common; o->kind; o++)
        if (o == row) return true;
    return false;
}

/* The next name of a row that means this row. */
static size_t name_of(const tt_cmd *cmd, const tt_opt *o, const char **names, const char **name) {
    size_t n;
    while ((n = tt_opt_name(names, name)) && is_common(o) && tt_opt_hidden(cmd, *name, n)) continue;
    return n;
}

/* Words that can be the value, with bars between, into text; "" for none. */
static const char *words_in(const tt_opt *o, char text[TT_OPT_WORDS]) {
    if (o->kind == TT_OPT_KEY && !o->family) return o->arg && strchr(o->arg, '|') ? o->arg : "";
    return o->kind == TT_OPT_AMOUNT ? "" : tt_opt_words(o, text);
}
#define words_of(o) words_in(o, (char[TT_OPT_WORDS]){0})

static bool is_on(const tt_opt *o) { return o->kind == TT_OPT_FLAG && o->def && o->def[0] == '1'; }

static void put_words(const char *words, FILE *out) {
    for (; *words; words++) putc(*words == '|' ? ' ' : *words, out);
}

/* The first clause of a text, at most HELP_MOST bytes of whole words, between single quotes;
   `special`: characters that get a backslash; quotes are written as `quote`. */
static void put_clause(const char *text, const char *special, const char *quote, FILE *out) {
    size_t n = strlen(text), last = 0;
    for (size_t i = 0; i < n; i++) {
        int end = strchr(";:.(", text[i]) && (text[i] == '(' || !text[i + 1] || text[i + 1] == ' ');
        if (text[i] == ' ') last = i;
        if (end || i == HELP_MOST) {
            n = i == HELP_MOST ? last : i;
            break;
        }
    }
    while (n && (text[n - 1] == ' ' || text[n - 1] == ',')) n--;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\'') fputs(quote, out);
        else fprintf(out, strchr(special, text[i]) ? "\\%c" : "%c", text[i]);
    }
}

static void put_commands(FILE *out) {
    for (const tt_cmd *const *c = tt_cmds; *c; c++)
        fprintf(out, "%s%s", c == tt_cmds ? "" : " ", (*c)->name);
}

/* 1 if the operand of a command names a command. */
static bool names_command(const tt_opt *o) { return strstr(o->names, "COMMAND") != NULL; }

/* ---- bash ---------------------------------------------------------------------------------- */

/* The case branches of one command: values after an option, else its options. */
static void bash_command(const tt_cmd *cmd, FILE *out) {
    const char *name;
    size_t n;
    for (const tt_opt *o = NULL; (o = next_row(cmd, o));) {
        if (tt_opt_is_operand(o) || !o->arg) continue;
        const char *names = o->names;
        fputs("    ", out);
        for (int bars = 0; (n = name_of(cmd, o, &names, &name)); bars = 1)
            fprintf(out, "%s%s:%.*s", bars ? "|" : "", cmd->name, (int)n, name);
        fputs(") words=\"", out);
        put_words(words_of(o), out);
        fputs("\" ;;\n", out);
    }
    fprintf(out, "    %s:*) words+=\" ", cmd->name);
    for (const tt_opt *o = NULL; (o = next_row(cmd, o));) {
        char title[NAME_MOST];
        if (tt_opt_is_operand(o)) {
            put_words(words_of(o), out);
            if (names_command(o)) put_commands(out);
            putc(' ', out);
            continue;
        }
        tt_opt_title(o, title, sizeof title);
        fprintf(out, "%s ", title);
        if (is_on(o)) fprintf(out, "--no-%s ", title + 2);
    }
    fputs("--help\" ;;\n", out);
}

static void bash(FILE *out) {
    fputs("# bash completion for ttrans, printed by `ttrans completion bash`\n"
          "_ttrans() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=\n"
          "    [[ $cur == = ]] && cur=\n"
          "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    prev=${prev//_/-}\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words=\"--help --version ",
          out);
    put_commands(out);
    fputs("\"\n    else\n    case ${COMP_WORDS[1]}:$prev in\n", out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) bash_command(*c, out);
    fputs("    esac\n"
          "    fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "}\n"
          "complete -o bashdefault -o default -F _ttrans ttrans\n",
          out);
}

/* ---- zsh ----------------------------------------------------------------------------------- */

static const char zsh_special[] = "[]:\\", zsh_quote[] = "'\\''";

/* ":N:(a b)": the value of an option or an operand; two colons where it may be left out. */
static void zsh_value(const tt_opt *o, int optional, FILE *out) {
    const char *what = o->arg ? o->arg : "", *words = words_of(o);
    char title[NAME_MOST];
    tt_opt_title(o, title, sizeof title);
    if (!o->arg) what = title;
    if (strchr(what, '|')) what = "value";
    fprintf(out, "%s", optional ? "::" : ":");
    for (const char *p = what; *p; p++) fprintf(out, strchr(zsh_special, *p) ? "\\%c" : "%c", *p);
    putc(':', out);
    if (*words || names_command(o)) {
        putc('(', out);
        put_words(words, out);
        if (names_command(o)) put_commands(out);
        putc(')', out);
    } else {
        fputs(tt_opt_takes_file(o) ? "_files" : " ", out);
    }
}

/* One line of _arguments for each name that is offered: the short one and the first long one. */
static void zsh_option(const tt_cmd *cmd, const tt_opt *o, FILE *out) {
    const char *names = o->names, *name;
    size_t n;
    int again = o->kind == TT_OPT_LIST || o->kind == TT_OPT_FLAG,
        pair = o->kind == TT_OPT_LIST && o->low == 2 && o->high == 2;
    for (int is_long = 0; !is_long && (n = name_of(cmd, o, &names, &name));) {
        is_long = name[1] == '-';
        fprintf(out, " \\\n        '%s%.*s%s[", again ? "*" : "", (int)n, name,
                o->arg ? is_long && !pair ? "="
                         : n == 2         ? "+"
                                          : ""
                       : "");
        put_clause(o->help, zsh_special, zsh_quote, out);
        putc(']', out);
        if (o->arg) zsh_value(o, o->bare != NULL, out);
        if (pair) zsh_value(o, 0, out);
        putc('\'', out);
        if (is_long && is_on(o)) fprintf(out, " '--no-%.*s[take it back]'", (int)n - 2, name + 2);
    }
}

static void zsh_command(const tt_cmd *cmd, FILE *out) {
    fprintf(out, "_ttrans_%s() {\n    _arguments", cmd->name);
    for (const tt_opt *o = NULL; (o = next_row(cmd, o));) {
        if (!tt_opt_is_operand(o)) {
            zsh_option(cmd, o, out);
            continue;
        }
        fprintf(out, " \\\n        '%s", o->kind == TT_OPT_LIST ? "*" : "");
        zsh_value(o, o->names[0] == '[' && o->kind != TT_OPT_LIST, out);
        putc('\'', out);
    }
    fputs(" \\\n        '--help[show help]'\n}\n", out);
}

static void zsh(FILE *out) {
    fputs("#compdef ttrans\n# zsh completion for ttrans, printed by `ttrans completion zsh`\n",
          out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) zsh_command(*c, out);
    fputs("_ttrans() {\n    local -a commands\n    commands=(", out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) {
        fprintf(out, "\n        '%s:", (*c)->name);
        put_clause((*c)->summary, zsh_special, zsh_quote, out);
        putc('\'', out);
    }
    fputs(")\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe command commands\n"
          "        return\n"
          "    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n"
          "    ((CURRENT--))\n"
          "    (($+functions[_ttrans_$command])) && _ttrans_$command\n"
          "}\n"
          "if [[ $funcstack[1] == _ttrans ]]; then\n"
          "    _ttrans \"$@\"\n"
          "else\n"
          "    compdef _ttrans ttrans\n"
          "fi\n",
          out);
}

/* ---- fish ---------------------------------------------------------------------------------- */

static const char fish_special[] = "\\", fish_quote[] = "\\'";

static void fish_row(const tt_cmd *cmd, const tt_opt *o, FILE *out) {
    const char *names = o->names, *name, *words = words_of(o);
    size_t n;
    int is_long = 0, files = tt_opt_takes_file(o) && !*words;
    if (tt_opt_is_operand(o)) {
        if (!*words && !names_command(o)) return;
        fprintf(out, "complete -c ttrans -n '__ttrans_is %s' -f -a '", cmd->name);
        put_words(words, out);
        if (names_command(o)) put_commands(out);
        fputs("'\n", out);
        return;
    }
    fprintf(out, "complete -c ttrans -n '__ttrans_is %s'", cmd->name);
    while (!is_long && (n = name_of(cmd, o, &names, &name))) {
        is_long = name[1] == '-';
        fprintf(out, " -%s %.*s",
                is_long  ? "l"
                : n == 2 ? "s"
                         : "o",
                (int)n - 1 - is_long, name + 1 + is_long);
    }
    if (o->arg && !o->bare) fputs(files ? " -r" : " -x", out);
    if (*words) {
        fputs(" -a '", out);
        put_words(words, out);
        putc('\'', out);
    }
    fputs(" -d '", out);
    put_clause(o->help, fish_special, fish_quote, out);
    fputs("'\n", out);
    if (is_on(o))
        fprintf(out, "complete -c ttrans -n '__ttrans_is %s' -l no-%.*s -d 'take it back'\n",
                cmd->name, (int)n - 2, name + 2);
}

static void fish(FILE *out) {
    fputs("# fish completion for ttrans, printed by `ttrans completion fish`\n"
          "function __ttrans_is\n"
          "    set -l typed (commandline -opc)\n"
          "    test (count $typed) -gt 1; and test $typed[2] = $argv[1]\n"
          "end\n"
          "function __ttrans_alone\n"
          "    test (count (commandline -opc)) -eq 1\n"
          "end\n",
          out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++) {
        fprintf(out, "complete -c ttrans -n __ttrans_alone -f -a %s -d '", (*c)->name);
        put_clause((*c)->summary, fish_special, fish_quote, out);
        fputs("'\n", out);
    }
    fputs("complete -c ttrans -n __ttrans_alone -f -l version -d 'print the version'\n"
          "complete -c ttrans -l help -d 'show help'\n",
          out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++)
        for (const tt_opt *o = NULL; (o = next_row(*c, o));) fish_row(*c, o, out);
}

/* ---- the command --------------------------------------------------------------------------- */

static int run(void *options, tt_err *e) {
    static void (*const shells[])(FILE *) = {bash, zsh, fish};
    const opts *o = options;
    (void)e;
    shells[o->shell](stdout);
    return 0;
}

const tt_cmd tt_cmd_completion = {
    "completion",
    "prints completion for a shell",
    "SHELL",
    "Load it with: source <(ttrans completion bash), the same with zsh, or ttrans "
    "completion fish | source. Where the program is installed, it is already there.",
    rows,
    sizeof(opts),
    examples,
    run};
