/* t_average.c: the mean of models, tensor by tensor; what must be the same, and is named if it is
   not. */
#include <math.h>
#include <string.h>

#include "io/modelfile.h"
#include "unit/test.h"
#include "unit/tiny.h"

/* A model file of little; what is not NULL or 0 differs from the others. */
struct odd {
    const char *key, *value; /* one more line of metadata, or another value */
    const char *vocab, *tensor;
    size_t rows;
    int type;
    float add;
};

static const char *make(const char *name, struct odd x) {
    const char *path = tiny_path(name);
    tt_err e = {0};
    float m[6], b[3], moments[4] = {9, 9, 9, 9};
    for (int i = 0; i < 6; i++) m[i] = 0.25f * (float)i + x.add;
    for (int i = 0; i < 3; i++) b[i] = (float)i - x.add;
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    tt_modelwriter_set(w, "model.dim", "3", NULL);
    tt_modelwriter_set(w, "train.by", "the same", NULL);
    tt_modelwriter_set(w, "train.updates", name, NULL);
    tt_modelwriter_set(w, "run.update", name, NULL);
    if (x.key) tt_modelwriter_set(w, x.key, x.value, NULL);
    tt_modelwriter_add(w, "emb", x.type, x.rows ? x.rows : 2, x.rows ? 6 / x.rows : 3, m,
                       TT_CODEC_STORED, NULL);
    tt_modelwriter_add(w, x.tensor ? x.tensor : "out.b", TT_TYPE_F32, 1, 3, b, TT_CODEC_DEFLATE,
                       NULL);
    tt_modelwriter_add(w, "optim/0", TT_TYPE_F32, 1, 4, moments, TT_CODEC_STORED, NULL);
    const char *vocab = x.vocab ? x.vocab : "words";
    tt_modelwriter_bytes(w, "vocab.spm", vocab, strlen(vocab), TT_CODEC_STORED, NULL);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    return path;
}

static int average(const char *path, const char *const *names, int n, tt_err *e) {
    tt_modelfile *in[4] = {NULL};
    for (int i = 0; i < n; i++)
        CHECK((in[i] = tt_modelfile_open(tiny_path(names[i]), e)) != NULL, "%s", e->msg);
    int rc = tt_modelfile_average(in, (size_t)n, path, e);
    for (int i = 0; i < n; i++) tt_modelfile_close(in[i]);
    return rc;
}

static void check_mean(void) {
    static const char *const names[] = {"avg-a.ttm", "avg-b.ttm", "avg-c.ttm"};
    char path[400];
    float m[6], b[3];
    tt_err e = {0};
    snprintf(path, sizeof path, "%s", tiny_path("avg-mean.ttm"));
    make("avg-a.ttm", (struct odd){.add = 0});
    make("avg-b.ttm", (struct odd){.add = 1, .type = TT_TYPE_BF16});
    make("avg-c.ttm", (struct odd){.add = 3.5f});
    CHECK(!average(path, names, 3, &e), "%s", e.msg);
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    CHECK(mf && tt_modelfile_count(mf) == 3 && !tt_modelfile_find(mf, "optim/0"), "%s", e.msg);
    CHECK(tt_modelfile_find(mf, "emb")->type == TT_TYPE_F32);
    CHECK(!tt_modelfile_read_f32(mf, tt_modelfile_find(mf, "emb"), m, &e) &&
              !tt_modelfile_read_f32(mf, tt_modelfile_find(mf, "out.b"), b, &e),
          "%s", e.msg);
    for (int i = 0; i < 6; i++)
        CHECK(fabsf(m[i] - (0.25f * (float)i + 1.5f)) < 1e-6f, "emb %d: %g", i, (double)m[i]);
    for (int i = 0; i < 3; i++)
        CHECK(fabsf(b[i] - ((float)i - 1.5f)) < 1e-6f, "out.b %d: %g", i, (double)b[i]);
    CHECK(!strcmp(tt_modelfile_get(mf, "train.averaged"), "3") &&
          !strcmp(tt_modelfile_get(mf, "train.by"), "the same"));
    CHECK(!tt_modelfile_get(mf, "train.updates") && !tt_modelfile_get(mf, "run.update") &&
          !strcmp(tt_modelfile_get(mf, "model.dim"), "3"));
    tt_modelfile_close(mf);
}

/* Another file is refused, whichever of the two comes first, and nothing is written. */
static void refused(struct odd x, const char *part) {
    static const char *const orders[2][2] = {{"avg-a.ttm", "avg-odd.ttm"},
                                             {"avg-odd.ttm", "avg-a.ttm"}};
    char path[400];
    snprintf(path, sizeof path, "%s", tiny_path("avg-none.ttm"));
    remove(path);
    make("avg-odd.ttm", x);
    for (int i = 0; i < 2; i++) {
        tt_err e = {0};
        CHECK(average(path, orders[i], 2, &e) == TT_ECONFIG && strstr(e.msg, part) &&
                  strstr(e.msg, "avg-odd.ttm"),
              "%s: %s", part, e.msg);
        FILE *f = fopen(path, "r");
        CHECK(!f, "%s: written", part);
        if (f) fclose(f);
    }
}

int main(void) {
    check_mean();
    refused((struct odd){.key = "model.dim", .value = "4"}, "model.dim=4");
    refused((struct odd){.key = "model.norm", .value = "post"}, "model.norm");
    refused((struct odd){.key = "decode.beam-size", .value = "2"}, "decode.beam-size");
    refused((struct odd){.vocab = "other"}, "vocab.spm");
    refused((struct odd){.vocab = "words and more"}, "vocab.spm");
    refused((struct odd){.rows = 3}, "emb is (");
    refused((struct odd){.tensor = "pos"}, " has ");
    static const char *const names[] = {"avg-a.ttm", "avg-odd.ttm"};
    char path[400];
    tt_err e = {0};
    snprintf(path, sizeof path, "%s", tiny_path("avg-none.ttm"));
    make("avg-odd.ttm", (struct odd){.add = NAN});
    CHECK(average(path, names, 2, &e) == TT_EDATA && strstr(e.msg, "emb"), "%s", e.msg);
    CHECK(!average(path, names, 1, &e), "%s", e.msg);
    return test_done("t_average");
}
