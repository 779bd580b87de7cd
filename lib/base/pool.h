/* pool.h: a fixed set of threads.
 *
 *     tt_pool *p = tt_pool_open(threads, &e);
 *     tt_pool_run(p, n, work, ctx);        // work(ctx, i, worker) for i in 0 … n-1, then returns
 *     tt_pool_close(p);
 *
 * Items are handed out one at a time in rising order, to whichever worker is free; the caller is
 * worker 0. Which worker gets an item must not change any result. `worker` is below tt_pool_size.
 */
#ifndef TT_BASE_POOL_H
#define TT_BASE_POOL_H

#include "base/err.h"

typedef struct tt_pool tt_pool;
typedef void tt_pool_fn(void *ctx, size_t item, int worker);

tt_pool *tt_pool_open(int threads, tt_err *e); /* threads >= 1; NULL on failure */
void tt_pool_close(tt_pool *p);
int tt_pool_size(const tt_pool *p);
void tt_pool_run(tt_pool *p, size_t n, tt_pool_fn *work, void *ctx);

/* The same; workers for whom no item is left call spare(ctx, worker), to help with those at work.
   `spare` must return soon after the last item is done. Nobody waits for it: `spare` may still be
   running after tt_pool_run_helped returns, until tt_pool_close. ctx must live as long. */
typedef void tt_pool_spare(void *ctx, int worker);
void tt_pool_run_helped(tt_pool *p, size_t n, tt_pool_fn *work, tt_pool_spare *spare, void *ctx);

#endif
