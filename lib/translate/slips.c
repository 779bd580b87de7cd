/* slips.c: see slips.h. A first walk finds words that the list lacks, which is quick; unless they
 * are many, what they are slips for is sought, and the text is copied with that. Each byte
 * remembers where it stood.
 */
#include "translate/slips.h"

#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "text/letter.h"

enum {
    SLIPS_MOST = 16, /* of a sentence */
    OTHERS = 2       /* the list may lack one word, or one of so many */
};

struct slip {
    size_t begin, end;
    bool raised;                /* it begins with a capital */
    char text[TT_SPELLER_WORD]; /* (len) in small letters; then what stands instead */
    size_t len;
};

struct found {
    struct slip slip[SLIPS_MOST];
    int count, words, unknown;
};

/* Whether a word may begin behind this character; 0: behind none. */
static bool opens(uint32_t c) {
    return c <= ' ' || (c < 0x80 && strchr("(\"[", (int)c)) || c == 0xa1 || c == 0xab ||
           c == 0xbf || (c >= 0x2013 && c <= 0x201f);
}

/* Whether a word may end before this character. */
static bool closes(uint32_t c) {
    return c <= ' ' || (c < 0x80 && strchr(")\"].,;:!?", (int)c)) || c == 0xbb ||
           (c >= 0x2013 && c <= 0x2026);
}

/* Whether a word may end before byte i: before a mark, but not in "a.b". */
static bool ends_there(const tt_plain *p, size_t i) {
    size_t size;
    if (i == p->len) return true;
    if (!closes(tt_utf8_at(p->text, p->len, i, &size))) return false;
    return i + size == p->len || !tt_is_word(tt_utf8_at(p->text, p->len, i + size, &size)) ||
           tt_ascii_blank(p->text[i]);
}

static bool is_free(const tt_plain *p, size_t begin, size_t end) {
    for (int i = 0; i < p->count; i++)
        if (p->holds[i].begin < end && p->holds[i].end > begin) return false;
    return true;
}

/* Looks at a word; its letters: capitals of them, and whether the first is one. */
static void look(struct found *f, const tt_plain *p, const tt_speller *s, struct slip x,
                 size_t letters, size_t capitals, bool capital) {
    size_t size;
    const uint32_t before =
        x.begin ? tt_utf8_at(p->text, p->len, tt_utf8_before(p->text, x.begin), &size) : 0;
    const bool first = !f->words++;
    x.raised = first && capital && capitals == 1;
    x.len = x.end - x.begin;
    if (letters > TT_SPELLER_LETTERS || x.len > sizeof x.text || (capitals && !x.raised)) return;
    if (!is_free(p, x.begin, x.end)) return;
    tt_text_case(x.text, p->text + x.begin, x.len, TT_CASE_SMALL);
    if (tt_speller_knows(s, x.text, x.len)) return;
    f->unknown++;
    if (f->count < SLIPS_MOST && opens(before) && ends_there(p, x.end)) f->slip[f->count++] = x;
}

/* Words become what was meant; those that may be right are let go. */
static void mend(struct found *f, const tt_speller *s) {
    int kept = 0;
    for (int i = 0; i < f->count; i++) {
        struct slip x = f->slip[i];
        size_t size;
        x.len = tt_speller_mend(s, f->slip[i].text, f->slip[i].len, x.raised, x.text);
        if (!x.len) continue;
        if (x.raised) {
            tt_utf8_at(x.text, x.len, 0, &size);
            tt_text_case(x.text, x.text, size, TT_CASE_CAPITAL);
        }
        f->slip[kept++] = x;
    }
    f->count = kept;
}

static void find(struct found *f, const tt_plain *p, const tt_speller *s) {
    size_t size, begin = 0, letters = 0, capitals = 0;
    bool capital = false;
    for (size_t i = 0; i <= p->len; i += size) {
        const uint32_t c = i < p->len ? tt_utf8_at(p->text, p->len, i, &size) : 0;
        if (i == p->len) size = 1;
        if (tt_is_letter(c)) {
            if (!letters++) begin = i, capital = tt_is_capital(c);
            capitals += tt_is_capital(c);
        } else if (letters) {
            look(f, p, s, (struct slip){.begin = begin, .end = i}, letters, capitals, capital);
            letters = capitals = 0;
        }
    }
}

/* What is held stands elsewhere where words before it have become longer or shorter. */
static void shift_holds(tt_hold *holds, int count, const struct found *f) {
    for (int i = 0; i < count; i++) {
        size_t more = 0, less = 0;
        for (int k = 0; k < f->count && f->slip[k].end <= holds[i].begin; k++) {
            more += f->slip[k].len;
            less += f->slip[k].end - f->slip[k].begin;
        }
        holds[i].begin += more - less;
        holds[i].end += more - less;
    }
}

int tt_slips_mend(tt_plain *p, const tt_speller *s, tt_arena *a, tt_err *e) {
    struct found f = {.count = 0};
    find(&f, p, s);
    if (f.unknown > 1 && f.unknown * OTHERS > f.words) return 0;
    mend(&f, s);
    if (!f.count) return 0;
    size_t room = p->len + 1, n = 0, at = 0;
    for (int i = 0; i < f.count; i++) room += f.slip[i].len;
    char *text = tt_arena_alloc(a, room);
    int32_t *from = tt_arena_alloc(a, room * sizeof *from);
    if (!text || !from) return tt_fail(e, TT_ENOMEM, "out of memory for a sentence");
    for (int i = 0; i <= f.count; i++) {
        const struct slip *x = i < f.count ? &f.slip[i] : NULL;
        for (const size_t end = x ? x->begin : p->len; at < end; at++) {
            from[n] = p->from ? p->from[at] : (int32_t)at;
            text[n++] = p->text[at];
        }
        for (size_t k = 0; x && k < x->len; k++) {
            const size_t old = x->begin + k < x->end ? x->begin + k : x->end - 1;
            from[n] = p->from ? p->from[old] : (int32_t)old;
            text[n++] = x->text[k];
        }
        if (x) at = x->end;
    }
    from[n] = p->from ? p->from[p->len] : (int32_t)p->len;
    shift_holds(p->holds, p->count, &f);
    p->text = text;
    p->len = n;
    p->from = from;
    p->respelt = f.count;
    return 0;
}
