/* attend_step.c: attention of one query row a hypothesis to kept keys and values, see attend.h. The
 * definitions are those of whole sequences: a row is a group of one query (groups.h).
 */
#include <assert.h>
#include <string.h>

#include "attention/groups.h"

/* Scratch of a step. */
struct stepping {
    const tt_reads *reads;
    int32_t *lo, *hi, *keys; /* (1), (1), (most keys) */
    float *k, *v, *p;        /* gathered rows, weights */
    const tt_tensor *aim;    /* (rows, H), or NULL */
    double *work;
};

/* One head of row r: the query at position i. */
static void step_head(const tt_head *h, const struct stepping *s, int r, int i, const float *q,
                      float *out, float *map) {
    const tt_attend *a = h->a;
    const tt_reads *reads = s->reads;
    const int32_t *list = reads->rows ? reads->rows[r] : NULL;
    const float *k0 = (const float *)reads->k + (list ? 0 : reads->first[r] * reads->ld) +
                      (size_t)h->head * (size_t)h->width;
    const float *v0 = (const float *)reads->v + (list ? 0 : reads->first[r] * reads->v_ld) +
                      (size_t)h->head * (size_t)a->width;
    struct cutting c = {.a = a,
                        .head = h->head,
                        .t = i + 1,
                        .s = reads->n[r],
                        .causal = a->site == TT_SITE_DEC,
                        .next = i,
                        .lo = s->lo,
                        .hi = s->hi,
                        .keys = s->keys,
                        .par = h->par,
                        .begun = i,
                        .aim =
                            s->aim ? s->aim->data + (size_t)r * (size_t)a->heads + h->head : NULL};
    struct group g;
    tt_group_next(&c, &g);
    struct place at = {q,          k0 + g.from * reads->ld, v0 + g.from * reads->v_ld, 0, reads->ld,
                       reads->v_ld};
    if (list || g.keys) {
        at.k = tt_group_gather(s->k, k0, reads->ld, g.keys, list, g.from, g.n, h->width),
        at.lk = h->width;
        at.v = tt_group_gather(s->v, v0, reads->v_ld, g.keys, list, g.from, g.n, a->width),
        at.lv = a->width;
    }
    if (tt_align_of(a)->score_each) {
        float *own = s->p + g.n;
        tt_each_weigh(h, &g, &at, own, NULL, true);
        tt_each_sum(out, own, at.v, at.lv, g.n, a->width);
        tt_each_map(s->p, own, g.n, a->width, a->told.feature);
    } else {
        tt_group_weigh(h, &g, &at, s->p, true);
        h->run->k->gemm(out, a->width, s->p, g.n, 1, at.v, at.lv, 1, TT_GEMM_SET, NULL, 1, a->width,
                        g.n, h->run->work);
    }
    const tt_reach *reach = tt_reach_of(a);
    if (map && reach->mix)
        reach->spread(a, h->par->reach, h->head, map, s->p, reads->text ? reads->text[r] : g.n);
    for (int j = 0; map && !reach->mix && j < g.n; j++)
        map[g.keys ? g.keys[j] : g.from + j] = s->p[j];
}

tt_tensor *tt_attend_step(tt_run *run, const tt_attend *a, tt_attend_par *par, tt_part q,
                          const tt_reads *reads, const int32_t *position, float *const *maps) {
    const int d = a->heads * a->width, wide = tt_head_width(a);
    size_t most = 1;
    for (int r = 0; q.of && r < q.of->rows; r++)
        if ((size_t)reads->n[r] > most) most = (size_t)reads->n[r];
    tt_tensor *bias =
        a->place && a->place->bias ? a->place->bias(run, a, par->place, (int)most) : NULL;
    if (tt_attend_is_fused(a)) return tt_op_attend_rows(run, q, bias, d, a->heads, reads, maps);
    const tt_tensor *aim = tt_reach_of(a)->aim ? tt_reach_of(a)->aim(run, a, par->reach, q) : NULL;
    q = tt_attend_query(run, a, par, q);
    if (!q.of || (tt_reach_of(a)->aim && !aim)) return NULL;
    assert(!run->taped && !reads->halved && position);
    assert(q.first + a->heads * tt_query_width(a) <= q.of->cols);
    tt_tensor *y = tt_run_tensor(run, q.of->rows, d);
    struct stepping s = {
        .reads = reads,
        .aim = aim,
        .lo = tt_run_alloc(run, (most + 2) * sizeof *s.lo),
        .k = tt_run_alloc(run, most * (size_t)(wide + 2 * a->width + 1) * sizeof *s.k),
        .work = tt_run_alloc(run, (2 * most + 2) * sizeof *s.work)};
    if (run->failed) return NULL;
    s.hi = s.lo + 1;
    s.keys = s.hi + 1;
    s.v = s.k + most * (size_t)wide;
    s.p = s.v + most * (size_t)a->width;
    for (int r = 0; r < y->rows; r++) {
        float *map = maps ? maps[r] : NULL;
        const size_t n = (size_t)(reads->text ? reads->text : reads->n)[r];
        if (map) memset(map, 0, (size_t)a->heads * n * sizeof *map);
        for (int head = 0; head < a->heads; head++) {
            const tt_head h = {.run = run,
                               .a = a,
                               .par = par,
                               .head = head,
                               .width = wide,
                               .bias = tt_head_bias(bias, bias ? bias->data : NULL, head),
                               .work = s.work};
            step_head(&h, &s, r, position[r],
                      tt_head_cell(&q, q.of->data, r, head, tt_query_width(a)),
                      y->data + (size_t)r * (size_t)d + (size_t)(head * a->width),
                      map ? map + (size_t)head * n : NULL);
        }
    }
    return y;
}
