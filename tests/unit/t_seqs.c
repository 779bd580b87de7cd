/* t_seqs.c: what stands before the sentences of a batch, laid end to end. */
#include "unit/test.h"

#include <string.h>

#include "base/seqs.h"

/* Sentence b has b texts before it; text j has j + 1 tokens 10 b + j. */
static int count(void *ctx, int b) { return b + *(int *)ctx; }

static int length(void *ctx, int b, int j) {
    (void)ctx, (void)b;
    return j + 1;
}

static void fill(void *ctx, int b, int j, int32_t *ids) {
    (void)ctx;
    for (int i = 0; i <= j; i++) ids[i] = 10 * b + j;
}

int main(void) {
    static const tt_before_of of = {count, length, fill};
    static const int32_t first[4] = {0, 0, 1, 3}, off[4] = {0, 1, 2, 4}, ids[4] = {10, 20, 21, 21};
    tt_err e;
    tt_arena *a = tt_arena_open(0, &e), *small = tt_arena_open(64, &e);
    int more = 0;
    const tt_before *x = tt_before_make(&of, &more, 3, a);
    CHECK(x && x->texts.count == 3 && !x->texts.before);
    CHECK(x && !memcmp(x->first, first, sizeof first) && !memcmp(x->texts.off, off, sizeof off) &&
          !memcmp(x->texts.ids, ids, sizeof ids));
    x = tt_before_make(&of, &more, 1, a);
    CHECK(x && !x->texts.count && !x->first[1] && !x->texts.off[0], "nothing before");
    more = 200;
    CHECK(!tt_before_make(&of, &more, 2, small), "no room");
    tt_arena_close(a);
    tt_arena_close(small);
    return test_done("t_seqs");
}
