/* cells.c: recurrent layers in tokens a second of processor time on one thread, to hold beside
 * another program's (cells.py):
 *     cells NAME WIDTH SENTENCES STEPS both|forward SECONDS
 * A layer is the product of all inputs and the scan; the way back gives the gradients of inputs and
 * parameters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "tensor/cell.h"

struct block {
    float *data;
    size_t size;
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    const struct block *b = ctx;
    (void)p;
    if (!b->data) return;
    t->data = b->data + offset;
    t->grad = b->data + b->size + offset;
    for (size_t i = 0; i < tt_tensor_size(t); i++)
        t->data[i] = (float)(0.05 * tt_rand_normal(offset, i));
}

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

int main(int argc, char **argv) {
    tt_kernels k;
    tt_run run;
    tt_err e = {0};
    tt_pick pick;
    tt_cell_par par = {0};
    tt_tensor w = {0}, b = {0}, x;
    struct block block = {0};
    if (argc < 7 || tt_kernels_init(&k, getenv("TTRANS_ISA"), &e) || tt_run_open(&run, &k, 0, &e) ||
        tt_pick_read(&pick, &tt_family_cell, argv[1], &e))
        return fprintf(stderr, "cells NAME WIDTH SENTENCES STEPS both|forward SECONDS\n%s\n",
                       e.msg),
               64;
    const int d = atoi(argv[2]), count = atoi(argv[3]), steps = atoi(argv[4]), n = count * steps;
    const bool both = !strcmp(argv[5], "both");
    const tt_cell_use use = {(const tt_cell *)pick.row, pick.set, &par, d, NULL};
    for (int twice = 0; twice < 2; twice++) {
        tt_declare declare = {.visit = visit, .ctx = &block};
        tt_cell_params(&use, d, &w, &b, &declare);
        if (!twice)
            block.size = declare.offset, block.data = calloc(2 * block.size, sizeof *block.data);
    }
    int32_t *off = calloc((size_t)count + 1, sizeof *off);
    x = (tt_tensor){.rows = n,
                    .cols = d,
                    .data = calloc((size_t)n * (size_t)d, sizeof(float)),
                    .grad = calloc((size_t)n * (size_t)d, sizeof(float))};
    if (!block.data || !off || !x.data || !x.grad) return 71;
    for (int i = 0; i <= count; i++) off[i] = i * steps;
    for (size_t i = 0; i < tt_tensor_size(&x); i++) x.data[i] = (float)tt_rand_normal(7, i);
    double best = 0;
    const double begun = seconds();
    while (seconds() - begun < atof(argv[6])) {
        run.taped = both;
        x.has_grad = w.has_grad = b.has_grad = par.u.has_grad = par.un.has_grad = par.bn.has_grad =
            false;
        const double start = seconds();
        tt_tensor *y = tt_op_scan(&run, &use, tt_op_linear(&run, &x, &w, &b, TT_ACT_NONE), count,
                                  off, TT_SCAN_FORWARD);
        int how;
        float *dy = both ? tt_run_grad(&run, y, &how) : NULL;
        if (dy) memcpy(dy, y->data, tt_tensor_size(y) * sizeof *dy);
        tt_run_back(&run);
        const double one = seconds() - start;
        if (!best || one < best) best = one;
        if (tt_run_reset(&run, &e)) return fprintf(stderr, "%s\n", e.msg), 70;
    }
    printf("%.0f\n", n / best);
    tt_run_close(&run);
    free(block.data), free(off), free(x.data), free(x.grad);
    return 0;
}
