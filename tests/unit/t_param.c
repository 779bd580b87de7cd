/* t_param.c: names put together from where a parameter stands; each begins at a cache line; every
 * walk is the same. */
#include "tensor/param.h"
#include "unit/test.h"

#include <string.h>

enum { COUNT = 5 };

static const struct {
    const char *name;
    int rows, cols, parts, matrices;
    size_t offset;
} want[COUNT] = {{"emb", 3, 5, 1, 0, 0},
                 {"enc.0.w", 4, 4, 1, 1, 16},
                 {"enc.0.self.qkv", 6, 2, 3, 3, 32},
                 {"enc.0.b", 1, 17, 1, 0, 48},
                 {"dec.12.g", 1, 1, 1, 0, 80}};

struct seen {
    int count, wrong;
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct seen *s = ctx;
    const int i = s->count++;
    if (i >= COUNT) return;
    CHECK(!strcmp(p->name, want[i].name) && offset == want[i].offset, "%s at %zu, not %s at %zu",
          p->name, offset, want[i].name, want[i].offset);
    s->wrong += t->rows != want[i].rows || t->cols != want[i].cols || p->rows != t->rows ||
                p->cols != t->cols;
    s->wrong += p->parts != want[i].parts || tt_param_matrices(p) != want[i].matrices;
}

static void walk(tt_tensor t[COUNT], struct seen *s) {
    tt_declare d = {.visit = visit, .ctx = s};
    tt_declare_param(&d, &t[0], &(tt_param){"emb", 3, 5, .role = TT_TABLE});
    const size_t layer = tt_declare_enter(&d, "%s.%d.", "enc", 0);
    tt_declare_param(&d, &t[1], &(tt_param){"w", 4, 4, .role = TT_MATRIX});
    const size_t unit = tt_declare_enter(&d, "self.");
    tt_declare_param(&d, &t[2], &(tt_param){"qkv", 6, 2, .role = TT_MATRIX, .parts = 3});
    tt_declare_leave(&d, unit);
    tt_declare_param(&d, &t[3], &(tt_param){"b", 1, 17, .role = TT_BIAS});
    tt_declare_leave(&d, layer);
    const size_t other = tt_declare_enter(&d, "dec.%d.", 12);
    tt_declare_param(&d, &t[4], &(tt_param){"g", 1, 1, .role = TT_GAIN});
    tt_declare_leave(&d, other);
    CHECK(d.offset == 96 && !d.at[0], "the walk ends at %zu in '%s'", d.offset, d.at);
}

int main(void) {
    tt_tensor t[COUNT] = {{0}};
    for (int turn = 0; turn < 2; turn++) {
        struct seen s = {0};
        walk(t, &s);
        CHECK(s.count == COUNT && !s.wrong, "%d parameters, %d wrong", s.count, s.wrong);
    }
    CHECK(tt_param_matrices(&(tt_param){"s", 4, 4, .role = TT_SMALL, .parts = 2}) == 0);
    return test_done("t_param");
}
