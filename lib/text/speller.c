/* speller.c: see speller.h. Words stand in the file's own bytes; a table finds them (hash.h).
 * Every text that is one slip away is looked up: some 60 for each letter of a word.
 */
#include "text/speller.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "io/file.h"
#include "text/letter.h"

enum {
    MOST = 1 << 20,        /* words */
    BYTES_MOST = 32 << 20, /* of a list */
    CODES = 0x250,         /* letters that a slip may put in: of Latin script */
    ALPHABET_MOST = 64,
    SELDOM = 1000, /* a letter of fewer words than one in so many is not put in */
    SURE = 100,    /* a word seen less often is no one's meaning */
    SWAPPED = 10,  /* what a word counts whose letters changed places */
    CLEARLY = 5,   /* times as likely as the next */
    SHORT = 3,     /* a word of so many letters is mended only where two changed places */
    COUNT_MOST = 1 << 30
};

struct tt_speller {
    char *bytes;
    const char *name;
    struct entry {
        uint32_t at, len; /* in bytes */
        double count;
    } * word; /* (words) */
    int words;
    tt_hash_slots slots;
    uint32_t alphabet[ALPHABET_MOST];
    int letters;
};

static tt_span text_of(const void *list, int i) {
    const tt_speller *s = list;
    return (tt_span){s->bytes + s->word[i].at, s->word[i].len};
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Bytes of the word of small letters that a line begins with, each letter counted in seen (CODES);
   0: there is none before a TAB. */
static size_t read_word(const char *line, size_t len, long *seen) {
    size_t i = 0, size;
    for (; i < len && line[i] != '\t'; i += size) {
        uint32_t c = (unsigned char)line[i];
        size = 1;
        if (c < 'a' || c > 'z') {
            c = tt_utf8_at(line, len, i, &size);
            if (!tt_is_letter(c) || tt_is_capital(c) || c == 0xfffd) return 0;
        }
        if (c < CODES) seen[c]++;
    }
    return i < len ? i : 0;
}

/* A whole number of at least 1; 0: it is none, or beyond COUNT_MOST. */
static long read_count(const char *text, size_t len) {
    long n = 0;
    for (size_t i = 0; i < len; i++) {
        if (!tt_ascii_digit(text[i])) return 0;
        n = 10 * n + (text[i] - '0');
        if (n > COUNT_MOST) return 0;
    }
    return n;
}

static int read_line(tt_speller *s, size_t at, size_t len, long *seen, tt_err *e) {
    const char *line = s->bytes + at;
    const size_t n = read_word(line, len, seen);
    const long count = n ? read_count(line + n + 1, len - n - 1) : 0;
    if (!count)
        return tt_fail(e, TT_EFORMAT,
                       "%s:%d: expected WORD TAB COUNT, the word in small letters: '%.*s'", s->name,
                       s->words + 1, len < 60 ? (int)len : 60, line);
    int32_t *slot = &s->slots.slot[tt_hash_find(&s->slots, line, n, text_of, s)];
    if (*slot >= 0)
        return tt_fail(e, TT_EFORMAT, "%s:%d: the word '%.*s' stands there twice", s->name,
                       s->words + 1, n < 60 ? (int)n : 60, line);
    *slot = s->words;
    s->word[s->words++] = (struct entry){(uint32_t)at, (uint32_t)n, (double)count};
    return 0;
}

static int fill(tt_speller *s, size_t len, tt_err *e) {
    long seen[CODES] = {0};
    size_t lines = len && s->bytes[len - 1] != '\n', next;
    if (len > BYTES_MOST)
        return tt_fail(e, TT_EFORMAT, "%s: %zu bytes of words, expected at most %d", s->name, len,
                       (int)BYTES_MOST);
    for (size_t i = 0; i < len; i++) lines += s->bytes[i] == '\n';
    if (lines > MOST)
        return tt_fail(e, TT_EFORMAT, "%s: %zu words, expected at most %d", s->name, lines,
                       (int)MOST);
    s->word = malloc((lines + 1) * sizeof *s->word);
    if (!s->word || !tt_hash_make(&s->slots, 2 * lines))
        return tt_fail(e, TT_ENOMEM, "%s: out of memory for %zu words", s->name, lines);
    for (size_t at = 0; at < len; at = next + 1) {
        const char *end = memchr(s->bytes + at, '\n', len - at);
        next = end ? (size_t)(end - s->bytes) : len;
        TT_TRY(read_line(s, at, next - at, seen, e));
    }
    for (uint32_t c = 0; c < CODES && s->letters < ALPHABET_MOST; c++)
        if (seen[c] && seen[c] * SELDOM >= s->words) s->alphabet[s->letters++] = c;
    return 0;
}

tt_speller *tt_speller_open(char *bytes, size_t len, const char *name, tt_err *e) {
    tt_speller *s = calloc(1, sizeof *s);
    if (!s) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory for a list of words", name);
        free(bytes);
        return NULL;
    }
    *s = (tt_speller){.bytes = bytes, .name = name};
    if (!fill(s, len, e)) return s;
    tt_speller_close(s);
    return NULL;
}

void tt_speller_close(tt_speller *s) {
    if (!s) return;
    free(s->bytes);
    free(s->word);
    free(s->slots.slot);
    free(s);
}

int tt_speller_bytes(char **bytes, size_t *len, const char *path, tt_err *e) {
    *bytes = NULL;
    TT_TRY(tt_file_read(bytes, len, path, BYTES_MOST, e));
    char *copy = malloc(*len + 1);
    if (copy) memcpy(copy, *bytes, *len);
    int rc = copy ? 0 : tt_fail(e, TT_ENOMEM, "%s: out of memory for a list of words", path);
    tt_speller *s = rc ? NULL : tt_speller_open(copy, *len, path, e);
    if (!rc && !s) rc = e->code;
    tt_speller_close(s);
    if (!rc) return 0;
    free(*bytes);
    *bytes = NULL;
    return rc;
}

/* ---- asking -------------------------------------------------------------------------------- */

static double count_of(const tt_speller *s, const char *word, size_t len) {
    const int32_t i = s->slots.slot[tt_hash_find(&s->slots, word, len, text_of, s)];
    return i < 0 ? 0 : s->word[i].count;
}

bool tt_speller_knows(const tt_speller *s, const char *word, size_t len) {
    return count_of(s, word, len) > 0;
}

/* The likeliest word so far, and how likely it and the next are. */
struct guess {
    const tt_speller *s;
    char word[TT_SPELLER_WORD];
    size_t len;
    double best, next;
};

/* Weighs the word of letters (n). */
static void weigh(struct guess *g, const uint32_t *letter, int n, double times) {
    char text[TT_SPELLER_WORD];
    size_t len = 0;
    for (int i = 0; i < n; i++) len += tt_utf8_put(text + len, letter[i]);
    const double all = times * count_of(g->s, text, len), score = all < SURE ? 0 : all;
    const bool same = len == g->len && !memcmp(text, g->word, len);
    if (score > g->best) {
        if (!same) g->next = g->best;
        g->best = score;
        g->len = len;
        memcpy(g->word, text, len);
    } else if (score > g->next && !same) {
        g->next = score;
    }
}

static void weigh_all(struct guess *g, uint32_t *letter, int n, bool swapped) {
    for (int i = 0; i + 1 < n; i++) {
        const uint32_t a = letter[i], b = letter[i + 1];
        if (a == b) continue;
        letter[i] = b, letter[i + 1] = a;
        weigh(g, letter, n, SWAPPED);
        letter[i] = a, letter[i + 1] = b;
    }
    if (swapped) return;
    for (int i = 0; i < n; i++) { /* another one */
        const uint32_t own = letter[i];
        for (int k = 0; k < g->s->letters; k++) {
            letter[i] = g->s->alphabet[k];
            if (letter[i] != own) weigh(g, letter, n, 1);
        }
        letter[i] = own;
    }
    uint32_t changed[TT_SPELLER_LETTERS + 1];
    for (int i = 0; i < n; i++) { /* one too many */
        memcpy(changed, letter, (size_t)i * sizeof *letter);
        memcpy(changed + i, letter + i + 1, (size_t)(n - i - 1) * sizeof *letter);
        weigh(g, changed, n - 1, 1);
    }
    for (int i = 0; i <= n; i++) { /* one missing */
        memcpy(changed, letter, (size_t)i * sizeof *letter);
        memcpy(changed + i + 1, letter + i, (size_t)(n - i) * sizeof *letter);
        for (int k = 0; k < g->s->letters; k++) {
            changed[i] = g->s->alphabet[k];
            weigh(g, changed, n + 1, 1);
        }
    }
}

static bool is_usual(const tt_speller *s, uint32_t letter) {
    for (int k = 0; k < s->letters; k++)
        if (s->alphabet[k] == letter) return true;
    return false;
}

size_t tt_speller_mend(const tt_speller *s, const char *word, size_t len, bool swapped, char *out) {
    uint32_t letter[TT_SPELLER_LETTERS];
    struct guess g = {.s = s};
    size_t size;
    int n = 0;
    for (size_t i = 0; i < len; i += size, n++) {
        if (n == TT_SPELLER_LETTERS) return 0;
        letter[n] = tt_utf8_at(word, len, i, &size);
        if (!is_usual(s, letter[n])) return 0;
    }
    if (n < SHORT) return 0;
    weigh_all(&g, letter, n, swapped || n == SHORT);
    if (!(g.best > 0) || g.best < CLEARLY * g.next) return 0;
    memcpy(out, g.word, g.len);
    return g.len;
}
