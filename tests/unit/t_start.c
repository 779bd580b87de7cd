/* t_start.c: gradients at the start: Post-LN's do not depend on the depth, Pre-LN's fall with its
 * root as soon as the layers weigh more than the embedding (Xiong et al. 2020).
 */
#include <math.h>

#include "ttrans/plan.h"
#include "unit/test.h"
#include "unit/tiny.h"

static double gradient(const tt_parallel *text, const char *vocab, const char *norm, int layers) {
    tt_err e = {0};
    double x = -1;
    CHECK(!tt_plan_gradient(text, vocab, norm, layers, 64, &x, &e), "%s", e.msg);
    return x;
}

int main(void) {
    tt_err e = {0};
    double x;
    char vocab[400], pairs[400];
    tt_vocab_close(tiny_vocab("start.spm", 320));
    snprintf(vocab, sizeof vocab, "%s", tiny_path("start.spm"));
    snprintf(pairs, sizeof pairs, "%s", tiny_tsv("start.tsv", 40));
    const tt_parallel text = {pairs, NULL, 1};
    const double post4 = gradient(&text, vocab, "post", 4),
                 post32 = gradient(&text, vocab, "post", 32),
                 pre4 = gradient(&text, vocab, "pre", 4), pre32 = gradient(&text, vocab, "pre", 32);
    const double post = log(post32 / post4) / log(8), pre = log(pre32 / pre4) / log(8);
    CHECK(fabs(post) < 0.15, "Post-LN: exponent %g, not 0", post);
    CHECK(fabs(pre + 0.5) < 0.15, "Pre-LN: exponent %g, not -1/2", pre);
    CHECK(tt_plan_gradient(&text, vocab, "soup", 2, 64, &x, &e) == TT_EUSAGE &&
              strstr(e.msg, "norm"),
          "%s", e.msg);
    CHECK(tt_plan_gradient(&text, "nowhere", "pre", 2, 64, &x, &e) == TT_ENOINPUT, "%s", e.msg);
    return test_done("t_start");
}
