/* arena.h: memory with one lifetime.
 *
 *     tt_arena *a = tt_arena_open(max_bytes, &e);
 *     tt_mark m = tt_arena_mark(a);
 *     float *x = tt_arena_alloc(a, n * sizeof *x);   // 64-byte aligned, not cleared
 *     tt_arena_rewind(a, m);                         // all since the mark is gone
 *     tt_arena_close(a);
 *
 * Who calls passes the arena and so chooses the lifetime; nothing in it is freed singly. It grows
 * by chunks, up to its maximum; rewound to empty it keeps the large ones, so that a loop which
 * needs the same memory each time settles down to no allocation at all. Not for two threads at
 * once.
 */
#ifndef TT_BASE_ARENA_H
#define TT_BASE_ARENA_H

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tt_arena tt_arena;
typedef struct tt_mark {
    size_t chunk, used;
} tt_mark;

/* An empty arena that will hold at most `max` bytes (0: no limit but the system's). NULL: no
 * memory. */
tt_arena *tt_arena_open(size_t max, tt_err *e);
void tt_arena_close(tt_arena *a);

/* `size` bytes, 64-byte aligned, or NULL when the arena is full or the system has no more. */
void *tt_arena_alloc(tt_arena *a, size_t size);
void *tt_arena_zero(tt_arena *a, size_t size);                  /* the same, cleared */
char *tt_arena_text(tt_arena *a, const char *text, size_t len); /* a copy, with a NUL behind */

/* `size` bytes, 8-byte aligned: for small things in great number, which lie side by side. Texts
   do. */
void *tt_arena_small(tt_arena *a, size_t size);

tt_mark tt_arena_mark(const tt_arena *a);
void tt_arena_rewind(tt_arena *a, tt_mark m);
void tt_arena_reset(tt_arena *a); /* rewinds to empty */

size_t tt_arena_peak(const tt_arena *a); /* the most bytes ever in use */

#ifdef __cplusplus
}
#endif
#endif
