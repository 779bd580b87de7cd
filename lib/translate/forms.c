/* forms.c: see forms.h. Letters are those of Latin, Greek and Cyrillic whose two cases have as many
 * bytes, so that places in a folded text are places in the text.
 */
#include "translate/forms.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "translate/plural.h"
#include "translate/words.h"
#include "text/clean.h"

enum { SHORT = 4 }; /* bytes of an article, at most */

#define BLANK "\xE2\x96\x81" /* U+2581: a piece's blank */

/* ---- letters --------------------------------------------------------------------------------- */

static uint32_t small(uint32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0xc0 && c <= 0xde) return c == 0xd7 ? c : c + 32;
    if (c == 0x178) return 0xff;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c + (c & 1);
    if (c >= 0x100 && c <= 0x177)
        return c == 0x130 || c == 0x131 || c == 0x138 || c == 0x149 ? c : c | 1;
    if (c >= 0x391 && c <= 0x3ab) return c == 0x3a2 ? c : c + 32;
    if (c >= 0x410 && c <= 0x42f) return c + 32;
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    return c;
}

uint32_t tt_forms_capital(uint32_t c) {
    static const uint32_t apart[] = {32, 1, 80};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (c > apart[i] && c - apart[i] != c && small(c - apart[i]) == c) return c - apart[i];
    return c == 0xff ? 0x178 : c;
}

void tt_forms_fold(char *to, const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        int n = tt_utf8_next(text + i, len - i, &c);
        if (n < 0) n = -n;
        memcpy(to + i, text + i, (size_t)n);
        if (n <= 2 && small(c) != c) tt_utf8_put(to + i, small(c));
        i += (size_t)n;
    }
}

bool tt_forms_in_word(const char *text, size_t at, size_t len) {
    unsigned char c = (unsigned char)text[at];
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_';
    uint32_t code;
    tt_utf8_next(text + at, len - at, &code);
    return !(code < 0xc0 && code != 0xaa && code != 0xba) && !(code >= 0x2000 && code < 0x2070) &&
           !(code >= 0x3000 && code < 0x3004) && code != 0xd7 && code != 0xf7;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool is_byte(const char *piece) {
    return strlen(piece) == 6 && !memcmp(piece, "<0x", 3) && piece[5] == '>';
}

static int opens(uint32_t c) {
    static const uint32_t marks[] = {'(',    '[',    '{',    0xa1,   0xab,  0xbf,
                                     0x2018, 0x201a, 0x201c, 0x201e, 0x2039};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (c == marks[i]) return 1;
    return 0;
}

static int edges_of(const char *piece, int has_spm, int has_bytes) {
    const size_t whole = strlen(piece);
    const int begins = !has_spm || !strncmp(piece, BLANK, 3);
    if (has_bytes && is_byte(piece)) return 0; /* a rare letter, or who knows */
    const char *text = has_spm && begins ? piece + 3 : piece;
    const size_t len = whole - (size_t)(text - piece);
    if (!len) return TT_EDGE_BEGINS | TT_EDGE_AFTER | TT_EDGE_OPENS;
    if (!has_spm) return TT_EDGE_BEGINS | TT_EDGE_AFTER;
    size_t last = len - 1;
    while (last > 0 && tt_utf8_inside(text[last])) last--;
    uint32_t c;
    tt_utf8_next(text + last, len - last, &c);
    const int after = !tt_forms_in_word(text, last, len);
    return (begins ? TT_EDGE_BEGINS : 0) | (tt_forms_in_word(text, 0, len) ? 0 : TT_EDGE_MARK) |
           (after ? TT_EDGE_AFTER : 0) | (opens(c) ? TT_EDGE_OPENS : 0) |
           (begins && len <= SHORT ? TT_EDGE_SHORT : 0);
}

uint8_t *tt_forms_edges(const tt_vocab *v, tt_err *e) {
    const int size = tt_vocab_size(v), spm = tt_vocab_has_spm(v), bytes = spm && tt_vocab_is_spm(v);
    uint8_t *edge = malloc((size_t)size + 1);
    if (!edge) {
        tt_fail(e, TT_ENOMEM, "out of memory for a table of %d pieces", size);
        return NULL;
    }
    for (int i = 0; i < size; i++) edge[i] = (uint8_t)edges_of(tt_vocab_piece(v, i), spm, bytes);
    return edge;
}

int tt_forms_place(int32_t **begin, int32_t **end, const tt_vocab *v, const tt_sentence *s,
                   tt_arena *a, tt_err *e) {
    const int32_t len = (int32_t)s->plain.len;
    TT_TRY(tt_words_places(begin, v, s, a, e));
    *end = tt_arena_alloc(a, ((size_t)s->count + 1) * sizeof **end);
    if (!*end) return tt_fail(e, TT_ENOMEM, "out of memory for the terms of a line");
    for (int i = 0; i < s->count; i++) {
        int32_t *from = &(*begin)[i], to = i + 1 < s->count ? from[1] : len;
        while (*from < to && (unsigned char)s->plain.text[*from] <= ' ') ++*from;
        (*end)[i] = to > *from ? to : *from;
    }
    return 0;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static int encode(const int32_t **ids, size_t *n, const tt_vocab *v, const char *text, size_t len,
                  tt_arena *a, tt_err *e) {
    int32_t *made;
    TT_TRY(tt_vocab_encode(v, text, len, 0, a, &made, n, e));
    *ids = made;
    return 0;
}

/* The text behind a blank and, where the vocabulary has such tokens, behind an opening mark. 1, 0
   or a code. */
static int add(tt_term_form *form, int *n, int cap, const tt_vocab *v, const tt_form_wish *w,
               const char *text, size_t len, int where, tt_arena *a, tt_err *e) {
    const int32_t *ids, *mark;
    size_t count, marks;
    TT_TRY(encode(&ids, &count, v, text, len, a, e));
    if (!count) return 1;
    if (count > INT16_MAX || *n == cap) return 0;
    form[(*n)++] = (tt_term_form){ids, (int)count, w->term, 0, where};
    if (!tt_vocab_has_spm(v)) return 1;
    char *behind = tt_arena_alloc(a, len + 1);
    if (!behind) return tt_fail(e, TT_ENOMEM, "out of memory for a term");
    behind[0] = '(';
    memcpy(behind + 1, text, len);
    TT_TRY(encode(&mark, &marks, v, "(", 1, a, e));
    TT_TRY(encode(&ids, &count, v, behind, len + 1, a, e));
    if (count <= marks || memcmp(ids, mark, marks * sizeof *ids)) return 1;
    if (*n == cap) return 0;
    form[(*n)++] = (tt_term_form){ids + marks, (int)(count - marks), w->term, 1, where};
    return 1;
}

/* The text, and with a capital. 1, 0 or a code. */
static int add_cases(tt_term_form *form, int *n, int cap, const tt_vocab *v, const tt_form_wish *w,
                     const char *text, size_t len, tt_arena *a, tt_err *e) {
    uint32_t c = 0;
    const int size = tt_utf8_next(text, len, &c);
    const uint32_t upper = size > 0 && size <= 2 ? tt_forms_capital(c) : c;
    if (upper == c || w->verbatim)
        return add(form, n, cap, v, w, text, len, TT_FORM_ANYWHERE, a, e);
    char *raised = tt_arena_text(a, text, len);
    if (!raised) return tt_fail(e, TT_ENOMEM, "out of memory for a term");
    tt_utf8_put(raised, upper);
    int rc =
        add(form, n, cap, v, w, text, len, w->opening ? TT_FORM_LATER : TT_FORM_ANYWHERE, a, e);
    return rc <= 0 ? rc
                   : add(form, n, cap, v, w, raised, len,
                         w->capital ? TT_FORM_ANYWHERE : TT_FORM_FIRST, a, e);
}

int tt_forms_make(tt_term_form *form, int *n, int cap, const tt_vocab *v, const tt_form_wish *w,
                  tt_arena *a, tt_err *e) {
    tt_plural other[TT_PLURAL_MOST];
    int rc = add_cases(form, n, cap, v, w, w->text, w->len, a, e);
    if (rc <= 0 || !(w->plural || w->singular) || w->verbatim) return rc;
    const int count = tt_plural_forms(other, TT_PLURAL_MOST, w->language, w->text, w->len, a);
    if (count < 0) return tt_fail(e, TT_ENOMEM, "out of memory for a term");
    for (int i = 0; i < count && rc > 0; i++)
        if (other[i].one ? w->singular : w->plural)
            rc = add_cases(form, n, cap, v, w, other[i].text.text, other[i].text.len, a, e);
    return rc;
}
