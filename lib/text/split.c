/* split.c: see split.h. A sentence ends at . ! ? … (and what closes behind them) when white space
 * follows and then anything but a small letter, unless the word before the dot is an abbreviation.
 * Abbreviations are of four kinds:
 *
 *   TITLE     never ends a sentence              Mr. Smith, Sra. López, EE. UU.
 *   NUMBERED  does not end it before a number    No. 5, pág. 12; but: "I said no. Then …"
 *   FINAL     ends it before a capital           etc. The …, Acme Inc. The …
 *   INITIAL   a letter or dotted letters: ends it only before a word that often begins one
 *                                                J. R. Ulloa, the U.S. Army; the U.S. It …
 */
#include "text/split.h"

#include "text/clean.h"

#include <stdbool.h>
#include <string.h>

enum { TITLE, NUMBERED, FINAL, INITIAL, WORD };

/* Small letters, without the last dot. */
static const char *const titles[] = {
    "mr",   "mrs",  "ms",   "mx",  "dr",   "dra",   "drs",   "prof",   "profa", "sr",   "sra",
    "srta", "sres", "sras", "d",   "dña",  "dn",    "fr",    "rev",    "gen",   "gral", "col",
    "cnel", "capt", "cap",  "cpt", "lt",   "tte",   "sgt",   "sgto",   "cmdr",  "adm",  "maj",
    "hon",  "gov",  "sen",  "rep", "pres", "st",    "sto",   "sta",    "mt",    "ft",   "messrs",
    "mme",  "mlle", "lic",  "ing", "arq",  "excmo", "excma", "ilmo",   "ilma",  "mons", "vs",
    "cf",   "viz",  "e.g",  "i.e", "p.ej", "ej",    "ee",    "ff",     "rr",    "aa",   "av",
    "avda", "ave",  "blvd", "c/",  "dpto", "depto", "tel",   "approx", "aprox", "ca",   "fdo"};
static const char *const numbered[] = {
    "no",  "nos",  "nr",  "nro",  "núm", "núms", "num", "n",   "p",    "pp",  "pág", "págs", "pag",
    "vol", "vols", "fig", "figs", "art", "arts", "sec", "ch",  "chap", "ed",  "eq",  "ec",   "tab",
    "jan", "feb",  "mar", "apr",  "jun", "jul",  "aug", "sep", "sept", "oct", "nov", "dec",  "ene"};
static const char *const finals[] = {"etc", "inc", "ltd", "ltda", "co",  "corp", "bros", "jr",
                                     "a.m", "p.m", "a.c", "d.c",  "s.a", "s.l",  "et al"};
static const char *const starters[] = {
    "the",    "a",    "an",   "in",    "on",      "at",    "it",    "he",   "she", "we",
    "they",   "you",  "i",    "this",  "that",    "these", "those", "but",  "and", "for",
    "if",     "when", "as",   "there", "however", "el",    "la",    "los",  "las", "un",
    "una",    "en",   "es",   "no",    "se",      "por",   "para",  "pero", "y",   "si",
    "cuando", "este", "esta", "eso",   "él",      "ella",  "ellos", "sin",  "con"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- characters ---------------------------------------------------------------------------- */

struct text {
    const char *at;
    size_t len;
};

/* The character at i and its size; 0 at the end. */
static uint32_t char_at(struct text t, size_t i, size_t *size) {
    uint32_t c = 0;
    *size = 0;
    if (i >= t.len) return 0;
    int n = tt_utf8_next(t.at + i, t.len - i, &c);
    *size = (size_t)(n < 0 ? -n : n);
    return c;
}

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool is_stop(uint32_t c) { return c == '.' || c == '!' || c == '?' || c == 0x2026; }

static bool is_closer(uint32_t c) {
    return c == '"' || c == '\'' || c == ')' || c == ']' || c == '}' || c == 0xbb || c == 0x2019 ||
           c == 0x201d || c == 0x203a;
}

static bool is_opener(uint32_t c) {
    return c == '"' || c == '\'' || c == '(' || c == '[' || c == '{' || c == 0xab || c == 0xbf ||
           c == 0xa1 || c == 0x2018 || c == 0x201c || c == 0x201e || c == 0x2039;
}

static bool is_dash(uint32_t c) { return c == '-' || c == 0x2013 || c == 0x2014 || c == 0x2015; }

static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

static bool is_small(uint32_t c) { /* Latin: ASCII, Latin-1, and the odd ones of Extended-A */
    return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) ||
           (c >= 0x100 && c < 0x180 && (c & 1));
}

static bool is_letter(uint32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c < 0x250 && c != 0xd7) || is_small(c);
}

static size_t skip_space(struct text t, size_t i) {
    size_t size;
    while (is_space(char_at(t, i, &size)) && size) i += size;
    return i;
}

/* The end of t without white space behind. */
static size_t trim(struct text t, size_t begin, size_t end) {
    size_t last = begin, size;
    for (size_t i = begin; i < end; i += size)
        if (!is_space(char_at(t, i, &size))) last = i + size;
    return last;
}

/* ---- sentence ends ------------------------------------------------------------------------- */

static bool is_one_of(const char *const *list, size_t n, const char *word) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i], word)) return true;
    return false;
}

/* Copies a word in small letters (É, Á … too), or an empty one if it is longer than any listed. */
static void lower(char out[16], const char *word, size_t len) {
    if (len > 15) len = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)word[i];
        if (c >= 'A' && c <= 'Z') c = (unsigned char)(c + 32);
        else if (i && (unsigned char)word[i - 1] == 0xc3 && c >= 0x80 && c <= 0x9e)
            c = (unsigned char)(c + 32);
        out[i] = (char)c;
    }
    out[len] = 0;
}

/* One letter, or letters with dots between, at most two together: J, U.S, EE.UU. */
static bool is_initial(struct text t, size_t begin, size_t end) {
    size_t size, together = 0, letters = 0;
    for (size_t i = begin; i < end; i += size) {
        uint32_t c = char_at(t, i, &size);
        if (c == '.') {
            if (!together) return false;
            together = 0;
        } else if (!is_letter(c) || ++together > 2) return false;
        else letters++;
    }
    if (memchr(t.at + begin, '.', end - begin)) return true;
    return letters == 1 || (letters == 2 && end - begin == 2 && t.at[begin] == t.at[begin + 1] &&
                            !is_small((unsigned char)t.at[begin])); /* UU, AA */
}

/* What kind of word stands in [begin, dot). */
static int kind_of(struct text t, size_t begin, size_t dot) {
    char word[16];
    lower(word, t.at + begin, dot - begin);
    if (is_one_of(titles, COUNT(titles), word)) return TITLE;
    if (is_one_of(numbered, COUNT(numbered), word)) return NUMBERED;
    if (is_one_of(finals, COUNT(finals), word)) return FINAL;
    return is_initial(t, begin, dot) ? INITIAL : WORD;
}

static bool begins_with_starter(struct text t, size_t i) {
    size_t size, end = i;
    while (is_letter(char_at(t, end, &size))) end += size;
    char word[16];
    lower(word, t.at + i, end - i);
    return is_one_of(starters, COUNT(starters), word);
}

/* 1 if a new sentence may begin at `next`, behind a stop. `word` is where the word before the
   stop begins, `stop` the stop, `dots` whether it is a single dot, `first` the sentence's own
   begin. */
static bool ends_before(struct text t, size_t first, size_t word, size_t stop, int dot,
                        size_t next) {
    size_t size, i = next;
    uint32_t c = char_at(t, i, &size);
    int opened = 0;
    while (is_opener(c) || is_dash(c)) {
        opened |= c == 0xbf || c == 0xa1;
        i += size;
        c = char_at(t, i, &size);
        while (is_space(c)) {
            i += size;
            c = char_at(t, i, &size);
        }
    }
    if (!opened && (is_small(c) || (c < 0x80 && !is_letter(c) && !is_digit(c)))) return false;
    if (!dot || word == stop) return true;
    int digits = 1;
    for (size_t k = word; k < stop; k++) digits &= is_digit((unsigned char)t.at[k]);
    if (digits) return word != first; /* "1. First" is a list's number */
    switch (kind_of(t, word, stop)) {
    case TITLE: return false;
    case NUMBERED: return !is_digit(c) && (stop - word > 1 || begins_with_starter(t, i));
    case INITIAL: return opened || begins_with_starter(t, i);
    default: return true;
    }
}

/* The end of the sentence that begins at `first`, the closing marks included. */
static size_t sentence_end(struct text t, size_t first) {
    size_t size, word = first;
    for (size_t i = first; i < t.len; i += size) {
        uint32_t c = char_at(t, i, &size);
        if (is_space(c) || is_opener(c) || is_dash(c)) {
            word = i + size;
            continue;
        }
        if (!is_stop(c)) continue;
        size_t stop = i, end = i, stops = 0;
        while (is_stop(c = char_at(t, end, &size))) end += size, stops++;
        while (is_closer(c)) {
            end += size;
            c = char_at(t, end, &size);
        }
        int dot = stops == 1 && t.at[stop] == '.';
        if (end >= t.len) return t.len;
        if (is_space(c)) {
            size_t next = skip_space(t, end);
            if (next >= t.len || ends_before(t, first, word, stop, dot, next)) return end;
        }
        size = end - i;
    }
    return t.len;
}

/* ---- the list of parts ---------------------------------------------------------------------- */

struct parts {
    tt_cut *at;
    size_t n, room;
    tt_arena *arena;
};

static int push(struct parts *s, size_t begin, size_t end, tt_err *e) {
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        tt_cut *more = tt_arena_alloc(s->arena, room * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for the parts of a long line");
        if (s->n) memcpy(more, s->at, s->n * sizeof *more);
        s->at = more;
        s->room = room;
    }
    s->at[s->n++] = (tt_cut){begin, end};
    return 0;
}

int tt_split_sentences(const char *text, size_t len, tt_arena *a, tt_cut **parts, size_t *n,
                       tt_err *e) {
    struct text t = {text, len};
    struct parts s = {.arena = a};
    for (size_t i = skip_space(t, 0); i < len;) {
        size_t end = sentence_end(t, i);
        TT_TRY(push(&s, i, trim(t, i, end), e));
        i = skip_space(t, end);
    }
    *parts = s.at;
    *n = s.n;
    return 0;
}

/* ---- parts that fit ------------------------------------------------------------------------ */

enum { AT_COLONS, AT_COMMAS, AT_SPACES, AT_CHARACTERS };

/* Bytes a token that no text of fewer tokens is thought to have: longer texts are not counted. */
enum { TOKEN_BYTES = 64 };

struct splitter {
    struct text t;
    long limit;
    tt_split_count *count;
    void *ctx;
    struct parts out;
    tt_err *e;
};

/* Tokens of [begin, end), or more than the limit. */
static long tokens(const struct splitter *s, size_t begin, size_t end) {
    if ((end - begin) / TOKEN_BYTES > (size_t)s->limit) return s->limit + 1;
    return s->count(s->ctx, s->t.at + begin, end - begin);
}

static bool is_mark(uint32_t c, int level) {
    if (level == AT_COLONS) return c == ';' || c == ':';
    return c == ',' || is_dash(c) || is_closer(c);
}

/* The end of the part that begins at i: behind a mark with white space after it, or before space.
 */
static size_t part_end(struct text t, size_t i, size_t end, int level) {
    size_t size;
    uint32_t c = 0, last;
    for (; i < end; i += size) {
        last = c;
        c = char_at(t, i, &size);
        if (is_space(c) && (level == AT_SPACES || is_mark(last, level))) break;
    }
    return i;
}

/* A word without a space: as many characters as the limit has tokens, fewer if they are too many.
 */
static int cut_characters(struct splitter *s, size_t begin, size_t end) {
    while (begin < end) {
        long chars = s->limit, found;
        size_t stop, size;
        for (;; chars /= 2) {
            stop = begin;
            for (long k = 0; k < chars && stop < end; k++) {
                char_at(s->t, stop, &size);
                stop += size;
            }
            found = chars > 1 ? tokens(s, begin, stop) : 0;
            if (found < 0) return (int)found;
            if (found <= s->limit) break;
        }
        TT_TRY(push(&s->out, begin, stop, s->e));
        begin = stop;
    }
    return 0;
}

/* Cuts [begin, end), which is too long, into parts at the level's marks, and joins neighbours as
   long as they fit. Tokens do not cross white space, so a sum of parts is that of the whole; this
   is checked before a joined part goes out. What is still too long goes to the next level. */
static int cut(struct splitter *s, size_t begin, size_t end, int level) {
    if (level == AT_CHARACTERS) return cut_characters(s, begin, end);
    size_t from = begin, to = begin; /* the part being joined */
    long sum = 0;
    for (size_t i = begin; i < end || to > from;) {
        size_t stop = i < end ? part_end(s->t, i, end, level) : i;
        long found = i < end ? tokens(s, i, stop) : s->limit + 1;
        if (found < 0) return (int)found;
        if (to > from && sum + found > s->limit) {
            if (sum <= s->limit) sum = tokens(s, from, to);
            if (sum < 0) return (int)sum;
            if (sum <= s->limit) TT_TRY(push(&s->out, from, to, s->e));
            else TT_TRY(cut(s, from, to, level + 1));
            from = to = i;
            sum = 0;
        }
        if (i >= end) break;
        to = stop;
        sum += found;
        i = skip_space(s->t, stop);
    }
    return 0;
}

int tt_split_text(const char *text, size_t len, long limit, tt_split_count *count, void *ctx,
                  tt_arena *a, tt_cut **parts, size_t *n, tt_err *e) {
    struct splitter s = {.t = {text, len}, .limit = limit, .count = count, .ctx = ctx, .e = e};
    tt_cut *sentences;
    size_t begin = skip_space(s.t, 0), end = trim(s.t, begin, len), many;
    s.out.arena = a;
    long whole = begin < end ? tokens(&s, begin, end) : 0;
    if (whole < 0) return (int)whole;
    if (begin < end && whole <= limit) {
        TT_TRY(push(&s.out, begin, end, e));
    } else if (begin < end) {
        TT_TRY(tt_split_sentences(text, len, a, &sentences, &many, e));
        for (size_t i = 0; i < many; i++) {
            long found = tokens(&s, sentences[i].begin, sentences[i].end);
            if (found < 0) return (int)found;
            if (found <= limit) TT_TRY(push(&s.out, sentences[i].begin, sentences[i].end, e));
            else TT_TRY(cut(&s, sentences[i].begin, sentences[i].end, AT_COLONS));
        }
    }
    *parts = s.out.at;
    *n = s.out.n;
    return 0;
}
