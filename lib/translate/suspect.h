/* suspect.h: signs that a translation went wrong, seen from its text and tokens alone.
 *
 *     unsigned faults;
 *     const tt_suspect_side from = {text, len, ids, count}, to = {…};
 *     TT_TRY(tt_suspect_find(&faults, &from, &to, limit, arena, e));
 *     if (faults & 1u << TT_FAULT_REPEATS) …
 *
 * The signs are rare in good translations, so that a translation without faults may still be wrong.
 * Both texts are valid UTF-8 and borrowed; the arena is given back as it was.
 */
#ifndef TT_TRANSLATE_SUSPECT_H
#define TT_TRANSLATE_SUSPECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "ttrans.h"

typedef struct tt_suspect_side {
    const char *text; /* (len) */
    size_t len;
    const int32_t *ids; /* (count), eos counted */
    int count;
} tt_suspect_side;

/* Bits 1 << TT_FAULT_…. `limit`: tokens at which the search ends a translation by force. */
int tt_suspect_find(unsigned *faults, const tt_suspect_side *source, const tt_suspect_side *target,
                    int limit, tt_arena *a, tt_err *e);

/* 1 if the same 1 … 8 tokens stand there at least 4 times in a row. */
int tt_suspect_repeats(const int32_t *ids, int count);

/* Words of `source` all stand in `target`, in order and with no others between them, capitals
   counted and marks not; at least three of them hold small letters only. */
bool tt_suspect_copied(const char *source, size_t source_len, const char *target,
                       size_t target_len);

/* 1 if numbers of one text are missing in the other. Digits count, separators (1,299.99 and
   1.299,99) do not; numbers up to 100 and round ones may become words, hours may change between
   12 and 24. */
bool tt_suspect_numbers(const char *source, size_t source_len, const char *target,
                        size_t target_len);

#endif
