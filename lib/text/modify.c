/* modify.c: see modify.h. The list of rows is read once; a pair goes through all of them. */
#include "text/modify.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "text/termlist.h"

enum { MOST = 24 }; /* modifiers in a list */

struct tt_modify {
    int n;
    tt_pick pick[MOST];
    tt_termlist *terms[MOST]; /* owned; NULL: the row has none */
    uint64_t hash;
};

/* ---- the family ---------------------------------------------------------------------------- */

static const tt_row *row_at(int i) {
    int k = 0;
    for (; i >= 0 && tt_modifiers_text[k].row.name; k++, i--)
        if (!i) return &tt_modifiers_text[k].row;
    for (k = 0; i >= 0 && tt_modifiers_pair[k].row.name; k++, i--)
        if (!i) return &tt_modifiers_pair[k].row;
    return NULL;
}

const tt_family tt_family_modifier = {"modifier", "how pairs are changed on the fly in training",
                                      row_at};

/* ---- growing text -------------------------------------------------------------------------- */

int tt_growing_open(tt_growing *g, size_t most, tt_arena *a, tt_err *e) {
    *g = (tt_growing){tt_arena_alloc(a, most + 1), 0, most, a};
    return g->text ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a text of %zu bytes", most);
}

void tt_growing_add(tt_growing *g, const char *text, size_t len) {
    if (len > g->room - g->len) len = g->room - g->len;
    if (len) memcpy(g->text + g->len, text, len);
    g->len += len;
}

bool tt_word_next(const char *text, size_t len, size_t *at, size_t *begin, size_t *end) {
    while (*at < len && text[*at] == ' ') ++*at;
    *begin = *at;
    while (*at < len && text[*at] != ' ') ++*at;
    *end = *at;
    return *end > *begin;
}

/* ---- the list ------------------------------------------------------------------------------ */

/* The length of the row that the list begins with: a comma ends it unless a setting follows, which
   has an equals sign before any colon or comma. */
static size_t row_length(const char *list) {
    size_t n = 0;
    for (;;) {
        n += strcspn(list + n, ",");
        if (!list[n] || list[n + 1 + strcspn(list + n + 1, ",:=")] != '=') return n;
        n++;
    }
}

static int open_row(tt_modify *m, const char *text, size_t len, tt_err *e) {
    char row[TT_PICK_TEXT];
    if (m->n == MOST) return tt_fail(e, TT_EUSAGE, "more than %d modifiers", MOST);
    if (len >= sizeof row)
        return tt_fail(e, TT_EUSAGE, "a modifier of %zu bytes, the most is %zu: %.40s…", len,
                       sizeof row - 1, text);
    memcpy(row, text, len);
    row[len] = 0;
    TT_TRY(tt_pick_read(&m->pick[m->n], &tt_family_modifier, row, e));
    const tt_modifier *r = (const tt_modifier *)m->pick[m->n].row;
    if (r->terms) {
        if (!*m->pick[m->n].text)
            return tt_fail(e, TT_EUSAGE, "%s needs a file of terms: %s:file=FILE", r->row.name,
                           r->row.name);
        m->terms[m->n] = tt_termlist_open(m->pick[m->n].text, e);
        if (!m->terms[m->n]) return e->code;
        m->hash = tt_key(m->hash, tt_termlist_hash(m->terms[m->n]));
    }
    m->n++;
    return 0;
}

tt_modify *tt_modify_open(const char *rows, tt_err *e) {
    tt_modify *m = calloc(1, sizeof *m);
    int rc = m ? 0 : tt_fail(e, TT_ENOMEM, "out of memory");
    while (!rc && *rows) {
        size_t len = row_length(rows);
        rc = open_row(m, rows, len, e);
        rows += len + (rows[len] == ',');
    }
    if (!rc) return m;
    tt_modify_close(m);
    return NULL;
}

void tt_modify_close(tt_modify *m) {
    for (int i = 0; m && i < m->n; i++) tt_termlist_close(m->terms[i]);
    free(m);
}

uint64_t tt_modify_hash(const tt_modify *m) { return m->hash; }

static bool differs(const tt_pair_text *a, const tt_pair_text *b, int side) {
    return a->len[side] != b->len[side] || memcmp(a->text[side], b->text[side], a->len[side]) != 0;
}

int tt_modify_pair(const tt_modify *m, tt_pair_text *pair, int *changed, uint64_t key,
                   const tt_pair_source *source, tt_arena *a, tt_err *e) {
    *changed = 0;
    for (int i = 0; i < m->n; i++) {
        const uint64_t own = tt_key(key, (uint64_t)i);
        if (tt_rand_unit(own, 0) >= m->pick[i].set[0]) continue;
        const tt_pair_text was = *pair;
        tt_modifying at = {.pair = pair,
                           .pick = &m->pick[i],
                           .key = tt_key(own, 1),
                           .source = source,
                           .terms = m->terms[i],
                           .a = a};
        const tt_modifier *row = (const tt_modifier *)m->pick[i].row;
        TT_TRY(row->apply(&at, e));
        if (!differs(&was, pair, TT_SOURCE) && !differs(&was, pair, TT_TARGET)) continue;
        if (row->other) *changed = TT_PAIR_OTHER;
        else if (!*changed) *changed = TT_PAIR_CHANGED;
    }
    return 0;
}
