/* t_recall.c: what is remembered comes back to the bit, and memory stays within its bound.
 */
#include "translate/recall.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "unit/test.h"

enum { LONGEST = 40, KINDS = 3000 };

/* Sentence and hypotheses number i, made by arithmetic alone. */
struct sample {
    int32_t ids[LONGEST], out[2][LONGEST];
    float scores[LONGEST], weights[LONGEST * LONGEST];
    char text[32];
    tt_hyp hyp[2];
    tt_sentence s;
    tt_hyps hyps;
};

static void make(struct sample *x, int i) {
    const int n = 1 + i % (LONGEST - 1), m = 1 + i % 7;
    memset(x, 0, sizeof *x);
    for (int k = 0; k < n; k++) x->ids[k] = i * 3 + k;
    for (int k = 0; k < m; k++)
        x->out[0][k] = i - k, x->out[1][k] = i + k, x->scores[k] = (float)(i + k);
    for (int k = 0; k < m * n; k++) x->weights[k] = (float)(k - i);
    const int len = snprintf(x->text, sizeof x->text, "text %d", i);
    x->s = (tt_sentence){.ids = x->ids, .count = n, .plain = {.text = x->text, .len = (size_t)len}};
    x->hyp[0] = (tt_hyp){.ids = x->out[0],
                         .count = m,
                         .score = i,
                         .word_scores = x->scores,
                         .alignment = x->weights};
    x->hyp[1] = (tt_hyp){.ids = x->out[1], .count = m, .path = -i};
    x->hyps = (tt_hyps){2, x->hyp};
}

static void check(const tt_recall *r, int i, int *hits) {
    struct sample x;
    tt_hyps got;
    unsigned faults;
    make(&x, i);
    if (!tt_recall_find(&got, &faults, r, &x.s)) return;
    ++*hits;
    const size_t m = (size_t)x.hyp[0].count;
    CHECK(faults == (unsigned)i && got.count == 2 && got.hyp[0].count == x.hyp[0].count &&
          got.hyp[0].score == i && got.hyp[1].path == -i);
    CHECK(!memcmp(got.hyp[0].ids, x.out[0], m * sizeof(int32_t)) &&
          !memcmp(got.hyp[1].ids, x.out[1], m * sizeof(int32_t)));
    CHECK(!memcmp(got.hyp[0].word_scores, x.scores, m * sizeof(float)) && !got.hyp[1].word_scores &&
          !got.hyp[1].alignment);
    CHECK(!memcmp(got.hyp[0].alignment, x.weights, m * (size_t)x.s.count * sizeof(float)));
}

int main(void) {
    tt_err e = {0};
    tt_recall *r = tt_recall_open(1 << 20, &e);
    struct sample x;
    int hits = 0;
    CHECK(r != NULL, "%s", e.msg);
    for (int i = 0; i < KINDS; i++) {
        make(&x, i);
        tt_recall_keep(r, &x.s, &x.hyps, (unsigned)i);
        CHECK(tt_recall_size(r) <= 1 << 20);
        int now = 0;
        check(r, i, &now);
        CHECK(now == 1, "number %d is not there", i);
    }
    for (int i = 0; i < KINDS; i++) check(r, i, &hits);
    CHECK(hits > 200 && hits < KINDS, "%d of %d", hits, KINDS);
    check(r, KINDS + 1, &hits);
    /* The same tokens of another text are another sentence. */
    make(&x, KINDS - 1);
    x.text[0] = 'T';
    tt_hyps got;
    unsigned faults;
    CHECK(!tt_recall_find(&got, &faults, r, &x.s));
    struct sample y;
    make(&y, KINDS - 1);
    CHECK(!tt_recall_same(&x.s, &y.s) && tt_recall_same(&y.s, &y.s) &&
          tt_recall_hash(&x.s) != tt_recall_hash(&y.s));
    tt_recall_close(r);
    r = tt_recall_open(0, &e);
    CHECK(r != NULL);
    tt_recall_keep(r, &y.s, &y.hyps, 0);
    CHECK(!tt_recall_find(&got, &faults, r, &y.s) && !tt_recall_size(r));
    tt_recall_close(r);
    return test_done("t_recall");
}
