/* comm_mpi.c: ranks over MPI (Open MPI or MPICH); see comm.h.
 *
 * Sums go by recursive halving, then doubling (Rabenseifner 2004; Thakur et al. 2005): in step i a
 * rank exchanges half of what it is still to sum with rank XOR 2^i, neighbours first, so that each
 * element is added up as the balanced tree over ranks; a rank sends and receives 2 (R-1)/R of the
 * block in all. Waiting asks again and again whether something came, so that a lost rank is
 * noticed.
 */
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "comm/comm.h"

enum { PIECE = 1 << 28 }; /* bytes of one message: counts are ints */

static const double patience = 0.5; /* seconds without anything once *stop is set */

struct tt_comm {
    int rank, size;
    const volatile sig_atomic_t *stop; /* borrowed */
    char *work;                        /* owned */
    size_t room;
    int lost; /* another rank does not answer */
};

int tt_comm_has_mpi(void) { return 1; }

tt_comm *tt_comm_open(const volatile sig_atomic_t *stop, tt_err *e) {
    int got, ready = 0;
    tt_comm *c = calloc(1, sizeof *c);
    if (!c) {
        tt_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    MPI_Initialized(&ready);
    if (!ready && MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &got) != MPI_SUCCESS) {
        free(c);
        tt_fail(e, TT_ECONFIG, "MPI cannot be started");
        return NULL;
    }
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &c->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &c->size);
    c->stop = stop;
    return c;
}

/* After a failure: do all ranks know of it, and come to the end? */
static int all_arrive(void) {
    MPI_Request r;
    int done = 0;
    if (MPI_Ibarrier(MPI_COMM_WORLD, &r) != MPI_SUCCESS) return 0;
    for (const double end = tt_clock() + 2; !done && tt_clock() < end;) {
        if (MPI_Test(&r, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return 0;
        if (!done) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return done;
}

void tt_comm_close(tt_comm *c, int rc) {
    if (!c) return;
    if (c->lost || (rc && !all_arrive())) MPI_Abort(MPI_COMM_WORLD, tt_err_status(rc));
    MPI_Finalize();
    free(c->work);
    free(c);
}

bool tt_comm_moves(const tt_comm *c) {
    int level = MPI_THREAD_SINGLE;
    return c && MPI_Query_thread(&level) == MPI_SUCCESS && level >= MPI_THREAD_SERIALIZED;
}

int tt_comm_rank(const tt_comm *c) { return c ? c->rank : 0; }
int tt_comm_size(const tt_comm *c) { return c ? c->size : 1; }

static int lost(tt_comm *c, tt_err *e) {
    c->lost = 1;
    return tt_fail(e, TT_EIO, "another rank is gone, or does not answer");
}

static void rest(long spins) {
    if (spins < 200) return;
    nanosleep(&(struct timespec){.tv_nsec = spins < 2000 ? 1000 : 50000}, NULL);
}

/* Waits for all requests. */
static int finish(tt_comm *c, MPI_Request *r, int n, tt_err *e) {
    double since = 0;
    for (long spins = 0;; spins++) {
        int done;
        if (MPI_Testall(n, r, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS) return lost(c, e);
        if (done) return 0;
        if (c->stop && *c->stop) {
            const double now = tt_clock();
            if (since <= 0) since = now;
            if (now > since + patience) return lost(c, e);
        }
        rest(spins);
    }
}

static int exchange(tt_comm *c, int peer, const char *out, size_t n_out, char *in, size_t n_in,
                    tt_err *e) {
    for (size_t at = 0; at < n_out || at < n_in; at += PIECE) {
        MPI_Request r[2];
        int n = 0;
        const size_t a = at < n_out ? (n_out - at < PIECE ? n_out - at : PIECE) : 0;
        const size_t b = at < n_in ? (n_in - at < PIECE ? n_in - at : PIECE) : 0;
        if (b && MPI_Irecv(in + at, (int)b, MPI_BYTE, peer, 1, MPI_COMM_WORLD, &r[n++]))
            return lost(c, e);
        if (a && MPI_Isend(out + at, (int)a, MPI_BYTE, peer, 1, MPI_COMM_WORLD, &r[n++]))
            return lost(c, e);
        TT_TRY(finish(c, r, n, e));
    }
    return 0;
}

static int reserve(tt_comm *c, size_t bytes, tt_err *e) {
    if (bytes <= c->room) return 0;
    char *more = realloc(c->work, bytes);
    if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for a sum over ranks");
    c->work = more;
    c->room = bytes;
    return 0;
}

static void add(void *x, const void *y, size_t n, size_t size) {
    float *a = x;
    const float *b = y;
    double *p = x;
    const double *q = y;
    for (size_t i = 0; size == sizeof *a && i < n; i++) a[i] += b[i];
    for (size_t i = 0; size == sizeof *p && i < n; i++) p[i] += q[i];
}

/* Numbers of `size` bytes each. */
static int sum(tt_comm *c, char *x, size_t n, size_t size, tt_err *e) {
    size_t lo = 0, len = n, los[32], lens[32];
    int steps = 0;
    TT_TRY(reserve(c, (n + 1) / 2 * size, e));
    for (int d = 1; d < c->size; d *= 2, steps++) {
        const int peer = c->rank ^ d;
        const size_t half = len / 2, upper = len - half;
        const int low = !(c->rank & d); /* keeps the lower part */
        const size_t keep = low ? lo : lo + half, kept = low ? half : upper;
        const size_t give = low ? lo + half : lo, given = low ? upper : half;
        TT_TRY(exchange(c, peer, x + give * size, given * size, c->work, kept * size, e));
        add(x + keep * size, c->work, kept, size);
        los[steps] = lo, lens[steps] = len;
        lo = keep, len = kept;
    }
    while (steps-- > 0) {
        const int peer = c->rank ^ (1 << steps);
        const size_t start = los[steps], half = lens[steps] / 2;
        const int low = !(c->rank & (1 << steps));
        const size_t other = low ? start + half : start, others = low ? lens[steps] - half : half;
        TT_TRY(exchange(c, peer, x + lo * size, len * size, x + other * size, others * size, e));
        lo = start, len = lens[steps];
    }
    return 0;
}

int tt_comm_sum(tt_comm *c, float *x, size_t n, tt_err *e) {
    return c ? sum(c, (char *)x, n, sizeof *x, e) : 0;
}

int tt_comm_sum_double(tt_comm *c, double *x, size_t n, tt_err *e) {
    return c ? sum(c, (char *)x, n, sizeof *x, e) : 0;
}

int tt_comm_same(tt_comm *c, void *x, size_t bytes, tt_err *e) {
    MPI_Request r;
    if (!c) return 0;
    if (bytes > PIECE) return tt_fail(e, TT_EINTERNAL, "%zu bytes for all ranks at once", bytes);
    if (MPI_Ibcast(x, (int)bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &r)) return lost(c, e);
    return finish(c, &r, 1, e);
}

int tt_comm_agree(tt_comm *c, int rc, tt_err *e) {
    struct word {
        int code;
        tt_err e;
    } mine = {rc, {0}}, *all;
    MPI_Request r;
    if (!c || c->lost) return rc;
    if (rc && e) mine.e = *e;
    all = calloc((size_t)c->size, sizeof *all);
    if (!all) return tt_fail(e, TT_ENOMEM, "out of memory");
    int bad = 0;
    if (MPI_Iallgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, MPI_COMM_WORLD,
                       &r))
        bad = lost(c, e);
    else bad = finish(c, &r, 1, e);
    for (int i = 0; i < c->size && !bad; i++)
        if (all[i].code) {
            bad = all[i].code;
            if (e) *e = all[i].e;
        }
    free(all);
    return bad;
}

int tt_comm_give(tt_comm *c, int to, const void *bytes, size_t n, tt_err *e) {
    uint64_t size = n;
    TT_TRY(exchange(c, to, (const char *)&size, sizeof size, NULL, 0, e));
    return exchange(c, to, bytes, n, NULL, 0, e);
}

int tt_comm_take(tt_comm *c, int from, char **bytes, size_t *n, tt_err *e) {
    uint64_t size;
    *bytes = NULL;
    TT_TRY(exchange(c, from, NULL, 0, (char *)&size, sizeof size, e));
    *bytes = malloc(size + 1);
    if (!*bytes) return tt_fail(e, TT_ENOMEM, "out of memory");
    *n = size;
    (*bytes)[size] = 0;
    return exchange(c, from, NULL, 0, *bytes, size, e);
}
