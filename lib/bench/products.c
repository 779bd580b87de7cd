/* products.c: matrix products at the shapes of a model, on every level the CPU has: one row for a
 * sentence being decoded, 8 and 64 for a batch of them, 1024 for an encoder.
 *
 * The figure is the best of several rounds: what the kernel does when nobody disturbs it. Rounding
 * the rows to 8 bits is timed with the 8-bit product, as a model must do both.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "bench/bench.h"
#include "kernel/kernel.h"
#include "nn/hyper.h"
#include "ttrans.h"

enum { ROWS_MOST = 1024, SHAPES = 5, CELL_MOST = 1 << 26 /* numbers of one result */ };
static const int ROWS[] = {1, 8, 64, ROWS_MOST};
static const double PATIENCE = 8; /* a call that takes so many times its share is left out */

struct shape {
    const char *name;
    int n, k;
};

struct operands {
    float *a, *c, *w_scale, *a_scale;
    int32_t *a_sum;
    int8_t *q;
    void *laid, *packed;
};

static void *room(size_t bytes) { return aligned_alloc(64, bytes / 64 * 64 + 64); }

static void fill(float *x, size_t n) {
    uint32_t seed = 1;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) * 0x1p-23f - 1.0f;
    }
}

static void close_operands(struct operands *o) {
    void *all[] = {o->a, o->c, o->w_scale, o->a_scale, o->a_sum, o->q, o->laid, o->packed};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

static int open_operands(struct operands *o, const tt_kernels *k, int type, const struct shape *s,
                         tt_err *e) {
    const size_t n = (size_t)s->n, kk = (size_t)s->k, wide = TT_ROW8(kk);
    float *w = room(n * kk * sizeof *w);
    *o = (struct operands){
        room(ROWS_MOST * kk * sizeof *o->a),  room(ROWS_MOST * n * sizeof *o->c),
        room(n * sizeof *o->w_scale),         room(ROWS_MOST * sizeof *o->a_scale),
        room(ROWS_MOST * sizeof *o->a_sum),   room((n > ROWS_MOST ? n : ROWS_MOST) * wide),
        room(k->left8_size(ROWS_MOST, s->k)), NULL};
    o->packed = room(type == TT_TYPE_I8     ? k->pack8_size(s->n, s->k)
                     : type == TT_TYPE_BF16 ? k->pack16_size(s->n, s->k)
                                            : k->pack_size(s->n, s->k) * sizeof(float));
    int good =
        w && o->a && o->c && o->w_scale && o->a_scale && o->a_sum && o->q && o->laid && o->packed;
    if (good) {
        fill(o->a, ROWS_MOST * kk);
        fill(w, n * kk);
        if (type == TT_TYPE_I8) {
            k->quantize8(o->q, o->w_scale, NULL, w, s->k, s->n, s->k);
            k->pack8(o->packed, o->q, (ptrdiff_t)wide, o->w_scale, s->n, s->k);
        } else if (type == TT_TYPE_BF16) {
            k->pack16(o->packed, w, 1, s->k, s->n, s->k);
        } else {
            k->pack(o->packed, w, 1, s->k, s->n, s->k);
        }
    }
    free(w);
    return good ? 0 : tt_fail(e, TT_ENOMEM, "out of memory for a product of %d by %d", s->n, s->k);
}

static void multiply(const struct operands *o, const tt_kernels *k, int type, int m,
                     const struct shape *s) {
    if (type == TT_TYPE_I8) {
        k->quantize8(o->q, o->a_scale, o->a_sum, o->a, s->k, m, s->k);
        k->left8(o->laid, o->q, m, s->k);
        k->gemm8(o->c, s->n, k->left8_size(m, s->k) ? o->laid : o->q, o->a_scale, o->a_sum,
                 o->packed, NULL, TT_ACT_NONE, m, s->n, s->k);
    } else if (type == TT_TYPE_BF16) {
        k->gemm16(o->c, s->n, o->a, s->k, o->packed, NULL, TT_ACT_NONE, m, s->n, s->k);
    } else {
        k->gemm_packed(o->c, s->n, o->a, s->k, o->packed, NULL, TT_ACT_NONE, m, s->n, s->k);
    }
}

/* Operations a second, the best round within `seconds`. */
static double time_product(const struct operands *o, const tt_kernels *k, int type, int m,
                           const struct shape *s, double seconds) {
    const double ops = 2.0 * m * s->n * s->k;
    double begun = tt_clock(), now = begun, best = 0;
    int calls = 1;
    for (int round = 0; round < 3 || now - begun < seconds; round++) {
        double start = now;
        for (int i = 0; i < calls; i++) multiply(o, k, type, m, s);
        now = tt_clock();
        if (ops * calls / (now - start) > best) best = ops * calls / (now - start);
        if (now - start > seconds) break;
        if (now - start < seconds / 8) calls *= 2;
    }
    return best;
}

static int time_shape(const tt_kernels *k, int type, const struct shape *s, double seconds,
                      const tt_bench_sink *to, tt_err *e) {
    struct operands o;
    double rate = 0;
    int rc = open_operands(&o, k, type, s, e);
    for (size_t i = 0; !rc && i < sizeof ROWS / sizeof *ROWS; i++) {
        int m = ROWS[i];
        if (rate > 0 && 2.0 * m * s->n * s->k / rate > PATIENCE * seconds) break;
        if ((size_t)m * (size_t)s->n > CELL_MOST) break;
        rate = time_product(&o, k, type, m, s, seconds);
        tt_bench_row row = {.kind = TT_BENCH_PRODUCT,
                            .isa = k->name,
                            .what = s->name,
                            .compute = type,
                            .m = m,
                            .n = s->n,
                            .k = s->k,
                            .rate = rate * 1e-9};
        to->show(to->ctx, &row);
    }
    close_operands(&o);
    return rc;
}

/* 1 if two levels multiply numbers of this type in different ways. */
static int differ(const tt_kernels *a, const tt_kernels *b, int type) {
    if (type == TT_TYPE_I8) return a->gemm8 != b->gemm8;
    if (type == TT_TYPE_BF16) return a->gemm16 != b->gemm16;
    return a->gemm_packed != b->gemm_packed;
}

/* What a level inherits is not measured again; nor is plain C, the slow definition, where anything
 * else is there. */
static int worth_it(const tt_kernels *have, int i, int count, int type) {
    if (i) return differ(&have[i], &have[i - 1], type);
    return !differ(&have[0], &have[count - 1], type);
}

static int read_shapes(struct shape *s, const char *model, tt_err *e) {
    tt_hyper h;
    tt_modelfile *mf = tt_modelfile_open(model, e);
    if (!mf) return e->code;
    int rc = tt_hyper_read(&h, mf, e);
    tt_modelfile_close(mf);
    if (rc) return rc;
    s[0] = (struct shape){"self.qkv", 3 * h.dim, h.dim};
    s[1] = (struct shape){"self.o", h.dim, h.dim};
    s[2] = (struct shape){"ffn.1", h.ffn, h.dim};
    s[3] = (struct shape){"ffn.2", h.dim, h.ffn};
    s[4] = (struct shape){"output", h.tgt_vocab, h.dim};
    return 0;
}

int tt_bench_products(const char *model, const char *isa, unsigned types, double seconds,
                      const tt_bench_sink *to, tt_err *e) {
    enum { LEVELS = 16 };
    const tt_row *level;
    tt_err lacks;
    struct shape shapes[SHAPES];
    tt_kernels have[LEVELS];
    int count = 0, only = isa && isa[0], all;
    TT_TRY(read_shapes(shapes, model, e));
    for (int i = 0; !only && count < LEVELS && (level = tt_family_isa.row(i)) != NULL; i++)
        count += !tt_kernels_init(&have[count], level->name,
                                  &lacks); /* a level that is not there is not measured */
    if (only) {
        TT_TRY(tt_kernels_init(&have[0], isa, e));
        count = 1;
    }
    all = count * SHAPES * 3 * (int)(sizeof ROWS / sizeof *ROWS);
    for (int t = 0; t < 3; t++) {
        static const int type[] = {TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_I8};
        for (int i = 0; i < count && types & 1u << type[t]; i++) {
            if (!worth_it(have, i, count, type[t])) continue;
            for (int s = 0; s < SHAPES; s++)
                TT_TRY(time_shape(&have[i], type[t], &shapes[s], seconds / all, to, e));
        }
    }
    return 0;
}
