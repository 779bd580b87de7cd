/* t_convert.c: a model written again in another type, without what belongs to a run, with other
 * notes or another shortlist; and how far its weights are from what they were.
 */
#include "io/modelfile.h"
#include "unit/files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What convert refuses: weights that the type cannot say, and for a short one what is not finite.
 * Vectors stay f32. */
static void test_convert(void) {
    static const struct {
        float weight, bias;
        int type, rc;
        const char *says;
    } tries[] = {
        {1.5f, 1e38f, TT_TYPE_I8, 0, ""},
        {NAN, NAN, TT_TYPE_F32, 0, ""},
        {NAN, 0, TT_TYPE_I8, TT_EDATA, "tensor w, row 1: a NaN or infinity"},
        {-INFINITY, 0, TT_TYPE_BF16, TT_EDATA, "tensor w, row 1: a NaN or infinity"},
        {1.5f, NAN, TT_TYPE_I8, TT_EDATA, "tensor b, row 0: a NaN "},
        {65519.0f, 70000.0f, TT_TYPE_F16, 0, ""},
        {-65520.0f, 0, TT_TYPE_F16, TT_EDATA, "tensor w, row 1: -65520 is beyond the range of f16"},
        {3.4e38f, 0, TT_TYPE_BF16, TT_EDATA, "is beyond the range of bf16"},
        {3.38e38f, 0, TT_TYPE_BF16, 0, ""},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        float w[6] = {1.0f, 2.0f, 3.0f, 4.0f, tries[i].weight, 0.0f}, b[2] = {1.0f, tries[i].bias};
        tt_err e = {0};
        tt_modelwriter *out = tt_modelwriter_open(PATH("none"), &e);
        tt_modelwriter_add(out, "w", TT_TYPE_F32, 2, 3, w, TT_CODEC_STORED, NULL);
        tt_modelwriter_add(out, "b", TT_TYPE_F32, 1, 2, b, TT_CODEC_STORED, NULL);
        tt_modelwriter_add(out, "optim/m", TT_TYPE_F32, 1, 2, b, TT_CODEC_STORED, NULL);
        CHECK(!tt_modelwriter_finish(out, &e), "%s", e.msg);
        tt_modelfile *in = tt_modelfile_open(PATH("none"), &e);
        CHECK(tt_modelfile_convert(in, PATH("again"), tries[i].type, NULL, &e) == tries[i].rc &&
                  (!tries[i].rc || strstr(e.msg, tries[i].says)),
              "%d: %s", (int)i, e.msg);
        tt_modelfile *made = tries[i].rc ? NULL : tt_modelfile_open(PATH("again"), &e);
        if (made && isfinite(w[4])) {
            tt_change c = {0};
            const tt_file_tensor *t = tt_modelfile_entry(in, 0), *u = tt_modelfile_entry(made, 0);
            CHECK(tt_modelfile_count(made) == 2 && !tt_modelfile_change(&c, in, t, made, u, &e),
                  "%s", e.msg);
            CHECK(c.error <= c.worst && c.worst < 0.01 &&
                      (c.row == 1 || c.worst == 0.0 || tries[i].type == TT_TYPE_I8),
                  "%g %g %zu", c.error, c.worst, c.row);
            CHECK(tt_modelfile_change(&c, in, t, made, tt_modelfile_entry(made, 1), &e) ==
                      TT_EFORMAT,
                  "another shape");
        }
        tt_modelfile_close(made);
        tt_modelfile_close(in);
    }
}

/* A model with metadata, a shortlist, and what a run leaves. */
static tt_modelfile *open_run(void) {
    static const float x[4] = {1, 2, 3, 4};
    tt_err e = {0};
    tt_modelwriter *w = tt_modelwriter_open(PATH("none"), &e);
    tt_modelwriter_set(w, "model.dim", "8", NULL);
    tt_modelwriter_set(w, "licence", "CC BY 4.0", NULL);
    tt_modelwriter_set(w, "run.updates", "12", NULL);
    tt_modelwriter_add(w, "w", TT_TYPE_F32, 2, 2, x, TT_CODEC_STORED, NULL);
    tt_modelwriter_add(w, "optim/0", TT_TYPE_F32, 2, 2, x, TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "vocab.spm", "pieces", 6, TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "shortlist", "old", 3, TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "spelling", "as it was", 9, TT_CODEC_STORED, NULL);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    tt_modelfile *in = tt_modelfile_open(PATH("none"), &e);
    CHECK(in, "%s", e.msg);
    return in;
}

static int has_bytes(const tt_modelfile *mf, const char *name, const char *want) {
    char got[40];
    const tt_file_tensor *t = tt_modelfile_find(mf, name);
    return t && t->type == TT_TYPE_U8 && t->raw == strlen(want) &&
           !tt_modelfile_read(mf, t, got, NULL) && !memcmp(got, want, t->raw);
}

static void test_notes(void) {
    static const tt_modelfile_note notes[] = {
        {"licence", "none"}, {"decode.beam-size", "3"}, {"licence", "MIT"}};
    static const tt_span lists[] = {{NULL, 0}, {"newer", 5}, {"", 0}};
    tt_err e = {0};
    tt_modelfile *in = open_run();
    for (int i = 0; in && i < 3; i++) {
        const size_t n = i ? 3 : 0;
        const tt_modelfile_more more = {lists[i], lists[2 - i]};
        CHECK(!tt_modelfile_convert_noted(in, PATH("again"), TT_TYPE_F16, &more, notes, n, &e),
              "%s", e.msg);
        tt_modelfile *made = tt_modelfile_open(PATH("again"), &e);
        if (!made) {
            CHECK(0, "%s", e.msg);
            break;
        }
        CHECK(tt_modelfile_meta_count(made) == (n ? 3 : 2) &&
              !tt_modelfile_get(made, "run.updates"));
        CHECK(!strcmp(tt_modelfile_get(made, "licence"), n ? "MIT" : "CC BY 4.0") &&
              !strcmp(tt_modelfile_get(made, "model.dim"), "8"));
        CHECK(!n == !tt_modelfile_get(made, "decode.beam-size"));
        CHECK(tt_modelfile_count(made) == 4 && !tt_modelfile_find(made, "optim/0") &&
              tt_modelfile_find(made, "w")->type == TT_TYPE_F16);
        CHECK(has_bytes(made, "vocab.spm", "pieces") &&
                  has_bytes(made, "shortlist", i ? lists[i].text : "old") &&
                  has_bytes(made, "spelling", i < 2 ? lists[2 - i].text : "as it was"),
              "list %d", i);
        tt_modelfile_close(made);
    }
    tt_modelfile_close(in);
}

/* |y - x| / |x| of the whole and of the worst row, with numbers made for it. */
static void test_change(void) {
    static const float x[6] = {3, 4, 0, 0, 6, 8}, y[6] = {3, 4, 0, 0, 6, 9},
                       z[6] = {3, 4, 1, 0, 6, 8};
    static const float *const all[] = {x, y, z};
    static const char *const names[] = {"x", "y", "z"};
    tt_err e = {0};
    tt_change c;
    tt_modelwriter *w = tt_modelwriter_open(PATH("none"), &e);
    for (int i = 0; i < 3; i++)
        tt_modelwriter_add(w, names[i], TT_TYPE_F32, 3, 2, all[i], TT_CODEC_STORED, NULL);
    tt_modelwriter_bytes(w, "bytes", "abcdef", 6, TT_CODEC_STORED, NULL);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    tt_modelfile *mf = tt_modelfile_open(PATH("none"), &e);
    const tt_file_tensor *a = tt_modelfile_find(mf, "x"), *b = tt_modelfile_find(mf, "y"),
                         *d = tt_modelfile_find(mf, "z");
    CHECK(!tt_modelfile_change(&c, mf, a, mf, a, &e) && !(c.error > 0) && !(c.worst > 0), "itself");
    CHECK(!tt_modelfile_change(&c, mf, a, mf, b, &e) && fabs(c.error - 1 / sqrt(125)) < 1e-12 &&
              fabs(c.worst - 0.1) < 1e-12 && c.row == 2,
          "%g %g %zu", c.error, c.worst, c.row);
    CHECK(!tt_modelfile_change(&c, mf, a, mf, d, &e) && isinf(c.worst) && c.row == 1,
          "a row of zeros: %g %zu", c.worst, c.row);
    CHECK(tt_modelfile_change(&c, mf, a, mf, tt_modelfile_find(mf, "bytes"), &e) == TT_EFORMAT);
    tt_modelfile_close(mf);
}

int main(void) {
    in_new_folder("t_convert");
    test_convert();
    test_notes();
    test_change();
    static const char *const names[] = {"again", "none"};
    in_the_end(names, sizeof names / sizeof *names);
    return test_done("t_convert");
}
