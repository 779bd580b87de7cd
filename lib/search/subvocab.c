/* subvocab.c: see subvocab.h. The union is found by marks over the vocabulary, so the ids rise by
 * themselves. */
#include "search/subvocab.h"

#include <string.h>

int tt_subvocab_make(tt_subvocab *n, tt_run *run, const tt_shortlist *list, const tt_seqs *src,
                     int vocab) {
    size_t count = (size_t)src->count;
    int32_t *place = tt_run_alloc(run, (size_t)vocab * sizeof *place);
    n->own = tt_run_alloc(run, count * sizeof *n->own);
    n->words = tt_run_alloc(run, count * sizeof *n->words);
    n->own_count = tt_run_alloc(run, count * sizeof *n->own_count);
    if (run->failed) return run->failed;
    int longest = 0;
    memset(place, 0, (size_t)vocab * sizeof *place);
    for (int b = 0; b < src->count; b++) {
        int rc = tt_shortlist_words(list, src->ids + src->off[b], src->off[b + 1] - src->off[b],
                                    run->arena, &n->words[b], &n->own_count[b], &run->err);
        if (rc) return run->failed = rc;
        for (int i = 0; i < n->own_count[b]; i++) place[n->words[b][i]] = 1;
        if (n->own_count[b] > longest) longest = n->own_count[b];
    }
    n->count = 0;
    for (int t = 0; t < vocab; t++) n->count += place[t];
    n->ids = tt_run_alloc(run, (size_t)n->count * sizeof *n->ids);
    n->few = tt_run_alloc(run, (size_t)longest * sizeof *n->few);
    if (run->failed) return run->failed;
    for (int32_t t = 0, at = 0; t < vocab; t++)
        if (place[t]) place[t] = at, n->ids[at++] = t;
    for (int b = 0; b < src->count; b++) {
        n->own[b] = tt_run_alloc(run, (size_t)n->own_count[b] * sizeof **n->own);
        if (run->failed) return run->failed;
        for (int i = 0; i < n->own_count[b]; i++) n->own[b][i] = place[n->words[b][i]];
    }
    return 0;
}

tt_view tt_subvocab_view(const tt_subvocab *n, int b, const float *row) {
    const int32_t *own = n->own[b];
    for (int i = 0; i < n->own_count[b]; i++) n->few[i] = row[own[i]];
    return (tt_view){n->few, n->words[b], n->own_count[b]};
}

int tt_view_find(const tt_view *v, int32_t token) {
    if (!v->ids) return token < v->count ? token : -1;
    int low = 0, high = v->count - 1;
    while (low <= high) {
        int at = low + (high - low) / 2;
        if (v->ids[at] == token) return at;
        if (v->ids[at] < token) low = at + 1;
        else high = at - 1;
    }
    return -1;
}
