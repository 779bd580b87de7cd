/* t_overlap.c: parts are summed once each, top layers first, none before all shards left it. */
#include "train/overlap.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "test.h"

enum { SHARDS = 3, PARTS_MOST = 32 };

/* The layer that each shard has come down to, and the parts that were summed since. */
struct seen {
    atomic_int lowest[SHARDS]; /* parts at and above this are left */
    size_t at[PARTS_MOST], n[PARTS_MOST];
    int parts, early;
    int fail_at;         /* the part whose sum fails, or -1 */
    const int *layer_of; /* (size) */
};

static int sum(void *ctx, size_t at, size_t n, tt_err *e) {
    struct seen *s = ctx;
    if (s->parts == s->fail_at) return tt_fail(e, TT_EIO, "lost");
    for (int i = 0; i < SHARDS; i++)
        if (atomic_load(&s->lowest[i]) > s->layer_of[at]) s->early++;
    if (s->parts < PARTS_MOST) s->at[s->parts] = at, s->n[s->parts] = n;
    s->parts++;
    return 0;
}

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    int *layer_of = ctx;
    for (size_t i = 0; i < tt_tensor_size(t); i++)
        layer_of[offset + i] =
            p->layer ? tt_layer_part(p->side == TT_DECODER_SIDE, p->layer - 1) : -1;
}

struct walk {
    tt_overlap *o;
    struct seen *seen;
    const tt_hyper *h;
    bool skip; /* the second layer of the encoder, as dropout of layers does */
};

static void walk_back(void *ctx, size_t item, int worker) {
    struct walk *w = ctx;
    void *shard = tt_overlap_shard(w->o, (int)item);
    (void)worker;
    for (int side = 1; side >= 0; side--)
        for (int i = (side ? w->h->dec_layers : w->h->enc_layers) - 1; i >= 0; i--) {
            if (w->skip && !side && i == 1) continue;
            atomic_store(&w->seen->lowest[item], tt_layer_part(side, i));
            tt_overlap_left(shard, tt_layer_part(side, i));
        }
    atomic_store(&w->seen->lowest[item], -1);
    tt_overlap_passed(w->o, (int)item);
}

static int run(tt_overlap *o, struct walk *w, tt_pool *pool, tt_err *e) {
    for (int i = 0; i < SHARDS; i++) atomic_store(&w->seen->lowest[i], 2 * TT_LAYERS_MOST);
    w->seen->parts = 0;
    TT_TRY(tt_overlap_begin(o, e));
    tt_pool_run(pool, SHARDS, walk_back, w);
    return tt_overlap_end(o, e);
}

int main(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_model *m;
    tt_hyper_init(&h);
    h.vocab = h.tgt_vocab = 20, h.dim = 16, h.heads = 2, h.ffn = 32, h.enc_layers = 3,
    h.dec_layers = 2;
    const size_t size = tt_model_size(&h);
    int *layer_of = calloc(size, sizeof *layer_of);
    char *times = malloc(size);
    CHECK(layer_of && times, "memory");
    CHECK(!tt_model_open(&m, &h, NULL, NULL, &e), "%s", e.msg);
    tt_model_walk(m, visit, layer_of);
    tt_pool *pool = tt_pool_open(3, &e);
    struct seen seen = {.fail_at = -1, .layer_of = layer_of};
    tt_overlap *o = tt_overlap_open(m, SHARDS, sum, &seen, &e);
    CHECK(pool && o, "%s", e.msg);
    struct walk w = {o, &seen, &h, false};
    for (int round = 0; round < 200; round++) {
        w.skip = round % 2;
        CHECK(!run(o, &w, pool, &e), "%s", e.msg);
        memset(times, 0, size);
        int falling = 1;
        for (int i = 0; i < seen.parts; i++) {
            for (size_t k = 0; k < seen.n[i]; k++) times[seen.at[i] + k]++;
            falling &= !i || layer_of[seen.at[i]] <= layer_of[seen.at[i - 1]];
        }
        CHECK(falling, "round %d: a lower layer comes first", round);
        CHECK(seen.parts >= 6 && layer_of[seen.at[0]] == tt_layer_part(true, 1),
              "%d parts, the first of layer %d", seen.parts, layer_of[seen.at[0]]);
        size_t wrong = 0;
        for (size_t i = 0; i < size; i++) wrong += times[i] != 1;
        CHECK(!wrong, "round %d: %zu numbers not summed once", round, wrong);
        CHECK(!seen.early, "round %d: %d sums too early", round, seen.early);
        seen.early = 0;
    }
    seen.fail_at = 2;
    CHECK(run(o, &w, pool, &e) == TT_EIO && !strcmp(e.msg, "lost"), "the error comes out");
    CHECK(seen.parts == 2, "%d sums before the failure", seen.parts);
    tt_overlap_close(o);
    tt_pool_close(pool);
    tt_model_close(m);
    free(layer_of);
    free(times);
    return test_done("t_overlap");
}
