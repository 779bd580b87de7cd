/* layers.c: what each variant of attention costs against the length of a text, and each recurrent
 * cell a token: one layer on random states, forward, or forward and the way back. Scores, weights
 * and sums alone are timed, not the projections around them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attention/attend.h"
#include "base/clock.h"
#include "base/rng.h"
#include "bench/bench.h"
#include "tensor/cell.h"
#include "ttrans.h"

/* Parameters of a layer, in memory of their own. */
struct block {
    float *data; /* (2 size): numbers, gradients; NULL: only counted */
    size_t size;
};

static void visit_fill(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    const struct block *b = ctx;
    if (!b->data) return;
    t->data = b->data + offset;
    t->grad = b->data + b->size + offset;
    for (size_t i = 0; i < tt_tensor_size(t); i++)
        t->data[i] = (float)(p->start + tt_rand_normal(offset, i) / sqrt((double)t->cols));
}

static void fill(tt_tensor *t, uint64_t key) {
    for (size_t i = 0; t && i < tt_tensor_size(t); i++) t->data[i] = (float)tt_rand_normal(key, i);
}

/* One variant ready to run. */
struct layer {
    tt_attend a;
    tt_attend_par par;
    tt_cell_use cell; /* of a cell, else cell.cell is NULL */
    tt_cell_par own;
    tt_tensor w, b;
    struct block block;
};

static void declare(struct layer *l) {
    tt_declare d = {.visit = visit_fill, .ctx = &l->block};
    if (l->cell.cell) tt_cell_params(&l->cell, l->cell.k, &l->w, &l->b, &d);
    else tt_attend_params(&l->a, &l->par, &d);
    l->block.size = d.offset;
}

static int open_layer(struct layer *l, tt_err *e) {
    declare(l);
    l->block.data = calloc(2 * l->block.size + 1, sizeof *l->block.data);
    if (!l->block.data) return tt_fail(e, TT_ENOMEM, "out of memory for a layer");
    declare(l);
    return 0;
}

/* One pass over a text of n tokens; its seconds. */
static double pass(tt_run *run, struct layer *l, const tt_bench_variants *o, int n) {
    const int d = o->dim;
    int32_t *off = tt_run_alloc(run, 2 * sizeof *off);
    tt_spans *spans = tt_run_alloc(run, sizeof *spans);
    if (!off || !spans) return 0;
    off[0] = 0, off[1] = n;
    *spans = (tt_spans){1, off, off, l->a.site == TT_SITE_DEC, 0};
    tt_tensor *y, *x = tt_run_tensor(run, n, l->cell.cell ? l->cell.cell->gates * d : 3 * d);
    fill(x, 7);
    const double begun = tt_clock();
    if (l->cell.cell) {
        y = tt_op_scan(run, &l->cell, x, 1, off, TT_SCAN_FORWARD);
    } else {
        tt_part k = {x, d}, v = {x, 2 * d};
        const int32_t *rows = tt_attend_mix(run, &l->a, &l->par, &k, &v, 1, off);
        k = tt_attend_key(run, &l->a, &l->par, k, &(tt_key_rows){1, rows, NULL});
        y = tt_attend_whole(run, &l->a, &l->par, (tt_part){x, 0}, k, v, spans, NULL);
    }
    if (y && run->taped) {
        int how;
        float *dy = tt_run_grad(run, y, &how);
        for (size_t i = 0; dy && i < tt_tensor_size(y); i++) dy[i] = y->data[i];
        tt_run_back(run);
    }
    return tt_clock() - begun;
}

/* The best of some passes, within `seconds`; bytes of the largest. */
static int time_layer(struct layer *l, const tt_bench_variants *o, const tt_kernels *k, int n,
                      double *best, size_t *bytes, tt_err *e) {
    tt_run run;
    TT_TRY(tt_run_open(&run, k, o->memory, e));
    const double begun = tt_clock();
    int rc = 0;
    *best = 0;
    for (int round = 0; !rc && (round < 2 || tt_clock() - begun < o->seconds); round++) {
        run.taped = o->both != 0;
        const double one = pass(&run, l, o, n);
        if (*best <= 0 || one < *best) *best = one;
        *bytes = tt_arena_peak(run.arena);
        rc = tt_run_reset(&run, e);
        if (tt_clock() - begun > o->seconds) break;
    }
    tt_run_close(&run);
    return rc;
}

/* All lengths of one variant. A length without memory ends it. */
static int time_lengths(struct layer *l, const tt_bench_variants *o, const tt_kernels *k,
                        const char *name, const tt_bench_sink *to, tt_err *e) {
    tt_bench_row row = {
        .kind = l->cell.cell ? TT_BENCH_CELL : TT_BENCH_ATTENTION, .isa = k->name, .what = name};
    TT_TRY(open_layer(l, e));
    int rc = 0;
    for (int i = 0; !rc && i < o->lengths; i++) {
        tt_err full = {0};
        row.n = o->length[i];
        row.memory = 0;
        rc = time_layer(l, o, k, row.n, &row.p50, &row.memory, &full);
        if (rc == TT_ENOMEM) row.p50 = 0, rc = 0; /* said with the row */
        else if (rc) *e = full;
        row.rate = row.p50 > 0 ? row.n / row.p50 : 0;
        if (!rc) to->show(to->ctx, &row);
    }
    free(l->block.data);
    return rc;
}

/* The row that a family's others are timed beside: its first. */
static const char *usual(const tt_family *f) { return f->row(0)->name; }

static int time_row(const tt_bench_variants *o, const tt_kernels *k, const char *align,
                    const char *dist, const char *reach, int site, const tt_bench_sink *to,
                    tt_err *e) {
    char name[120];
    const bool is_usual = align == usual(&tt_family_align) &&
                          dist == usual(&tt_family_distribution) &&
                          reach == usual(&tt_family_reach);
    if (o->row && !is_usual && strcmp(o->row, align) != 0 && strcmp(o->row, dist) != 0 &&
        strcmp(o->row, reach) != 0)
        return 0;
    struct layer l = {.a = {.heads = o->heads,
                            .width = o->dim / o->heads,
                            .site = site,
                            .longest = o->length[o->lengths - 1]}};
    TT_TRY(tt_pick_read(&l.a.align, &tt_family_align, align, e));
    TT_TRY(tt_pick_read(&l.a.dist, &tt_family_distribution, dist, e));
    TT_TRY(tt_pick_read(&l.a.reach, &tt_family_reach, reach, e));
    snprintf(name, sizeof name, "%s, %s, %s", align, dist, reach);
    return time_lengths(&l, o, k, name, to, e);
}

/* A variant at the first place where it may stand. */
static int site_of(const tt_row *r) {
    const unsigned sites = ((const tt_attend_row *)r)->sites;
    int site = 0;
    while (!(sites >> site & 1)) site++;
    return site;
}

static int time_attention(const tt_bench_variants *o, const tt_kernels *k, const tt_bench_sink *to,
                          tt_err *e) {
    const char *align = usual(&tt_family_align), *dist = usual(&tt_family_distribution),
               *reach = usual(&tt_family_reach);
    const tt_row *r;
    TT_TRY(time_row(o, k, align, dist, reach, TT_SITE_ENC, to, e));
    for (int i = 1; (r = tt_family_align.row(i)) != NULL; i++)
        TT_TRY(time_row(o, k, r->name, dist, reach, site_of(r), to, e));
    for (int i = 1; (r = tt_family_distribution.row(i)) != NULL; i++)
        TT_TRY(time_row(o, k, align, r->name, reach, site_of(r), to, e));
    for (int i = 1; (r = tt_family_reach.row(i)) != NULL; i++)
        TT_TRY(time_row(o, k, align, dist, r->name, site_of(r), to, e));
    return 0;
}

static int time_cells(const tt_bench_variants *o, const tt_kernels *k, const tt_bench_sink *to,
                      tt_err *e) {
    const tt_row *r;
    for (int i = 0; (r = tt_family_cell.row(i)) != NULL; i++) {
        tt_pick pick;
        struct layer l = {0};
        if (o->row && strcmp(o->row, r->name) != 0) continue;
        TT_TRY(tt_pick_read(&pick, &tt_family_cell, r->name, e));
        l.cell = (tt_cell_use){(const tt_cell *)r, pick.set, &l.own, o->dim, NULL};
        TT_TRY(time_lengths(&l, o, k, r->name, to, e));
    }
    return 0;
}

static bool is_row(const char *name) {
    static const tt_family *const families[] = {&tt_family_align, &tt_family_distribution,
                                                &tt_family_reach, &tt_family_cell};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (tt_family_place(families[i], name, strlen(name)) >= 0) return true;
    return false;
}

int tt_bench_layers(const tt_bench_variants *o, tt_bench_fn *fn, void *ctx, tt_err *e) {
    tt_kernels k;
    const tt_bench_sink to = {fn, ctx};
    if (o->heads < 1 || o->dim < 2 || o->dim % o->heads || o->lengths < 1)
        return tt_fail(e, TT_EUSAGE, "--heads %d does not divide --dim %d", o->heads, o->dim);
    if (o->row && !is_row(o->row))
        return tt_fail(
            e, TT_EUSAGE,
            "no align, distribution, reach or cell is called '%s'; 'ttrans list' has them", o->row);
    TT_TRY(tt_kernels_init(&k, o->isa, e));
    TT_TRY(time_attention(o, &k, &to, e));
    return time_cells(o, &k, &to, e);
}
