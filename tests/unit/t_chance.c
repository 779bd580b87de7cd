/* t_chance.c: chances add up to what is expected and grow with the frequency to the power of
   3/4. */
#include "unit/test.h"
#include "unit/tiny.h"

#include <math.h>

#include "train/chance.h"

static const char text[] = "a\tla casa roja\nb\tla casa\nc\tla mesa\nd\tel perro\n";

int main(void) {
    tt_err e = {0};
    tt_log quiet = {0};
    tt_corpus_limits limits = {.max_tokens = 60, .max_ratio = 9};
    tt_vocab *v = tiny_vocab("chance.spm", 300);
    tt_parallel s = {.src = tiny_file("chance.tsv", text, sizeof text - 1), .weight = 2};
    tt_pool *pool = tt_pool_open(1, &e);
    tt_corpus *c = v && pool ? tt_corpus_open(&s, 1, v, pool, &limits, &quiet, &e) : NULL;
    CHECK(c, "%s", e.msg);
    int size = tt_vocab_size(v);
    static int count[300];
    for (size_t p = 0; c && p < tt_corpus_pairs(c); p++) {
        int32_t ids[64];
        tt_corpus_tgt(c, p, ids);
        for (int i = 0; i < tt_corpus_tgt_len(c, p); i++) count[ids[i]]++;
    }
    for (int expected = 1; c && expected < 2 * size; expected += size / 5) {
        float *chance = tt_chance_make(c, size, expected, &e);
        CHECK(chance, "%s", e.msg);
        double sum = 0;
        int good = 1;
        for (int i = 0; i < size; i++)
            sum += (double)chance[i], good &= chance[i] > 0 && chance[i] <= 1;
        CHECK(good, "a chance is not one");
        CHECK(fabs(sum - (expected < size ? expected : size)) < 1e-3 * size, "%d expected, %g",
              expected, sum);
        for (int i = 0; i < size; i++) {
            double like = pow(2.0 * count[i] + 1, 0.75) / pow(2.0 * count[0] + 1, 0.75);
            if (chance[i] < 1 && chance[0] < 1)
                CHECK(fabs((double)chance[i] / (double)chance[0] / like - 1) < 1e-5, "token %d", i);
        }
        free(chance);
    }
    tt_corpus_close(c);
    tt_pool_close(pool);
    tt_vocab_close(v);
    return test_done("t_chance");
}
