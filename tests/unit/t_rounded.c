/* t_rounded.c: weights of training rounded as an int8 file rounds them, whatever the threads. */
#include "train/rounded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/test.h"
#include "unit/tiny.h"

struct look {
    const float *own, *rounded;
    const tt_modelfile *mf;
    int matrices, others;
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct look *l = ctx;
    tt_err e = {0};
    const size_t n = tt_tensor_size(t);
    float *filed = malloc(n * sizeof *filed);
    const tt_file_tensor *x = tt_modelfile_find(l->mf, p->name);
    CHECK(x && !tt_modelfile_read_f32(l->mf, x, filed, &e), "%s", e.msg);
    CHECK(!memcmp(filed, l->rounded + offset, n * sizeof *filed), "%s is not what its file has",
          p->name);
    const int same = !memcmp(l->own + offset, l->rounded + offset, n * sizeof *filed);
    if (p->role == TT_MATRIX || p->role == TT_TABLE) l->matrices += !same;
    else l->others += same;
    free(filed);
}

int main(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_state s;
    tt_kernels k;
    tt_pick adam;
    tt_hyper_init(&h);
    tt_hyper_set(&h, "dim", "24", &e), tt_hyper_set(&h, "heads", "2", &e),
        tt_hyper_set(&h, "ffn", "40", &e);
    CHECK(!tt_hyper_finish(&h, 50, &e) && !tt_kernels_init(&k, getenv("TTRANS_ISA"), &e), "%s",
          e.msg);
    CHECK(!tt_pick_read(&adam, &tt_family_optimizer, "adam", &e) &&
              !tt_state_open(&s, &h, &adam, false, &e),
          "%s", e.msg);
    tt_model_init(s.model, 4);
    const char *path = tiny_path("rounded.ttm");
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    CHECK(w && !tt_model_write(s.model, w, TT_TYPE_I8, &e) && !tt_modelwriter_finish(w, &e), "%s",
          e.msg);
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    CHECK(mf != NULL, "%s", e.msg);
    for (int threads = 1; threads <= 3; threads += 2) {
        tt_pool *pool = tt_pool_open(threads, &e);
        tt_rounded *r = tt_rounded_open(&s, &k, pool, &e);
        CHECK(r != NULL, "%s", e.msg);
        tt_rounded_make(r);
        struct look l = {s.params, tt_rounded_block(r), mf, 0, 0};
        tt_model_walk(s.model, visit, &l);
        CHECK(l.matrices > 20 && l.others > 20, "%d matrices rounded, %d others as they were",
              l.matrices, l.others);
        tt_rounded_close(r);
        tt_pool_close(pool);
    }
    tt_modelfile_close(mf);
    tt_state_close(&s);
    return test_done("t_rounded");
}
