/* pool.c: see pool.h. The locks of the library are here and in train/overlap.c. A run hands
 * out items from one counter under a mutex: items are large (a batch, a shard of a training step),
 * so this is never where time goes, and nobody spins while a neighbour is busy.
 */
#include "base/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    tt_pool *pool;
    pthread_t thread;
    int index;
};

struct tt_pool {
    pthread_mutex_t lock;
    pthread_cond_t work_ready, all_done;
    struct worker *workers;
    int size, started;
    int closing;
    unsigned long runs; /* so far */
    tt_pool_fn *work;
    tt_pool_spare *spare; /* or NULL */
    void *ctx;
    size_t next, count, pending; /* next item; items of this run; items not finished */
};

/* Takes items until none is left. Called and left with the lock held. */
static void take_items(tt_pool *p, int worker) {
    while (p->next < p->count) {
        size_t item = p->next++;
        pthread_mutex_unlock(&p->lock);
        p->work(p->ctx, item, worker);
        pthread_mutex_lock(&p->lock);
        if (!--p->pending) pthread_cond_broadcast(&p->all_done);
    }
}

/* Helps while others are at their items. Called and left with the lock held. */
static void help(tt_pool *p, int worker) {
    tt_pool_spare *spare = p->spare;
    void *ctx = p->ctx;
    if (!p->pending || !spare) return;
    pthread_mutex_unlock(&p->lock);
    spare(ctx, worker);
    pthread_mutex_lock(&p->lock);
}

static void *worker_main(void *arg) {
    struct worker *w = arg;
    tt_pool *p = w->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->closing) {
        const unsigned long seen = p->runs;
        take_items(p, w->index);
        help(p, w->index);
        while (!p->closing && seen == p->runs) pthread_cond_wait(&p->work_ready, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

tt_pool *tt_pool_open(int threads, tt_err *e) {
    tt_pool *p = calloc(1, sizeof *p);
    if (!p) goto fail;
    p->size = threads;
    p->workers = calloc((size_t)threads, sizeof *p->workers);
    if (!p->workers) goto fail;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work_ready, NULL);
    pthread_cond_init(&p->all_done, NULL);
    for (int i = 1; i < threads; i++) {
        p->workers[i] = (struct worker){.pool = p, .index = i};
        int rc = pthread_create(&p->workers[i].thread, NULL, worker_main, &p->workers[i]);
        if (rc) {
            tt_fail_errno(e, TT_ENOMEM, rc, "cannot start thread %d of %d", i + 1, threads);
            tt_pool_close(p);
            return NULL;
        }
        p->started = i;
    }
    return p;
fail:
    free(p);
    tt_fail(e, TT_ENOMEM, "out of memory for %d threads", threads);
    return NULL;
}

void tt_pool_close(tt_pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->closing = 1;
    pthread_cond_broadcast(&p->work_ready);
    pthread_mutex_unlock(&p->lock);
    for (int i = 1; i <= p->started; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->all_done);
    pthread_cond_destroy(&p->work_ready);
    pthread_mutex_destroy(&p->lock);
    free(p->workers);
    free(p);
}

int tt_pool_size(const tt_pool *p) { return p->size; }

void tt_pool_run(tt_pool *p, size_t n, tt_pool_fn *work, void *ctx) {
    tt_pool_run_helped(p, n, work, NULL, ctx);
}

void tt_pool_run_helped(tt_pool *p, size_t n, tt_pool_fn *work, tt_pool_spare *spare, void *ctx) {
    if (!n) return;
    pthread_mutex_lock(&p->lock);
    p->runs++;
    p->work = work;
    p->spare = spare;
    p->ctx = ctx;
    p->next = 0;
    p->count = p->pending = n;
    if (p->started && (n > 1 || spare)) pthread_cond_broadcast(&p->work_ready);
    take_items(p, 0);
    help(p, 0);
    while (p->pending) pthread_cond_wait(&p->all_done, &p->lock);
    p->count = p->next = 0;
    pthread_mutex_unlock(&p->lock);
}
