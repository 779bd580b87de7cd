/* subwords.c: see subwords.h. Pieces are found in a trie of their bytes. Where no piece has the
 * mark of a blank behind another character, words are cut one by one: their cuts are independent,
 * so the distribution is that of the whole text.
 */
#include "text/subwords.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { BEST_MOST = 512, MARK = 3 /* bytes of U+2581 */ };

struct node {
    int32_t child, next; /* the first child, the next one of the same parent; 0: none */
    int32_t id;          /* of the piece that ends here; -1: none does */
    unsigned char byte;
};

/* What a row works on: one text, and where its cut goes. */
struct cutting {
    const tt_subwords *s;
    const char *text;
    size_t len;
    uint64_t key;
    int32_t *out; /* room for a piece a byte */
    size_t n;
    tt_arena *a;
};

typedef struct tt_cutter {
    tt_row row;
    /* Leaves n 0 where it finds no cut. */
    int (*cut)(struct cutting *c, tt_err *e);
    int bpe; /* the kind of vocabulary it is for */
} tt_cutter;

struct tt_subwords {
    tt_pick pick;
    const tt_cutter *cutter;
    const tt_vocab *vocab;
    struct node *node; /* node 0 is the root; owned */
    size_t nodes, room;
    int32_t first[256]; /* children of the root */
    size_t longest;     /* bytes of a piece */
    int by_word;
};

static int no_memory(tt_err *e) { return tt_fail(e, TT_ENOMEM, "out of memory for sub-words"); }

/* ---- the trie ------------------------------------------------------------------------------ */

static int32_t step(const tt_subwords *s, int32_t at, unsigned char byte) {
    if (!at) return s->first[byte];
    int32_t i = s->node[at].child;
    while (i && s->node[i].byte != byte) i = s->node[i].next;
    return i;
}

static int32_t add_node(tt_subwords *s, int32_t at, unsigned char byte) {
    if (s->nodes == s->room) {
        const size_t room = 2 * s->room + 4096;
        struct node *more = realloc(s->node, room * sizeof *more);
        if (!more) return 0;
        s->node = more;
        s->room = room;
    }
    const int32_t i = (int32_t)s->nodes++;
    s->node[i] = (struct node){.id = -1, .byte = byte};
    if (!at) return s->first[byte] = i;
    s->node[i].next = s->node[at].child;
    s->node[at].child = i;
    return i;
}

static int add_piece(tt_subwords *s, const char *piece, size_t len, int32_t id) {
    int32_t at = 0;
    for (size_t i = 0; i < len; i++) {
        const int32_t next = step(s, at, (unsigned char)piece[i]);
        at = next ? next : add_node(s, at, (unsigned char)piece[i]);
        if (!at) return 0;
    }
    if (len) s->node[at].id = id;
    return 1;
}

static bool is_mark(const char *text, size_t len) {
    return len >= MARK && !memcmp(text, "\xe2\x96\x81", MARK);
}

/* Has the piece a blank behind another character? */
static int spans_words(const char *piece, size_t len) {
    for (size_t i = 1; i < len; i++)
        if (is_mark(piece + i, len - i)) return 1;
    return 0;
}

static int fill_trie(tt_subwords *s) {
    s->by_word = 1;
    if (!add_node(s, 0, 0) && !s->node) return 0; /* the root: number 0 is no child */
    s->first[0] = 0;
    for (int32_t id = 0; id < tt_vocab_size(s->vocab); id++) {
        size_t len;
        const char *piece = tt_vocab_piece_at(s->vocab, id, &len);
        if (!tt_vocab_is_usual(s->vocab, id)) continue;
        if (!add_piece(s, piece, len, id)) return 0;
        if (spans_words(piece, len)) s->by_word = 0;
        if (len > s->longest) s->longest = len;
    }
    return 1;
}

/* The piece of these bytes; -1: there is none. */
static int32_t find(const tt_subwords *s, const char *text, size_t len) {
    int32_t at = 0;
    for (size_t i = 0; i < len; i++)
        if (!(at = step(s, at, (unsigned char)text[i]))) return -1;
    return len ? s->node[at].id : -1;
}

/* ---- unigram: all cuts --------------------------------------------------------------------- */

/* log(exp(a) + exp(b)) */
static double log_add(double a, double b) {
    if (a < b) return log_add(b, a);
    return b == -INFINITY ? a : a + log1p(exp(b - a));
}

/* Sums of what leads to each place, forward; then pieces are drawn from the end on. */
static int cut_lattice(struct cutting *c, tt_err *e) {
    const tt_subwords *s = c->s;
    const double alpha = s->pick.set[0];
    double *sum = tt_arena_alloc(c->a, (c->len + 1) * sizeof *sum);
    if (!sum) return no_memory(e);
    for (size_t i = 0; i <= c->len; i++) sum[i] = i ? -INFINITY : 0;
    for (size_t i = 0; i < c->len; i++) {
        if (sum[i] == -INFINITY) continue;
        int32_t at = 0;
        for (size_t j = i; j < c->len && (at = step(s, at, (unsigned char)c->text[j])) != 0; j++) {
            const int32_t id = s->node[at].id;
            if (id < 0) continue;
            sum[j + 1] = log_add(sum[j + 1], sum[i] + alpha * (double)tt_vocab_score(s->vocab, id));
        }
    }
    if (sum[c->len] == -INFINITY) return 0;
    for (size_t end = c->len; end;) {
        double u = tt_rand_unit(c->key, c->n);
        size_t at = end;
        for (size_t begin = end; begin && u >= 0 && end - begin < s->longest;) {
            if (sum[--begin] == -INFINITY) continue;
            const int32_t id = find(s, c->text + begin, end - begin);
            if (id < 0) continue;
            c->out[c->n] = id;
            at = begin;
            u -= exp(sum[begin] + alpha * (double)tt_vocab_score(s->vocab, id) - sum[end]);
        }
        c->n++;
        end = at;
    }
    for (size_t i = 0; i < c->n / 2; i++) {
        const int32_t t = c->out[i];
        c->out[i] = c->out[c->n - 1 - i];
        c->out[c->n - 1 - i] = t;
    }
    return 0;
}

/* ---- unigram: the best cuts ---------------------------------------------------------------- */

/* A way to a place: its score, the piece it ends with, and the way before that. */
struct way {
    double score;
    int32_t id, rank;
    size_t from;
};

/* Into the list of at most `most` ways, best first; of equals the first stays before. */
static void add_way(struct way *list, int *n, int most, const struct way *w) {
    int i = *n;
    if (i == most && !(w->score > list[i - 1].score)) return;
    if (i == most) i--;
    else ++*n;
    for (; i && w->score > list[i - 1].score; i--) list[i] = list[i - 1];
    list[i] = *w;
}

static int cut_best(struct cutting *c, tt_err *e) {
    const tt_subwords *s = c->s;
    const int most = (int)s->pick.set[1];
    struct way *ways = tt_arena_alloc(c->a, (c->len + 1) * (size_t)most * sizeof *ways);
    int *n = tt_arena_zero(c->a, (c->len + 1) * sizeof *n);
    if (!ways || !n) return no_memory(e);
    ways[0] = (struct way){0};
    n[0] = 1;
    for (size_t i = 0; i < c->len; i++) {
        int32_t at = 0;
        if (!n[i]) continue;
        for (size_t j = i; j < c->len && (at = step(s, at, (unsigned char)c->text[j])) != 0; j++) {
            const int32_t id = s->node[at].id;
            if (id < 0) continue;
            struct way *list = ways + (j + 1) * (size_t)most;
            for (int r = 0; r < n[i]; r++) {
                const struct way w = {ways[i * (size_t)most + (size_t)r].score +
                                          (double)tt_vocab_score(s->vocab, id),
                                      id, r, i};
                add_way(list, &n[j + 1], most, &w);
            }
        }
    }
    if (!n[c->len]) return 0;
    const struct way *end = ways + c->len * (size_t)most;
    double all = 0, u;
    for (int r = 0; r < n[c->len]; r++) all += exp(s->pick.set[0] * (end[r].score - end[0].score));
    u = tt_rand_unit(c->key, 0) * all;
    int rank = 0;
    while (rank + 1 < n[c->len] &&
           (u -= exp(s->pick.set[0] * (end[rank].score - end[0].score))) >= 0)
        rank++;
    size_t pieces = 0;
    for (size_t at = c->len, r = (size_t)rank; at; pieces++) {
        const struct way *w = &ways[at * (size_t)most + r];
        at = w->from;
        r = (size_t)w->rank;
    }
    c->n = pieces;
    for (size_t at = c->len, r = (size_t)rank; at;) {
        const struct way *w = &ways[at * (size_t)most + r];
        c->out[--pieces] = w->id;
        at = w->from;
        r = (size_t)w->rank;
    }
    return 0;
}

static int cut_unigram(struct cutting *c, tt_err *e) {
    return c->s->pick.set[1] > 0 ? cut_best(c, e) : cut_lattice(c, e);
}

/* ---- byte-pair encoding -------------------------------------------------------------------- */

struct symbol {
    size_t at, len;
    int32_t with; /* the piece of this symbol and the next; -1: none */
};

static void join_next(const struct cutting *c, struct symbol *x, size_t i, size_t n) {
    x[i].with = i + 1 < n ? find(c->s, c->text + x[i].at, x[i].len + x[i + 1].len) : -1;
}

/* Characters, of which the best pair that is not left out is merged, again and again. */
static int cut_merges(struct cutting *c, tt_err *e) {
    const double p = c->s->pick.set[0];
    struct symbol *x = tt_arena_alloc(c->a, c->len * sizeof *x);
    size_t n = 0;
    uint64_t drawn = 0;
    if (!x) return no_memory(e);
    for (size_t at = 0; at < c->len; n++) {
        size_t len = 1;
        while (at + len < c->len && ((unsigned char)c->text[at + len] & 0xc0) == 0x80) len++;
        x[n] = (struct symbol){at, len, -1};
        at += len;
    }
    for (size_t i = 0; i < n; i++) join_next(c, x, i, n);
    for (;;) {
        size_t best = n;
        for (size_t i = 0; i < n; i++) {
            if (x[i].with < 0 || tt_rand_unit(c->key, drawn++) < p) continue;
            if (best == n ||
                tt_vocab_score(c->s->vocab, x[i].with) > tt_vocab_score(c->s->vocab, x[best].with))
                best = i;
        }
        if (best == n) break;
        x[best].len += x[best + 1].len;
        memmove(x + best + 1, x + best + 2, (n - best - 2) * sizeof *x);
        n--;
        join_next(c, x, best, n);
        if (best) join_next(c, x, best - 1, n);
    }
    for (size_t i = 0; i < n; i++) {
        c->out[i] = find(c->s, c->text + x[i].at, x[i].len);
        if (c->out[i] < 0) return 0;
    }
    c->n = n;
    return 0;
}

/* ---- the family ---------------------------------------------------------------------------- */

static const tt_setting unigram_settings[] = {
    {"alpha", "how much the likelier cut is drawn more often: 0 all alike", 0.1, 0, 1000, 0, NULL},
    {"nbest", "cuts of a text that are drawn from; 0: all", 0, 0, BEST_MOST, 1, NULL},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

static const tt_setting dropout_settings[] = {
    {"p", "chance that a merge is left out in a step", 0.1, 0, 1, 0, NULL},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

static const tt_cutter rows[] = {
    {{"best", "as the vocabulary cuts it, always the same", NULL, NULL}, NULL, 0},
    {{"unigram", "cuts drawn by the pieces' probabilities", "Kudo 2018", unigram_settings},
     cut_unigram,
     0},
    {{"bpe-dropout", "merges left out by chance", "Provilkov et al. 2020", dropout_settings},
     cut_merges,
     1}};

TT_FAMILY_ROWS(rows)
const tt_family tt_family_subwords = {"subwords", "how training text is cut into pieces", row_at};

int tt_subwords_open(tt_subwords **out, const char *row, const tt_vocab *v, tt_err *e) {
    tt_pick pick;
    *out = NULL;
    TT_TRY(tt_pick_read(&pick, &tt_family_subwords, row, e));
    const tt_cutter *cutter = (const tt_cutter *)pick.row;
    if (!cutter->cut) return 0;
    if (tt_vocab_is_bpe(v) != cutter->bpe || !tt_vocab_is_spm(v))
        return tt_fail(e, TT_ECONFIG, "%s draws cuts of a %s vocabulary, and this one is %s",
                       pick.row->name, cutter->bpe ? "BPE" : "unigram",
                       !tt_vocab_is_spm(v) ? "not SentencePiece's"
                       : cutter->bpe       ? "unigram; take unigram"
                                           : "BPE; take bpe-dropout");
    tt_subwords *s = calloc(1, sizeof *s);
    if (s) {
        s->pick = pick;
        s->cutter = cutter;
        s->vocab = v;
    }
    if (!s || !fill_trie(s)) {
        tt_subwords_close(s);
        return no_memory(e);
    }
    *out = s;
    return 0;
}

void tt_subwords_close(tt_subwords *s) {
    if (s) free(s->node);
    free(s);
}

/* ---- a text -------------------------------------------------------------------------------- */

/* The ids from `begin` on that are cut together. */
static size_t run_length(const tt_subwords *s, const int32_t *ids, size_t n, size_t begin) {
    const int by_word = s->by_word && !(s->cutter->cut == cut_unigram && s->pick.set[1] > 0);
    size_t i = begin, len;
    for (; i < n && tt_vocab_is_usual(s->vocab, ids[i]); i++) {
        const char *piece = tt_vocab_piece_at(s->vocab, ids[i], &len);
        if (by_word && i > begin && is_mark(piece, len)) break;
    }
    return i - begin;
}

static int cut_run(const tt_subwords *s, const int32_t *ids, size_t n, uint64_t key, tt_arena *a,
                   int32_t *out, size_t *count, tt_err *e) {
    size_t bytes = 0, len;
    for (size_t i = 0; i < n; i++) {
        tt_vocab_piece_at(s->vocab, ids[i], &len);
        bytes += len;
    }
    char *text = tt_arena_alloc(a, bytes + 1);
    struct cutting c = {.s = s, .text = text, .len = bytes, .key = key, .out = out, .a = a};
    if (!text) return no_memory(e);
    for (size_t i = 0, at = 0; i < n; i++, at += len) {
        const char *piece = tt_vocab_piece_at(s->vocab, ids[i], &len);
        memcpy(text + at, piece, len);
    }
    TT_TRY(s->cutter->cut(&c, e));
    if (!c.n) memcpy(out, ids, n * sizeof *ids); /* as it was */
    *count = c.n ? c.n : n;
    return 0;
}

int tt_subwords_cut(const tt_subwords *s, const int32_t *ids, size_t n, uint64_t key, tt_arena *a,
                    int32_t **cut, size_t *count, tt_err *e) {
    size_t room = n, len;
    for (size_t i = 0; i < n; i++)
        if (tt_vocab_is_usual(s->vocab, ids[i])) {
            tt_vocab_piece_at(s->vocab, ids[i], &len);
            room += len;
        }
    *cut = tt_arena_alloc(a, room * sizeof **cut);
    if (!*cut) return no_memory(e);
    *count = 0;
    for (size_t i = 0; i < n;) {
        size_t run = run_length(s, ids, n, i), made = 1;
        if (run) TT_TRY(cut_run(s, ids + i, run, tt_key(key, i), a, *cut + *count, &made, e));
        else (*cut)[*count] = ids[i], run = 1;
        *count += made;
        i += run;
    }
    return 0;
}
