/* op.h: the operations a network is made of. Each computes its result at once and, when the run is
 * taped, records its own way back. All follow tensor.h: NULL once the run has failed, and then
 * every later op too, so calls can be chained without looking.
 *
 * Parameters are tensors whose `grad` their owner set (or left NULL: then the way back skips them).
 */
#ifndef TT_OP_H
#define TT_OP_H

#include "base/grams.h"
#include "base/seqs.h"
#include "tensor/tensor.h"

/* y (N, out) = act(x (N, in) wᵀ + b), w (out, in), b (1, out) or NULL. act: TT_ACT_…. */
tt_tensor *tt_op_linear(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, int act);

/* y = base + dropout(x) of probability p (Srivastava et al. 2014); base may be NULL. Same shapes.
 */
tt_tensor *tt_op_residual(tt_run *run, tt_tensor *base, tt_tensor *x, float p);

/* y = layer normalisation of each row of x (N, D), with gain and bias (1, D). */
tt_tensor *tt_op_norm(tt_run *run, tt_tensor *x, tt_tensor *gain, tt_tensor *bias, float eps);

/* y = each row of x (N, D) by its root mean square, times gain (1, D). */
tt_tensor *tt_op_rms(tt_run *run, tt_tensor *x, tt_tensor *gain, float eps);

/* y = s x. */
tt_tensor *tt_op_scale(tt_run *run, tt_tensor *x, float s);

/* y (N, F) = act(a) ∘ b of z (N, 2F) = [a | b]. act: TT_ACT_…. */
tt_tensor *tt_op_glu(tt_run *run, tt_tensor *z, int act);

/* y (n, D) = scale table[ids[i]] + positions[pos[i]]; table (V, D), positions (…, D) or NULL for
   none, ids and pos (n). A negative id gives the position alone (the first input of a decoder). ids
   and pos must live until the run is reset. */
tt_tensor *tt_op_embed(tt_run *run, tt_tensor *table, tt_tensor *positions, const int32_t *ids,
                       const int32_t *pos, int n, float scale);

/* y (n, D) = the mean of the rows of table (TT_GRAM_ROWS, D) that piece ids[i] is made of; zeros
   for a negative id. ids and grams must live until the run is reset. */
tt_tensor *tt_op_grams(tt_run *run, tt_tensor *table, const tt_grams *grams, const int32_t *ids,
                       int n);

/* y (n, D) = s x + positions[pos[i]], as tt_op_embed has them. */
tt_tensor *tt_op_place(tt_run *run, tt_tensor *x, tt_tensor *positions, const int32_t *pos,
                       float s);

/* Who attends to whom: query rows q_off[b] … q_off[b+1]-1 to key rows k_off[b] … k_off[b+1]-1.
   causal: query i of a sentence sees its keys 0 … i. Borrowed until the run is reset. */
typedef struct tt_spans {
    int count;
    const int32_t *q_off, *k_off; /* (B+1) */
    bool causal;
    int first; /* the place of each sentence's first query: 0, but where a decoder is trained step
                  by step */
} tt_spans;

/* Columns first … first+D-1 of a tensor: query, key and value come out of joint products. */
typedef struct tt_part {
    tt_tensor *of;
    int first;
} tt_part;

/* Scaled dot-product attention of H heads (Vaswani et al. 2017): softmax(q kᵀ / √K) v, with dropout
   p on the weights. bias: NULL, or (H, 2 L - 1), L at least the longest text: what is added to a
   score of distance j - i stands in column L - 1 + j - i. D = H K; q (Nq, D), k and v (Nk, D),
   result (Nq, D). Together, q, k and v must cover every column of the tensors they are parts of.
   maps: NULL, or where the weights go, sentence after sentence as (H, T, S). */
tt_tensor *tt_op_attend(tt_run *run, tt_part q, tt_part k, tt_part v, tt_tensor *bias, int d,
                        int heads, const tt_spans *spans, float p, float *maps);

/* What a head of attention to a text learns beside: for query row i the keys at at[off[i]] …
   at[off[i+1]-1] of its sentence, all alike; a row without keys learns nothing. */
typedef struct tt_guide {
    int layer, head;
    const int32_t *off, *at; /* (Nq+1), (off[Nq]) */
    float weight;            /* of its loss */
    int cost;                /* TT_GUIDE_… (ttrans/learning.h) */
} tt_guide;

/* Adds to the run's guide_loss how unevenly heads of scaled dot-product attention, over all keys,
   look at a text: `by` times (1 - Σ_i a_ij)² of each key; and its gradient to q and k. */
void tt_op_even(tt_run *run, tt_part q, tt_part k, int heads, int width, const tt_spans *spans,
                float by);

/* Adds the loss of a head's weights against the guide to the run's guide_loss, and its gradient to
   q and k of tt_op_attend, which comes before (op_guide.c). Without a tape nothing. */
void tt_op_guide(tt_run *run, tt_part q, tt_part k, int width, const tt_spans *spans,
                 const tt_guide *guide);

/* tt_op_attend for one query row a hypothesis, against stored rows (decoding; never taped). Row r
   attends to n[r] rows of keys: rows[r] lists them, or, where it or rows is NULL, they are
   first[r], first[r]+1, …. k and v point at row 0, rows of D floats, or, if halved, of words as
   keep16 makes them (kernel.h); ld and v_ld of them lie from row to row, as many for both here.
   bias: NULL, or as above, the query being the last of its keys.
   maps: NULL, or row r's weights go to maps[r], if that is not NULL, as (H, n[r]). */
typedef struct tt_reads {
    const void *k, *v;
    bool halved;
    ptrdiff_t ld, v_ld;
    const int32_t *const *rows;
    const int32_t *first, *n;
    const int32_t *text; /* (rows): keys of the text, where the n are mixtures of them; or NULL */
} tt_reads;
tt_tensor *tt_op_attend_rows(tt_run *run, tt_part q, const tt_tensor *bias, int d, int heads,
                             const tt_reads *reads, float *const *maps);

/* The simpler simple recurrent unit (Kim et al. 2019), over z (N, 2D) = [x̃ | g], sequence by
   sequence, off (count+1):
     c_t = σ(g_t) ∘ c_{t-1} + (1 - σ(g_t)) ∘ x̃_t,   y_t = max(c_t, 0),   c before the first is 0.
       y (N, D). */
tt_tensor *tt_op_ssru(tt_run *run, tt_tensor *z, int count, const int32_t *off);

/* y_t = (x_0 + … + x_t) / (t + 1) in each sequence: average attention (Zhang et al. 2018). x, y (N,
 * D). */
tt_tensor *tt_op_average(tt_run *run, tt_tensor *x, int count, const int32_t *off);

/* y = σ(a) ∘ x + σ(b) ∘ z; all (N, D). */
tt_tensor *tt_op_gate(tt_run *run, tt_tensor *a, tt_tensor *x, tt_tensor *b, tt_tensor *z);

/* One step of the two recurrences for decoding (never taped): the state (rows, D) of row r after
   the step goes to after[r], from that of row parent[r] before it; before NULL: the first step.
   step: steps so far. */
tt_tensor *tt_op_ssru_rows(tt_run *run, tt_tensor *z, const float *before, const int32_t *parent,
                           float *after);
tt_tensor *tt_op_average_rows(tt_run *run, tt_tensor *x, const float *before, const int32_t *parent,
                              float *after, int step);

/* y = tanh x, of n numbers and as an op. */
void tt_tanh(const tt_kernels *k, float *y, const float *x, size_t n);
tt_tensor *tt_op_tanh(tt_run *run, tt_tensor *x);

/* y = act(x); act: TANH, RELU or SIGMOID. */
tt_tensor *tt_op_act(tt_run *run, tt_tensor *x, int act);

/* Row i of y (count, D) is row at[i] of x. at lives until the run is reset. */
tt_tensor *tt_op_pick(tt_run *run, tt_tensor *x, const int32_t *at, int count);

/* y (rows, D), whose row at[i][r] is row r of x[i]; together they name every row once. Arrays live
 * until the run is reset. */
tt_tensor *tt_op_join(tt_run *run, tt_tensor *const *x, const int32_t *const *at, int count,
                      int rows);

/* y (N, D), y_i = max(x_2i, x_2i+1) of x (N, 2D) (Goodfellow et al. 2013). */
tt_tensor *tt_op_maxout(tt_run *run, tt_tensor *x);

/* y (N, wide_a + wide_b): columns of a's part, then columns of b's. */
tt_tensor *tt_op_beside(tt_run *run, tt_part a, int wide_a, tt_part b, int wide_b);

/* Two texts that look at each other (op_coattend.c): h (N, D) of count pairs, rows off (2 count +
   1) of X and Y by turns; p = X Wb, and what is not X's is not read, y = Y in Y's rows, u = [X Wx;
   Y Wy], all (N, D). map: NULL, or where C = tanh(P Yᵀ) of each pair goes, (S1, S2). */
tt_tensor *tt_op_coattend(tt_run *run, tt_tensor *p, tt_tensor *y, tt_tensor *u, int count,
                          const int32_t *off, float *map);

/* e (N, 1) = v tanh(W x + b) of each row of x (N, D): its score in a blend. b: or NULL. */
tt_tensor *tt_op_worth(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, tt_tensor *v);

/* y_i = Σ_l a_il x_l,i over count tensors (N, D), a_i = softmax over l of e_l,i (N, 1). weights:
   NULL, or where a goes (N, count). */
tt_tensor *tt_op_blend(tt_run *run, tt_tensor *const *x, tt_tensor *const *e, int count,
                       float *weights);

/* Row i of each of count texts, off (count+1), times 1 + n a_i, a = softmax(e) over its n rows; e
   (N, 1). weights: NULL, or where a goes (N). */
tt_tensor *tt_op_emphasise(tt_run *run, tt_tensor *x, tt_tensor *e, int count, const int32_t *off,
                           float *weights);

/* The sums of a loss over rows. */
typedef struct tt_loss {
    double loss;   /* label-smoothed cross-entropy, nats */
    double nll;    /* -log p(gold), nats */
    int64_t count; /* rows */
    double weight; /* Σ of the rows' weights, by which both sums are weighted */
} tt_loss;

/* Cross-entropy of softmax(x wᵀ + b) against gold (N), with label smoothing; x (N, D), w (V, D), b
   (1, V) or NULL. Works in blocks of rows, so the logits of all N rows never stand in memory; when
   taped the gradients of the summed loss are computed in the same pass. Adds to *out. nll: NULL, or
   (N) -log p(gold). */
void tt_op_xent(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, const int32_t *gold,
                float smoothing, tt_loss *out, float *nll);

/* The same for two kinds of rows, of the same tokens: x (N, D), w (V, D), b (1, V). both: two
   passes of one model, which both learn; else the other is a teacher's, of any width, and does not.
   weight: of what the two say of each other (op_pair.c). */
typedef struct tt_rated {
    tt_tensor *x, *w, *b;
} tt_rated;
void tt_op_xent_pair(tt_run *run, const tt_rated *one, const tt_rated *other, bool both,
                     const int32_t *gold, float smoothing, float weight, tt_loss *out);

/* The same over a sample of the outputs (Jean et al. 2015): the classes that are gold in these N
   rows, and output v with probability chance[v] (V), 0 < chance <= 1, each drawn by itself under
   the run's next key. An output drawn stands for 1/chance of its kind, so the sum below the softmax
   is right in the mean. Adds to *out; both sums of the loss are then those of the sample. */
void tt_op_xent_sampled(tt_run *run, tt_tensor *x, tt_tensor *w, tt_tensor *b, const int32_t *gold,
                        float smoothing, const float *chance, tt_loss *out);

#endif
