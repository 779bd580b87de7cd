/* history.c: see history.h. Two arenas take turns: what is kept may be what was kept before. */
#include "translate/history.h"

#include <stdlib.h>
#include <string.h>

struct tt_history {
    tt_earlier last[TT_HISTORY_MOST]; /* (n), the nearest last */
    int n, most;
    tt_arena *own[2]; /* what is kept lies in the first */
};

tt_history *tt_history_open(int most, tt_err *e) {
    tt_history *h = calloc(1, sizeof *h);
    if (h) h->most = most;
    if (!h) tt_fail(e, TT_ENOMEM, "out of memory for the sentences of a document");
    if (h && (h->own[0] = tt_arena_open(0, e)) && (h->own[1] = tt_arena_open(0, e))) return h;
    tt_history_close(h);
    return NULL;
}

void tt_history_close(tt_history *h) {
    if (!h) return;
    tt_arena_close(h->own[0]);
    tt_arena_close(h->own[1]);
    free(h);
}

void tt_history_end(tt_history *h) { h->n = 0; }

void tt_history_add(tt_history *h, const int32_t *ids, int count) {
    if (h->n == h->most) memmove(h->last, h->last + 1, (size_t)--h->n * sizeof *h->last);
    h->last[h->n++] = (tt_earlier){ids, count};
}

int tt_history_tell(const tt_history *h, tt_earlier *before) {
    memcpy(before, h->last, (size_t)h->n * sizeof *before);
    return h->n;
}

int tt_history_keep(tt_history *h, tt_err *e) {
    tt_arena *a = h->own[1];
    tt_arena_reset(a);
    for (int i = 0; i < h->n; i++) {
        const size_t bytes = (size_t)h->last[i].count * sizeof(int32_t);
        int32_t *ids = tt_arena_alloc(a, bytes);
        if (!ids) return tt_fail(e, TT_ENOMEM, "out of memory for the sentences of a document");
        memcpy(ids, h->last[i].ids, bytes);
        h->last[i].ids = ids;
    }
    h->own[1] = h->own[0];
    h->own[0] = a;
    return 0;
}
