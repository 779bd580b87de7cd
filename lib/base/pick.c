/* pick.c: reading and writing a choice among the rows of a family; see ttrans/family.h. */
#include "base/pick.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"

int tt_family_place(const tt_family *f, const char *name, size_t len) {
    const tt_row *r;
    for (int i = 0; (r = f->row(i)) != NULL; i++)
        if (strlen(r->name) == len && !memcmp(r->name, name, len)) return i;
    return -1;
}

/* Adds one more to a list with commas; what does not fit is left out. */
static void add_word(char *text, size_t cap, const char *word, int len) {
    size_t n = strlen(text);
    if (n < cap) snprintf(text + n, cap - n, "%s%.*s", n ? ", " : "", len, word);
}

void tt_family_names(const tt_family *f, char *text, size_t cap) {
    const tt_row *r;
    text[0] = 0;
    for (int i = 0; (r = f->row(i)) != NULL; i++)
        add_word(text, cap, r->name, (int)strlen(r->name));
}

static int no_row(const tt_family *f, const char *text, size_t len, tt_err *e) {
    char names[300];
    tt_family_names(f, names, sizeof names);
    return tt_fail(e, TT_EUSAGE, "no %s is called '%.*s'; there are %s", f->name,
                   len < 60 ? (int)len : 60, text, names);
}

static int no_setting(const tt_row *r, const char *text, size_t len, tt_err *e) {
    char names[300] = "";
    if (!r->settings)
        return tt_fail(e, TT_EUSAGE, "%s has no settings, so nothing may follow its name", r->name);
    for (const tt_setting *s = r->settings; s->name; s++)
        add_word(names, sizeof names, s->name, (int)strlen(s->name));
    return tt_fail(e, TT_EUSAGE, "%s has no setting '%.*s'; it has %s", r->name,
                   len < 60 ? (int)len : 60, text, names);
}

static int read_word(const tt_setting *s, const char *text, double *value) {
    const char *w = s->words;
    for (int i = 0;; i++) {
        size_t n = strcspn(w, "|");
        if (strlen(text) == n && !memcmp(w, text, n)) {
            *value = i;
            return 1;
        }
        if (!w[n]) return 0;
        w += n + 1;
    }
}

static int read_text(const tt_row *r, const tt_setting *s, const char *text, size_t len, char *into,
                     tt_err *e) {
    if (len >= TT_PICK_WORD)
        return tt_fail(e, TT_EUSAGE, "%s: %s has %zu bytes, the most is %d", r->name, s->name, len,
                       TT_PICK_WORD - 1);
    memcpy(into, text, len);
    into[len] = 0;
    return 0;
}

static int read_value(const tt_row *r, const tt_setting *s, const char *text, double *value,
                      tt_err *e) {
    char *end, low[TT_NUMBER_TEXT], high[TT_NUMBER_TEXT];
    if (s->words) {
        if (read_word(s, text, value)) return 0;
        return tt_fail(e, TT_EUSAGE, "%s: %s is '%.60s', not one of %s", r->name, s->name, text,
                       s->words);
    }
    *value = strtod(text, &end);
    int number =
        *text && !*end && strchr("0123456789.-+", *text) && (!s->whole || *value == floor(*value));
    if (number && *value >= s->low && *value <= s->high) return 0;
    tt_number_write(low, s->low);
    tt_number_write(high, s->high);
    return tt_fail(e, TT_EUSAGE, "%s: %s is '%.60s', not a %snumber from %s to %s", r->name,
                   s->name, text, s->whole ? "whole " : "", low, high);
}

/* One "setting=value" of len bytes; `given` has a bit for each setting that was read before. */
static int read_setting(tt_pick *p, const char *text, size_t len, unsigned *given, tt_err *e) {
    const tt_row *r = p->row;
    const char *equals = memchr(text, '=', len);
    size_t name = equals ? (size_t)(equals - text) : len;
    char value[80];
    int i = 0;
    for (; r->settings && r->settings[i].name; i++)
        if (strlen(r->settings[i].name) == name && !memcmp(r->settings[i].name, text, name)) break;
    if (!r->settings || !r->settings[i].name) return no_setting(r, text, name, e);
    if (!equals)
        return tt_fail(e, TT_EUSAGE, "%s: %s needs a value: %s=…", r->name, r->settings[i].name,
                       r->settings[i].name);
    if (*given & 1u << i)
        return tt_fail(e, TT_EUSAGE, "%s: %s is given twice", r->name, r->settings[i].name);
    *given |= 1u << i;
    if (r->settings[i].whole == TT_SETTING_TEXT)
        return read_text(r, &r->settings[i], equals + 1, len - name - 1, p->text, e);
    snprintf(value, sizeof value, "%.*s", (int)(len - name - 1), equals + 1);
    return read_value(r, &r->settings[i], value, &p->set[i], e);
}

int tt_pick_read(tt_pick *p, const tt_family *f, const char *text, tt_err *e) {
    size_t len = strcspn(text, ":");
    unsigned given = 0;
    int place = tt_family_place(f, text, len);
    memset(p, 0, sizeof *p);
    if (place < 0) return no_row(f, text, len, e);
    p->row = f->row(place);
    for (int i = 0; p->row->settings && p->row->settings[i].name; i++)
        if (p->row->settings[i].whole == TT_SETTING_TEXT)
            snprintf(p->text, sizeof p->text, "%s", p->row->settings[i].words);
        else p->set[i] = p->row->settings[i].usual;
    if (!text[len]) return 0;
    for (text += len + 1;; text += len + 1) {
        len = strcspn(text, ",");
        TT_TRY(read_setting(p, text, len, &given, e));
        if (!text[len]) return 0;
    }
}

void tt_pick_write(const tt_pick *p, char text[TT_PICK_TEXT]) {
    size_t n = (size_t)snprintf(text, TT_PICK_TEXT, "%s", p->row->name);
    char between = ':';
    for (int i = 0; p->row->settings && p->row->settings[i].name && n < TT_PICK_TEXT; i++) {
        const tt_setting *s = &p->row->settings[i];
        char value[TT_PICK_WORD];
        const char *w = s->words;
        if (s->whole == TT_SETTING_TEXT ? !strcmp(p->text, w) : p->set[i] == s->usual) continue;
        for (int k = (int)p->set[i]; w && k > 0; k--) w += strcspn(w, "|") + 1;
        if (s->whole == TT_SETTING_TEXT) snprintf(value, sizeof value, "%s", p->text);
        else if (w) snprintf(value, sizeof value, "%.*s", (int)strcspn(w, "|"), w);
        else tt_number_write(value, p->set[i]);
        n += (size_t)snprintf(text + n, TT_PICK_TEXT - n, "%c%s=%s", between, s->name, value);
        between = ',';
    }
}
