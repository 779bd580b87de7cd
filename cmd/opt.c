/* opt.c: argv into a struct, by the rows of a command (opt.h).
 *
 * Words are looked at from left to right; options and operands may be mixed. A word with two dashes
 * is looked up whole, with - for _; one with a single dash first whole (-tok), then letter by
 * letter (-qb4). An option that needs a value takes the next word unless that word looks like an
 * option; one whose value may be left out takes the next word if that is such a value. Defaults go
 * through the same readers as values do (optvalue.c), so a default is written as a user would type
 * it.
 */
#include "opt.h"

#include "base/err.h"
#include "cmd.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const tt_opt tt_opt_common[] = {
    {TT_OPT_GROUP, .help = "Of every command"},
    {TT_OPT_LIST, "-c --config", "FILE", NULL, offsetof(tt_opt_shared, config), .shown = "",
     .help = "read options from FILE, lines of NAME: VALUE; those on the command line come before "
             "them"},
    {TT_OPT_ENUM, "--dump-config", "HOW", "off", offsetof(tt_opt_shared, dump),
     .allowed = "off|minimal|full", .bare = "minimal", .shown = "",
     .help = "do nothing but print the options, as --config reads them: those that are not the "
             "defaults, or all"},
    {TT_OPT_FLAG, "--no-sandbox", .at = offsetof(tt_opt_shared, open),
     .help = "let translate, attn, eval, info and import have all files, the network and other "
             "programs, which they never use; "
             "without it a damaged or planted model cannot reach them"},
    {0}};

/* The state of one parse. */
typedef struct reader {
    const tt_cmd *cmd;
    char *opts; /* the struct, by bytes */
    tt_opt_shared *shared;
    int argc, next;
    char **argv;
    tt_err *e;
} reader;

/* ---- names --------------------------------------------------------------------------------- */

size_t tt_opt_name(const char **names, const char **name) {
    *name = *names + strspn(*names, " ");
    size_t n = strcspn(*name, " ");
    *names = *name + n;
    return n;
}

bool tt_opt_is_operand(const tt_opt *o) { return o->kind != TT_OPT_GROUP && o->names[0] != '-'; }

/* An operand's name without brackets and dots: "[FILE...]" is FILE. */
static int operand_name(const tt_opt *o, const char **name) {
    *name = o->names + (o->names[0] == '[');
    return (int)strcspn(*name, ".]");
}

static bool takes_value(const tt_opt *o) {
    return o->kind != TT_OPT_FLAG && (o->kind != TT_OPT_KEY || o->arg);
}

/* The same name, where the typed one may have _ for -? */
static bool same_name(const char *have, const char *typed, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (have[i] != typed[i] && !(i > 1 && have[i] == '-' && typed[i] == '_')) return false;
    return true;
}

static const tt_opt *find_in(const tt_opt *o, const char *name, size_t len) {
    for (; o->kind; o++) {
        if (o->kind == TT_OPT_GROUP || tt_opt_is_operand(o)) continue;
        const char *names = o->names, *have;
        size_t n;
        while ((n = tt_opt_name(&names, &have)))
            if (n == len && same_name(have, name, n)) return o;
    }
    return NULL;
}

/* The row that has this name, the command's own before those of every command; or NULL. */
static const tt_opt *find(const tt_cmd *cmd, const char *name, size_t len) {
    const tt_opt *o = find_in(cmd->rows, name, len);
    return o ? o : find_in(tt_opt_common, name, len);
}

/* 1 if the word looks like an option (or "--") and not like a value such as "-" or "-0.5". */
static bool is_option(const char *word) {
    return word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]) && word[1] != '.' &&
           !((unsigned char)word[1] & 0x80);
}

void tt_opt_title(const tt_opt *o, char *title, size_t cap) {
    const char *names = o->names, *name = names;
    int len = (int)strcspn(names, " ");
    if (tt_opt_is_operand(o)) {
        len = operand_name(o, &name);
    } else {
        const char *have;
        size_t n;
        while ((n = tt_opt_name(&names, &have)))
            if (n > 2 && have[1] == '-') {
                name = have, len = (int)n;
                break;
            }
    }
    snprintf(title, cap, "%.*s", len, name);
}

/* Optimal string alignment distance: Levenshtein's with swaps of neighbours. */
static int distance(const char *a, size_t na, const char *b, size_t nb) {
    int d[3][TT_OPT_NAME + 1];
    if (na > TT_OPT_NAME || nb > TT_OPT_NAME) return INT_MAX;
    for (size_t j = 0; j <= nb; j++) d[0][j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int *row = d[i % 3], *up = d[(i + 2) % 3], *up2 = d[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int best = up[j - 1] + (a[i - 1] != b[j - 1]);
            if (up[j] + 1 < best) best = up[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            row[j] = best;
        }
    }
    return d[na % 3][nb];
}

/* How far `word` is from a candidate, dashes left out; INT_MAX when too far to mean it: more than
   one letter in three is wrong, or more than three. A beginning counts as near. */
static int nearness(const char *word, size_t len, const char *have, size_t n) {
    while (len && *word == '-') word++, len--;
    while (n && *have == '-') have++, n--;
    if (len >= 3 && len < n && !memcmp(word, have, len)) return 1;
    int d = distance(word, len, have, n);
    return d <= 3 && d <= (int)len / 3 ? d : INT_MAX;
}

const char *tt_opt_nearest(const char *word, const char *const *candidates) {
    const char *best = NULL;
    int nearest = INT_MAX;
    for (; *candidates; candidates++) {
        int d = nearness(word, strlen(word), *candidates, strlen(*candidates));
        if (d < nearest) nearest = d, best = *candidates;
    }
    return best;
}

int tt_opt_unknown(const tt_cmd *cmd, const char *word, tt_err *e) {
    const char *best = "--help"; /* every command has it, in no table */
    size_t len = strcspn(word, "="), best_len = strlen(best);
    int nearest = len > 2 ? nearness(word, len, best, best_len) : INT_MAX;
    for (int common = 0; common < 2; common++)
        for (const tt_opt *o = common ? tt_opt_common : cmd->rows; o->kind && len > 2; o++) {
            if (o->kind == TT_OPT_GROUP || tt_opt_is_operand(o)) continue;
            const char *names = o->names, *have;
            size_t n;
            while ((n = tt_opt_name(&names, &have))) {
                int d = n > 2 ? nearness(word, len, have, n) : INT_MAX;
                if (d < nearest) nearest = d, best = have, best_len = n;
            }
        }
    if (len > 5 && same_name("--no-", word, 5)) { /* what cannot be taken back */
        char name[TT_OPT_NAME];
        snprintf(name, sizeof name, "--%.*s", (int)(len - 5), word + 5);
        if (find(cmd, name, strlen(name)))
            return tt_opt_fail(e, "unknown option %.*s; did you mean %s?", (int)len, word, name);
    }
    if (nearest == INT_MAX)
        return tt_opt_fail(e, "unknown option %.*s; see ttrans %s --help", (int)len, word,
                           cmd->name);
    return tt_opt_fail(e, "unknown option %.*s; did you mean %.*s?", (int)len, word, (int)best_len,
                       best);
}

/* The field of a row: in the command's struct, or in that of the options of every command. */
static void *field(const reader *r, const tt_opt *o) {
    const size_t rows = sizeof tt_opt_common / sizeof *tt_opt_common;
    return o >= tt_opt_common && o < tt_opt_common + rows ? (char *)r->shared + o->at
                                                          : r->opts + o->at;
}

/* Stores one value in the field of its row. */
static int set(reader *r, const tt_opt *o, const char *value, int is_default) {
    return tt_opt_set(o, field(r, o), value, is_default, r->e);
}

/* ---- words --------------------------------------------------------------------------------- */

/* The key is the row's last name, which a NUL ends. */
static int set_key(reader *r, const tt_opt *o, const char *value) {
    char title[TT_OPT_NAME];
    tt_list *list = field(r, o);
    const char *key = strrchr(o->names, ' ');
    tt_opt_title(o, title, sizeof(title));
    TT_TRY(tt_opt_append(list, (key ? key + 1 : o->names) + 2, title, r->e));
    return tt_opt_append(list, value, title, r->e);
}

/* Notes that the command line has this option, so that a file of options leaves it alone. */
static int note_given(reader *r, const tt_opt *o) {
    tt_list *given = &r->shared->given;
    for (int i = 0; i < given->count; i++)
        if (given->item[i] == o->names) return 0;
    return tt_opt_append(given, o->names, "options", r->e);
}

/* 1 if the next word can be the option's value: the first one, or a further one. */
static bool follows(const reader *r, const tt_opt *o, int first) {
    if (r->next >= r->argc) return false;
    const char *word = r->argv[r->next];
    return o->bare ? tt_opt_fits(o, word) && (first || o->kind == TT_OPT_LIST) : !is_option(word);
}

static int no_value(const reader *r, const tt_opt *o, const char *title, int least) {
    const char *word = r->next < r->argc ? r->argv[r->next] : NULL;
    if (least > 1) return tt_opt_fail(r->e, "%s needs %d words: %s", title, least, o->arg);
    if (word && strcmp(word, "--") && !find(r->cmd, word, strcspn(word, "=")))
        return tt_opt_fail(
            r->e, "%s needs a value: %s; one that begins with a dash is written as %s=%.60s", title,
            o->arg, title, word);
    return tt_opt_fail(r->e, "%s needs a value: %s", title, o->arg);
}

/* The words of one use of an option: `value` is what was attached to it, or NULL. */
static int take(reader *r, const tt_opt *o, const char *value) {
    char title[TT_OPT_NAME];
    int least = 1, most = 1;
    double passed;
    tt_opt_title(o, title, sizeof(title));
    TT_TRY(note_given(r, o));
    if (!takes_value(o)) {
        if (value) return tt_opt_fail(r->e, "%s takes no value", title);
        return o->kind == TT_OPT_KEY ? set_key(r, o, "1") : set(r, o, NULL, 0);
    }
    if (!value && o->bare && !follows(r, o, 1)) value = o->bare;
    if (o->kind == TT_OPT_LIST && o->high > 0) least = (int)o->low, most = (int)o->high;
    if (o->kind == TT_OPT_LIST && o->bare)
        ((tt_list *)field(r, o))->count = 0; /* the last use holds */
    for (int i = 0; i < most; i++) {
        if (!value) {
            int there = follows(r, o, i == 0);
            if (!there && i >= least) break;
            if (!there) return no_value(r, o, title, least);
            value = r->argv[r->next++];
        }
        TT_TRY(o->kind == TT_OPT_KEY ? set_key(r, o, value) : set(r, o, value, 0));
        value = NULL;
    }
    for (int i = 0; i < o->numbers && r->next < r->argc; i++, r->next++) {
        const char *word = r->argv[r->next];
        if (!tt_opt_number(word, 0, &passed) && strcmp(word, "true") && strcmp(word, "false"))
            break;
    }
    return 0;
}

/* Back to what the field was before any option was read. */
static int take_back(reader *r, const tt_opt *o) {
    TT_TRY(note_given(r, o));
    if (o->kind == TT_OPT_KEY) return set_key(r, o, "0");
    if (o->kind == TT_OPT_FLAG) return set(r, o, "0", 0);
    if (o->kind == TT_OPT_LIST) ((tt_list *)field(r, o))->count = 0;
    if (o->kind == TT_OPT_STRING) *(const char **)field(r, o) = NULL;
    return o->def ? set(r, o, o->def, 1) : 0;
}

static int long_option(reader *r, const char *word) {
    size_t len = strcspn(word, "=");
    const char *value = word[len] ? word + len + 1 : NULL;
    const tt_opt *o = find(r->cmd, word, len);
    if (o) return take(r, o, value);
    if (len > 5 && same_name("--no-", word, 5) && !value) {
        char name[TT_OPT_NAME];
        int n = snprintf(name, sizeof(name), "--%s", word + 5);
        if (n > 0 && n < TT_OPT_NAME && (o = find(r->cmd, name, (size_t)n)) &&
            (!takes_value(o) || o->bare))
            return take_back(r, o);
    }
    return tt_opt_unknown(r->cmd, word, r->e);
}

/* -b4, -b 4, -qv, -tok 13a. */
static int short_options(reader *r, const char *word) {
    const tt_opt *o = find(r->cmd, word, strlen(word));
    if (o) return take(r, o, NULL);
    for (const char *p = word + 1; *p; p++) {
        char name[3] = {'-', *p, 0};
        if (!(o = find(r->cmd, name, 2)))
            return tt_opt_unknown(r->cmd, p == word + 1 ? word : name, r->e);
        if (takes_value(o)) return take(r, o, p[1] ? p + 1 + (p[1] == '=') : NULL);
        TT_TRY(take(r, o, NULL));
    }
    return 0;
}

/* The operand row after `o`, or the first one when o is NULL. */
static const tt_opt *next_operand(const tt_cmd *cmd, const tt_opt *o) {
    for (o = o ? o + 1 : cmd->rows; o->kind; o++)
        if (o->kind != TT_OPT_GROUP && tt_opt_is_operand(o)) return o;
    return NULL;
}

static int unexpected(const tt_cmd *cmd, const char *word, tt_err *e) {
    if (!next_operand(cmd, NULL) && find(cmd, "--input", 7))
        return tt_opt_fail(e, "unexpected word '%.100s'; a file to read is named with -i %.100s",
                           word, word);
    return tt_opt_fail(e, "unexpected word '%.100s'; usage: ttrans %s %s", word, cmd->name,
                       cmd->usage);
}

int tt_opt_defaults(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, tt_err *e) {
    reader r = {.cmd = cmd, .opts = opts, .shared = shared, .e = e};
    for (int common = 0; common < 2; common++)
        for (const tt_opt *o = common ? tt_opt_common : cmd->rows; o->kind; o++)
            if (o->kind != TT_OPT_GROUP && o->def) TT_TRY(set(&r, o, o->def, 1));
    return 0;
}

int tt_opt_read(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, int argc, char **argv,
                tt_err *e) {
    reader r = {
        .cmd = cmd, .opts = opts, .shared = shared, .argc = argc, .next = 1, .argv = argv, .e = e};
    const tt_opt *operand = next_operand(cmd, NULL);
    int filled = 0, only_operands = 0;
    while (r.next < argc) {
        const char *word = argv[r.next++];
        if (!only_operands && !strcmp(word, "--")) {
            only_operands = 1;
        } else if (!only_operands && !strncmp(word, "--", 2)) {
            TT_TRY(long_option(&r, word));
        } else if (!only_operands && word[0] == '-' && word[1]) {
            TT_TRY(short_options(&r, word));
        } else if (operand) {
            TT_TRY(set(&r, operand, word, 0));
            filled = 1;
            if (operand->kind != TT_OPT_LIST) operand = next_operand(cmd, operand), filled = 0;
        } else {
            return unexpected(cmd, word, e);
        }
    }
    if (operand && !filled && operand->names[0] != '[' && !shared->dump)
        return tt_opt_fail(e, "%s is missing; usage: ttrans %s %s", operand->names, cmd->name,
                           cmd->usage);
    return 0;
}

int tt_opt_parse(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, int argc, char **argv,
                 tt_err *e) {
    TT_TRY(tt_opt_defaults(cmd, opts, shared, e));
    return tt_opt_read(cmd, opts, shared, argc, argv, e);
}

bool tt_opt_hidden(const tt_cmd *cmd, const char *name, size_t len) {
    return find_in(cmd->rows, name, len) != NULL;
}

const tt_opt *tt_opt_find(const tt_cmd *cmd, const char *name) {
    return find_in(cmd->rows, name, strlen(name));
}

int tt_opt_put(const tt_cmd *cmd, void *opts, const tt_opt *o, const char *value, tt_err *e) {
    reader r = {.cmd = cmd, .opts = opts, .e = e};
    if (o->kind == TT_OPT_KEY) return set_key(&r, o, value);
    return set(&r, o, value, 0);
}

static void free_list(void *at) {
    tt_list *list = at;
    free(list->item);
    *list = (tt_list){0};
}

void tt_opt_free(const tt_cmd *cmd, void *opts, tt_opt_shared *shared) {
    for (const tt_opt *o = cmd->rows; o->kind; o++)
        if (o->kind == TT_OPT_LIST || o->kind == TT_OPT_KEY) free_list((char *)opts + o->at);
    if (!shared) return;
    free_list(&shared->config);
    free_list(&shared->given);
}

bool tt_opt_wants_help(const tt_cmd *cmd, int argc, char **argv) {
    int h_is_free = !find(cmd, "-h", 2);
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help") || (h_is_free && !strcmp(argv[i], "-h"))) return true;
    return false;
}
