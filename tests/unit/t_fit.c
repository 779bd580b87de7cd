/* t_fit.c: what gives way to a limit of memory, in which order. */
#include "train/fit.h"

#include <string.h>

#include "unit/test.h"

int main(void) {
    tt_err e = {0};
    tt_kernels k;
    tt_hyper h;
    tt_fit fit, roomy;
    tt_train_options o;
    tt_train_defaults(&o);
    tt_hyper_init(&h);
    CHECK(!tt_kernels_init(&k, NULL, &e), "%s", e.msg);
    CHECK(!tt_hyper_set(&h, "preset", "tiny", &e) && !tt_hyper_finish(&h, 100, &e), "%s", e.msg);
    const size_t state = 3 * tt_model_size(&h);
    o.batch_tokens = 800;
    o.memory = 1L << 40;
    CHECK(!tt_fit_memory(&roomy, &o, &h, state, 4, 40, 3, &k, &e), "%s", e.msg);
    CHECK(roomy.threads == 3 && !roomy.recompute && roomy.thread > 0);
    CHECK(roomy.fixed == (state + 4 * tt_model_size(&h)) * sizeof(float));
    CHECK(!tt_fit_memory(&fit, &o, &h, state, 2, 40, 3, &k, &e) && fit.threads == 2, "%s", e.msg);
    o.memory = (long)(roomy.fixed + 2 * roomy.thread + 1);
    CHECK(!tt_fit_memory(&fit, &o, &h, state, 4, 40, 3, &k, &e), "%s", e.msg);
    CHECK(fit.threads == 2 && !fit.recompute && fit.thread == roomy.thread);
    o.memory = (long)(roomy.fixed + roomy.thread - 1);
    CHECK(!tt_fit_memory(&fit, &o, &h, state, 4, 40, 3, &k, &e), "%s", e.msg);
    CHECK(fit.threads == 1 && fit.recompute && fit.thread < roomy.thread);
    o.memory = (long)(roomy.fixed + fit.thread / 2);
    CHECK(tt_fit_memory(&fit, &o, &h, state, 4, 40, 3, &k, &e) == TT_ECONFIG &&
              strstr(e.msg, "--batch-tokens ") && strstr(e.msg, "--accumulate "),
          "%s", e.msg);
    o.memory = (long)roomy.fixed / 2;
    CHECK(tt_fit_memory(&fit, &o, &h, state, 4, 40, 3, &k, &e) == TT_ECONFIG &&
              strstr(e.msg, "fewer --shards"),
          "%s", e.msg);
    return test_done("t_fit");
}
