/* rounded.c: see rounded.h. The numbers are those of the kernel that rounds for products: q = x 127
 * / max|x| to the nearest integer, and q max|x| / 127 in place of x.
 */
#include "train/rounded.h"

#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

struct part {
    size_t at;
    int rows, cols;
    bool rounds;
};

struct tt_rounded {
    const tt_state *s;
    const tt_kernels *k;
    tt_pool *pool;
    float *block;
    struct part *part;  /* (parts) */
    size_t parts, room; /* room: bytes of a row of the widest */
    int8_t *rows;       /* (workers, room) */
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    tt_rounded *r = ctx;
    const bool rounds =
        (p->role == TT_MATRIX || p->role == TT_TABLE) && strcmp(p->name, "pos") != 0;
    if (r->part) r->part[r->parts] = (struct part){offset, t->rows, t->cols, rounds};
    r->parts++;
    if (TT_ROW8(t->cols) > r->room) r->room = TT_ROW8(t->cols);
}

tt_rounded *tt_rounded_open(const tt_state *s, const tt_kernels *k, tt_pool *pool, tt_err *e) {
    tt_rounded *r = calloc(1, sizeof *r);
    if (r) {
        *r = (tt_rounded){
            .s = s, .k = k, .pool = pool, .block = tt_pages_alloc(s->size * sizeof(float))};
        tt_model_walk(s->model, visit, r);
        r->part = calloc(r->parts, sizeof *r->part);
        r->rows = malloc(r->room * (size_t)tt_pool_size(pool));
    }
    if (r && r->block && r->part && r->rows) {
        memset(r->block, 0, s->size * sizeof *r->block);
        r->parts = 0;
        tt_model_walk(s->model, visit, r);
        return r;
    }
    tt_rounded_close(r);
    tt_fail(e, TT_ENOMEM, "out of memory for %zu rounded weights", s->size);
    return NULL;
}

void tt_rounded_close(tt_rounded *r) {
    if (!r) return;
    free(r->block);
    free(r->part);
    free(r->rows);
    free(r);
}

float *tt_rounded_block(tt_rounded *r) { return r->block; }

static void work(void *ctx, size_t item, int worker) {
    tt_rounded *r = ctx;
    const struct part *p = &r->part[item];
    const size_t cols = (size_t)p->cols;
    const float *from = r->s->params + p->at;
    float *to = r->block + p->at;
    int8_t *q = r->rows + (size_t)worker * r->room;
    if (!p->rounds) memcpy(to, from, (size_t)p->rows * cols * sizeof *to);
    for (int i = 0; p->rounds && i < p->rows; i++, from += cols, to += cols) {
        float scale;
        r->k->quantize8(q, &scale, NULL, from, p->cols, 1, p->cols);
        for (size_t j = 0; j < cols; j++) to[j] = (float)q[j] * scale;
    }
}

void tt_rounded_make(tt_rounded *r) { tt_pool_run(r->pool, r->parts, work, r); }
