/* dict.h: small numbers for words and for characters, so that texts are compared as numbers.
 *
 * Numbers go 0, 1, … in the order of arrival: first the references put theirs, then hypotheses get
 * what there is. Everything lives in the caller's arena: rewinding it forgets all.
 */
#ifndef TT_SCORE_DICT_H
#define TT_SCORE_DICT_H

#include "base/arena.h"

/* A text as a row of numbers, of its words or of its characters. */
typedef struct tt_symbols {
    uint32_t *symbols;
    size_t len;
} tt_symbols;

#define TT_DICT_NONE UINT32_MAX /* no number: what no reference has */

/* A word is loaded in one go, with what stands behind it; so a line whose words are looked up lies
   in room from here. NULL: no memory. */
enum { TT_DICT_SLACK = 8 };
static inline char *tt_dict_room(tt_arena *arena, size_t len) {
    return tt_arena_alloc(arena, len + TT_DICT_SLACK);
}

typedef struct tt_dict tt_dict;

/* A dictionary of at most `max` different words, whose bytes it borrows, and TT_DICT_SLACK behind
   them can be read. NULL: no memory. */
tt_dict *tt_dict_new(size_t max, tt_arena *arena);
uint32_t tt_dict_put(tt_dict *d, tt_span word);       /* its number, given now if it is new */
uint32_t tt_dict_get(const tt_dict *d, tt_span word); /* its number or TT_DICT_NONE */
uint32_t tt_dict_size(const tt_dict *d);              /* numbers given */

/* Where the words of a text go as a tokeniser hands them on (tt_token_fn; `ctx` is a tt_reading).
 */
typedef struct tt_reading {
    tt_dict *dict;
    tt_symbols *text; /* has room for them */
    int known;        /* 1: no new numbers */
} tt_reading;
int tt_dict_read(void *ctx, tt_span word);

/* The same for code points. */
typedef struct tt_alphabet tt_alphabet;

tt_alphabet *tt_alphabet_new(size_t max, tt_arena *arena);
uint32_t tt_alphabet_put(tt_alphabet *a, uint32_t c);
uint32_t tt_alphabet_get(const tt_alphabet *a, uint32_t c);
uint32_t tt_alphabet_size(const tt_alphabet *a);

#endif
