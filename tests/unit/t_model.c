/* t_model.c: parameters of models: laid one behind the other in the order of the file, as many as
 * the size says, and begun as their declarations ask.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nn/model.h"
#include "unit/files.h"

enum { VOCAB = 300, DIM = 64, MOST_PARAMS = 400 };

/* Settings of the models, "name value" each. */
static const char *const models[][5] = {
    {"enc-layers 2"},
    {"enc-layers 3", "dec-layers 1", "dec-ffn 40", "tied decoder"},
    {"autoreg ssru", "norm pre", "tied none", "top-norm yes"},
    {"autoreg average-attention", "aan-dim 24", "embedding-norm yes"},
    {"positions learned"},
    {"align additive", "distribution sparsemax"},
    {"encoder bilstm", "decoder lstm", "enc-layers 3"},
    {"encoder birnn", "decoder gru", "dec-layers 3"},
    {"encoder transformer", "decoder lstm"},
    {"encoder gru", "decoder transformer", "tied none"},
};
enum { MODELS = sizeof models / sizeof *models };

struct seen {
    char name[80];
    tt_param p;
    tt_tensor *t;
    size_t offset;
};

struct list {
    struct seen seen[MOST_PARAMS];
    int count;
};

static void visit_list(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct list *l = ctx;
    if (l->count == MOST_PARAMS) return;
    struct seen *s = &l->seen[l->count++];
    snprintf(s->name, sizeof s->name, "%s", p->name);
    s->p = *p;
    s->t = t;
    s->offset = offset;
}

/* The settings of a model; settings that this build does not know are said. */
static int settings_of(tt_hyper *h, const char *const *settings) {
    static const char *const small[] = {"dim 64",       "heads 4",      "ffn 96",
                                        "enc-layers 2", "dec-layers 2", "max-positions 32"};
    tt_err e = {0};
    tt_hyper_init(h);
    int rc = 0;
    for (int i = 0; i < 6 + 5 && !rc; i++) {
        const char *s = i < 6 ? small[i] : settings[i - 6], *blank = s ? strchr(s, ' ') : NULL;
        char name[40];
        if (!s) break;
        snprintf(name, sizeof name, "%.*s", (int)(blank - s), s);
        rc = tt_hyper_set(h, name, blank + 1, &e);
    }
    if (!rc) rc = tt_hyper_finish(h, VOCAB, &e);
    CHECK(!rc, "%s: %s", settings[0], e.msg);
    return !rc;
}

/* From one parameter to the next there is nothing but what fills up 16 floats. */
static void check_walk(const char *what, const tt_hyper *h, tt_model *m, const struct list *l) {
    size_t at = 0, numbers = 0, apart = 0, twice = 0;
    for (int i = 0; i < l->count; i++) {
        const struct seen *s = &l->seen[i];
        const size_t n = tt_tensor_size(s->t);
        apart += s->offset != at || s->p.rows != s->t->rows || s->p.cols != s->t->cols ||
                 s->p.parts < 1 || s->t->rows % s->p.parts;
        at += (n + 15) / 16 * 16;
        numbers += n;
        for (int j = 0; j < i; j++) twice += !strcmp(s->name, l->seen[j].name);
    }
    CHECK(l->count > 10 && l->count < MOST_PARAMS && !apart && !twice, "%s: %d, %zu, %zu", what,
          l->count, apart, twice);
    CHECK(tt_model_size(h) == at, "%s: size %zu, the walk ends at %zu", what, tt_model_size(h), at);
    CHECK(tt_model_params(m) == numbers, "%s: %zu parameters, not %zu", what, tt_model_params(m),
          numbers);
}

/* Each row is of length 1 and at a right angle to the others. */
static double off_orthogonal(const float *q, int k) {
    double worst = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b <= a; b++) {
            double dot = 0;
            for (int i = 0; i < k; i++) dot += (double)q[a * k + i] * (double)q[b * k + i];
            worst = fmax(worst, fabs(dot - (a == b)));
        }
    return worst;
}

static void check_glorot(const struct seen *s) {
    const int rows = s->t->rows / s->p.parts;
    const size_t n = (size_t)rows * (size_t)s->t->cols;
    const double limit = sqrt(6.0 / (rows + s->t->cols));
    for (int part = 0; part < s->p.parts; part++) {
        double most = 0, sum = 0, sq = 0;
        for (size_t i = 0; i < n; i++) {
            const double x = (double)s->t->data[(size_t)part * n + i];
            most = fmax(most, fabs(x));
            sum += x;
            sq += x * x;
        }
        CHECK(most <= limit * (1 + 1e-6) && (n < 100 || most > 0.9 * limit),
              "%s, part %d: up to %g, limit %g", s->name, part, most, limit);
        CHECK(fabs(sum / (double)n) < 5 * limit / sqrt(3.0 * (double)n), "%s, part %d: mean %g",
              s->name, part, sum / (double)n);
        CHECK(n < 1000 || fabs(sq / (double)n / (limit * limit / 3) - 1) < 0.15,
              "%s, part %d: variance %g", s->name, part, sq / (double)n);
    }
}

static void check_normal(const struct seen *s, double deviation) {
    const size_t n = tt_tensor_size(s->t);
    double sum = 0, sq = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)s->t->data[i], sq += (double)s->t->data[i] * (double)s->t->data[i];
    CHECK(fabs(sum / (double)n) < 5 * deviation / sqrt((double)n), "%s: mean %g", s->name,
          sum / (double)n);
    CHECK(n < 500 || fabs(sqrt(sq / (double)n) / deviation - 1) < 0.1, "%s: deviation %g", s->name,
          sqrt(sq / (double)n));
}

static size_t others_than(const struct seen *s, float want, int from, int to) {
    size_t other = 0;
    for (int r = 0; r < s->t->rows; r++)
        for (int c = from; c < to; c++)
            other += s->t->data[r * s->t->cols + c] < want || s->t->data[r * s->t->cols + c] > want;
    return other;
}

static void check_start(const struct seen *s) {
    const int cols = s->t->cols;
    if (s->p.orthogonal) {
        CHECK(s->t->rows == s->p.parts * cols, "%s: parts are not square", s->name);
        for (int i = 0; i < s->p.parts; i++) {
            const float *part = s->t->data + i * cols * cols;
            CHECK(off_orthogonal(part, cols) < 1e-5, "%s, part %d: off by %g", s->name, i,
                  off_orthogonal(part, cols));
            CHECK(!i || memcmp(part, s->t->data, (size_t)(cols * cols) * sizeof *part),
                  "%s: part %d is the first", s->name, i);
        }
    } else if (s->p.role == TT_MATRIX || s->p.glorot) {
        check_glorot(s);
    } else if (s->p.role == TT_TABLE) {
        check_normal(s, 1 / sqrt(DIM));
    } else if (s->p.role == TT_GAIN) {
        CHECK(!others_than(s, 1, 0, cols), "%s: gains are not 1", s->name);
    } else if (s->p.deviation > 0) {
        check_normal(s, s->p.deviation);
    } else if (s->p.start_to) {
        CHECK(!others_than(s, 0, 0, s->p.start_at) && !others_than(s, 0, s->p.start_to, cols), "%s",
              s->name);
        CHECK(!others_than(s, (float)s->p.start, s->p.start_at, s->p.start_to), "%s", s->name);
    } else {
        CHECK(!others_than(s, (float)s->p.start, 0, cols), "%s does not begin with %g", s->name,
              s->p.start);
    }
}

/* Every cell of an LSTM has gates i, f, c, o: only the bias of f, the second quarter, is 1. */
static void check_forget(const char *what, const struct list *l, int cells) {
    int found = 0;
    for (int i = 0; i < l->count; i++) {
        const struct seen *s = &l->seen[i];
        const int k = s->t->cols / 4;
        if (s->p.role != TT_BIAS || s->t->cols % 4 || s->t->data[k] < 1) continue;
        found += !others_than(s, 1, k, 2 * k) && !others_than(s, 0, 0, k) &&
                 !others_than(s, 0, 2 * k, 4 * k);
    }
    CHECK(found == cells, "%s: %d biases of forget gates, not %d", what, found, cells);
}

/* What is written stands in the order of the walk and comes back. */
static void check_file(const char *what, tt_model *m, const struct list *l, const float *params,
                       size_t size) {
    tt_err e = {0};
    tt_modelwriter *w = tt_modelwriter_open(PATH("model"), &e);
    CHECK(w && !tt_model_write(m, w, TT_TYPE_F32, &e) && !tt_modelwriter_finish(w, &e), "%s: %s",
          what, e.msg);
    tt_modelfile *mf = tt_modelfile_open(PATH("model"), &e);
    if (!mf) {
        CHECK(0, "%s: %s", what, e.msg);
        return;
    }
    int other = 0;
    for (int i = 0; i < l->count; i++) {
        const tt_file_tensor *x = tt_modelfile_entry(mf, (size_t)i);
        const tt_tensor *t = l->seen[i].t;
        other += !x || strcmp(x->name, l->seen[i].name) || x->rows != (size_t)t->rows ||
                 x->cols != (size_t)t->cols;
    }
    CHECK(!other && tt_modelfile_count(mf) == (size_t)l->count,
          "%s: %d tensors stand elsewhere in the file", what, other);
    CHECK(!tt_model_fits(&m->h, mf, &e), "%s: %s", what, e.msg);
    float *again = calloc(size, sizeof *again);
    tt_model *read = NULL;
    CHECK(!tt_model_open(&read, &m->h, again, NULL, &e) && !tt_model_read(read, mf, &e), "%s: %s",
          what, e.msg);
    CHECK(!memcmp(again, params, size * sizeof *params), "%s: other numbers in the file", what);
    tt_hyper more = m->h;
    more.vocab++;
    CHECK(tt_model_fits(&more, mf, &e) == TT_EFORMAT, "%s: a model with another vocabulary fits",
          what);
    tt_model_close(read);
    free(again);
    tt_modelfile_close(mf);
}

static void check_model(const char *const *settings) {
    static struct list l;
    tt_hyper h;
    tt_err e;
    tt_model *m = NULL;
    if (!settings_of(&h, settings)) return;
    const char *what = settings[0];
    const size_t size = tt_model_size(&h);
    float *params = calloc(3 * size, sizeof *params), *before = params + size,
          *grads = before + size;
    CHECK(params && !tt_model_open(&m, &h, params, grads, &e));
    l.count = 0;
    tt_model_walk(m, visit_list, &l);
    check_walk(what, &h, m, &l);
    tt_model_init(m, 5);
    memcpy(before, params, size * sizeof *params);
    tt_model_init(m, 6);
    CHECK(memcmp(before, params, size * sizeof *params), "%s: another seed, the same model", what);
    tt_model_init(m, 5);
    CHECK(!memcmp(before, params, size * sizeof *params), "%s: the same seed, another model", what);
    int elsewhere = 0;
    for (int i = 0; i < l.count; i++) {
        const struct seen *s = &l.seen[i];
        elsewhere += s->t->data != params + s->offset || s->t->grad != grads + s->offset;
        s->t->has_grad = true;
        check_start(s);
    }
    CHECK(!elsewhere, "%s: %d parameters do not lie at their offsets", what, elsewhere);
    tt_model_clear(m);
    for (int i = 0; i < l.count; i++) elsewhere += l.seen[i].t->has_grad;
    CHECK(!elsewhere, "%s: %d gradients were not forgotten", what, elsewhere);
    const int lstm = strstr(what, "lstm") || (settings[1] && strstr(settings[1], "lstm"));
    if (lstm)
        check_forget(what, &l, (strstr(what, "bilstm") ? 2 * h.enc_layers : 0) + h.dec_layers);
    check_file(what, m, &l, params, size);
    tt_model_close(m);
    free(params);
}

int main(void) {
    in_new_folder("t_model");
    for (int i = 0; i < MODELS; i++) check_model(models[i]);
    in_the_end((const char *const[]){"model"}, 1);
    return test_done("t_model");
}
