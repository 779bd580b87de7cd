/* edits.c: see edits.h. H words of the hypothesis are the rows, R of the reference the columns.
 *
 *     ahead[i][j]: least edits from the first i words to the first j         (row 0: j)
 *     back[i][j]:  least edits from the words after i to those after j      (row H: R − j)
 *
 * both over the cells near the diagonal only. Moving a phrase changes the words of rows a+1 … b and
 * no others, so its distance needs those rows alone: start from ahead[a], and meet back[b]:
 *
 *     distance = min over j of row b [j] + back[b][j]
 *
 * A candidate is given up as soon as every way to the end is longer than the best one yet. Which of
 * equally short alignments is taken matters for the moves that follow: replacing goes before
 * deleting a word of the hypothesis, that before inserting one.
 */
#include "score/edits.h"

#include <math.h>
#include <string.h>

enum { PHRASE_MAX = 10, MOVE_MAX = 50, CANDIDATES_MAX = 1000, BEAM = 25, FAR = 1 << 28 };

typedef struct space {
    size_t rows, cols;      /* H, R */
    uint32_t *hyp;          /* (H) */
    const uint32_t *ref;    /* (R) */
    size_t *low, *high;     /* (H+1): columns low … high-1 of each row are looked at */
    size_t stride;
    int32_t *ahead, *back;  /* (H+1, stride): column j of row i is at j - low[i] + 1 */
    int32_t *least_ahead, *least_back; /* (H+1) */
    int32_t *trial[2];        /* (stride): rows of a candidate */
    uint32_t *moved;        /* (H) */
    int32_t *aligned;       /* (R): the hypothesis's position for each of the reference */
    uint32_t *hyp_wrong, *ref_wrong; /* (H+1), (R+1): errors before each position */
} space;

typedef struct move {
    size_t start, len, target;
    int32_t gain;
} move;

static int32_t *row_of(const space *s, int32_t *table, size_t i) { return table + i * s->stride; }

/* The band of each row. Arithmetic in double, as in the definition. */
static int make_space(space *s, tt_arena *arena) {
    size_t h = s->rows, r = s->cols;
    double ratio = h ? (double)r / (double)h : 1;
    double beam = BEAM < ratio / 2 ? ceil(ratio / 2 + BEAM) : BEAM;
    s->low = tt_arena_alloc(arena, (h + 1) * sizeof *s->low);
    s->high = tt_arena_alloc(arena, (h + 1) * sizeof *s->high);
    if (!s->low || !s->high) return TT_ENOMEM;
    size_t widest = 0, step = 0;
    s->low[0] = 0;
    s->high[0] = r + 1;
    for (size_t i = 1; i <= h; i++) {
        double diagonal = floor((double)i * ratio);
        s->low[i] = diagonal > beam ? (size_t)(diagonal - beam) : 0;
        s->high[i] = diagonal + beam < (double)r + 1 ? (size_t)(diagonal + beam) : r + 1;
        if (i == h) s->high[i] = r + 1;
        size_t width = s->high[i] - s->low[i];
        if (width > widest) widest = width;
        if (i > 1 && s->high[i] - s->high[i - 1] > step) step = s->high[i] - s->high[i - 1];
        if (i > 1 && s->low[i] - s->low[i - 1] > step) step = s->low[i] - s->low[i - 1];
    }
    s->stride = widest + step + 2; /* room for cells beyond the band on both sides */
    size_t cells = (h + 1) * s->stride;
    s->ahead = tt_arena_alloc(arena, cells * sizeof *s->ahead);
    s->back = tt_arena_alloc(arena, cells * sizeof *s->back);
    s->least_ahead = tt_arena_alloc(arena, (h + 1) * sizeof *s->least_ahead);
    s->least_back = tt_arena_alloc(arena, (h + 1) * sizeof *s->least_back);
    s->moved = tt_arena_alloc(arena, (h + 1) * sizeof *s->moved);
    s->hyp_wrong = tt_arena_alloc(arena, (h + 1) * sizeof *s->hyp_wrong);
    s->aligned = tt_arena_alloc(arena, (r + 1) * sizeof *s->aligned);
    s->ref_wrong = tt_arena_alloc(arena, (r + 1) * sizeof *s->ref_wrong);
    for (int k = 0; k < 2; k++) {
        s->trial[k] = tt_arena_alloc(arena, s->stride * sizeof **s->trial);
        if (!s->trial[k]) return TT_ENOMEM;
    }
    return s->ahead && s->back && s->least_ahead && s->least_back && s->moved && s->hyp_wrong &&
                   s->aligned && s->ref_wrong
               ? 0
               : TT_ENOMEM;
}

/* Row i from the one above, for the word that stands there; its least cell. Row 0 is not stored:
   `above` is NULL for i = 1. */
static int32_t next_row(const space *s, int32_t *row, const int32_t *above, size_t i,
                        uint32_t word) {
    size_t low = s->low[i], high = s->high[i];
    int32_t left = FAR, least = FAR;
    row[0] = FAR;
    const int32_t *up = above ? above + (low - s->low[i - 1]) : NULL;
    for (size_t k = 0; k < high - low; k++) {
        size_t j = low + k;
        int32_t before = up ? up[k] : j ? (int32_t)j - 1 : FAR;
        int32_t over = up ? up[k + 1] : (int32_t)j;
        int32_t cost = before + (j && s->ref[j - 1] != word);
        if (over + 1 < cost) cost = over + 1;
        if (left + 1 < cost) cost = left + 1;
        row[k + 1] = left = cost;
        if (cost < least) least = cost;
    }
    for (size_t k = high - low + 1; k < s->stride; k++) row[k] = FAR;
    return least;
}

static void fill_ahead(space *s) {
    s->least_ahead[0] = 0;
    for (size_t i = 1; i <= s->rows; i++)
        s->least_ahead[i] = next_row(s, row_of(s, s->ahead, i),
                                     i > 1 ? row_of(s, s->ahead, i - 1) : NULL, i, s->hyp[i - 1]);
}

static void fill_back(space *s) {
    for (size_t i = s->rows; i > 0; i--) {
        size_t low = s->low[i], high = s->high[i];
        int32_t *row = row_of(s, s->back, i), right = FAR, least = FAR;
        const int32_t *below = i < s->rows ? row_of(s, s->back, i + 1) : NULL;
        for (size_t k = 0; k < s->stride; k++) row[k] = FAR;
        for (size_t j = high; j-- > low;) {
            int32_t cost = right + 1;
            if (!below) {
                cost = (int32_t)(s->cols - j);
            } else if (j + 1 >= s->low[i + 1]) {
                size_t k = j + 1 - s->low[i + 1]; /* of column j in the row below */
                if (j < s->cols && below[k + 1] + (s->ref[j] != s->hyp[i]) < cost)
                    cost = below[k + 1] + (s->ref[j] != s->hyp[i]);
                if (below[k] + 1 < cost) cost = below[k] + 1;
            }
            row[j - low + 1] = right = cost;
            if (cost < least) least = cost;
        }
        s->least_back[i] = least;
    }
}

static int32_t cell(const space *s, size_t i, size_t j) {
    if (!i) return (int32_t)j;
    if (j < s->low[i] || j >= s->high[i]) return FAR;
    return s->ahead[i * s->stride + j - s->low[i] + 1];
}

/* The alignment of the words as they stand, from its end. */
static void align(space *s) {
    size_t i = s->rows, j = s->cols;
    memset(s->hyp_wrong, 0, (i + 1) * sizeof *s->hyp_wrong);
    memset(s->ref_wrong, 0, (j + 1) * sizeof *s->ref_wrong);
    while (i || j) {
        int wrong = i && j ? s->hyp[i - 1] != s->ref[j - 1] : 1;
        int32_t here = cell(s, i, j);
        if (i && j && cell(s, i - 1, j - 1) + wrong == here) {
            s->hyp_wrong[i] = s->ref_wrong[j] = (uint32_t)wrong;
            s->aligned[--j] = (int32_t)--i;
        } else if (i && (!j || cell(s, i - 1, j) + 1 == here)) {
            s->hyp_wrong[i--] = 1;
        } else {
            s->ref_wrong[j] = 1;
            s->aligned[--j] = (int32_t)i - 1;
        }
    }
    for (i = 1; i <= s->rows; i++) s->hyp_wrong[i] += s->hyp_wrong[i - 1];
    for (j = 1; j <= s->cols; j++) s->ref_wrong[j] += s->ref_wrong[j - 1];
}

/* The words from row *from on after the move, in s->moved; row *to and what follows is as before. */
static void carry(const space *s, const move *m, size_t *from, size_t *to) {
    size_t start = m->start, len = m->len, end = start + len, t = m->target;
    if (t < start) {
        *from = t;
        *to = end;
        memcpy(s->moved + t, s->hyp + start, len * sizeof *s->hyp);
        memcpy(s->moved + t + len, s->hyp + t, (start - t) * sizeof *s->hyp);
        return;
    }
    size_t stop = t > end ? t : t + len; /* a target within the phrase moves it on by as much */
    if (stop > s->rows) stop = s->rows;
    *from = start;
    *to = stop;
    memcpy(s->moved + start, s->hyp + end, (stop - end) * sizeof *s->hyp);
    memcpy(s->moved + start + (stop - end), s->hyp + start, len * sizeof *s->hyp);
}

/* The distance after the move, or FAR if it is above `limit`. */
static int32_t distance(const space *s, const move *m, int32_t limit) {
    size_t from, to;
    carry(s, m, &from, &to);
    if (s->least_ahead[from] + s->least_back[to] > limit) return FAR;
    const int32_t *row = from ? row_of(s, s->ahead, from) : NULL;
    for (size_t i = from + 1; i <= to; i++) {
        int32_t *next = s->trial[i & 1];
        if (next_row(s, next, row, i, s->moved[i - 1]) + s->least_back[to] > limit) return FAR;
        row = next;
    }
    const int32_t *back = row_of(s, s->back, to);
    int32_t least = FAR;
    for (size_t k = 1; k <= s->high[to] - s->low[to]; k++)
        if (row[k] + back[k] < least) least = row[k] + back[k];
    return least <= limit ? least : FAR;
}

/* Is a better than b? More saved, then longer, from nearer the beginning, to nearer the beginning. */
static int better(const move *a, const move *b) {
    if (a->gain != b->gain) return a->gain > b->gain;
    if (a->len != b->len) return a->len > b->len;
    if (a->start != b->start) return a->start < b->start;
    return a->target < b->target;
}

/* The phrase of `len` words at hyp[start] and ref[at], to the places where the reference has it. */
static void try_phrase(const space *s, move *best, size_t start, size_t at, size_t len,
                       int32_t now, int *tried) {
    if (s->hyp_wrong[start + len] == s->hyp_wrong[start]) return;
    if (s->ref_wrong[at + len] == s->ref_wrong[at]) return;
    int32_t place = s->aligned[at];
    if (place >= (int32_t)start && place < (int32_t)(start + len)) return;
    size_t last = SIZE_MAX;
    for (size_t k = 0; k <= len; k++) { /* behind the word that is aligned with ref[at + k - 1] */
        move m = {start, len, at + k ? (size_t)(s->aligned[at + k - 1] + 1) : 0, 0};
        if (m.target == last) continue;
        last = m.target;
        ++*tried;
        int32_t limit = now - (best->gain > 1 ? best->gain : 1); /* no other is of any use */
        m.gain = now - distance(s, &m, limit);
        if (m.gain > 0 && better(&m, best)) *best = m;
    }
}

/* The best move; its gain is 0 when none saves an edit. */
static move find_move(const space *s, int32_t now, int *tried) {
    move best = {0, 0, 0, 0};
    for (size_t start = 0; start < s->rows; start++) {
        size_t first = start > MOVE_MAX ? start - MOVE_MAX : 0;
        for (size_t at = first; at < s->cols && at <= start + MOVE_MAX; at++)
            for (size_t len = 1; len <= PHRASE_MAX && start + len <= s->rows &&
                                 at + len <= s->cols &&
                                 s->hyp[start + len - 1] == s->ref[at + len - 1];
                 len++) {
                try_phrase(s, &best, start, at, len, now, tried);
                if (*tried >= CANDIDATES_MAX) return best;
            }
    }
    return best;
}

int tt_edits(double *edits, tt_gram_text *hyp, const tt_gram_text *ref, tt_arena *arena) {
    if (!ref->len || !hyp->len) {
        *edits = (double)(ref->len ? ref->len : hyp->len);
        return 0;
    }
    tt_mark start = tt_arena_mark(arena);
    space s = {.rows = hyp->len, .cols = ref->len, .hyp = hyp->symbols, .ref = ref->symbols};
    int rc = make_space(&s, arena), tried = 0;
    for (int moves = 0; !rc; moves++) {
        fill_ahead(&s);
        int32_t now = cell(&s, s.rows, s.cols);
        *edits = (double)moves + (double)now;
        if (!now) break;
        fill_back(&s);
        align(&s);
        move m = find_move(&s, now, &tried);
        if (tried >= CANDIDATES_MAX || m.gain <= 0) break;
        size_t from, to;
        carry(&s, &m, &from, &to);
        memcpy(s.hyp + from, s.moved + from, (to - from) * sizeof *s.hyp);
    }
    tt_arena_rewind(arena, start);
    return rc;
}
