/* suspect.c: see suspect.h. The bounds were chosen on references of development sets: fewer than 1
 * in 200 of those show a sign, but for numbers, which people write as words or leave out, and for
 * the count of sentences, which people join and part as they like.
 */
#include "translate/suspect.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "text/clean.h"
#include "text/split.h"

enum {
    LONGEST_PERIOD = 8, /* of a repetition, tokens: longer ones are refrains, not loops */
    LEAST_TIMES = 4,    /* "no, no, no" is still language */
    COPIED_WORDS = 3,   /* in small letters: "de facto" and "per se" may stay */
    NUMBERS_MOST = 128, /* of one text; a table with more is not compared */
    DIGITS_MOST = 20,   /* compared of one number; longer ones are cut off */
    WORD_MOST = 100     /* 0 … 100 are often written as words */
};

int tt_suspect_repeats(const int32_t *ids, int count) {
    for (int period = 1; period <= LONGEST_PERIOD; period++) {
        int same = 0; /* tokens that equal the one a period before, in a row */
        for (int i = period; i < count; i++) {
            same = ids[i] == ids[i - period] ? same + 1 : 0;
            if (same >= period * (LEAST_TIMES - 1)) return 1;
        }
    }
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Latin, Greek and Cyrillic; other scripts have none. */
static bool is_small(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) ||
           (c >= 0x3b1 && c <= 0x3c9) || (c >= 0x430 && c <= 0x45f);
}

static bool is_mark(uint32_t c) {
    return c < 0x30 || (c > 0x39 && c < 0x41) || (c > 0x5a && c < 0x61) ||
           (c > 0x7a && c < 0xc0 && c != 0xaa && c != 0xba) || (c >= 0x2010 && c < 0x2070) ||
           (c >= 0x3001 && c < 0x3020);
}

/* The next word between marks, or 0. *small: it has letters, all of them small. */
static bool next_word(tt_span *word, int *small, const char *text, size_t len, size_t *at) {
    size_t from = len;
    *small = 1;
    while (*at < len) {
        uint32_t c;
        const int n = tt_utf8_next(text + *at, len - *at, &c);
        if (is_mark(c)) {
            if (from < len) break;
        } else {
            if (from == len) from = *at;
            *small &= is_small(c);
        }
        *at += n > 0 ? (size_t)n : (size_t)-n;
    }
    *word = (tt_span){text + from, *at - from};
    return from < len;
}

bool tt_suspect_copied(const char *source, size_t source_len, const char *target,
                       size_t target_len) {
    size_t s = 0, t = 0;
    int small, ignored, words = 0;
    tt_span a, b;
    while (next_word(&a, &small, source, source_len, &s)) {
        if (!next_word(&b, &ignored, target, target_len, &t)) return false;
        if (a.len != b.len || memcmp(a.text, b.text, a.len)) return false;
        words += small;
    }
    return words >= COPIED_WORDS && !next_word(&b, &ignored, target, target_len, &t);
}

static bool has_letters(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++)
        if ((text[i] & 0x80) || (text[i] >= 'a' && text[i] <= 'z') ||
            (text[i] >= 'A' && text[i] <= 'Z'))
            return true;
    return false;
}

/* ---- numbers --------------------------------------------------------------------------------- */

struct number {
    char digit[DIGITS_MOST]; /* without zeros in front */
    int len, zeros;          /* zeros at the end */
    int parted;              /* a separator stood inside */
    int matched;
};

struct numbers {
    struct number n[NUMBERS_MOST];
    int count, too_many;
};

/* Bytes of a separator of digits that have a digit behind them: point, comma, apostrophes, narrow
   and wide hard blanks. */
static size_t separator(const char *text, size_t len) {
    static const char *const all[] = {
        ".", ",", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x99"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const size_t n = strlen(all[i]);
        if (n < len && !memcmp(text, all[i], n) && tt_ascii_digit(text[n])) return n;
    }
    return 0;
}

static void find_numbers(struct numbers *all, const char *text, size_t len) {
    all->count = all->too_many = 0;
    for (size_t i = 0; i < len; i++) {
        if (!tt_ascii_digit(text[i])) continue;
        if (all->count == NUMBERS_MOST) {
            all->too_many = 1;
            return;
        }
        struct number *n = &all->n[all->count];
        n->len = n->zeros = n->parted = n->matched = 0;
        while (i < len) {
            const size_t skip = tt_ascii_digit(text[i]) ? 0 : separator(text + i, len - i);
            if (!skip && !tt_ascii_digit(text[i])) break;
            n->parted |= skip > 0;
            i += skip;
            const char c = text[i++];
            if ((!n->len && c == '0') || n->len == DIGITS_MOST) continue;
            n->zeros = c == '0' ? n->zeros + 1 : 0;
            n->digit[n->len++] = c;
        }
        all->count += n->len > 0; /* 0 and 00 say little */
    }
}

static int value(const struct number *n) {
    int v = 0;
    for (int i = 0; i < n->len && i < 4; i++) v = 10 * v + n->digit[i] - '0';
    return n->len > 4 ? 10000 : v;
}

static int is_equal(const struct number *a, const struct number *b) {
    return a->len == b->len && !memcmp(a->digit, b->digit, (size_t)a->len);
}

/* 5 p.m. and 17; 1990s and años 90; 1.5 billion and 1500 millones. */
static int is_alike(const struct number *a, const struct number *b) {
    const struct number *less = a->len < b->len ? a : b, *more = less == a ? b : a;
    const int x = value(a), y = value(b), stem = less->len - less->zeros;
    if (x <= 24 && y <= 24 && (x - y == 12 || y - x == 12)) return 1;
    if (less->len == 2 && more->len == 4 && !memcmp(less->digit, more->digit + 2, 2)) return 1;
    if (stem != more->len - more->zeros || memcmp(less->digit, more->digit, (size_t)stem)) return 0;
    return a->parted || b->parted || (more->zeros - less->zeros) % 3 == 0;
}

static void match(struct numbers *s, struct numbers *t,
                  int (*same)(const struct number *, const struct number *)) {
    for (int i = 0; i < s->count; i++)
        for (int j = 0; j < t->count && !s->n[i].matched; j++)
            if (!t->n[j].matched && same(&s->n[i], &t->n[j])) s->n[i].matched = t->n[j].matched = 1;
}

/* A number that words often stand for: five, a thousand, a couple of hundred. */
static bool has_words(const struct number *n) {
    return (!n->parted && value(n) <= WORD_MOST) || (n->len - n->zeros == 1 && n->zeros >= 2);
}

/* Words of numbers in the languages that the shipped model translates. */
static const struct {
    const char *word;
    int value;
} spoken[] = {
    {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},       {"five", 5},
    {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},       {"ten", 10},
    {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},  {"fifteen", 15},
    {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},  {"twenty", 20},
    {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},     {"seventy", 70},
    {"eighty", 80},  {"ninety", 90},    {"hundred", 100}, {"un", 1},         {"uno", 1},
    {"una", 1},      {"dos", 2},        {"tres", 3},      {"cuatro", 4},     {"cinco", 5},
    {"seis", 6},     {"siete", 7},      {"ocho", 8},      {"nueve", 9},      {"diez", 10},
    {"once", 11},    {"doce", 12},      {"trece", 13},    {"catorce", 14},   {"quince", 15},
    {"veinte", 20},  {"treinta", 30},   {"cuarenta", 40}, {"cincuenta", 50}, {"sesenta", 60},
    {"setenta", 70}, {"ochenta", 80},   {"noventa", 90},  {"cien", 100},     {"ciento", 100}};

/* The number that the word says; -1: none. */
static int spoken_value(tt_span word) {
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
        size_t k = 0;
        while (k < word.len && spoken[i].word[k] && (word.text[k] | 0x20) == spoken[i].word[k]) k++;
        if (k == word.len && !spoken[i].word[k]) return spoken[i].value;
    }
    return -1;
}

/* Matches numbers with the words of the other text that say them, each word once. */
static void match_spoken(struct numbers *all, const char *other, size_t len) {
    size_t at = 0;
    int small;
    tt_span word;
    while (next_word(&word, &small, other, len, &at)) {
        const int v = spoken_value(word);
        for (int i = 0; v > 0 && i < all->count; i++) {
            struct number *n = &all->n[i];
            if (n->matched || n->parted || value(n) != v) continue;
            n->matched = 1;
            break;
        }
    }
}

static int unmatched(const struct numbers *all) {
    int n = 0;
    for (int i = 0; i < all->count; i++) n += !all->n[i].matched;
    return n;
}

/* All digits that found no partner, in order; 10 000 is two numbers where 10,000 is one. */
static size_t rest(char *digits, size_t cap, const struct numbers *all, int *wordless) {
    size_t len = 0;
    *wordless = 0;
    for (int i = 0; i < all->count; i++) {
        const struct number *n = &all->n[i];
        if (n->matched) continue;
        *wordless |= !has_words(n);
        for (int d = 0; d < n->len && len < cap; d++)
            if (n->digit[d] != '0')
                digits[len++] = n->digit[d]; /* zeros in front of a part were lost */
    }
    return len;
}

bool tt_suspect_numbers(const char *source, size_t source_len, const char *target,
                        size_t target_len) {
    struct numbers s, t;
    char a[NUMBERS_MOST * 4], b[NUMBERS_MOST * 4];
    int lost, invented;
    find_numbers(&s, source, source_len);
    find_numbers(&t, target, target_len);
    if ((!s.count && !t.count) || s.too_many || t.too_many) return false;
    match(&s, &t, is_equal);
    match(&s, &t, is_alike);
    if (unmatched(&s)) match_spoken(&s, target, target_len);
    if (unmatched(&t)) match_spoken(&t, source, source_len);
    const size_t m = rest(a, sizeof a, &s, &lost), n = rest(b, sizeof b, &t, &invented);
    if (m && n) return m != n || memcmp(a, b, m); /* one became another */
    return lost || invented;
}

/* ---- all ------------------------------------------------------------------------------------- */

static size_t characters(const char *text, size_t len) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) n += !tt_utf8_inside(text[i]);
    return n;
}

/* Both characters and tokens must say so: scripts differ in the one, vocabularies in the other. */
static unsigned find_length(const tt_suspect_side *s, const tt_suspect_side *t) {
    const size_t from = characters(s->text, s->len), to = characters(t->text, t->len);
    const size_t in = (size_t)s->count, out = (size_t)t->count;
    if (!has_letters(s->text, s->len)) return 0;
    if (to > 2 * from + 25 && out > 2 * in + 10) return 1u << TT_FAULT_LONG;
    if (!to || (10 * to + 150 < 4 * from && 10 * out + 40 < 5 * in)) return 1u << TT_FAULT_SHORT;
    return 0;
}

static bool has_stops(const char *text, size_t len) {
    for (size_t i = 0; i + 1 < len; i++)
        if (memchr(".!?", text[i], 3) || !memcmp(text + i, "\xe2\x80", 2)) return true;
    return false;
}

int tt_suspect_find(unsigned *faults, const tt_suspect_side *s, const tt_suspect_side *t, int limit,
                    tt_arena *a, tt_err *e) {
    *faults = find_length(s, t);
    if (tt_suspect_repeats(t->ids, t->count) && !tt_suspect_repeats(s->ids, s->count))
        *faults |= 1u << TT_FAULT_REPEATS;
    if (t->count >= limit) *faults |= 1u << TT_FAULT_CUT;
    if (tt_suspect_copied(s->text, s->len, t->text, t->len)) *faults |= 1u << TT_FAULT_COPY;
    if (tt_suspect_numbers(s->text, s->len, t->text, t->len)) *faults |= 1u << TT_FAULT_NUMBERS;
    if (!t->len || (!has_stops(s->text, s->len) && !has_stops(t->text, t->len)))
        return 0; /* one sentence each */
    const tt_mark mark = tt_arena_mark(a);
    tt_cut *parts;
    size_t from, to;
    TT_TRY(tt_split_sentences(s->text, s->len, a, &parts, &from, e));
    TT_TRY(tt_split_sentences(t->text, t->len, a, &parts, &to, e));
    tt_arena_rewind(a, mark);
    if (from != to) *faults |= 1u << TT_FAULT_SENTENCES;
    return 0;
}
