/* measure.h: what `ttrans bench` measures.
 */
#ifndef TTRANS_MEASURE_H
#define TTRANS_MEASURE_H

#include "ttrans/error.h"

TT_C_BEGIN

/* What this machine does with a model, row by row as it is measured, and then the settings to
 * choose.
 *
 *     tt_bench_options o = {.types = 1u << TT_TYPE_F32 | 1u << TT_TYPE_I8, .parts = TT_BENCH_TEXT,
 *       .seconds = 30};
 *     rc = tt_bench("en-es.ttm", &o, show, ctx, &e);          // show(ctx, row) for each
 */
enum {
    TT_BENCH_PRODUCT, /* isa, what, compute, m, n, k; rate: 10^9 operations a second, on one thread
                       */
    TT_BENCH_READ,    /* threads; rate: 10^9 bytes a second from memory */
    TT_BENCH_START,   /* compute, threads; p50: seconds to open the model, p95: and to translate a
                         first line of `words` */
    TT_BENCH_BULK, /* compute, beam, threads, mini_batch…; rate: source words a second; memory */
    TT_BENCH_LINE, /* compute, beam, threads, words; p50, p95: seconds of one line; memory */
    TT_BENCH_BEST_BULK, /* of all BULK rows of this beam the fastest, again */
    TT_BENCH_BEST_LINE, /* of the LINE rows the quickest for a usual line */
    TT_BENCH_ATTENTION, /* what: alignment, distribution, reach; n: tokens; p50: seconds of one
                           layer, 0: no memory; memory */
    TT_BENCH_CELL       /* what: a recurrent cell; n, p50, rate: tokens a second, memory */
};

typedef struct tt_bench_row {
    int kind;         /* TT_BENCH_…: says which of the rest are set */
    int compute;      /* TT_TYPE_… of the products */
    const char *isa;  /* level of the kernels */
    const char *what; /* matrix: "self.qkv", "self.o", "ffn.1", "ffn.2", "output" */
    int m, n, k;      /* C (m,n) = A (m,k) B (k,n) */
    int beam, threads;
    int mini_batch,
        mini_batch_words; /* as in tt_translate_options; mini_batch 1: a sentence is a batch */
    int words;            /* of a line */
    double rate, p50, p95;
    size_t memory; /* bytes at most in use for it; 0: the system does not say */
} tt_bench_row;

enum { TT_BENCH_PRODUCTS = 1, TT_BENCH_TEXT = 2 }; /* parts: PRODUCT and READ rows; the others */

typedef struct tt_bench_options {
    const char *isa; /* NULL: the best this CPU has, and products on each */
    int threads;     /* the most; 0: all processors */
    int beam;        /* 0: 1 and 4 */
    unsigned types;  /* 1u << TT_TYPE_F32, BF16, I8: what is tried */
    int parts;       /* of the two above */
    double seconds;  /* to take; more where the model is so slow that measuring each setting once
                          takes longer */
    const char
        *input; /* text to translate, plain or gzip, its first MiB; NULL: some that is built in */
} tt_bench_options;

/* The row is borrowed during the call. Errors as tt_translator_open; TT_EDATA for a text without a
 * word. */
typedef void tt_bench_fn(void *ctx, const tt_bench_row *row);
int tt_bench(const char *model, const tt_bench_options *o, tt_bench_fn *fn, void *ctx, tt_err *e);

/* How long one layer of each variant of attention and each recurrent cell takes on random states,
 * on one thread. */
typedef struct tt_bench_variants {
    const char *isa; /* NULL: the best this CPU has */
    int dim, heads;
    const int *length; /* (lengths) tokens, rising */
    int lengths;
    int both;        /* 1: with the way back */
    double seconds;  /* for each length of each variant, about */
    size_t memory;   /* bytes of a pass at most; 0: no limit */
    const char *row; /* only what has this row, beside the usual triple; NULL: everything */
} tt_bench_variants;

/* ATTENTION rows, the usual triple first, then CELL rows. TT_EUSAGE where heads do not divide the
 * width, or there is no such row. */
int tt_bench_layers(const tt_bench_variants *o, tt_bench_fn *fn, void *ctx, tt_err *e);

TT_C_END

#endif
