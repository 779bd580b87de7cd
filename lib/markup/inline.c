/* inline.c: what stands in a paragraph of Markdown: emphasis, links, images, code, HTML, escapes.
 *
 * One pass finds what begins and ends by itself; runs of * _ ~ wait on a stack for what closes
 * them, as CommonMark's rules say (left- and right-flanking). What finds no other half is text.
 * Then all are told to the gatherer in order.
 */
#include "markup/markdown.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "markup/htmlish.h"

enum {
    RUNS_MOST = 32,     /* backticks in a row */
    STACK_MOST = 64,    /* open elements of a kind */
    COPIED_MOST = 60,   /* bytes of code that is a word of its sentence */
    ADDRESS_MOST = 4096 /* bytes of a link's address and title */
};

enum { CHAR = 100, SKIP }; /* kinds of events beside those of tags */

typedef struct event {
    size_t from, to; /* of the paragraph */
    size_t key;
    int kind, opaque;
} event;

struct run {
    size_t from, count;
    char c;
    int opens, closes;
};

struct inlines {
    tt_doc *d;
    const tt_para *p;
    event *ev;
    size_t n, cap;
    struct run run[STACK_MOST];
    int runs;
    size_t bracket[STACK_MOST]; /* where [ stands */
    int brackets;
    tt_span name[STACK_MOST]; /* of HTML elements that are open */
    size_t key[STACK_MOST];
    int names;
    size_t no_more[RUNS_MOST + 1]; /* 1: no run of so many backticks is ahead */
};

static void add(struct inlines *x, int kind, size_t from, size_t to, size_t key, int opaque) {
    event *p = tt_doc_more(x->d, x->ev, x->n, &x->cap, sizeof *p);
    if (!p) return;
    x->ev = p;
    p[x->n++] = (event){from, to, key, kind, opaque};
}

static bool is_punct(char c) {
    return c > ' ' && c < 0x7f && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9');
}
static bool is_white(const tt_para *p, size_t i) {
    return i >= p->len || (unsigned char)p->text[i] <= ' ';
}

/* ---- code ------------------------------------------------------------------------------------ */

static size_t code(struct inlines *x, size_t i) {
    const tt_para *p = x->p;
    size_t n = 0;
    while (i + n < p->len && p->text[i + n] == '`') n++;
    size_t begin = i + n;
    if (n > RUNS_MOST || x->no_more[n]) return begin;
    for (size_t k = begin; k < p->len;) {
        const char *q = memchr(p->text + k, '`', p->len - k);
        if (!q) break;
        size_t at = (size_t)(q - p->text), m = 0;
        while (at + m < p->len && p->text[at + m] == '`') m++;
        if (m != n) {
            k = at + m;
            continue;
        }
        if (at - begin <= COPIED_MOST && at > begin) {
            add(x, TT_TAG_OPEN, i, begin, i, 1);
            add(x, SKIP, begin, at, 0, 0);
            add(x, TT_TAG_CLOSE, at, at + n, i, 0);
        } else {
            add(x, TT_TAG_ALONE, i, at + n, TT_NO_KEY, 0);
        }
        return at + n;
    }
    x->no_more[n] = 1;
    return begin;
}

/* ---- links ----------------------------------------------------------------------------------- */

/* A part of the paragraph as a segment of its own, inside of a tag. */
static void part(struct inlines *x, size_t from, size_t to, int form) {
    const tt_para *p = x->p;
    if (from >= to || memchr(p->text + from, '\n', to - from)) return;
    tt_gather g = {.d = x->d, .form = form, .whole = 1};
    tt_htmlish_text(&g, p->at[from], p->end[to - 1]);
    tt_gather_flush(&g);
}

/* (address "title") at i: where it ends, or 0; its title's bytes. */
static size_t address(const tt_para *p, size_t i, size_t *title, size_t *title_end) {
    size_t end = p->len - i > ADDRESS_MOST ? i + ADDRESS_MOST : p->len, k = i + 1;
    int depth = 0;
    while (k < end && p->text[k] == ' ') k++;
    if (k < end && p->text[k] == '<') {
        while (k < end && p->text[k] != '>' && p->text[k] != '\n') k++;
        if (k == end || p->text[k] != '>') return 0;
        k++;
    } else {
        for (; k < end && (unsigned char)p->text[k] > ' '; k++) {
            if (p->text[k] == '\\') k++;
            else if (p->text[k] == '(' && ++depth > 8) return 0;
            else if (p->text[k] == ')' && --depth < 0) break;
        }
    }
    while (k < end && (unsigned char)p->text[k] <= ' ') k++;
    if (k < end && (p->text[k] == '"' || p->text[k] == '\'')) {
        char q = p->text[k];
        size_t from = ++k;
        while (k < end && p->text[k] != q) k += p->text[k] == '\\' ? 2 : 1;
        if (k >= end) return 0;
        *title = from;
        *title_end = k++;
        while (k < end && (unsigned char)p->text[k] <= ' ') k++;
    }
    return k < end && p->text[k] == ')' ? k + 1 : 0;
}

/* ] at i: an image, a link, a footnote's mark, or text. Returns where it ends. */
static size_t bracket(struct inlines *x, size_t i) {
    const tt_para *p = x->p;
    if (!x->brackets) return i + 1;
    size_t open = x->bracket[--x->brackets], end = 0, title = 0, title_end = 0;
    const int image = open > 0 && p->text[open - 1] == '!';
    if (i > open + 1 && p->text[open + 1] == '^') {
        add(x, TT_TAG_ALONE, open, i + 1, TT_NO_KEY, 0);
        return i + 1;
    }
    if (i + 1 < p->len && p->text[i + 1] == '(') end = address(p, i + 1, &title, &title_end);
    if (!end && i + 1 < p->len && p->text[i + 1] == '[') {
        size_t most = p->len - i > 200 ? i + 200 : p->len, k = i + 2;
        while (k < most && p->text[k] != ']' && p->text[k] != '[' && p->text[k] != '\n') k++;
        if (k < most && p->text[k] == ']') end = k + 1;
    }
    if (!end) return i + 1;
    if (title_end > title) part(x, title, title_end, TT_SPELL_DOUBLE);
    if (image) {
        part(x, open + 1, i, x->p->form);
        while (x->n && x->ev[x->n - 1].from >= open - 1) x->n--; /* what was found inside */
        while (x->runs && x->run[x->runs - 1].from >= open) x->runs--;
        add(x, TT_TAG_ALONE, open - 1, end, TT_NO_KEY, 0);
    } else {
        add(x, TT_TAG_OPEN, open, open + 1, open, 0);
        add(x, TT_TAG_CLOSE, i, end, open, 0);
    }
    return end;
}

/* ---- HTML ------------------------------------------------------------------------------------ */

/* < at i: where the tag ends, or i + 1. */
static size_t angle(struct inlines *x, size_t i) {
    const tt_para *p = x->p;
    const char *text = p->text, *q;
    size_t most = p->len - i > ADDRESS_MOST ? ADDRESS_MOST : p->len - i;
    if (i + 1 >= p->len || !(q = memchr(text + i, '>', most))) return i + 1;
    if (text[i + 1] == '!' || text[i + 1] == '?') {
        add(x, TT_TAG_ALONE, i, (size_t)(q - text) + 1, TT_NO_KEY, 0);
        return (size_t)(q - text) + 1;
    }
    const int closes = text[i + 1] == '/';
    size_t name = i + 1 + (size_t)closes, k = name, end = (size_t)(q - text) + 1;
    while (k < end && (((text[k] | 32) >= 'a' && (text[k] | 32) <= 'z') ||
                       (k > name && ((text[k] >= '0' && text[k] <= '9') || text[k] == '-'))))
        k++;
    tt_span n = {text + name, k - name};
    if (!n.len) return i + 1;
    if (text[k] == ':' || text[k] == '@' || text[k] == '.' || text[k] == '+') { /* an address */
        for (size_t j = i; j < end; j++)
            if ((unsigned char)text[j] <= ' ') return i + 1;
        add(x, TT_TAG_ALONE, i, end, TT_NO_KEY, 0);
        return end;
    }
    if (text[k] != '>' && text[k] != '/' && (unsigned char)text[k] > ' ') return i + 1;
    if (tt_same_name(n, "br")) {
        add(x, TT_TAG_BLANK, i, end, TT_NO_KEY, 0);
    } else if (closes) {
        int top = x->names;
        while (top &&
               !(x->name[top - 1].len == n.len && !memcmp(x->name[top - 1].text, n.text, n.len)))
            top--;
        add(x, TT_TAG_CLOSE, i, end, top ? x->key[top - 1] : TT_NO_KEY, 0);
        if (top) x->names = top - 1;
    } else if (text[end - 2] == '/' || tt_same_name(n, "img") || tt_same_name(n, "input") ||
               tt_same_name(n, "hr") || tt_same_name(n, "wbr")) {
        add(x, TT_TAG_ALONE, i, end, TT_NO_KEY, 0);
    } else {
        add(x, TT_TAG_OPEN, i, end, i, 0);
        if (x->names < STACK_MOST) {
            x->key[x->names] = i;
            x->name[x->names++] = n;
        }
    }
    return end;
}

/* ---- emphasis -------------------------------------------------------------------------------- */

static void match(struct inlines *x, struct run *r) {
    for (int k = x->runs - 1; r->closes && r->count && k >= 0; k--) {
        struct run *o = &x->run[k];
        if (o->c != r->c || !o->opens) continue;
        if (r->c == '~' && o->count != r->count) continue;
        while (o->count && r->count) {
            size_t n = o->count >= 2 && r->count >= 2 ? 2 : 1;
            if (r->c == '~') n = r->count;
            o->count -= n;
            add(x, TT_TAG_OPEN, o->from + o->count, o->from + o->count + n, o->from + o->count, 0);
            add(x, TT_TAG_CLOSE, r->from, r->from + n, o->from + o->count, 0);
            r->from += n;
            r->count -= n;
        }
        x->runs = k + (o->count > 0);
    }
}

static size_t emphasis(struct inlines *x, size_t i) {
    const tt_para *p = x->p;
    const char c = p->text[i];
    size_t n = 1;
    while (i + n < p->len && p->text[i + n] == c) n++;
    if ((c == '~' && n > 2) || n > 16) return i + n;
    const int white_before = !i || is_white(p, i - 1), white_behind = is_white(p, i + n);
    const int punct_before = i && is_punct(p->text[i - 1]),
              punct_behind = i + n < p->len && is_punct(p->text[i + n]);
    const int left = !white_behind && (!punct_behind || white_before || punct_before);
    const int right = !white_before && (!punct_before || white_behind || punct_behind);
    struct run r = {i, n, c, left && (c != '_' || !right || punct_before),
                    right && (c != '_' || !left || punct_behind)};
    match(x, &r);
    if (r.opens && r.count && x->runs < STACK_MOST) x->run[x->runs++] = r;
    return i + n;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int by_from(const void *a, const void *b) {
    const event *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static void find(struct inlines *x) {
    const tt_para *p = x->p;
    char text[8];
    size_t n;
    for (size_t i = 0; i < p->len && !x->d->failed;) {
        const char c = p->text[i];
        if (c == '\\' && i + 1 < p->len && p->text[i + 1] == '\n') {
            add(x, TT_TAG_BLANK, i, i + 2, TT_NO_KEY, 0);
            i += 2;
        } else if (c == '\\' && i + 1 < p->len && is_punct(p->text[i + 1])) {
            add(x, CHAR, i, i + 2, 0, 0);
            i += 2;
        } else if (c == '\n') {
            size_t from = i;
            while (from && p->text[from - 1] == ' ' && from + 8 > i) from--;
            add(x, i - from >= 2 ? TT_TAG_BLANK : TT_TAG_WRAP, from, i + 1, TT_NO_KEY, 0);
            i++;
        } else if (c == '&' && tt_entity_at(p->text + i, p->len - i, text, &n)) {
            size_t len = tt_entity_at(p->text + i, p->len - i, text, &n);
            add(x, n == 2 && !memcmp(text, "\xc2\xa0", 2) ? TT_TAG_BLANK : CHAR, i, i + len,
                TT_NO_KEY, 0);
            i += len;
        } else if (c == '`') {
            i = code(x, i);
        } else if (c == '[') {
            if (x->brackets < STACK_MOST) x->bracket[x->brackets++] = i;
            i++;
        } else if (c == ']') {
            i = bracket(x, i);
        } else if (c == '<') {
            i = angle(x, i);
        } else if (c == '*' || c == '_' || c == '~') {
            i = emphasis(x, i);
        } else {
            i++;
        }
    }
}

void tt_para_read(tt_doc *d, const tt_para *p) {
    struct inlines *x = tt_arena_zero(d->a, sizeof *x);
    if (!x) {
        d->failed = 1;
        return;
    }
    x->d = d;
    x->p = p;
    find(x);
    if (d->failed) return;
    if (x->n) qsort(x->ev, x->n, sizeof *x->ev, by_from);
    tt_gather g = {.d = d, .form = p->form};
    size_t at = 0;
    for (size_t i = 0; i < x->n; i++) {
        const event *v = &x->ev[i];
        const size_t begin = p->at[v->from], end = p->end[v->to - 1];
        char text[8];
        size_t n = 1;
        if (v->from < at) continue;
        if (v->from > at) tt_gather_text(&g, p->at[at], p->end[v->from - 1]);
        at = v->to;
        if (v->kind == SKIP) {
            for (size_t k = v->from; k < v->to; k++) {
                if ((unsigned char)p->text[k] <= ' ') tt_gather_blank(&g, p->at[k], p->end[k]);
                else tt_gather_text(&g, p->at[k], p->end[k]);
            }
        } else if (v->kind != CHAR) {
            tt_gather_tag(&g, v->kind, begin, end, v->key, v->opaque);
        } else if (p->text[v->from] == '\\') {
            tt_gather_char(&g, begin, end, p->text + v->from + 1, 1);
        } else if (tt_entity_at(p->text + v->from, v->to - v->from, text, &n)) {
            if (*text == ' ' || n > 4) tt_gather_tag(&g, TT_TAG_ALONE, begin, end, TT_NO_KEY, 0);
            else tt_gather_char(&g, begin, end, text, n);
        }
    }
    if (at < p->len) tt_gather_text(&g, p->at[at], p->end[p->len - 1]);
    tt_gather_flush(&g);
}
