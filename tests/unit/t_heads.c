/* t_heads.c: figures of maps made by hand, worked out by hand.
 */
#include <math.h>

#include "score/heads.h"

#include "unit/test.h"

static int near(double x, double y) { return fabs(x - y) < 1e-6; }

static void test_self(void) {
    enum { N = 4 };
    /* head 1 looks at the token before (the first at itself), 2 at all alike, 3 halves between
       itself and the end */
    float before[N * N] = {0}, all[N * N], half[N * N] = {0};
    for (int i = 0; i < N; i++) {
        before[i * N + (i ? i - 1 : 0)] = 1;
        half[i * N + i] += 0.5f;
        half[i * N + N - 1] += 0.5f;
        for (int j = 0; j < N; j++) all[i * N + j] = 0.25f;
    }
    const float *maps[3] = {before, all, half};
    tt_err e;
    tt_heads *h = tt_heads_open(1, 3, 1, &e);
    CHECK(h != NULL);
    tt_heads_add(h, maps, N, N);
    tt_heads_add(h, maps, N, N);
    tt_head_facts f;
    tt_heads_get(h, 1, 1, &f);
    CHECK(f.rows == 8 && near(f.entropy, 0) && near(f.confidence, 1) && near(f.sum, 1));
    CHECK(near(f.previous, 0.75) && near(f.same, 0.25) && near(f.next, 0) && near(f.first, 0.5) &&
          near(f.last, 0));
    CHECK(near(f.distance, 0.75) && near(f.sparse, 0.75) && near(f.zeros, 0.75));
    tt_heads_get(h, 1, 2, &f);
    CHECK(near(f.entropy, 2) && near(f.confidence, 0.25) && near(f.previous, 0.1875) &&
          near(f.next, 0.1875) && near(f.sparse, 0));
    CHECK(near(f.distance, (6 + 4 + 4 + 6) / 16.0), "%g", f.distance);
    tt_heads_get(h, 1, 3, &f); /* rows: ½ ½ over distance 3, 2, 1, 0; the last row is 1 */
    CHECK(near(f.entropy, 0.75) && near(f.confidence, 0.625) && near(f.last, 0.625) &&
          near(f.same, 0.625) && near(f.next, 0.125));
    CHECK(near(f.distance, (1.5 + 1 + 0.5) / 4), "%g", f.distance);
    CHECK(f.like_layer == 1 && f.like_head == 2 && near(f.likeness, (0.5 + 0.5 + 0.5 + 0.25) / 4),
          "%d %g", f.like_head, f.likeness);
    tt_heads_close(h);
}

static void test_cross(void) {
    /* 3 rows over 5 columns: the diagonal is at 0, 2, 4 */
    const float sharp[15] = {1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1};
    const float below[15] = {-1, 0, 0, 0, 0, 0, 0, 0,
                             0,  0, 0, 1, 0, 0, -3}; /* signed, with a row of zeros */
    const float *maps[2] = {sharp, below};
    tt_err e;
    tt_heads *h = tt_heads_open(2, 1, 0, &e);
    tt_heads_add(h, maps, 3, 5);
    tt_head_facts f;
    tt_heads_get(h, 1, 1, &f);
    CHECK(near(f.same, 1) && near(f.distance, 0) && near(f.entropy, 0) && near(f.first, 1 / 3.0) &&
          near(f.last, 1 / 3.0));
    CHECK(f.like_layer == 2 && f.like_head == 1 && near(f.likeness, (1 + 0 + 0.75) / 3), "%g",
          f.likeness);
    tt_heads_get(h, 2, 1, &f);
    CHECK(f.rows == 3 && near(f.sum, -1) && near(f.confidence, 0.875) && near(f.distance, 0.375) &&
          near(f.last, 0.375));
    tt_heads_close(h);
    h = tt_heads_open(1, 1, 1, &e);
    tt_heads_get(h, 1, 1, &f); /* of no text */
    CHECK(f.rows == 0 && f.entropy == 0 && f.like_head == 0);
    tt_heads_close(h);
    tt_heads_close(NULL);
}

int main(void) {
    test_self();
    test_cross();
    return test_done("t_heads");
}
