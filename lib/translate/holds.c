/* holds.c: see holds.h. A text is copied without what leaves it, and each byte remembers where it
 * stood. Cases are looked at word by word, outside what is held.
 */
#include "translate/holds.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "text/clean.h"
#include "text/letter.h"

/* ---- characters and words -------------------------------------------------------------------- */

static bool has_no_width(uint32_t c) {
    return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x2066 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* Does an accent stand at text[i] that was typed for an apostrophe: don´t? */
static bool is_accent(const char *text, size_t len, size_t i) {
    size_t size;
    const uint32_t c = tt_utf8_at(text, len, i, &size);
    if (c != 0xb4 && c != 0x2bc && c != 0x2032 && c != 0x201b) return false;
    return i && i + size < len && tt_is_letter(tt_utf8_at(text, len, i + size, &size)) &&
           tt_is_letter(tt_utf8_at(text, len, tt_utf8_before(text, i), &size));
}

/* Letters side by side, outside what is held. */
struct word {
    size_t begin, end;
    size_t letters, capitals, smalls;
    int capital; /* 1: the first letter is one */
};

struct walk {
    const char *text;
    size_t len, at;
    const tt_hold *holds; /* (count) those not passed yet */
    int count;
};

static struct walk walk_over(const char *text, size_t len, const tt_hold *holds, int count) {
    return (struct walk){text, len, 0, holds, count};
}

static bool is_held(struct walk *w) {
    for (; w->count && w->holds->end <= w->at; w->count--) w->holds++;
    return w->count && w->holds->begin <= w->at;
}

/* The next word; 0: there is none. */
static bool next_word(struct word *x, struct walk *w) {
    size_t size;
    *x = (struct word){.begin = w->len};
    for (; w->at < w->len; w->at += size) {
        uint32_t c = 0;
        if (is_held(w)) size = w->holds->end - w->at;
        else c = tt_utf8_at(w->text, w->len, w->at, &size);
        if (!tt_is_letter(c)) {
            if (x->letters) break;
            continue;
        }
        const int capital = tt_is_capital(c);
        if (!x->letters) x->begin = w->at, x->capital = capital;
        x->letters++;
        x->capitals += capital ? 1 : 0;
        x->smalls += tt_is_small(c) ? 1 : 0;
        x->end = w->at + size;
    }
    return x->letters > 0;
}

/* ---- what is held ---------------------------------------------------------------------------- */

/* Two words in capitals, or one of five letters and more: a shorter one may be a name of
   letters. */
static bool is_shouted(struct walk w) {
    struct word x;
    size_t words = 0, capitals = 0, longest = 0;
    while (next_word(&x, &w)) {
        if (x.smalls) return false;
        words += x.capitals > 0;
        capitals += x.capitals;
        if (x.capitals > longest) longest = x.capitals;
    }
    return longest > 4 || (words > 1 && longest > 1 && capitals > 3);
}

/* In place: small letters, but for the first of the text, and the word I. */
static void lower(char *text, struct walk w) {
    struct word x;
    size_t first = 1, size;
    while (next_word(&x, &w)) {
        const int alone = x.letters == 1 && text[x.begin] == 'I' &&
                          (!x.begin || tt_ascii_blank(text[x.begin - 1])) &&
                          (x.end == w.len || tt_ascii_blank(text[x.end]) || text[x.end] == '\'');
        size = 0;
        if (first) tt_utf8_at(text, w.len, x.begin, &size);
        first = 0;
        x.begin += size;
        if (!alone) tt_text_case(text + x.begin, text + x.begin, x.end - x.begin, TT_CASE_SMALL);
    }
}

/* A text being copied. */
struct taking {
    char *text;
    int32_t *from;
    size_t n;
};

static void copy(struct taking *t, const char *text, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        t->from[t->n] = (int32_t)i;
        t->text[t->n++] = text[i];
    }
}

/* Signs, and tags, which are no words either. */
static int leaves(int kind, const char *text) {
    return kind == TT_KEEP_SIGN || (kind == TT_KEEP_PLACEHOLDER && *text == '<');
}

/* Does a mark that stands behind a word without a blank begin there? */
static bool closes(const char *text, size_t len, size_t i) {
    size_t size;
    const uint32_t c = i < len ? tt_utf8_at(text, len, i, &size) : 0;
    return c == 0xbb || c == 0x2019 || c == 0x201d || c == 0x2026 ||
           (c && c < 0x80 && strchr(".,;:!?)]}", (int)c));
}

/* A sign leaves with the blank that would stand doubled, at the end, or before a closing mark,
   without it; blanks that other holds begin or end with stay. *end: where the text goes on. */
static void take_sign(struct taking *t, const tt_plain *p, int k, size_t *end) {
    const char *text = p->line.text;
    const size_t len = p->line.len, least = k ? p->holds[k - 1].end : 0,
                 most = k + 1 < p->count ? p->holds[k + 1].begin : len;
    tt_hold *h = &p->holds[k];
    const int at_end = *end >= len, blank_behind = !at_end && tt_ascii_blank(text[*end]),
              blank_before = t->n && tt_ascii_blank(t->text[t->n - 1]);
    h->before = blank_before;
    h->behind = blank_behind;
    if (blank_before && (at_end || blank_behind || closes(text, len, *end)))
        while (t->n > least && tt_ascii_blank(t->text[t->n - 1])) t->n--;
    else if (!t->n)
        while (*end < most && tt_ascii_blank(text[*end])) ++*end;
    h->begin = h->end = t->n;
}

/* Of what is kept, in the places of the text itself. */
static int make_holds(tt_plain *plain, const tt_keep *k, tt_arena *a, tt_err *e) {
    const tt_span line = plain->line;
    tt_kept *kept;
    size_t n;
    TT_TRY(tt_keep_find(&kept, &n, k, line.text, line.len, a, e));
    if (!n) return 0;
    plain->holds = tt_arena_alloc(a, n * sizeof *plain->holds);
    if (!plain->holds)
        return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", line.len);
    for (size_t i = 0; i < n; i++) {
        const size_t begin = kept[i].begin, end = kept[i].end;
        plain->holds[i] =
            (tt_hold){{line.text + begin, end - begin}, begin, end, kept[i].kind, 0, 0, 0};
    }
    plain->count = (int)n;
    return 0;
}

/* Characters without width, and accents for apostrophes. */
static size_t changed_in(const char *text, size_t len) {
    size_t n = 0, size;
    for (size_t i = 0; i < len; i += size) {
        size = 1;
        if ((unsigned char)text[i] < 0xc2) continue;
        n += has_no_width(tt_utf8_at(text, len, i, &size)) || is_accent(text, len, i) ? 1 : 0;
    }
    return n;
}

int tt_holds_take(tt_plain *plain, const tt_keep *k, int capitals, const char *text, size_t len,
                  tt_arena *a, tt_err *e) {
    size_t signs = 0, size;
    *plain = (tt_plain){.text = text, .len = len, .line = {text, len}};
    TT_TRY(make_holds(plain, k, a, e));
    const size_t changed = changed_in(text, len);
    plain->raised = capitals && is_shouted(walk_over(text, len, plain->holds, plain->count));
    if (!plain->count && !changed && !plain->raised) return 0;
    struct taking t = {tt_arena_alloc(a, len + 1), tt_arena_alloc(a, (len + 1) * sizeof *t.from),
                       0};
    if (!t.text || !t.from)
        return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", len);
    for (size_t i = 0, at = 0; i < len;) {
        tt_hold *h = at < (size_t)plain->count ? &plain->holds[at] : NULL;
        if (h && h->begin == i) {
            size_t end = h->end;
            if (leaves(h->kind, text + i)) {
                take_sign(&t, plain, (int)at, &end);
                signs++;
            } else {
                h->begin = t.n;
                copy(&t, text, i, end);
                h->end = t.n;
            }
            i = end;
            at++;
            continue;
        }
        const uint32_t c = tt_utf8_at(text, len, i, &size);
        if (c >= 0x80 && is_accent(text, len, i)) {
            t.from[t.n] = (int32_t)i;
            t.text[t.n++] = '\'';
        } else if (!has_no_width(c)) {
            copy(&t, text, i, i + size);
        }
        i += size;
    }
    t.from[t.n] = (int32_t)len;
    if (plain->raised) lower(t.text, walk_over(t.text, t.n, plain->holds, plain->count));
    plain->text = t.text;
    plain->len = t.n;
    if (changed || signs) plain->from = t.from;
    return 0;
}

/* ---- headings -------------------------------------------------------------------------------- */

enum {
    WORD_PIECES = 3,   /* of a word that the vocabulary knows; a name has more */
    WORD_MOST = 64,    /* bytes of a word that is looked at so */
    SHORT_WORD = 4,    /* letters of a word that a heading may leave small */
    LEAST_CAPITALS = 3 /* words of a heading that begin with a capital */
};

static bool is_title(const tt_plain *p) {
    struct walk w = walk_over(p->text, p->len, p->holds, p->count);
    struct word x;
    size_t capitals = 0;
    if (!p->len || strchr(".!?:;,", p->text[p->len - 1])) return false;
    while (next_word(&x, &w)) {
        if (!x.capital && x.letters >= SHORT_WORD) return false;
        capitals += x.capital && x.smalls;
    }
    return capitals >= LEAST_CAPITALS;
}

/* 1 if the word is one piece in small letters, and likelier so. */
static int is_likelier_small(const tt_vocab *v, const char *word, size_t len, int *yes, tt_arena *a,
                             tt_err *e) {
    int32_t *as_is, *lowered;
    size_t n, m;
    const tt_mark mark = tt_arena_mark(a);
    char *small = tt_arena_alloc(a, len);
    if (!small) return tt_fail(e, TT_ENOMEM, "out of memory for a word");
    tt_text_case(small, word, len, TT_CASE_SMALL);
    TT_TRY(tt_vocab_encode(v, word, len, 0, a, &as_is, &n, e));
    TT_TRY(tt_vocab_encode(v, small, len, 0, a, &lowered, &m, e));
    *yes = m == 1 && lowered[0] != tt_vocab_unk(v) &&
           (n > 1 || tt_vocab_score(v, lowered[0]) > tt_vocab_score(v, as_is[0]));
    tt_arena_rewind(a, mark);
    return 0;
}

int tt_holds_title(tt_plain *p, const tt_vocab *v, tt_arena *a, tt_err *e) {
    size_t size, first = 1;
    if (p->raised || !is_title(p)) return 0;
    char *text = tt_arena_text(a, p->text, p->len);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", p->len);
    struct walk w = walk_over(p->text, p->len, p->holds, p->count);
    for (struct word x; next_word(&x, &w); first = 0) {
        int yes = 0;
        if (!first && x.capital && x.smalls)
            TT_TRY(is_likelier_small(v, p->text + x.begin, x.end - x.begin, &yes, a, e));
        tt_utf8_at(p->text, p->len, x.begin, &size);
        if (yes) tt_text_case(text + x.begin, text + x.begin, size, TT_CASE_SMALL);
    }
    p->text = text;
    return 0;
}

/* ---- first words ----------------------------------------------------------------------------- */

bool tt_holds_is_opening(const char *text, size_t len) {
    size_t size = 1;
    for (size_t i = 0; i < len; i += size) {
        const uint32_t c = tt_utf8_at(text, len, i, &size);
        if (tt_ascii_digit(text[i])) return false;
        if (tt_is_letter(c)) return tt_is_capital(c);
    }
    return false;
}

void tt_holds_raise(char *text, size_t len) {
    size_t size = 1, next;
    for (size_t i = 0; i < len; i += size) {
        const uint32_t c = tt_utf8_at(text, len, i, &size);
        if (tt_ascii_digit(text[i])) return;
        if (!tt_is_letter(c)) continue;
        /* iPhone */
        if (i + size < len && tt_is_capital(tt_utf8_at(text, len, i + size, &next))) return;
        tt_text_case(text + i, text + i, size, TT_CASE_CAPITAL);
        return;
    }
}

/* 1 if the capital at the beginning of a word stands in a piece of its own. Then the model has
   hardly seen the word so. small: the vocabulary knows the word in small letters, in fewer
   pieces, and few. */
static int stands_alone(const tt_vocab *v, const char *word, size_t len, int *small, int *alone,
                        tt_arena *a, tt_err *e) {
    int32_t *as_is, *lowered;
    size_t size, n, m, at = 0;
    *alone = *small = 0;
    if (!tt_is_capital(tt_utf8_at(word, len, 0, &size)) || size == len || len > WORD_MOST) return 0;
    const tt_mark mark = tt_arena_mark(a);
    char *text = tt_arena_text(a, word, len);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a word");
    tt_text_case(text, text, size, TT_CASE_SMALL);
    TT_TRY(tt_vocab_encode(v, word, len, 0, a, &as_is, &n, e));
    TT_TRY(tt_vocab_encode(v, text, len, 0, a, &lowered, &m, e));
    for (; at < n && !*alone; at++) {
        const char *piece = tt_vocab_piece(v, as_is[at]);
        if (piece && !strncmp(piece, "\xe2\x96\x81", 3)) piece += 3;
        if (!piece || !*piece) continue;
        if (strlen(piece) != size || memcmp(piece, word, size)) break;
        *alone = 1;
    }
    *small = m < n && m <= WORD_PIECES;
    tt_arena_rewind(a, mark);
    return 0;
}

int tt_holds_opening(tt_plain *p, const tt_vocab *v, tt_arena *a, tt_err *e) {
    struct walk w = walk_over(p->text, p->len, p->holds, p->count);
    struct word x;
    int small, alone;
    if (p->raised || !next_word(&x, &w) || !x.capital || (unsigned char)p->text[x.begin] < 0x80)
        return 0;
    TT_TRY(stands_alone(v, p->text + x.begin, x.end - x.begin, &small, &alone, a, e));
    if (!alone || !small) return 0;
    size_t size;
    char *text = tt_arena_text(a, p->text, p->len);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", p->len);
    tt_utf8_at(text, p->len, x.begin, &size);
    tt_text_case(text + x.begin, text + x.begin, size, TT_CASE_SMALL);
    p->text = text;
    return 0;
}

/* ---- words the vocabulary cannot spell ------------------------------------------------------- */

int tt_holds_knows(const tt_vocab *v, const char *text, size_t size, tt_arena *a, int *known,
                   tt_err *e) {
    int32_t *ids;
    size_t n;
    const tt_mark mark = tt_arena_mark(a);
    TT_TRY(tt_vocab_encode(v, text, size, 0, a, &ids, &n, e));
    *known = n > 0;
    for (size_t i = 0; i < n; i++)
        *known = *known && !tt_vocab_is_spelt(v, ids[i]) && ids[i] != tt_vocab_unk(v);
    tt_arena_rewind(a, mark);
    return 0;
}

/* Holds inside the word are part of it; one that reaches beyond it holds enough of it. */
static int add_word(tt_plain *p, size_t begin, size_t end, tt_arena *a, tt_err *e) {
    int at = 0, last;
    while (at < p->count && p->holds[at].end <= begin) at++;
    for (last = at; last < p->count && p->holds[last].begin < end; last++)
        if (p->holds[last].begin < begin || p->holds[last].end > end) return 0;
    tt_hold *more = tt_arena_alloc(a, ((size_t)p->count + 1) * sizeof *more);
    if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for %d held words", p->count + 1);
    if (at) memcpy(more, p->holds, (size_t)at * sizeof *more);
    const size_t from = p->from ? (size_t)p->from[begin] : begin,
                 to = p->from ? (size_t)p->from[end - 1] + 1 : end;
    more[at] = (tt_hold){{p->line.text + from, to - from}, begin, end, TT_KEEP_WORD, 0, 0, 0};
    if (last < p->count)
        memcpy(more + at + 1, p->holds + last, (size_t)(p->count - last) * sizeof *more);
    p->holds = more;
    p->count += 1 - (last - at);
    return 0;
}

/* Beside a number, but a word of its own: £5 million, 5 millones de £. */
static bool is_currency(uint32_t c) {
    return (c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c < 0x20d0);
}

/* Bytes of the letters from byte i on. */
static size_t letters_at(const char *text, size_t len, size_t i) {
    size_t end = i, size;
    while (end < len && tt_is_letter(tt_utf8_at(text, len, end, &size))) end += size;
    return end - i;
}

int tt_holds_unknown(tt_plain *p, const tt_vocab *v, int *all, tt_arena *a, tt_err *e) {
    size_t begin = 0, size = 1;
    int known, small, alone, in_word = 0, strange = 0, spelt = 0;
    *all = 1;
    for (size_t i = 0; i <= p->len; i += size) {
        const uint32_t c = i < p->len ? tt_utf8_at(p->text, p->len, i, &size) : 0;
        const int inside = i && i + 1 < p->len && tt_ascii_digit(p->text[i - 1]) &&
                           tt_ascii_digit(p->text[i + 1]); /* 1,299.99 */
        const int sign = is_currency(c);
        const int wall = i == p->len || sign || c <= ' ' || c == 0x2019 || c == 0x27e6 ||
                         c == 0x27e7 || /* ⟦0⟧ */
                         (c < 0x80 && !tt_is_word(c) && c != '-' && !inside);
        if (wall) {
            if (strange) TT_TRY(add_word(p, begin, i, a, e));
            strange = in_word = 0;
            size = i < p->len ? size : 1;
            begin = i + size;
            if (sign) TT_TRY(tt_holds_knows(v, p->text + i, size, a, &known, e));
            if (sign && !(known && tt_vocab_is_familiar(v, c))) TT_TRY(add_word(p, i, begin, a, e));
            continue;
        }
        known = 1;
        if (c >= 0x80) TT_TRY(tt_holds_knows(v, p->text + i, size, a, &known, e));
        known = known && tt_vocab_is_familiar(v, c);
        if (known && !in_word && c >= 0x80 && tt_is_capital(c)) {
            TT_TRY(
                stands_alone(v, p->text + i, letters_at(p->text, p->len, i), &small, &alone, a, e));
            strange |= alone && !small;
        }
        strange |= !known;
        spelt |= known && tt_is_letter(c);
        in_word = tt_is_letter(c);
    }
    *all = !spelt;
    return 0;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* 1 if a sign stands at one end of the text. */
static bool is_at_end(const tt_plain *p, const tt_hold *h) {
    return tt_hold_has_left(h) && (!h->begin || tt_holds_only_marks(p->text, p->len, h->begin));
}

int tt_holds_need_places(const tt_plain *p) {
    int need = 0;
    for (int i = 0; i < p->count; i++) need |= !is_at_end(p, &p->holds[i]);
    return need;
}

bool tt_hold_has_left(const tt_hold *h) { return h->begin == h->end; }

int tt_holds_only_marks(const char *text, size_t len, size_t i) {
    for (size_t size; i < len; i += size)
        if (tt_is_word(tt_utf8_at(text, len, i, &size))) return 0;
    return 1;
}
