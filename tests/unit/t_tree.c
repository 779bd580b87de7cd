/* t_tree.c: the sum over shards has the shape that tree.h draws, and the same bits when runs of
   shards are added up apart. */
#include "train/tree.h"
#include "unit/test.h"

#include <math.h>
#include <string.h>

enum { MOST = 16 };

struct sums {
    char text[MOST][400];
    float value[MOST];
};

static void join(void *ctx, int i, int j) {
    struct sums *s = ctx;
    char both[810];
    snprintf(both, sizeof both, "(%s%s)", s->text[i], s->text[j]);
    snprintf(s->text[i], sizeof s->text[i], "%.399s", both);
    s->value[i] += s->value[j];
}

/* Values of such different sizes that each order of summing rounds in its own way. */
static float number(int i) { return sinf(1.0f + (float)i) * (i % 3 ? 10.0f : 1000.0f); }

static struct sums start(int first, int n) {
    struct sums s = {0};
    for (int i = 0; i < n; i++) {
        snprintf(s.text[i], sizeof s.text[i], "%c", 'a' + first + i);
        s.value[i] = number(first + i);
    }
    return s;
}

int main(void) {
    static const char *const shapes[] = {"a",
                                         "(ab)",
                                         "((ab)c)",
                                         "((ab)(cd))",
                                         "(((ab)(cd))e)",
                                         "(((ab)(cd))(ef))",
                                         "(((ab)(cd))((ef)g))",
                                         "(((ab)(cd))((ef)(gh)))"};
    for (int n = 1; n <= 8; n++) {
        struct sums s = start(0, n);
        tt_tree_walk(n, join, &s);
        CHECK(!strcmp(s.text[0], shapes[n - 1]), "%d shards: %s", n, s.text[0]);
    }
    struct sums whole = start(0, MOST);
    float fold = 0;
    for (int i = 0; i < MOST; i++) fold += number(i);
    tt_tree_walk(MOST, join, &whole);
    CHECK(whole.value[0] < fold || whole.value[0] > fold,
          "these numbers do not tell a tree from a fold");
    for (int run = 1; run <= MOST; run *= 2) { /* runs of shards, each added up by somebody else */
        struct sums top = {0};
        for (int r = 0; r < MOST / run; r++) {
            struct sums part = start(r * run, run);
            tt_tree_walk(run, join, &part);
            memcpy(top.text[r], part.text[0], sizeof top.text[r]);
            top.value[r] = part.value[0];
        }
        tt_tree_walk(MOST / run, join, &top);
        CHECK(!memcmp(&top.value[0], &whole.value[0], sizeof(float)) &&
                  !strcmp(top.text[0], whole.text[0]),
              "runs of %d", run);
    }
    struct sums none = {0};
    tt_tree_walk(0, join, &none);
    CHECK(!*none.text[0]);
    return test_done("t_tree");
}
