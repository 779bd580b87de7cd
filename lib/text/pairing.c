/* pairing.c: see pairing.h. */
#include "text/pairing.h"

#include <stdbool.h>
#include <string.h>

void tt_pairing_close(tt_pairing *r) {
    tt_lines_close(r->src);
    tt_lines_close(r->tgt);
    *r = (tt_pairing){0};
}

int tt_pairing_open(tt_pairing *r, const tt_parallel *s, int texts, tt_err *e) {
    *r = (tt_pairing){.texts = texts};
    r->src = tt_lines_open(s->src, 0, e);
    if (r->src && s->tgt) r->tgt = tt_lines_open(s->tgt, 0, e);
    if (r->src && (r->tgt || !s->tgt)) return 0;
    tt_pairing_close(r);
    return e->code;
}

static int count_rest(tt_lines *in, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    do rc = tt_lines_next(in, &line, &len, e);
    while (rc > 0);
    return rc;
}

static bool is_blank(const tt_side_text *t) {
    for (size_t i = 0; i < t->len; i++)
        if ((unsigned char)t->at[i] > ' ') return false;
    return true;
}

/* Of a model that reads two texts: the TAB behind the second, where there are both. */
static int find_tab(const tt_pairing *r, const tt_side_text *line, const char **tab, tt_err *e) {
    const char *end = line->at + line->len;
    *tab = memchr(line->at, '\t', line->len);
    if (r->texts != 2 || !*tab) return 0;
    *tab = memchr(*tab + 1, '\t', (size_t)(end - *tab - 1));
    if (*tab) return 0;
    return tt_fail(e, TT_EDATA,
                   "%s:%zu: one TAB: expected FIRST TAB SECOND TAB TARGET, as the model reads two "
                   "texts; --second-source none reads one",
                   tt_lines_name(r->src), tt_lines_number(r->src));
}

int tt_pairing_next(tt_pairing *r, tt_side_text *src, tt_side_text *tgt, tt_err *e) {
    int rc = tt_lines_next(r->src, &src->at, &src->len, e);
    if (rc < 0) return rc;
    if (!r->tgt) {
        if (!rc) return 0;
        const char *tab, *end = src->at + src->len;
        TT_TRY(find_tab(r, src, &tab, e));
        if (!tab && is_blank(src)) { /* a pair of empty sides, which is counted among those */
            *tgt = (tt_side_text){end, 0};
            return 1;
        }
        if (!tab)
            return tt_fail(e, TT_EDATA, "%s:%zu: no TAB between source and target",
                           tt_lines_name(r->src), tt_lines_number(r->src));
        const char *next = memchr(tab + 1, '\t', (size_t)(end - tab - 1));
        r->wide += next != NULL;
        *tgt = (tt_side_text){tab + 1, (size_t)((next ? next : end) - tab - 1)};
        src->len = (size_t)(tab - src->at);
        return 1;
    }
    int other = tt_lines_next(r->tgt, &tgt->at, &tgt->len, e);
    if (rc > 0 && other > 0 && r->texts == 2 && !is_blank(src) && !memchr(src->at, '\t', src->len))
        return tt_fail(e, TT_EDATA,
                       "%s:%zu: no TAB: expected FIRST TAB SECOND, as the model reads two texts; "
                       "--second-source none reads one",
                       tt_lines_name(r->src), tt_lines_number(r->src));
    if (other < 0 || rc == other) return other;
    TT_TRY(count_rest(rc ? r->src : r->tgt, e));
    return tt_fail(e, TT_EDATA, "sides of different length: %s has %zu lines, %s has %zu",
                   tt_lines_name(r->src), tt_lines_number(r->src), tt_lines_name(r->tgt),
                   tt_lines_number(r->tgt));
}

bool tt_pairing_is_1252(const tt_pairing *r) {
    return tt_lines_windows_1252(r->src) || (r->tgt && tt_lines_windows_1252(r->tgt));
}
