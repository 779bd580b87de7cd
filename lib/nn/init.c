/* init.c: see init.h. */
#include "nn/init.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

static double t_fixup(const tt_hyper *h, const tt_param *p, int part) {
    const int layers = p->side == TT_DECODER_SIDE ? h->dec_layers : h->enc_layers;
    if (p->side == TT_NO_SIDE) return 1;
    if (p->role == TT_TABLE) return pow(9.0 * layers, -0.25);
    if (!(p->branch >> part & 1)) return 1;
    return p->side == TT_DECODER_SIDE ? pow(9.0 * layers, -0.25) : 0.67 * pow(layers, -0.25);
}

static double depth_scaled(const tt_hyper *h, const tt_param *p, int part) {
    (void)part;
    return p->role == TT_MATRIX && p->layer ? h->init.set[0] / sqrt(p->layer) : 1;
}

static double deepnet(const tt_hyper *h, const tt_param *p, int part) {
    const double n = h->enc_layers, m = h->dec_layers;
    if (!(p->branch >> part & 1)) return 1;
    return p->side == TT_DECODER_SIDE ? pow(12 * m, -0.25)
                                      : 0.87 * pow(n * n * n * n * m, -1.0 / 16);
}

static double small_embedding(const tt_hyper *h, const tt_param *p, int part) {
    (void)part;
    return p->role == TT_TABLE && p->side != TT_NO_SIDE ? h->init.set[0] * sqrt(h->dim) : 1;
}

static const tt_setting scaled_settings[] = {
    {"gamma", "factor of the first layer", 1, 0.01, 10, 0, NULL}, {0}};
static const tt_setting small_settings[] = {
    {"deviation", "of an embedding's numbers", 1e-4, 1e-8, 1, 0, NULL}, {0}};

static const tt_init rows[] = {
    {{"glorot", "uniform by the sizes of a matrix", "Glorot and Bengio 2010", NULL}, false, NULL},
    {{"t-fixup", "smaller with the number of layers, for --norm none", "Huang et al. 2020", NULL},
     true,
     t_fixup},
    {{"depth-scaled", "smaller in deeper layers, by the root of their number", "Zhang et al. 2019",
      scaled_settings},
     false,
     depth_scaled},
    {{"deepnet", "smaller with the number of layers, for --norm deep", "Wang et al. 2022", NULL},
     true,
     deepnet},
    {{"small-embedding", "tiny embeddings, for --embedding-norm yes", "Peng 2021", small_settings},
     false,
     small_embedding},
};
TT_FAMILY_ROWS(rows)
const tt_family tt_family_init = {"init", "first values of the weights", row_at};

/* An orthogonal matrix (k, k): normal numbers by Gram and Schmidt, in double. Without memory they
 * stay as they are. */
static void fill_orthogonal(float *to, int k, uint64_t key) {
    const size_t n = (size_t)k;
    double *q = malloc(n * n * sizeof *q);
    for (size_t i = 0; i < n * n; i++) to[i] = (float)tt_rand_normal(key, i);
    if (!q) return;
    for (size_t r = 0; r < n; r++) {
        double *row = q + r * n, norm = 0;
        for (size_t i = 0; i < n; i++) row[i] = tt_rand_normal(key, r * n + i);
        for (size_t before = 0; before < r; before++) {
            const double *other = q + before * n;
            double dot = 0;
            for (size_t i = 0; i < n; i++) dot += row[i] * other[i];
            for (size_t i = 0; i < n; i++) row[i] -= dot * other[i];
        }
        for (size_t i = 0; i < n; i++) norm += row[i] * row[i];
        for (size_t i = 0; i < n; i++) row[i] /= sqrt(norm);
        for (size_t i = 0; i < n; i++) to[r * n + i] = (float)row[i];
    }
    free(q);
}

/* Rows (count, k): orthogonal ones, k at a time, of normal vectors' lengths. */
static void fill_features(float *to, int count, int k, uint64_t key) {
    const size_t n = (size_t)k;
    float *block = malloc(n * n * sizeof *block);
    for (int r = 0; block && r < count; r++) {
        double length = 0;
        if (r % k == 0) fill_orthogonal(block, k, tt_key(key, (uint64_t)(r / k)));
        for (size_t i = 0; i < n; i++) {
            const double x = tt_rand_normal(tt_key(key, 0x6c656e), (uint64_t)r * n + i);
            length += x * x;
        }
        for (size_t i = 0; i < n; i++)
            to[(size_t)r * n + i] = (float)(sqrt(length) * (double)block[(size_t)(r % k) * n + i]);
    }
    free(block);
}

void tt_init_fill(const tt_hyper *h, const tt_param *p, tt_tensor *t, uint64_t key) {
    const tt_init *way = (const tt_init *)h->init.row;
    const size_t n = tt_tensor_size(t), part = n / (size_t)p->parts;
    if (p->orthogonal) {
        for (int i = 0; i < p->parts; i++)
            fill_orthogonal(t->data + (size_t)i * part, t->cols, tt_key(key, (uint64_t)i));
        return;
    }
    if (p->features) {
        for (int i = 0; i < p->parts; i++)
            fill_features(t->data + (size_t)i * part, t->rows / p->parts, t->cols,
                          tt_key(key, (uint64_t)i));
        return;
    }
    const bool glorot = p->role == TT_MATRIX || p->glorot;
    const double deviation = p->role == TT_TABLE ? 1.0 / sqrt(h->dim) : p->deviation;
    const double limit = sqrt(6.0 / (t->rows / p->parts + t->cols)),
                 start = p->role == TT_GAIN ? 1.0 : p->start;
    for (size_t i = 0; i < n; i++) {
        const int column = (int)(i % (size_t)t->cols);
        const double first =
            p->start_to && (column < p->start_at || column >= p->start_to) ? 0 : start;
        const double factor = way->factor ? way->factor(h, p, (int)(i / part)) : 1;
        if (glorot) t->data[i] = (float)(factor * limit * (2.0 * tt_rand_unit(key, i) - 1.0));
        else if (deviation > 0)
            t->data[i] = (float)(first + factor * deviation * tt_rand_normal(key, i));
        else t->data[i] = (float)first;
    }
}

int tt_init_check(const tt_hyper *h, tt_err *e) {
    if (!((const tt_init *)h->init.row)->attends) return 0;
    if (tt_hyper_encoder_cell(h) || tt_hyper_decoder_cell(h) || h->autoreg != TT_AUTOREG_ATTENTION)
        return tt_fail(e, TT_ECONFIG,
                       "--init %s is for self-attention on both sides; leave it out, or --encoder, "
                       "--decoder and --autoreg",
                       h->init.row->name);
    return 0;
}
