/* optvalue.c: the value of an option: from a word into the field of its row (opt.h). */
#include "cmd.h"
#include "opt.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 1 << 16 };

int tt_opt_fail(tt_err *e, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->msg, sizeof(e->msg), fmt, args);
    va_end(args);
    for (char *p = e->msg; *p; p++)
        if (iscntrl((unsigned char)*p)) *p = '?';
    return e->code = TT_EUSAGE;
}

bool tt_opt_number(const char *text, int multiple, double *v) {
    char *end;
    *v = strtod(text, &end);
    if (end == text || isspace((unsigned char)*text)) return false;
    if (multiple && *end) {
        double times = *end == 'k' || *end == 'K' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : 0;
        if (times == 0) return false;
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
static bool read_amount(const char *text, const char *units, tt_amount *a) {
    char number[TT_OPT_NAME];
    size_t n = strlen(text);
    if (!n || n >= sizeof(number)) return false;
    a->unit = units[0];
    if (strchr(units, text[n - 1])) a->unit = text[--n];
    memcpy(number, text, n);
    number[n] = 0;
    return tt_opt_number(number, 1, &a->n);
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
    return tt_opt_fail(e, "%s: '%.60s' is not one of %s", title, value, list);
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
    return tt_opt_fail(e, "%s: %.60s is out of range: %s", title, value, range);
}

int tt_opt_append(tt_list *list, const char *word, const char *title, tt_err *e) {
    if (list->count >= MOST_WORDS)
        return tt_opt_fail(e, "%s: more than %d words", title, MOST_WORDS);
    if (list->count % 16 == 0) {
        const char **more = realloc(list->item, ((size_t)list->count + 16) * sizeof(*more));
        if (!more) {
            tt_opt_fail(e, "%s: out of memory", title);
            return e->code = TT_ENOMEM;
        }
        list->item = more;
    }
    list->item[list->count++] = word;
    return 0;
}

int tt_opt_set(const tt_opt *o, void *at, const char *value, int is_default, tt_err *e) {
    char title[TT_OPT_NAME];
    double v = 0;
    tt_opt_title(o, title, sizeof(title));
    switch (o->kind) {
    case TT_OPT_FLAG: *(int *)at = value ? value[0] - '0' : *(int *)at + 1; return 0;
    case TT_OPT_INT:
        if (!tt_opt_number(value, 1, &v) || v != floor(v) || fabs(v) > INT_MAX)
            return tt_opt_fail(e, "%s: '%.60s' is not a whole number", title, value);
        *(int *)at = (int)v;
        break;
    case TT_OPT_SIZE:
    case TT_OPT_LONG:
    case TT_OPT_SEED:
        if (!tt_opt_number(value, 1, &v) || v != floor(v) || v < 0 || v > 9e15)
            return tt_opt_fail(e, "%s: '%.60s' is not a count such as 500, 64k or 2M", title,
                               value);
        if (o->kind == TT_OPT_SIZE) *(size_t *)at = (size_t)v;
        else if (o->kind == TT_OPT_LONG) *(long *)at = (long)v;
        else *(uint64_t *)at = (uint64_t)v;
        break;
    case TT_OPT_DOUBLE:
        if (!tt_opt_number(value, 0, &v))
            return tt_opt_fail(e, "%s: '%.60s' is not a number", title, value);
        *(double *)at = v;
        break;
    case TT_OPT_DURATION:
        if (!read_duration(value, &v))
            return tt_opt_fail(e, "%s: '%.60s' is not a time such as 90m, 1h30m or 45s", title,
                               value);
        *(double *)at = v;
        break;
    case TT_OPT_AMOUNT: {
        tt_amount *a = at;
        if (!read_amount(value, o->allowed, a) || a->n < 0)
            return tt_opt_fail(e, "%s: '%.60s' is not a count with a unit of '%s', such as 10k%c",
                               title, value, o->allowed, o->allowed[0]);
        v = a->n;
        break;
    }
    case TT_OPT_STRING: *(const char **)at = value; return 0;
    case TT_OPT_PICK: {
        tt_pick pick;
        tt_err why = {0};
        if (tt_pick_read(&pick, tt_family_find(o->family), value, &why))
            return tt_opt_fail(e, "%s: %s", title, why.msg);
        *(const char **)at = value;
        return 0;
    }
    case TT_OPT_ENUM: {
        int place = place_of(o, value);
        if (place < 0) return not_one_of(o, title, value, e);
        *(int *)at = place;
        return 0;
    }
    case TT_OPT_LIST:
        if (o->family && !o->allowed && strchr(value, ':')) {
            tt_pick pick;
            tt_err why = {0};
            if (tt_pick_read(&pick, tt_family_find(o->family), value, &why))
                return tt_opt_fail(e, "%s: %s", title, why.msg);
        } else if ((o->allowed || o->family) && place_of(o, value) < 0 &&
                   !(o->bare && tt_opt_number(value, 0, &v)))
            return not_one_of(o, title, value, e);
        return tt_opt_append(at, value, title, e);
    default: return 0;
    }
    return is_default ? 0 : out_of_range(o, title, value, v, e);
}

int tt_opt_fits(const tt_opt *o, const char *word) {
    double v;
    tt_amount a;
    switch (o->kind) {
    case TT_OPT_INT:
    case TT_OPT_SIZE:
    case TT_OPT_LONG:
    case TT_OPT_SEED: return tt_opt_number(word, 1, &v);
    case TT_OPT_DOUBLE: return tt_opt_number(word, 0, &v);
    case TT_OPT_DURATION: return read_duration(word, &v);
    case TT_OPT_AMOUNT: return read_amount(word, o->allowed, &a);
    case TT_OPT_ENUM: return place_of(o, word) >= 0;
    case TT_OPT_LIST:
        return ((o->allowed || o->family) && place_of(o, word) >= 0) || tt_opt_number(word, 0, &v);
    case TT_OPT_STRING: return word[0] != '-';
    default: return 0;
    }
}
