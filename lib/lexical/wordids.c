/* wordids.c: see wordids.h. Words stand end to end in one block; numbers are found by hashing, at
 * most two thirds full.
 */
#include "lexical/wordids.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct tt_wordids {
    char *text; /* (at[count]), owned */
    size_t *at; /* (count + 1), owned */
    tt_hash_slots slots;
    size_t text_room, at_room;
    int count;
};

enum { FIRST = 1 << 12 };

tt_wordids *tt_wordids_open(tt_err *e) {
    tt_wordids *w = calloc(1, sizeof *w);
    if (w) {
        tt_hash_make(&w->slots, FIRST);
        w->at = calloc(FIRST, sizeof *w->at);
        w->text = malloc(FIRST);
        w->text_room = w->at_room = FIRST;
    }
    if (w && w->slots.slot && w->at && w->text) return w;
    tt_wordids_close(w);
    tt_fail(e, TT_ENOMEM, "out of memory for words");
    return NULL;
}

void tt_wordids_close(tt_wordids *w) {
    if (!w) return;
    free(w->text);
    free(w->at);
    free(w->slots.slot);
    free(w);
}

int tt_wordids_size(const tt_wordids *w) { return w->count; }

tt_span tt_wordids_get(const tt_wordids *w, int id) {
    return (tt_span){w->text + w->at[id], w->at[id + 1] - w->at[id]};
}

static tt_span text_of(const void *w, int id) { return tt_wordids_get(w, id); }

/* Where the word is, or would be. */
static size_t place(const tt_wordids *w, const char *word, size_t len) {
    return tt_hash_find(&w->slots, word, len, text_of, w);
}

int tt_wordids_find(const tt_wordids *w, const char *word, size_t len) {
    return w->slots.slot[place(w, word, len)];
}

static int grow_slots(tt_wordids *w) {
    tt_hash_slots more;
    if (!tt_hash_make(&more, 2 * (w->slots.mask + 1))) return 0;
    free(w->slots.slot);
    w->slots = more;
    for (int id = 0; id < w->count; id++) {
        const tt_span x = tt_wordids_get(w, id);
        w->slots.slot[place(w, x.text, x.len)] = id;
    }
    return 1;
}

/* Room for one more word of this length. */
static bool reserve(tt_wordids *w, size_t len) {
    const size_t used = w->at[w->count];
    if (used + len > w->text_room) {
        char *text = realloc(w->text, 2 * (used + len));
        if (!text) return false;
        w->text = text;
        w->text_room = 2 * (used + len);
    }
    if ((size_t)w->count + 2 > w->at_room) {
        size_t *at = realloc(w->at, 2 * w->at_room * sizeof *at);
        if (!at) return false;
        w->at = at;
        w->at_room *= 2;
    }
    return 3 * ((size_t)w->count + 1) <= 2 * (w->slots.mask + 1) || grow_slots(w);
}

int tt_wordids_put(tt_wordids *w, const char *word, size_t len) {
    size_t i = place(w, word, len);
    if (w->slots.slot[i] >= 0) return w->slots.slot[i];
    if (w->count == INT_MAX || !reserve(w, len)) return -1;
    i = place(w, word, len);
    const size_t at = w->at[w->count];
    if (len) memcpy(w->text + at, word, len);
    w->at[w->count + 1] = at + len;
    return w->slots.slot[i] = w->count++;
}
