/* tiny.h: small English and Spanish text for the tests of lib/text, made from word lists by a key,
 * and a vocabulary trained on it. Files go to $TT_TEST_TMP; a path is good for the next three
 * calls. Needs test.h before it.
 */
#ifndef TT_TEST_TINY_H
#define TT_TEST_TINY_H

#include "base/rng.h"
#include "text/vocab.h"

#include <stdlib.h>
#include <string.h>

static inline const char *tiny_path(const char *name) {
    static char path[4][400];
    static int turn;
    const char *dir = getenv("TT_TEST_TMP");
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir && *dir ? dir : "/tmp", name);
    return p;
}

/* Writes bytes to a file below $TT_TEST_TMP; returns its path. */
static inline const char *tiny_file(const char *name, const void *bytes, size_t len) {
    const char *path = tiny_path(name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, len, f) != len || fclose(f)) printf("FAIL cannot write %s\n", path);
    return path;
}

/* Sentence i of one side (0: English, 1: Spanish), 1 to 24 words. */
static inline void tiny_sentence(char out[400], int side, uint64_t i) {
    static const char *const words[2][16] = {
        {"the", "house", "of", "my", "neighbour", "is", "red", "and", "she", "saw", "a", "little",
         "dog", "near", "that", "river"},
        {"la", "casa", "de", "mi", "vecino", "es", "roja", "y", "ella", "vio", "un", "pequeño",
         "perro", "cerca", "aquel", "río"}};
    uint32_t n = 1 + tt_rand_below(7, i, 24);
    size_t at = 0;
    for (uint32_t k = 0; k < n; k++)
        at += (size_t)snprintf(out + at, 400 - at, "%s%s", k ? " " : "",
                               words[side][tt_rand_below(i + 1, k, 16)]);
    snprintf(out + at, 400 - at, ".");
}

/* A TSV of n pairs; returns its path. */
static inline const char *tiny_tsv(const char *name, int n) {
    const char *path = tiny_path(name);
    FILE *f = fopen(path, "wb");
    char s[2][400];
    for (int i = 0; f && i < n; i++) {
        tiny_sentence(s[0], 0, (uint64_t)i);
        tiny_sentence(s[1], 1, (uint64_t)i);
        fprintf(f, "%s\t%s\n", s[0], s[1]);
    }
    if (!f || fclose(f)) printf("FAIL cannot write %s\n", path);
    return path;
}

/* A vocabulary of `size` pieces with byte fallback. NULL, said, when that fails. */
static inline tt_vocab *tiny_vocab(const char *name, int size) {
    char text[2][400];
    snprintf(text[0], 400, "%s", tiny_tsv("tiny-vocab.tsv", 1000));
    snprintf(text[1], 400, "%s", tiny_path(name));
    const char *inputs[] = {text[0]};
    tt_vocab_options o = {.inputs = inputs,
                          .n_inputs = 1,
                          .tsv = 1,
                          .size = size,
                          .coverage = 1,
                          .byte_fallback = 1,
                          .seed = 1};
    tt_err e = {0};
    tt_vocab *v = tt_vocab_train(text[1], &o, NULL, &e) ? NULL : tt_vocab_open(text[1], &e);
    if (!v) printf("FAIL tiny_vocab: %s\n", e.msg);
    return v;
}

#endif
