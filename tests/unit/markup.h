/* markup.h: documents in the tests of the room markup: what segments a document has, as text, and
 * what comes out when each is translated by rule.
 *
 *     // [ ] a pair, * alone, _ for a blank, / a line end,
 *     SEGMENTS("html", "<p>A <b>dog</b></p>", "A [dog]");
 *  // | a cue, ! half of a pair; one line a segment
 *     BECOMES("html", "<p>A <b>dog</b></p>", "<p>DOG <b>A</b></p>", swapped);
 */
#ifndef TT_TEST_MARKUP_H
#define TT_TEST_MARKUP_H

#include <stdlib.h>
#include <string.h>

#include "markup/markup.h"
#include "unit/test.h"

typedef struct markup_text {
    char p[1 << 16];
    size_t len;
} markup_text;

static inline int markup_put(void *ctx, const char *p, size_t len, tt_err *e) {
    markup_text *t = ctx;
    (void)e;
    if (t->len + len >= sizeof t->p) return TT_ENOMEM;
    memcpy(t->p + t->len, p, len);
    t->p[t->len += len] = 0;
    return 0;
}

static inline void markup_show(markup_text *out, const tt_doc *d) {
    for (size_t i = 0; i < d->count; i++) {
        const tt_segment *s = &d->segments[i];
        if (i) markup_put(out, "\n", 1, NULL);
        for (size_t at = 0, t = 0; at <= s->text.len; at++) {
            for (; t < s->count && s->tags[t].at == at; t++)
                markup_put(out, &"[]*_/|!"[s->tags[t].kind], 1, NULL);
            if (at < s->text.len) markup_put(out, s->text.text + at, 1, NULL);
        }
    }
}

/* A rule: word i of n goes to the place it returns. */
typedef size_t markup_rule(size_t i, size_t n);
static inline size_t in_order(size_t i, size_t n) { return (void)n, i; }
static inline size_t swapped(size_t i, size_t n) { return n - 1 - i; }

/* Each word in large letters, in the rule's order, linked to itself. */
static inline void markup_translate(tt_rendition *r, const tt_segment *s, markup_rule *rule,
                                    tt_arena *a) {
    const size_t n = tt_words_of(s->text.text, s->text.len, NULL, 0);
    tt_span *w = tt_arena_alloc(a, (n + 1) * sizeof *w);
    size_t *from = tt_arena_alloc(a, (n + 1) * sizeof *from);
    tt_link *links = tt_arena_alloc(a, (n + 1) * sizeof *links);
    char *text = tt_arena_alloc(a, s->text.len + n + 1);
    size_t len = 0;
    tt_words_of(s->text.text, s->text.len, w, n);
    for (size_t i = 0; i < n; i++) from[rule(i, n)] = i;
    for (size_t i = 0; i < n; i++) {
        if (i) text[len++] = ' ';
        for (size_t k = 0; k < w[from[i]].len; k++) {
            char c = w[from[i]].text[k];
            text[len++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
        }
        links[i] = (tt_link){(int32_t)from[i], (int32_t)i};
    }
    *r = (tt_rendition){{text, len}, links, n};
}

static inline void markup_segments(const char *format, const char *doc, const char *want,
                                   const char *notes, int line) {
    static markup_text got;
    tt_err e = {0};
    tt_doc d;
    tt_arena *a = tt_arena_open(0, &e);
    got.len = 0;
    got.p[0] = 0;
    CHECK(!tt_doc_read(&d, tt_format_named(format), doc, strlen(doc), NULL, a, &e), "%d: %s", line,
          e.msg);
    if (want) {
        markup_show(&got, &d);
        CHECK(!strcmp(got.p, want), "line %d: segments are:\n%s\nexpected:\n%s", line, got.p, want);
    }
    got.len = 0;
    got.p[0] = 0;
    for (size_t i = 0; i < d.n_notes && i < TT_NOTES_MOST; i++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%s%zu: ", i ? "\n" : "", d.notes[i].line);
        markup_put(&got, number, (size_t)n, NULL);
        markup_put(&got, d.notes[i].text, strlen(d.notes[i].text), NULL);
    }
    CHECK(!strcmp(got.p, notes), "line %d: notes are:\n%s\nexpected:\n%s", line, got.p, notes);
    tt_arena_close(a);
}

static inline void markup_becomes(const char *format, const char *doc, const char *want,
                                  markup_rule *rule, int line) {
    static markup_text got, same;
    tt_err e = {0};
    tt_doc d;
    tt_arena *a = tt_arena_open(0, &e), *b = tt_arena_open(0, &e);
    got.len = same.len = 0;
    got.p[0] = same.p[0] = 0;
    CHECK(!tt_doc_read(&d, tt_format_named(format), doc, strlen(doc), NULL, a, &e), "%d: %s", line,
          e.msg);
    tt_rendition *r = tt_arena_zero(a, (d.count + 1) * sizeof *r);
    CHECK(!tt_doc_write(&d, r, markup_put, &same, b, &e), "%d: %s", line, e.msg);
    CHECK(d.n_edits || !strcmp(same.p, doc), "line %d: untranslated it is:\n%s", line, same.p);
    for (size_t i = 0; i < d.count; i++) markup_translate(&r[i], &d.segments[i], rule, a);
    CHECK(!tt_doc_write(&d, r, markup_put, &got, b, &e), "%d: %s", line, e.msg);
    CHECK(!strcmp(got.p, want), "line %d: becomes:\n%s\nexpected:\n%s", line, got.p, want);
    tt_arena_close(a);
    tt_arena_close(b);
}

#define SEGMENTS(format, doc, want) markup_segments(format, doc, want, "", __LINE__)
#define NOTES(format, doc, notes) markup_segments(format, doc, NULL, notes, __LINE__)
#define BECOMES(format, doc, want, rule) markup_becomes(format, doc, want, rule, __LINE__)

#endif
