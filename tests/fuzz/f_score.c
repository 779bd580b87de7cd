/* f_score.c: whatever the text, every metric gives a finite score that is the same twice, a text
 * scores full marks against itself, and a line has no more words than bytes. The first byte of the
 * input chooses the options; a NUL byte stands between hypothesis and references.
 */
#include "ttrans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int holds) {
    if (!holds) abort();
}

static int count(void *ctx, tt_span word) {
    demand(word.len > 0);
    ++*(size_t *)ctx;
    return 0;
}

static double score_of(tt_score *s, tt_span hyp, const tt_span *refs) {
    tt_score_result r;
    tt_err e;
    demand(!tt_score_add(s, hyp, refs, &e));
    tt_score_get_last(s, &r);
    demand(isfinite(r.score) && r.score >= 0 && r.signature[0] != 0);
    return r.score;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const metrics[] = {"bleu", "chrf", "ter"};
    if (size < 1 || size > 4000) return 0;
    int bits = data[0];
    const char *text = (const char *)data + 1, *end = (const char *)data + size;
    tt_span part[3] = {{"", 0}, {"", 0}, {"", 0}};
    for (int i = 0; i < 3 && text < end; i++) {
        const char *stop = memchr(text, 0, (size_t)(end - text));
        part[i] = (tt_span){text, (size_t)((stop ? stop : end) - text)};
        text += part[i].len + 1;
        if (tt_score_check(part[i], NULL)) return 0;
    }
    tt_score_options o = {.tokenize = tt_score_tokenizer(bits % 5),
                          .lowercase = bits & 1,
                          .chrf_lowercase = bits >> 1 & 1,
                          .word_order = bits & 4 ? 2 : 0,
                          .whitespace = bits >> 3 & 1,
                          .eps_smoothing = bits >> 4 & 1,
                          .ter_normalized = bits >> 5 & 1,
                          .ter_no_punct = bits >> 6 & 1,
                          .ter_asian = bits >> 7,
                          .ter_case_sensitive = bits >> 2 & 1,
                          .effective_order = 1};
    for (int m = 0; m < 3; m++) {
        tt_err e;
        tt_score *s = tt_score_open(metrics[m], &o, 2, &e);
        size_t words = 0;
        demand(s != NULL);
        double one = score_of(s, part[0], part + 1), two = score_of(s, part[0], part + 1);
        demand(!memcmp(&one, &two, sizeof one));
        demand(!tt_score_words(s, part[0], count, &words, &e));
        demand(words <= part[0].len + part[0].len / 2);
        tt_span self[2] = {part[0], part[1]};
        double same = score_of(s, part[0], self);
        if (m == 0 && words) demand(same > 99.999);
        if (m == 2 && !o.ter_normalized) demand(same <= 0);
        tt_score_close(s);
    }
    return 0;
}
