/* cache.c: see cache.h. Two sets of history lists take turns: a step writes its own from its parents'. */
#include "nn/cache.h"

#include <string.h>

struct tt_cache {
    int layers, dim, max_rows, max_steps;
    bool recurrent;           /* states in place of cells and histories */
    float **states;           /* (layers) of (2, max_rows, D) */
    const int32_t *parent;    /* of the current step */
    size_t max_cells, cells;  /* cells there is room for; in use */
    int rows, step;           /* of the current step */
    float **self;             /* (layers) of (max_cells, 2D) */
    tt_output *output;        /* or NULL */
    tt_tensor **cross;        /* (layers) of (N_src, 2D) */
    const int32_t *src_off;   /* (B+1) */
    int32_t *history[2];      /* (max_rows, max_steps) */
    const int32_t **lists;    /* (max_rows): into history */
    int32_t *count;           /* (max_rows): cells a row reads, its own included */
    int32_t *first, *length;  /* (max_rows): its sentence's rows of the encoder states */
    int32_t *position;        /* (max_rows) */
};

tt_cache *tt_cache_make(tt_run *run, const tt_hyper *h, const tt_seqs *src, int rows, size_t cells) {
    tt_cache *c = tt_run_alloc(run, sizeof *c);
    if (!c) return NULL;
    size_t n = (size_t)rows, steps = cells < (size_t)h->max_length ? cells : (size_t)h->max_length;
    *c = (tt_cache){.layers = h->dec_layers, .dim = h->dim, .max_rows = rows, .max_steps = (int)steps, .max_cells = cells,
                    .step = -1, .recurrent = h->autoreg != TT_AUTOREG_ATTENTION, .src_off = src->off};
    size_t listed = c->recurrent ? 0 : n;
    c->self = tt_run_alloc(run, (size_t)c->layers * sizeof *c->self);
    c->states = tt_run_alloc(run, (size_t)c->layers * sizeof *c->states);
    c->cross = tt_run_alloc(run, (size_t)c->layers * sizeof *c->cross);
    c->history[0] = tt_run_alloc(run, listed * steps * sizeof(int32_t));
    c->history[1] = tt_run_alloc(run, listed * steps * sizeof(int32_t));
    c->lists = tt_run_alloc(run, n * sizeof *c->lists);
    c->count = tt_run_alloc(run, 4 * n * sizeof *c->count);
    if (run->failed) return NULL;
    c->first = c->count + n;
    c->length = c->first + n;
    c->position = c->length + n;
    for (int i = 0; i < c->layers; i++) {
        size_t d = (size_t)h->dim * sizeof(float);
        if (c->recurrent) c->states[i] = tt_run_alloc(run, 2 * n * d);
        else c->self[i] = tt_run_alloc(run, cells * 2 * d);
    }
    return run->failed ? NULL : c;
}

void tt_cache_set_cross(tt_cache *c, int layer, tt_tensor *kv) {
    c->cross[layer] = kv;
}

void tt_cache_set_output(tt_cache *c, tt_output *out) {
    c->output = out;
}

tt_output *tt_cache_output(const tt_cache *c) {
    return c->output;
}

int tt_cache_steps(const tt_cache *c) {
    return c->step + 1;
}

const int32_t *tt_cache_step(tt_run *run, tt_cache *c, int rows, const int32_t *parent, const int32_t *sentence) {
    if (run->failed) return NULL;
    c->cells += c->step < 0 ? 0 : (size_t)c->rows;
    if (rows > c->max_rows || (size_t)rows > c->max_cells - c->cells || c->step + 1 >= c->max_steps) {
        run->failed = tt_fail(&run->err, TT_EINTERNAL, "decoding cache is full: %d rows at step %d", rows, c->step + 1);
        return NULL;
    }
    c->step++;
    c->rows = rows;
    c->parent = parent;
    const int32_t *old = c->history[(c->step + 1) & 1];
    int32_t *now = c->history[c->step & 1];
    size_t steps = (size_t)c->max_steps, seen = (size_t)c->step;
    for (int r = 0; r < rows; r++) {
        if (!c->recurrent) {
            int32_t *list = now + (size_t)r * steps;
            if (seen) memcpy(list, old + (size_t)parent[r] * steps, seen * sizeof *list);
            list[seen] = (int32_t)(c->cells + (size_t)r);
            c->lists[r] = list;
        }
        c->count[r] = c->step + 1;
        c->position[r] = c->step;
        c->first[r] = c->src_off[sentence[r]];
        c->length[r] = c->src_off[sentence[r] + 1] - c->first[r];
    }
    return c->position;
}

tt_reads tt_cache_self(tt_cache *c, int layer, const tt_tensor *qkv) {
    size_t d = (size_t)c->dim;
    float *cells = c->self[layer];
    for (int r = 0; qkv && r < c->rows; r++)
        memcpy(cells + (c->cells + (size_t)r) * 2 * d, qkv->data + ((size_t)r * 3 + 1) * d, 2 * d * sizeof *cells);
    return (tt_reads){.k = cells, .v = cells + d, .ld = (ptrdiff_t)(2 * d), .rows = c->lists, .n = c->count};
}

tt_state_rows tt_cache_state(tt_cache *c, int layer) {
    size_t block = (size_t)c->max_rows * (size_t)c->dim;
    float *even = c->states[layer], *odd = even + block, *after = c->step & 1 ? odd : even;
    return (tt_state_rows){c->step ? (after == odd ? even : odd) : NULL, after, c->parent};
}

tt_reads tt_cache_cross(tt_cache *c, int layer) {
    const float *kv = c->cross[layer] ? c->cross[layer]->data : NULL;
    return (tt_reads){.k = kv, .v = kv ? kv + c->dim : NULL, .ld = 2 * c->dim, .first = c->first, .n = c->length};
}
