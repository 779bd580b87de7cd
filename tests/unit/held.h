/* held.h: a sentence as the search gets it, with what it holds. */
#ifndef TT_TEST_HELD_H
#define TT_TEST_HELD_H

#include <string.h>

#include "translate/holds.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_arena *a;
static tt_vocab *v;

static tt_sentence take(const char *text, int capitals) {
    tt_err e = {0};
    tt_sentence s = {.gap = ""};
    int32_t *ids;
    size_t n;
    int all;
    CHECK(!tt_holds_take(&s.plain, NULL, capitals, text, strlen(text), a, &e), "%s", e.msg);
    CHECK(!tt_vocab_encode(v, s.plain.text, s.plain.len, TT_VOCAB_EOS, a, &ids, &n, &e), "%s",
          e.msg);
    CHECK(!tt_holds_unknown(&s.plain, v, &all, a, &e), "%s", e.msg);
    s.ids = ids;
    s.count = (int)n;
    return s;
}

#endif
