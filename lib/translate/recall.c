/* recall.c: see recall.h. An entry is one block of memory: the sentence, its tokens and text, the
 * hypotheses and what they point at.
 */
#include "translate/recall.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum {
    ENTRY_BYTES = 1024, /* that an entry is thought to take, for the number of places */
    ALIGN = 16
};

struct entry {
    size_t size;
    uint64_t hash;
    tt_sentence s;
    tt_hyps hyps;
    unsigned faults;
};

struct tt_recall {
    struct entry **places; /* (count), a power of two; each owned or NULL */
    size_t count, next;    /* next: the place that is emptied when there is no room */
    size_t used, most;
};

tt_recall *tt_recall_open(size_t bytes, tt_err *e) {
    tt_recall *r = calloc(1, sizeof *r);
    if (r) {
        r->most = bytes;
        r->count = 1;
        while (r->count < bytes / ENTRY_BYTES) r->count *= 2;
        r->places = calloc(r->count, sizeof *r->places);
    }
    if (r && r->places) return r;
    free(r);
    tt_fail(e, TT_ENOMEM, "out of memory for sentences to be recalled");
    return NULL;
}

void tt_recall_close(tt_recall *r) {
    if (!r) return;
    for (size_t i = 0; i < r->count; i++) free(r->places[i]);
    free(r->places);
    free(r);
}

uint64_t tt_recall_hash(const tt_sentence *s) {
    const uint64_t h = tt_hash_bytes(0, s->ids, (size_t)s->count * sizeof *s->ids);
    return tt_hash_bytes(h, s->plain.text, s->plain.len);
}

bool tt_recall_same(const tt_sentence *a, const tt_sentence *b) {
    return a->count == b->count && a->plain.len == b->plain.len &&
           !memcmp(a->ids, b->ids, (size_t)a->count * sizeof *a->ids) &&
           !memcmp(a->plain.text, b->plain.text, a->plain.len);
}

int tt_recall_find(tt_hyps *found, unsigned *faults, const tt_recall *r, const tt_sentence *s) {
    const uint64_t hash = tt_recall_hash(s);
    const struct entry *x = r->places[hash & (r->count - 1)];
    if (!x || x->hash != hash || !tt_recall_same(&x->s, s)) return 0;
    *found = x->hyps;
    *faults = x->faults;
    return 1;
}

static void drop(tt_recall *r, size_t i) {
    if (!r->places[i]) return;
    r->used -= r->places[i]->size;
    free(r->places[i]);
    r->places[i] = NULL;
}

/* The next bytes of a block; NULL as its end only measures. */
static void *part(char *block, size_t *used, const void *from, size_t bytes) {
    void *to = block ? block + *used : NULL;
    if (to && bytes) memcpy(to, from, bytes);
    *used += (bytes + ALIGN - 1) / ALIGN * ALIGN;
    return to;
}

/* Lays the entry out in block, or measures where that is NULL. */
static size_t lay(char *block, const tt_sentence *s, const tt_hyps *hyps) {
    struct entry *x = (struct entry *)(void *)block;
    size_t used = (sizeof *x + ALIGN - 1) / ALIGN * ALIGN;
    const void *ids = part(block, &used, s->ids, (size_t)s->count * sizeof *s->ids);
    const void *text = part(block, &used, s->plain.text, s->plain.len);
    tt_hyp *hyp = part(block, &used, hyps->hyp, (size_t)hyps->count * sizeof *hyp);
    for (int i = 0; i < hyps->count; i++) {
        const tt_hyp *h = &hyps->hyp[i];
        const size_t n = (size_t)h->count;
        const void *own = part(block, &used, h->ids, n * sizeof *h->ids), *scores = NULL,
                   *weights = NULL;
        if (h->word_scores) scores = part(block, &used, h->word_scores, n * sizeof *h->word_scores);
        if (h->alignment)
            weights = part(block, &used, h->alignment, n * (size_t)s->count * sizeof *h->alignment);
        if (!hyp) continue;
        hyp[i].ids = own;
        hyp[i].word_scores = scores;
        hyp[i].alignment = weights;
        hyp[i].said = NULL;
    }
    if (!block) return used;
    x->s =
        (tt_sentence){.ids = ids, .count = s->count, .plain = {.text = text, .len = s->plain.len}};
    x->hyps = (tt_hyps){hyps->count, hyp};
    return used;
}

void tt_recall_keep(tt_recall *r, const tt_sentence *s, const tt_hyps *hyps, unsigned faults) {
    const uint64_t hash = tt_recall_hash(s);
    const size_t place = hash & (r->count - 1), size = lay(NULL, s, hyps);
    drop(r, place);
    if (size > r->most / 4) return; /* one long line is not worth all the others */
    while (r->used + size > r->most) {
        drop(r, r->next);
        r->next = (r->next + 1) & (r->count - 1);
    }
    char *block = malloc(size);
    if (!block) return;
    lay(block, s, hyps);
    r->places[place] = (struct entry *)(void *)block;
    r->places[place]->size = size;
    r->places[place]->hash = hash;
    r->places[place]->faults = faults;
    r->used += size;
}

size_t tt_recall_size(const tt_recall *r) { return r->used; }
