/* t_pool.c: every item is done once, by a worker there is; runs follow one another; those without
 * work help, and hold nobody up.
 */
#include "base/pool.h"
#include "unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { ITEMS = 300, WORKERS = 8, PATIENCE = 20000 /* milliseconds */ };

struct count {
    atomic_int done[ITEMS];
    atomic_int bad_worker, out_of_order, other_thread;
    long last[WORKERS]; /* item of each worker, so each has its own */
    pthread_t caller;
    int size;
};

static void count_item(void *ctx, size_t item, int worker) {
    struct count *c = ctx;
    c->done[item]++;
    if (worker < 0 || worker >= c->size) {
        c->bad_worker++;
        return;
    }
    c->out_of_order += c->last[worker] >= (long)item;
    c->last[worker] = (long)item;
    c->other_thread += !worker != !!pthread_equal(pthread_self(), c->caller);
}

static void test_items(void) {
    static const size_t sizes[] = {0, 1, 2, 3, 17, ITEMS};
    for (int threads = 1; threads <= WORKERS; threads++) {
        tt_err e;
        tt_pool *p = tt_pool_open(threads, &e);
        CHECK(p && tt_pool_size(p) == threads);
        size_t wrong = 0, odd = 0;
        for (int turn = 0; turn < 60; turn++) {
            const size_t n = sizes[turn % 6];
            struct count c = {.size = threads, .caller = pthread_self()};
            for (int w = 0; w < WORKERS; w++) c.last[w] = -1;
            tt_pool_run(p, n, count_item, &c);
            for (size_t i = 0; i < ITEMS; i++) wrong += c.done[i] != (i < n);
            odd += c.bad_worker || c.out_of_order || c.other_thread;
        }
        CHECK(!wrong, "%d threads: %zu items were not done once", threads, wrong);
        CHECK(!odd, "%d threads: %zu runs with a wrong worker or order", threads, odd);
        tt_pool_close(p);
    }
    tt_pool_close(NULL);
}

static int wait_for(const atomic_int *flag, int least) {
    for (int i = 0; i < PATIENCE && *flag < least; i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    return *flag >= least;
}

/* All items wait for each other, so each must be at a worker of its own. */
struct meeting {
    atomic_int here, met;
    int want;
};

static void meet(void *ctx, size_t item, int worker) {
    struct meeting *m = ctx;
    (void)item, (void)worker;
    m->here++;
    m->met += wait_for(&m->here, m->want);
}

static void test_at_once(void) {
    tt_err e;
    tt_pool *p = tt_pool_open(4, &e);
    for (int n = 2; n <= 4; n++) {
        struct meeting m = {.want = n};
        tt_pool_run(p, (size_t)n, meet, &m);
        CHECK(m.met == n, "of %d items %d were worked on at once", n, m.met);
    }
    tt_pool_close(p);
}

/* The item is done when a helper has come. The helper stays until it is let go. */
struct helping {
    atomic_int helpers, workers_seen, let_go, left, came;
};

static void wait_for_help(void *ctx, size_t item, int worker) {
    struct helping *h = ctx;
    (void)item, (void)worker;
    h->came += wait_for(&h->helpers, 1);
}

static void stay(void *ctx, int worker) {
    struct helping *h = ctx;
    atomic_fetch_or(&h->workers_seen, 1 << worker);
    h->helpers++;
    if (!worker) return; /* the caller: the run is to return */
    wait_for(&h->let_go, 1);
    h->left++;
}

static void add_one(void *ctx, size_t item, int worker) {
    (void)item, (void)worker;
    ++*(atomic_int *)ctx;
}

static void test_help(void) {
    tt_err e;
    tt_pool *p = tt_pool_open(2, &e);
    struct helping h = {0};
    tt_pool_run_helped(p, 1, wait_for_help, stay, &h);
    CHECK(h.came == 1, "nobody helped");
    CHECK((h.workers_seen & ~3) == 0, "workers %x", (unsigned)h.workers_seen);
    atomic_int done = 0;
    tt_pool_run(p, 5, add_one, &done); /* the helper of the run before may be at it still */
    CHECK(done == 5, "%d of 5 items beside a late helper", done);
    h.let_go = 1;
    tt_pool_run(p, 5, add_one, &done);
    CHECK(done == 10);
    tt_pool_close(p); /* waits for helpers */
    CHECK(h.left == h.helpers - (h.workers_seen & 1), "%d helpers, %d left", h.helpers, h.left);
}

int main(void) {
    test_items();
    test_at_once();
    test_help();
    return test_done("t_pool");
}
