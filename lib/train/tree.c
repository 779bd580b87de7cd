/* tree.c: see tree.h. */
#include "train/tree.h"

void tt_tree_walk(int n, void (*join)(void *ctx, int i, int j), void *ctx) {
    for (int half = 1; half < n; half *= 2)
        for (int i = 0; i + half < n; i += 2 * half) join(ctx, i, i + half);
}
