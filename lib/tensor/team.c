/* team.c: see team.h. A product that is shared stands in a desk: its description, a copy of its
 * input, and room for what helpers make. Slices are taken from a counter that runs down to 0. A
 * desk is free again when the counter is used up and no helper is in it; with one desk more than
 * helpers there is always a free one, even if every helper has been put aside in the middle of a
 * slice.
 */
#include "tensor/team.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/pages.h"

enum {
    SLICES = 1024,     /* of a product at most */
    INPUT = 512 << 10, /* bytes of it, likewise */
    OUTPUT = 4 << 20,
    LEAST = 96 << 10, /* bytes of weights that are worth the handing over */
    WATCH = 2000,     /* looks at the desk before a helper offers its processor to others */
    PATIENCE = 2      /* slices' times that the leader waits for the last ones */
};

struct desk {
    _Atomic int left;   /* slices that nobody has taken; 0 or less: none */
    _Atomic int inside; /* helpers at it */
    tt_product p;       /* its input is the copy */
    char *input;        /* (INPUT); NULL until it is needed */
    float *output;      /* slice s at s * m * TT_SLICE */
    _Atomic unsigned char done[SLICES];
};

struct tt_team {
    _Atomic unsigned turns; /* of gathering and dismissing: odd while together */
    _Atomic int helpers;    /* at hand, at most desks - 1 */
    _Atomic(struct desk *) current;
    int desks;
    struct desk *desk;
};

tt_team *tt_team_open(int helpers, tt_err *e) {
    tt_team *t = calloc(1, sizeof *t);
    if (t) t->desk = calloc((size_t)helpers + 1, sizeof *t->desk);
    if (!t || !t->desk) {
        free(t);
        tt_fail(e, TT_ENOMEM, "out of memory for %d threads", helpers + 1);
        return NULL;
    }
    t->desks = helpers + 1;
    return t;
}

void tt_team_close(tt_team *t) {
    if (!t) return;
    for (int i = 0; i < t->desks; i++) {
        free(t->desk[i].input);
        free(t->desk[i].output);
    }
    free(t->desk);
    free(t);
}

void tt_team_gather(tt_team *t) {
    atomic_store(&t->current, NULL);
    atomic_fetch_add(&t->turns, 1);
}

void tt_team_dismiss(tt_team *t) { atomic_fetch_add(&t->turns, 1); }

static void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

int tt_team_helpers(const tt_team *t) {
    int n = atomic_load(&t->helpers);
    return atomic_load(&t->turns) % 2 && n < t->desks - 1 ? n : -1;
}

/* Takes slices while there are any. 0: there was none. */
static int take_slices(struct desk *d, float *work) {
    int taken = 0, s;
    atomic_fetch_add(&d->inside, 1);
    while ((s = atomic_fetch_sub(&d->left, 1) - 1) >= 0) {
        tt_product_slice(&d->p, s, d->output + (size_t)s * (size_t)d->p.m * TT_SLICE, TT_SLICE,
                         work);
        atomic_store_explicit(&d->done[s], 1, memory_order_release);
        taken = 1;
    }
    atomic_fetch_sub(&d->inside, 1);
    return taken;
}

void tt_team_help(tt_team *t, float *work) {
    const unsigned turn = atomic_load(&t->turns);
    if (atomic_fetch_add(&t->helpers, 1) < t->desks - 1 && turn % 2) {
        for (int idle = 0; atomic_load(&t->turns) == turn; idle++) {
            struct desk *d = atomic_load_explicit(&t->current, memory_order_acquire);
            if (d && atomic_load_explicit(&d->left, memory_order_relaxed) > 0 &&
                take_slices(d, work))
                idle = 0;
            else if (idle > WATCH) sched_yield();
            else relax();
        }
    }
    atomic_fetch_sub(&t->helpers, 1);
}

void tt_team_settle(tt_team *t) {
    for (int i = 0; i < t->desks; i++)
        while (atomic_load(&t->desk[i].inside)) sched_yield();
}

/* A desk that nobody is at, with the product on it; or NULL. */
static struct desk *lay_out(tt_team *t, const tt_product *p, int slices) {
    struct desk *d = NULL;
    for (int i = 0; i < t->desks && !d; i++)
        if (atomic_load(&t->desk[i].left) <= 0 && !atomic_load(&t->desk[i].inside)) d = &t->desk[i];
    if (!d) return NULL;
    if (!d->output) {
        d->input = aligned_alloc(64, INPUT);
        d->output = d->input ? aligned_alloc(64, OUTPUT) : NULL;
        if (!d->output) {
            free(d->input);
            d->input = NULL;
            return NULL;
        }
    }
    size_t m = (size_t)p->m, row = tt_product_row(p);
    memcpy(d->input, p->q ? p->q : p->x, m * row);
    d->p = *p;
    if (p->q) {
        char *behind = d->input + m * row; /* rows are whole lines, so it is aligned */
        memcpy(behind, p->scale, m * sizeof *p->scale);
        memcpy(behind + m * sizeof *p->scale, p->sum, m * sizeof *p->sum);
        d->p.q = d->input;
        d->p.scale = (const float *)(const void *)behind;
        d->p.sum = (const int32_t *)(const void *)(behind + m * sizeof *p->scale);
        d->p.x = NULL;
    } else {
        d->p.x = (const float *)(const void *)d->input;
    }
    for (int s = 0; s < slices; s++) atomic_store_explicit(&d->done[s], 0, memory_order_relaxed);
    atomic_store(&d->left, slices);
    atomic_store_explicit(&t->current, d, memory_order_release);
    return d;
}

/* Waits a while for slice s, which a helper has taken. 0: it is not there. */
static bool is_done(struct desk *d, int s, double until) {
    for (int look = 1; !atomic_load_explicit(&d->done[s], memory_order_acquire); look++) {
        if (look % 32 == 0 && tt_clock() > until) return false;
        relax();
    }
    return true;
}

static void compute(const tt_product *p, int s, tt_sink *sink, float *work) {
    float *c = sink->c + s * sink->step;
    tt_product_slice(p, s, c, sink->ldc, work);
    sink->take(sink, s, tt_product_columns(p, s), c, sink->ldc);
}

int tt_team_multiply(tt_team *t, const tt_product *p, tt_sink *sink, float *work) {
    int n = p->w->rows, slices = tt_product_slices(p), mine = 0;
    size_t m = (size_t)p->m, in = (size_t)p->w->cols;
    if (!atomic_load(&t->helpers) || slices < 2 || slices > SLICES ||
        m * (in + 64) * sizeof(float) > INPUT)
        return -1;
    if (m * TT_SLICE * (size_t)slices * sizeof(float) > OUTPUT ||
        m * in * (size_t)n * (p->q ? 1 : 4) < LEAST)
        return -1;
    struct desk *d = lay_out(t, p, slices);
    if (!d) return -1;
    unsigned char own[SLICES] = {0};
    double begun = tt_clock();
    for (int s; (s = atomic_fetch_sub(&d->left, 1) - 1) >= 0; mine++) {
        compute(p, s, sink, work);
        own[s] = 1;
    }
    double now = tt_clock(), until = now + PATIENCE * (now - begun) / (mine ? mine : 1);
    for (int s = 0; s < slices; s++) {
        const float *theirs = d->output + (size_t)s * m * TT_SLICE;
        if (own[s]) continue;
        if (is_done(d, s, until)) sink->take(sink, s, tt_product_columns(p, s), theirs, TT_SLICE);
        else compute(p, s, sink, work);
    }
    return 0;
}
