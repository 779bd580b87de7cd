/* compare.c: which words two texts share, for people who read them side by side.
 *
 * What both begin and end with is set aside first; the rest goes through the table of longest
 * common subsequences, which a sentence fills in microseconds. Where the middle is too large for
 * the table nothing of it counts as common. Words left over on both sides are then paired as moved.
 */
#include "score/chars.h"

#include "base/utf8.h"
#include "score/facts.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_MOST = 3000 }; /* words on a side: a table of 18 MB */

/* Bytes of a punctuation mark at the start of the text, 0 if none: ASCII's, and those that Spanish
   and print add (¡ ¿ « » and the dashes and quotes of U+2010–2027). */
static size_t mark_size(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80)
        return s[0] > ' ' && s[0] < 0x7f && !(s[0] >= '0' && s[0] <= '9') &&
               ((s[0] | 0x20u) - 'a') >= 26u;
    if (len > 1 && s[0] == 0xc2)
        return s[1] == 0xa1 || s[1] == 0xab || s[1] == 0xbb || s[1] == 0xbf ? 2 : 0;
    return len > 2 && s[0] == 0xe2 && s[1] == 0x80 && s[2] >= 0x90 && s[2] <= 0xa7 ? 3 : 0;
}

static size_t last_size(const char *text, size_t len) {
    size_t n = 1;
    while (n < len && tt_utf8_inside(text[len - n])) n++;
    return n;
}

/* One word between white space: marks at its ends apart. */
static size_t cut_word(tt_marked *out, tt_span w) {
    size_t n = 0, size, tail = w.len;
    while (w.len && (size = mark_size(w.text, w.len)) > 0) {
        out[n++].word = (tt_span){w.text, size};
        w.text += size;
        w.len -= size;
    }
    tail = w.len;
    while (tail) {
        size = last_size(w.text, tail);
        if (mark_size(w.text + tail - size, size) != size) break;
        tail -= size;
    }
    if (tail) out[n++].word = (tt_span){w.text, tail};
    for (size_t at = tail; at < w.len; at += size) {
        size = tt_chars_size(w.text[at]);
        out[n++].word = (tt_span){w.text + at, size};
    }
    return n;
}

static int cut(tt_marked **words, size_t *len, tt_span line, tt_arena *arena) {
    *words = tt_arena_zero(arena, (line.len + 1) * sizeof **words);
    *len = 0;
    if (!*words) return TT_ENOMEM;
    for (size_t i = 0, start = 0; i <= line.len;) {
        size_t space = i < line.len ? tt_chars_space(line.text + i, line.len - i) : 1;
        if (space && i > start)
            *len += cut_word(*words + *len, (tt_span){line.text + start, i - start});
        i += space ? space : tt_chars_size(line.text[i]);
        if (space) start = i;
    }
    for (size_t i = 0; i < *len; i++) (*words)[i].mark = TT_WORD_OTHER;
    return 0;
}

/* Marks a longest common subsequence of a and b: table[i][k] is its length from a[i] and b[k] on.
 */
static int mark_common(tt_marked *a, size_t a_len, tt_marked *b, size_t b_len, tt_arena *arena) {
    size_t wide = b_len + 1;
    if (a_len > TABLE_MOST || b_len > TABLE_MOST) return 0;
    uint16_t *table = tt_arena_zero(arena, (a_len + 1) * wide * sizeof *table);
    if (!table) return TT_ENOMEM;
    for (size_t i = a_len; i--;)
        for (size_t k = b_len; k--;) {
            uint16_t down = table[(i + 1) * wide + k], right = table[i * wide + k + 1];
            if (tt_facts_equal(a[i].word, b[k].word))
                table[i * wide + k] = (uint16_t)(table[(i + 1) * wide + k + 1] + 1);
            else table[i * wide + k] = down > right ? down : right;
        }
    for (size_t i = 0, k = 0; i < a_len && k < b_len;) {
        if (tt_facts_equal(a[i].word, b[k].word)) {
            a[i++].mark = b[k++].mark = TT_WORD_SAME;
        } else if (table[(i + 1) * wide + k] >= table[i * wide + k + 1]) {
            i++;
        } else {
            k++;
        }
    }
    return 0;
}

static int by_word(const void *x, const void *y) {
    const tt_marked *a = *(tt_marked *const *)x, *b = *(tt_marked *const *)y;
    size_t least = a->word.len < b->word.len ? a->word.len : b->word.len;
    int c = memcmp(a->word.text, b->word.text, least);
    if (c) return c;
    if (a->word.len != b->word.len) return a->word.len < b->word.len ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* The words that are OTHER, sorted. */
static int left_over(tt_marked ***rest, size_t *n, tt_marked *words, size_t len, tt_arena *arena) {
    *rest = tt_arena_alloc(arena, (len + 1) * sizeof **rest);
    *n = 0;
    if (!*rest) return TT_ENOMEM;
    for (size_t i = 0; i < len; i++)
        if (words[i].mark == TT_WORD_OTHER) (*rest)[(*n)++] = &words[i];
    qsort(*rest, *n, sizeof **rest, by_word);
    return 0;
}

static int mark_moved(tt_marked *a, size_t a_len, tt_marked *b, size_t b_len, tt_arena *arena) {
    tt_marked **x, **y;
    size_t nx, ny;
    TT_TRY(left_over(&x, &nx, a, a_len, arena));
    TT_TRY(left_over(&y, &ny, b, b_len, arena));
    for (size_t i = 0, k = 0; i < nx && k < ny;) {
        if (tt_facts_equal(x[i]->word, y[k]->word)) {
            x[i++]->mark = y[k++]->mark = TT_WORD_MOVED;
            continue;
        }
        size_t least = x[i]->word.len < y[k]->word.len ? x[i]->word.len : y[k]->word.len;
        int c = memcmp(x[i]->word.text, y[k]->word.text, least);
        if (c < 0 || (!c && x[i]->word.len < y[k]->word.len)) i++;
        else k++;
    }
    return 0;
}

static int compare(tt_comparison *c, tt_span left, tt_span right, tt_arena *arena) {
    tt_marked *a, *b;
    size_t a_len, b_len, head = 0, tail = 0;
    TT_TRY(cut(&a, &a_len, left, arena));
    TT_TRY(cut(&b, &b_len, right, arena));
    while (head < a_len && head < b_len && tt_facts_equal(a[head].word, b[head].word)) {
        a[head].mark = b[head].mark = TT_WORD_SAME;
        head++;
    }
    while (tail < a_len - head && tail < b_len - head &&
           tt_facts_equal(a[a_len - 1 - tail].word, b[b_len - 1 - tail].word)) {
        tail++;
        a[a_len - tail].mark = b[b_len - tail].mark = TT_WORD_SAME;
    }
    TT_TRY(mark_common(a + head, a_len - head - tail, b + head, b_len - head - tail, arena));
    TT_TRY(mark_moved(a, a_len, b, b_len, arena));
    *c = (tt_comparison){a, b, a_len, b_len};
    return 0;
}

int tt_facts_compare(tt_fact_finder *f, tt_comparison *c, tt_span a, tt_span b, tt_err *e) {
    tt_arena_reset(f->arena);
    if (compare(c, a, b, f->arena))
        return tt_fail(e, TT_ENOMEM, "out of memory for texts of %zu bytes", a.len + b.len);
    return 0;
}
