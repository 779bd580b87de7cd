/* facts.c: what a corpus score hides: words that are missing altogether, copied from the source,
 * said twice in a row, numbers lost on the way. Each is a count over a segment; no text is judged.
 *
 * Words are sorted rows of spans, so that two texts are compared by one merge, whatever their
 * length.
 */
#include "score/facts.h"

#include "base/ascii.h"
#include "base/utf8.h"

#include "score/chars.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PHRASE_MOST = 4 }; /* longest phrase looked for twice in a row */

tt_fact_finder *tt_facts_open(tt_err *e) {
    tt_fact_finder *f = calloc(1, sizeof *f);
    if (f) f->arena = tt_arena_open(0, e);
    if (f && f->arena) return f;
    free(f);
    tt_fail(e, TT_ENOMEM, "out of memory");
    return NULL;
}

void tt_facts_close(tt_fact_finder *f) {
    if (!f) return;
    tt_arena_close(f->arena);
    free(f);
}

size_t tt_utf8_bad(tt_span line, size_t *column, size_t *part) {
    size_t bad_part = 0, at = tt_chars_bad(line.text, line.len, &bad_part), n = 1;
    for (size_t i = 0; i < at; i++) n += !tt_utf8_inside(line.text[i]);
    if (column) *column = n;
    if (part) *part = bad_part;
    return at;
}

/* ---- rows of words ------------------------------------------------------------------------- */

typedef struct words {
    tt_span *word;
    size_t len;
} words;

bool tt_facts_equal(tt_span a, tt_span b) {
    return a.len == b.len && !memcmp(a.text, b.text, a.len);
}

static int order(const void *x, const void *y) {
    const tt_span *a = x, *b = y;
    int c = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return c ? c : (a->len > b->len) - (a->len < b->len);
}

static int split(words *w, tt_span line, tt_arena *arena) {
    *w = (words){tt_arena_alloc(arena, (line.len / 2 + 1) * sizeof *w->word), 0};
    if (!w->word) return TT_ENOMEM;
    for (size_t i = 0, start = 0; i <= line.len;) {
        size_t space = i < line.len ? tt_chars_space(line.text + i, line.len - i) : 1;
        if (space && i > start) w->word[w->len++] = (tt_span){line.text + start, i - start};
        i += space ? space : tt_chars_size(line.text[i]);
        if (space) start = i;
    }
    return 0;
}

/* The numbers of a line, their points and commas gone. */
static int find_numbers(words *w, tt_span line, tt_arena *arena) {
    char *digits = tt_arena_alloc(arena, line.len + 1);
    *w = (words){tt_arena_alloc(arena, (line.len / 2 + 1) * sizeof *w->word), 0};
    if (!digits || !w->word) return TT_ENOMEM;
    for (size_t i = 0; i < line.len; i++) {
        if (!tt_ascii_digit(line.text[i])) continue;
        tt_span *n = &w->word[w->len++];
        *n = (tt_span){digits, 0};
        for (; i < line.len; i++) {
            char c = line.text[i];
            int joins =
                (c == '.' || c == ',') && i + 1 < line.len && tt_ascii_digit(line.text[i + 1]);
            if (!joins && !tt_ascii_digit(c)) break;
            if (!joins) *digits++ = c, n->len++;
        }
    }
    return 0;
}

static int sorted(words *to, const words *from, tt_arena *arena) {
    *to = (words){tt_arena_alloc(arena, (from->len + 1) * sizeof *to->word), from->len};
    if (!to->word) return TT_ENOMEM;
    if (from->len) memcpy(to->word, from->word, from->len * sizeof *to->word);
    qsort(to->word, to->len, sizeof *to->word, order);
    return 0;
}

/* Members of `a`, one by one, that `b` does not match; both sorted. */
static size_t missing(const words *a, const words *b) {
    size_t n = 0;
    for (size_t i = 0, k = 0; i < a->len; i++) {
        while (k < b->len && order(&b->word[k], &a->word[i]) < 0) k++;
        if (k < b->len && !order(&b->word[k], &a->word[i])) k++;
        else n++;
    }
    return n;
}

static int has(const words *sorted_words, tt_span word) {
    return sorted_words->len &&
           bsearch(&word, sorted_words->word, sorted_words->len, sizeof word, order) != NULL;
}

static bool same_words(const words *a, const words *b) {
    if (a->len != b->len) return false;
    for (size_t i = 0; i < a->len; i++)
        if (!tt_facts_equal(a->word[i], b->word[i])) return false;
    return true;
}

static bool is_mark(char c) { return c && strchr(".,;:!?\"'()-", c) != NULL; }

/* 1 if both are the same word, whatever marks stand around it. Marks alone are no word. */
static int repeats(tt_span a, tt_span b) {
    tt_span *both[] = {&a, &b};
    for (int i = 0; i < 2; i++) {
        tt_span *w = both[i];
        while (w->len && is_mark(w->text[w->len - 1])) w->len--;
        while (w->len && is_mark(*w->text)) w->text++, w->len--;
    }
    return a.len && tt_facts_equal(a, b);
}

/* Words that belong to a phrase which repeats the phrase right before it. */
static size_t repeated(const words *w) {
    size_t n = 0, counted = 0; /* words before `counted` are done with */
    for (size_t end = 2; end <= w->len; end++)
        for (size_t len = PHRASE_MOST; len >= 1; len--) {
            size_t same = 0;
            if (2 * len > end) continue;
            while (same < len && repeats(w->word[end - 1 - same], w->word[end - 1 - same - len]))
                same++;
            if (same < len) continue;
            size_t from = end - len > counted ? end - len : counted;
            n += end - from;
            counted = end;
            break;
        }
    return n;
}

/* 1 if the text holds a letter (or anything beyond ASCII). Marks and numbers are the same in two
   languages. */
static bool has_letter(tt_span word) {
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.text[i];
        if (c >= 0x80 || (c | 0x20u) - 'a' < 26u) return true;
    }
    return false;
}

/* ---- one segment --------------------------------------------------------------------------- */

typedef struct segment {
    words hyp, hyp_sorted, *refs, *refs_sorted;
    int n_refs;
} segment;

static int find_copies(tt_facts *sums, const segment *s, tt_span source, int exact,
                       tt_arena *arena) {
    words src, src_sorted;
    TT_TRY(split(&src, source, arena));
    TT_TRY(sorted(&src_sorted, &src, arena));
    sums->sources++;
    sums->source_words += s->hyp.len;
    sums->copied += src.len && !exact && same_words(&s->hyp, &src);
    for (size_t i = 0; i < s->hyp.len; i++) {
        tt_span w = s->hyp.word[i];
        int known = !has_letter(w) || !has(&src_sorted, w);
        for (int r = 0; r < s->n_refs && !known; r++) known = has(&s->refs_sorted[r], w);
        sums->copied_words += !known;
    }
    return 0;
}

static int compare_numbers(tt_facts *sums, tt_span hyp, const tt_span *refs, int n_refs,
                           tt_arena *arena) {
    words found, h, r;
    size_t numbers = 0, lost = 0, invented = 0;
    TT_TRY(find_numbers(&found, hyp, arena));
    TT_TRY(sorted(&h, &found, arena));
    for (int i = 0; i < n_refs; i++) {
        TT_TRY(find_numbers(&found, refs[i], arena));
        TT_TRY(sorted(&r, &found, arena));
        size_t gone = missing(&r, &h), more = missing(&h, &r);
        if (i && gone + more >= lost + invented) continue;
        numbers = r.len, lost = gone, invented = more;
    }
    sums->numbers += numbers;
    sums->lost += lost;
    sums->invented += invented;
    return 0;
}

static int add(tt_facts *sums, tt_span hyp, const tt_span *refs, int n_refs, const tt_span *source,
               tt_arena *arena) {
    segment s = {.n_refs = n_refs};
    s.refs = tt_arena_alloc(arena, 2 * (size_t)n_refs * sizeof *s.refs);
    if (!s.refs) return TT_ENOMEM;
    s.refs_sorted = s.refs + n_refs;
    TT_TRY(split(&s.hyp, hyp, arena));
    int exact = 0, nearest = 0;
    size_t least = SIZE_MAX;
    for (int i = 0; i < n_refs; i++) {
        TT_TRY(split(&s.refs[i], refs[i], arena));
        if (source) TT_TRY(sorted(&s.refs_sorted[i], &s.refs[i], arena));
        size_t n = s.refs[i].len, apart = n > s.hyp.len ? n - s.hyp.len : s.hyp.len - n;
        exact |= same_words(&s.hyp, &s.refs[i]);
        if (apart < least) least = apart, nearest = i;
    }
    sums->segments++;
    sums->empty += !s.hyp.len && s.refs[nearest].len;
    sums->hyp_words += s.hyp.len;
    sums->ref_words += s.refs[nearest].len;
    sums->exact += (size_t)exact;
    sums->repeated += repeated(&s.hyp);
    sums->ref_repeated += repeated(&s.refs[nearest]);
    if (source) TT_TRY(find_copies(sums, &s, *source, exact, arena));
    return compare_numbers(sums, hyp, refs, n_refs, arena);
}

int tt_facts_add(tt_fact_finder *f, tt_facts *sums, tt_span hyp, const tt_span *refs, int n_refs,
                 const tt_span *source, tt_err *e) {
    tt_facts more = *sums;
    tt_arena_reset(f->arena);
    if (add(&more, hyp, refs, n_refs, source, f->arena))
        return tt_fail(e, TT_ENOMEM, "out of memory for a segment of %zu bytes", hyp.len);
    *sums = more;
    return 0;
}
