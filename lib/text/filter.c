/* filter.c: see filter.h. Each function answers whether the pair is dropped: 1, 0, or a negative
   code. */
#include "text/filter.h"

#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "text/letter.h"

enum { MOST = 32 };

struct seen { /* hashes, of which 0 marks a free place */
    uint64_t *hash;
    size_t n, room; /* a power of two */
};

struct asked {
    const tt_pair_text *p;
    const double *set;
    struct seen *seen;
    tt_arena *a;
};

typedef struct filter {
    tt_row row;
    int (*drops)(const struct asked *q, tt_err *e);
    bool told; /* it drops nothing until its settings name a language, so it is no usual one */
} filter;

struct tt_filters {
    tt_pick pick[MOST];
    struct seen seen[MOST];
    int n;
};

/* ---- counting ------------------------------------------------------------------------------ */

struct counts {
    double chars, letters, digits, words, capitals, tags;
};

static struct counts count(const tt_pair_text *p, int side) {
    const char *text = p->text[side];
    struct counts c = {0};
    uint32_t before = ' ';
    for (size_t i = 0, size; i < p->len[side]; i += size) {
        const uint32_t x = tt_utf8_at(text, p->len[side], i, &size);
        c.words += x != ' ' && before == ' ';
        before = x;
        c.chars += x != ' ';
        c.digits += x >= '0' && x <= '9';
        c.letters += tt_is_letter(x);
        c.capitals += tt_is_capital(x);
    }
    for (size_t i = 0; i < p->len[side]; i++) {
        if (text[i] == '&') {
            size_t k = i + 1;
            while (k < p->len[side] && k < i + 10 &&
                   ((text[k] | 32) >= 'a' ? (text[k] | 32) <= 'z'
                                          : text[k] == '#' || (text[k] >= '0' && text[k] <= '9')))
                k++;
            c.tags += k > i + 1 && k < p->len[side] && text[k] == ';';
        }
        if (text[i] != '<' || i + 2 >= p->len[side]) continue;
        const char next = text[i + 1] == '/' ? text[i + 2] : text[i + 1];
        c.tags += (next | 32) >= 'a' && (next | 32) <= 'z' &&
                  memchr(text + i, '>', p->len[side] - i) != NULL;
    }
    return c;
}

/* ---- the filters --------------------------------------------------------------------------- */

static int empty(const struct asked *q, tt_err *e) {
    (void)e;
    return !q->p->len[0] || !q->p->len[1];
}

static int length(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const struct counts c = count(q->p, side);
        if (c.words < q->set[0] || c.words > q->set[1] || c.chars > q->set[2]) return 1;
    }
    return 0;
}

/* Short sides may differ more: ten characters are added to each. */
static int ratio(const struct asked *q, tt_err *e) {
    (void)e;
    const double a = count(q->p, 0).chars + 10, b = count(q->p, 1).chars + 10;
    return (a > b ? a / b : b / a) > q->set[0];
}

static int letters(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const struct counts c = count(q->p, side);
        if (c.letters < q->set[0] * c.chars) return 1;
    }
    return 0;
}

static int digits(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const struct counts c = count(q->p, side);
        if (c.digits > q->set[0] * c.chars) return 1;
    }
    return 0;
}

/* The sum of hashes of the numbers of two digits and more; marks within them do not count. */
static uint64_t numbers_of(const char *text, size_t len) {
    uint64_t sum = 0;
    for (size_t i = 0; i < len;) {
        uint64_t h = 1;
        int n = 0;
        for (; i < len; i++) {
            const int digit = text[i] >= '0' && text[i] <= '9';
            const int inside = n && i + 1 < len && strchr(".,:/ ", text[i]) && text[i + 1] >= '0' &&
                               text[i + 1] <= '9';
            if (!digit && !inside) break;
            if (digit) h = tt_key(h, (unsigned char)text[i]), n++;
        }
        if (n > 1) sum += tt_mix(h);
        if (!n) i++;
    }
    return sum;
}

static int numbers(const struct asked *q, tt_err *e) {
    (void)e;
    return numbers_of(q->p->text[0], q->p->len[0]) != numbers_of(q->p->text[1], q->p->len[1]);
}

static int markup(const struct asked *q, tt_err *e) {
    (void)e;
    const double a = count(q->p, 0).tags, b = count(q->p, 1).tags;
    return a > q->set[0] || b > q->set[0] || a > b || b > a;
}

/* U+FFFD, and UTF-8 that was once read as Windows-1252: "Ã©", "â€™". */
static int broken(const struct asked *q, tt_err *e) {
    static const char *const signs[] = {"\xef\xbf\xbd", "\xc3\x83\xc2", "\xc3\x83\xc6",
                                        "\xc3\x82\xc2", "\xc3\xa2\xe2\x82\xac"};
    (void)e;
    for (int side = 0; side < 2; side++)
        for (size_t s = 0; s < sizeof signs / sizeof *signs; s++) {
            const size_t n = strlen(signs[s]);
            for (size_t i = 0; i + n <= q->p->len[side]; i++)
                if (!memcmp(q->p->text[side] + i, signs[s], n)) return 1;
        }
    return 0;
}

/* A word or mark that stands so often in a row. */
static int repeat(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const char *text = q->p->text[side], *last = NULL;
        size_t at = 0, begin, end, last_len = 0;
        double run = 0;
        while (tt_word_next(text, q->p->len[side], &at, &begin, &end)) {
            const int same =
                last && end - begin == last_len && !memcmp(last, text + begin, last_len);
            run = same ? run + 1 : 1;
            if (run > q->set[0]) return 1;
            last = text + begin, last_len = end - begin;
        }
        for (size_t i = 1, n = 1; i < q->p->len[side]; i++) {
            n = text[i] == text[i - 1] && text[i] != '.' && text[i] != ' ' ? n + 1 : 1;
            if ((double)n > 3 * q->set[0]) return 1;
        }
    }
    return 0;
}

/* The letters of a side in small ones, and digits: what two sides are compared by. */
static int plain(char **out, size_t *len, const struct asked *q, int side, int exact, tt_err *e) {
    char *t = tt_arena_text(q->a, q->p->text[side], q->p->len[side]);
    if (!t) return tt_fail(e, TT_ENOMEM, "out of memory for a pair");
    *out = t;
    *len = q->p->len[side];
    if (exact) return 0;
    tt_text_case(t, t, *len, TT_CASE_SMALL);
    size_t n = 0;
    for (size_t i = 0, size; i < *len; i += size)
        if (tt_is_word(tt_utf8_at(t, *len, i, &size))) memmove(t + n, t + i, size), n += size;
    if (n) *len = n;
    return 0;
}

static int same(const struct asked *q, tt_err *e) {
    char *a, *b;
    size_t n, m;
    TT_TRY(plain(&a, &n, q, 0, 0, e));
    TT_TRY(plain(&b, &m, q, 1, 0, e));
    return n == m && !memcmp(a, b, n);
}

static int grow(struct seen *s, tt_err *e) {
    const size_t room = s->room ? 2 * s->room : 1 << 12;
    uint64_t *hash = calloc(room, sizeof *hash);
    if (!hash) return tt_fail(e, TT_ENOMEM, "out of memory for %zu pairs that were seen", s->n);
    for (size_t i = 0; i < s->room; i++) {
        size_t at = s->hash[i] & (room - 1);
        if (!s->hash[i]) continue;
        while (hash[at]) at = (at + 1) & (room - 1);
        hash[at] = s->hash[i];
    }
    free(s->hash);
    s->hash = hash;
    s->room = room;
    return 0;
}

static int duplicate(const struct asked *q, tt_err *e) {
    uint64_t h = 0;
    for (int side = 0; side < 2; side++) {
        char *t;
        size_t n;
        if ((int)q->set[0] == 1 + !side) continue; /* source, target: that side alone */
        TT_TRY(plain(&t, &n, q, side, q->set[1] > 0, e));
        h = tt_key(h, (uint64_t)side);
        for (size_t i = 0; i < n; i++) h = tt_key(h, (unsigned char)t[i]);
    }
    if (!h) h = 1;
    if (2 * q->seen->n >= q->seen->room) TT_TRY(grow(q->seen, e));
    size_t at = h & (q->seen->room - 1);
    for (; q->seen->hash[at]; at = (at + 1) & (q->seen->room - 1))
        if (q->seen->hash[at] == h) return 1;
    q->seen->hash[at] = h;
    q->seen->n++;
    return 0;
}

/* ---- scripts and languages ----------------------------------------------------------------- */

#define SCRIPTS "any|latin|cyrillic|greek|arabic|hebrew|devanagari|thai|han|kana|hangul"
static const struct {
    int script;
    uint32_t first, last;
} blocks[] = {{1, 'A', 0x24f},     {1, 0x1e00, 0x1eff}, {2, 0x400, 0x52f},   {3, 0x370, 0x3ff},
              {3, 0x1f00, 0x1fff}, {4, 0x600, 0x77f},   {5, 0x590, 0x5ff},   {6, 0x900, 0x97f},
              {7, 0xe00, 0xe7f},   {8, 0x3400, 0x9fff}, {9, 0x3040, 0x30ff}, {10, 0xac00, 0xd7af},
              {10, 0x1100, 0x11ff}};

static int script_of(uint32_t c) {
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (c >= blocks[i].first && c <= blocks[i].last) return blocks[i].script;
    return 0;
}

static int script(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const int want = (int)q->set[side];
        double all = 0, good = 0;
        for (size_t i = 0, size; want && i < q->p->len[side]; i += size) {
            const uint32_t c = tt_utf8_at(q->p->text[side], q->p->len[side], i, &size);
            if (!tt_is_letter(c)) continue;
            const int is = script_of(c);
            all++;
            good += is == want || (want == 9 && is == 8); /* kana stand among han */
        }
        if (all > 0 && good < q->set[2] * all) return 1;
    }
    return 0;
}

#define LANGUAGES "any|en|es|fr|pt|it|de|ca|nl"
static const char *const codes[] = {"any", "en", "es", "fr", "pt", "it", "de", "ca", "nl"};

static int language(const struct asked *q, tt_err *e) {
    (void)e;
    for (int side = 0; side < 2; side++) {
        const char *want = codes[(int)q->set[side]];
        int most = 0, own = 0;
        if (!strcmp(want, "any")) continue;
        const char *is = tt_common_words(q->p->text[side], q->p->len[side], want, &most, &own);
        if (is && strcmp(is, want) != 0 && most - own >= q->set[2]) return 1;
    }
    return 0;
}

/* ---- rows ---------------------------------------------------------------------------------- */

#define LAST                                                                                       \
    { NULL, NULL, 0, 0, 0, 0, NULL }
static const tt_setting length_settings[] = {{"least", "words of a side", 1, 0, 1e6, 1, NULL},
                                             {"most", "words of a side", 150, 1, 1e6, 1, NULL},
                                             {"chars", "of a side at most", 1500, 1, 1e9, 1, NULL},
                                             LAST};
static const tt_setting ratio_settings[] = {
    {"most", "the longer side by the shorter, in characters, 10 added to both", 2.5, 1, 1e6, 0,
     NULL},
    LAST};
static const tt_setting letters_settings[] = {
    {"least", "part of a side's characters", 0.5, 0, 1, 0, NULL}, LAST};
static const tt_setting digits_settings[] = {
    {"most", "part of a side's characters", 0.4, 0, 1, 0, NULL}, LAST};
static const tt_setting markup_settings[] = {
    {"most", "tags and entities of a side", 0, 0, 1000, 1, NULL}, LAST};
static const tt_setting repeat_settings[] = {
    {"most", "times in a row; three times that for a character", 3, 1, 1000, 1, NULL}, LAST};
static const tt_setting duplicate_settings[] = {
    {"of", "what is compared", 0, 0, 2, 0, "pair|source|target"},
    {"exact", "do case and marks count", 0, 0, 1, 0, "no|yes"},
    LAST};
static const tt_setting script_settings[] = {{"source", "its script", 1, 0, 10, 0, SCRIPTS},
                                             {"target", "its script", 1, 0, 10, 0, SCRIPTS},
                                             {"least", "part of the letters", 0.8, 0, 1, 0, NULL},
                                             LAST};
static const tt_setting language_settings[] = {
    {"source", "its language", 1, 0, 8, 0, LANGUAGES},
    {"target", "its language", 2, 0, 8, 0, LANGUAGES},
    {"by", "common words more than those of its own", 2, 1, 1000, 1, NULL},
    LAST};

static const filter rows[] = {
    {{"empty", "a side without text", NULL, NULL}, empty, false},
    {{"broken", "characters that were lost, or read in a wrong encoding", NULL, NULL},
     broken,
     false},
    {{"length", "a side that is too short or too long", NULL, length_settings}, length, false},
    {{"ratio", "sides of too different length", NULL, ratio_settings}, ratio, false},
    {{"letters", "a side with too few letters", NULL, letters_settings}, letters, false},
    {{"digits", "a side with too many digits", NULL, digits_settings}, digits, false},
    {{"numbers", "a number of two digits or more that only one side has", NULL, NULL},
     numbers,
     false},
    {{"markup", "tags or entities, or more of them on one side", NULL, markup_settings},
     markup,
     false},
    {{"repeat", "a word or character again and again", NULL, repeat_settings}, repeat, false},
    {{"same", "sides that are the same but for case and marks", NULL, NULL}, same, false},
    {{"script", "letters of another script", NULL, script_settings}, script, true},
    {{"language", "common words of another language", NULL, language_settings}, language, true},
    {{"duplicate", "a pair, or a side, that was there before", NULL, duplicate_settings},
     duplicate,
     false},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_filter = {"filter", "which pairs are fit to be learned from", row_at};

/* ---- the list ------------------------------------------------------------------------------ */

tt_filters *tt_filters_open(const char *const *list, int n, tt_err *e) {
    tt_filters *f = calloc(1, sizeof *f);
    int rc = f ? 0 : tt_fail(e, TT_ENOMEM, "out of memory");
    if (!rc && n > MOST) rc = tt_fail(e, TT_EUSAGE, "more than %d filters", MOST);
    for (int i = 0; !rc && i < n; i++)
        rc = tt_pick_read(&f->pick[f->n++], &tt_family_filter, list[i], e);
    for (size_t i = 0; !rc && !list && i < sizeof rows / sizeof *rows; i++)
        if (!rows[i].told)
            rc = tt_pick_read(&f->pick[f->n++], &tt_family_filter, rows[i].row.name, e);
    if (!rc) return f;
    tt_filters_close(f);
    return NULL;
}

void tt_filters_close(tt_filters *f) {
    for (int i = 0; f && i < f->n; i++) free(f->seen[i].hash);
    free(f);
}

int tt_filters_count(const tt_filters *f) { return f->n; }

const tt_pick *tt_filters_pick(const tt_filters *f, int i) { return &f->pick[i]; }

int tt_filters_ask(tt_filters *f, const tt_pair_text *pair, int *why, tt_arena *a, tt_err *e) {
    *why = -1;
    for (int i = 0; i < f->n; i++) {
        const struct asked q = {pair, f->pick[i].set, &f->seen[i], a};
        const int drops = ((const filter *)f->pick[i].row)->drops(&q, e);
        if (drops < 0) return drops;
        if (!drops) continue;
        *why = i;
        return 0;
    }
    return 0;
}
