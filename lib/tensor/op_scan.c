/* op_scan.c: a cell along sequences, and one step of it; see cell.h. There is no padding: sequences
 * are taken in falling order of length, so those that still go on at a step are the first ones, and
 * what comes from their states is one product. A row's sums do not depend on the others.
 */
#include <assert.h>
#include <string.h>

#include "tensor/cell.h"

/* Opens the gradients of a cell's parameters, so that all contributions add. */
static void open_params(tt_run *run, const tt_cell_use *u) {
    tt_tensor *const all[] = {&u->par->u, &u->par->un, &u->par->bn};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->grad) tt_run_grad_add(run, all[i]);
}

struct scan {
    tt_node node;
    tt_cell_use use;
    tt_tensor *z, *y;
    int count, steps;
    const int32_t *off, *order; /* order (count): sequences by falling length */
    int way;
    float *a, *c; /* (N, G k) gates, (N, k) */
};

/* The row of a sequence at step t. */
static size_t row_of(const struct scan *s, int sequence, int t) {
    const int begin = s->off[sequence], last = s->off[sequence + 1] - 1;
    if (s->way == TT_SCAN_FORWARD) return (size_t)(begin + t);
    if (s->way == TT_SCAN_BACKWARD) return (size_t)(last - t);
    return (size_t)(t < last - begin ? last - 1 - t : last);
}

static int length(const struct scan *s, int sequence) {
    return s->off[sequence + 1] - s->off[sequence];
}

/* Sequences that have a step t. */
static int alive(const struct scan *s, int t) {
    int n = 0;
    while (n < s->count && length(s, s->order[n]) > t) n++;
    return n;
}

/* Rows of step t out of all rows, or back to them. */
static void collect(const struct scan *s, float *to, const float *from, int n, int t, size_t wide) {
    for (int i = 0; i < n; i++)
        memcpy(to + (size_t)i * wide, from + row_of(s, s->order[i], t) * wide, wide * sizeof *to);
}

static void spread(const struct scan *s, float *to, const float *from, int n, int t, size_t wide) {
    for (int i = 0; i < n; i++)
        memcpy(to + row_of(s, s->order[i], t) * wide, from + (size_t)i * wide, wide * sizeof *to);
}

/* Memory of a step. */
struct step {
    float *a, *h0, *c0, *h, *c, *dh, *dc, *da, *carry;
};

static int open_step(tt_run *run, const struct scan *s, struct step *m, bool back) {
    const size_t n = (size_t)s->count, k = (size_t)s->use.k, g = (size_t)s->use.cell->gates;
    float *all = tt_run_alloc(run, n * k * (g + 4 + (back ? g + 3 : 0)) * sizeof *all);
    if (!all) return run->failed;
    *m = (struct step){.a = all};
    m->h0 = m->a + n * g * k, m->c0 = m->h0 + n * k, m->h = m->c0 + n * k, m->c = m->h + n * k;
    if (!back) return 0;
    m->dh = m->c + n * k, m->dc = m->dh + n * k, m->carry = m->dc + n * k, m->da = m->carry + n * k;
    return 0;
}

/* The state before each row (N, k). */
static void states_before(const struct scan *s, float *to) {
    const size_t k = (size_t)s->use.k;
    for (int b = 0; b < s->count; b++)
        for (int t = 0; t < length(s, b); t++) {
            float *row = to + row_of(s, b, t) * k;
            if (t) memcpy(row, s->y->data + row_of(s, b, t - 1) * k, k * sizeof *row);
            else memset(row, 0, k * sizeof *row);
        }
}

static void scan_back(tt_run *run, tt_node *node) {
    struct scan *s = (struct scan *)node;
    const size_t k = (size_t)s->use.k, wide = k * (size_t)s->use.cell->gates,
                 size = (size_t)s->z->rows;
    struct step m;
    if (!s->y->has_grad) return;
    float *dz = tt_run_grad_add(run, s->z), *delta = tt_run_alloc(run, size * wide * sizeof *delta),
          *before = tt_run_alloc(run, size * k * sizeof *before);
    if (!dz || !delta || !before || open_step(run, s, &m, true)) return;
    tt_cell_ready ready;
    tt_cell_use use = s->use;
    tt_cell_pack(run, &use, true, &ready);
    use.ready = &ready;
    open_params(run, &use);
    memset(m.carry, 0, (size_t)s->count * k * sizeof *m.carry);
    memset(m.dc, 0, (size_t)s->count * k * sizeof *m.dc);
    for (int t = s->steps - 1; t >= 0 && !run->failed; t--) {
        const int n = alive(s, t);
        tt_mark mark = tt_arena_mark(run->arena);
        collect(s, m.a, s->a, n, t, wide);
        collect(s, m.h, s->y->data, n, t, k);
        memset(m.h0, 0, (size_t)n * k * sizeof *m.h0);
        memset(m.c0, 0, (size_t)n * k * sizeof *m.c0);
        if (t) collect(s, m.h0, s->y->data, n, t - 1, k);
        if (s->c) collect(s, m.c, s->c, n, t, k);
        if (s->c && t) collect(s, m.c0, s->c, n, t - 1, k);
        collect(s, m.dh, s->y->grad, n, t, k);
        run->k->add(m.dh, m.dh, m.carry, (size_t)n * k);
        const tt_cell_rows rows = {n, m.a, m.h0, m.c0, m.h, m.c};
        use.cell->back(run, &use, &rows, m.dh, m.dc, m.da, m.carry);
        spread(s, delta, m.da, n, t, wide);
        tt_arena_rewind(run->arena, mark);
    }
    if (run->failed) return;
    run->k->add(dz, dz, delta, size * wide);
    states_before(s, before);
    use.cell->learn(run, &use, s->z->rows, s->a, delta, before);
}

int32_t *tt_sort_sequences(tt_run *run, int count, const int32_t *off) {
    int32_t *order = tt_run_alloc(run, ((size_t)count + 1) * sizeof *order);
    for (int i = 0; order && i < count; i++) {
        int at = i;
        for (; at > 0 && off[order[at - 1] + 1] - off[order[at - 1]] < off[i + 1] - off[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

tt_tensor *tt_op_scan(tt_run *run, const tt_cell_use *u, tt_tensor *z, int count,
                      const int32_t *off, int way) {
    if (!z) return NULL;
    const size_t k = (size_t)u->k, wide = k * (size_t)u->cell->gates, size = (size_t)z->rows;
    assert((size_t)z->cols == wide && off[count] == z->rows);
    struct scan s = {.use = *u, .z = z, .count = count, .off = off, .way = way};
    struct step m;
    s.y = tt_run_tensor(run, z->rows, u->k);
    s.order = tt_sort_sequences(run, count, off);
    s.a = run->taped ? tt_run_alloc(run, size * wide * sizeof *s.a) : NULL;
    s.c = run->taped && u->cell->memory ? tt_run_alloc(run, size * k * sizeof *s.c) : NULL;
    if (run->failed || open_step(run, &s, &m, false)) return NULL;
    tt_cell_ready ready;
    tt_cell_use use = *u;
    tt_cell_pack(run, &use, false, &ready);
    use.ready = &ready;
    s.steps = count ? length(&s, s.order[0]) : 0;
    memset(m.h0, 0, (size_t)count * k * sizeof *m.h0);
    memset(m.c0, 0, (size_t)count * k * sizeof *m.c0);
    for (int t = 0; t < s.steps && !run->failed; t++) {
        const int n = alive(&s, t);
        collect(&s, m.a, z->data, n, t, wide);
        const tt_cell_rows rows = {n, m.a, m.h0, m.c0, m.h, m.c};
        u->cell->step(run, &use, &rows);
        spread(&s, s.y->data, m.h, n, t, k);
        if (s.a) spread(&s, s.a, m.a, n, t, wide);
        if (s.c) spread(&s, s.c, m.c, n, t, k);
        float *h = m.h0, *c = m.c0;
        m.h0 = m.h, m.c0 = m.c, m.h = h, m.c = c;
    }
    struct scan *record = tt_run_record(run, sizeof *record, scan_back);
    if (record) {
        s.node = record->node;
        *record = s;
    }
    return run->failed ? NULL : s.y;
}

struct one {
    tt_node node;
    tt_cell_use use;
    tt_tensor *z;
    tt_cell_state before, after;
    float *a;
};

static void one_back(tt_run *run, tt_node *node) {
    struct one *n = (struct one *)node;
    const size_t size = (size_t)n->z->rows * (size_t)n->use.k;
    if (!n->after.h->has_grad && !(n->after.c && n->after.c->has_grad)) return;
    float *dz = tt_run_grad_add(run, n->z), *dh0 = tt_run_grad_add(run, n->before.h),
          *dc0 = n->before.c ? tt_run_grad_add(run, n->before.c) : NULL;
    float *dh = tt_run_grad_add(run, n->after.h),
          *dc = n->after.c ? tt_run_grad_add(run, n->after.c) : NULL;
    tt_mark mark = tt_arena_mark(run->arena);
    float *da = tt_run_alloc(run, tt_tensor_size(n->z) * sizeof *da),
          *to = tt_run_alloc(run, size * sizeof *to);
    if (!dz || !dh0 || !dh || !da || !to) return;
    open_params(run, &n->use);
    const tt_cell_rows rows = {n->z->rows,        n->a,
                               n->before.h->data, n->before.c ? n->before.c->data : NULL,
                               n->after.h->data,  n->after.c ? n->after.c->data : NULL};
    n->use.cell->back(run, &n->use, &rows, dh, dc, da, to);
    n->use.cell->learn(run, &n->use, n->z->rows, n->a, da, n->before.h->data);
    run->k->add(dz, dz, da, tt_tensor_size(n->z));
    run->k->add(dh0, dh0, to, size);
    if (dc0) run->k->add(dc0, dc0, dc, size);
    tt_arena_rewind(run->arena, mark);
}

tt_cell_state tt_op_cell(tt_run *run, const tt_cell_use *u, tt_tensor *z, tt_cell_state before) {
    tt_cell_state after = {NULL, NULL};
    if (!z || !before.h || (u->cell->memory && !before.c)) return after;
    assert(z->cols == u->k * u->cell->gates && before.h->rows >= z->rows && before.h->cols == u->k);
    float *a = tt_run_alloc(run, tt_tensor_size(z) * sizeof *a);
    after.h = tt_run_tensor(run, z->rows, u->k);
    after.c = u->cell->memory ? tt_run_tensor(run, z->rows, u->k) : NULL;
    if (run->failed) return (tt_cell_state){NULL, NULL};
    memcpy(a, z->data, tt_tensor_size(z) * sizeof *a);
    const tt_cell_rows rows = {z->rows,        a,
                               before.h->data, before.c ? before.c->data : NULL,
                               after.h->data,  after.c ? after.c->data : NULL};
    u->cell->step(run, u, &rows);
    struct one *n = tt_run_record(run, sizeof *n, one_back);
    if (n) n->use = *u, n->z = z, n->before = before, n->after = after, n->a = a;
    return after;
}
