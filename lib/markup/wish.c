/* wish.c: see wish.h. An element wishes for the run of target words that most of its own are linked
 * to; a tag alone for the word behind it, or the one before it where it is glued to that.
 */
#include "markup/wish.h"

#include <stdbool.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

static size_t at_of(const struct placing *p, tt_span w) { return (size_t)(w.text - p->text.text); }
static size_t source_at(const struct placing *p, tt_span w) {
    return (size_t)(w.text - p->s->text.text);
}

/* The first source word that ends behind the byte. */
size_t tt_wish_word_behind(const struct placing *p, size_t at) {
    size_t low = 0, high = p->ns;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (source_at(p, p->sw[mid]) + p->sw[mid].len > at) high = mid;
        else low = mid + 1;
    }
    return low;
}

size_t tt_wish_word_from(const struct placing *p, size_t at) {
    size_t low = 0, high = p->ns;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (source_at(p, p->sw[mid]) >= at) high = mid;
        else low = mid + 1;
    }
    return low;
}

/* ---- links ----------------------------------------------------------------------------------- */

static int read_links(struct placing *p, const tt_rendition *r, tt_err *e) {
    p->first = tt_arena_zero(p->a, (p->ns + 2) * sizeof *p->first);
    p->to = tt_arena_alloc(p->a, (r->n_links + 1) * sizeof *p->to);
    p->mark = tt_arena_zero(p->a, (p->nt + 1) * sizeof *p->mark);
    p->strays = tt_arena_alloc(p->a, (p->nt + 1) * sizeof *p->strays);
    if (!p->first || !p->to || !p->mark || !p->strays)
        return tt_fail(e, TT_ENOMEM, "out of memory for links");
    for (size_t i = 0; i < r->n_links; i++) {
        const tt_link *l = &r->links[i];
        if (l->source >= 0 && (size_t)l->source < p->ns && l->target >= 0 &&
            (size_t)l->target < p->nt)
            p->first[l->source + 2]++;
    }
    for (size_t i = 2; i < p->ns + 2; i++) p->first[i] += p->first[i - 1];
    for (size_t i = 0; i < r->n_links; i++) {
        const tt_link *l = &r->links[i];
        if (l->source >= 0 && (size_t)l->source < p->ns && l->target >= 0 &&
            (size_t)l->target < p->nt)
            p->to[p->first[l->source + 1]++] = l->target;
    }
    return 0;
}

static int linked(const struct placing *p, size_t word) {
    return p->first[word + 1] > p->first[word];
}

/* The run of target words x … y-1 that has most of those linked to source words a … b-1 and fewest
   others: a hit counts 2, a miss 1. 0: none is linked. */
static int run_of(struct placing *p, size_t a, size_t b, size_t *x, size_t *y) {
    int32_t low = -1, high = -1;
    p->query++;
    for (int32_t i = p->first[a]; i < p->first[b]; i++) {
        int32_t t = p->to[i];
        p->mark[t] = p->query;
        if (low < 0 || t < low) low = t;
        if (t > high) high = t;
    }
    if (low < 0) return 0;
    long best = 0, sum = 0;
    int32_t from = low;
    for (int32_t t = low; t <= high; t++) {
        if (sum <= 0) {
            sum = 0;
            from = t;
        }
        sum += p->mark[t] == p->query ? 2 : -1;
        if (sum > best) {
            best = sum;
            *x = (size_t)from;
            *y = (size_t)t + 1;
        }
    }
    return 1;
}

/* The same; or, and then 0, that of the nearest source word that has links: behind, then before.
   Without any link, the share. */
static int run_near(struct placing *p, size_t a, size_t b, size_t *x, size_t *y) {
    if (a < b && run_of(p, a, b, x, y)) return 1;
    for (size_t k = 0; k < p->ns; k++) {
        if (b + k < p->ns && linked(p, b + k) && run_of(p, b + k, b + k + 1, x, y)) return 0;
        if (a > k && linked(p, a - k - 1) && run_of(p, a - k - 1, a - k, x, y)) return 0;
        if (b + k >= p->ns && a <= k) break;
    }
    *x = p->ns && p->nt ? a * p->nt / p->ns : 0;
    if (*x >= p->nt && p->nt) *x = p->nt - 1;
    *y = *x + (p->nt > 0);
    return 0;
}

static int same(tt_span a, tt_span b) { return a.len == b.len && !memcmp(a.text, b.text, a.len); }

/* The first byte for source byte `at` inside source word w, where the word was copied; 0: it was
   not. */
static int inside_copy(struct placing *p, size_t w, size_t at, size_t *to) {
    size_t x, y;
    if (w >= p->ns || !run_of(p, w, w + 1, &x, &y)) return 0;
    size_t from = source_at(p, p->sw[w]);
    for (size_t t = x; t < y; t++)
        if (same(p->sw[w], p->tw[t]) && at >= from && at <= from + p->sw[w].len) {
            *to = at_of(p, p->tw[t]) + (at - from);
            return 1;
        }
    return 0;
}

/* ---- wishes ---------------------------------------------------------------------------------- */

/* The translation's copy of source bytes o1 … o2-1 nearest to `near`. */
static bool find_copy(const struct placing *p, size_t o1, size_t o2, size_t near, size_t *x,
                      size_t *y) {
    const char *what = p->s->text.text + o1;
    size_t n = o2 - o1, best = (size_t)-1;
    for (size_t i = 0; n && i + n <= p->text.len; i++) {
        if (p->text.text[i] != *what || memcmp(p->text.text + i, what, n)) continue;
        size_t off = i > near ? i - near : near - i;
        if (off >= best) continue;
        best = off;
        *x = i;
        *y = i + n;
    }
    return best != (size_t)-1;
}

/* An element over a part of a word: the same bytes in the words of its range, at their end or
   beginning, if they are there. */
static void find_part(const struct placing *p, struct node *v, size_t o1, size_t o2, int at_end) {
    const char *what = p->s->text.text + o1, *text = p->text.text;
    const size_t n = o2 - o1;
    size_t end = v->y;
    if (!n || n > v->y - v->x) return;
    if (at_end && !memcmp(text + end - n, what, n)) v->x = end - n;
    else if (!at_end && !memcmp(text + v->x, what, n)) v->y = v->x + n;
}

/* Of an element over source bytes o1 … o2-1 that hold words. */
void tt_wish_run(struct placing *p, struct node *v, size_t o1, size_t o2, int opaque) {
    size_t a = tt_wish_word_behind(p, o1), b = tt_wish_word_from(p, o2), x, y, at;
    v->own = run_near(p, a, b, &x, &y);
    if (y > p->nt) y = p->nt;
    if (x >= y) {
        v->x = v->y = p->text.len;
        return;
    }
    v->x = at_of(p, p->tw[x]);
    v->y = at_of(p, p->tw[y - 1]) + p->tw[y - 1].len;
    if (opaque && find_copy(p, o1, o2, v->x, &v->x, &v->y)) return;
    /* marks at the ends belong to the element if the source's do */
    const char *src = p->s->text.text;
    size_t end = o2;
    while (end > o1 && src[end - 1] == ' ') end--;
    tt_span last = {src + o1, end - o1}, word = p->tw[y - 1];
    int ends = tt_marks_behind(last) > 0, begins = tt_marks_before(last) > 0;
    if (!ends) v->y -= tt_marks_behind(word);
    size_t lead = tt_marks_before(p->tw[x]);
    int asks = lead && ends && tt_mark_at(p->tw[x].text, p->tw[x].len, "¿¡") &&
               strchr("?!", last.text[last.len - 1]) != NULL;
    if (lead && !begins && !asks) v->x += lead;
    if (b - a != 1) return;
    const size_t from = source_at(p, p->sw[a]), past = from + p->sw[a].len;
    if (inside_copy(p, a, o1, &at) && inside_copy(p, a, o2, &v->y)) v->x = at;
    else if (o1 > from || o2 < past - tt_marks_behind(p->sw[a]))
        find_part(p, v, o1, o2 < past ? o2 : past, o1 > from);
    if (v->x > v->y) v->x = v->y;
}

/* Of a tag alone, or an element without words, at source byte `at`. */
void tt_wish_point(struct placing *p, struct node *v, size_t at) {
    const tt_span *src = &p->s->text;
    size_t x, y, w = tt_wish_word_behind(p, at), to;
    int glued = at > 0 && src->text[at - 1] != ' ';
    int inside = glued && at < src->len && src->text[at] != ' ';
    if (inside && inside_copy(p, w, at, &to)) {
        v->x = v->y = to;
        return;
    }
    if (inside) { /* before the marks that end a word: behind its last letter */
        tt_span word = p->sw[w];
        size_t off = at - source_at(p, word);
        if (off < word.len - tt_marks_behind(word)) glued = off > word.len / 2;
    }
    if (glued) {
        size_t from = inside ? w : w ? w - 1 : 0;
        run_near(p, from, from + 1, &x, &y);
        if (y > p->nt) y = p->nt;
        if (!y) v->x = 0;
        else
            v->x = at_of(p, p->tw[y - 1]) + p->tw[y - 1].len -
                   (inside ? tt_marks_behind(p->tw[y - 1]) : 0);
    } else if (w < p->ns) {
        run_near(p, w, w + 1, &x, &y);
        v->x = x < p->nt ? at_of(p, p->tw[x]) : p->text.len;
    } else {
        v->x = p->text.len;
    }
    v->y = v->x;
}

/* Words of the translation on the wrong side when it is cut before target word i = 0 … nt, and the
   source before word w. */
static void count_strays(struct placing *p, size_t w) {
    int32_t before = 0, behind = 0;
    memset(p->mark, 0, (p->nt + 1) * sizeof *p->mark);
    for (int32_t i = p->first[0]; i < p->first[p->ns]; i++)
        p->mark[p->to[i]] |= i < p->first[w] ? 1 : 2;
    for (size_t t = 0; t < p->nt; t++) before += p->mark[t] == 1;
    /* those of the source's first half that are behind, and the reverse */
    for (size_t t = 0; t <= p->nt; t++) {
        const int32_t kind = p->mark[t];
        p->strays[t] = before + behind;
        before -= kind == 1;
        behind += kind == 2;
    }
    memset(p->mark, 0, (p->nt + 1) * sizeof *p->mark);
    p->query = 0;
}

/* Where the translation's bytes from … to-1 are best cut for a line end at the source byte `at`:
   near `share` of them, before a word, with few words on the wrong side, and behind a mark; so many
   words are left behind it, if there are. */
size_t tt_wish_cut(struct placing *p, size_t at, double share, size_t from, size_t to,
                   size_t left) {
    const double want = (double)from + share * (double)(to - from), unit = (double)(to - from) + 1;
    double best = -1;
    size_t found = to;
    count_strays(p, tt_wish_word_from(p, at));
    for (size_t i = 1; i < p->nt; i++) {
        const size_t here = at_of(p, p->tw[i]);
        if (here <= from) continue;
        if (here >= to || (best >= 0 && p->nt - i < left)) break;
        double off = ((double)here > want ? (double)here - want : want - (double)here) / unit;
        off += 0.08 * (double)(p->strays[i] < 2 ? p->strays[i] : 2) +
               (tt_marks_behind(p->tw[i - 1]) ? 0 : 0.1);
        if (best >= 0 && off >= best) continue;
        best = off;
        found = here;
    }
    return found;
}

static int get_words(struct placing *p, tt_err *e) {
    p->ns = tt_words_of(p->s->text.text, p->s->text.len, NULL, 0);
    p->nt = tt_words_of(p->text.text, p->text.len, NULL, 0);
    p->sw = tt_arena_alloc(p->a, (p->ns + 1) * sizeof *p->sw);
    p->tw = tt_arena_alloc(p->a, (p->nt + 1) * sizeof *p->tw);
    if (!p->sw || !p->tw) return tt_fail(e, TT_ENOMEM, "out of memory for words");
    tt_words_of(p->s->text.text, p->s->text.len, p->sw, p->ns);
    tt_words_of(p->text.text, p->text.len, p->tw, p->nt);
    return 0;
}

int tt_wish_open(struct placing *p, const tt_rendition *r, tt_err *e) {
    TT_TRY(get_words(p, e));
    return read_links(p, r, e);
}
