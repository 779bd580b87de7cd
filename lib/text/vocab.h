/* vocab.h: text to token ids and back.
 *
 *     tt_vocab *v = tt_vocab_open_model(mf, TT_VOCAB_SOURCE, &e);
 *     tt_vocab_encode(v, line, len, TT_VOCAB_EOS, arena, &ids, &n, &e);
 *     tt_vocab_decode(v, ids, n, arena, &text, &len, &e);
 *
 * An open vocabulary is never changed: threads may share it, each with its own arena. Results live
 * in the caller's arena. Opening from a file, size and training are in ttrans.h.
 */
#ifndef TT_TEXT_VOCAB_H
#define TT_TEXT_VOCAB_H

#include <stdbool.h>

#include "base/arena.h"
#include "ttrans.h"

enum {
    TT_VOCAB_EOS = 1
}; /* tt_vocab_encode: end the sequence with eos; a source as its model wants it */

/* Bytes of text that encode takes: SentencePiece needs some 30 times as much memory. */
#define TT_VOCAB_TEXT_MAX ((size_t)16 << 20)

/* Copies the bytes of a SentencePiece model. TT_EFORMAT when they are none, or when the model has
   no eos piece. */
tt_vocab *tt_vocab_open_bytes(const void *bytes, size_t len, tt_err *e);

/* The vocabulary of one side of a model file. Its entries:
     vocab.spm                    SentencePiece for both sides, whose ids are the model's; or
     source.spm, target.spm       one for each side
     vocab.list                   the model's pieces, one a line, id = line from 0, where they are
                                  not SentencePiece's; or
     source.vocab, target.vocab   one for each side. Without SentencePiece, words between blanks are
                                  the pieces.
   With a list, a token ">>xxx<<" of it at the beginning of a line is taken as it is, and "</s>" and
   "<unk>" have their meaning by their name. Metadata vocab.source-bos yes and vocab.source-eos no
   change how a source is framed. TT_EFORMAT when it has none, or none with an end of sentence. */
enum { TT_VOCAB_SOURCE, TT_VOCAB_TARGET };
tt_vocab *tt_vocab_open_model(const tt_modelfile *mf, int side, tt_err *e);

/* The same of the bytes of such entries, copied: a SentencePiece model, a list, or both; NULL for
 * what there is not. */
tt_vocab *tt_vocab_open_parts(const void *spm, size_t spm_len, const char *list, size_t list_len,
                              tt_err *e);

/* 1 if the vocabulary is plain SentencePiece, so that tt_vocab_bytes says everything; 1 if it
   has SentencePiece at all, 0 if its pieces are words between blanks. */
bool tt_vocab_is_spm(const tt_vocab *v);
bool tt_vocab_has_spm(const tt_vocab *v);

/* Tokens that TT_VOCAB_EOS adds around a text: 1, as a rule. */
int tt_vocab_frame(const tt_vocab *v);

/* The token ">>xxx<<" that the text begins with: its bytes, blanks behind it counted, and *id; 0
 * when there is none. */
size_t tt_vocab_tag(const tt_vocab *v, const char *text, size_t len, int32_t *id);

/* The bytes it was opened from, the vocabulary's: what goes into a model file. */
const void *tt_vocab_bytes(const tt_vocab *v, size_t *len);

/* As tt_vocab_piece, and its length unless `len` is NULL. */
const char *tt_vocab_piece_at(const tt_vocab *v, int id, size_t *len);

/* The id of a piece; -1: there is none. */
int tt_vocab_find(const tt_vocab *v, const char *piece, size_t len);

int tt_vocab_eos(const tt_vocab *v); /* always there */
int tt_vocab_unk(const tt_vocab *v); /* -1: none, then unknown pieces are left out */
bool tt_vocab_is_spelt(const tt_vocab *v,
                       int32_t id); /* a byte, of a character that has no piece */
/* In how many pieces a letter of Latin beyond ASCII, or a sign, stands with other characters, up to
   255, which is said of all other characters. A model has hardly seen those that stand in none. */
int tt_vocab_pieces_with(const tt_vocab *v, uint32_t c);
bool tt_vocab_is_familiar(const tt_vocab *v, uint32_t c); /* in one or more */
bool tt_vocab_is_control(const tt_vocab *v, int32_t id);  /* eos, bos or pad, which leave no text */

/* One line of valid UTF-8 (text/clean.h) to ids (n) in the arena. TT_EDATA when it is above
   TT_VOCAB_TEXT_MAX. */
int tt_vocab_encode(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                    int32_t **ids, size_t *n, tt_err *e);

/* As tt_vocab_encode, and (*at)[i]: the byte of the text at which token i begins; that of the end
   of the sentence is `len`, that of what stands before the text 0. A blank in front of a word
   belongs to the token behind it. */
int tt_vocab_encode_at(const tt_vocab *v, const char *text, size_t len, int flags, tt_arena *a,
                       int32_t **ids, int32_t **at, size_t *n, tt_err *e);

/* As tt_vocab_decode, and at[i] (n): the byte of *text at which the text of ids[i] begins. */
int tt_vocab_decode_at(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                       size_t *len, int32_t *at, tt_err *e);

/* Ids to text in the arena; eos and other control pieces leave no text. */
int tt_vocab_decode(const tt_vocab *v, const int32_t *ids, size_t n, tt_arena *a, char **text,
                    size_t *len, tt_err *e);

#endif
