/* glossary.c: see glossary.h. An entry stands once as it is, and once in each other number that it
 * may have. All are sorted by their bytes in small letters, longer ones first among those with the
 * same beginning; the first byte says where to look.
 */
#include "translate/glossary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "io/lines.h"
#include "text/clean.h"
#include "text/letter.h"
#include "translate/plural.h"

enum { ENTRIES_MOST = 1 << 20, TARGET_MOST = TT_TERM_TOKENS };

/* What stands in a text: the entry itself, its plural, or its singular. */
enum { AS_IS, PLURAL, SINGULAR };

struct entry {
    const char *text, *key; /* (len) source side; in small letters */
    size_t len, line;
    tt_span target;   /* text NULL: the source as it stands */
    const char *name; /* "dog → can" */
    int number;       /* AS_IS … */
    int verb;         /* 1: stands only where a noun does */
};

struct tt_glossary {
    tt_arena *arena;
    const tt_vocab *vocab;
    int from, to;            /* TT_LANGUAGE_… of either side */
    uint8_t *edge;           /* of its tokens */
    const tt_glossary *base; /* of a line's own terms: the entries that hold besides; else NULL */
    struct entry *entries;   /* (n), sorted */
    size_t n, room, terms;   /* terms: entries AS_IS */
    size_t first[257];       /* entries of each first byte: first[c] … first[c+1]-1 */
};

/* Where a term comes from, for messages: "terms.tsv, line 3" or "glossary, term 3". */
struct origin {
    const char *name, *unit;
    size_t number;
};

static int order(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    int c = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);
    if (c) return c;
    if (x->len != y->len) return x->len > y->len ? -1 : 1;
    c = memcmp(x->text, y->text, x->len);
    if (c) return c;
    return x->number != y->number ? (x->number < y->number ? -1 : 1)
                                  : (x->line > y->line) - (x->line < y->line);
}

static bool is_twice(const struct entry *x, const struct entry *y) {
    return !x->number && !y->number && x->len == y->len && !memcmp(x->text, y->text, x->len);
}

/* A cleaned copy in the glossary's own memory, without the blanks around it. */
static int keep(tt_span *to, tt_glossary *g, tt_span of, tt_err *e) {
    tt_clean c;
    while (of.len && (of.text[of.len - 1] == ' ' || of.text[of.len - 1] == '\r')) of.len--;
    while (of.len && *of.text == ' ') of.text++, of.len--;
    TT_TRY(tt_clean_line(&c, of.text, of.len, g->arena, e));
    char *copy = tt_arena_text(g->arena, c.text, c.len);
    if (!copy) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    *to = (tt_span){copy, c.len};
    return 0;
}

/* A line's own entries lie in its arena. */
static int grow(tt_glossary *g, tt_err *e) {
    if (g->n < g->room) return 0;
    const size_t room = g->room ? 2 * g->room : g->base ? 16 : 256;
    struct entry *more = NULL;
    if (g->terms < ENTRIES_MOST && g->base) more = tt_arena_alloc(g->arena, room * sizeof *more);
    else if (g->terms < ENTRIES_MOST) more = realloc(g->entries, room * sizeof *more);
    if (!more)
        return tt_fail(e, TT_ENOMEM, "out of memory for a glossary of more than %zu entries",
                       g->terms);
    if (g->base && g->n) memcpy(more, g->entries, g->n * sizeof *more);
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

static int empty_side(const struct origin *o, tt_err *e) {
    return tt_fail(e, TT_EDATA, "%s, %s %zu: a side is empty: expected %s", o->name, o->unit,
                   o->number, strcmp(o->unit, "line") ? "source and target" : "SOURCE TAB TARGET");
}

/* The target's tokens are counted here, and made for each sentence, of which they depend. */
static int check_target(const tt_glossary *g, tt_span target, const struct origin *o, tt_err *e) {
    int32_t *ids = NULL;
    size_t n = 0;
    tt_mark mark = tt_arena_mark(g->arena);
    if (target.len)
        TT_TRY(tt_vocab_encode(g->vocab, target.text, target.len, 0, g->arena, &ids, &n, e));
    tt_arena_rewind(g->arena, mark);
    if (!n) return empty_side(o, e);
    if (n <= TARGET_MOST) return 0;
    return tt_fail(e, TT_EDATA, "%s, %s %zu: the target has %zu tokens: expected at most %d",
                   o->name, o->unit, o->number, n, TARGET_MOST);
}

static int add_entry(tt_glossary *g, const struct entry *like, tt_span text, int number, int verb,
                     tt_err *e) {
    TT_TRY(grow(g, e));
    char *key = tt_arena_text(g->arena, text.text, text.len);
    if (!key) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    tt_forms_fold(key, text.text, text.len);
    struct entry *x = &g->entries[g->n++];
    *x = *like;
    x->text = text.text;
    x->key = key;
    x->len = text.len;
    x->number = number;
    x->verb = verb;
    return 0;
}

/* A term in all its numbers. target.text NULL: the source stays. */
static int add_term(tt_glossary *g, tt_span source, tt_span target, const struct origin *o,
                    tt_err *e) {
    tt_plural other[TT_PLURAL_MOST];
    struct entry x = {.line = o->number};
    const int kept = !target.text;
    TT_TRY(keep(&source, g, source, e));
    if (kept) target = source;
    else TT_TRY(keep(&target, g, target, e));
    if (!source.len) return empty_side(o, e);
    TT_TRY(check_target(g, target, o, e));
    x.name = name_entry(g, source, target);
    if (!x.name) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    if (target.len != source.len || memcmp(target.text, source.text, source.len)) x.target = target;
    TT_TRY(add_entry(g, &x, source, AS_IS, 0, e));
    g->terms++;
    const int n =
        tt_plural_forms(other, TT_PLURAL_MOST, g->from, source.text, source.len, g->arena);
    if (n < 0) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    for (int i = 0; i < n; i++)
        TT_TRY(add_entry(g, &x, other[i].text, other[i].one ? SINGULAR : PLURAL, other[i].verb, e));
    return 0;
}

static int add_line(tt_glossary *g, tt_lines *in, const char *line, size_t len, tt_err *e) {
    const char *tab = memchr(line, '\t', len);
    const struct origin o = {tt_lines_name(in), "line", tt_lines_number(in)};
    const size_t first = tab ? (size_t)(tab - line) : len;
    if (tab && memchr(tab + 1, '\t', len - first - 1))
        return tt_fail(e, TT_EDATA, "%s, line %zu: expected SOURCE TAB TARGET", o.name, o.number);
    const tt_span target = {tab ? tab + 1 : NULL, tab ? len - first - 1 : 0};
    return add_term(g, (tt_span){line, first}, target, &o, e);
}

static int read_all(tt_glossary *g, tt_lines *in, tt_err *e) {
    const char *line;
    size_t len;
    int rc;
    while ((rc = tt_lines_next(in, &line, &len, e)) > 0) {
        if (tt_lines_number(in) == 1 && len >= 3 && !memcmp(line, "\xEF\xBB\xBF", 3))
            line += 3, len -= 3;
        while (len && (line[len - 1] == '\r' || line[len - 1] == ' ')) len--;
        if (len) TT_TRY(add_line(g, in, line, len, e));
    }
    return rc;
}

static int index_all(tt_glossary *g, const struct origin *o, tt_err *e) {
    if (g->n) qsort(g->entries, g->n, sizeof *g->entries, order);
    for (size_t i = 1; i < g->n; i++) {
        const size_t a = g->entries[i - 1].line, b = g->entries[i].line;
        if (is_twice(&g->entries[i - 1], &g->entries[i]))
            return tt_fail(e, TT_EDATA, "%s, %s %zu: the same source as in %s %zu", o->name,
                           o->unit, a > b ? a : b, o->unit, a > b ? b : a);
    }
    size_t at = 0;
    for (size_t c = 0; c <= 256; c++) {
        while (at < g->n && (unsigned char)g->entries[at].key[0] < c) at++;
        g->first[c] = at;
    }
    return 0;
}

tt_glossary *tt_glossary_open(const char *path, const tt_vocab *target, const char *from,
                              const char *to, tt_err *e) {
    tt_glossary *g = calloc(1, sizeof *g);
    if (!g) {
        tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
        return NULL;
    }
    g->vocab = target;
    g->from = tt_language_of(from ? from : "en");
    g->to = tt_language_of(to ? to : "es");
    g->arena = tt_arena_open(0, e);
    g->edge = g->arena ? tt_forms_edges(target, e) : NULL;
    tt_lines *in = g->edge && path ? tt_lines_open(path, 0, e) : NULL;
    int rc = in ? read_all(g, in, e) : !g->edge ? TT_ENOMEM : path ? TT_ENOINPUT : 0;
    const struct origin o = {in ? tt_lines_name(in) : "", "line", 0};
    if (!rc) rc = index_all(g, &o, e);
    tt_lines_close(in);
    if (!rc) return g;
    tt_glossary_close(g);
    return NULL;
}

int tt_glossary_of(const tt_glossary **of, const tt_glossary *base, const tt_request_term *terms,
                   size_t n, tt_arena *a, tt_err *e) {
    tt_glossary *g = tt_arena_zero(a, sizeof *g);
    if (!g) return tt_fail(e, TT_ENOMEM, "out of memory for a glossary");
    *g = (tt_glossary){.arena = a,
                       .vocab = base->vocab,
                       .from = base->from,
                       .to = base->to,
                       .edge = base->edge,
                       .base = base};
    struct origin o = {"glossary", "term", 0};
    for (size_t i = 0; i < n; i++) {
        o.number = i + 1;
        TT_TRY(add_term(g, terms[i].source, terms[i].target, &o, e));
    }
    TT_TRY(index_all(g, &o, e));
    *of = g;
    return 0;
}

void tt_glossary_close(tt_glossary *g) {
    if (!g) return;
    tt_arena_close(g->arena);
    free(g->entries);
    free(g->edge);
    free(g);
}

/* ---- finding --------------------------------------------------------------------------------- */

/* 1 if a word ends, or none begins, before text[at]. */
static bool boundary(const char *text, size_t at, size_t len) {
    if (at == 0 || at == len) return true;
    size_t before = at - 1;
    while (before > 0 && tt_utf8_inside(text[before])) before--;
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
    int how; /* 1: exactly, 2: in another case; 3, 4: and in another number */
};

/* Whether the first n bytes of the entry stand at text[at], its small letters perhaps as
   capitals: 1 exactly so, 2 with capitals. */
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

/* 1 if the word before text[at] is one that comes before nouns and never before a verb: a
   determiner, a preposition, a number, a possessive. */
static bool is_noun_place(const struct line *l, size_t at) {
    static const char words[] = " the these those my your his her its our their some many few "
                                "several all no any most both of with without from in "
                                "on for by into under over among about and or two three four five "
                                "six seven eight nine ten ";
    size_t end = at, from;
    char word[16];
    while (end && l->folded[end - 1] == ' ') end--;
    for (from = end; from && l->folded[from - 1] != ' ';) from--;
    const size_t n = end - from;
    if (!n || end == at) return false;
    if (l->folded[end - 1] >= '0' && l->folded[end - 1] <= '9') return true;
    if (n > 2 && (!memcmp(l->folded + end - 2, "'s", 2) || !memcmp(l->folded + end - 2, "s'", 2)))
        return true;
    if (n + 3 > sizeof word) return false;
    word[0] = ' ';
    memcpy(word + 1, l->folded + from, n);
    word[n + 1] = ' ';
    word[n + 2] = 0;
    return strstr(words, word) != NULL;
}

/* The first of the entries from…to-1, which have k bytes in common, whose next byte is c or more;
   one that has no more counts as 256. */
static size_t bound(const tt_glossary *g, size_t from, size_t to, size_t k, int c) {
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const struct entry *x = &g->entries[middle];
        if ((x->len > k ? (unsigned char)x->key[k] : 256) < c) from = middle + 1;
        else to = middle;
    }
    return from;
}

/* Takes an entry, if it stands at text[at], for the best so far: the longest, then the most exact,
   then the first. */
static void consider(struct found *best, const struct entry *x, const struct line *l, size_t at) {
    const int exact = stands(x, x->len, l, at);
    if (!exact || !boundary(l->text, at + x->len, l->len) || (x->verb && !is_noun_place(l, at)))
        return;
    const int how = 2 * (x->number != AS_IS) + exact;
    if (x->len < best->len) return;
    if (x->len > best->len || how < best->how || (how == best->how && x < best->entry))
        *best = (struct found){x, at, x->len, how};
}

/* The best that stands at text[at]; entry NULL: none. Of the entries that go on as the text does
   there are fewer with each byte. A line's own come before those of all lines. */
static struct found match(const tt_glossary *g, const struct line *l, size_t at) {
    struct found best = {NULL, at, 0, 0};
    size_t from = g->first[(unsigned char)l->folded[at]],
           to = g->first[(unsigned char)l->folded[at] + 1];
    for (size_t k = 1; from < to; k++) {
        for (size_t i = bound(g, from, to, k, 256); i < to; i++)
            consider(&best, &g->entries[i], l, at);
        if (at + k == l->len) break;
        const int c = (unsigned char)l->folded[at + k];
        from = bound(g, from, to, k, c);
        to = bound(g, from, to, k, c + 1);
    }
    if (!g->base) return best;
    const struct found other = match(g->base, l, at);
    return other.len > best.len ? other : best;
}

static bool is_capital(const char *text, size_t len) {
    char small[4];
    int n = tt_utf8_next(text, len, NULL);
    if (n < 1) return false;
    tt_forms_fold(small, text, (size_t)n);
    return memcmp(small, text, (size_t)n) != 0;
}

/* A capital before a letter that is none. */
static bool is_title(const char *text, size_t len) {
    const int n = tt_utf8_next(text, len, NULL);
    return n > 0 && (size_t)n < len && is_capital(text, len) &&
           !is_capital(text + n, len - (size_t)n);
}

/* Two capitals or more, and no small letter. */
static bool is_shouted(const char *text, size_t len) {
    size_t capitals = 0;
    for (size_t i = 0; i < len;) {
        const int n = tt_utf8_next(text + i, len - i, NULL);
        const size_t size = (size_t)(n < 1 ? 1 : n);
        char big[8];
        tt_text_case(big, text + i, size, TT_CASE_CAPITAL);
        if (memcmp(big, text + i, size)) return false;
        capitals += is_capital(text + i, size) ? 1 : 0;
        i += size;
    }
    return capitals > 1;
}

/* The place of the first letter. */
static size_t first_letter(const struct line *l) {
    size_t at = 0;
    while (at < l->len && !tt_forms_in_word(l->text, at, l->len)) at++;
    return at;
}

/* The forms of what was found, and its source tokens; begin, end (s->count) say what these stand
   for. 1, 0: no room, or a code. */
static int take_term(tt_terms *t, tt_term *term, tt_term_form *form, const tt_glossary *g,
                     const struct found *f, const struct line *l, const int32_t *begin,
                     const int32_t *end, int tokens, tt_arena *a, tt_err *e) {
    const size_t first = first_letter(l);
    const struct entry *x = f->entry;
    tt_form_wish w = {.text = x->target.text,
                      .len = x->target.len,
                      .term = t->count,
                      .verbatim = !x->target.text,
                      .language = g->to,
                      .plural = x->number == PLURAL,
                      .singular = x->number == SINGULAR,
                      .opening = first < l->len && is_capital(l->text + first, l->len - first),
                      .capital = f->at != first && is_title(l->text + f->at, f->len) &&
                                 !is_capital(x->text, x->len)};
    if (w.verbatim) {
        w.text = l->text + f->at;
        w.len = f->len;
    } else if (is_shouted(l->text + f->at, f->len) && !is_shouted(x->text, x->len)) {
        char *big = tt_arena_text(a, w.text, w.len);
        if (!big) return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
        tt_text_case(big, big, w.len, TT_CASE_CAPITAL);
        w.text = big;
    }
    int n = t->forms;
    int rc = tt_forms_make(form, &n, TT_FORMS_MAX, g->vocab, &w, a, e);
    if (rc <= 0) return rc;
    tt_term *m = &term[t->count];
    *m = (tt_term){.from = tokens,
                   .to = 0,
                   .name = x->name,
                   .words = (int)tt_sentence_words(l->text + f->at, f->len)};
    for (int i = 0; i < tokens; i++) {
        if (end[i] <= (int32_t)f->at || begin[i] >= (int32_t)(f->at + f->len) || begin[i] == end[i])
            continue;
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

int tt_glossary_find(const tt_terms **terms, const tt_glossary *g, const tt_vocab *source,
                     const tt_sentence *s, tt_arena *a, tt_err *e) {
    *terms = NULL;
    if ((!g->n && !(g->base && g->base->n)) || !s->plain.len) return 0;
    tt_mark mark = tt_arena_mark(a);
    char *folded = tt_arena_alloc(a, s->plain.len);
    int32_t *begin = NULL, *end = NULL;
    tt_term *term = tt_arena_alloc(a, TT_TERMS_MAX * sizeof *term);
    tt_term_form *form = tt_arena_alloc(a, TT_FORMS_MAX * sizeof *form);
    tt_terms *t = tt_arena_alloc(a, sizeof *t);
    if (!folded || !term || !form || !t)
        return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
    tt_forms_fold(folded, s->plain.text, s->plain.len);
    const struct line l = {s->plain.text, folded, s->plain.len};
    *t = (tt_terms){.term = term, .form = form, .edge = g->edge};
    for (size_t at = 0; at < l.len;) {
        const struct found f =
            boundary(l.text, at, l.len) ? match(g, &l, at) : (struct found){NULL, at, 0, 0};
        if (f.entry && !begin) TT_TRY(tt_forms_place(&begin, &end, source, s, a, e));
        int rc = !f.entry || t->count == TT_TERMS_MAX
                     ? 0
                     : take_term(t, term, form, g, &f, &l, begin, end, s->count, a, e);
        if (rc < 0) return rc;
        t->left_out += f.entry && !rc;
        at += f.entry ? f.len : 1;
        while (at < l.len && tt_utf8_inside(l.text[at])) at++;
    }
    if (t->count) *terms = t;
    else tt_arena_rewind(a, mark);
    return 0;
}
