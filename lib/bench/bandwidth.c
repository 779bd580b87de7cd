/* bandwidth.c: how fast memory can be read, and how much of it this process uses.
 *
 * One number of each cache line is added up: the whole line must come, and the adding costs nothing
 * beside it. The block is far larger than caches are.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/clock.h"
#include "base/pool.h"
#include "bench/bench.h"
#include "ttrans.h"

enum {
    LINE = 64,
    STEP = LINE / sizeof(uint64_t),
    PART = 64 << 20 /* bytes that a thread reads in one go */
};

struct reading {
    const uint64_t *block;
    uint64_t *sums; /* (threads): kept, so that no compiler leaves the work out */
};

static void read_part(void *ctx, size_t item, int worker) {
    (void)worker;
    struct reading *r = ctx;
    const uint64_t *p = r->block + item * (PART / sizeof *p);
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i < PART / sizeof *p; i += 4 * (size_t)STEP) {
        a += p[i];
        b += p[i + STEP];
        c += p[i + 2 * (size_t)STEP];
        d += p[i + 3 * (size_t)STEP];
    }
    r->sums[item] = a + b + c + d;
}

int tt_bench_bandwidth(int threads, double seconds, const tt_bench_sink *to, tt_err *e) {
    const size_t parts = (size_t)(threads < 4 ? 4 : threads), bytes = parts * PART;
    uint64_t *block = aligned_alloc(LINE, bytes), *sums = malloc(parts * sizeof *sums);
    tt_pool *pool = tt_pool_open(threads, e);
    int rc = pool ? 0 : TT_ENOMEM;
    if (pool && (!block || !sums))
        rc = tt_fail(e, TT_ENOMEM, "out of memory: %zu MiB to read", bytes >> 20);
    if (!rc) {
        memset(block, 1, bytes); /* pages that were never written are all one page */
        struct reading r = {block, sums};
        double best = 0, begun = tt_clock(), now = begun;
        for (int round = 0; round < 3 || now - begun < seconds; round++) {
            double start = now;
            tt_pool_run(pool, parts, read_part, &r);
            now = tt_clock();
            double rate = (double)bytes / (now - start) * 1e-9;
            if (rate > best) best = rate;
        }
        tt_bench_row row = {.kind = TT_BENCH_READ, .threads = threads, .rate = best};
        to->show(to->ctx, &row);
    }
    tt_pool_close(pool);
    free(block);
    free(sums);
    return rc;
}

/* A line "VmHWM:   123 kB" of Linux's account of this process, in bytes. */
static size_t ask(const char *key) {
    char line[128];
    size_t kib = 0, len = strlen(key);
    FILE *f = fopen("/proc/self/status", "r");
    if (!f) return 0;
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, key, len)) kib = strtoul(line + len, NULL, 10);
    fclose(f);
    return kib << 10;
}

size_t tt_memory_used(void) { return ask("VmRSS:"); }

size_t tt_memory_peak(void) { return ask("VmHWM:"); }

void tt_memory_restart(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f) return;
    fputs("5\n", f); /* proc(5): sets the peak to what is used now */
    fclose(f);
}
