/* cache.c: see cache.h. Two sets of history lists take turns: a step writes its own from its parents'.
 *
 * The cells of all places, as far as translations usually go, lie in front; those beyond are handed out behind, one
 * after the other, and most of them are made only when they are needed: memory for translations without an end would
 * be two thirds of all.
 */
#include "nn/cache.h"

#include <string.h>

struct tt_cache {
    const tt_kernels *k;
    int layers, dim, heads, max_rows, max_steps;
    bool recurrent;           /* states in place of cells and histories */
    bool brief;               /* keys and values have 16 bits, */
    size_t wide;              /* and so many words, or else floats */
    float **states;           /* (layers) of (2, max_rows, D) */
    const int32_t *parent;    /* of the current step */
    int rows, step;           /* of the current step */
    void **keys, **values;    /* (layers) of (cells, wide) */
    tt_out_layer *output;        /* or NULL */
    void **cross;             /* (layers) of (N_src, 2 wide) */
    const int32_t *src_off;   /* (B+1) */
    int sentences;
    const tt_room *room;      /* (B) */
    int32_t *near;            /* (B): steps of a place that lie in front */
    int32_t *first_cell;      /* (B): of its first place there */
    int32_t next;             /* cell beyond */
    size_t cells, usual, most; /* made; as a rule enough; needed at most */
    int32_t *history[2];      /* (max_rows, max_steps) */
    int32_t *begin[2];        /* (max_rows): the first cell of a history that lies in one run of cells, else -1 */
    const int32_t **lists;    /* (max_rows): into history; NULL for one run */
    int32_t *count;           /* (max_rows): cells a row reads, its own included */
    int32_t *cell;            /* (max_rows): where its keys and values go */
    int32_t *first, *length;  /* (max_rows): its sentence's rows of the encoder states */
    int32_t *position;        /* (max_rows) */
};

/* Steps that a translation of n tokens seldom needs more of. */
static int usual_steps(int n) {
    return n + n / 4 + 8;
}

/* Adds up the room. */
static void lay_out(tt_cache *c) {
    size_t cells = 0;
    for (int b = 0; b < c->sentences; b++) {
        const tt_room *room = &c->room[b];
        int usual = usual_steps(c->src_off[b + 1] - c->src_off[b]);
        c->near[b] = usual < room->steps ? usual : room->steps;
        c->first_cell[b] = (int32_t)cells;
        cells += (size_t)room->rows * (size_t)c->near[b];
        c->max_rows += room->rows;
        if (room->steps > c->max_steps) c->max_steps = room->steps;
    }
    c->next = (int32_t)cells;
    c->most = cells;
    for (int b = 0; b < c->sentences; b++) c->most += (size_t)c->room[b].rows * (size_t)(c->room[b].steps - c->near[b]);
    c->usual = cells + cells / 8;
}

/* Floats, or words if brief, of a key or a value. */
static size_t wide(const tt_hyper *h, bool brief) {
    const size_t head = (size_t)(h->dim / h->heads);
    return (size_t)h->heads * (brief ? TT_WORDS16(head) : head);
}

size_t tt_cache_bytes(const tt_hyper *h, bool brief, int n, int rows) {
    const size_t key = wide(h, brief), self = h->autoreg == TT_AUTOREG_ATTENTION ? (size_t)usual_steps(n) * key : (size_t)h->dim;
    return 2 * (size_t)h->dec_layers * ((size_t)n * key + (size_t)rows * self) * sizeof(float);
}

tt_cache *tt_cache_make(tt_run *run, const tt_hyper *h, const tt_seqs *src, const tt_room *room, bool brief) {
    tt_cache *c = tt_run_alloc(run, sizeof *c);
    size_t sentences = (size_t)src->count;
    int32_t *near = tt_run_alloc(run, 2 * sentences * sizeof *near);
    if (!c || !near) return NULL;
    *c = (tt_cache){.k = run->k, .layers = h->dec_layers, .dim = h->dim, .heads = h->heads, .step = -1, .brief = brief,
                    .wide = wide(h, brief), .recurrent = h->autoreg != TT_AUTOREG_ATTENTION,
                    .src_off = src->off, .sentences = src->count, .room = room, .near = near, .first_cell = near + sentences};
    lay_out(c);
    size_t n = (size_t)c->max_rows, layers = (size_t)c->layers;
    size_t listed = c->recurrent ? 0 : n;
    c->keys = tt_run_alloc(run, layers * sizeof *c->keys);
    c->values = tt_run_alloc(run, layers * sizeof *c->values);
    c->states = tt_run_alloc(run, layers * sizeof *c->states);
    c->cross = tt_run_alloc(run, layers * sizeof *c->cross);
    c->history[0] = tt_run_alloc(run, listed * (size_t)c->max_steps * sizeof(int32_t));
    c->history[1] = tt_run_alloc(run, listed * (size_t)c->max_steps * sizeof(int32_t));
    c->lists = tt_run_alloc(run, n * sizeof *c->lists);
    c->count = tt_run_alloc(run, 7 * n * sizeof *c->count);
    if (run->failed) return NULL;
    c->cell = c->count + n;
    c->first = c->cell + n;
    c->length = c->first + n;
    c->position = c->length + n;
    c->begin[0] = c->position + n;
    c->begin[1] = c->begin[0] + n;
    for (int i = 0; i < c->layers; i++) {
        if (c->recurrent) c->states[i] = tt_run_alloc(run, 2 * n * (size_t)h->dim * sizeof(float));
        if (brief) c->cross[i] = tt_run_alloc(run, 2 * (size_t)src->off[src->count] * c->wide * sizeof(uint32_t));
    }
    return run->failed ? NULL : c;
}

/* Keys or values (count, D) as they are kept. */
static void keep_rows(const tt_cache *c, void *to, const float *from, int count) {
    const size_t d = (size_t)c->dim;
    if (!c->brief) {
        memcpy(to, from, (size_t)count * d * sizeof *from);
        return;
    }
    uint32_t *words = to;
    for (int i = 0; i < count; i++, words += c->wide, from += d) c->k->keep16(words, from, c->heads, c->dim / c->heads);
}

void tt_cache_set_cross(tt_cache *c, int layer, const tt_tensor *kv) {
    if (c->brief && kv) keep_rows(c, c->cross[layer], kv->data, 2 * kv->rows);
    else c->cross[layer] = kv ? kv->data : NULL;
}

void tt_cache_set_output(tt_cache *c, tt_out_layer *out) {
    c->output = out;
}

tt_out_layer *tt_cache_output(const tt_cache *c) {
    return c->output;
}

int tt_cache_steps(const tt_cache *c) {
    return c->step + 1;
}

/* Row r's cell of this step is in place `slot` of its sentence; and its history, from its parent's. */
static void continue_history(tt_cache *c, int r, int32_t parent, int32_t sentence, int slot) {
    const int32_t near = c->near[sentence], place = c->first_cell[sentence] + slot * near;
    size_t steps = (size_t)c->max_steps, seen = (size_t)c->step, now = seen & 1, old = !now;
    const int32_t was = seen ? c->begin[old][parent] : place;
    c->cell[r] = c->step < near ? place + c->step : c->next++;
    c->begin[now][r] = was == place && c->step < near ? place : -1;
    c->lists[r] = NULL;
    if (c->begin[now][r] >= 0) return;
    int32_t *list = c->history[now] + (size_t)r * steps;
    if (was < 0) memcpy(list, c->history[old] + (size_t)parent * steps, seen * sizeof *list);
    for (int32_t i = 0; was >= 0 && i < c->step; i++) list[i] = was + i;
    list[seen] = c->cell[r];
    c->lists[r] = list;
}

/* Memory for a layer's cells; those of the steps so far move there. */
static void make_cells(tt_run *run, tt_cache *c, int layer, size_t before) {
    const size_t one = c->wide * sizeof(float);
    void *keys = tt_run_alloc(run, c->cells * one), *values = tt_run_alloc(run, c->cells * one);
    if (before && !run->failed) {
        memcpy(keys, c->keys[layer], before * one);
        memcpy(values, c->values[layer], before * one);
    }
    c->keys[layer] = keys;
    c->values[layer] = values;
}

int tt_cache_reserve(tt_run *run, tt_cache *c, int rows) {
    const size_t before = c->cells, used = (size_t)c->next, need = used + (size_t)rows;
    if (run->failed || c->recurrent || need <= before || before == c->most) return run->failed;
    const size_t wish = before ? need + before / 2 : c->usual;
    c->cells = wish < c->most ? wish : c->most;
    for (int i = 0; i < c->layers; i++) make_cells(run, c, i, before ? used : 0);
    return run->failed;
}

const int32_t *tt_cache_step(tt_run *run, tt_cache *c, int rows, const int32_t *parent, const int32_t *sentence) {
    if (run->failed) return NULL;
    c->step++;
    c->rows = rows;
    c->parent = parent;
    int slot = 0;
    for (int r = 0; r < rows && r < c->max_rows; r++) {
        int32_t b = sentence[r];
        slot = r && sentence[r - 1] == b ? slot + 1 : 0;
        if (slot >= c->room[b].rows || c->step >= c->room[b].steps) rows = c->max_rows + 1;
        else if (!c->recurrent) continue_history(c, r, parent[r], b, slot);
        c->count[r] = c->step + 1;
        c->position[r] = c->step;
        c->first[r] = c->src_off[b];
        c->length[r] = c->src_off[b + 1] - c->first[r];
    }
    if (rows <= c->max_rows && (c->recurrent || (size_t)c->next <= c->cells)) return c->position;
    run->failed = tt_fail(&run->err, TT_EINTERNAL, "decoding cache is full: %d rows at step %d", c->rows, c->step);
    return NULL;
}

tt_reads tt_cache_self(tt_cache *c, int layer, const tt_tensor *qkv) {
    const size_t d = (size_t)c->dim, one = c->wide * sizeof(float);
    char *keys = c->keys[layer], *values = c->values[layer];
    for (int r = 0; qkv && r < c->rows; r++) {
        const float *from = qkv->data + (size_t)r * 3 * d;
        const size_t to = (size_t)c->cell[r] * one;
        keep_rows(c, keys + to, from + d, 1);
        keep_rows(c, values + to, from + 2 * d, 1);
    }
    return (tt_reads){.k = keys, .v = values, .brief = c->brief, .ld = (ptrdiff_t)c->wide, .rows = c->lists,
                      .first = c->begin[c->step & 1], .n = c->count};
}

tt_state_rows tt_cache_state(tt_cache *c, int layer) {
    size_t block = (size_t)c->max_rows * (size_t)c->dim;
    float *even = c->states[layer], *odd = even + block, *after = c->step & 1 ? odd : even;
    return (tt_state_rows){c->step ? (after == odd ? even : odd) : NULL, after, c->parent};
}

tt_reads tt_cache_cross(tt_cache *c, int layer) {
    const char *kv = c->cross[layer];
    return (tt_reads){.k = kv, .v = kv ? kv + c->wide * sizeof(float) : NULL, .brief = c->brief,
                      .ld = 2 * (ptrdiff_t)c->wide, .first = c->first, .n = c->length};
}
