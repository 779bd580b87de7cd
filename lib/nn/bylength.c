/* bylength.c: see bylength.h. */
#include "nn/bylength.h"

tt_tensor *tt_bylength_text(tt_run *run, tt_tensor *text, const tt_seqs *src, const int32_t *order,
                            int32_t *k_off) {
    int32_t *rows = tt_run_alloc(run, ((size_t)src->off[src->count] + 1) * sizeof *rows), n = 0;
    if (!rows) return NULL;
    for (int b = 0; b < src->count; b++) {
        k_off[b] = n;
        for (int32_t i = src->off[order[b]]; i < src->off[order[b] + 1]; i++) rows[n++] = i;
    }
    k_off[src->count] = n;
    return tt_op_pick(run, text, rows, n);
}

int tt_bylength_rows(const tt_seqs *tgt, const int32_t *order, int t, int32_t *rows) {
    int n = 0;
    for (; n < tgt->count && tgt->off[order[n] + 1] - tgt->off[order[n]] > t; n++)
        rows[n] = tgt->off[order[n]] + t;
    return n;
}
