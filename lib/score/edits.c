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
 *
 * Up to 64 words of reference, and lengths less than 24 apart, a row without limits is a pair of
 * words of 64 bits and one step a dozen operations (Myers 1999, Hyyrö 2003). A way of at most 24
 * edits cannot leave the band (it would have to come back), so such a distance is the one wanted,
 * and a greater one is a lower bound. Only what is left goes through the tables above.
 */
#include "score/edits.h"

#include <math.h>
#include <string.h>

enum { PHRASE_MAX = 10, MOVE_MAX = 50, CANDIDATES_MAX = 1000, BEAM = 25, FAR = 1 << 28, SURE = 24 };

/* A row in bits: bit j is what column j + 1 is above (p) or below (m) its neighbour by, to the left
   (across) and in the row above (down). */
typedef struct bits {
    uint64_t across_p, across_m, down_p, down_m;
} bits;

typedef struct space {
    size_t rows, cols;   /* H, R */
    uint32_t *hyp;       /* (H) */
    const uint32_t *ref; /* (R) */
    size_t *low, *high;  /* (H+1): columns low … high-1 of each row are looked at */
    size_t stride;
    int32_t *ahead, *back;             /* (H+1, stride): column j of row i is at j - low[i] + 1 */
    int32_t *least_ahead, *least_back; /* (H+1) */
    bits *quick;                       /* (H+1), or NULL where bits do not do */
    int32_t *last;                     /* (H+1): the last cell of each row */
    uint64_t *same;                    /* (H): the columns with the word */
    uint64_t *moved_same;              /* (H) */
    int tables;                        /* 1: ahead and back are filled */
    int32_t *trial[2];                 /* (stride): rows of a candidate */
    uint32_t *moved;                   /* (H) */
    int32_t *aligned;                /* (R): the hypothesis's position for each of the reference */
    uint32_t *hyp_wrong, *ref_wrong; /* (H+1), (R+1): errors before each position */
} space;

typedef struct move {
    size_t start, len, target;
    int32_t gain;
} move;

static int32_t *row_of(const space *s, int32_t *table, size_t i) { return table + i * s->stride; }

/* The band of each row. Arithmetic in double, as in the definition. */
static int make_tables(space *s, tt_arena *arena) {
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
    for (int k = 0; k < 2; k++) {
        s->trial[k] = tt_arena_alloc(arena, s->stride * sizeof **s->trial);
        if (!s->trial[k]) return TT_ENOMEM;
    }
    return s->ahead && s->back && s->least_ahead && s->least_back ? 0 : TT_ENOMEM;
}

static int make_space(space *s, tt_arena *arena) {
    size_t h = s->rows, r = s->cols;
    s->moved = tt_arena_alloc(arena, (h + 1) * sizeof *s->moved);
    s->hyp_wrong = tt_arena_alloc(arena, (h + 1) * sizeof *s->hyp_wrong);
    s->aligned = tt_arena_alloc(arena, (r + 1) * sizeof *s->aligned);
    s->ref_wrong = tt_arena_alloc(arena, (r + 1) * sizeof *s->ref_wrong);
    if (!s->moved || !s->hyp_wrong || !s->aligned || !s->ref_wrong) return TT_ENOMEM;
    if (r > 64 || h >= r + SURE || r >= h + SURE) return 0;
    s->same = tt_arena_alloc(arena, h * sizeof *s->same);
    s->moved_same = tt_arena_alloc(arena, h * sizeof *s->moved_same);
    s->quick = tt_arena_alloc(arena, (h + 1) * sizeof *s->quick);
    s->last = tt_arena_alloc(arena, (h + 1) * sizeof *s->last);
    if (!s->same || !s->moved_same || !s->quick || !s->last) return TT_ENOMEM;
    for (size_t i = 0; i < h; i++) {
        s->same[i] = 0;
        for (size_t j = 0; j < r; j++) s->same[i] |= (uint64_t)(s->ref[j] == s->hyp[i]) << j;
    }
    s->quick[0] = (bits){.across_p = ~(uint64_t)0};
    s->last[0] = (int32_t)r;
    return 0;
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

/* The row below, for a word that stands in the columns `same`. */
static inline bits next_bits(bits above, uint64_t same) {
    uint64_t p = above.across_p, m = above.across_m;
    uint64_t carried = (((same & p) + p) ^ p) | same;
    bits b = {.down_p = m | ~(carried | p), .down_m = p & carried};
    uint64_t shifted_p = b.down_p << 1 | 1, shifted_m = b.down_m << 1, wrong = same | m;
    b.across_p = shifted_m | ~(wrong | shifted_p);
    b.across_m = shifted_p & wrong;
    return b;
}

static int32_t bit(uint64_t set, size_t at) { return (int32_t)(set >> at & 1); }

/* Rows from + 1 … of all the words. */
static void fill_bits(space *s, size_t from) {
    for (size_t i = from + 1; i <= s->rows; i++) {
        bits row = s->quick[i] = next_bits(s->quick[i - 1], s->same[i - 1]);
        s->last[i] = s->last[i - 1] + bit(row.down_p, s->cols - 1) - bit(row.down_m, s->cols - 1);
    }
}

static int32_t cell(const space *s, size_t i, size_t j) {
    if (!i) return (int32_t)j;
    if (j < s->low[i] || j >= s->high[i]) return FAR;
    return s->ahead[i * s->stride + j - s->low[i] + 1];
}

/* What the cell above (i, j) and the one to the left of that are more than it. */
static void look_up(const space *s, size_t i, size_t j, int32_t *above, int32_t *before) {
    if (s->tables) {
        int32_t here = cell(s, i, j);
        *above = cell(s, i - 1, j) - here;
        *before = j ? cell(s, i - 1, j - 1) - here : FAR;
        return;
    }
    *above = j ? bit(s->quick[i].down_m, j - 1) - bit(s->quick[i].down_p, j - 1) : -1;
    const bits *row = &s->quick[i - 1];
    *before = j ? *above - bit(row->across_p, j - 1) + bit(row->across_m, j - 1) : FAR;
}

/* The alignment of the words as they stand, from its end. */
static void align(space *s) {
    size_t i = s->rows, j = s->cols;
    memset(s->hyp_wrong, 0, (i + 1) * sizeof *s->hyp_wrong);
    memset(s->ref_wrong, 0, (j + 1) * sizeof *s->ref_wrong);
    while (i || j) {
        int wrong = i && j ? s->hyp[i - 1] != s->ref[j - 1] : 1;
        int32_t above = FAR, before = FAR;
        if (i) look_up(s, i, j, &above, &before);
        if (before == -wrong) {
            s->hyp_wrong[i] = s->ref_wrong[j] = (uint32_t)wrong;
            s->aligned[--j] = (int32_t)--i;
        } else if (i && (!j || above == -1)) {
            s->hyp_wrong[i--] = 1;
        } else {
            s->ref_wrong[j] = 1;
            s->aligned[--j] = (int32_t)i - 1;
        }
    }
    for (i = 1; i <= s->rows; i++) s->hyp_wrong[i] += s->hyp_wrong[i - 1];
    for (j = 1; j <= s->cols; j++) s->ref_wrong[j] += s->ref_wrong[j - 1];
}

/* A move lets two neighbouring runs of words change places: from … mid-1 and mid … to-1. */
typedef struct turn {
    size_t from, mid, to;
} turn;

static turn turn_of(const space *s, const move *m) {
    size_t start = m->start, end = start + m->len, t = m->target;
    if (t < start) return (turn){t, start, end};
    size_t stop = t > end ? t : t + m->len; /* a target within the phrase moves it on by as much */
    return (turn){start, end, stop < s->rows ? stop : s->rows};
}

/* The distance after the move without limits, or FAR when it must be above `limit`. */
static int32_t quick_distance(const space *s, turn t, int32_t limit) {
    bits row = s->quick[t.from];
    int32_t last = s->last[t.from];
    size_t shift = s->cols - 1, at = t.mid, end = t.to;
    for (size_t i = t.from; i < s->rows; i++) {
        row = next_bits(row, s->same[at]);
        last += bit(row.down_p, shift) - bit(row.down_m, shift);
        if (++at == end) { /* the other run, then what follows */
            int other = end == t.to && i + 1 < t.to;
            at = other ? t.from : t.to;
            end = other ? t.mid : s->rows;
            if (last - (int32_t)(s->rows - i - 1) > limit) return FAR;
        }
    }
    return last;
}

/* The distance after the move, or FAR if it is above `limit`. */
static int32_t distance(const space *s, const move *m, int32_t limit) {
    turn t = turn_of(s, m);
    if (t.mid == t.to) return FAR; /* to where it is */
    if (s->quick) {
        int32_t least = quick_distance(s, t, limit);
        if (least > limit) return FAR;
        if (least <= SURE) return least;
    }
    if (s->least_ahead[t.from] + s->least_back[t.to] > limit) return FAR;
    const int32_t *row = t.from ? row_of(s, s->ahead, t.from) : NULL;
    size_t second = t.from + (t.to - t.mid); /* where the run that was first is now */
    for (size_t i = t.from; i < t.to; i++) {
        int32_t *next = s->trial[i & 1];
        uint32_t word = s->hyp[i < second ? t.mid + i - t.from : t.from + i - second];
        if (next_row(s, next, row, i + 1, word) + s->least_back[t.to] > limit) return FAR;
        row = next;
    }
    const int32_t *back = row_of(s, s->back, t.to);
    int32_t least = FAR;
    for (size_t k = 1; k <= s->high[t.to] - s->low[t.to]; k++)
        if (row[k] + back[k] < least) least = row[k] + back[k];
    return least <= limit ? least : FAR;
}

/* The words as they stand after the move; the first row that has changed. */
static size_t apply(space *s, const move *m) {
    turn t = turn_of(s, m);
    size_t first = t.mid - t.from, second = t.to - t.mid;
    memcpy(s->moved, s->hyp + t.from, first * sizeof *s->hyp);
    memmove(s->hyp + t.from, s->hyp + t.mid, second * sizeof *s->hyp);
    memcpy(s->hyp + t.from + second, s->moved, first * sizeof *s->hyp);
    if (s->quick) {
        memcpy(s->moved_same, s->same + t.from, first * sizeof *s->same);
        memmove(s->same + t.from, s->same + t.mid, second * sizeof *s->same);
        memcpy(s->same + t.from + second, s->moved_same, first * sizeof *s->same);
    }
    return t.from;
}

/* 1 if a is better than b. More saved, then longer, from nearer the beginning, to nearer the
   beginning. */
static int better(const move *a, const move *b) {
    if (a->gain != b->gain) return a->gain > b->gain;
    if (a->len != b->len) return a->len > b->len;
    if (a->start != b->start) return a->start < b->start;
    return a->target < b->target;
}

/* The phrase of `len` words at hyp[start] and ref[at], to the places where the reference has it. */
static void try_phrase(const space *s, move *best, size_t start, size_t at, size_t len, int32_t now,
                       int *tried) {
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

/* All phrases at hyp[start] that the reference has at ref[at]. */
static void try_pair(const space *s, move *best, size_t start, size_t at, int32_t now, int *tried) {
    for (size_t len = 1; len <= PHRASE_MAX && start + len <= s->rows && at + len <= s->cols &&
                         s->hyp[start + len - 1] == s->ref[at + len - 1] && *tried < CANDIDATES_MAX;
         len++)
        try_phrase(s, best, start, at, len, now, tried);
}

/* The best move; its gain is 0 when none saves an edit. */
static move find_move(const space *s, int32_t now, int *tried) {
    move best = {0, 0, 0, 0};
    for (size_t start = 0; start < s->rows && *tried < CANDIDATES_MAX; start++) {
        size_t at = start > MOVE_MAX ? start - MOVE_MAX : 0, end = start + MOVE_MAX + 1;
        if (end > s->cols) end = s->cols;
        if (s->quick) {
            for (uint64_t same = at < 64 ? s->same[start] >> at : 0; same && at < end;
                 same >>= 1, at++)
                if (same & 1) try_pair(s, &best, start, at, now, tried);
        } else {
            for (; at < end && *tried < CANDIDATES_MAX; at++)
                try_pair(s, &best, start, at, now, tried);
        }
    }
    return best;
}

/* The edits without a move from here on; tables only where bits do not do. */
static int measure(space *s, int32_t *now, size_t from, tt_arena *arena) {
    *now = FAR;
    if (s->quick) {
        fill_bits(s, from);
        *now = s->last[s->rows];
    }
    s->tables = *now > SURE;
    if (!s->tables) return 0;
    if (!s->ahead) TT_TRY(make_tables(s, arena));
    fill_ahead(s);
    fill_back(s);
    *now = cell(s, s->rows, s->cols);
    return 0;
}

int tt_edits(double *edits, tt_symbols *hyp, const tt_symbols *ref, tt_arena *arena) {
    if (!ref->len || !hyp->len) {
        *edits = (double)(ref->len ? ref->len : hyp->len);
        return 0;
    }
    tt_mark start = tt_arena_mark(arena);
    space s = {.rows = hyp->len, .cols = ref->len, .hyp = hyp->symbols, .ref = ref->symbols};
    int rc = make_space(&s, arena), tried = 0;
    size_t changed = 0;
    for (int moves = 0; !rc; moves++) {
        int32_t now;
        rc = measure(&s, &now, changed, arena);
        if (rc) break;
        *edits = (double)moves + (double)now;
        if (!now) break;
        align(&s);
        move m = find_move(&s, now, &tried);
        if (tried >= CANDIDATES_MAX || m.gain <= 0) break;
        changed = apply(&s, &m);
    }
    tt_arena_rewind(arena, start);
    return rc;
}
