/* modify.h: pairs of sentences changed on the fly, so that a model learns from more than its text
 * has.
 *
 *     tt_modify *m = tt_modify_open("upper:share=0.05,typos:share=0.1,words=0.2", &e);
 *     TT_TRY(tt_modify_pair(m, &pair, &changed, tt_key(key, place), &source, arena, e));
 *
 * A modifier is a row of a family. Each row of the list is applied to its share of the pairs, by
 * itself, in the order of the list. All that is random comes from the key, so that the same pair
 * under the same key is always changed the same.
 *
 * The idea of modifiers, and what many of the rows do, are OpusTrainer's (Bogoychev et al. 2023).
 */
#ifndef TT_TEXT_MODIFY_H
#define TT_TEXT_MODIFY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/pick.h"

extern const tt_family tt_family_modifier;

enum { TT_SOURCE, TT_TARGET };

/* Both sides: valid UTF-8; in the caller's arena. */
typedef struct tt_pair_text {
    const char *text[2];
    size_t len[2];
} tt_pair_text;

/* Where a modifier gets other pairs from: any one, chosen by the key. */
typedef struct tt_pair_source {
    int (*other)(void *ctx, uint64_t key, tt_pair_text *out, tt_arena *a, tt_err *e);
    void *ctx;
} tt_pair_source;

/* A list of rows with commas between; never changed once it is open: threads may share it. */
typedef struct tt_modify tt_modify;

/* NULL: TT_EUSAGE for an unknown row or setting; TT_ENOINPUT, TT_EDATA for a file of terms. */
tt_modify *tt_modify_open(const char *rows, tt_err *e);
void tt_modify_close(tt_modify *m);

/* Of the files that rows name; 0: none does. */
uint64_t tt_modify_hash(const tt_modify *m);

/* Changes the pair; *changed: 0, it has not; TT_PAIR_CHANGED; TT_PAIR_OTHER, to other words. */
enum { TT_PAIR_CHANGED = 1, TT_PAIR_OTHER };
int tt_modify_pair(const tt_modify *m, tt_pair_text *pair, int *changed, uint64_t key,
                   const tt_pair_source *source, tt_arena *a, tt_err *e);

/* ---- what rows are made of ----------------------------------------------------------------- */

typedef struct tt_termlist tt_termlist;

/* A pair that a row is at work on. */
typedef struct tt_modifying {
    tt_pair_text *pair;
    const tt_pick *pick; /* the row, and its settings: set[0] is the share */
    uint64_t key;
    const tt_pair_source *source;
    const tt_termlist *terms; /* of the row; or NULL */
    tt_arena *a;
} tt_modifying;

typedef struct tt_modifier {
    tt_row row;
    /* Leaves the pair as it is where there is nothing to change. */
    int (*apply)(tt_modifying *m, tt_err *e);
    int terms; /* its text names a file of terms */
    int other; /* words are other ones then: what is known of each does not hold any more */
} tt_modifier;

extern const tt_modifier tt_modifiers_text[], tt_modifiers_pair[]; /* the last one has no name */

/* Text that grows in an arena. */
typedef struct tt_growing {
    char *text;
    size_t len, room;
    tt_arena *a;
} tt_growing;

/* Room for `most` bytes. TT_ENOMEM. */
int tt_growing_open(tt_growing *g, size_t most, tt_arena *a, tt_err *e);
/* Adds bytes for which there is room. */
void tt_growing_add(tt_growing *g, const char *text, size_t len);

/* The words of a text between blanks: where the one at or behind `at` begins and ends; 0: none. */
bool tt_word_next(const char *text, size_t len, size_t *at, size_t *begin, size_t *end);

#endif
