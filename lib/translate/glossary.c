/* glossary.c: see glossary.h. Entries are sorted by their bytes in small letters, longer ones first among those with the same
 * beginning; the first byte says where to look.
 */
#include "translate/glossary.h"

#include <stdlib.h>
#include <string.h>

#include "io/lines.h"
#include "text/clean.h"

enum {
    ENTRIES_MOST = 1 << 20,
    SHORTEST_PLURAL = 3 /* bytes of a word that has one: "Is" is not the plural of "I" */
};

struct entry {
    const char *text, *key; /* (len) source side; in small letters */
    size_t len, line;
    tt_span target;   /* text NULL: the source as it stands */
    const char *name; /* "dog → can" */
};

struct tt_glossary {
    tt_arena *arena;
    const tt_vocab *vocab;
    uint8_t *edge; /* of its tokens */
    struct entry *entries; /* (n), sorted */
    size_t n, room;
    size_t first[257]; /* entries of each first byte: first[c] … first[c+1]-1 */
};

static int order(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int c = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);
    if (c) return c;
    return x->len != y->len ? (x->len > y->len ? -1 : 1) : memcmp(x->text, y->text, x->len);
}

/* A cleaned copy in the glossary's own memory, without the blanks around it. */
static int keep(tt_span *to, tt_glossary *g, const char *text, size_t len, tt_err *e) {
    tt_clean c;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\r')) len--;
    while (len && *text == ' ') text++, len--;
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

/* What a message calls the entry: "dog → can". */
static const char *name_entry(tt_glossary *g, tt_span source, tt_span target) {
    static const char arrow[] = " \xE2\x86\x92 ";
    char *name = tt_arena_alloc(g->arena, source.len + target.len + sizeof arrow);
    if (!name) return NULL;
    memcpy(name, source.text, source.len);
    memcpy(name + source.len, arrow, sizeof arrow - 1);
    memcpy(name + source.len + sizeof arrow - 1, target.text, target.len);
    name[source.len + sizeof arrow - 1 + target.len] = 0;
    return name;
}

/* The target's tokens are counted here, and made for each sentence, of which they depend. */
static int check_target(const tt_glossary *g, tt_span target, const char *name, size_t number, tt_err *e) {
    int32_t *ids = NULL;
    size_t n = 0;
    tt_mark mark = tt_arena_mark(g->arena);
    if (target.len) TT_TRY(tt_vocab_encode(g->vocab, target.text, target.len, 0, g->arena, &ids, &n, e));
    tt_arena_rewind(g->arena, mark);
    if (!n) return tt_fail(e, TT_EDATA, "%s, line %zu: a side is empty: expected SOURCE TAB TARGET", name, number);
    if (n <= TT_TERM_TOKENS) return 0;
    return tt_fail(e, TT_EDATA, "%s, line %zu: the target has %zu tokens: expected at most %d", name, number, n, TT_TERM_TOKENS);
}

static int add(tt_glossary *g, tt_lines *in, const char *line, size_t len, tt_err *e) {
    const char *tab = memchr(line, '\t', len), *name = tt_lines_name(in);
    const size_t number = tt_lines_number(in), first = tab ? (size_t)(tab - line) : len;
    if (tab && memchr(tab + 1, '\t', len - first - 1))
        return tt_fail(e, TT_EDATA, "%s, line %zu: expected SOURCE TAB TARGET", name, number);
    tt_span source, target;
    TT_TRY(keep(&source, g, line, first, e));
    target = source;
    if (tab) TT_TRY(keep(&target, g, tab + 1, len - first - 1, e));
    if (!source.len) return tt_fail(e, TT_EDATA, "%s, line %zu: a side is empty: expected SOURCE TAB TARGET", name, number);
    TT_TRY(check_target(g, target, name, number, e));
    TT_TRY(grow(g, e));
    char *key = tt_arena_text(g->arena, source.text, source.len);
    const char *called = name_entry(g, source, target);
    if (!key || !called) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    tt_forms_fold(key, source.text, source.len);
    if (target.len == source.len && !memcmp(target.text, source.text, source.len)) target.text = NULL;
    g->entries[g->n++] = (struct entry){source.text, key, source.len, number, target, called};
    return 0;
}

static int read_all(tt_glossary *g, tt_lines *in, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        if (tt_lines_number(in) == 1 && len >= 3 && !memcmp(line, "\xEF\xBB\xBF", 3)) line += 3, len -= 3;
        while (len && (line[len - 1] == '\r' || line[len - 1] == ' ')) len--;
        if (len) TT_TRY(add(g, in, line, len, e));
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
        while (at < g->n && (unsigned char)g->entries[at].key[0] < c) at++;
        g->first[c] = at;
    }
    return 0;
}

tt_glossary *tt_glossary_open(const char *path, const tt_vocab *target, tt_err *e) {
    tt_glossary *g = calloc(1, sizeof *g);
    if (!g) {
        tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
        return NULL;
    }
    g->vocab = target;
    g->arena = tt_arena_open(0, e);
    g->edge = g->arena ? tt_forms_edges(target, e) : NULL;
    tt_lines *in = g->edge ? tt_lines_open(path, 0, e) : NULL;
    int rc = in ? read_all(g, in, e) : TT_ENOINPUT;
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
    free(g->edge);
    free(g);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* Does a word end, or none begin, before text[at]? */
static int boundary(const char *text, size_t at, size_t len) {
    if (at == 0 || at == len) return 1;
    size_t before = at - 1;
    while (before > 0 && ((unsigned char)text[before] & 0xc0) == 0x80) before--;
    return !tt_forms_in_word(text, before, len) || !tt_forms_in_word(text, at, len);
}

/* A line and where it is looked at. */
struct line {
    const char *text, *folded; /* (len) */
    size_t len;
};

struct found {
    const struct entry *entry;
    size_t at, len;
    int how; /* EXACT … */
};

enum { EXACT, OTHER_CASE, PLURAL };

/* Do the first n bytes of the entry stand at text[at], its small letters perhaps as capitals? 1 exactly so, 2 with capitals. */
static int stands(const struct entry *x, size_t n, const struct line *l, size_t at) {
    int exact = 1;
    if (n > l->len - at) return 0;
    for (size_t i = 0; i < n; i++) {
        if (x->text[i] == l->text[at + i]) continue;
        if (x->text[i] != l->folded[at + i]) return 0;
        exact = 0;
    }
    return exact ? 1 : 2;
}

static int ends_with(const struct entry *x, const char *ending) {
    const size_t n = strlen(ending);
    return x->len >= n && !memcmp(x->key + x->len - n, ending, n);
}

/* Bytes of the entry's plural at text[at], 0: it does not stand there. */
static size_t plural(const struct entry *x, const struct line *l, size_t at) {
    static const struct {
        const char *of, *ending;
        size_t cut;
    } rules[] = {{"y", "ies", 1}, {"s", "es", 0}, {"x", "es", 0}, {"z", "es", 0}, {"ch", "es", 0}, {"sh", "es", 0}, {"o", "es", 0},
                 {"", "s", 0}};
    if (x->len < SHORTEST_PLURAL || x->key[x->len - 1] < 'a' || x->key[x->len - 1] > 'z') return 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const size_t n = x->len - rules[i].cut, more = strlen(rules[i].ending);
        if (!ends_with(x, rules[i].of) || n + more > l->len - at || (!*rules[i].of && ends_with(x, "s"))) continue;
        if (stands(x, n, l, at) && !memcmp(l->folded + at + n, rules[i].ending, more) && boundary(l->text, at + n + more, l->len))
            return n + more;
    }
    return 0;
}

/* The first of the entries from…to-1, which have k bytes in common, whose next byte is c or more; one that has no more counts as 256. */
static size_t bound(const tt_glossary *g, size_t from, size_t to, size_t k, int c) {
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const struct entry *x = &g->entries[middle];
        if ((x->len > k ? (unsigned char)x->key[k] : 256) < c) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Takes an entry, if it stands at text[at], for the best so far: the longest, then the most exact, then the first. */
static void consider(struct found *best, const struct entry *x, const struct line *l, size_t at) {
    int how = stands(x, x->len, l, at) - 1;
    size_t len = how >= 0 && boundary(l->text, at + x->len, l->len) ? x->len : 0;
    if (!len) {
        how = PLURAL;
        len = plural(x, l, at);
    }
    if (!len || len < best->len) return;
    if (len > best->len || how < best->how || (how == best->how && x < best->entry)) *best = (struct found){x, at, len, how};
}

/* The best that stands at text[at]; entry NULL: none. Of the entries that go on as the text does there are fewer with each
   byte; only the last byte, a y, is another in a plural. */
static struct found match(const tt_glossary *g, const struct line *l, size_t at) {
    struct found best = {NULL, at, 0, 0};
    size_t from = g->first[(unsigned char)l->folded[at]], to = g->first[(unsigned char)l->folded[at] + 1];
    for (size_t k = 1; from < to; k++) {
        const size_t y = bound(g, from, to, k, 'y'), behind = bound(g, y, to, k, 'y' + 1);
        for (size_t i = bound(g, from, to, k, 256); i < to; i++) consider(&best, &g->entries[i], l, at);
        for (size_t i = bound(g, y, behind, k + 1, 256); i < behind; i++) consider(&best, &g->entries[i], l, at);
        if (at + k == l->len) break;
        const int c = (unsigned char)l->folded[at + k];
        from = bound(g, from, to, k, c);
        to = bound(g, from, to, k, c + 1);
    }
    return best;
}

static int is_capital(const char *text, size_t len) {
    char small[4];
    int n = tt_utf8_next(text, len, NULL);
    if (n < 1) return 0;
    tt_forms_fold(small, text, (size_t)n);
    return memcmp(small, text, (size_t)n) != 0;
}

/* A capital before a letter that is none. */
static int is_title(const char *text, size_t len) {
    const int n = tt_utf8_next(text, len, NULL);
    return n > 0 && (size_t)n < len && is_capital(text, len) && !is_capital(text + n, len - (size_t)n);
}

/* The place of the first letter. */
static size_t first_letter(const struct line *l) {
    size_t at = 0;
    while (at < l->len && !tt_forms_in_word(l->text, at, l->len)) at++;
    return at;
}

/* The forms of what was found, and its source tokens; begin, end (s->count) say what these stand for. 1, 0: no room, or a code. */
static int add_term(tt_terms *t, tt_term *term, tt_term_form *form, const tt_glossary *g, const struct found *f, const struct line *l,
                    const int32_t *begin, const int32_t *end, int tokens, tt_arena *a, tt_err *e) {
    const size_t first = first_letter(l);
    const struct entry *x = f->entry;
    tt_form_wish w = {.text = x->target.text,
                      .len = x->target.len,
                      .term = t->count,
                      .verbatim = !x->target.text,
                      .plural = f->how == PLURAL,
                      .opening = first < l->len && is_capital(l->text + first, l->len - first),
                      .capital = f->at != first && is_title(l->text + f->at, f->len) && !is_capital(x->text, x->len)};
    if (w.verbatim) {
        w.text = l->text + f->at;
        w.len = f->len;
    }
    int n = t->forms;
    int rc = tt_forms_make(form, &n, TT_FORMS_MAX, g->vocab, &w, a, e);
    if (rc <= 0) return rc;
    tt_term *m = &term[t->count];
    *m = (tt_term){.from = tokens, .to = 0, .name = x->name};
    for (int i = 0; i < tokens; i++) {
        if (end[i] <= (int32_t)f->at || begin[i] >= (int32_t)(f->at + f->len) || begin[i] == end[i]) continue;
        if (i < m->from) m->from = i;
        m->to = i + 1;
    }
    if (m->from > m->to) m->from = m->to = 0;
    for (int i = t->forms; i < n; i++)
        if (form[i].count > m->length) m->length = form[i].count;
    t->forms = n;
    t->tokens += m->length;
    t->count++;
    return 1;
}

int tt_glossary_find(const tt_terms **terms, const tt_glossary *g, const tt_vocab *source, const tt_sentence *s, tt_arena *a,
                     tt_err *e) {
    *terms = NULL;
    if (!g->n || !s->plain.len) return 0;
    tt_mark mark = tt_arena_mark(a);
    char *folded = tt_arena_alloc(a, s->plain.len);
    int32_t *begin = NULL, *end = NULL;
    tt_term *term = tt_arena_alloc(a, TT_TERMS_MAX * sizeof *term);
    tt_term_form *form = tt_arena_alloc(a, TT_FORMS_MAX * sizeof *form);
    tt_terms *t = tt_arena_alloc(a, sizeof *t);
    if (!folded || !term || !form || !t) return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
    tt_forms_fold(folded, s->plain.text, s->plain.len);
    const struct line l = {s->plain.text, folded, s->plain.len};
    *t = (tt_terms){.term = term, .form = form, .edge = g->edge};
    for (size_t at = 0; at < l.len;) {
        const struct found f = boundary(l.text, at, l.len) ? match(g, &l, at) : (struct found){NULL, at, 0, 0};
        if (f.entry && !begin) TT_TRY(tt_forms_place(&begin, &end, source, s, a, e));
        int rc = !f.entry || t->count == TT_TERMS_MAX ? 0 : add_term(t, term, form, g, &f, &l, begin, end, s->count, a, e);
        if (rc < 0) return rc;
        t->left_out += f.entry && !rc;
        at += f.entry ? f.len : 1;
        while (at < l.len && ((unsigned char)l.text[at] & 0xc0) == 0x80) at++;
    }
    if (t->count) *terms = t;
    else tt_arena_rewind(a, mark);
    return 0;
}
