/* t_pieces.c: a SentencePiece model as the tokeniser of BLEU. */
#include "ttrans.h"

#include "unit/test.h"

#include <string.h>

static char made[400];

static int join(void *ctx, tt_span word) {
    size_t *len = ctx;
    if (*len + word.len + 2 > sizeof made) return TT_ENOMEM;
    if (*len) made[(*len)++] = ' ';
    memcpy(made + *len, word.text, word.len);
    made[ *len += word.len] = 0;
    return 0;
}

static int stop(void *ctx, tt_span word) {
    (void)word;
    return ++*(int *)ctx == 2 ? 7 : 0;
}

int main(void) {
    tt_err e;
    tt_pieces *p = tt_pieces_open("vocab/en-es.spm", &e);
    CHECK(p, "%s", e.msg);
    if (!p) return test_done("t_pieces");
    tt_score_options o = {.tokenize = "flores200", .cut = tt_pieces_cut, .cut_ctx = p};
    tt_score *s = tt_score_open("bleu", &o, 1, &e);
    size_t len = 0;
    tt_span line = {"  El  perro ladra.\n", 19};
    CHECK(!tt_score_words(s, line, join, &len, &e), "%s", e.msg);
    CHECK(strstr(made, "▁El ▁perro ▁la") == made && strchr(made, '.'), "%s", made);
    tt_score_result r;
    CHECK(!tt_score_add(s, line, &line, &e), "%s", e.msg);
    tt_score_get(s, &r);
    CHECK(r.score > 99.99 && strstr(r.signature, "|tok:flores200|"), "%s", r.signature);
    int n = 0;
    CHECK(tt_pieces_cut(p, line, stop, &n, &e) == 7 && n == 2, "stopped after %d", n);
    tt_score_close(s);
    tt_pieces_close(p);
    tt_pieces_close(NULL);
    CHECK(!tt_pieces_open("no/such.model", &e) && e.code == TT_ENOINPUT, "%s", e.msg);
    CHECK(!tt_pieces_open("README.md", &e) && e.code == TT_EFORMAT, "%s", e.msg);
    return test_done("t_pieces");
}
