/* wordids.c: see wordids.h. Words stand end to end in one block; numbers are found by hashing, at
 * most two thirds full.
 */
#include "lexical/wordids.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

struct tt_wordids {
    char *text;    /* (at[count]), owned */
    size_t *at;    /* (count + 1), owned */
    int32_t *slot; /* (mask + 1): -1, or a number; owned */
    size_t mask, text_room, at_room;
    int count;
};

enum { FIRST = 1 << 12 };

tt_wordids *tt_wordids_open(tt_err *e) {
    tt_wordids *w = calloc(1, sizeof *w);
    if (w) {
        w->mask = FIRST - 1;
        w->slot = malloc(FIRST * sizeof *w->slot);
        w->at = calloc(FIRST, sizeof *w->at);
        w->text = malloc(FIRST);
        w->text_room = w->at_room = FIRST;
    }
    if (w && w->slot && w->at && w->text) {
        memset(w->slot, 0xff, FIRST * sizeof *w->slot);
        return w;
    }
    tt_wordids_close(w);
    tt_fail(e, TT_ENOMEM, "out of memory for words");
    return NULL;
}

void tt_wordids_close(tt_wordids *w) {
    if (!w) return;
    free(w->text);
    free(w->at);
    free(w->slot);
    free(w);
}

int tt_wordids_size(const tt_wordids *w) { return w->count; }

tt_span tt_wordids_get(const tt_wordids *w, int id) {
    return (tt_span){w->text + w->at[id], w->at[id + 1] - w->at[id]};
}

static uint64_t hash(const char *word, size_t len) {
    uint64_t h = len;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t part = 0;
        memcpy(&part, word + i, len - i < 8 ? len - i : 8);
        h = tt_mix(h ^ part) + 0x9e3779b97f4a7c15u;
    }
    return h;
}

/* Where the word is, or would be. */
static size_t place(const tt_wordids *w, const char *word, size_t len) {
    for (size_t i = (size_t)hash(word, len) & w->mask;; i = (i + 1) & w->mask) {
        if (w->slot[i] < 0) return i;
        const tt_span x = tt_wordids_get(w, w->slot[i]);
        if (x.len == len && !memcmp(x.text, word, len)) return i;
    }
}

int tt_wordids_find(const tt_wordids *w, const char *word, size_t len) {
    return w->slot[place(w, word, len)];
}

static int grow_slots(tt_wordids *w) {
    const size_t size = 2 * (w->mask + 1);
    int32_t *slot = malloc(size * sizeof *slot);
    if (!slot) return 0;
    memset(slot, 0xff, size * sizeof *slot);
    free(w->slot);
    w->slot = slot;
    w->mask = size - 1;
    for (int id = 0; id < w->count; id++) {
        const tt_span x = tt_wordids_get(w, id);
        w->slot[place(w, x.text, x.len)] = id;
    }
    return 1;
}

/* Room for one more word of this length. */
static int reserve(tt_wordids *w, size_t len) {
    const size_t used = w->at[w->count];
    if (used + len > w->text_room) {
        char *text = realloc(w->text, 2 * (used + len));
        if (!text) return 0;
        w->text = text;
        w->text_room = 2 * (used + len);
    }
    if ((size_t)w->count + 2 > w->at_room) {
        size_t *at = realloc(w->at, 2 * w->at_room * sizeof *at);
        if (!at) return 0;
        w->at = at;
        w->at_room *= 2;
    }
    return 3 * ((size_t)w->count + 1) <= 2 * (w->mask + 1) || grow_slots(w);
}

int tt_wordids_put(tt_wordids *w, const char *word, size_t len) {
    size_t i = place(w, word, len);
    if (w->slot[i] >= 0) return w->slot[i];
    if (w->count == INT_MAX || !reserve(w, len)) return -1;
    i = place(w, word, len);
    const size_t at = w->at[w->count];
    if (len) memcpy(w->text + at, word, len);
    w->at[w->count + 1] = at + len;
    return w->slot[i] = w->count++;
}
