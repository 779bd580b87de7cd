/* attend.h: attention as alignment × distribution × reach, each a row of a family (align.h, dist.h,
 * reach.h):
 *
 *     e_ij = align(q_i, k_j)   for the keys j that the reach lets query i see
 *     a_i  = distribution(e_i) over them; 0 for the others
 *     o_i  = Σ_j a_ij v_j
 *
 * for each of H heads of width K. One text of scores and weights (groups.h) serves whole sequences
 * (attend_whole.c) and the steps of decoding (attend_step.c). Triples that have a fused text of
 * their own use that one; scaled-dot, softmax, global is tt_op_attend.
 *
 *     tt_attend a = {align, dist, reach, heads, width, site, dropout, longest};
 *     tt_attend_params(&a, &par, d);  // declares what the rows learn
 *     tt_part k = tt_attend_key(run, &a, &par, keys);  // what is kept of a key
 *     y = tt_attend_whole(run, &a, &par, q, k, v, &spans, maps);                  // or
 *     y = tt_attend_step(run, &a, &par, q, &reads, positions, maps);
 */
#ifndef TT_ATTENTION_ATTEND_H
#define TT_ATTENTION_ATTEND_H

#include "base/pick.h"
#include "tensor/op.h"
#include "tensor/param.h"

/* Where attention stands: states of a text to each other; of a decoder to those before; of a
 * decoder to the text. */
enum { TT_SITE_ENC, TT_SITE_DEC, TT_SITE_CROSS, TT_SITES };
enum {
    TT_AT_ENC = 1 << TT_SITE_ENC,
    TT_AT_DEC = 1 << TT_SITE_DEC,
    TT_AT_CROSS = 1 << TT_SITE_CROSS
};
enum { TT_AT_SELF = TT_AT_ENC | TT_AT_DEC, TT_AT_ALL = TT_AT_SELF | TT_AT_CROSS };

/* What the numbers of a map are: rows of the family `map`, in this order. From CENTRE on, a number
 * a query in column 0. */
extern const tt_family tt_family_map;
enum { TT_TELL_WEIGHTS, TT_TELL_SCORES, TT_TELL_SCALED, TT_TELL_CENTRE, TT_TELL_SPAN };
typedef struct tt_tell {
    int what;    /* TT_TELL_… */
    int feature; /* weights of this number of a value alone, from 1, where each has its own
                    (each.c); 0: their mean */
} tt_tell;

typedef struct tt_attend {
    tt_pick align, dist, reach;
    int heads, width; /* H, K */
    int site;
    float drop;  /* dropout of weights */
    int longest; /* tokens of a sentence */
    const struct tt_position
        *place;           /* of self-attention: how it knows places (position.h); or NULL */
    bool last;            /* a row says its own token alone, for nothing stands above */
    tt_tell told;         /* what maps are of */
    const int32_t *order; /* (B): which sentence of the batch each one is; NULL: in order */
} tt_attend;

enum { TT_ATTEND_PARAMS = 6 };
/* What the rows learn, in the order of their declarations. */
typedef struct tt_attend_par {
    tt_tensor align[TT_ATTEND_PARAMS], dist[TT_ATTEND_PARAMS], reach[TT_ATTEND_PARAMS];
    tt_tensor place[1];
} tt_attend_par;

/* Rows of the three families begin so: where they may stand. */
typedef struct tt_attend_row {
    tt_row row;
    unsigned sites; /* TT_AT_… */
} tt_attend_row;

/* The families. Their rows are tt_align, tt_dist and tt_reach. */
extern const tt_family tt_family_align, tt_family_distribution, tt_family_reach;

/* TT_ECONFIG where rows may not stand at the site or not together; the message says a way out. */
int tt_attend_check(const tt_attend *a, tt_err *e);

/* Whether the triple has a fused text: then keys are kept as they are, and 16 bits a number will
 * do. */
bool tt_attend_is_fused(const tt_attend *a);

/* Whether the weights of a query are not negative and sum to 1. */
bool tt_attend_is_probability(const tt_attend *a);

/* Whether what a head sees depends on its number. */
bool tt_attend_is_numbered(const tt_attend *a);

void tt_attend_params(const tt_attend *a, tt_attend_par *par, tt_declare *d);

/* Floats of all heads that are kept of a key. Of a value it is H K. */
int tt_attend_key_width(const tt_attend *a);

/* Mixes keys and values of sentences off (count+1) where the reach looks at mixtures, before
 * tt_attend_key. Returns the rows of each sentence then, off itself where nothing is mixed; NULL
 * once the run has failed. */
const int32_t *tt_attend_mix(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part *k,
                             tt_part *v, int count, const int32_t *off);

/* Where keys stand: those of whole sentences; or in a step of decoding the next key of each row's
 * sentence, and what is kept of those before, among `before`'s n[r] keys, of which the last is this
 * one's. */
typedef struct tt_key_rows {
    int count;
    const int32_t *off; /* (count+1), of mixtures where keys are those */
    const tt_reads *before;
} tt_key_rows;

/* What is kept of keys (N, H K). */
tt_part tt_attend_key(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part k,
                      const tt_key_rows *rows);

/* Whether maps can be of this at the row's site: TT_TELL_…. */
bool tt_attend_tells(const tt_attend *a, int told);

/* Numbers of a value that have weights of their own; 0: all have the same. */
int tt_attend_features(const tt_attend *a);

/* Whether it has random features that are not learned (param.h). */
bool tt_attend_has_features(const tt_attend *a);

/* Whether draws learn from the losses of rows (tt_run). */
bool tt_attend_draws(const tt_attend *a);

/* Whether a normalisation must follow. */
bool tt_attend_needs_norm(const tt_attend *a);

/* Whole sequences: q (Nq, H K), k as tt_attend_key made it, v (Nk, H K), to (Nq, H K). maps: NULL,
   or where the weights go, sentence after sentence as (H, T, S). spans tell of the text, whose
   mixtures k and v may be. */
tt_tensor *tt_attend_whole(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                           tt_part k, tt_part v, const tt_spans *spans, float *maps);

/* One query row a hypothesis against kept keys and values. position (rows): of each query in its
   sentence. maps: NULL, or where row r's weights go, (H, S), if maps[r] is not NULL. */
tt_tensor *tt_attend_step(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                          const tt_reads *reads, const int32_t *position, float *const *maps);

#endif
