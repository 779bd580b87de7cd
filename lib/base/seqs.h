/* seqs.h: token sequences laid end to end, the shape in which batches travel (no padding).
 * Sentence b holds ids[off[b]] … ids[off[b+1]-1]. Borrowed arrays; lifetime is the maker's.
 */
#ifndef TT_BASE_SEQS_H
#define TT_BASE_SEQS_H

#include <stdint.h>

typedef struct tt_seqs {
    int count;          /* B sentences */
    const int32_t *off; /* (B+1), off[0] = 0 */
    const int32_t *ids; /* (N), N = off[B] */
} tt_seqs;

#endif
