/* help.c: the rows of a command as text: --help, and the OPTIONS section of the manual.
 *
 * Both say the same because they read the same rows, as completion.c does. Help is wrapped to 80
 * columns, with the explanations in a column of their own; the manual gets mdoc(7) items, where
 * every word that the shell or roff could take wrong is escaped.
 */
#include "cmd.h"

#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH = 80, HELP_AT = 28 };
enum { ENDLESS = 1000000 }; /* an upper limit so far off is not worth telling */

/* Prints words from column `at`, breaking lines before column WIDTH, later lines indented by
   `indent`. A blank line in the text is kept. */
static void wrap(FILE *out, const char *text, int at, int indent) {
    int column = at, first = 1;
    while (*text) {
        size_t blank = strspn(text, " \n"), breaks = 0;
        for (size_t i = 0; i < blank; i++) breaks += text[i] == '\n';
        text += blank;
        int n = (int)strcspn(text, " \n");
        if (!n) break;
        int wide = 0; /* columns: bytes that are no UTF-8 continuation */
        for (int i = 0; i < n; i++) wide += !tt_utf8_inside(text[i]);
        if (breaks > 1 && !first) {
            fprintf(out, "\n\n%*s", indent, "");
            column = indent, first = 1;
        } else if (!first && column + 1 + wide > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent, first = 1;
        }
        column += fprintf(out, "%s%.*s", first ? "" : " ", n, text) - n + wide;
        first = 0;
        text += n;
    }
    putc('\n', out);
}

/* 1 if one use takes several words, SRC TRG. Then no = joins them. */
static int several(const tt_opt *o) { return o->arg && strchr(o->arg, ' '); }

/* A flag that is on unless taken back is shown as --[no-]NAME. */
static bool is_on(const tt_opt *o) { return o->kind == TT_OPT_FLAG && o->def && o->def[0] == '1'; }

/* The next name of a row that is the command's to take: a command's own -c hides that of every
 * command. */
static size_t name_of(const tt_cmd *cmd, const tt_opt *o, const char **names, const char **name) {
    const tt_opt *own = cmd->rows;
    while (own->kind && own != o) own++;
    for (;;) {
        size_t n = tt_opt_name(names, name);
        if (!n || own->kind || !tt_opt_hidden(cmd, *name, n)) return n;
    }
}

/* "-b, --beam-size=N" into text[cap]; returns its width. */
static int option_form(const tt_cmd *cmd, const tt_opt *o, char *text, size_t cap) {
    const char *names = o->names, *name;
    size_t n, used = 0;
    int has_long = 0, is_long = 0;
    text[0] = 0;
    while (!has_long && (n = name_of(cmd, o, &names, &name))) {
        is_long = has_long = name[1] == '-';
        const char *lead = used ? ", " : is_long ? "    " : "";
        int on = has_long && is_on(o);
        used += (size_t)snprintf(text + used, cap - used, "%s%s%.*s", lead, on ? "--[no-]" : "",
                                 (int)n - 2 * on, name + 2 * on);
        if (used >= cap) return (int)cap;
    }
    const char *join = o->bare ? (is_long ? "[=" : "[") : is_long && !several(o) ? "=" : " ";
    if (o->arg)
        used +=
            (size_t)snprintf(text + used, cap - used, "%s%s%s", join, o->arg, o->bare ? "]" : "");
    return (int)used;
}

/* What help and manual say behind the explanation: " (default 4; 1 to 64)". */
static void facts(const tt_opt *o, char *text, size_t cap) {
    const char *def = o->shown ? o->shown : o->kind == TT_OPT_FLAG ? NULL : o->def;
    char range[80] = "", words[TT_OPT_WORDS + 100] = "", list[TT_OPT_WORDS];
    int numeric = o->kind == TT_OPT_INT || o->kind == TT_OPT_SIZE || o->kind == TT_OPT_LONG ||
                  o->kind == TT_OPT_DOUBLE || o->kind == TT_OPT_DURATION ||
                  o->kind == TT_OPT_AMOUNT;
    tt_opt limits = *o;
    if (limits.high >= ENDLESS) limits.high = INFINITY;
    if (numeric && o->low < o->high && (o->low > 0 || limits.high < ENDLESS))
        tt_opt_range(&limits, range, sizeof(range));
    if (o->kind == TT_OPT_ENUM || o->kind == TT_OPT_LIST || o->kind == TT_OPT_KEY ||
        o->kind == TT_OPT_PICK) {
        size_t used = 0;
        for (const char *p = tt_opt_words(o, list); *p && used + 3 < sizeof(words); p++) {
            words[used++] = *p == '|' ? ',' : *p;
            if (*p == '|') words[used++] = ' ';
        }
        words[used] = 0;
    }
    snprintf(text, cap, "%s%s%s%s%s%s%s", words[0] ? ": " : "", words,
             (def && def[0]) || range[0] ? " (" : "", def && def[0] ? "default " : "",
             def ? def : "", def && def[0] && range[0] ? "; " : "", range);
    if ((def && def[0]) || range[0]) {
        size_t used = strlen(text);
        snprintf(text + used, cap - used, ")");
    }
}

static void help_row(const tt_cmd *cmd, const tt_opt *o, int *open, FILE *out) {
    char form[120], more[600], text[1600];
    if (o->kind == TT_OPT_GROUP) {
        fprintf(out, "\n%s:\n", o->help);
        *open = 1;
        return;
    }
    if (!(*open)++) fputs("\nOptions:\n", out);
    if (tt_opt_is_operand(o)) snprintf(form, sizeof(form), "%s", o->names);
    else option_form(cmd, o, form, sizeof(form));
    int n = fprintf(out, "  %s", form);
    if (n > HELP_AT - 2) n = fprintf(out, "\n") - 1;
    fprintf(out, "%*s", HELP_AT - n, "");
    facts(o, more, sizeof(more));
    snprintf(text, sizeof(text), "%s%s", o->help, more);
    wrap(out, text, HELP_AT, HELP_AT);
}

void tt_opt_help(const tt_cmd *cmd, FILE *out) {
    int open = 0;
    fprintf(out, "Usage: ttrans %s %s\n", cmd->name, cmd->usage);
    char text[1200];
    snprintf(text, sizeof(text), "%c%s.", toupper((unsigned char)cmd->summary[0]),
             cmd->summary + 1);
    wrap(out, text, 0, 0);
    if (cmd->prose) {
        putc('\n', out);
        wrap(out, cmd->prose, 0, 0);
    }
    for (int common = 0; common < 2; common++)
        for (const tt_opt *o = common ? tt_opt_common : cmd->rows; o->kind; o++)
            help_row(cmd, o, &open, out);
    if (!cmd->examples) return;
    fputs("\nExamples:\n", out);
    for (const tt_example *x = cmd->examples; x->line; x++)
        fprintf(out, "  %s\n      %s\n", x->line, x->note);
}

/* ---- manual -------------------------------------------------------------------------------- */

/* Text for an mdoc text line: a sentence's start on its own line, backslashes and control
   characters at a line's start escaped. */
static void roff(FILE *out, const char *text) {
    int start = 1;
    for (const char *p = text; *p; p++) {
        if (start && (*p == '.' || *p == '\'')) fputs("\\&", out);
        start = 0;
        if (*p == '\\') fputs("\\e", out);
        else if (p[0] == ' ' && p > text && (p[-1] == '.' || p[-1] == '?') &&
                 isupper((unsigned char)p[1]))
            putc('\n', out), start = 1;
        else if (*p == '\n' && p[1] == '\n') fputs("\n.Pp\n", out), p++, start = 1;
        else putc(*p, out);
    }
}

/* ".It Fl b , Fl -beam-size Ns = Ns Ar N" */
static void item(const tt_cmd *cmd, const tt_opt *o, FILE *out) {
    const char *names = o->names, *name;
    size_t n;
    int has_long = 0, first = 1;
    fputs(".It", out);
    if (tt_opt_is_operand(o)) {
        char title[64];
        tt_opt_title(o, title, sizeof(title));
        fprintf(out, o->names[0] == '[' ? " Op Ar %s%s\n" : " Ar %s%s\n", title,
                strchr(o->names, '.') ? " ..." : "");
        return;
    }
    while (!has_long && (n = name_of(cmd, o, &names, &name))) {
        has_long = name[1] == '-';
        int on = has_long && is_on(o);
        fprintf(out, "%s Fl %s%.*s", first ? "" : " ,", on ? "-[no-]" : "", (int)n - 1 - on,
                name + 1 + on);
        first = 0;
    }
    if (o->arg && o->bare)
        fprintf(out, has_long ? " Ns Oo = Ns Ar %s Oc\n" : " Oo Ar %s Oc\n", o->arg);
    else if (o->arg)
        fprintf(out, has_long && !several(o) ? " Ns = Ns Ar %s\n" : " Ar %s\n", o->arg);
    else putc('\n', out);
}

/* The other long names of a row, which help leaves out. */
static void aliases(const tt_opt *o, FILE *out) {
    const char *names = o->names, *name;
    size_t n;
    int longs = 0;
    if (tt_opt_is_operand(o)) return;
    while ((n = tt_opt_name(&names, &name)))
        if (name[1] == '-' && ++longs > 1)
            fprintf(out, longs == 2 ? "Also spelled\n.Fl %.*s" : " ,\n.Fl %.*s", (int)n - 1,
                    name + 1);
    if (longs > 1) fputs(" .\n", out);
}

static void man_row(const tt_cmd *cmd, const tt_opt *o, int *open, FILE *out) {
    char more[600];
    if (o->kind == TT_OPT_GROUP) {
        if (*open) fputs(".El\n", out);
        fprintf(out, ".Ss %s\n", o->help);
        *open = 0;
        return;
    }
    if (!(*open)++) fputs(".Bl -tag -width Ds\n", out);
    item(cmd, o, out);
    facts(o, more, sizeof(more));
    putc(toupper((unsigned char)o->help[0]), out);
    roff(out, o->help + 1);
    roff(out, more);
    fputs(".\n", out);
    aliases(o, out);
}

void tt_opt_man(const tt_cmd *cmd, FILE *out) {
    int open = 0;
    for (int common = 0; common < 2; common++)
        for (const tt_opt *o = common ? tt_opt_common : cmd->rows; o->kind; o++)
            man_row(cmd, o, &open, out);
    if (open) fputs(".El\n", out);
}
