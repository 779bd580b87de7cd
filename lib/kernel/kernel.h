/* kernel.h: the arithmetic, one table of functions an instruction set.
 *
 *     tt_kernels k;
 *     if (tt_kernels_init(&k, getenv("TTRANS_ISA"), &e)) …   // NULL: the best this CPU has
 *     k.gemm(c, n, a, k_, 1, b, n, 1, TT_GEMM_SET, NULL, m, n, k_, work);
 *
 * Kernels know pointers and sizes, nothing else; each runs on the caller's thread alone. The plain C
 * version (gemm_c.c, vec_c.c, row_c.c) is the definition, and EVERY slot is exact: an instruction set gives
 * the same bits as plain C, finite or not (which NaN is not said). What makes that possible:
 *
 *   - a product is one chain a element: c = fma(a[k], b[k], c) for k = 0, 1, 2, …, from its initial
 *     value; blocking never changes it, so a row's result depends on no other row and on no M, N;
 *   - a sum or a dot product over a row runs in 16 lanes: element i goes to lane i % 16, each lane
 *     from +0 in rising order, and the lanes are joined as halves: l[j] + l[j+8] for j < 8, then
 *     j+4, j+2, j+1. A maximum is joined likewise with `x > max ? x : max`, from -infinity;
 *   - exp and erf (math.inc) and log (log_one.h) are polynomials written here, never libm's;
 *   - -ffp-contract=off everywhere.
 *
 * Pointers need only the alignment of their type. Sizes may be 0. `ld…` and strides count elements.
 * Outputs may not overlap inputs unless a slot says so.
 */
#ifndef TT_KERNEL_H
#define TT_KERNEL_H

#include <stdint.h>

#include "base/err.h"
#include "base/pick.h"

enum { TT_GEMM_SET, TT_GEMM_ADD }; /* start from 0 (or the bias), or from what C holds */

/* What may follow a product: id, name, help, source. A new one also gets its
   function and slope in math.inc. */
#define TT_ACTIVATIONS(X)                                                                          \
    X(NONE, "none", "x", NULL)                                                                     \
    X(RELU, "relu", "max(x, 0)", "Nair and Hinton 2010")                                           \
    X(GELU, "gelu", "x Φ(x), Φ the normal distribution", "Hendrycks and Gimpel 2016")              \
    X(SWISH, "swish", "x σ(x), also called SiLU", "Ramachandran et al. 2017")                      \
    X(GELU_TANH, "gelu-tanh", "gelu by way of tanh", "Hendrycks and Gimpel 2016")                  \
    X(GELU_SIGMOID, "gelu-sigmoid", "x σ(1.702 x)", "Hendrycks and Gimpel 2016")

#define TT_ACT_ID_(id, name, help, source) TT_ACT_##id,
enum {
    TT_ACTIVATIONS(TT_ACT_ID_) TT_ACT_SIGMOID,
    TT_ACT_TANH /* of gates and hidden layers; not among those to choose */,
    TT_ACT_COUNT
};
#undef TT_ACT_ID_

enum { TT_GEMM_WORK = 1 << 20 }; /* floats of scratch that gemm needs, 64-byte aligned */
#define TT_WORDS16(width)                                                                          \
    (((size_t)(width) + 31) / 32 * 16)            /* 32-bit words of a head kept in 16 bits */
enum { TT_K8_MAX = 132104 };                      /* 127 * 128 K stays below 2^31 */
#define TT_ROW8(k) (((size_t)(k) + 63) / 64 * 64) /* bytes from row to row of 8-bit numbers */

typedef void tt_gemm_fn(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t a_row, ptrdiff_t a_col,
                        const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int how,
                        const float *bias, int m, int n, int k, float *work);

typedef struct tt_kernels {
    const char *name; /* of the highest level in it: see tt_kernels_init */

    /* ---- products ------------------------------------------------------------------------- */

    /* C(M,N) = start + A(M,K) B(K,N), A's element (m,k) at a[m*a_row + k*a_col], B's (k,n) at
       b[k*b_row + n*b_col] (so a transposed operand is a swap of strides; fast when one of each
       pair is 1). start: bias[n] (0 without bias) for SET, C for ADD (bias then NULL). `work`:
       TT_GEMM_WORK floats. */
    tt_gemm_fn *gemm;

    /* The same with B packed beforehand, C = act(bias + A B), A's rows `lda` apart and dense: the product
       of decoding, where B is a weight matrix and M small. `pack` fills `dst` of pack_size(n, k)
       floats, 64-byte aligned. The sums are gemm's, bit for bit. `unpack` gives column j (K) of B back. */
    size_t (*pack_size)(int n, int k);
    void (*pack)(float *dst, const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int n, int k);
    void (*unpack)(float *column, const float *packed, int j, int n, int k);
    void (*gemm_packed)(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const float *packed,
                        const float *bias, int act, int m, int n, int k);

    /* ---- products with short weights: int8 with a scale a row, bfloat16 ---------------------- */

    /* m rows of k numbers as signed bytes, rows of q TT_ROW8(k) apart, zeros behind the end:
       scale[i] = max|x| / 127, q = x (127 / max|x|) to the nearest integer, ties to even: -127 …
       127. A row whose max|x| is below 2^-100 has scale 0 and zeros; one with a NaN or infinity
       scale NaN and zeros. sum (m) or NULL: Σ_k q of each row. */
    void (*quantize8)(int8_t *q, float *scale, int32_t *sum, const float *x, ptrdiff_t ldx, int m,
                      int k);

    /* C(M,N) = act(bias + s A Wᵀ), s = a_scale[m] w_scale[n]: a_scale and a_sum (M) as quantize8 gives them; A (M,K) its
       bytes as left8 lays them out: `dst` of left8_size(m, k) bytes, 64-byte aligned; where that is 0, the bytes as they are. W (N,K)
       signed bytes. The sum over k is an exact integer (K at most TT_K8_MAX), so its order and blocking are
       free; then, on every level, fma((float)sum, a_scale[m] * w_scale[n], bias[n] or 0). pack8 takes W
       with rows ldw apart and w_scale (N), and fills `dst` of pack8_size(n, k) bytes, 64-byte aligned. */
    size_t (*pack8_size)(int n, int k);
    void (*pack8)(void *dst, const int8_t *w, ptrdiff_t ldw, const float *w_scale, int n, int k);
    size_t (*left8_size)(int m, int k);
    void (*left8)(void *dst, const int8_t *q, int m, int k);
    void (*gemm8)(float *c, ptrdiff_t ldc, const void *a, const float *a_scale,
                  const int32_t *a_sum, const void *packed, const float *bias, int act, int m,
                  int n, int k);

    /* gemm_packed with B rounded to bfloat16 (the nearest, ties to even; a NaN stays one): half the
       memory to read. The arithmetic is that of gemm_packed on the rounded B, bit for bit. pack16
       fills `dst` of pack16_size(n, k) bytes, 64-byte aligned. */
    size_t (*pack16_size)(int n, int k);
    void (*pack16)(void *dst, const float *b, ptrdiff_t b_row, ptrdiff_t b_col, int n, int k);
    void (*gemm16)(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const void *packed,
                   const float *bias, int act, int m, int n, int k);

    /* Both sides rounded to bfloat16: each element takes pairs of k in rising order, sum = a[k+1] b[k+1] + sum,
       then sum = a[k] b[k] + sum, both fused, a lone last k with zeros for its second; subnormal numbers, given
       or made, are zeros. Without AVX-512 BF16 it is slow. `packed` is pack16's.
       `work`: TT_GEMM_WORK floats. */
    void (*dot16)(float *c, ptrdiff_t ldc, const float *a, ptrdiff_t lda, const void *packed,
                  const float *bias, int act, int m, int n, int k, float *work);

    /* ---- products of training with both sides in 16 bits: arguments and `work` as gemm's ------ */

    /* gemm with A and B rounded to bfloat16: the chain c = fma(a[k], b[k], c) for k = 0, 1, 2, …, subnormal
       numbers, given or made, being zeros of their sign. */
    tt_gemm_fn *gemm_bf16;

    /* gemm with whole numbers of 12 bits for A and B, in blocks of 512 k (dynamic fixed point: Das et al. 2018): over a
       block, each row of A and each column of B has max = max|x| and becomes q = x (2047 / max) to the
       nearest, ties to even; c = fma((float)Σ_k q_a q_b, (max_a / 2047) (max_b / 2047), c), block after block. The
       sum is exact, so its order is free. max below 2^-100 is 0, q then 0; one that is not finite makes c a NaN. */
    tt_gemm_fn *gemm_int16;

    /* ---- rows of numbers; y may be the same pointer as an input ------------------------------ */

    void (*add)(float *y, const float *a, const float *b, size_t n); /* y = a + b */
    void (*scale)(float *y, const float *x, float s, size_t n);      /* y = s x */
    void (*axpy)(float *y, const float *x, float s, size_t n);       /* y = fma(s, x, y) */
    void (*add_rows)(float *y, const float *x, size_t rows,
                     size_t n); /* y(n) += x(rows,n), row after row */
    void (*round16)(float *y, const float *x,
                    size_t n);                 /* y = x in bfloat16, rounded as by pack16 */
    double (*sumsq)(const float *x, size_t n); /* 16 lanes of double: Σ x² */
    float (*max)(const float *x, size_t n);
    size_t (*argmax)(const float *x,
                     size_t n); /* the lowest index of the greatest; NaN never wins; 0 if n is 0 */

    /* y = act(x);  dx = dy act'(x). GELU is x Φ(x) (Hendrycks and Gimpel 2016), Φ by erf; swish is x σ(x); the
       two approximations of GELU are x σ(2 √(2/π) (x + 0.044715 x³)) = x/2 (1 + tanh(…)) and x σ(1.702 x). */
    void (*act)(float *y, const float *x, int act, size_t n);
    void (*act_back)(float *dx, const float *x, const float *dy, int act, size_t n);

    /* y = keep ? x s : 0, and the same added to base. Element i is kept when
       hash32(i, key) >= drop, hash32 being lowbias32 (Wellons 2018) of (uint32)i * 0x9e3779b9 + (uint32)key,
       xored before its last multiplication with (uint32)(key >> 32). drop = p 2^32, s = 1/(1-p). */
    void (*dropout)(float *y, const float *x, uint64_t key, uint32_t drop, float s, size_t n);
    void (*add_dropout)(float *y, const float *base, const float *x, uint64_t key, uint32_t drop,
                        float s, size_t n);

    /* ---- rows of a matrix ------------------------------------------------------------------ */

    /* Layer normalisation (Ba, Kiros, Hinton 2016), biased variance, eps inside the root:
       y = (x - mean) rstd gain + bias for each of `rows` rows of n. mean and rstd (rows) are kept
       for the way back. norm_back: dx = …, dgain += …, dbias += …, row after row; dx may be dy. */
    void (*norm)(float *y, float *mean, float *rstd, const float *x, const float *gain,
                 const float *bias, float eps, size_t rows, size_t n);
    void (*norm_back)(float *dx, float *dgain, float *dbias, const float *dy, const float *x,
                      const float *gain, const float *mean, const float *rstd, size_t rows,
                      size_t n);

    /* y = softmax(s x) over n numbers, y may be x. An all -infinity row gives zeros. softmax_back:
       dx = s y (dy - Σ y dy), dx may be dy. */
    void (*softmax)(float *y, const float *x, float s, size_t n);
    void (*softmax_back)(float *dx, const float *y, const float *dy, float s, size_t n);
    float (*logsumexp)(const float *x, size_t n); /* max + log Σ exp(x - max) */

    /* Loss of one row of logits against class `gold`, and its gradient in place of them:
       loss = (1-ε) (lse - x[gold]) + ε (lse - mean x)   (Szegedy et al. 2016, ε spread over all n)
       x[i] = w (softmax(x)[i] - (1-ε)[i = gold] - ε/n). Returns the loss; *nll (if not NULL) gets lse - x[gold]. */
    float (*xent)(float *x, size_t gold, float smoothing, float w, float *nll, size_t n);

    /* One query row against keys, for decoding: for each of H heads of width K at q, k_j, v_j:
       p = softmax_j(scale q·k_j), out = Σ_j p_j v_j in rising j, by fma. Key row j is k +
       row(j)*ld, row(j) = rows ? rows[j] : j. probs (H, n): written. q (H*K), out (H*K). bias: NULL,
       or (H, n), its heads bias_ld apart: p = softmax_j(fma(q·k_j, scale, bias_j)). */
    void (*attend)(float *out, float *probs, const float *q, const float *k, const float *v,
                   ptrdiff_t ld, const int32_t *rows, float scale, const float *bias,
                   ptrdiff_t bias_ld, int n, int heads, int width);

    /* The same with keys and values in bfloat16, their rows as keep16 makes them of x (H*K),
       TT_WORDS16(K) words a head, zeros behind its end: of each 32 numbers the first 16 in the
       lower halves of 16 words, the others in the upper. ld: words from row to row. The arithmetic
       is that of attend on the rounded numbers. */
    void (*keep16)(uint32_t *dst, const float *x, int heads, int width);
    void (*attend16)(float *out, float *probs, const float *q, const uint32_t *k, const uint32_t *v,
                     ptrdiff_t ld, const int32_t *rows, float scale, const float *bias,
                     ptrdiff_t bias_ld, int n, int heads, int width);

    /* ---- training -------------------------------------------------------------------------- */

    /* Adam (Kingma and Ba 2015): m = b1 m + (1-b1) g s; v = b2 v + (1-b2) (g s)²;
       p -= rate ( (m c1) / (sqrt(v c2) + eps) + decay p ), c1 = 1/(1-b1^t), c2 = 1/(1-b2^t). */
    void (*adam)(float *p, float *m, float *v, const float *g, float s, float rate, float b1,
                 float b2, float c1, float c2, float eps, float decay, size_t n);
} tt_kernels;

/* Fills the table: C first, then every level the CPU has, up to the one named by isa (NULL or "": all):
 *
 *     c         plain C
 *     avx2      AVX2 and FMA
 *     avxvnni   and AVX-VNNI: 8-bit products
 *     avx512    and AVX-512 F, BW, DQ, VL (without VNNI)
 *     vnni      and AVX-512 VNNI: 8-bit products
 *     bf16      and AVX-512 BF16: dot16
 *     bf16x2    and gemm_bf16 with it, on processors where that is quicker than with AVX-512
 *
 * A level inherits what it does not do itself from the one before it. TT_EUSAGE, naming the known ones, for
 * an unknown name and for one this CPU lacks. */
int tt_kernels_init(tt_kernels *k, const char *isa, tt_err *e);

/* Of a row of the precision family: gemm, or one with both sides in 16 bits. */
tt_gemm_fn *tt_kernels_product(const tt_kernels *k, const tt_row *precision);

/* What can be chosen: rows of the activation family are in the order of TT_ACT_…. */
extern const tt_family tt_family_isa, tt_family_activation, tt_family_precision;

#endif
