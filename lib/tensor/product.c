/* product.c: see product.h. */
#include "tensor/product.h"

#include <math.h>
#include <string.h>

#include "tensor/team.h"

static size_t block_size(const tt_kernels *k, int as, int rows, int cols) {
    if (as == TT_PACKED_I8) return k->pack8_size(rows, cols);
    if (as == TT_PACKED_F32) return k->pack_size(rows, cols) * sizeof(float);
    return k->pack16_size(rows, cols);
}

static int slice_rows(int rows, int s) {
    return rows - s * TT_SLICE < TT_SLICE ? rows - s * TT_SLICE : TT_SLICE;
}

size_t tt_packed_size(const tt_kernels *k, int as, int rows, int cols) {
    size_t whole = (size_t)(rows / TT_SLICE) * block_size(k, as, TT_SLICE, cols);
    return whole + (rows % TT_SLICE ? block_size(k, as, rows % TT_SLICE, cols) : 0);
}

void tt_packed_fill(const tt_kernels *k, void *to, int as, const void *data, const float *scales,
                    int rows, int cols) {
    const size_t step = block_size(k, as, TT_SLICE, cols);
    for (int s = 0; s * TT_SLICE < rows; s++) {
        const ptrdiff_t from = (ptrdiff_t)s * TT_SLICE * cols;
        char *block = (char *)to + (size_t)s * step;
        const int n = slice_rows(rows, s);
        if (as == TT_PACKED_I8)
            k->pack8(block, (const int8_t *)data + from, cols, scales + s * TT_SLICE, n, cols);
        else if (as == TT_PACKED_F32)
            k->pack((float *)(void *)block, (const float *)data + from, 1, cols, n, cols);
        else k->pack16(block, (const float *)data + from, 1, cols, n, cols);
    }
}

const float *tt_product_lookup(const tt_kernels *k, const tt_tensor *table, int r, float *room) {
    const int cols = table->cols, s = r / TT_SLICE;
    const size_t at = (size_t)r * (size_t)cols;
    if (table->data) return table->data + at;
    if (table->bytes) {
        for (int j = 0; j < cols; j++)
            room[j] = table->scales[r] * (float)table->bytes[at + (size_t)j];
    } else {
        const float *block =
            (const float *)table->packed + (size_t)s * k->pack_size(TT_SLICE, cols);
        k->unpack(room, block, r - s * TT_SLICE, slice_rows(table->rows, s), cols);
    }
    return room;
}

int tt_product_slices(const tt_product *p) { return (p->w->rows + TT_SLICE - 1) / TT_SLICE; }

void tt_product_slice(const tt_product *p, int s, float *c, ptrdiff_t ldc, float *work) {
    const tt_kernels *k = p->k;
    const int as = p->w->packed_as, in = p->w->cols, out = slice_rows(p->w->rows, s);
    const void *block = (const char *)p->w->packed + (size_t)s * block_size(k, as, TT_SLICE, in);
    const float *bias = p->bias ? p->bias + s * TT_SLICE : NULL;
    switch (as) {
    case TT_PACKED_I8:
        k->gemm8(c, ldc, p->q, p->scale, p->sum, block, bias, p->act, p->m, out, in);
        break;
    case TT_PACKED_BF16: k->gemm16(c, ldc, p->x, in, block, bias, p->act, p->m, out, in); break;
    case TT_PACKED_BF16_BOTH:
        k->dot16(c, ldc, p->x, in, block, bias, p->act, p->m, out, in, work);
        break;
    default: k->gemm_packed(c, ldc, p->x, in, block, bias, p->act, p->m, out, in);
    }
}

size_t tt_product_row(const tt_product *p) {
    const size_t laid = p->q ? p->k->left8_size(1, p->w->cols) : 0;
    return laid ? laid : p->q ? TT_ROW8(p->w->cols) : (size_t)p->w->cols * sizeof *p->x;
}

int tt_product_columns(const tt_product *p, int s) { return slice_rows(p->w->rows, s); }

/* All slices to the sink. -1 when memory is out. */
static int pour(tt_run *run, tt_product *p, tt_sink *sink) {
    tt_mark mark = tt_arena_mark(run->arena);
    const int cols = p->w->cols;
    if (p->w->packed_as == TT_PACKED_I8) {
        int8_t *q = tt_run_alloc(run, (size_t)p->m * TT_ROW8(cols));
        float *scale = tt_run_alloc(run, (size_t)p->m * sizeof *scale);
        int32_t *sum = tt_run_alloc(run, (size_t)p->m * sizeof *sum);
        if (!q || !scale || !sum) return -1;
        run->k->quantize8(q, scale, sum, p->x, cols, p->m, cols);
        const size_t size = run->k->left8_size(p->m, cols);
        void *laid = size ? tt_run_alloc(run, size) : q;
        if (!laid) return -1;
        if (size) run->k->left8(laid, q, p->m, cols);
        p->q = laid, p->scale = scale, p->sum = sum;
    }
    if (!run->team || tt_team_multiply(run->team, p, sink, run->work)) {
        for (int s = 0; s < tt_product_slices(p); s++) {
            float *c = sink->c + s * sink->step;
            tt_product_slice(p, s, c, sink->ldc, run->work);
            sink->take(sink, s, tt_product_columns(p, s), c, sink->ldc);
        }
    }
    tt_arena_rewind(run->arena, mark);
    return 0;
}

struct whole {
    tt_sink sink;
    int m;
};

static void take_whole(tt_sink *sink, int s, int cols, const float *c, ptrdiff_t ldc) {
    float *to = sink->c + s * sink->step;
    if (c == to) return;
    for (int i = 0; i < ((struct whole *)sink)->m; i++)
        memcpy(to + i * sink->ldc, c + i * ldc, (size_t)cols * sizeof *to);
}

int tt_product_run(tt_run *run, float *z, const float *x, int m, const tt_tensor *w,
                   const float *bias, int act) {
    tt_product p = {.k = run->k, .w = w, .bias = bias, .act = act, .m = m, .x = x};
    struct whole all = {{z, w->rows, TT_SLICE, take_whole}, m};
    return pour(run, &p, &all.sink);
}

struct greatest {
    tt_sink sink;
    const tt_kernels *k;
    tt_greatest *of; /* (m) */
    int m, count;
    const int32_t *barred;
    float row[TT_SLICE];
};

static void take_greatest(tt_sink *sink, int s, int cols, const float *c, ptrdiff_t ldc) {
    struct greatest *g = (struct greatest *)sink;
    const int32_t first = s * TT_SLICE;
    for (int i = 0; i < g->m; i++, c += ldc) {
        const float *row = c;
        for (int b = 0; b < g->count; b++) {
            if (g->barred[b] < first || g->barred[b] >= first + cols) continue;
            if (row == c) memcpy(g->row, c, (size_t)cols * sizeof *row);
            row = g->row;
            g->row[g->barred[b] - first] = -INFINITY;
        }
        const tt_greatest best = g->of[i];
        const float top = g->k->max(row, (size_t)cols);
        if (!(top > best.number || (top == best.number && first < best.place)))
            continue; /* as most slices */
        const int32_t at = (int32_t)g->k->argmax(row, (size_t)cols);
        if (top > best.number || first + at < best.place)
            g->of[i] = (tt_greatest){first + at, row[at]};
    }
}

int tt_product_greatest(tt_run *run, tt_greatest *of, const float *x, int m, const tt_tensor *w,
                        const float *bias, const int32_t *barred, int count) {
    tt_mark mark = tt_arena_mark(run->arena);
    tt_product p = {.k = run->k, .w = w, .bias = bias, .act = TT_ACT_NONE, .m = m, .x = x};
    float *room = tt_run_alloc(run, (size_t)m * TT_SLICE * sizeof *room);
    if (!room) return -1;
    struct greatest g = {{room, TT_SLICE, 0, take_greatest}, run->k, of, m, count, barred, {0}};
    for (int i = 0; i < m; i++) of[i] = (tt_greatest){0, -INFINITY};
    if (pour(run, &p, &g.sink)) return -1;
    tt_arena_rewind(run->arena, mark);
    return 0;
}
