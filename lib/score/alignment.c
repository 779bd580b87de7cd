/* alignment.c: links between the words of a pair of sentences: their text form, two directions made
 * one, and the alignment error rate (Och and Ney 2003): with sure links S, possible ones P ⊇ S, and
 * those found A,
 *
 *     AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|)
 */
#include "score/alignment.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tt_links_free(tt_links *l) {
    free(l->link);
    *l = (tt_links){0};
}

int tt_links_add(tt_links *l, int src, int tgt, double p, int sure, tt_err *e) {
    if (l->count == l->room) {
        const size_t room = 2 * l->room + 16;
        tt_word_link *more = realloc(l->link, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for links");
        l->link = more;
        l->room = room;
    }
    l->link[l->count++] = (tt_word_link){src, tgt, p, sure};
    return 0;
}

/* ---- text ----------------------------------------------------------------------------------- */

static int digits(const char **at, const char *end, int *x) {
    const char *from = *at;
    for (*x = 0; *at < end && **at >= '0' && **at <= '9' && *at - from < 9; ++*at)
        *x = 10 * *x + (**at - '0');
    return *at > from;
}

/* ":0.93" behind a link. */
static int probability(const char **at, const char *end, double *p) {
    char text[32];
    size_t n = 0;
    for (++*at; *at < end && (unsigned char)**at > ' ' && n + 1 < sizeof text; ++*at)
        text[n++] = **at;
    text[n] = 0;
    char *rest;
    *p = strtod(text, &rest);
    return n && !*rest && *p >= 0 && *p <= 1;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int tt_links_read(tt_links *l, const char *line, size_t len, int from, tt_err *e) {
    const char *at = line, *end = line + len;
    l->count = 0;
    for (;;) {
        int s, t;
        double p = 1;
        while (at < end && is_blank(*at)) at++;
        if (at == end) return 0;
        int ok = digits(&at, end, &s) && at < end;
        const char kind = ok ? *at++ : 0;
        ok = ok && (kind == '-' || kind == 'p' || kind == '?') && digits(&at, end, &t);
        if (ok && at < end && *at == ':') ok = probability(&at, end, &p);
        if (!ok || (at < end && !is_blank(*at)))
            return tt_fail(e, TT_EDATA, "expected links such as 0-0 1-2, or 1p2 for possible ones");
        if (s < from || t < from)
            return tt_fail(e, TT_EDATA, "link %d%c%d: words are counted from %d", s, kind, t, from);
        TT_TRY(tt_links_add(l, s - from, t - from, p, kind == '-', e));
    }
}

static void skip(const char **at, const char *end) {
    while (*at < end && is_blank(**at)) ++*at;
}

/* A number with a blank behind it, or the line's end. */
static bool field(const char **at, const char *end, int *out) {
    skip(at, end);
    return digits(at, end, out) && (*at == end || is_blank(**at));
}

bool tt_links_is_naacl(const char *line, size_t len) {
    const char *at = line, *end = line + len;
    int n;
    return field(&at, end, &n) && field(&at, end, &n);
}

int tt_links_read_naacl(tt_links *l, int *pair, const char *line, size_t len, tt_err *e) {
    const char *at = line, *end = line + len;
    int s, t, sure = 1, ok = field(&at, end, pair) && field(&at, end, &s) && field(&at, end, &t);
    double p = 1;
    skip(&at, end);
    if (ok && at < end && (*at == 'S' || *at == 'P')) {
        sure = *at++ == 'S';
        ok = at == end || is_blank(*at);
        skip(&at, end);
    }
    if (ok && at < end) {
        at--; /* the blank, in the place of a colon */
        ok = probability(&at, end, &p);
        skip(&at, end);
    }
    if (!ok || at < end || *pair < 1)
        return tt_fail(e, TT_EDATA,
                       "expected PAIR SOURCE TARGET, all from 1, then S or P and a confidence");
    return s && t ? tt_links_add(l, s - 1, t - 1, p, sure, e) : 0;
}

int tt_links_check(const tt_links *l, int src, int tgt, tt_err *e) {
    for (size_t i = 0; i < l->count; i++)
        if (l->link[i].src >= src || l->link[i].tgt >= tgt)
            return tt_fail(e, TT_EDATA, "link %d-%d, but the pair has %d and %d words",
                           l->link[i].src, l->link[i].tgt, src, tgt);
    return 0;
}

static int by_place(const void *a, const void *b) {
    const tt_word_link *x = a, *y = b;
    return x->src != y->src ? (x->src < y->src ? -1 : 1) : x->tgt < y->tgt ? -1 : x->tgt > y->tgt;
}

void tt_links_sort(tt_links *l) {
    if (l->count) qsort(l->link, l->count, sizeof *l->link, by_place);
}

/* ---- two directions ------------------------------------------------------------------------- */

typedef struct table {
    int src, tgt;
    unsigned char *in;    /* (src, tgt): bit 0 forward, bit 1 backward, bit 2 taken */
    float *p;             /* (2, src, tgt) */
    int *of_src, *of_tgt; /* links taken of each word */
    tt_links *out;
} table;

static size_t cell(const table *t, int s, int g) { return (size_t)s * (size_t)t->tgt + (size_t)g; }

static int take(table *t, int s, int g, tt_err *e) {
    unsigned char *in = &t->in[cell(t, s, g)];
    const size_t half = (size_t)t->src * (size_t)t->tgt;
    const double p[2] = {(double)t->p[cell(t, s, g)], (double)t->p[half + cell(t, s, g)]};
    const int both = (*in & 3) == 3;
    *in |= 4;
    t->of_src[s]++;
    t->of_tgt[g]++;
    return tt_links_add(t->out, s, g, both ? sqrt(p[0] * p[1]) : *in & 1 ? p[0] : p[1], 1, e);
}

/* Links of the union beside one that is taken, of a word that has none yet, until there are no more
 * (Koehn et al. 2003). */
static int grow(table *t, tt_err *e) {
    static const int step[8][2] = {{-1, 0},  {0, -1}, {1, 0},  {0, 1},
                                   {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    for (int more = 1; more;) {
        more = 0;
        for (int s = 0; s < t->src; s++)
            for (int g = 0; g < t->tgt; g++) {
                if (!(t->in[cell(t, s, g)] & 4)) continue;
                for (int k = 0; k < 8; k++) {
                    const int a = s + step[k][0], b = g + step[k][1];
                    if (a < 0 || b < 0 || a >= t->src || b >= t->tgt) continue;
                    const unsigned char in = t->in[cell(t, a, b)];
                    if (!(in & 3) || in & 4 || (t->of_src[a] && t->of_tgt[b])) continue;
                    TT_TRY(take(t, a, b, e));
                    more = 1;
                }
            }
    }
    return 0;
}

/* Links of one direction of words that have none yet: of either word, or, with `and`, of both. */
static int finish(table *t, int direction, int and, tt_err *e) {
    for (int s = 0; s < t->src; s++)
        for (int g = 0; g < t->tgt; g++) {
            const unsigned char in = t->in[cell(t, s, g)];
            const int free_words = !t->of_src[s] + !t->of_tgt[g];
            if (in & direction && !(in & 4) && free_words > and) TT_TRY(take(t, s, g, e));
        }
    return 0;
}

static int join(table *t, int how, tt_err *e) {
    for (int s = 0; s < t->src; s++)
        for (int g = 0; g < t->tgt; g++) {
            const int in = t->in[cell(t, s, g)] & 3;
            const int wanted = how == TT_JOIN_UNION      ? in
                               : how == TT_JOIN_FORWARD  ? in & 1
                               : how == TT_JOIN_BACKWARD ? in & 2
                                                         : in == 3;
            if (wanted) TT_TRY(take(t, s, g, e));
        }
    if (how < TT_JOIN_GROW_DIAG) return 0;
    TT_TRY(grow(t, e));
    if (how == TT_JOIN_GROW_DIAG) return 0;
    TT_TRY(finish(t, 1, how == TT_JOIN_GROW_DIAG_FINAL_AND, e));
    return finish(t, 2, how == TT_JOIN_GROW_DIAG_FINAL_AND, e);
}

int tt_links_join(tt_links *out, const tt_links *forward, const tt_links *backward, int src,
                  int tgt, int how, tt_err *e) {
    const size_t n = (size_t)src * (size_t)tgt;
    const tt_links *both[2] = {forward, backward};
    table t = {.src = src, .tgt = tgt, .out = out};
    out->count = 0;
    for (int k = 0; k < 2; k++) TT_TRY(tt_links_check(both[k], src, tgt, e));
    t.in = calloc(n + 1, 1);
    t.p = calloc(2 * n + 1, sizeof *t.p);
    t.of_src = calloc((size_t)src + 1, sizeof *t.of_src);
    t.of_tgt = calloc((size_t)tgt + 1, sizeof *t.of_tgt);
    int rc =
        t.in && t.p && t.of_src && t.of_tgt ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for links");
    for (int k = 0; !rc && k < 2; k++)
        for (size_t i = 0; i < both[k]->count; i++) {
            const tt_word_link *l = &both[k]->link[i];
            t.in[cell(&t, l->src, l->tgt)] |= (unsigned char)(1 << k);
            t.p[(size_t)k * n + cell(&t, l->src, l->tgt)] = (float)l->p;
        }
    if (!rc) rc = join(&t, how, e);
    if (!rc) tt_links_sort(out);
    free(t.in);
    free(t.p);
    free(t.of_src);
    free(t.of_tgt);
    return rc;
}

/* ---- error rate ----------------------------------------------------------------------------- */

int tt_aer_add(tt_aer *a, const tt_links *found, const tt_links *gold, tt_err *e) {
    tt_links f = {0}, g = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < found->count; i++)
        rc = tt_links_add(&f, found->link[i].src, found->link[i].tgt, 1, 1, e);
    for (size_t i = 0; !rc && i < gold->count; i++)
        rc = tt_links_add(&g, gold->link[i].src, gold->link[i].tgt, 1, gold->link[i].sure, e);
    tt_links_sort(&f);
    tt_links_sort(&g);
    for (size_t i = 0, k = 0, next; !rc && k < g.count;
         k = next) { /* a link named twice counts once, sure if one is */
        int sure = 0;
        for (next = k; next < g.count && !by_place(&g.link[next], &g.link[k]); next++)
            sure |= g.link[next].sure;
        while (i < f.count && by_place(&f.link[i], &g.link[k]) < 0) i++;
        const int hit = i < f.count && !by_place(&f.link[i], &g.link[k]);
        a->sure += (size_t)sure;
        a->sure_found += (size_t)(sure && hit);
        a->possible_found += (size_t)hit;
    }
    for (size_t i = 0; !rc && i < f.count; i++)
        a->found += !i || by_place(&f.link[i], &f.link[i - 1]);
    a->pairs += !rc;
    tt_links_free(&f);
    tt_links_free(&g);
    return rc;
}

void tt_aer_get(const tt_aer *a, double *precision, double *recall, double *aer) {
    *precision = a->found ? (double)a->possible_found / (double)a->found : 0;
    *recall = a->sure ? (double)a->sure_found / (double)a->sure : 0;
    *aer = a->found + a->sure
               ? 1 - (double)(a->sure_found + a->possible_found) / (double)(a->found + a->sure)
               : 0;
}
