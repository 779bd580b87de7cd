/* place.c: see place.h. Tags become a forest: an element is a node, and so is a tag alone; tags
 * that nothing may reach over (BREAK, FIXED) divide the forest into fields. Each node first wishes
 * for a range of the translation's bytes; then, from the roots down, children are held inside their
 * parents and apart from each other; then the forest is written down in order. Offsets are never
 * negative steps, so the result nests whatever the links say.
 */
#include "markup/place.h"

#include <stdlib.h>
#include <string.h>

typedef struct node {
    size_t x, y;  /* bytes of the translation */
    int32_t open, close; /* tags; close -1: alone */
    int full, own;       /* holds words; and they have links */
    int32_t child, next, parent; /* nodes, -1: none */
} node;

struct placing {
    const tt_segment *s;
    tt_span text; /* the translation */
    tt_span *sw, *tw; /* words of both */
    size_t ns, nt;
    int32_t *first, *to; /* source word i is linked to target words to[first[i]] … */
    int32_t *mark;       /* (nt) the last query that hit the word */
    int32_t query;
    int32_t *strays;     /* (nt+1) see count_strays */
    node *nodes;
    int32_t n, fields;   /* nodes 0 … fields-1 are fields */
    const char *bytes;   /* of the document */
    tt_arena *a;
};

/* ---- words ----------------------------------------------------------------------------------- */

static size_t at_of(const struct placing *p, tt_span w) { return (size_t)(w.text - p->text.text); }
static size_t source_at(const struct placing *p, tt_span w) {
    return (size_t)(w.text - p->s->text.text);
}

/* The first source word that ends behind the byte. */
static size_t word_behind(const struct placing *p, size_t at) {
    size_t low = 0, high = p->ns;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (source_at(p, p->sw[mid]) + p->sw[mid].len > at) high = mid;
        else low = mid + 1;
    }
    return low;
}

static size_t word_from(const struct placing *p, size_t at) {
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
static int find_copy(const struct placing *p, size_t o1, size_t o2, size_t near, size_t *x,
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
static void find_part(const struct placing *p, node *v, size_t o1, size_t o2, int at_end) {
    const char *what = p->s->text.text + o1, *text = p->text.text;
    const size_t n = o2 - o1;
    size_t end = v->y;
    if (!n || n > v->y - v->x) return;
    if (at_end && !memcmp(text + end - n, what, n)) v->x = end - n;
    else if (!at_end && !memcmp(text + v->x, what, n)) v->y = v->x + n;
}

/* Of an element over source bytes o1 … o2-1 that hold words. */
static void wish_run(struct placing *p, node *v, size_t o1, size_t o2, int opaque) {
    size_t a = word_behind(p, o1), b = word_from(p, o2), x, y, at;
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
static void wish_point(struct placing *p, node *v, size_t at) {
    const tt_span *src = &p->s->text;
    size_t x, y, w = word_behind(p, at), to;
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
static size_t cut_near(struct placing *p, size_t at, double share, size_t from, size_t to,
                       size_t left) {
    const double want = (double)from + share * (double)(to - from), unit = (double)(to - from) + 1;
    double best = -1;
    size_t found = to;
    count_strays(p, word_from(p, at));
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

/* ---- the forest ------------------------------------------------------------------------------ */

/* Where fields end: rising. BREAK by its share of what is left, FIXED by the word behind it. */
static void divide(struct placing *p) {
    const tt_segment *s = p->s;
    size_t at = 0, src = 0, breaks = 0;
    int32_t f = 0;
    for (size_t i = 0; i < s->count; i++) breaks += s->tags[i].kind == TT_TAG_BREAK;
    for (size_t i = 0; i < s->count; i++) {
        const tt_tag *t = &s->tags[i];
        if (t->kind != TT_TAG_BREAK && t->kind != TT_TAG_FIXED) continue;
        size_t to;
        if (t->kind == TT_TAG_FIXED) {
            node v;
            wish_point(p, &v, t->at);
            to = v.x;
        } else {
            double share =
                s->text.len > src ? (double)(t->at - src) / (double)(s->text.len - src) : 1;
            to = cut_near(p, t->at, share, at, p->text.len, breaks--);
        }
        if (to < at) to = at;
        p->nodes[f].x = at;
        p->nodes[f++].y = at = to;
        src = t->at;
    }
    p->nodes[f].x = at;
    p->nodes[f].y = p->text.len;
}

static int32_t add_node(struct placing *p, int32_t parent, int32_t open) {
    node *v = &p->nodes[p->n];
    *v = (node){
        .open = open, .close = -1, .child = -1, .next = p->nodes[parent].child, .parent = parent};
    p->nodes[parent].child = p->n;
    return p->n++;
}

static void grow(struct placing *p) {
    const tt_segment *s = p->s;
    int32_t at = 0, field = 0; /* the node that is open */
    size_t src = 0, next = 0;  /* source bytes where the field begins and ends */
    for (size_t i = 0, j = 0; i < s->count; i++) {
        const tt_tag *t = &s->tags[i];
        if (t->kind == TT_TAG_BREAK || t->kind == TT_TAG_FIXED) {
            at = ++field;
            src = t->at;
        } else if (t->kind == TT_TAG_CLOSE) {
            p->nodes[at].close = (int32_t)i;
            at = p->nodes[at].parent;
        } else if (t->kind == TT_TAG_OPEN) {
            at = add_node(p, at, (int32_t)i);
            size_t o2 = s->tags[t->pair].at;
            if (word_behind(p, t->at) < word_from(p, o2))
                wish_run(p, &p->nodes[at], t->at, o2, t->opaque);
            else wish_point(p, &p->nodes[at], t->at);
        } else {
            node *v = &p->nodes[add_node(p, at, (int32_t)i)];
            if (t->kind != TT_TAG_WRAP) {
                wish_point(p, v, t->at);
                continue;
            }
            for (j = i;
                 j < s->count && s->tags[j].kind != TT_TAG_BREAK && s->tags[j].kind != TT_TAG_FIXED;
                 j++)
                continue;
            next = j < s->count ? s->tags[j].at : s->text.len;
            const node *f = &p->nodes[field];
            v->x = v->y =
                cut_near(p, t->at, next > src ? (double)(t->at - src) / (double)(next - src) : 1,
                         f->x, f->y, 1);
        }
    }
}

static int by_place(const void *a, const void *b) {
    const node *v = a, *w = b;
    if (v->x != w->x) return v->x < w->x ? -1 : 1;
    if (v->full && w->full && v->own != w->own) return v->own > w->own ? -1 : 1;
    if (v->y != w->y) return v->y < w->y ? -1 : 1;
    return v->open < w->open ? -1 : 1;
}

static void trim_range(const struct placing *p, node *v) {
    const char *t = p->text.text;
    while (v->y > v->x && (unsigned char)t[v->y - 1] <= ' ') v->y--;
    while (v->x < v->y && (unsigned char)t[v->x] <= ' ') v->x++;
}

/* An element with words keeps one: where its words are all outside of its parent, the parent's
   nearest. */
static void give_word(const struct placing *p, node *v, const node *parent) {
    const char *t = p->text.text;
    size_t x = parent->x, y = parent->y;
    while (y > x && (unsigned char)t[y - 1] <= ' ') y--;
    while (x < y && (unsigned char)t[x] <= ' ') x++;
    if (v->x >= y) {
        v->y = v->x = y;
        while (v->x > x && (unsigned char)t[v->x - 1] > ' ') v->x--;
    } else {
        v->y = v->x = x;
        while (v->y < y && (unsigned char)t[v->y] > ' ') v->y++;
    }
}

/* k[i] gets the last word of its neighbour k[i-1]; or its first one and goes before it, as in the
   source. 0: it has but one. */
static int share(const struct placing *p, node *k, size_t i) {
    const char *t = p->text.text;
    node *v = &k[i - 1], w = k[i];
    size_t x = v->y, y = v->x;
    while (x > v->x && (unsigned char)t[x - 1] > ' ') x--;
    while (y < v->y && (unsigned char)t[y] > ' ') y++;
    if (x <= v->x || !v->full) return 0;
    if (w.open > v->open) {
        w.x = x;
        w.y = v->y;
        v->y = x;
        trim_range(p, v);
        k[i] = w;
        return 1;
    }
    w.x = v->x;
    w.y = y;
    v->x = y;
    trim_range(p, v);
    k[i] = *v;
    *v = w;
    return 1;
}

/* A word for k[i], which has lost its own: one of the neighbour before it, where that has several,
   else the nearest one of the parent that no neighbour has, behind it or before; 0: there is
   none. */
static int free_word(const struct placing *p, node *k, size_t n, size_t i, const node *parent) {
    const char *t = p->text.text;
    const size_t ceiling = i + 1 < n ? k[i + 1].x : parent->y;
    if (i && share(p, k, i)) return 1;
    size_t x = k[i].x, y;
    while (x < ceiling && (unsigned char)t[x] > ' ') x++; /* what is left of a neighbour's word */
    while (x < ceiling && (unsigned char)t[x] <= ' ') x++;
    for (y = x; y < ceiling && (unsigned char)t[y] > ' ';) y++;
    if (y > x) {
        k[i].x = x;
        k[i].y = y;
        return 1;
    }
    if (!i) return 0;
    size_t j = i - 1; /* the neighbour before it, or the first of the points before that */
    while (j && k[j - 1].x == k[j - 1].y && k[j - 1].x == k[i - 1].x) j--;
    const size_t floor = j ? k[j - 1].y : parent->x;
    for (y = k[i - 1].x; y > floor && (unsigned char)t[y - 1] <= ' ';) y--;
    for (x = y; x > floor && (unsigned char)t[x - 1] > ' ';) x--;
    if (y == x) return 0;
    node w = k[i];
    memmove(k + j + 1, k + j, (i - j) * sizeof *k);
    w.x = x;
    w.y = y;
    k[j] = w;
    return 1;
}

/* Holds neighbours apart, inside of their parent, and sorts them. */
static void hold_apart(const struct placing *p, node *k, size_t n, const node *parent) {
    for (size_t i = 0; i < n; i++) {
        k[i].full = k[i].x < k[i].y;
        if (k[i].full && (k[i].x >= parent->y || k[i].y <= parent->x)) give_word(p, &k[i], parent);
        if (k[i].x < parent->x) k[i].x = parent->x;
        if (k[i].x > parent->y) k[i].x = parent->y;
        if (k[i].y > parent->y) k[i].y = parent->y;
        if (k[i].y < k[i].x) k[i].y = k[i].x;
    }
    qsort(k, n, sizeof *k, by_place);
    for (size_t i = 1; i < n; i++) {
        node *v = &k[i - 1], *w = &k[i];
        if (w->x >= v->y) continue;
        if (w->x == w->y) { /* a point goes to the nearer end */
            if (w->x - v->x < v->y - w->x) {
                node point = *w;
                point.x = point.y = v->x;
                *w = *v;
                *v = point;
            } else {
                w->x = w->y = v->y;
            }
        } else if (w->x > v->x) {
            v->y = w->x;
            trim_range(p, v);
        } else {
            w->x = v->y;
            if (w->y < w->x) w->y = w->x;
            trim_range(p, w);
        }
        if (k[i].full && k[i].x >= k[i].y) free_word(p, k, n, i, parent);
    }
    for (size_t i = 1; i < n; i++) { /* what was moved may have passed a neighbour */
        if (k[i].x < k[i - 1].y) k[i].x = k[i - 1].y;
        if (k[i].y < k[i].x) k[i].y = k[i].x;
    }
}

/* <b> and <b class=…>, or two links of Markdown: one in the other would mean something else. */
static int alike(const struct placing *p, const node *v, const node *w) {
    const tt_tag *a = &p->s->tags[v->open], *b = &p->s->tags[w->open];
    const char *x = p->bytes + a->begin, *y = p->bytes + b->begin;
    const size_t n = a->end - a->begin, m = b->end - b->begin;
    size_t i = 1;
    if (*x != '<' || *y != '<') return n == m && !memcmp(x, y, n);
    while (i < n && i < m && x[i] == y[i] && (x[i] | 32) >= 'a' && (x[i] | 32) <= 'z') i++;
    const int more_x = i < n && (x[i] | 32) >= 'a' && (x[i] | 32) <= 'z',
              more_y = i < m && (y[i] | 32) >= 'a' && (y[i] | 32) <= 'z';
    return !more_x && !more_y;
}

/* Child i of n, which has found no word, goes into a neighbour that has some, or that into it: the
   one that came first in the source is the outer one, for it is arranged first, and the inner one
   is at i then. 0: there is none. */
static int nest(struct placing *p, node *k, int32_t *id, size_t n, size_t i) {
    if (p->s->tags[k[i].open].opaque) return 0;
    for (size_t step = 2; step < 2 * n; step++) { /* one before, one behind, two before … */
        const size_t j = step % 2 ? i + step / 2 : i - step / 2;
        if (j >= n || !k[j].full || k[j].x >= k[j].y || p->s->tags[k[j].open].opaque ||
            alike(p, &k[i], &k[j]))
            continue;
        const size_t x = k[j].x, y = k[j].y;
        if (id[i] < id[j]) {
            const node outer = k[i];
            const int32_t number = id[i];
            k[i] = k[j];
            id[i] = id[j];
            k[j] = outer;
            id[j] = number;
        }
        node *in = &p->nodes[id[i]], *out = &p->nodes[id[j]];
        in->x = k[j].x = x;
        in->y = k[j].y = y;
        in->next = out->child;
        in->parent = id[j];
        out->child = id[i];
        return 1;
    }
    return 0;
}

/* The children of node v: k (as many) and id are room. */
static void arrange_children(struct placing *p, int32_t v, node *k, int32_t *id,
                             const int32_t *of_tag) {
    size_t n = 0;
    int32_t *link = &p->nodes[v].child;
    for (int32_t c = *link; c >= 0; c = p->nodes[c].next) k[n++] = p->nodes[c];
    if (!n) return;
    hold_apart(p, k, n, &p->nodes[v]);
    for (size_t i = 0; i < n; i++) id[i] = of_tag[k[i].open];
    for (size_t i = 0; i < n; i++) {
        if (!k[i].full || k[i].x < k[i].y) continue;
        if (!nest(p, k, id, n, i)) continue;
        memmove(k + i, k + i + 1, (n - i - 1) * sizeof *k);
        memmove(id + i, id + i + 1, (n - i - 1) * sizeof *id);
        n--;
        i--;
    }
    for (size_t i = 0; i < n; i++) {
        node *c = &p->nodes[id[i]];
        c->x = k[i].x;
        c->y = k[i].y;
        *link = id[i];
        link = &c->next;
    }
    *link = -1;
}

static int arrange(struct placing *p, tt_err *e) {
    node *k = tt_arena_alloc(p->a, ((size_t)p->n + 1) * sizeof *k);
    int32_t *id = tt_arena_alloc(p->a, ((size_t)p->n + 1) * sizeof *id);
    /* the node that a tag begins */
    int32_t *of_tag = tt_arena_alloc(p->a, (p->s->count + 1) * sizeof *of_tag);
    if (!k || !id || !of_tag) return tt_fail(e, TT_ENOMEM, "out of memory for tags");
    for (int32_t i = p->fields; i < p->n; i++) of_tag[p->nodes[i].open] = i;
    /* parents stand before their children */
    for (int32_t v = 0; v < p->n; v++) arrange_children(p, v, k, id, of_tag);
    return 0;
}

/* Widens elements, from the innermost out, to hold the elements in them. */
static void widen(struct placing *p) {
    for (int32_t i = p->n - 1; i >= p->fields; i--) {
        node *v = &p->nodes[i], *up = &p->nodes[v->parent];
        if (v->parent < p->fields || v->close < 0 || v->x == v->y) continue;
        if (v->x < up->x) up->x = v->x;
        if (v->y > up->y) up->y = v->y;
    }
}

static void write_down(const struct placing *p, tt_placed *out) {
    size_t n = 0, last = 0, barrier = 0;
    for (int32_t f = 0; f < p->fields; f++) {
        int32_t at = p->nodes[f].child;
        while (at >= 0) {
            const node *v = &p->nodes[at];
            out[n++] = (tt_placed){v->x, v->open};
            if (v->child >= 0) {
                at = v->child;
                continue;
            }
            for (;;) { /* leave it, and those it is the last in */
                if (v->close >= 0) out[n++] = (tt_placed){v->y, v->close};
                at = v->next;
                if (at >= 0 || v->parent < p->fields) break;
                v = &p->nodes[v->parent];
            }
        }
        for (; barrier < p->s->count; barrier++) {
            int kind = p->s->tags[barrier].kind;
            if (kind == TT_TAG_BREAK || kind == TT_TAG_FIXED) {
                out[n++] = (tt_placed){p->nodes[f].y, (int32_t)barrier++};
                break;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (out[i].at < last) out[i].at = last;
        last = out[i].at;
    }
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

int tt_place(tt_placed **out, const tt_segment *s, const tt_rendition *r, const char *bytes,
             tt_arena *a, tt_err *e) {
    struct placing p = {.s = s, .text = r->text, .bytes = bytes, .a = a};
    *out = tt_arena_alloc(a, (s->count + 1) * sizeof **out);
    if (!*out) return tt_fail(e, TT_ENOMEM, "out of memory for tags");
    if (!s->count) return 0;
    TT_TRY(get_words(&p, e));
    TT_TRY(read_links(&p, r, e));
    p.fields = 1;
    for (size_t i = 0; i < s->count; i++)
        p.fields += s->tags[i].kind == TT_TAG_BREAK || s->tags[i].kind == TT_TAG_FIXED;
    p.nodes = tt_arena_alloc(a, (s->count + (size_t)p.fields + 1) * sizeof *p.nodes);
    if (!p.nodes) return tt_fail(e, TT_ENOMEM, "out of memory for tags");
    for (p.n = 0; p.n < p.fields; p.n++)
        p.nodes[p.n] = (node){.open = -1, .close = -1, .child = -1, .next = -1, .parent = -1};
    divide(&p);
    grow(&p);
    widen(&p);
    TT_TRY(arrange(&p, e));
    write_down(&p, *out);
    return 0;
}
