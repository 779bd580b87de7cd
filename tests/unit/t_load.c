/* t_load.c: a model for decoding, in each kind of product, against the one it was read from. */
#include <math.h>

#include "base/pool.h"
#include "nn/network.h"
#include "unit/test.h"
#include "unit/named.h"
#include "unit/tiny.h"

enum { VOCAB = 300, STEPS = 5, ROWS = 2 };

static tt_kernels kernels;
static const int32_t off[3] = {0, 4, 6}, ids[6] = {5, 9, 44, 0, 7, 0},
                     chosen[STEPS][ROWS] = {{-1, -1}, {3, 80}, {12, 12}, {71, 2}, {0, 5}};
static const tt_seqs src = {2, off, ids, NULL};

static tt_model *make(const char *tied, float **params) {
    tt_err e = {0};
    tt_hyper h;
    tt_model *m = NULL;
    tt_hyper_init(&h);
    const char *const pairs[] = {"dim",        "24", "heads",      "2", "ffn",           "40",
                                 "enc-layers", "2",  "dec-layers", "2", "max-positions", "16",
                                 "tied",       tied, NULL};
    for (int i = 0; pairs[i]; i += 2)
        CHECK(!tt_hyper_set(&h, pairs[i], pairs[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, VOCAB, &e), "%s", e.msg);
    *params = calloc(tt_model_size(&h), sizeof **params);
    CHECK(!tt_model_open(&m, &h, *params, NULL, &e), "%s", e.msg);
    tt_model_init(m, 3);
    for (int i = 0; i < VOCAB; i++) m->out_b.data[i] = (float)tt_rand_unit(5, (uint64_t)i);
    return m;
}

static const char *write(tt_model *m, const char *name, int type) {
    tt_err e = {0};
    const char *path = tiny_path(name);
    tt_modelwriter *w = tt_modelwriter_open(path, &e);
    CHECK(!tt_model_write(m, w, type, &e) && !tt_modelwriter_finish(w, &e), "%s", e.msg);
    return path;
}

static void load_part(void *ctx, size_t part, int worker) { tt_loading_do(ctx, part, worker); }

/* With `threads` at it; 0: one, from the last part to the first. */
static tt_model *load_shared(const char *path, int type, int threads, int code, const char *part) {
    tt_err e = {0};
    tt_model *m = NULL;
    tt_loading *l;
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    int rc = tt_loading_open(&l, mf, &kernels, type, threads ? threads : 1, &e);
    CHECK(!rc == (l != NULL), "%s", e.msg);
    if (l && threads) {
        tt_pool *p = tt_pool_open(threads, &e);
        tt_pool_run(p, tt_loading_parts(l), load_part, l);
        tt_pool_close(p);
    }
    for (size_t i = l && !threads ? tt_loading_parts(l) : 0; i > 0; i--) tt_loading_do(l, i - 1, 0);
    if (l) rc = tt_loading_close(&m, l, &e);
    CHECK(rc == code && (!part || strstr(e.msg, part)), "%d threads: %s", threads, e.msg);
    CHECK(!m == (code != 0));
    tt_modelfile_close(mf);
    return m;
}

static tt_model *load(const char *path, int type, int code, const char *part) {
    return load_shared(path, type, 1, code, part);
}

/* The logits (STEPS, ROWS, n) of both sentences under the chosen tokens; of all tokens, or of
   `only` (n). */
static float *decode(tt_model *m, const int32_t *only, int n, int code) {
    tt_err e = {0};
    tt_run run;
    CHECK(!tt_run_open(&run, &kernels, 0, &e), "%s", e.msg);
    float *all = calloc((size_t)(STEPS * ROWS * n), sizeof *all);
    tt_decoding *d = tt_decoding_open(&run, m, &src, (const tt_capacity[]){{1, STEPS}, {1, STEPS}});
    if (only) CHECK(tt_decoding_restrict(&run, d, only, n) == code, "%s", run.err.msg);
    for (int s = 0; s < STEPS && !tt_decoding_reserve(&run, d, ROWS); s++) {
        int rc = tt_decoding_step(&run, d, ROWS, chosen[s], (const int32_t[]){0, 1},
                                  (const int32_t[]){0, 1}, NULL);
        tt_tensor *y = rc ? NULL : tt_decoding_logits(&run, d, 0, ROWS);
        CHECK(y && y->cols == n && y->rows == ROWS, "%s", run.err.msg);
        if (y) memcpy(all + s * ROWS * n, y->data, (size_t)(ROWS * n) * sizeof *all);
    }
    tt_run_close(&run);
    return all;
}

/* The distance of two lists of numbers, relative to the first. */
static double apart(const float *a, const float *b, int n) {
    double diff = 0, size = 0;
    for (int i = 0; i < n; i++) {
        diff += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
        size += (double)a[i] * (double)a[i];
    }
    return sqrt(diff / size);
}

/* The same file with every tensor stored as it is. */
static const char *store(const char *path, const char *name) {
    tt_err e = {0};
    const char *to = tiny_path(name), *key, *value;
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    tt_modelwriter *w = tt_modelwriter_open(to, &e);
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        tt_modelfile_meta(mf, i, &key, &value);
        tt_modelwriter_set(w, key, value, NULL);
    }
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *x = tt_modelfile_entry(mf, i);
        void *raw = malloc(x->raw + 1);
        CHECK(!tt_modelfile_read(mf, x, raw, &e), "%s", e.msg);
        tt_modelwriter_raw(w, x->name, x->type, x->rows, x->cols, raw, TT_CODEC_STORED, NULL);
        free(raw);
    }
    tt_modelfile_close(mf);
    CHECK(!tt_modelwriter_finish(w, &e), "%s", e.msg);
    return to;
}

/* However it is stored and whoever reads which part, the weights are the same. */
static void test_shared(void) {
    float *params;
    tt_model *of = make("all", &params);
    static const int types[] = {TT_TYPE_F32, TT_TYPE_F16, TT_TYPE_BF16, TT_TYPE_I8};
    static const int threads[] = {1, 0, 2, 5};
    for (int i = 0; i < 4; i++) {
        const char *path = write(of, "short.ttm", types[i]);
        for (int c = 0; c < 3; c++) {
            const int type = (int[]){TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_I8}[c];
            float *first = NULL;
            for (int k = 0; k < 8; k++) {
                tt_model *m = load_shared(k < 4 ? path : store(path, "stored.ttm"), type,
                                          threads[k % 4], 0, NULL);
                float *got = decode(m, NULL, VOCAB, 0);
                CHECK(!first || !memcmp(first, got, STEPS * ROWS * VOCAB * sizeof *got),
                      "type %d for %d, %d threads", types[i], type, threads[k % 4]);
                tt_model_close(m);
                if (first) free(got);
                else first = got;
            }
            free(first);
        }
    }
    tt_model_close(of);
    free(params);
}

static void flip(const char *path, const char *tensor, long at) {
    tt_err e = {0};
    tt_modelfile *mf = tt_modelfile_open(path, &e);
    const tt_file_tensor *x = tt_modelfile_find(mf, tensor);
    FILE *f = fopen(path, "r+b");
    int c = f && !fseek(f, (long)x->offset + at, SEEK_SET) ? fgetc(f) : EOF;
    CHECK(c != EOF && !fseek(f, -1, SEEK_CUR) && fputc(c ^ 64, f) != EOF && !fclose(f), "%s", path);
    tt_modelfile_close(mf);
}

/* Of several damages the first in the file is told, whoever meets which first; and of a tensor with
   a damage that makes a number of it none, the damage. */
static void test_damage(void) {
    float *params;
    tt_model *of = make("all", &params);
    for (int stored = 0; stored < 2; stored++) {
        named_param(of, "enc.1.ffn.1.w")->data[30] = INFINITY;
        const char *path = write(of, "odd.ttm", TT_TYPE_F32);
        if (stored) path = store(path, "stored.ttm");
        flip(path, "dec.1.ffn.2.w", 100);
        flip(path, "dec.0.ffn.2.w", 3);
        for (int t = 0; t < 4; t++)
            load_shared(path, TT_TYPE_F32, t, TT_EDATA, "tensor enc.1.ffn.1.w, row 1: ");
        flip(path, "enc.1.ffn.1.w", 900);
        for (int t = 0; t < 4; t++)
            load_shared(path, TT_TYPE_I8, t, TT_EFORMAT, "checksum of tensor enc.1.ffn.1.w");
        named_param(of, "enc.1.ffn.1.w")->data[30] = 0;
        path = write(of, "odd.ttm", TT_TYPE_F32);
        if (stored) path = store(path, "stored.ttm");
        flip(path, "dec.1.ffn.2.w", 100);
        flip(path, "dec.0.ffn.2.w", 3);
        for (int t = 0; t < 4; t++)
            load_shared(path, TT_TYPE_BF16, t, TT_EFORMAT, "checksum of tensor dec.0.ffn.2.w");
    }
    tt_model_close(of);
    free(params);
}

static void test_types(void) {
    float *params;
    tt_model *of = make("all", &params);
    static const int types[] = {TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_I8};
    static const double most[] = {0, 0.02, 0.06};
    static const int32_t some[] = {0, 3, 17, 128, 200, 298, 299};
    float *want = decode(of, NULL, VOCAB, 0);
    for (int i = 0; i < 3; i++) {
        tt_model *m = load(write(of, "packed.ttm", TT_TYPE_F32), types[i], 0, NULL);
        float *got = decode(m, NULL, VOCAB, 0), *part = decode(m, some, 7, 0);
        double d = apart(want, got, STEPS * ROWS * VOCAB);
        CHECK(d <= most[i] && (i == 0 || d > 0), "type %d: logits %g apart", types[i], d);
        for (int r = 0; r < STEPS * ROWS; r++)
            for (int j = 0; j < 7; j++)
                CHECK(part[r * 7 + j] == got[r * VOCAB + some[j]], "row %d, token %d", r, some[j]);
        free(got);
        free(part);
        tt_model_close(m);

        /* stored so and asked for, or stored so and left to the file: the same bits */
        const char *path = write(of, "short.ttm", types[i]);
        tt_model *asked = load(path, types[i], 0, NULL),
                 *found = load(path, TT_COMPUTE_AUTO, 0, NULL);
        float *a = decode(asked, NULL, VOCAB, 0), *b = decode(found, NULL, VOCAB, 0);
        CHECK(!memcmp(a, b, STEPS * ROWS * VOCAB * sizeof *a) &&
              apart(want, a, STEPS * ROWS * VOCAB) <= most[i]);
        free(a);
        free(b);
        tt_model_close(asked);
        tt_model_close(found);
    }
    tt_model *again = NULL;
    tt_err e = {0};
    CHECK(!tt_model_packed(&again, of, &kernels, &e), "%s", e.msg);
    float *same = decode(again, NULL, VOCAB, 0);
    CHECK(!memcmp(want, same, STEPS * ROWS * VOCAB * sizeof *same));
    free(same);
    tt_model_close(again);

    free(want);
    tt_model_close(of);
    free(params);
}

/* Weights that are no numbers, whatever the products; in the output's bias -inf is a token that is
   never said. */
static void test_not_finite(void) {
    float *params;
    tt_model *of = make("all", &params);
    const struct {
        float *at, x;
        const char *says;
    } tries[] = {
        {named_param(of, "enc.1.ffn.1.w")->data + 30, NAN, "tensor enc.1.ffn.1.w, row 1: "},
        {named_param(of, "dec.0.ffn.2.w")->data + 23, -INFINITY, "tensor dec.0.ffn.2.w, row 0: "},
        {named_param(of, "enc.0.ffn.norm.g")->data + 23, INFINITY,
         "tensor enc.0.ffn.norm.g, row 0: "},
        {of->out_b.data + 80, NAN, "tensor out.b, row 0: "},
        {of->out_b.data + 80, INFINITY, "tensor out.b, row 0: "},
        {of->out_b.data + 80, -INFINITY, NULL}};
    static const int types[] = {TT_TYPE_F32, TT_TYPE_BF16, TT_TYPE_I8};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        const float was = *tries[i].at;
        *tries[i].at = tries[i].x;
        const char *path = write(of, "odd.ttm", TT_TYPE_F32);
        for (int k = 0; k < 3; k++)
            tt_model_close(load(path, types[k], tries[i].says ? TT_EDATA : 0, tries[i].says));
        *tries[i].at = was;
    }
    tt_model_close(of);
    free(params);
}

static void test_untied(void) {
    float *params;
    tt_model *of = make("none", &params);
    const char *path = write(of, "untied.ttm", TT_TYPE_F32);
    tt_model *m = load(path, TT_TYPE_F32, 0, NULL), *halved = load(path, TT_TYPE_BF16, 0, NULL);
    const int32_t last[] = {VOCAB - 2, VOCAB - 1};
    float *all = decode(m, NULL, VOCAB, 0), *some = decode(m, last, 2, 0);
    for (int i = 0; i < STEPS * ROWS; i++)
        CHECK(!memcmp(some + 2 * i, all + i * VOCAB + VOCAB - 2, 2 * sizeof *all), "row %d", i);
    free(all);
    free(some);
    free(decode(halved, last, 2, TT_EUSAGE));
    tt_model_close(halved);
    tt_model_close(m);
    tt_model_close(of);
    free(params);
}

int main(void) {
    tt_err e = {0};
    CHECK(!tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e), "%s", e.msg);
    test_types();
    test_shared();
    test_damage();
    test_not_finite();
    test_untied();
    return test_done("t_load");
}
