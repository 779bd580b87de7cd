/* unicode.c: see unicode.h. The tables are sorted ranges, searched by halving; ASCII, which is most
 * of what is asked, is answered without them.
 */
#include <stdbool.h>

#include "score/unicode.h"

#include "base/utf8.h"
#include "score/chars.h"
#include "score/dict.h"

typedef struct range {
    uint32_t first, last;
    char kind;
} range;

typedef struct lower_run { /* every step-th character from first to last */
    uint32_t first, last, step;
    int32_t add;
} lower_run;

#include "score/unicode.inc"

enum { SIGMA = 0x3a3, SMALL_SIGMA = 0x3c3, FINAL_SIGMA = 0x3c2, DOTTED_I = 0x130, DOT = 0x307 };

static int kind_of(const range *table, size_t n, uint32_t c) {
    size_t low = 0;
    while (n > low) {
        size_t mid = (low + n) / 2;
        if (c > table[mid].last) low = mid + 1;
        else n = mid;
    }
    return table[low].first <= c && c <= table[low].last ? table[low].kind : 0;
}

int tt_unicode_category(uint32_t c) {
    static const char ascii[] = "                                "
                                " PPPSPPPPPPSPPPPNNNNNNNNNNPPSSSPP"
                                "                          PPPSPS"
                                "                          PSPS ";
    if (c < 0x80) return ascii[c] == ' ' ? 0 : ascii[c];
    size_t n = sizeof categories / sizeof *categories - 1;
    return kind_of(categories, n, c);
}

static int casing(uint32_t c) { return kind_of(casings, sizeof casings / sizeof *casings - 1, c); }

static uint32_t small(uint32_t c) {
    if (c < 0x80) return c - 'A' < 26 ? c + 32 : c;
    size_t low = 0, n = sizeof lower_runs / sizeof *lower_runs - 1;
    while (n > low) {
        size_t mid = (low + n) / 2;
        if (c > lower_runs[mid].last) low = mid + 1;
        else n = mid;
    }
    const lower_run *r = &lower_runs[low];
    if (c < r->first || c > r->last || (c - r->first) % r->step) return c;
    return (uint32_t)((int32_t)c + r->add);
}

/* A sigma is final when a letter with case comes before it and none after, marks left aside. */
static bool is_final(tt_span line, const char *sigma) {
    const char *at = sigma;
    int kind = 0;
    while (at > line.text) {
        do at--;
        while (tt_utf8_inside(*at));
        const char *here = at;
        kind = casing(tt_chars_next(&here));
        if (kind != 'I') break;
    }
    if (kind != 'C') return false;
    const char *end = line.text + line.len;
    tt_chars_next(&sigma);
    while (sigma < end) {
        kind = casing(tt_chars_next(&sigma));
        if (kind != 'I') return kind != 'C';
    }
    return true;
}

/* Where lower case may differ from the text: at a capital of ASCII or beyond ASCII. */
static size_t same_prefix(tt_span line) {
    size_t i = 0;
    while (i < line.len && (unsigned char)line.text[i] < 0x80 &&
           (unsigned)(line.text[i] - 'A') >= 26)
        i++;
    return i;
}

int tt_unicode_lower(tt_span *line, tt_arena *arena) {
    if (same_prefix(*line) == line->len) return 0;
    char *out = tt_dict_room(arena, line->len + line->len / 2); /* no character grows more */
    if (!out) return TT_ENOMEM;
    const char *at = line->text, *end = at + line->len;
    size_t n = 0;
    while (at < end) {
        if ((unsigned char)*at < 0x80) {
            out[n++] = (char)small((unsigned char)*at++);
            continue;
        }
        const char *here = at;
        uint32_t c = tt_chars_next(&at);
        if (c == SIGMA) {
            c = is_final(*line, here) ? FINAL_SIGMA : SMALL_SIGMA;
        } else if (c == DOTTED_I) {
            out[n++] = 'i';
            c = DOT;
        } else {
            c = small(c);
        }
        n += tt_utf8_put(out + n, c);
    }
    *line = (tt_span){out, n};
    return 0;
}
