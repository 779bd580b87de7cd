/* vocab.h: text to token ids and back.
 *
 *     tt_vocab *v = tt_vocab_open_bytes(bytes, len, &e);          // a model file embeds the bytes
 *     tt_vocab_encode(v, line, len, TT_VOCAB_EOS, arena, &ids, &n, &e);
 *     tt_vocab_decode(v, ids, n, arena, &text, &len, &e);
 *
 * An open vocabulary is never changed: threads may share it, each with its own arena. Results live
 * in the caller's arena. Opening from a file, size and training are in ttrans.h.
 */
#ifndef TT_TEXT_VOCAB_H
#define TT_TEXT_VOCAB_H

#include "base/arena.h"
#include "ttrans.h"

enum { TT_VOCAB_EOS = 1 }; /* tt_vocab_encode: end the sequence with eos */

/* Bytes of text that encode takes: SentencePiece needs some 30 times as much memory. */
#define TT_VOCAB_TEXT_MAX ((size_t)16 << 20)

/* Copies the bytes of a SentencePiece model. TT_EFORMAT when they are none, or when the model has
   no eos piece. */
tt_vocab *tt_vocab_open_bytes(const void *bytes, size_t len, tt_err *e);

/* The vocabulary inside a model file, its entry "vocab.spm". TT_EFORMAT when it has none. */
tt_vocab *tt_vocab_open_model(const tt_modelfile *mf, tt_err *e);

/* The bytes it was opened from, the vocabulary's: what goes into a model file. */
const void *tt_vocab_bytes(const tt_vocab *v, size_t *len);

int tt_vocab_eos(const tt_vocab *v); /* both always there */
int tt_vocab_unk(const tt_vocab *v);

/* One line of valid UTF-8 (text/clean.h) to ids (n) in the arena. TT_EDATA when it is above
   TT_VOCAB_TEXT_MAX. */
int tt_vocab_encode(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                    int32_t **ids, size_t *n, tt_err *e);

/* Ids to text in the arena; eos and other control pieces leave no text. */
int tt_vocab_decode(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                    size_t *len, tt_err *e);

#endif
