/* pieces.h: a SentencePiece vocabulary of pieces given by name, laid out by hand (the ModelProto of
 * SentencePiece, as protocol buffers encode it), for tests that want to know every id: </s> is 0,
 * <unk> is 1, the pieces follow. A word is its piece with U+2581 before it.
 */
#ifndef TT_TEST_PIECES_H
#define TT_TEST_PIECES_H

#include "text/vocab.h"

#include <stdio.h>
#include <string.h>

enum { PIECES_NORMAL = 1, PIECES_UNKNOWN = 2, PIECES_CONTROL = 3 };

/* One piece, at most 100 bytes long, of score 0; returns where the next one goes. */
static inline unsigned char *pieces_put(unsigned char *at, const char *piece, unsigned char type) {
    size_t len = strlen(piece);
    const unsigned char head[] = {0x0a, (unsigned char)(len + 9), 0x0a, (unsigned char)len};
    const unsigned char tail[] = {0x15, 0, 0, 0, 0, 0x18, type};
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, piece, len);
    memcpy(at + sizeof head + len, tail, sizeof tail);
    return at + sizeof head + len + sizeof tail;
}

/* NULL, said, when that fails. At most 60 pieces. */
static inline tt_vocab *pieces_vocab(const char *const *pieces, int n) {
    /* trainer_spec: unk_id 1, bos_id -1, eos_id 0, pad_id -1; normalizer_spec: "identity". */
    static const unsigned char specs[] = {
        0x12, 0x1e, 0xc0, 0x02, 0x01, 0xc8, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x01, 0xd0, 0x02, 0x00, 0xd8, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x01, 0x1a, 0x0a, 0x0a, 0x08, 0x69, 0x64, 0x65, 0x6e, 0x74, 0x69, 0x74, 0x79};
    unsigned char bytes[8000], *at = bytes;
    at = pieces_put(at, "</s>", PIECES_CONTROL);
    at = pieces_put(at, "<unk>", PIECES_UNKNOWN);
    for (int i = 0; i < n && i < 60; i++) at = pieces_put(at, pieces[i], PIECES_NORMAL);
    memcpy(at, specs, sizeof specs);
    at += sizeof specs;
    tt_err e = {0};
    tt_vocab *made = tt_vocab_open_bytes(bytes, (size_t)(at - bytes), &e);
    if (!made) printf("FAIL pieces_vocab: %s\n", e.msg);
    return made;
}

#endif
