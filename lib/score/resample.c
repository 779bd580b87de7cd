/* resample.c: how far scores would move with other sentences: the questions that are asked of
 * trials, by drawing sentences (bootstrap.c) or exchanging those of two systems (randomise.c).
 */
#include "score/resample.h"

#include "score/numpy.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A thread is worth waking for so many draws, ten milliseconds. */
enum { COUNT_MAX = 1000000, SYSTEMS_MAX = 1024, THREAD_WORTH = 1 << 23 };

static int check(const tt_score *const *systems, int n, const tt_trials *t, tt_err *e) {
    const tt_score *base = systems[0];
    if (t->count < 0 || t->count > COUNT_MAX)
        return tt_fail(e, TT_EUSAGE, "%d trials: 1 to %d are allowed", t->count, COUNT_MAX);
    if (t->threads < 0 || t->threads > 1024)
        return tt_fail(e, TT_EUSAGE, "%d threads: 1 to 1024 are allowed", t->threads);
    for (int s = 0; s < n; s++) {
        if (!systems[s]->setting.o.keep)
            return tt_fail(e, TT_EUSAGE, "resampling needs the statistics of each segment");
        if (!systems[s]->segments || systems[s]->segments >= UINT32_MAX)
            return tt_fail(e, TT_EDATA, "%zu segments cannot be resampled", systems[s]->segments);
        if (systems[s]->metric != base->metric || systems[s]->size != base->size ||
            systems[s]->segments != base->segments)
            return tt_fail(e, TT_EUSAGE, "systems differ in metric or in number of segments");
    }
    return 0;
}

static int make_plan(tt_plan *p, const tt_score *const *systems, int n, const tt_trials *t,
                     int zero_is_none, tt_err *e) {
    *p = (tt_plan){.systems = systems, .n_systems = n};
    if (n < 1 || n > SYSTEMS_MAX)
        return tt_fail(e, TT_EUSAGE, "%d systems: 1 to %d are allowed", n, SYSTEMS_MAX);
    TT_TRY(check(systems, n, t, e));
    p->segments = systems[0]->segments;
    p->count = (size_t)t->count;
    if (!p->count) p->count = t->kind == TT_TRIALS_RANDOMISATION ? 10000 : 1000;
    TT_TRY(tt_pcg_seed(&p->pcg, t->seed ? t->seed : "12345", zero_is_none, e));
    size_t threads = t->threads ? (size_t)t->threads : 1;
    size_t worth = 1 + p->count * p->segments / THREAD_WORTH;
    p->pool = tt_pool_open((int)(threads < worth ? threads : worth), e);
    return p->pool ? 0 : TT_ENOMEM;
}

static void close_plan(tt_plan *p) {
    free(p->scores);
    tt_pool_close(p->pool);
}

/* BLEU's last step is always in double; the others end in float32. */
static bool is_float(const tt_score *s) { return s->metric != &tt_metric_bleu; }

static double full_score(const tt_score *s) {
    return s->metric->score(&s->setting, s->sum, TT_WIDTH_DOUBLE);
}

int tt_score_confidence(const tt_score *s, const tt_trials *t, tt_certainty *c, tt_err *e) {
    static const tt_trials defaults = {0};
    tt_plan p;
    *c = (tt_certainty){.p = 1};
    if (!t) t = &defaults;
    int rc = make_plan(&p, &s, 1, t, 0, e);
    if (!rc) rc = tt_bootstrap(&p, e);
    if (!rc) {
        c->mean = tt_numpy_exact_mean(p.scores, p.count, is_float(s));
        c->ci = tt_numpy_interval(p.scores, p.count, is_float(s));
    }
    close_plan(&p);
    return rc;
}

static int compare_bootstrap(tt_plan *p, tt_certainty *c, tt_err *e) {
    TT_TRY(tt_bootstrap(p, e));
    int narrow = is_float(p->systems[0]);
    double base = full_score(p->systems[0]);
    for (int s = 1; s < p->n_systems; s++)
        c[s].p = tt_numpy_chance(p->scores + (size_t)s * p->count, p->scores, p->count,
                                 fabs(base - full_score(p->systems[s])), narrow);
    for (int s = 0; s < p->n_systems; s++) { /* sorts */
        c[s].ci = tt_numpy_interval(p->scores + (size_t)s * p->count, p->count, narrow);
        c[s].mean = tt_numpy_mean(p->scores + (size_t)s * p->count, p->count, narrow);
    }
    return 0;
}

static int compare_randomised(tt_plan *p, tt_certainty *c, tt_err *e) {
    const tt_score *pair[2] = {p->systems[0], NULL};
    const tt_score *const *all = p->systems;
    p->scores = malloc(p->count * sizeof *p->scores);
    if (!p->scores) return tt_fail(e, TT_ENOMEM, "out of memory for %zu trials", p->count);
    int rc = 0;
    p->systems = pair;
    for (int s = 1; s < p->n_systems && !rc; s++) {
        pair[1] = all[s];
        rc = tt_randomise(p, fabs(full_score(pair[0]) - full_score(pair[1])), &c[s].p, e);
    }
    p->systems = all;
    return rc;
}

int tt_score_compare(const tt_score *const *systems, int n, const tt_trials *t, tt_certainty *c,
                     tt_err *e) {
    static const tt_trials defaults = {0};
    tt_plan p;
    if (!t) t = &defaults;
    for (int s = 0; s < n; s++) c[s] = (tt_certainty){.p = 1};
    int rc = make_plan(&p, systems, n, t, 1, e);
    for (int s = 1; s < n && !rc; s++)
        c[s].same = !memcmp(systems[0]->kept, systems[s]->kept,
                            p.segments * (size_t)systems[0]->size * sizeof *systems[0]->kept);
    if (!rc)
        rc = t->kind == TT_TRIALS_RANDOMISATION ? compare_randomised(&p, c, e)
                                                : compare_bootstrap(&p, c, e);
    close_plan(&p);
    return rc;
}
