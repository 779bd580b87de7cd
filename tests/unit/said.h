/* said.h: a hypothesis for a sentence, with an alignment by words. */
#ifndef TT_TEST_SAID_H
#define TT_TEST_SAID_H

#include <string.h>

#include "translate/words.h"
#include "unit/test.h"
#include "unit/tiny.h"

/* The hypothesis that says `text`; each of its words looks at word looks[i] of the sentence. In the
   arena. */
static inline tt_hyps *said_hyps(const tt_sentence *s, const char *text, const int *looks,
                                 const tt_vocab *v, tt_arena *a) {
    tt_err e = {0};
    tt_sentence t = {.gap = "",
                     .plain = {.text = text, .len = strlen(text), .line = {text, strlen(text)}}};
    int32_t *ids, *at, *sw, *tw;
    size_t n;
    int words;
    tt_hyps *hyps = tt_arena_zero(a, sizeof *hyps);
    tt_hyp *h = tt_arena_zero(a, sizeof *h);
    CHECK(!tt_vocab_encode_at(v, text, strlen(text), TT_VOCAB_EOS, a, &ids, &at, &n, &e), "%s",
          e.msg);
    t.ids = ids;
    t.count = (int)n;
    CHECK(!tt_words_source(&sw, &words, v, s, a, &e) && !tt_words_source(&tw, &words, v, &t, a, &e),
          "%s", e.msg);
    float *w = tt_arena_zero(a, n * (size_t)s->count * sizeof *w);
    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < s->count; j++)
            if (tw[i] >= 0 && sw[j] == looks[tw[i]]) w[i * (size_t)s->count + (size_t)j] = 1;
    *h = (tt_hyp){.ids = ids, .count = (int)n, .alignment = w};
    *hyps = (tt_hyps){.hyp = h, .count = 1};
    return hyps;
}

#endif
