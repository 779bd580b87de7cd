/* fits.c: see fits.h. */
#include "port/fits.h"

#include <string.h>

bool tt_port_among(const char *words, const char *value) {
    for (;;) {
        size_t n = strcspn(words, "|");
        if (strlen(value) == n && !memcmp(words, value, n)) return true;
        if (!words[n]) return false;
        words += n + 1;
    }
}

/* 1 if the row's condition holds. */
static bool counts(const tt_port_row *row, const tt_hyper *h) {
    tt_hyper_setting other;
    return !row->when ||
           (tt_hyper_get(h, row->when, &other) && tt_port_among(row->is, other.value));
}

static bool fits(const tt_port_row *table, const tt_hyper *h, const tt_hyper_setting *s) {
    bool listed = false;
    for (const tt_port_row *row = table; row->setting; row++) {
        if (strcmp(row->setting, s->name) != 0) continue;
        if (counts(row, h) && (!row->ours || tt_port_among(row->ours, s->value))) return true;
        listed = true;
    }
    return !listed && s->usual;
}

int tt_port_fits(const tt_port_row *table, const char *program, const tt_hyper *h, const char *file,
                 tt_err *e) {
    tt_hyper_setting s;
    for (int i = 0; tt_hyper_at(h, i, &s); i++) {
        if (s.class == TT_HYPER_TRAIN || fits(table, h, &s)) continue;
        return tt_fail(e, TT_ECONFIG, "%s: %s has nothing like this model's setting of %s (%s)",
                       file, program, s.name, s.value);
    }
    return 0;
}

const char *tt_port_theirs(const tt_port_row *table, const tt_hyper *h, const char *setting) {
    tt_hyper_setting s;
    if (!tt_hyper_get(h, setting, &s)) return NULL;
    for (const tt_port_row *row = table; row->setting; row++)
        if (row->theirs && !strcmp(row->setting, setting) && tt_port_among(row->ours, s.value))
            return row->theirs;
    return NULL;
}

const char *tt_port_ours(const tt_port_row *table, const char *setting, const char *theirs) {
    for (const tt_port_row *row = table; row->setting; row++)
        if (row->theirs && !strcmp(row->setting, setting) && !strcmp(row->theirs, theirs))
            return row->ours;
    return NULL;
}
