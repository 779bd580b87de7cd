/* small.h: a model small enough to be translated with a thousand times a second, with weights by
   chance, and its file. */
#ifndef TT_FUZZ_SMALL_H
#define TT_FUZZ_SMALL_H

#include "fuzz/memfile.h"
#include "nn/model.h"
#include "text/vocab.h"
#include "unit/pieces.h"

/* What a model of ours is given where a fuzzer asks nothing else; NULL at the end. */
static const char *const small_settings[] = {
    "dim",        "8", "heads",         "2",  "ffn", "16", "enc-layers", "1",
    "dec-layers", "1", "max-positions", "16", NULL};

#define SMALL_MARK "\xe2\x96\x81"
static const char *const small_pieces[] = {SMALL_MARK,
                                           "a",
                                           "b",
                                           "c",
                                           "d",
                                           "e",
                                           "f",
                                           "g",
                                           "h",
                                           "i",
                                           "j",
                                           "k",
                                           "l",
                                           "m",
                                           "n",
                                           "o",
                                           "p",
                                           "q",
                                           "r",
                                           "s",
                                           "t",
                                           "u",
                                           "v",
                                           "w",
                                           "x",
                                           "y",
                                           "z",
                                           ".",
                                           ",",
                                           SMALL_MARK "the",
                                           SMALL_MARK "dog",
                                           SMALL_MARK "cat",
                                           SMALL_MARK "house",
                                           "0",
                                           "1",
                                           "2",
                                           "A",
                                           "B"};
enum { SMALL_PIECES = sizeof small_pieces / sizeof *small_pieces, SMALL_VOCAB = SMALL_PIECES + 2 };

static inline tt_vocab *small_vocab(void) {
    static tt_vocab *v;
    if (!v) v = pieces_vocab(small_pieces, SMALL_PIECES);
    HOLDS(v);
    return v;
}

static inline tt_hyper small_hyper(void) {
    tt_err e = {0};
    tt_hyper h;
    tt_hyper_init(&h);
    for (int i = 0; small_settings[i]; i += 2)
        HOLDS(!tt_hyper_set(&h, small_settings[i], small_settings[i + 1], &e));
    HOLDS(!tt_hyper_finish(&h, SMALL_VOCAB, &e));
    return h;
}

/* The bytes of a model file of this model, written to `path` on the way. */
static inline uint8_t *small_model(const char *path, int type, size_t *size) {
    tt_err e = {0};
    tt_hyper h = small_hyper();
    tt_model *m = NULL;
    float *params = calloc(tt_model_size(&h), sizeof *params);
    HOLDS(params && !tt_model_open(&m, &h, params, NULL, &e));
    tt_model_init(m, 7);
    for (size_t i = 0; i < tt_model_size(&h); i++) params[i] *= 2;
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    size_t len;
    const void *bytes = tt_vocab_bytes(small_vocab(), &len);
    HOLDS(w && !tt_model_write(m, w, type, &e) &&
          !tt_modelwriter_bytes(w, "vocab.spm", bytes, len, TT_CODEC_STORED, &e));
    HOLDS(!tt_modelwriter_finish(w, &e));
    tt_model_close(m);
    free(params);
    return memfile_read(path, size);
}

#endif
