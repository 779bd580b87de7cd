/* seqs.c: see seqs.h. */
#include "base/seqs.h"

const tt_before *tt_before_make(const tt_before_of *of, void *ctx, int sentences, tt_arena *a) {
    tt_before *x = tt_arena_alloc(a, sizeof *x);
    int32_t *first = tt_arena_alloc(a, ((size_t)sentences + 1) * sizeof *first);
    if (!x || !first) return NULL;
    first[0] = 0;
    for (int b = 0; b < sentences; b++) first[b + 1] = first[b] + of->count(ctx, b);
    int32_t *off = tt_arena_alloc(a, ((size_t)first[sentences] + 1) * sizeof *off);
    if (!off) return NULL;
    off[0] = 0;
    for (int b = 0; b < sentences; b++)
        for (int32_t t = first[b]; t < first[b + 1]; t++)
            off[t + 1] = off[t] + of->length(ctx, b, t - first[b]);
    int32_t *ids = tt_arena_alloc(a, ((size_t)off[first[sentences]] + 1) * sizeof *ids);
    if (!ids) return NULL;
    for (int b = 0; b < sentences; b++)
        for (int32_t t = first[b]; t < first[b + 1]; t++)
            of->fill(ctx, b, t - first[b], ids + off[t]);
    *x = (tt_before){first, {first[sentences], off, ids, NULL}};
    return x;
}
