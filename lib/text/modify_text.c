/* modify_text.c: modifiers that change what the two texts look like: case, end marks, typos, noise.
 * See modify.h. Number 0 under a key chooses what is done, the next ones where and with what.
 */
#include "text/modify.h"

#include <stdbool.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "text/letter.h"

#define SHARE                                                                                      \
    { "share", "of the pairs that it changes", 0.05, 0, 1, 0, NULL }
#define LAST                                                                                       \
    { NULL, NULL, 0, 0, 0, 0, NULL }

static int copy_side(char **copy, const tt_modifying *m, int side, tt_err *e) {
    *copy = tt_arena_text(m->a, m->pair->text[side], m->pair->len[side]);
    return *copy ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a pair to be modified");
}

/* ---- case ---------------------------------------------------------------------------------- */

static int change_case(tt_modifying *m, int side, int to, tt_err *e) {
    char *copy;
    TT_TRY(copy_side(&copy, m, side, e));
    tt_text_case(copy, copy, m->pair->len[side], to);
    m->pair->text[side] = copy;
    return 0;
}

static int upper(tt_modifying *m, tt_err *e) {
    TT_TRY(change_case(m, TT_SOURCE, TT_CASE_CAPITAL, e));
    return change_case(m, TT_TARGET, TT_CASE_CAPITAL, e);
}

static int lower(tt_modifying *m, tt_err *e) {
    TT_TRY(change_case(m, TT_SOURCE, TT_CASE_SMALL, e));
    return m->pick->set[1] > 0 ? change_case(m, TT_TARGET, TT_CASE_SMALL, e) : 0;
}

/* The first letter of each word; marks may stand before it. */
static int title(tt_modifying *m, tt_err *e) {
    for (int side = 0; side < 2; side++) {
        const size_t len = m->pair->len[side];
        TT_TRY(change_case(m, side, TT_CASE_SMALL, e));
        char *text;
        TT_TRY(copy_side(&text, m, side, e));
        int begun = 0;
        for (size_t i = 0, size; i < len; i += size) {
            const uint32_t c = tt_utf8_at(text, len, i, &size);
            if (c == ' ') begun = 0;
            else if (!begun && tt_is_letter(c)) {
                tt_text_case(text + i, text + i, size, TT_CASE_CAPITAL);
                begun = 1;
            }
        }
        m->pair->text[side] = text;
    }
    return 0;
}

/* ---- end marks ----------------------------------------------------------------------------- */

static bool is_end(uint32_t c) {
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x3002 || c == 0xff01 ||
           c == 0xff1f;
}

/* Where the marks at the end of a text begin, blanks before them counted. */
static size_t end_marks(const char *text, size_t len) {
    size_t at = len, size;
    while (at) {
        const size_t before = tt_utf8_before(text, at);
        if (!is_end(tt_utf8_at(text, len, before, &size))) break;
        at = before;
    }
    while (at < len && at && text[at - 1] == ' ') at--;
    return at;
}

/* Spanish opens with ¡ and ¿ what ends with ! and ?. */
static size_t opening(const char *text, size_t len) {
    size_t i = 0;
    while (len - i >= 2 && text[i] == '\xc2' && (text[i + 1] == '\xa1' || text[i + 1] == '\xbf'))
        i += 2;
    return i;
}

static int opens_inside(const char *text, size_t len) {
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == '\xc2' && (text[i + 1] == '\xa1' || text[i + 1] == '\xbf')) return 1;
    return 0;
}

/* Others for a mark, which mean the same. */
static const char *const other_marks[3][4] = {
    {"...", "\xe2\x80\xa6", "..", " ."}, {"!!", "!!!", " !", "!?"}, {"??", "???", " ?", "?!"}};

static int end(tt_modifying *m, tt_err *e) {
    tt_pair_text *p = m->pair;
    size_t at[2], from[2];
    for (int side = 0; side < 2; side++) {
        from[side] = opening(p->text[side], p->len[side]);
        at[side] = end_marks(p->text[side], p->len[side]);
        if (at[side] == p->len[side] || at[side] <= from[side]) return 0; /* none, or no more */
        if (opens_inside(p->text[side] + from[side], at[side] - from[side])) return 0;
    }
    if (tt_rand_unit(m->key, 0) < m->pick->set[1]) {
        for (int side = 0; side < 2; side++) {
            p->text[side] += from[side];
            p->len[side] = at[side] - from[side];
        }
        return 0;
    }
    const char last = p->text[TT_SOURCE][p->len[TT_SOURCE] - 1];
    const char *mark = other_marks[last == '!'   ? 1
                                   : last == '?' ? 2
                                                 : 0][tt_rand_below(m->key, 1, 4)];
    for (int side = 0; side < 2; side++) {
        tt_growing g;
        TT_TRY(tt_growing_open(&g, at[side] + 4, m->a, e));
        tt_growing_add(&g, p->text[side], at[side]);
        tt_growing_add(&g, mark, strlen(mark));
        p->text[side] = g.text;
        p->len[side] = g.len;
    }
    return 0;
}

/* ---- typos --------------------------------------------------------------------------------- */

enum { SWAP, MISSING, EXTRA, NEARBY, SIMILAR, SKIPPED_SPACE, SPACE, REPEATED, SINGLE, TYPOS };

/* What lies beside a key of a keyboard, a to z; what looks like it. */
static const char *const beside[26] = {
    "qsz", "vgn", "xvd", "sfe", "wrd", "dgr", "fht", "gjy", "uok", "hku", "jli", "kop", "nk",
    "bmh", "ipl", "ol",  "wa",  "etf", "adw", "ryg", "yij", "cbf", "qes", "zcs", "tuh", "xas"};
static const char similar[26 + 1] = "ohccf"
                                    "tqnlj"
                                    "xlnmo"
                                    "pgnzf"
                                    "vuvky"
                                    "2";

static uint32_t small_of(uint32_t c) { return c < 0x80 ? tt_to_small(c) : c; }

static bool is_key(uint32_t c) { return c < 0x80 && small_of(c) >= 'a' && small_of(c) <= 'z'; }

/* Another letter for one of a to z, in its case. */
static char exchange(uint32_t c, int kind, uint32_t draw) {
    const char *keys = beside[small_of(c) - 'a'];
    const char other = kind == SIMILAR ? similar[small_of(c) - 'a'] : keys[draw % strlen(keys)];
    return (char)(c == small_of(c) ? (uint32_t)other : tt_to_capital((uint32_t)other));
}

/* Writes the word, of `letters` characters, with a typo. */
static void mistype(tt_growing *g, const char *word, size_t len, uint64_t key) {
    size_t at[2], size[2], letters = 0;
    for (size_t i = 0; i < len; letters++) tt_utf8_at(word, len, i, &size[0]), i += size[0];
    const int kind = (int)tt_rand_below(key, 0, TYPOS);
    const size_t place = letters > 1 ? tt_rand_below(key, 1, (uint32_t)letters - 1) : 0;
    at[0] = 0;
    for (size_t i = 0; i <= place; i++) {
        if (i) at[0] += size[0];
        tt_utf8_at(word, len, at[0], &size[0]);
    }
    at[1] = at[0] + size[0];
    size[1] = 0;
    if (at[1] < len) tt_utf8_at(word, len, at[1], &size[1]);
    const uint32_t c = tt_utf8_at(word, len, at[0], &size[0]);
    tt_growing_add(g, word, at[0]);
    const char *rest = word + at[1];
    size_t left = len - at[1];
    char other = is_key(c) ? exchange(c, kind, tt_rand_below(key, 2, 6)) : 0;
    switch (letters > 1 ? kind : TYPOS) {
    case SWAP:
        tt_growing_add(g, rest, size[1]);
        tt_growing_add(g, word + at[0], size[0]);
        rest += size[1], left -= size[1];
        break;
    case MISSING: break;
    case EXTRA:
        tt_growing_add(g, word + at[0], size[0]);
        if (other) tt_growing_add(g, &other, 1);
        break;
    case NEARBY:
    case SIMILAR:
        if (other) tt_growing_add(g, &other, 1);
        else tt_growing_add(g, word + at[0], size[0]);
        break;
    case SPACE:
        tt_growing_add(g, word + at[0], size[0]);
        tt_growing_add(g, " ", 1);
        break;
    case REPEATED:
        tt_growing_add(g, word + at[0], size[0]);
        tt_growing_add(g, word + at[0], size[0]);
        break;
    case SINGLE: /* of two equal letters one is left */
        tt_growing_add(g, word + at[0], size[0]);
        if (size[1] == size[0] && !memcmp(word + at[0], rest, size[0]))
            rest += size[0], left -= size[0];
        break;
    default: tt_growing_add(g, word + at[0], size[0]); break;
    }
    tt_growing_add(g, rest, left);
}

/* In the source alone. A skipped space takes the blank behind a word. */
static int typos(tt_modifying *m, tt_err *e) {
    tt_pair_text *p = m->pair;
    const char *text = p->text[TT_SOURCE];
    const size_t len = p->len[TT_SOURCE];
    tt_growing g;
    size_t at = 0, begin, stop, done = 0;
    TT_TRY(tt_growing_open(&g, 2 * len + 8, m->a, e));
    for (uint64_t word = 0; tt_word_next(text, len, &at, &begin, &stop); word++) {
        const uint64_t key = tt_key(m->key, word);
        tt_growing_add(&g, text + done, begin - done);
        done = stop;
        const int hit = tt_rand_unit(key, 3) < m->pick->set[1] &&
                        tt_text_has_letter(text + begin, stop - begin);
        if (!hit) tt_growing_add(&g, text + begin, stop - begin);
        else mistype(&g, text + begin, stop - begin, key);
        if (hit && tt_rand_below(key, 0, TYPOS) == SKIPPED_SPACE && stop + 1 < len) done = stop + 1;
    }
    tt_growing_add(&g, text + done, len - done);
    p->text[TT_SOURCE] = g.text;
    p->len[TT_SOURCE] = g.len;
    return 0;
}

/* ---- noise --------------------------------------------------------------------------------- */

/* Scripts of which noise is made: their letters, and signs. */
static const struct {
    uint32_t first, count;
} scripts[] = {{'a', 26},      {'0', 10},      {0xe0, 24},    {0x100, 128},  {0x3b1, 25},
               {0x430, 32},    {0x5d0, 27},    {0x627, 36},   {0x905, 53},   {0x3042, 80},
               {0x4e00, 2000}, {0xac00, 2000}, {0x2190, 100}, {0x2600, 256}, {0x1f600, 64}};

static int noise(tt_modifying *m, tt_err *e) {
    const uint32_t words = 1 + tt_rand_below(m->key, 0, (uint32_t)m->pick->set[1]);
    tt_growing g;
    TT_TRY(tt_growing_open(&g, words * ((size_t)m->pick->set[2] * 4 + 1), m->a, e));
    for (uint32_t w = 0; w < words; w++) {
        const uint64_t key = tt_key(m->key, w + 1);
        const uint32_t letters = 1 + tt_rand_below(key, 0, (uint32_t)m->pick->set[2]);
        const uint32_t script = tt_rand_below(key, 1, sizeof scripts / sizeof scripts[0]);
        if (w) tt_growing_add(&g, " ", 1);
        for (uint32_t i = 0; i < letters; i++) {
            char c[4];
            tt_growing_add(&g, c,
                           tt_utf8_put(c, scripts[script].first +
                                              tt_rand_below(key, i + 2, scripts[script].count)));
        }
    }
    for (int side = 0; side < 2; side++) m->pair->text[side] = g.text, m->pair->len[side] = g.len;
    return 0;
}

static const tt_setting share_only[] = {SHARE, LAST};
static const tt_setting lower_settings[] = {
    SHARE, {"target", "is the target changed, too", 0, 0, 1, 0, "no|yes"}, LAST};
static const tt_setting end_settings[] = {
    SHARE,
    {"drop", "part of them that loses its marks; the others get other ones", 0.5, 0, 1, 0, NULL},
    LAST};
static const tt_setting typos_settings[] = {
    SHARE, {"words", "part of the words that is mistyped", 0.1, 0, 1, 0, NULL}, LAST};
static const tt_setting noise_settings[] = {
    {"share", "of the pairs that it changes", 0.01, 0, 1, 0, NULL},
    {"words", "at most", 6, 1, 100, 1, NULL},
    {"letters", "of a word at most", 5, 1, 30, 1, NULL},
    LAST};

const tt_modifier tt_modifiers_text[] = {
    {{"upper", "both sides in capitals", NULL, share_only}, upper, 0, 0},
    {{"title", "Each Word of Both Sides Begins With a Capital", NULL, share_only}, title, 0, 0},
    {{"lower", "the source in small letters", NULL, lower_settings}, lower, 0, 0},
    {{"end", "end marks of both sides dropped, or changed alike: . to ... or to none", NULL,
      end_settings},
     end,
     0,
     0},
    {{"typos",
      "words of the source mistyped: letters swapped, left out, doubled, of a key nearby, alike "
      "ones; blanks left out or put in",
      "Bogoychev et al. 2023", typos_settings},
     typos,
     0,
     0},
    {{"noise", "both sides become the same random words of random scripts, to be copied",
      "Bogoychev et al. 2023", noise_settings},
     noise,
     0,
     1},
    {{NULL, NULL, NULL, NULL}, NULL, 0, 0}};
