/* t_hyper.c: settings of a model: by option, by preset, through a file, from an older and from a
   newer file. */
#include "nn/hyper.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_hyper made(const char *const *pairs) {
    tt_err e = {0};
    tt_hyper h;
    tt_hyper_init(&h);
    for (int i = 0; pairs[i]; i += 2)
        CHECK(!tt_hyper_set(&h, pairs[i], pairs[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, 100, &e), "%s", e.msg);
    return h;
}

/* Writes settings, or the pairs given alone, and reads them back. */
static int through_file(const tt_hyper *h, const char *const *pairs, tt_hyper *back, tt_err *e) {
    const char *path = tiny_path("hyper.ttm");
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (h) CHECK(!tt_hyper_write(h, w, e), "%s", e->msg);
    for (int i = 0; pairs[i]; i += 2) tt_modelwriter_set(w, pairs[i], pairs[i + 1], NULL);
    CHECK(!tt_modelwriter_finish(w, e), "%s", e->msg);
    tt_modelfile *mf = tt_modelfile_open(path, e);
    int rc = tt_hyper_read(back, mf, e);
    tt_modelfile_close(mf);
    return rc;
}

static int refused(const char *const *pairs, int code, const char *part) {
    tt_err e = {0};
    tt_hyper h;
    tt_hyper_init(&h);
    int rc = 0;
    for (int i = 0; pairs[i] && !rc; i += 2) rc = tt_hyper_set(&h, pairs[i], pairs[i + 1], &e);
    if (!rc) rc = tt_hyper_finish(&h, 100, &e);
    return rc == code && strstr(e.msg, part) != NULL;
}

#define PAIRS (const char *const[])

int main(void) {
    tt_err e = {0};
    tt_hyper h = made(PAIRS{"preset", "base", "heads", "4", NULL}), back;
    CHECK(h.dim == 512 && h.heads == 4 && h.ffn == 2048 && h.enc_layers == 6 &&
          h.autoreg == TT_AUTOREG_ATTENTION);
    h = made(PAIRS{"preset", "student", "norm", "post", NULL});
    CHECK(h.dim == 256 && h.dec_layers == 2 && h.autoreg == TT_AUTOREG_SSRU &&
          !tt_hyper_top_norm(&h));
    CHECK(made(PAIRS{NULL}).vocab == 100 && tt_hyper_top_norm(&(tt_hyper){.norm = TT_NORM_PRE}));

    h = made(PAIRS{"positions", "learned", "activation", "gelu-tanh", "norm-eps", "1e-5", "autoreg",
                   "average-attention", "dec-ffn", "77", "embedding-scale", "no", "start-token",
                   "3", "alignment-head", "0", NULL});
    h.tied = TT_TIED_NONE, h.tgt_vocab = 120;
    CHECK(tt_hyper_dec_ffn(&h) == 77);
    CHECK(!through_file(&h, PAIRS{NULL}, &back, &e), "%s", e.msg);
    h.said = back.said = 0;
    CHECK(!memcmp(&h, &back, sizeof h), "settings changed on their way through a file");

    /* a file from before most settings */
    CHECK(!through_file(NULL,
                        PAIRS{"model.type",
                              "transformer",
                              "model.preset",
                              "tiny",
                              "model.dim",
                              "128",
                              "model.heads",
                              "4",
                              "model.ffn",
                              "512",
                              "model.enc-layers",
                              "2",
                              "model.dec-layers",
                              "2",
                              "model.norm",
                              "pre",
                              "model.activation",
                              "relu",
                              "model.tied",
                              "all",
                              "model.vocab",
                              "100",
                              NULL},
                        &back, &e),
          "%s", e.msg);
    h = made(PAIRS{"preset", "tiny", NULL});
    h.said = back.said = 0;
    CHECK(!memcmp(&h, &back, sizeof h), "an old file's settings are not the defaults");

    CHECK(through_file(NULL, PAIRS{"model.type", "transformer", "model.vocab", "100", NULL}, &back,
                       &e) == TT_EFORMAT &&
              strstr(e.msg, "model.dim is missing"),
          "%s", e.msg);
    CHECK(through_file(&h, PAIRS{"model.rotary", "yes", NULL}, &back, &e) == TT_EFORMAT &&
              strstr(e.msg, "model.rotary is unknown"),
          "%s", e.msg);
    CHECK(through_file(&h, PAIRS{"model.dim", "129", NULL}, &back, &e) == TT_EFORMAT, "%s", e.msg);
    CHECK(through_file(&h, PAIRS{"model.target-vocab", "50", NULL}, &back, &e) == TT_EFORMAT &&
              strstr(e.msg, "one vocabulary"),
          "%s", e.msg);
    CHECK(through_file(&h, PAIRS{"model.vocab", "one", NULL}, &back, &e) == TT_EFORMAT, "%s",
          e.msg);

    CHECK(refused(PAIRS{"heads", "3", NULL}, TT_ECONFIG, "does not divide"));
    CHECK(refused(PAIRS{"dim", "9", "heads", "3", NULL}, TT_ECONFIG, "odd"));
    CHECK(refused(PAIRS{"start-token", "100", NULL}, TT_ECONFIG, "100 pieces"));
    CHECK(refused(PAIRS{"alignment-layer", "9", NULL}, TT_ECONFIG, "0 to 2"));
    CHECK(refused(PAIRS{"alignment-head", "4", NULL}, TT_ECONFIG, "0 to 3"));
    CHECK(refused(PAIRS{"autoreg", "lstm", NULL}, TT_EUSAGE, "ssru"));
    CHECK(refused(PAIRS{"dim", "4", NULL}, TT_EUSAGE, "8 to 8192"));
    CHECK(refused(PAIRS{"depth", "4", NULL}, TT_EUSAGE, "depth"));
    return test_done("t_hyper");
}
