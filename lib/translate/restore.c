/* restore.c: see restore.h. Edits of the translation are gathered, sorted by place, and made in one
 * pass.
 */
#include "translate/restore.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "translate/amount.h"
#include "translate/holds.h"
#include "translate/standin.h"
#include "base/outbuf.h"
#include "text/clean.h"
#include "text/letter.h"

/* ---- characters ------------------------------------------------------------------------------ */

static bool is_mark(char c) { return c && strchr(".,;:!?()[]\"'", c) != NULL; }
/* 1 if the character at byte i, or the one before it, is part of a word. */
static bool word_at(const char *text, size_t len, size_t i) {
    size_t size;
    return i < len && tt_is_word(tt_utf8_at(text, len, i, &size));
}

static bool word_before(const char *text, size_t len, size_t i) {
    return i && word_at(text, len, tt_utf8_before(text, i));
}

static size_t skip_blanks(const char *text, size_t len, size_t i) {
    while (i < len && tt_ascii_blank(text[i])) i++;
    return i;
}

/* ---- what a translation has ------------------------------------------------------------------ */

/* Bytes of what parts thousands or decimals at text[i], or 0. */
static size_t parts_digits(const char *text, size_t len, size_t i) {
    if (i < len && memchr(",. ", text[i], 3)) return 1;
    if (len - i > 1 && !memcmp(text + i, "\xc2\xa0", 2)) return 2;
    return len - i > 2 && !memcmp(text + i, "\xe2\x80\xaf", 3) ? 3 : 0;
}

/* Bytes of the number at text[i], or 0. The digits count: 1,299.5 is 1.299,5, too, and 6 628 is
   6628. */
static size_t match_number(const char *want, size_t n, const char *text, size_t len, size_t i) {
    size_t end = i;
    for (size_t k = 0; k < n;) {
        const size_t part = parts_digits(want, n, k), other = parts_digits(text, len, end);
        if (end >= len) return 0;
        if (part && (other || !memchr(",.", want[k], 2))) {
            k += part;
            end += other;
        } else if (text[end++] != want[k++]) {
            return 0;
        }
    }
    if ((i && tt_ascii_digit(text[i - 1])) || (end < len && tt_ascii_digit(text[end]))) return 0;
    if (i > 1 && memchr(",.", text[i - 1], 2) && tt_ascii_digit(text[i - 2]))
        return 0; /* the 2 of 1.2 */
    if (end + 1 < len && memchr(",.", text[end], 2) && tt_ascii_digit(text[end + 1])) return 0;
    return end - i;
}

/* Bytes of the text at i that are the hold, as a word of its own; 0: others. */
static size_t match(const tt_plain *p, const tt_hold *h, const char *text, size_t len, size_t i) {
    const char *want = h->text.text;
    const size_t n = h->text.len;
    if (h->standin) {
        const size_t size = tt_standin_at(text, len, i);
        return size && !memcmp(text + i, tt_standin_text(h).text, size) ? size : 0;
    }
    if (h->kind == TT_KEEP_NUMBER) return match_number(want, n, text, len, i);
    if (h->kind == TT_KEEP_AMOUNT) {
        const tt_span number = tt_amount_number(p, h);
        return match_number(number.text, number.len, text, len, i);
    }
    if (n > len - i || memcmp(text + i, want, n)) return 0;
    if (word_at(want, n, 0) && word_before(text, len, i)) return 0;
    return word_before(want, n, n) && word_at(text, len, i + n) ? 0 : n;
}

/* What will stand at [begin, end) of the translation. */
struct edit {
    size_t begin, end;
    const tt_hold *hold;
    int before, behind; /* blanks to write with it */
    tt_span text;       /* what is written; text NULL: the hold's */
};

struct mending {
    const tt_plain *p;
    const char *text;
    size_t len;
    struct edit *edits; /* (count) */
    int count;
};

static bool is_taken(const struct mending *m, size_t begin, size_t end) {
    for (int i = 0; i < m->count; i++)
        if (m->edits[i].begin < end && begin < m->edits[i].end) return true;
    return false;
}

/* The place for a hold. At a letter that it does not know a model may say an apostrophe, and join
   words: Mr. Ångström is here, Sr.'ngström está aquí; or a full stop. */
static struct edit make_edit(const struct mending *m, const tt_hold *h, size_t begin, size_t end) {
    const tt_plain *p = m->p;
    struct edit x = {.begin = begin, .end = end, .hold = h};
    if (h->kind != TT_KEEP_WORD && !h->standin) return x;
    const char before = h->begin ? p->text[h->begin - 1] : ' ',
               behind = h->end < p->len ? p->text[h->end] : ' ';
    if (before != '\'' && begin && m->text[begin - 1] == '\'' && !is_taken(m, begin - 1, begin))
        x.begin--;
    if (before != '.' && x.begin > 1 && !memcmp(m->text + x.begin - 2, " .", 2) &&
        !is_taken(m, x.begin - 1, x.begin))
        x.begin--;
    if (behind != '\'' && end < m->len && m->text[end] == '\'' && !is_taken(m, end, end + 1))
        x.end++;
    x.before = tt_ascii_blank(before) && word_before(m->text, m->len, x.begin);
    x.behind = tt_ascii_blank(behind) &&
               (word_at(m->text, m->len, x.end) || (x.end < m->len && m->text[x.end] == '('));
    return x;
}

/* An amount whose number stands at [begin, end). */
static void edit_amount(struct mending *m, const tt_hold *h, size_t begin, size_t end) {
    tt_money found;
    tt_amount_look(&found, m->p, h, m->text, m->len, begin, end - begin);
    if (is_taken(m, found.begin, found.end)) found = (tt_money){.begin = begin, .end = end};
    struct edit x = {.begin = found.begin, .end = found.end, .hold = h};
    if (found.signed_well)
        x = (struct edit){.begin = begin, .end = end, .hold = h, .text = tt_amount_number(m->p, h)};
    m->edits[m->count++] = x;
    if (found.from < found.to && !is_taken(m, found.from, found.to))
        m->edits[m->count++] =
            (struct edit){.begin = found.from, .end = found.to, .hold = h, .text = {"", 0}};
}

/* Finds what is there, each place once; it is written as it stood in the source. done (count). */
static void find(struct mending *m, unsigned char *done) {
    for (int k = 0; k < m->p->count; k++) {
        const tt_hold *h = &m->p->holds[k];
        done[k] = 0;
        if (tt_hold_has_left(h)) continue;
        for (size_t i = 0; i < m->len && !done[k]; i++) {
            const size_t n = match(m->p, h, m->text, m->len, i);
            if (!n || is_taken(m, i, i + n)) continue;
            if (h->kind == TT_KEEP_AMOUNT) edit_amount(m, h, i, i + n);
            else m->edits[m->count++] = make_edit(m, h, i, i + n);
            done[k] = 1;
        }
    }
}

/* Reserved pieces that the model said for nothing, or twice, leave the text. */
static void drop_pieces(struct mending *m) {
    int any = 0;
    for (int k = 0; k < m->p->count; k++) any |= m->p->holds[k].standin;
    for (size_t i = 0; any && i < m->len; i++) {
        const size_t n = tt_standin_at(m->text, m->len, i);
        if (!n || is_taken(m, i, i + n)) continue;
        const size_t begin =
            i && tt_ascii_blank(m->text[i - 1]) && !is_taken(m, i - 1, i) ? i - 1 : i;
        m->edits[m->count++] =
            (struct edit){.begin = begin, .end = i + n, .hold = m->p->holds, .text = {"", 0}};
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Where the marks that end the text begin. */
static size_t end_marks(const char *text, size_t len) {
    size_t i = len, size;
    while (i) {
        const size_t before = tt_utf8_before(text, i);
        const uint32_t c = tt_utf8_at(text, len, before, &size);
        if (tt_is_word(c) || c == '%' || c == ')' || c == '"') break;
        i = before;
    }
    return i;
}

/* A hypothesis and its sentence. */
struct sight {
    const float *weights;  /* (T, S), or NULL */
    const int32_t *source; /* (S) byte of the plain text at which a token's word begins */
    const int32_t *target; /* (T) byte of the translation at which a token begins */
    const int32_t *looks;  /* (T) the source token that a target token looks at most */
    int S, T;              /* ends of the sentences counted */
};

static double weight(const struct sight *x, int t, int j) {
    return (double)x->weights[(size_t)t * (size_t)x->S + (size_t)j];
}

static int make_sight(struct sight *x, const tt_vocab *v, const tt_sentence *s, const tt_hyp *h,
                      const tt_said *said, tt_arena *a, tt_err *e) {
    int32_t *source, *looks = tt_arena_zero(a, ((size_t)h->count + 1) * sizeof *looks);
    if (!looks) return tt_fail(e, TT_ENOMEM, "out of memory for a translation");
    TT_TRY(tt_words_places(&source, v, s, a, e));
    *x = (struct sight){h->alignment, source, said->at, looks, s->count, h->count};
    for (int j = 0; j < x->S; j++)
        source[j] = (int32_t)skip_blanks(s->plain.text, s->plain.len, (size_t)source[j]);
    for (int t = 0; t < x->T && x->weights; t++)
        for (int j = 1; j + 1 < x->S; j++)
            if (weight(x, t, j) > weight(x, t, looks[t])) looks[t] = j;
    return 0;
}

/* Where the target token that looks most at source token j begins. */
static size_t said_at(const struct sight *x, int j) {
    int best = 0;
    for (int t = 1; t + 1 < x->T; t++)
        if (weight(x, t, j) > weight(x, best, j)) best = t;
    return (size_t)x->target[best];
}

/* Behind the edit that has the place inside, or before it. */
static size_t leave_edits(const struct mending *m, size_t at, int before) {
    for (int i = 0; i < m->count; i++)
        if (m->edits[i].begin < at && at < m->edits[i].end)
            at = before ? m->edits[i].begin : m->edits[i].end;
    return at;
}

/* Behind what was said for the source text before `place`. */
static size_t place_behind(const struct sight *x, const struct mending *m, size_t place) {
    int before = -1;
    if (!x->weights) return end_marks(m->text, m->len);
    for (int j = 0; j + 1 < x->S; j++)
        if ((size_t)x->source[j] < place) before = j;
    if (before < 0 || x->T < 2) return 0;
    size_t at = skip_blanks(m->text, m->len, said_at(x, before)), size;
    for (int i = 0; i < m->count; i++)
        if (m->edits[i].begin <= at && at < m->edits[i].end) return m->edits[i].end;
    for (; word_at(m->text, m->len, at); at += size) tt_utf8_at(m->text, m->len, at, &size);
    return leave_edits(m, at, 0);
}

/* Before what was said for the source text from `place` on. */
static size_t place_before(const struct sight *x, const struct mending *m, size_t place) {
    int next = 0;
    while (next + 1 < x->S && (size_t)x->source[next] < place) next++;
    if (!x->weights || next + 1 >= x->S || x->T < 2) return m->len;
    size_t at = skip_blanks(m->text, m->len, said_at(x, next));
    while (word_before(m->text, m->len, at)) at = tt_utf8_before(m->text, at);
    return at;
}

/* ---- edits ----------------------------------------------------------------------------------- */

/* 1 if the source token stands in what the hold was. */
static bool is_inside(const struct sight *x, const struct mending *m, const tt_hold *h, int j) {
    const size_t from = (size_t)x->source[j],
                 next = j + 1 < x->S ? (size_t)x->source[j + 1] : m->p->len;
    return from < h->end && (next > from ? next : from + 1) > h->begin;
}

/* Is the mark c of the translation the sentence's, and not of what was said for the hold: one that
   parts words, or stands beside the hold in the source, too? */
static bool is_own_mark(char c, char beside) {
    return is_mark(c) && (c == beside || c == ',' || c == ';' || c == ':');
}

/* Leaves out blanks at both ends, and marks that are the sentence's. */
static void trim(const struct mending *m, const tt_hold *h, size_t *begin, size_t *end) {
    const tt_plain *p = m->p;
    const char before = h->begin ? p->text[h->begin - 1] : ' ',
               behind = h->end < p->len ? p->text[h->end] : ' ';
    const size_t last = end_marks(m->text, m->len);
    while (*begin < *end && tt_ascii_blank(m->text[*begin])) ++*begin;
    while (*end > *begin && tt_ascii_blank(m->text[*end - 1])) --*end;
    while (*end - *begin > 1 &&
           (is_own_mark(m->text[*end - 1], behind) || (*end > last && is_mark(m->text[*end - 1]))))
        --*end;
    while (*end - *begin > 1 && is_own_mark(m->text[*begin], before)) ++*begin;
}

/* 1 if a word begins with target token t. */
static bool begins_word(const struct sight *x, const struct mending *m, int t) {
    const size_t at = (size_t)x->target[t];
    return at < m->len && (tt_ascii_blank(m->text[at]) || (at && tt_ascii_blank(m->text[at - 1])));
}

/* The target tokens side by side, for a word those of one word, that look longest at what the hold
   was, as bytes; 0: there are none. */
static bool find_said(const struct sight *x, const struct mending *m, const tt_hold *h,
                      size_t *begin, size_t *end) {
    double best = 0;
    for (int t = 0, last; t + 1 < x->T; t = last > t ? last : t + 1) {
        double sum = 0;
        for (last = t; last + 1 < x->T && is_inside(x, m, h, x->looks[last]); last++) {
            if (last > t && h->kind == TT_KEEP_WORD && begins_word(x, m, last)) break;
            sum += weight(x, last, x->looks[last]);
        }
        size_t from = (size_t)x->target[t], to = (size_t)x->target[last];
        if (last == t) continue;
        trim(m, h, &from, &to);
        if (sum > best && to > from && !is_taken(m, from, to)) best = sum, *begin = from, *end = to;
    }
    return best > 0;
}

static bool is_free(const struct mending *m, size_t begin, size_t end, uint32_t c) {
    return (tt_is_word(c) || c == 0xfffd) && !is_taken(m, begin, end);
}

/* Widens to the whole word, as far as nothing else is there. */
static void widen(const struct mending *m, size_t *begin, size_t *end) {
    size_t size;
    while (*begin) {
        const size_t before = tt_utf8_before(m->text, *begin);
        if (!is_free(m, before, *begin, tt_utf8_at(m->text, m->len, before, &size))) break;
        *begin = before;
    }
    while (*end < m->len) {
        const uint32_t c = tt_utf8_at(m->text, m->len, *end, &size);
        if (!is_free(m, *end, *end + size, c)) break;
        *end += size;
    }
}

static bool is_opening(const tt_hold *h) {
    return h->text.text[0] == '<' && h->text.len > 2 && h->text.text[1] != '/' &&
           h->text.text[h->text.len - 2] != '/';
}

static void put_sign(struct mending *m, const struct sight *x, const tt_hold *h) {
    const tt_plain *p = m->p;
    const int open = is_opening(h);
    size_t at;
    if (!h->begin) at = 0;
    else if (h->begin == p->len) at = m->len;
    else if (open) at = place_before(x, m, h->begin);
    else if (tt_holds_only_marks(p->text, p->len, h->begin)) at = end_marks(m->text, m->len);
    else at = place_behind(x, m, h->begin);
    at = leave_edits(m, at, open);
    m->edits[m->count++] =
        (struct edit){at, at, h, h->before && at, h->behind && !open && at < m->len, {NULL, 0}};
}

static void put_held(struct mending *m, const struct sight *x, const tt_hold *h) {
    size_t begin = 0, end = 0;
    struct edit *to = &m->edits[m->count];
    if (x->weights && find_said(x, m, h, &begin, &end)) {
        widen(m, &begin, &end);
        if (h->kind == TT_KEEP_AMOUNT) {
            edit_amount(m, h, begin, end);
            return;
        }
        *to = make_edit(m, h, begin, end);
    } else {
        const int joined = h->end < m->p->len && tt_ascii_digit(m->p->text[h->end]);
        begin = joined ? place_before(x, m, h->end) : place_behind(x, m, h->begin);
        begin = leave_edits(m, begin, joined);
        const int before = begin && !tt_ascii_blank(m->text[begin - 1]),
                  behind = !joined && begin < m->len && tt_is_word((unsigned char)m->text[begin]);
        *to = (struct edit){begin, begin, h, before, behind, {NULL, 0}};
    }
    m->count++;
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
        const size_t to = b.len;
        if (x && x->begin < done && x->text.text) continue; /* it is gone already */
        const size_t stop = !x ? m->len : x->begin < done ? done : x->begin;
        for (; t < count && (size_t)said->at[t] <= stop && (!x || (size_t)said->at[t] < stop); t++)
            said->at[t] = (int32_t)(to + ((size_t)said->at[t] - done));
        put_text(&b, m, done, stop);
        done = stop;
        if (!x) break;
        if (x->before && b.len && !tt_ascii_blank(b.p[b.len - 1])) tt_outbuf_say(&b, " ");
        for (; t < count && (size_t)said->at[t] < x->end; t++) said->at[t] = (int32_t)b.len;
        const tt_span text = x->text.text ? x->text : x->hold->text;
        tt_outbuf_put(&b, text.text, text.len);
        done = x->end > stop ? x->end : stop;
        if (x->behind && !(done < m->len && tt_ascii_blank(m->text[done]))) tt_outbuf_say(&b, " ");
    }
    if (b.failed) return tt_fail(e, TT_ENOMEM, "out of memory for a translation");
    said->text = b.p;
    said->len = b.len;
    return 0;
}

int tt_restore_holds(tt_said *said, const tt_vocab *source, const tt_sentence *s, const tt_hyp *h,
                     tt_arena *a, tt_err *e) {
    const tt_plain *p = &s->plain;
    const size_t n = (size_t)p->count + 1, room = 2 * n + said->len / TT_STANDIN_BYTES;
    struct mending m = {p, said->text, said->len, tt_arena_alloc(a, room * sizeof *m.edits), 0};
    unsigned char *done = tt_arena_alloc(a, n);
    struct sight x;
    if (!m.edits || !done) return tt_fail(e, TT_ENOMEM, "out of memory for a translation");
    TT_TRY(make_sight(&x, source, s, h, said, a, e));
    find(&m, done);
    drop_pieces(&m);
    for (int k = 0; k < p->count; k++)
        if (!done[k] && !tt_hold_has_left(&p->holds[k])) put_held(&m, &x, &p->holds[k]);
    for (int k = 0; k < p->count; k++)
        if (tt_hold_has_left(&p->holds[k])) put_sign(&m, &x, &p->holds[k]);
    return apply(said, &m, h->count, a, e);
}
