/* gather.c: see gather.h. Each byte of a segment's text knows the bytes of the document it came
 * from, so that the segment's ends are found after blanks and tags at its ends are taken off.
 */
#include "markup/gather.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/clean.h"
#include "text/split.h"

/* A segment is cut at the end of a sentence after so many words, and in any case at more words,
   tags or bytes: placing tags takes words times tags. */
enum { WORDS_SOFT = 300, WORDS_MOST = 500, TAGS_MOST = 500, BYTES_MOST = 1 << 16 };

/* ---- the document ---------------------------------------------------------------------------- */

void *tt_doc_more(tt_doc *d, void *p, size_t count, size_t *cap, size_t size) {
    if (count < *cap) return p;
    size_t more = *cap ? 2 * *cap : 16;
    void *q = d->failed ? NULL : tt_arena_alloc(d->a, more * size);
    if (!q) {
        d->failed = 1;
        return NULL;
    }
    if (count) memcpy(q, p, count * size);
    *cap = more;
    return q;
}

void tt_doc_edit(tt_doc *d, size_t begin, size_t end, size_t from, size_t to, const char *before,
                 const char *after) {
    tt_edit *p = tt_doc_more(d, d->edits, d->n_edits, &d->cap_edits, sizeof *p);
    if (!p) return;
    d->edits = p;
    p[d->n_edits++] = (tt_edit){begin, end, from, to, before, after};
}

void tt_doc_note(tt_doc *d, size_t at, const char *fmt, ...) {
    if (d->n_notes >= TT_NOTES_MOST) {
        d->n_notes++;
        return;
    }
    if (at < d->seen) d->seen = d->line = 0;
    for (const char *p = d->bytes + d->seen, *end = d->bytes + at;
         p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        d->line++;
    d->seen = at;
    char text[100];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (int i = 0; i < n && text[i]; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) text[i] = '?';
    const char *kept = tt_arena_text(d->a, text, strlen(text));
    if (!kept) d->failed = 1;
    else d->notes[d->n_notes++] = (tt_note){d->line + 1, kept};
}

/* ---- what a segment is made of --------------------------------------------------------------- */

/* %d, %-5.2lf, %(name)s: how long it is; 0: none. */
static size_t placeholder(const char *p, size_t len) {
    size_t i = 1;
    if (*p != '%' || len < 2) return 0;
    if (p[1] == '(')
        while (i < len && p[i - 1] != ')') i++;
    while (i < len && strchr("-+#0123456789.*lhzjt$", p[i])) i++;
    return i < len && (p[i] | 32) >= 'a' && (p[i] | 32) <= 'z' ? i + 1 : 0;
}

/* 1 if there is a letter. Marks, digits, symbols, emoji and placeholders alone are left as they
   are. */
static bool has_letter(const char *p, size_t len) {
    for (size_t i = 0, skip; i < len;) {
        uint32_t c;
        if ((skip = placeholder(p + i, len - i)) > 0) {
            i += skip;
            continue;
        }
        int step = tt_utf8_next(p + i, len - i, &c);
        if (step > 0 &&
            (c < 0x80 ? (c | 32) >= 'a' && (c | 32) <= 'z'
                      : c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c < 0x2c00) &&
                            !(c >= 0x3000 && c < 0x3040) && !(c >= 0xe000 && c < 0xf900) &&
                            !(c >= 0xfe00 && c < 0xfe10) && !(c >= 0xfff0 && c < 0x10000) &&
                            !(c >= 0x1f000 && c < 0x20000)))
            return true;
        i += (size_t)(step < 0 ? -step : step);
    }
    return false;
}

/* 1 if there is a letter outside of what is only copied. */
static bool has_words(const char *text, size_t a, size_t b, const tt_tag *t, size_t n) {
    size_t at = a;
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind != TT_TAG_OPEN || !t[i].opaque || t[i].pair < 0) continue;
        if (t[i].at > at && has_letter(text + at, (t[i].at < b ? t[i].at : b) - at)) return true;
        if (t[t[i].pair].at > at) at = t[t[i].pair].at;
    }
    return at < b && has_letter(text + at, b - at);
}

/* Finds pairs among tags 0 … n-1. What crosses a BREAK or an element has no pair. */
static void pair_up(tt_tag *t, size_t n, int32_t *stack) {
    size_t depth = 0;
    for (size_t i = 0; i < n; i++) {
        t[i].pair = -1;
        if (t[i].kind == TT_TAG_OPEN && t[i].key != TT_NO_KEY) {
            stack[depth++] = (int32_t)i;
        } else if (t[i].kind == TT_TAG_BREAK) {
            depth = 0;
        } else if (t[i].kind == TT_TAG_CLOSE && t[i].key != TT_NO_KEY) {
            size_t at = depth;
            while (at && t[stack[at - 1]].key != t[i].key) at--;
            if (!at) continue;
            t[i].pair = stack[at - 1];
            t[stack[at - 1]].pair = (int32_t)i;
            depth = at - 1;
        }
    }
}

/* Tags at the ends that hold no word of the text alone go: all[*first … *last-1] remain of n. */
static void trim_tags(const tt_tag *all, size_t n, size_t a, size_t b, size_t *first,
                      size_t *last) {
    size_t lead = 0, trail = n;
    while (lead < n && all[lead].at <= a) lead++;
    while (trail > lead && all[trail - 1].at >= b) trail--;
    size_t i = 0, j = n;
    for (; i < lead; i++) {
        int32_t p = all[i].pair;
        if (all[i].opaque || (p >= 0 && (size_t)p >= lead && (size_t)p < trail)) break;
    }
    for (; j > trail; j--) {
        int32_t p = all[j - 1].pair;
        if (p >= 0 && (size_t)p >= i && (size_t)p < trail) break;
    }
    *first = i;
    *last = j;
}

/* Halves without their other half keep their order, if no element is around them. */
static void settle(tt_tag *t, size_t n) {
    int depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (t[i].pair < 0 && (t[i].kind == TT_TAG_OPEN || t[i].kind == TT_TAG_CLOSE)) {
            t[i].kind = depth ? TT_TAG_ALONE : TT_TAG_FIXED;
            t[i].opaque = 0;
        }
        depth += t[i].kind == TT_TAG_OPEN;
        depth -= t[i].kind == TT_TAG_CLOSE;
    }
}

/* The segment of text a … b-1 with tags i … j-1. */
static void emit(tt_gather *g, size_t a, size_t b, size_t i, size_t j) {
    tt_doc *d = g->d;
    while (a < b && g->text[a] == ' ') a++;
    while (b > a && g->text[b - 1] == ' ') b--;
    if (d->failed || a == b) return;
    tt_segment *s = tt_doc_more(d, d->segments, d->count, &d->cap, sizeof *s);
    const size_t n = j - i;
    const tt_mark mark = tt_arena_mark(d->a);
    tt_tag *t = tt_arena_alloc(d->a, (n + 1) * sizeof *t);
    int32_t *stack = tt_arena_alloc(d->a, (n + 1) * sizeof *stack);
    char *text = tt_arena_text(d->a, g->text + a, b - a);
    tt_spelling *spellings = tt_arena_alloc(d->a, ((size_t)g->n_spellings + 1) * sizeof *spellings);
    if (!s || !t || !stack || !text || !spellings) {
        d->failed = 1;
        return;
    }
    d->segments = s;
    size_t first, last;
    if (n) memcpy(t, g->tags + i, n * sizeof *t);
    pair_up(t, n, stack);
    if (!has_words(g->text, a, b, t, n)) {
        tt_arena_rewind(d->a, mark);
        return;
    }
    s += d->count++;
    trim_tags(t, n, a, b, &first, &last);
    t += first;
    const size_t kept = last - first;
    size_t begin = g->from[a], end = g->past[b - 1];
    for (size_t k = 0; k < kept; k++) {
        if (t[k].pair >= 0)
            t[k].pair = (size_t)t[k].pair >= first && (size_t)t[k].pair < last
                            ? t[k].pair - (int32_t)first
                            : -1;
        if (t[k].begin < begin) begin = t[k].begin;
        if (t[k].end > end) end = t[k].end;
        t[k].at = t[k].at < a ? 0 : t[k].at > b ? b - a : t[k].at - a;
    }
    settle(t, kept);
    if (g->n_spellings) memcpy(spellings, g->spellings, (size_t)g->n_spellings * sizeof *spellings);
    *s = (tt_segment){.text = {text, b - a},
                      .tags = t,
                      .count = kept,
                      .begin = begin,
                      .end = end,
                      .spellings = spellings,
                      .n_spellings = g->n_spellings,
                      .form = g->form,
                      .copied = g->copied};
}

static void emit_sentences(tt_gather *g) {
    tt_doc *d = g->d;
    tt_cut *parts;
    size_t n, tag = 0;
    tt_clean clean;
    tt_mark mark = tt_arena_mark(d->a);
    /* offsets would differ */
    int bad = tt_clean_line(&clean, g->text, g->len, d->a, NULL) || clean.text != g->text;
    if (bad) tt_arena_rewind(d->a, mark);
    if (bad || tt_split_sentences(g->text, g->len, d->a, &parts, &n, NULL)) {
        emit(g, 0, g->len, 0, g->count);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = tag, limit = i + 1 < n ? parts[i].end : g->len;
        while (tag < g->count && (i + 1 == n || g->tags[tag].at <= limit)) tag++;
        emit(g, parts[i].begin, parts[i].end, from, tag);
    }
}

void tt_gather_flush(tt_gather *g) {
    int over = g->whole && (g->words > WORDS_MOST || g->count > TAGS_MOST || g->len > BYTES_MOST);
    if (g->len && !over && g->sentences) emit_sentences(g);
    else if (g->len && !over) emit(g, 0, g->len, 0, g->count);
    else if (over)
        tt_doc_note(g->d, g->from[0], "a text too long to be one segment is left as it is");
    g->len = g->count = g->words = 0;
    g->n_spellings = g->inside = 0;
}

/* ---- text and tags, as they come ------------------------------------------------------------- */

static void add(tt_gather *g, size_t begin, size_t end, const char *text, size_t len) {
    if (g->len + len > g->cap) {
        size_t cap = g->cap, cap2;
        while (cap < g->len + len) cap = cap ? 2 * cap : 256;
        char *t = tt_arena_alloc(g->d->a, cap);
        size_t *from = tt_arena_alloc(g->d->a, 2 * cap * sizeof *from);
        if (g->d->failed || !t || !from) {
            g->d->failed = 1;
            return;
        }
        cap2 = g->len;
        if (cap2) {
            memcpy(t, g->text, cap2);
            memcpy(from, g->from, cap2 * sizeof *from);
            memcpy(from + cap, g->past, cap2 * sizeof *from);
        }
        g->text = t;
        g->from = from;
        g->past = from + cap;
        g->cap = cap;
    }
    for (size_t i = 0; i < len; i++) {
        g->text[g->len] = text[i];
        g->from[g->len] = begin;
        g->past[g->len++] = end;
    }
}

static bool ends_sentence(const tt_gather *g) {
    size_t i = g->len;
    while (i && strchr("\"')]", g->text[i - 1])) i--;
    return i && strchr(".!?", g->text[i - 1]) != NULL;
}

static void count_word(tt_gather *g) {
    g->words += !g->inside;
    g->inside = 1;
}

/* Cuts before a blank, or anywhere where there is no other help. */
static void cut(tt_gather *g, int at_blank) {
    if (g->whole) return;
    if ((at_blank && (g->words >= WORDS_MOST || (g->words >= WORDS_SOFT && ends_sentence(g)))) ||
        g->len >= BYTES_MOST || g->count >= TAGS_MOST)
        tt_gather_flush(g);
}

/* A segment that may not be cut stops to grow when it cannot be one. */
static bool full(const tt_gather *g) {
    return g->whole && (g->len > BYTES_MOST || g->count > TAGS_MOST);
}

/* A blank behind one behind which there are only tags: one alone, or an element without text,
   stands between blanks. */
static void space_out(tt_gather *g) {
    tt_tag *last = &g->tags[g->count - 1];
    if (last->kind == TT_TAG_ALONE) last->spaced = TT_SPACE_BEFORE | TT_SPACE_BEHIND;
    for (size_t i = g->count - 1; last->kind == TT_TAG_CLOSE && i-- && g->tags[i].at == g->len;) {
        if (g->tags[i].kind != TT_TAG_OPEN || g->tags[i].key != last->key) continue;
        g->tags[i].spaced |= TT_SPACE_BEFORE;
        last->spaced |= TT_SPACE_BEHIND;
    }
}

void tt_gather_blank(tt_gather *g, size_t begin, size_t end) {
    tt_tag *last = g->count ? &g->tags[g->count - 1] : NULL;
    g->inside = 0;
    const int touches = last && last->at == g->len && last->end == begin;
    if (touches && last->kind >= TT_TAG_BLANK && last->kind <= TT_TAG_BREAK) {
        last->end = end;
        return;
    }
    if (touches && g->len && g->text[g->len - 1] == ' ') space_out(g);
    cut(g, 1);
    if (g->len && g->text[g->len - 1] != ' ' && !full(g)) add(g, begin, end, " ", 1);
    else if (g->len && g->text[g->len - 1] == ' ' && g->past[g->len - 1] == begin)
        g->past[g->len - 1] = end;
}

void tt_gather_text(tt_gather *g, size_t begin, size_t end) {
    const char *p = g->d->bytes;
    for (size_t i = begin; i < end;) {
        unsigned char c = (unsigned char)p[i];
        if (c <= ' ' || c == 0x7f) {
            size_t from = i;
            while (i < end && ((unsigned char)p[i] <= ' ' || p[i] == 0x7f)) i++;
            tt_gather_blank(g, from, i);
            continue;
        }
        if (c == 0xc2 && i + 1 < end && (unsigned char)p[i + 1] == 0xa0 &&
            g->form != TT_SPELL_PLAIN) {
            tt_gather_tag(g, TT_TAG_BLANK, i, i + 2, TT_NO_KEY, 0);
            i += 2;
            continue;
        }
        int step = c < 0x80 ? 1 : tt_utf8_next(p + i, end - i, NULL);
        size_t n = (size_t)(step < 0 ? -step : step);
        if (g->len >= BYTES_MOST) cut(g, 0);
        count_word(g);
        if (!full(g)) add(g, i, i + n, p + i, n);
        i += n;
    }
}

void tt_gather_char(tt_gather *g, size_t begin, size_t end, const char *text, size_t len) {
    if (g->len >= BYTES_MOST) cut(g, 0);
    count_word(g);
    if (!full(g)) add(g, begin, end, text, len);
    for (int i = 0; i < g->n_spellings; i++)
        if (g->spellings[i].len == len && !memcmp(g->spellings[i].text, text, len)) return;
    if (g->n_spellings == 16 || len > 8) return;
    tt_spelling *s = &g->spellings[g->n_spellings++];
    *s = (tt_spelling){.len = len, .begin = begin, .end = end};
    memcpy(s->text, text, len);
}

void tt_gather_tag(tt_gather *g, int kind, size_t begin, size_t end, size_t key, int opaque) {
    if (g->count >= TAGS_MOST) cut(g, 0);
    if (full(g)) return;
    const int blank = kind >= TT_TAG_BLANK && kind <= TT_TAG_BREAK;
    if (blank) {
        g->inside = 0;
        if (g->len && g->text[g->len - 1] != ' ') add(g, begin, end, " ", 1);
        else if (g->len && g->past[g->len - 1] == begin) begin = g->from[g->len - 1];
    }
    tt_tag *t = tt_doc_more(g->d, g->tags, g->count, &g->cap_tags, sizeof *t);
    if (!t) return;
    g->tags = t;
    t[g->count++] = (tt_tag){.at = g->len,
                             .begin = begin,
                             .end = end,
                             .key = key,
                             .pair = -1,
                             .kind = (uint8_t)kind,
                             .opaque = (uint8_t)opaque};
}
