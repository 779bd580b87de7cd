/* glossary.c: see glossary.h. Entries are sorted by their bytes, longer ones first among those with the
 * same beginning; the first byte says where to look.
 */
#include "search/glossary.h"

#include <stdlib.h>
#include <string.h>

#include "io/lines.h"
#include "text/clean.h"

enum { ENTRIES_MOST = 1 << 20 };

struct entry {
    const char *text; /* (len) source side */
    size_t len, line;
    const int32_t *ids; /* (count) */
    int32_t count;
};

struct tt_glossary {
    tt_arena *arena;
    struct entry *entries; /* (n), sorted */
    size_t n, room;
    size_t first[257]; /* entries of each first byte: first[c] … first[c+1]-1 */
};

static int order(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int c = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    if (c) return c;
    return x->len > y->len ? -1 : x->len < y->len;
}

/* A cleaned copy in the glossary's own memory. */
static int keep(tt_span *to, tt_glossary *g, const char *text, size_t len, tt_err *e) {
    tt_clean c;
    TT_TRY(tt_clean_line(&c, text, len, g->arena, e));
    char *copy = tt_arena_text(g->arena, c.text, c.len);
    if (!copy) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    *to = (tt_span){copy, c.len};
    return 0;
}

static int grow(tt_glossary *g, tt_err *e) {
    if (g->n < g->room) return 0;
    size_t room = g->room ? 2 * g->room : 256;
    struct entry *more = g->n < ENTRIES_MOST ? realloc(g->entries, room * sizeof *more) : NULL;
    if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary of more than %zu entries", g->n);
    g->entries = more;
    g->room = room;
    return 0;
}

static int add(tt_glossary *g, tt_lines *in, const char *line, size_t len, const tt_vocab *v,
               tt_err *e) {
    const char *tab = memchr(line, '\t', len);
    const char *name = tt_lines_name(in);
    size_t number = tt_lines_number(in);
    if (!tab || memchr(tab + 1, '\t', len - (size_t)(tab + 1 - line)))
        return tt_fail(e, TT_EDATA, "%s, line %zu: expected SOURCE TAB TARGET", name, number);
    tt_span source, target;
    TT_TRY(keep(&source, g, line, (size_t)(tab - line), e));
    TT_TRY(keep(&target, g, tab + 1, len - (size_t)(tab + 1 - line), e));
    int32_t *ids = NULL;
    size_t n = 0;
    if (target.len) TT_TRY(tt_vocab_encode(v, target.text, target.len, 0, g->arena, &ids, &n, e));
    if (!source.len || !n)
        return tt_fail(e, TT_EDATA, "%s, line %zu: a side is empty: expected SOURCE TAB TARGET",
                       name, number);
    if (n > TT_TERM_TOKENS)
        return tt_fail(e, TT_EDATA, "%s, line %zu: the target has %zu tokens: expected at most %d",
                       name, number, n, TT_TERM_TOKENS);
    TT_TRY(grow(g, e));
    g->entries[g->n++] = (struct entry){source.text, source.len, number, ids, (int32_t)n};
    return 0;
}

static int read_all(tt_glossary *g, tt_lines *in, const tt_vocab *v, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        while (len && (line[len - 1] == '\r' || line[len - 1] == ' ')) len--;
        if (len) TT_TRY(add(g, in, line, len, v, e));
    }
    return rc;
}

static int index_all(tt_glossary *g, const char *name, tt_err *e) {
    if (g->n) qsort(g->entries, g->n, sizeof *g->entries, order);
    for (size_t i = 1; i < g->n; i++) {
        size_t a = g->entries[i - 1].line, b = g->entries[i].line;
        if (!order(&g->entries[i - 1], &g->entries[i]))
            return tt_fail(e, TT_EDATA, "%s, line %zu: the same source as in line %zu", name,
                           a > b ? a : b, a > b ? b : a);
    }
    size_t at = 0;
    for (size_t c = 0; c <= 256; c++) {
        while (at < g->n && (unsigned char)g->entries[at].text[0] < c) at++;
        g->first[c] = at;
    }
    return 0;
}

tt_glossary *tt_glossary_open(const char *path, const tt_vocab *v, tt_err *e) {
    tt_glossary *g = calloc(1, sizeof *g);
    if (!g) {
        tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
        return NULL;
    }
    g->arena = tt_arena_open(0, e);
    tt_lines *in = g->arena ? tt_lines_open(path, 0, e) : NULL;
    int rc = in ? read_all(g, in, v, e) : TT_ENOINPUT;
    if (!rc) rc = index_all(g, tt_lines_name(in), e);
    tt_lines_close(in);
    if (!rc) return g;
    tt_glossary_close(g);
    return NULL;
}

void tt_glossary_close(tt_glossary *g) {
    if (!g) return;
    tt_arena_close(g->arena);
    free(g->entries);
    free(g);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* Is the character at text[at] part of a word? All letters beyond ASCII are taken for such, the
   punctuation of Latin and the general one not. */
static int in_word(const char *text, size_t at, size_t len) {
    unsigned char c = (unsigned char)text[at];
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    uint32_t code;
    tt_utf8_next(text + at, len - at, &code);
    return !(code < 0xc0 && code != 0xaa && code != 0xba) && !(code >= 0x2000 && code < 0x2070);
}

/* Does a word end, or none begin, before text[at]? */
static int boundary(const char *text, size_t at, size_t len) {
    if (at == 0 || at == len) return 1;
    size_t before = at - 1;
    while (before > 0 && ((unsigned char)text[before] & 0xc0) == 0x80) before--;
    return !in_word(text, before, len) || !in_word(text, at, len);
}

/* The entry that stands at text[at], the longest of them; or NULL. */
static const struct entry *match(const tt_glossary *g, const char *text, size_t at, size_t len) {
    unsigned char c = (unsigned char)text[at];
    const struct entry *found = NULL;
    for (size_t i = g->first[c]; i < g->first[c + 1]; i++) {
        const struct entry *x = &g->entries[i];
        if ((!found || x->len > found->len) && x->len <= len - at &&
            !memcmp(x->text, text + at, x->len) && boundary(text, at + x->len, len))
            found = x;
    }
    return found;
}

int tt_glossary_find(const tt_terms **terms, const tt_glossary *g, const char *text, size_t len,
                     tt_arena *a, tt_err *e) {
    const struct entry *found[TT_TERMS_MAX];
    int n = 0, left_out = 0;
    int32_t tokens = 0;
    *terms = NULL;
    for (size_t at = 0; at < len;) {
        const struct entry *x = boundary(text, at, len) ? match(g, text, at, len) : NULL;
        if (x && n < TT_TERMS_MAX) {
            found[n++] = x;
            tokens += x->count;
        } else if (x) {
            left_out++;
        }
        at += x ? x->len : 1;
        while (at < len && ((unsigned char)text[at] & 0xc0) == 0x80) at++;
    }
    if (!n) return 0;
    tt_terms *t = tt_arena_alloc(a, sizeof *t);
    int32_t *off = tt_arena_alloc(a, (size_t)(n + 1) * sizeof *off);
    int32_t *ids = tt_arena_alloc(a, (size_t)tokens * sizeof *ids);
    if (!t || !off || !ids) return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
    off[0] = 0;
    for (int i = 0; i < n; i++) {
        memcpy(ids + off[i], found[i]->ids, (size_t)found[i]->count * sizeof *ids);
        off[i + 1] = off[i] + found[i]->count;
    }
    *t = (tt_terms){n, off, ids, left_out};
    *terms = t;
    return 0;
}
