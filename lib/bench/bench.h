/* bench.h: what the files of this room share; the public part, tt_bench, is in ttrans.h.
 *
 * bench.c goes through the settings and chooses; products.c times the kernels, bandwidth.c the
 * memory, pace.c a translator at work; prose.c is the text it is given.
 */
#ifndef TT_BENCH_BENCH_H
#define TT_BENCH_BENCH_H

#include "base/arena.h"

/* Who hears of the rows. */
typedef struct tt_bench_sink {
    tt_bench_fn *show;
    void *ctx;
} tt_bench_sink;

/* Lines to translate, in an arena. */
typedef struct tt_prose {
    tt_span *lines; /* (count), none blank */
    size_t count, words;
} tt_prose;

/* The lines of a file that have words, the first MiB of them; without a path some that are built
   in. TT_EDATA when there are none. */
int tt_prose_open(tt_prose *p, const char *path, tt_arena *a, tt_err *e);

/* A line of just so many words, beginning at another one for each `which`. NULL: no memory. */
char *tt_prose_line(const tt_prose *p, int words, size_t which, tt_arena *a);

/* TT_BENCH_PRODUCT rows for the matrices of a model, on one thread, in about `seconds`. `types` as
   in tt_bench_options; isa NULL: all levels of this CPU. */
int tt_bench_products(const char *model, const char *isa, unsigned types, double seconds,
                      const tt_bench_sink *to, tt_err *e);

/* A TT_BENCH_READ row: what so many threads read from memory together. */
int tt_bench_bandwidth(int threads, double seconds, const tt_bench_sink *to, tt_err *e);

/* A translator at work. In: compute, beam, threads and batch of *row, and whether it is
   TT_BENCH_BULK, or TT_BENCH_LINE, which has its words, or TT_BENCH_START, which only opens it.
   Out: the rest of it; *load gets the seconds that opening took. Takes `seconds` or as long as the
   least it must do. */
int tt_bench_pace(tt_bench_row *row, double *load, const char *model, const char *isa,
                  const tt_prose *p, double seconds, tt_err *e);

/* Bytes of memory in use by this process, and the most since the last restart; 0: the system does
 * not say. */
size_t tt_memory_used(void);
size_t tt_memory_peak(void);
void tt_memory_restart(void); /* gives back what is free, too */

#endif
