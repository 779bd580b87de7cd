/* holds.c: see holds.h. Before the search a text is copied without what leaves it, and each byte
 * remembers where it stood; afterwards edits of the translation are gathered, sorted by place, and
 * made in one pass.
 */
#include "search/holds.h"

#include <stdlib.h>
#include <string.h>

#include "search/outbuf.h"
#include "text/clean.h"
#include "text/letter.h"

/* ---- characters ---------------------------------------------------------------------------- */

static int is_blank(char c) { return (unsigned char)c <= ' ' || c == 0x7f; }
static int is_mark(char c) { return c && strchr(".,;:!?()[]\"'", c) != NULL; }
static int is_digit(char c) { return c >= '0' && c <= '9'; }

static uint32_t next_char(const char *text, size_t len, size_t i, size_t *size) {
    uint32_t c = 0;
    const int n = tt_utf8_next(text + i, len - i, &c);
    *size = (size_t)(n < 0 ? -n : n);
    return c;
}

/* Where the character before i begins. */
static size_t step_back(const char *text, size_t i) {
    while (i && ((unsigned char)text[--i] & 0xc0) == 0x80) continue;
    return i;
}

static int in_word(uint32_t c) { return tt_is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

static int has_no_width(uint32_t c) {
    return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x2066 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* ---- before -------------------------------------------------------------------------------- */

/* Two words in capitals, or one of five letters and more: a shorter one may be a name of letters.
 */
static int is_shouted(const char *text, size_t len, const tt_kept *kept, size_t n) {
    size_t letters = 0, words = 0, longest = 0, together = 0, k = 0, size;
    for (size_t i = 0; i < len; i += size) {
        while (k < n && kept[k].end <= i) k++;
        if (k < n && kept[k].begin <= i) {
            size = kept[k].end - i;
            together = 0;
            continue;
        }
        const uint32_t c = next_char(text, len, i, &size);
        if (tt_is_small(c)) return 0;
        const size_t capital = tt_is_capital(c) ? 1 : 0;
        words += capital && !together;
        together = capital ? together + 1 : 0;
        letters += capital;
        if (together > longest) longest = together;
    }
    return longest > 4 || (words > 1 && longest > 1 && letters > 3);
}

/* In place: small letters outside what is held, but the first of the text, and the word I. */
static void lower(char *text, size_t len, const tt_hold *holds, int n) {
    size_t size, first = len;
    int k = 0;
    for (size_t i = 0; i < len; i += size) {
        while (k < n && holds[k].end <= i) k++;
        if (k < n && holds[k].begin <= i) {
            size = holds[k].end - i;
            continue;
        }
        const uint32_t c = next_char(text, len, i, &size);
        if (!tt_is_letter(c)) continue;
        if (first == len) first = i;
        const int alone = c == 'I' && (!i || is_blank(text[i - 1])) &&
                          (i + 1 == len || is_blank(text[i + 1]) || text[i + 1] == '\'');
        if (i != first && !alone) tt_text_case(text + i, text + i, size, TT_CASE_SMALL);
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

static int has_left(const tt_hold *h) { return h->begin == h->end; }

/* A sign leaves with the blank that would stand doubled, or at the end, without it. */
static void take_sign(struct taking *t, tt_hold *h, const char *text, size_t len, size_t *end) {
    const int at_end = *end >= len, blank_behind = !at_end && is_blank(text[*end]),
              blank_before = t->n && is_blank(t->text[t->n - 1]);
    size_t size;
    const int word_behind = !at_end && !blank_behind && in_word(next_char(text, len, *end, &size));
    h->before = blank_before;
    h->behind = blank_behind;
    if (blank_before && !word_behind)
        while (t->n && is_blank(t->text[t->n - 1])) t->n--;
    else if (!t->n)
        while (*end < len && is_blank(text[*end])) ++*end;
    h->begin = h->end = t->n;
}

int tt_holds_take(tt_plain *plain, const tt_keep *k, int capitals, const char *text, size_t len,
                  tt_arena *a, tt_err *e) {
    tt_kept *kept;
    size_t n, hidden = 0, signs = 0, size;
    *plain = (tt_plain){.text = text, .len = len, .line = {text, len}};
    TT_TRY(tt_keep_find(&kept, &n, k, text, len, a, e));
    for (size_t i = 0; i < len; i += size) {
        size = 1;
        if ((unsigned char)text[i] >= 0xc2)
            hidden += has_no_width(next_char(text, len, i, &size)) ? 1 : 0;
    }
    for (size_t i = 0; i < n; i++) signs += leaves(kept[i].kind, text + kept[i].begin) ? 1 : 0;
    plain->raised = capitals && is_shouted(text, len, kept, n);
    if (!n && !hidden && !plain->raised) return 0;
    struct taking t = {tt_arena_alloc(a, len + 1), tt_arena_alloc(a, (len + 1) * sizeof *t.from),
                       0};
    plain->holds = tt_arena_alloc(a, (n + 1) * sizeof *plain->holds);
    if (!t.text || !t.from || !plain->holds)
        return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", len);
    size_t next = 0;
    for (size_t i = 0; i < len;) {
        if (next < n && kept[next].begin == i) {
            tt_hold *h = &plain->holds[plain->count++];
            size_t end = kept[next].end;
            *h = (tt_hold){{text + i, end - i}, t.n, t.n + (end - i), kept[next++].kind, 0, 0};
            if (leaves(h->kind, text + i))
                take_sign(&t, h, text, len, &end);
            else
                copy(&t, text, i, end);
            i = end;
            continue;
        }
        const uint32_t c = next_char(text, len, i, &size);
        if (!has_no_width(c)) copy(&t, text, i, i + size);
        i += size;
    }
    t.from[t.n] = (int32_t)len;
    if (plain->raised) lower(t.text, t.n, plain->holds, plain->count);
    plain->text = t.text;
    plain->len = t.n;
    if (hidden || signs) plain->from = t.from;
    return 0;
}

/* ---- headings -------------------------------------------------------------------------------- */

enum {
    SHORT_WORD = 4,
    LEAST_CAPITALS = 3
}; /* letters of a word that a heading may leave small; words of a heading */

/* Ends of the word that begins at i; *letters: how many it has, *small: small ones behind the
 * first. */
static size_t word_at(const tt_plain *p, size_t i, size_t *letters, size_t *small) {
    size_t size, end = i;
    *letters = *small = 0;
    for (; end < p->len; end += size) {
        const uint32_t c = next_char(p->text, p->len, end, &size);
        if (!tt_is_letter(c)) break;
        *small += *letters && tt_is_small(c) ? 1 : 0;
        ++*letters;
    }
    return end;
}

static int is_title(const tt_plain *p) {
    size_t size, letters, small, capitals = 0;
    if (!p->len || strchr(".!?:;,", p->text[p->len - 1])) return 0;
    for (size_t i = 0; i < p->len;) {
        const uint32_t c = next_char(p->text, p->len, i, &size);
        if (!tt_is_letter(c)) {
            i += size;
            continue;
        }
        const size_t end = word_at(p, i, &letters, &small);
        const int capital = tt_is_capital(c);
        if (!capital && letters >= SHORT_WORD) return 0;
        capitals += capital && small ? 1 : 0;
        i = end;
    }
    return capitals >= LEAST_CAPITALS;
}

/* Is the word one piece in small letters, and likelier so? */
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
    size_t size, letters, small, first = 1;
    if (p->raised || !is_title(p)) return 0;
    char *text = tt_arena_text(a, p->text, p->len);
    if (!text) return tt_fail(e, TT_ENOMEM, "out of memory for a sentence of %zu bytes", p->len);
    for (size_t i = 0; i < p->len;) {
        const uint32_t c = next_char(p->text, p->len, i, &size);
        if (!tt_is_letter(c)) {
            i += size;
            continue;
        }
        const size_t end = word_at(p, i, &letters, &small);
        int yes = 0, held = 0;
        for (int k = 0; k < p->count; k++) held |= p->holds[k].begin < end && i < p->holds[k].end;
        if (!first && !held && tt_is_capital(c) && small)
            TT_TRY(is_likelier_small(v, p->text + i, end - i, &yes, a, e));
        if (yes) tt_text_case(text + i, text + i, size, TT_CASE_SMALL);
        first = 0;
        i = end;
    }
    p->text = text;
    return 0;
}

/* ---- words the vocabulary cannot spell ------------------------------------------------------- */

/* Does the vocabulary have a piece for this character, or for what it becomes? */
static int is_known(const tt_vocab *v, const char *text, size_t size, tt_arena *a, int *known,
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
    more[at] = (tt_hold){{p->line.text + from, to - from}, begin, end, TT_KEEP_WORD, 0, 0};
    if (last < p->count)
        memcpy(more + at + 1, p->holds + last, (size_t)(p->count - last) * sizeof *more);
    p->holds = more;
    p->count += 1 - (last - at);
    return 0;
}

int tt_holds_unknown(tt_plain *p, const tt_vocab *v, int *all, tt_arena *a, tt_err *e) {
    size_t begin = 0, size = 1;
    int strange = 0, spelt = 0;
    *all = 1;
    for (size_t i = 0; i <= p->len; i += size) {
        const uint32_t c = i < p->len ? next_char(p->text, p->len, i, &size) : 0;
        const int inside = i && i + 1 < p->len && is_digit(p->text[i - 1]) &&
                           is_digit(p->text[i + 1]); /* 1,299.99 */
        const int wall = i == p->len || c <= ' ' || c == 0x2019 ||
                         (c < 0x80 && !in_word(c) && c != '-' && !inside);
        if (wall) {
            if (strange) TT_TRY(add_word(p, begin, i, a, e));
            strange = 0;
            size = i < p->len ? size : 1;
            begin = i + size;
            continue;
        }
        int known = 1;
        if (c >= 0x80) TT_TRY(is_known(v, p->text + i, size, a, &known, e));
        strange |= !known || !tt_vocab_is_familiar(v, c);
        spelt |= known && tt_is_letter(c);
    }
    *all = !spelt;
    return 0;
}

/* ---- what a translation has ----------------------------------------------------------------- */

/* Bytes of the text at i that are the hold, 0: others. Of numbers the digits count: 1,299.5
 * is 1.299,5, too. */
static size_t matches(const tt_hold *h, const char *text, size_t len, size_t i) {
    const char *want = h->text.text;
    const size_t n = h->text.len;
    size_t size, end = i;
    if (h->kind == TT_KEEP_NUMBER) {
        for (size_t k = 0; k < n; k++) {
            if (end >= len) return 0;
            if (text[end] == want[k])
                end++;
            else if ((want[k] == ',' || want[k] == '.') &&
                     (text[end] == ',' || text[end] == '.' || text[end] == ' '))
                end++;
            else if ((want[k] == ',' || want[k] == '.') && len - end > 1 &&
                     !memcmp(text + end, "\xc2\xa0", 2))
                end += 2;
            else
                return 0;
        }
        if ((i && is_digit(text[i - 1])) || (end < len && is_digit(text[end]))) return 0;
        return end - i;
    }
    if (n > len - i || memcmp(text + i, want, n)) return 0;
    end = i + n;
    const int first = in_word(next_char(want, n, 0, &size)),
              last = in_word(next_char(want, n, step_back(want, n), &size));
    if (first && i) {
        const size_t before = step_back(text, i);
        if (in_word(next_char(text, len, before, &size))) return 0;
    }
    return last && end < len && in_word(next_char(text, len, end, &size)) ? 0 : n;
}

/* What will stand at [begin, end) of the translation. */
struct edit {
    size_t begin, end;
    const tt_hold *hold;
    int before, behind; /* blanks to write with it */
};

struct mending {
    const tt_plain *p;
    const char *text;
    size_t len;
    struct edit *edits; /* (count) */
    int count;
};

static int is_taken(const struct mending *m, size_t begin, size_t end) {
    for (int i = 0; i < m->count; i++)
        if (m->edits[i].begin < end && begin < m->edits[i].end) return 1;
    return 0;
}

/* Finds what is there, each place once; it is written as it stood in the source. Returns how many holds that stay in the text are not. */
static int find(struct mending *m, unsigned char *done) {
    int missing = 0;
    for (int k = 0; k < m->p->count; k++) {
        const tt_hold *h = &m->p->holds[k];
        done[k] = 0;
        if (has_left(h)) continue;
        for (size_t i = 0; i < m->len && !done[k]; i++) {
            const size_t n = matches(h, m->text, m->len, i);
            if (!n || is_taken(m, i, i + n)) continue;
            m->edits[m->count++] = (struct edit){i, i + n, h, 0, 0};
            done[k] = 1;
        }
        missing += !done[k];
    }
    return missing;
}

/* Is there nothing but marks and blanks from i on? */
static int only_marks(const char *text, size_t len, size_t i) {
    for (size_t size; i < len; i += size)
        if (in_word(next_char(text, len, i, &size))) return 0;
    return 1;
}

int tt_holds_need_places(const tt_plain *p) {
    for (int k = 0; k < p->count; k++) {
        const tt_hold *h = &p->holds[k];
        if (!has_left(h) || (h->begin && !only_marks(p->text, p->len, h->begin))) return 1;
    }
    return 0;
}

/* ---- after --------------------------------------------------------------------------------- */

/* Where the marks that end the text begin. */
static size_t end_marks(const char *text, size_t len) {
    size_t i = len, size;
    while (i) {
        const size_t before = step_back(text, i);
        const uint32_t c = next_char(text, len, before, &size);
        if (in_word(c) || c == '%' || c == ')' || c == '"') break;
        i = before;
    }
    return i;
}

/* Where a token's word ends in the translation. */
static size_t word_end(const char *text, size_t len, size_t i) {
    size_t size;
    while (i < len && is_blank(text[i])) i++;
    while (i < len && in_word(next_char(text, len, i, &size))) i += size;
    return i;
}

/* Alignment of a hypothesis, and where its tokens and those of the sentence begin. */
struct sight {
    const tt_hyp *h;
    const int32_t *source; /* (S) byte of the plain text */
    const int32_t *target; /* (T) byte of the translation */
    int S, T;
};

/* The source token that target token t looks at most. */
static int looks_at(const struct sight *x, int t) {
    const float *row = x->h->alignment + (size_t)t * (size_t)x->S;
    int best = 0;
    for (int j = 1; j + 1 < x->S; j++)
        if (row[j] > row[best]) best = j;
    return best;
}

/* Where the text of source token j begins, behind the blank in front of its word. */
static size_t begins_at(const struct sight *x, const tt_plain *p, int j) {
    size_t at = (size_t)x->source[j];
    while (at < p->len && is_blank(p->text[at])) at++;
    return at;
}

/* The longest look at the source bytes [begin, end): a run of target tokens, as bytes; 0 where
 * there is none. */
static int seen(const struct sight *x, const struct mending *m, const tt_hold *h, size_t *begin,
                size_t *end) {
    double best = 0;
    for (int t = 0; t + 1 < x->T;) {
        double sum = 0;
        int last = t;
        for (; last + 1 < x->T; last++) {
            const int j = looks_at(x, last);
            const size_t from = begins_at(x, m->p, j);
            const size_t next = j + 1 < x->S ? (size_t)x->source[j + 1] : m->p->len,
                         to = next > from ? next : from + 1;
            if (to <= h->begin || from >= h->end) break;
            sum += (double)x->h->alignment[(size_t)last * (size_t)x->S + (size_t)j];
        }
        if (last > t) {
            size_t from = (size_t)x->target[t], to = (size_t)x->target[last];
            while (from < to && is_blank(m->text[from])) from++;
            while (to > from && is_blank(m->text[to - 1])) to--;
            while (to - from > 1 && is_mark(m->text[to - 1]) &&
                   m->text[to - 1] != h->text.text[h->text.len - 1])
                to--;
            while (to - from > 1 && is_mark(m->text[from]) && m->text[from] != h->text.text[0])
                from++;
            if (sum > best && to > from && !is_taken(m, from, to))
                best = sum, *begin = from, *end = to;
        }
        t = last > t ? last : t + 1;
    }
    return best > 0;
}

/* Widens to the whole word, as far as nothing else is there. */
static void widen(const struct mending *m, size_t *begin, size_t *end) {
    size_t size;
    while (*begin) {
        const size_t before = step_back(m->text, *begin);
        const uint32_t c = next_char(m->text, m->len, before, &size);
        if (!(in_word(c) || c == 0xfffd) || is_taken(m, before, *begin)) break;
        *begin = before;
    }
    while (*end < m->len) {
        const uint32_t c = next_char(m->text, m->len, *end, &size);
        if (!(in_word(c) || c == 0xfffd) || is_taken(m, *end, *end + size)) break;
        *end += size;
    }
}

/* Behind what was said for the source text before `place`. */
static size_t place_behind(const struct sight *x, const struct mending *m, size_t place) {
    int before = -1, best = -1;
    for (int j = 0; x->h->alignment && j + 1 < x->S; j++)
        if (begins_at(x, m->p, j) < place) before = j;
    if (before < 0) return x->h->alignment ? 0 : end_marks(m->text, m->len);
    for (int t = 0; t + 1 < x->T; t++) {
        const float *w = x->h->alignment + (size_t)before;
        if (best < 0 || w[(size_t)t * (size_t)x->S] > w[(size_t)best * (size_t)x->S]) best = t;
    }
    if (best < 0) return 0;
    size_t at = word_end(m->text, m->len, (size_t)x->target[best]);
    for (int i = 0; i < m->count; i++)
        if (m->edits[i].begin < at && at < m->edits[i].end) at = m->edits[i].end;
    return at;
}

/* Before what was said for the source text from `place` on. */
static size_t place_before(const struct sight *x, const struct mending *m, size_t place) {
    int next = -1, best = -1;
    size_t size;
    for (int j = x->S - 2; x->h->alignment && j >= 0; j--)
        if (begins_at(x, m->p, j) >= place) next = j;
    if (next < 0) return m->len;
    for (int t = 0; t + 1 < x->T; t++) {
        const float *w = x->h->alignment + (size_t)next;
        if (best < 0 || w[(size_t)t * (size_t)x->S] > w[(size_t)best * (size_t)x->S]) best = t;
    }
    size_t at = best < 0 ? m->len : (size_t)x->target[best];
    while (at < m->len && is_blank(m->text[at])) at++;
    while (at && in_word(next_char(m->text, m->len, step_back(m->text, at), &size)))
        at = step_back(m->text, at);
    return at;
}

static int is_opening(const tt_hold *h) {
    return h->text.text[0] == '<' && h->text.len > 2 && h->text.text[1] != '/' &&
           h->text.text[h->text.len - 2] != '/';
}

static void put_sign(struct mending *m, const struct sight *x, const tt_hold *h) {
    const tt_plain *p = m->p;
    size_t at;
    if (!h->begin)
        at = 0;
    else if (h->begin == p->len)
        at = m->len;
    else if (is_opening(h))
        at = place_before(x, m, h->begin);
    else if (only_marks(p->text, p->len, h->begin))
        at = end_marks(m->text, m->len);
    else
        at = place_behind(x, m, h->begin);
    const int open = is_opening(h);
    m->edits[m->count++] =
        (struct edit){at, at, h, h->before && at, h->behind && !open && at < m->len};
}

static void put_held(struct mending *m, const struct sight *x, const tt_hold *h) {
    size_t begin = 0, end = 0;
    if (x->h->alignment && seen(x, m, h, &begin, &end)) {
        widen(m, &begin, &end);
        m->edits[m->count++] = (struct edit){begin, end, h, 0, 0};
        return;
    }
    begin = place_behind(x, m, h->begin);
    m->edits[m->count++] = (struct edit){begin,
                                         begin,
                                         h,
                                         begin && !is_blank(m->text[begin - 1]),
                                         begin < m->len && in_word((unsigned char)m->text[begin])};
}

static int by_place(const void *a, const void *b) {
    const struct edit *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return x->hold < y->hold ? -1 : x->hold > y->hold;
}

/* A piece of the translation, raised where the sentence was in capitals. */
static void put_text(tt_outbuf *b, const struct mending *m, size_t begin, size_t end) {
    const size_t at = b->len;
    tt_outbuf_put(b, m->text + begin, end - begin);
    if (m->p->raised && !b->failed)
        tt_text_case(b->p + at, b->p + at, end - begin, TT_CASE_CAPITAL);
}

/* Makes the edits; tokens inside one begin where it does. */
static int apply(tt_said *said, struct mending *m, int count, tt_arena *a, tt_err *e) {
    tt_outbuf b = {.a = a};
    size_t done = 0;
    int t = 0;
    qsort(m->edits, (size_t)m->count, sizeof *m->edits, by_place);
    for (int i = 0; i <= m->count; i++) {
        const struct edit *x = i < m->count ? &m->edits[i] : NULL;
        const size_t stop = x ? x->begin : m->len;
        const size_t to = b.len;
        if (stop < done) continue; /* a place inside another edit */
        for (; t < count && (size_t)said->at[t] <= stop && (!x || (size_t)said->at[t] < stop); t++)
            said->at[t] = (int32_t)(to + ((size_t)said->at[t] - done));
        put_text(&b, m, done, stop);
        done = stop;
        if (!x) break;
        if (x->before && b.len && !is_blank(b.p[b.len - 1])) tt_outbuf_say(&b, " ");
        for (; t < count && (size_t)said->at[t] < x->end; t++) said->at[t] = (int32_t)b.len;
        tt_outbuf_put(&b, x->hold->text.text, x->hold->text.len);
        done = x->end;
        if (x->behind && !(done < m->len && is_blank(m->text[done]))) tt_outbuf_say(&b, " ");
    }
    if (b.failed) return tt_fail(e, TT_ENOMEM, "out of memory for a translation");
    said->text = b.p;
    said->len = b.len;
    return 0;
}

int tt_holds_give(tt_said *said, const tt_vocab *source, const tt_sentence *s, const tt_hyp *h,
                  tt_arena *a, tt_err *e) {
    const tt_plain *p = &s->plain;
    struct mending m = {p, said->text, said->len,
                        tt_arena_alloc(a, ((size_t)p->count + 1) * sizeof *m.edits), 0};
    unsigned char *done = tt_arena_alloc(a, (size_t)p->count + 1);
    int32_t *places;
    if (!m.edits || !done) return tt_fail(e, TT_ENOMEM, "out of memory for a translation");
    TT_TRY(tt_words_places(&places, source, s, a, e));
    const struct sight x = {h, places, said->at, s->count, h->count};
    find(&m, done);
    for (int k = 0; k < p->count; k++)
        if (!done[k] && !has_left(&p->holds[k])) put_held(&m, &x, &p->holds[k]);
    for (int k = 0; k < p->count; k++)
        if (has_left(&p->holds[k])) put_sign(&m, &x, &p->holds[k]);
    return apply(said, &m, h->count, a, e);
}
