/* spm.h: the door to SentencePiece (Kudo and Richardson 2018), as C.
 *
 *     tt_spm *s = tt_spm_open(bytes, len, &e);
 *     tt_spm_encode(s, text, len, arena, &ids, &n, &e);     // ids in the arena
 *     tt_spm_close(s);
 *
 *  1. A handle is opened from the bytes of a .model file and owns all it needs; the bytes may go.
 *  2. Text goes in as pointer and length (no NUL needed) and comes out in the caller's arena, with
 *     a NUL behind it that the length does not count.
 *  3. An open handle is never changed: any number of threads may use it, each with its own arena.
 *  4. No exception passes: each becomes a code of TT_ERRORS with its message.
 *  5. While a thread is in here, the process has our handler of new (std::set_new_handler), which
 *    passes other threads on
 *     to the handler that was there; afterwards that one is back.
 *
 * Only vocab.c and pieces.c include this file; the rest of the program speaks of vocabularies.
 */
#ifndef TT_TEXT_SPM_H
#define TT_TEXT_SPM_H

#include "base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a model's file: the largest vocabularies in use have 16 MB. */
#define TT_SPM_FILE_MAX ((size_t)64 << 20)

typedef struct tt_spm tt_spm;

/* Reads a unigram or BPE model. TT_EFORMAT when the bytes are none. What SentencePiece would take
   on trust is refused before it sees it: a file over 64 MiB, more than a million pieces, a piece
   over 4 KiB (it overruns the stack), a character map that points outside itself. */
tt_spm *tt_spm_open(const void *bytes, size_t len, tt_err *e);
void tt_spm_close(tt_spm *s);

int tt_spm_size(const tt_spm *s); /* pieces; ids are 0 … size-1 */

/* The id of a special piece, or -1 when the model has none. Unknown is always there. */
int tt_spm_unk(const tt_spm *s);
int tt_spm_bos(const tt_spm *s);
int tt_spm_eos(const tt_spm *s);
int tt_spm_pad(const tt_spm *s);

int tt_spm_is_bpe(const tt_spm *s);             /* 0: unigram */
int tt_spm_byte_fallback(const tt_spm *s);      /* 1: unknown characters become bytes */
const char *tt_spm_normaliser(const tt_spm *s); /* "nmt_nfkc", … ; the handle's */

/* The text of a piece (U+2581 stands for a space), the handle's; NULL when id is out of range. */
const char *tt_spm_piece(const tt_spm *s, int id, size_t *len);
float tt_spm_score(const tt_spm *s, int id);
int tt_spm_find(const tt_spm *s, const char *piece, size_t len); /* its id, or unk */

/* Text to ids, and `last` behind them unless it is negative. *ids (count *n) is in the arena. */
int tt_spm_encode(const tt_spm *s, const char *text, size_t len, int last, tt_arena *a,
                  int32_t **ids, size_t *n, tt_err *e);

/* Text to the texts of its pieces: what has no piece stands there as it is, normalised. *pieces
   (count *n) and what they point at are in the arena. */
int tt_spm_pieces(const tt_spm *s, const char *text, size_t len, tt_arena *a, tt_span **pieces,
                  size_t *n, tt_err *e);

/* As tt_spm_encode without `last`, and (*at)[i]: the byte of the text at which piece i begins; a
   blank in front of a word belongs to the piece. */
int tt_spm_encode_at(const tt_spm *s, const char *text, size_t len, tt_arena *a, int32_t **ids,
                     int32_t **at, size_t *n, tt_err *e);

/* As tt_spm_decode, and at[i] (n): the byte of *text at which the text of ids[i] begins. */
int tt_spm_decode_at(const tt_spm *s, const int32_t *ids, size_t n, tt_arena *a, char **text,
                     size_t *len, int32_t *at, tt_err *e);

/* Ids to text, control pieces (eos …) left out. TT_EDATA for an id out of range. */
int tt_spm_decode(const tt_spm *s, const int32_t *ids, size_t n, tt_arena *a, char **text,
                  size_t *len, tt_err *e);

/* How pieces are chosen: row 0 is unigram, row 1 BPE. How characters are unified first. */
extern const tt_family tt_family_pieces, tt_family_normaliser;

typedef struct tt_spm_options {
    int bpe;                    /* 0: unigram */
    int size;                   /* pieces, specials included */
    double coverage;            /* share of the characters that get a piece of their own */
    int byte_fallback;          /* 256 byte pieces for the others */
    const char *normaliser;     /* a row of its family; NULL: the first */
    const char *const *symbols; /* user-defined symbols: never split, never merged */
    int n_symbols;
} tt_spm_options;

/* Gives the next sentence, valid until the next call: 1, or 0 at the end. */
typedef int tt_spm_next(void *ctx, const char **text, size_t *len);

/* Trains a model on all the sentences, on one thread (the count of threads would change the
   pieces), with eos 0 and unk 1 and neither bos nor pad. *model, the bytes of a .model file with no
   path in it, is in the arena. The same sentences and options give the same bytes. TT_ECONFIG when
   an option is out of range or the text too small for the size; TT_EDATA when there is no text. */
int tt_spm_train(const tt_spm_options *o, tt_spm_next *next, void *ctx, tt_arena *a, void **model,
                 size_t *len, tt_err *e);

#ifdef __cplusplus
}
#endif
#endif
