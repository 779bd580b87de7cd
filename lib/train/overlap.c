/* overlap.c: see overlap.h. A part of the parameters is a run of them that lies together and
 * belongs to one layer, or to none. Its turn comes when every shard has left the layer or is
 * through.
 */
#include "train/overlap.h"

#include <pthread.h>
#include <stdlib.h>

enum { NO_LAYER = -1 };

struct part {
    size_t at, n;
    int layer; /* as tt_layer_part numbers them, or NO_LAYER */
};

struct shard {
    tt_overlap *overlap;
    bool left[2 * TT_LAYERS_MOST];
    bool passed;
};

struct tt_overlap {
    struct part *part; /* (parts), in the order of the sums */
    size_t parts;
    struct shard *shard; /* (shards) */
    int shards;
    tt_overlap_sum *sum;
    void *ctx; /* borrowed */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t told;
    tt_err err; /* of the thread */
};

struct listing {
    tt_overlap *o;
    bool counting;
    int last; /* the layer of the parameter before */
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct listing *l = ctx;
    tt_overlap *o = l->o;
    const int layer = p->layer ? tt_layer_part(p->side == TT_DECODER_SIDE, p->layer - 1) : NO_LAYER;
    (void)t;
    if (offset && layer == l->last) return;
    l->last = layer;
    if (!l->counting) {
        o->part[o->parts] = (struct part){offset, 0, layer};
        if (offset) o->part[o->parts - 1].n = offset - o->part[o->parts - 1].at;
    }
    o->parts++;
}

static int compare(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    if (x->layer != y->layer) return x->layer > y->layer ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

tt_overlap *tt_overlap_open(tt_model *m, int shards, tt_overlap_sum *sum, void *ctx, tt_err *e) {
    tt_overlap *o = calloc(1, sizeof *o);
    if (!o) goto memory;
    *o = (tt_overlap){.shards = shards, .sum = sum, .ctx = ctx};
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->told, NULL);
    struct listing l = {o, true, NO_LAYER};
    tt_model_walk(m, visit, &l);
    o->part = calloc(o->parts, sizeof *o->part);
    o->shard = calloc((size_t)shards, sizeof *o->shard);
    if (!o->part || !o->shard) goto memory;
    l = (struct listing){o, false, NO_LAYER};
    o->parts = 0;
    tt_model_walk(m, visit, &l);
    o->part[o->parts - 1].n = tt_model_size(&m->h) - o->part[o->parts - 1].at;
    qsort(o->part, o->parts, sizeof *o->part, compare);
    for (int i = 0; i < shards; i++) o->shard[i].overlap = o;
    return o;
memory:
    tt_overlap_close(o);
    tt_fail(e, TT_ENOMEM, "out of memory for sums over ranks");
    return NULL;
}

void tt_overlap_close(tt_overlap *o) {
    if (!o) return;
    pthread_mutex_destroy(&o->lock);
    pthread_cond_destroy(&o->told);
    free(o->part);
    free(o->shard);
    free(o);
}

/* With the lock held. */
static bool is_ready(const tt_overlap *o, const struct part *part) {
    for (int i = 0; i < o->shards; i++) {
        const struct shard *s = &o->shard[i];
        if (!s->passed && (part->layer == NO_LAYER || !s->left[part->layer])) return false;
    }
    return true;
}

static void *work(void *overlap) {
    tt_overlap *o = overlap;
    for (size_t i = 0; i < o->parts && !o->err.code; i++) {
        pthread_mutex_lock(&o->lock);
        while (!is_ready(o, &o->part[i])) pthread_cond_wait(&o->told, &o->lock);
        pthread_mutex_unlock(&o->lock);
        o->sum(o->ctx, o->part[i].at, o->part[i].n, &o->err);
    }
    return NULL;
}

int tt_overlap_begin(tt_overlap *o, tt_err *e) {
    for (int i = 0; i < o->shards; i++) o->shard[i] = (struct shard){.overlap = o};
    o->err.code = 0;
    if (pthread_create(&o->thread, NULL, work, o))
        return tt_fail(e, TT_ENOMEM, "no thread can be started for sums over ranks");
    return 0;
}

void *tt_overlap_shard(tt_overlap *o, int shard) { return &o->shard[shard]; }

/* One of them is told. */
static void tell(struct shard *s, bool *flag) {
    tt_overlap *o = s->overlap;
    pthread_mutex_lock(&o->lock);
    *flag = true;
    pthread_cond_signal(&o->told);
    pthread_mutex_unlock(&o->lock);
}

void tt_overlap_left(void *shard, int part) {
    struct shard *s = shard;
    tell(s, &s->left[part]);
}

void tt_overlap_passed(tt_overlap *o, int shard) {
    tell(&o->shard[shard], &o->shard[shard].passed);
}

int tt_overlap_end(tt_overlap *o, tt_err *e) {
    pthread_join(o->thread, NULL);
    if (o->err.code) *e = o->err;
    return o->err.code;
}
