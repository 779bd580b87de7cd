/* f_markup.c: whatever the document, it comes out whole. The first byte chooses the format. What is
 * not translated, or translated by itself, gives the same bytes; with any translation and any links
 * all tags of a segment are placed once, in order, inside the translation, and nest; a document of
 * tags without a mistake is without one afterwards, and has as many tags of each kind.
 */
#include <string.h>

#include "fuzz/holds.h"
#include "markup/gather.h"
#include "markup/place.h"
#include "markup/tags.h"

struct out {
    char *p;
    size_t len, cap;
};

static int put(void *ctx, const char *p, size_t len, tt_err *e) {
    struct out *o = ctx;
    (void)e;
    if (o->len + len + 1 > o->cap) {
        o->cap = 2 * (o->len + len + 1);
        o->p = realloc(o->p, o->cap);
        HOLDS(o->p != NULL);
    }
    memcpy(o->p + o->len, p, len);
    o->len += len;
    return 0;
}

static uint32_t next(uint32_t *s) {
    *s ^= *s << 13, *s ^= *s >> 17, *s ^= *s << 5;
    return *s;
}

static struct out written(const tt_doc *d, const tt_rendition *r, tt_arena *a) {
    struct out o = {calloc(1, 1), 0, 0};
    HOLDS(o.p && !tt_doc_write(d, r, put, &o, a, NULL));
    return o;
}

/* The words of a text in another order, some twice, some not. */
static tt_rendition mixed(const tt_segment *s, tt_arena *a, uint32_t *state) {
    const size_t n = tt_words_of(s->text.text, s->text.len, NULL, 0);
    tt_span *w = tt_arena_alloc(a, (n + 1) * sizeof *w);
    HOLDS(tt_words_of(s->text.text, s->text.len, w, n) == n && n);
    size_t m = 1 + next(state) % (n + 2), len = 0;
    char *text = tt_arena_alloc(a, m * (s->text.len + 8));
    tt_link *links = tt_arena_alloc(a, 3 * (m + 1) * sizeof *links);
    size_t n_links = 0;
    for (size_t i = 0; i < m; i++) {
        const tt_span x = w[next(state) % n];
        if (i) text[len++] = ' ';
        if (next(state) % 8 == 0) memcpy(text + len, "a<&\"]", 5), len += 5;
        memcpy(text + len, x.text, x.len);
        len += x.len;
        while (next(state) % 3) {
            if (n_links < 3 * m)
                links[n_links++] = (tt_link){(int32_t)(next(state) % (n + 1)),
                                             (int32_t)i - (next(state) % 16 == 0)};
        }
    }
    return (tt_rendition){{text, len}, links, n_links};
}

static void check_places(const tt_doc *d, const tt_segment *s, const tt_rendition *r, tt_arena *a) {
    tt_placed *p;
    size_t depth = 0, last = 0;
    char *seen = tt_arena_zero(a, s->count + 1);
    int32_t *stack = tt_arena_alloc(a, (s->count + 1) * sizeof *stack);
    HOLDS(!tt_place(&p, s, r, d->bytes, a, NULL));
    for (size_t i = 0; i < s->count; i++) {
        HOLDS(p[i].tag >= 0 && (size_t)p[i].tag < s->count && !seen[p[i].tag]++);
        HOLDS(p[i].at >= last && p[i].at <= r->text.len);
        last = p[i].at;
        const tt_tag *t = &s->tags[p[i].tag];
        if (t->kind == TT_TAG_OPEN) stack[depth++] = p[i].tag;
        if (t->kind == TT_TAG_CLOSE) HOLDS(depth && stack[--depth] == t->pair);
        if (t->kind == TT_TAG_BREAK || t->kind == TT_TAG_FIXED) HOLDS(!depth);
    }
    HOLDS(!depth);
}

static void check_segment(const tt_doc *d, const tt_segment *s) {
    size_t at = 0;
    HOLDS(s->text.len && s->begin <= s->end && s->end <= d->len);
    for (size_t i = 0; i < s->count; i++) {
        const tt_tag *t = &s->tags[i];
        HOLDS(t->at >= at && t->at <= s->text.len && t->begin < t->end && t->begin >= s->begin &&
              t->end <= s->end);
        HOLDS((t->kind == TT_TAG_OPEN || t->kind == TT_TAG_CLOSE) == (t->pair >= 0));
        HOLDS(t->pair < 0 || s->tags[t->pair].pair == (int32_t)i);
        at = t->at;
    }
}

/* Tags by kind, and mistakes. */
static void count_tags(size_t *n, size_t *mistakes, const char *p, size_t len, int how,
                       tt_arena *a) {
    tt_doc d = {.bytes = p, .len = len, .a = a};
    tt_tokens t;
    HOLDS(!tt_tags_scan(&t, &d, how, NULL));
    for (size_t i = 0; i < t.count; i++) n[t.token[i].kind]++;
    *mistakes = d.n_notes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    tt_err e = {0};
    tt_arena *a = tt_arena_open(0, &e), *b = tt_arena_open(0, &e);
    HOLDS(a && b);
    const tt_format *f = (const tt_format *)tt_family_document.row(size ? data[0] % 9 : 0);
    const char *bytes = size ? (const char *)data + 1 : "";
    const size_t len = size ? size - 1 : 0;
    uint32_t state = 2463534242u + (uint32_t)size;
    for (size_t i = 0; i < len && i < 64; i++) state = state * 31 + data[i + 1];
    state |= 1;
    tt_doc d;
    HOLDS(f && !tt_doc_read(&d, f, bytes, len, NULL, a, &e));
    tt_rendition *r = tt_arena_zero(a, (d.count + 1) * sizeof *r);
    for (size_t i = 0; i < d.count; i++) check_segment(&d, &d.segments[i]);
    struct out same = written(&d, r, b);
    if (!d.n_edits) HOLDS(same.len == len && (!len || !memcmp(same.p, bytes, len)));
    for (size_t i = 0; i < d.count; i++) r[i].text = d.segments[i].text;
    struct out again = written(&d, r, b);
    HOLDS(again.len == same.len && (!same.len || !memcmp(again.p, same.p, same.len)));
    for (size_t i = 0; i < d.count; i++) {
        r[i] = mixed(&d.segments[i], a, &state);
        check_places(&d, &d.segments[i], &r[i], b);
    }
    struct out other = written(&d, r, b);
    const int how = !strcmp(f->row.name, "html") ? TT_TAGS_HTML : TT_TAGS_XML;
    if (how == TT_TAGS_HTML || !strcmp(f->row.name, "xml")) {
        size_t was[8] = {0}, is[8] = {0}, before, after;
        count_tags(was, &before, bytes, len, how, b);
        count_tags(is, &after, other.p, other.len, how, b);
        if (!before) HOLDS(!after);
        if (!before)
            for (int k = TT_TOKEN_OPEN; k <= TT_TOKEN_EMPTY; k++) HOLDS(was[k] == is[k]);
    }
    free(same.p);
    free(again.p);
    free(other.p);
    tt_arena_close(a);
    tt_arena_close(b);
    return 0;
}
