/* opt.c: argv into a struct, by the rows of a command (opt.h).
 *
 * Words are looked at from left to right; options and operands may be mixed. A word with two dashes
 * is looked up whole, with - for _; one with a single dash first whole (-tok), then letter by
 * letter
 * (-qb4). An option that needs a value takes the next word unless that word looks like an option;
 * one whose value may be left out takes the next word if that is such a value. Defaults go through
 * the same readers as values do, so a default is written as a user would type it.
 */
#include "opt.h"

#include "cmd.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define TRY(call)                                                                           \
    do {                                                                                           \
        int rc_ = (call);                                                                          \
        if (rc_) return rc_;                                                                       \
    } while (0)

enum { MOST_WORDS = 1 << 16, LONGEST_NAME = 48 };

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

int tt_opt_is_operand(const tt_opt *o) {
    return o->kind != TT_OPT_GROUP && o->names[0] != '-';
}

/* An operand's name without brackets and dots: "[FILE...]" is FILE. */
static int operand_name(const tt_opt *o, const char **name) {
    *name = o->names + (o->names[0] == '[');
    return (int)strcspn(*name, ".]");
}

static int takes_value(const tt_opt *o) {
    return o->kind != TT_OPT_FLAG && (o->kind != TT_OPT_KEY || o->arg);
}

/* The same name, where the typed one may have _ for -? */
static int same_name(const char *have, const char *typed, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (have[i] != typed[i] && !(i > 1 && have[i] == '-' && typed[i] == '_')) return 0;
    return 1;
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

/* Does the word look like an option (or "--"), rather than a value such as "-" or "-0.5"? */
static int is_option(const char *word) {
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
    int d[3][LONGEST_NAME + 1];
    if (na > LONGEST_NAME || nb > LONGEST_NAME) return INT_MAX;
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

static int fail(tt_err *e, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->msg, sizeof(e->msg), fmt, args);
    va_end(args);
    for (char *p = e->msg; *p; p++)
        if (iscntrl((unsigned char)*p)) *p = '?';
    return e->code = TT_EUSAGE;
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
        char name[LONGEST_NAME];
        snprintf(name, sizeof name, "--%.*s", (int)(len - 5), word + 5);
        if (find(cmd, name, strlen(name)))
            return fail(e, "unknown option %.*s; did you mean %s?", (int)len, word, name);
    }
    if (nearest == INT_MAX)
        return fail(e, "unknown option %.*s; see ttrans %s --help", (int)len, word, cmd->name);
    return fail(e, "unknown option %.*s; did you mean %.*s?", (int)len, word, (int)best_len, best);
}

/* ---- values -------------------------------------------------------------------------------- */

/* A number with nothing behind it but, if `multiple`, one of k K M G. */
static int read_number(const char *text, int multiple, double *v) {
    char *end;
    *v = strtod(text, &end);
    if (end == text || isspace((unsigned char)*text)) return 0;
    if (multiple && *end) {
        double times = *end == 'k' || *end == 'K' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 0;
        if (times == 0) return 0;
        *v *= times, end++;
    }
    return !*end && isfinite(*v);
}

/* 1h30m, 90m, 45s, 2d, 5400: seconds. */
static int read_duration(const char *text, double *seconds) {
    *seconds = 0;
    if (!*text) return 0;
    while (*text) {
        char *end;
        double n = strtod(text, &end);
        if (end == text || !isfinite(n) || n < 0) return 0;
        double unit = *end == 'd'            ? 86400
                      : *end == 'h'          ? 3600
                      : *end == 'm'          ? 60
                      : !*end || *end == 's' ? 1
                                             : 0;
        if (unit == 0) return 0;
        *seconds += n * unit;
        text = end + (*end != 0);
    }
    return 1;
}

/* 100u, 10Mt, 5e, 2k: a number, perhaps a multiple, perhaps one of the units. */
static int read_amount(const char *text, const char *units, tt_amount *a) {
    char number[LONGEST_NAME];
    size_t n = strlen(text);
    if (!n || n >= sizeof(number)) return 0;
    a->unit = units[0];
    if (strchr(units, text[n - 1])) a->unit = text[--n];
    memcpy(number, text, n);
    number[n] = 0;
    return read_number(number, 1, &a->n);
}

const char *tt_opt_words(const tt_opt *o, char text[TT_OPT_WORDS]) {
    const tt_family *f = o->family ? tt_family_find(o->family) : NULL;
    const tt_row *r;
    size_t n = (size_t)snprintf(text, TT_OPT_WORDS, "%s", o->allowed ? o->allowed : "");
    for (int i = 0; f && (r = f->row(i)) != NULL && n < TT_OPT_WORDS; i++)
        n += (size_t)snprintf(text + n, TT_OPT_WORDS - n, "%s%s", n ? "|" : "", r->name);
    return text;
}

/* The place of a word in "hard|soft", by its whole or by a beginning that only one word has; -1 if
 * none. */
static int read_word(const char *text, const char *allowed) {
    size_t len = strlen(text);
    int found = -1, place = 0;
    for (const char *w = allowed;; place++) {
        size_t n = strcspn(w, "|");
        if (n == len && !memcmp(w, text, n)) return place;
        if (len && len < n && !memcmp(w, text, len)) found = found == -1 ? place : -2;
        if (!w[n]) break;
        w += n + 1;
    }
    return found < 0 ? -1 : found;
}

/* The place of a word among those that a row allows, or -1. */
static int place_of(const tt_opt *o, const char *word) {
    char words[TT_OPT_WORDS];
    return read_word(word, tt_opt_words(o, words));
}

static int not_one_of(const tt_opt *o, const char *title, const char *value, tt_err *e) {
    char list[256], words[TT_OPT_WORDS];
    size_t used = 0;
    for (const char *p = tt_opt_words(o, words); *p && used + 3 < sizeof(list); p++) {
        if (*p == '|') list[used++] = ',', list[used++] = ' ';
        else list[used++] = *p;
    }
    list[used] = 0;
    return fail(e, "%s: '%.60s' is not one of %s", title, value, list);
}

void tt_opt_range(const tt_opt *o, char *text, size_t cap) {
    int from = o->low > -INT_MAX, to = o->high < INT_MAX;
    if (from && to) snprintf(text, cap, "%.10g to %.10g", o->low, o->high);
    else if (from) snprintf(text, cap, "at least %.10g", o->low);
    else snprintf(text, cap, "at most %.10g", o->high);
}

static int out_of_range(const tt_opt *o, const char *title, const char *value, double v,
                        tt_err *e) {
    char range[80];
    if (!(o->low < o->high) || (v >= o->low && v <= o->high)) return 0;
    tt_opt_range(o, range, sizeof(range));
    return fail(e, "%s: %.60s is out of range: %s", title, value, range);
}

static int append(tt_list *list, const char *word, const char *title, tt_err *e) {
    if (list->count >= MOST_WORDS) return fail(e, "%s: more than %d words", title, MOST_WORDS);
    if (list->count % 16 == 0) {
        const char **more = realloc(list->item, ((size_t)list->count + 16) * sizeof(*more));
        if (!more) {
            fail(e, "%s: out of memory", title);
            return e->code = TT_ENOMEM;
        }
        list->item = more;
    }
    list->item[list->count++] = word;
    return 0;
}

/* The field of a row: in the command's struct, or in that of the options of every command. */
static void *field(const reader *r, const tt_opt *o) {
    const size_t rows = sizeof tt_opt_common / sizeof *tt_opt_common;
    return o >= tt_opt_common && o < tt_opt_common + rows ? (char *)r->shared + o->at
                                                          : r->opts + o->at;
}

/* Stores one value in the field of its row; a default is not held to the range. */
static int set(reader *r, const tt_opt *o, const char *value, int is_default) {
    char title[LONGEST_NAME];
    void *at = field(r, o);
    double v = 0;
    tt_opt_title(o, title, sizeof(title));
    switch (o->kind) {
    case TT_OPT_FLAG:
        *(int *)at = value ? value[0] - '0' : *(int *)at + 1;
        return 0;
    case TT_OPT_INT:
        if (!read_number(value, 1, &v) || v != floor(v) || fabs(v) > INT_MAX)
            return fail(r->e, "%s: '%.60s' is not a whole number", title, value);
        *(int *)at = (int)v;
        break;
    case TT_OPT_SIZE:
    case TT_OPT_LONG:
    case TT_OPT_SEED:
        if (!read_number(value, 1, &v) || v != floor(v) || v < 0 || v > 9e15)
            return fail(r->e, "%s: '%.60s' is not a count such as 500, 64k or 2M", title, value);
        if (o->kind == TT_OPT_SIZE) *(size_t *)at = (size_t)v;
        else if (o->kind == TT_OPT_LONG) *(long *)at = (long)v;
        else *(uint64_t *)at = (uint64_t)v;
        break;
    case TT_OPT_DOUBLE:
        if (!read_number(value, 0, &v))
            return fail(r->e, "%s: '%.60s' is not a number", title, value);
        *(double *)at = v;
        break;
    case TT_OPT_DURATION:
        if (!read_duration(value, &v))
            return fail(r->e, "%s: '%.60s' is not a time such as 90m, 1h30m or 45s", title, value);
        *(double *)at = v;
        break;
    case TT_OPT_AMOUNT: {
        tt_amount *a = at;
        if (!read_amount(value, o->allowed, a) || a->n < 0)
            return fail(r->e, "%s: '%.60s' is not a count with a unit of '%s', such as 10k%c",
                        title, value, o->allowed, o->allowed[0]);
        v = a->n;
        break;
    }
    case TT_OPT_STRING: *(const char **)at = value; return 0;
    case TT_OPT_PICK: {
        tt_pick pick;
        tt_err why = {0};
        if (tt_pick_read(&pick, tt_family_find(o->family), value, &why))
            return fail(r->e, "%s: %s", title, why.msg);
        *(const char **)at = value;
        return 0;
    }
    case TT_OPT_ENUM: {
        int place = place_of(o, value);
        if (place < 0) return not_one_of(o, title, value, r->e);
        *(int *)at = place;
        return 0;
    }
    case TT_OPT_LIST:
        if (o->family && !o->allowed && strchr(value, ':')) {
            tt_pick pick;
            tt_err why = {0};
            if (tt_pick_read(&pick, tt_family_find(o->family), value, &why))
                return fail(r->e, "%s: %s", title, why.msg);
        } else if ((o->allowed || o->family) && place_of(o, value) < 0 &&
            !(o->bare && read_number(value, 0, &v)))
            return not_one_of(o, title, value, r->e);
        return append(at, value, title, r->e);
    default: return 0;
    }
    return is_default ? 0 : out_of_range(o, title, value, v, r->e);
}

/* ---- words --------------------------------------------------------------------------------- */

/* Would this word do as the value of an option that may stand alone? */
static int fits(const tt_opt *o, const char *word) {
    double v;
    tt_amount a;
    switch (o->kind) {
    case TT_OPT_INT:
    case TT_OPT_SIZE:
    case TT_OPT_LONG:
    case TT_OPT_SEED: return read_number(word, 1, &v);
    case TT_OPT_DOUBLE: return read_number(word, 0, &v);
    case TT_OPT_DURATION: return read_duration(word, &v);
    case TT_OPT_AMOUNT: return read_amount(word, o->allowed, &a);
    case TT_OPT_ENUM: return place_of(o, word) >= 0;
    case TT_OPT_LIST:
        return ((o->allowed || o->family) && place_of(o, word) >= 0) || read_number(word, 0, &v);
    case TT_OPT_STRING: return word[0] != '-';
    default: return 0;
    }
}

/* The key is the row's last name, which a NUL ends. */
static int set_key(reader *r, const tt_opt *o, const char *value) {
    char title[LONGEST_NAME];
    tt_list *list = field(r, o);
    const char *key = strrchr(o->names, ' ');
    tt_opt_title(o, title, sizeof(title));
    TRY(append(list, (key ? key + 1 : o->names) + 2, title, r->e));
    return append(list, value, title, r->e);
}

/* Notes that the command line has this option, so that a file of options leaves it alone. */
static int note_given(reader *r, const tt_opt *o) {
    tt_list *given = &r->shared->given;
    for (int i = 0; i < given->count; i++)
        if (given->item[i] == o->names) return 0;
    return append(given, o->names, "options", r->e);
}

/* Does a word follow that an option can have as its value: as the first one, or as a further one?
 */
static int follows(const reader *r, const tt_opt *o, int first) {
    if (r->next >= r->argc) return 0;
    const char *word = r->argv[r->next];
    return o->bare ? fits(o, word) && (first || o->kind == TT_OPT_LIST) : !is_option(word);
}

static int no_value(const reader *r, const tt_opt *o, const char *title, int least) {
    const char *word = r->next < r->argc ? r->argv[r->next] : NULL;
    if (least > 1) return fail(r->e, "%s needs %d words: %s", title, least, o->arg);
    if (word && strcmp(word, "--") && !find(r->cmd, word, strcspn(word, "=")))
        return fail(r->e,
                    "%s needs a value: %s; one that begins with a dash is written as %s=%.60s",
                    title, o->arg, title, word);
    return fail(r->e, "%s needs a value: %s", title, o->arg);
}

/* The words of one use of an option: `value` is what was attached to it, or NULL. */
static int take(reader *r, const tt_opt *o, const char *value) {
    char title[LONGEST_NAME];
    int least = 1, most = 1;
    double passed;
    tt_opt_title(o, title, sizeof(title));
    TRY(note_given(r, o));
    if (!takes_value(o)) {
        if (value) return fail(r->e, "%s takes no value", title);
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
        TRY(o->kind == TT_OPT_KEY ? set_key(r, o, value) : set(r, o, value, 0));
        value = NULL;
    }
    for (int i = 0; i < o->numbers && r->next < r->argc; i++, r->next++) {
        const char *word = r->argv[r->next];
        if (!read_number(word, 0, &passed) && strcmp(word, "true") && strcmp(word, "false")) break;
    }
    return 0;
}

/* Back to what the field was before any option was read. */
static int take_back(reader *r, const tt_opt *o) {
    TRY(note_given(r, o));
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
        char name[LONGEST_NAME];
        int n = snprintf(name, sizeof(name), "--%s", word + 5);
        if (n > 0 && n < LONGEST_NAME && (o = find(r->cmd, name, (size_t)n)) &&
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
        TRY(take(r, o, NULL));
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
        return fail(e, "unexpected word '%.100s'; a file to read is named with -i %.100s", word,
                    word);
    return fail(e, "unexpected word '%.100s'; usage: ttrans %s %s", word, cmd->name, cmd->usage);
}

int tt_opt_defaults(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, tt_err *e) {
    reader r = {.cmd = cmd, .opts = opts, .shared = shared, .e = e};
    for (int common = 0; common < 2; common++)
        for (const tt_opt *o = common ? tt_opt_common : cmd->rows; o->kind; o++)
            if (o->kind != TT_OPT_GROUP && o->def) TRY(set(&r, o, o->def, 1));
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
            TRY(long_option(&r, word));
        } else if (!only_operands && word[0] == '-' && word[1]) {
            TRY(short_options(&r, word));
        } else if (operand) {
            TRY(set(&r, operand, word, 0));
            filled = 1;
            if (operand->kind != TT_OPT_LIST) operand = next_operand(cmd, operand), filled = 0;
        } else {
            return unexpected(cmd, word, e);
        }
    }
    if (operand && !filled && operand->names[0] != '[' && !shared->dump)
        return fail(e, "%s is missing; usage: ttrans %s %s", operand->names, cmd->name, cmd->usage);
    return 0;
}

int tt_opt_parse(const tt_cmd *cmd, void *opts, tt_opt_shared *shared, int argc, char **argv,
                 tt_err *e) {
    TRY(tt_opt_defaults(cmd, opts, shared, e));
    return tt_opt_read(cmd, opts, shared, argc, argv, e);
}

int tt_opt_hidden(const tt_cmd *cmd, const char *name, size_t len) {
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

int tt_opt_wants_help(const tt_cmd *cmd, int argc, char **argv) {
    int h_is_free = !find(cmd, "-h", 2);
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help") || (h_is_free && !strcmp(argv[i], "-h"))) return 1;
    return 0;
}
