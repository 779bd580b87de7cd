/* place.c: see place.h. Tags become a forest: an element is a node, and so is a tag alone; tags
 * that nothing may reach over (BREAK, FIXED) divide the forest into fields. Each node first wishes
 * for a range of the translation's bytes (wish.h); then, from the roots down, children are held
 * inside their parents and apart from each other; then the forest is written down in order. Offsets
 * are never negative steps, so the result nests whatever the links say.
 */
#include "markup/wish.h"

#include <stdlib.h>
#include <string.h>

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
            struct node v;
            tt_wish_point(p, &v, t->at);
            to = v.x;
        } else {
            double share =
                s->text.len > src ? (double)(t->at - src) / (double)(s->text.len - src) : 1;
            to = tt_wish_cut(p, t->at, share, at, p->text.len, breaks--);
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
    struct node *v = &p->nodes[p->n];
    *v = (struct node){
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
            if (tt_wish_word_behind(p, t->at) < tt_wish_word_from(p, o2))
                tt_wish_run(p, &p->nodes[at], t->at, o2, t->opaque);
            else tt_wish_point(p, &p->nodes[at], t->at);
        } else {
            struct node *v = &p->nodes[add_node(p, at, (int32_t)i)];
            if (t->kind != TT_TAG_WRAP) {
                tt_wish_point(p, v, t->at);
                continue;
            }
            for (j = i;
                 j < s->count && s->tags[j].kind != TT_TAG_BREAK && s->tags[j].kind != TT_TAG_FIXED;
                 j++)
                continue;
            next = j < s->count ? s->tags[j].at : s->text.len;
            const struct node *f = &p->nodes[field];
            v->x = v->y =
                tt_wish_cut(p, t->at, next > src ? (double)(t->at - src) / (double)(next - src) : 1,
                            f->x, f->y, 1);
        }
    }
}

static int by_place(const void *a, const void *b) {
    const struct node *v = a, *w = b;
    if (v->x != w->x) return v->x < w->x ? -1 : 1;
    if (v->full && w->full && v->own != w->own) return v->own > w->own ? -1 : 1;
    if (v->y != w->y) return v->y < w->y ? -1 : 1;
    return v->open < w->open ? -1 : 1;
}

static void trim_range(const struct placing *p, struct node *v) {
    const char *t = p->text.text;
    while (v->y > v->x && (unsigned char)t[v->y - 1] <= ' ') v->y--;
    while (v->x < v->y && (unsigned char)t[v->x] <= ' ') v->x++;
}

/* An element with words keeps one: where its words are all outside of its parent, the parent's
   nearest. */
static void give_word(const struct placing *p, struct node *v, const struct node *parent) {
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
static int share(const struct placing *p, struct node *k, size_t i) {
    const char *t = p->text.text;
    struct node *v = &k[i - 1], w = k[i];
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
static int free_word(const struct placing *p, struct node *k, size_t n, size_t i,
                     const struct node *parent) {
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
    struct node w = k[i];
    memmove(k + j + 1, k + j, (i - j) * sizeof *k);
    w.x = x;
    w.y = y;
    k[j] = w;
    return 1;
}

/* Holds neighbours apart, inside of their parent, and sorts them. */
static void hold_apart(const struct placing *p, struct node *k, size_t n,
                       const struct node *parent) {
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
        struct node *v = &k[i - 1], *w = &k[i];
        if (w->x >= v->y) continue;
        if (w->x == w->y) { /* a point goes to the nearer end */
            if (w->x - v->x < v->y - w->x) {
                struct node point = *w;
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

/* <b> and <b class=…>, or two links of Markdown: one in the other would mean something else. Not
   marks of emphasis: ****word**** is strong twice, **word** reads better than *word***. */
static int alike(const struct placing *p, const struct node *v, const struct node *w) {
    const tt_tag *a = &p->s->tags[v->open], *b = &p->s->tags[w->open];
    const char *x = p->bytes + a->begin, *y = p->bytes + b->begin;
    const size_t n = a->end - a->begin, m = b->end - b->begin;
    size_t i = 1;
    if (n == m && n < 3 && memchr("*_~", *x, 3) && *x == *y && x[n - 1] == *x) return 0;
    if (*x != '<' || *y != '<') return n == m && !memcmp(x, y, n);
    while (i < n && i < m && x[i] == y[i] && (x[i] | 32) >= 'a' && (x[i] | 32) <= 'z') i++;
    const int more_x = i < n && (x[i] | 32) >= 'a' && (x[i] | 32) <= 'z',
              more_y = i < m && (y[i] | 32) >= 'a' && (y[i] | 32) <= 'z';
    return !more_x && !more_y;
}

/* Child i of n, which has found no word, goes into a neighbour that has some, or that into it: the
   one that came first in the source is the outer one, for it is arranged first, and the inner one
   is at i then. 0: there is none. */
static int nest(struct placing *p, struct node *k, int32_t *id, size_t n, size_t i) {
    if (p->s->tags[k[i].open].opaque) return 0;
    for (size_t step = 2; step < 2 * n; step++) { /* one before, one behind, two before … */
        const size_t j = step % 2 ? i + step / 2 : i - step / 2;
        if (j >= n || !k[j].full || k[j].x >= k[j].y || p->s->tags[k[j].open].opaque ||
            alike(p, &k[i], &k[j]))
            continue;
        const size_t x = k[j].x, y = k[j].y;
        if (id[i] < id[j]) {
            const struct node outer = k[i];
            const int32_t number = id[i];
            k[i] = k[j];
            id[i] = id[j];
            k[j] = outer;
            id[j] = number;
        }
        struct node *in = &p->nodes[id[i]], *out = &p->nodes[id[j]];
        in->x = k[j].x = x;
        in->y = k[j].y = y;
        in->next = out->child;
        in->parent = id[j];
        out->child = id[i];
        return 1;
    }
    return 0;
}

/* The children of struct node v: k (as many) and id are room. */
static void arrange_children(struct placing *p, int32_t v, struct node *k, int32_t *id,
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
        struct node *c = &p->nodes[id[i]];
        c->x = k[i].x;
        c->y = k[i].y;
        *link = id[i];
        link = &c->next;
    }
    *link = -1;
}

static int arrange(struct placing *p, tt_err *e) {
    struct node *k = tt_arena_alloc(p->a, ((size_t)p->n + 1) * sizeof *k);
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
        struct node *v = &p->nodes[i], *up = &p->nodes[v->parent];
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
            const struct node *v = &p->nodes[at];
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

int tt_place(tt_placed **out, const tt_segment *s, const tt_rendition *r, const char *bytes,
             tt_arena *a, tt_err *e) {
    struct placing p = {.s = s, .text = r->text, .bytes = bytes, .a = a};
    *out = tt_arena_alloc(a, (s->count + 1) * sizeof **out);
    if (!*out) return tt_fail(e, TT_ENOMEM, "out of memory for tags");
    if (!s->count) return 0;
    TT_TRY(tt_wish_open(&p, r, e));
    p.fields = 1;
    for (size_t i = 0; i < s->count; i++)
        p.fields += s->tags[i].kind == TT_TAG_BREAK || s->tags[i].kind == TT_TAG_FIXED;
    p.nodes = tt_arena_alloc(a, (s->count + (size_t)p.fields + 1) * sizeof *p.nodes);
    if (!p.nodes) return tt_fail(e, TT_ENOMEM, "out of memory for tags");
    for (p.n = 0; p.n < p.fields; p.n++)
        p.nodes[p.n] =
            (struct node){.open = -1, .close = -1, .child = -1, .next = -1, .parent = -1};
    divide(&p);
    grow(&p);
    widen(&p);
    TT_TRY(arrange(&p, e));
    write_down(&p, *out);
    return 0;
}
