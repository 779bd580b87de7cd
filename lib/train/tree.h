/* tree.h: sums over shards, as a balanced binary tree.
 *
 *     0   1   2   3   4   5          shards
 *      \ /     \ /     \ /
 *      0+1     2+3     4+5
 *         \   /         |
 *        0+1+2+3        |
 *               \______/
 *              0+1+2+3+4+5
 *
 * A run of 2^i shards that begins at a multiple of 2^i is a part of the tree by itself: whoever
 * holds such a run adds it up alone, and the whole sum has the same bits however the runs are dealt
 * out.
 */
#ifndef TT_TRAIN_TREE_H
#define TT_TRAIN_TREE_H

#include <stddef.h>

/* Calls join(ctx, i, j) for each sum of the tree over n shards, lower ones first: the sum at i
 * becomes that of i and j. */
void tt_tree_walk(int n, void (*join)(void *ctx, int i, int j), void *ctx);

#endif
