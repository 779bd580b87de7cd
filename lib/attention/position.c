/* position.c: see position.h. Sines and cosines (Vaswani et al. 2017, 3.5): p(t, i) = sin(t ω_i) in
 * the first D/2 columns and cos(t ω_i) in the rest, ω_i = 10000^(-i / (D/2 - 1)) with Marian's
 * spacing and 10000^(-i / (D/2)) with the paper's; interleaved: sines in columns 2i, cosines in 2i
 * + 1, as the paper prints them.
 *
 * Biases of scores, H heads numbered from 0:
 *   alibi     b_h(d) = -2^(-8 (h + 1) / H) |d|                                  (Press et al. 2022)
 *   relative  b_h(d) = w_h,bucket(d), learned in each layer; buckets of one distance each up to a
 *             half, then wider by a
 *             factor up to a distance of 128, the last for all beyond; in encoders half of them are
 *               for keys behind
 *             the query (Raffel et al. 2020)
 */
#include "attention/position.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { BUCKETS = 32, FAR = 128 };

const tt_position *tt_position_at(int i) {
#define ENTRY(id, row) &tt_position_##row,
    static const tt_position *const rows[] = {TT_POSITION_ROWS(ENTRY)};
#undef ENTRY
    return i >= 0 && i < TT_POSITIONS_COUNT ? rows[i] : NULL;
}

static const tt_row *row_at(int i) {
    const tt_position *p = tt_position_at(i);
    return p ? &p->row : NULL;
}

const tt_family tt_family_positions = {"positions", "how tokens know their place", row_at};

/* ---- vectors to add ------------------------------------------------------------------------ */

static void fill_sines(float *p, int rows, int d, int steps, bool by_turns) {
    const int half = d / 2;
    for (int i = 0; i < half; i++) {
        const double w = half > 1 ? exp(-log(10000.0) * i / steps) : 1.0;
        for (int t = 0; t < rows; t++) {
            float *row = p + (size_t)t * (size_t)d;
            row[by_turns ? 2 * i : i] = (float)sin(t * w);
            row[by_turns ? 2 * i + 1 : half + i] = (float)cos(t * w);
        }
    }
}

static void fill_marian(float *p, int rows, int d) { fill_sines(p, rows, d, d / 2 - 1, false); }
static void fill_vaswani(float *p, int rows, int d) { fill_sines(p, rows, d, d / 2, false); }
static void fill_interleaved(float *p, int rows, int d) { fill_sines(p, rows, d, d / 2, true); }

const tt_position tt_position_marian = {
    {"marian", "sines and cosines with Marian's spacing", "Junczys-Dowmunt et al. 2018", NULL},
    .fill = fill_marian};
const tt_position tt_position_vaswani = {
    {"vaswani", "sines and cosines with the paper's spacing", "Vaswani et al. 2017", NULL},
    .fill = fill_vaswani};
const tt_position tt_position_learned = {
    {"learned", "a learned vector for each position", "Gehring et al. 2017", NULL},
    .learned = true};
const tt_position tt_position_none = {.row = {"none", "no position vectors", NULL, NULL}};
const tt_position tt_position_interleaved = {
    {"interleaved", "the paper's sines and cosines by turns, as it prints them",
     "Vaswani et al. 2017", NULL},
    .fill = fill_interleaved};

/* ---- turned queries and keys --------------------------------------------------------------- */

const tt_position tt_position_rotary = {
    {"rotary", "queries and keys of self-attention turned by their places", "Su et al. 2021", NULL},
    .turns = true};

struct turn {
    tt_node node;
    tt_part x;
    int heads, width;
    const int32_t *place;
};

/* Turns (backward: turns back) the part of `base`, laid out as x is. Sines are made once for rows
   of one place. */
static void turn(const struct turn *n, float *base, float *sines, double sign) {
    const int half = n->width / 2;
    int32_t last = -1;
    for (int r = 0; r < n->x.of->rows; r++) {
        float *row = base + (size_t)r * (size_t)n->x.of->cols + n->x.first;
        for (int i = 0; n->place[r] != last && i < half; i++) {
            const double angle = n->place[r] * exp(-log(10000.0) * i / half);
            sines[2 * i] = (float)cos(angle);
            sines[2 * i + 1] = (float)(sign * sin(angle));
        }
        last = n->place[r];
        for (int i = 0; i < n->heads * half; i++) {
            const float *at = sines + i % half * 2, x = row[2 * i], y = row[2 * i + 1];
            row[2 * i] = x * at[0] - y * at[1];
            row[2 * i + 1] = x * at[1] + y * at[0];
        }
    }
}

static void turn_back(tt_run *run, tt_node *node) {
    const struct turn *n = (struct turn *)node;
    float *sines = tt_run_alloc(run, (size_t)n->width * sizeof *sines);
    if (sines && n->x.of->has_grad) turn(n, n->x.of->grad, sines, -1);
}

void tt_op_turn(tt_run *run, tt_part x, int heads, int width, const int32_t *place) {
    if (!x.of || !place) return;
    assert(x.first >= 0 && x.first + heads * width <= x.of->cols && width % 2 == 0);
    const struct turn one = {.x = x, .heads = heads, .width = width, .place = place};
    float *sines = tt_run_alloc(run, (size_t)width * sizeof *sines);
    if (!sines) return;
    turn(&one, x.of->data, sines, 1);
    struct turn *n = tt_run_record(run, sizeof *n, turn_back);
    if (n) n->x = x, n->heads = heads, n->width = width, n->place = place;
}

/* ---- biases of scores ---------------------------------------------------------------------- */

static tt_tensor *bias_alibi(tt_run *run, const tt_attend *a, tt_tensor *t, int longest) {
    tt_tensor *b = tt_run_tensor(run, a->heads, 2 * longest - 1);
    (void)t;
    for (int h = 0; b && h < a->heads; h++) {
        const double slope = exp2(-8.0 * (h + 1) / a->heads);
        for (int i = 0; i < b->cols; i++)
            b->data[h * b->cols + i] = (float)(-slope * abs(i - longest + 1));
    }
    return b;
}

const tt_position tt_position_alibi = {
    {"alibi", "scores of self-attention fall with the distance, in each head by another slope",
     "Press et al. 2022", NULL},
    .bias = bias_alibi,
    .numbered = true};

static int bucket_of(int distance, bool both) {
    const int all = both ? BUCKETS / 2 : BUCKETS, near = all / 2,
              away = both || distance < 0 ? abs(distance) : 0,
              from = both && distance > 0 ? all : 0;
    if (away < near) return from + away;
    const int wide =
        near + (int)(log((double)away / near) / log((double)FAR / near) * (all - near));
    return from + (wide < all ? wide : all - 1);
}

static void params_relative(const tt_attend *a, tt_tensor *t, tt_declare *d) {
    tt_declare_param(d, &t[0], &(tt_param){"w", a->heads, BUCKETS, .role = TT_SMALL});
}

struct spread {
    tt_node node;
    tt_tensor *w, *b;
    bool both;
};

static void spread_back(tt_run *run, tt_node *node) {
    const struct spread *n = (struct spread *)node;
    float *dw = n->b->has_grad && n->w->grad ? tt_run_grad_add(run, n->w) : NULL;
    const int cols = n->b->cols;
    for (int i = 0; dw && i < n->b->rows * cols; i++)
        dw[i / cols * BUCKETS + bucket_of(i % cols - cols / 2, n->both)] += n->b->grad[i];
}

static tt_tensor *bias_relative(tt_run *run, const tt_attend *a, tt_tensor *t, int longest) {
    const bool both = a->site == TT_SITE_ENC;
    tt_tensor *b = tt_run_tensor(run, a->heads, 2 * longest - 1);
    for (int i = 0; b && i < b->cols; i++) {
        const int bucket = bucket_of(i - longest + 1, both);
        for (int h = 0; h < b->rows; h++)
            b->data[h * b->cols + i] = t[0].data[h * BUCKETS + bucket];
    }
    struct spread *n = b ? tt_run_record(run, sizeof *n, spread_back) : NULL;
    if (n) n->w = t, n->b = b, n->both = both;
    return b;
}

const tt_position tt_position_relative = {
    {"relative", "each head of self-attention learns what it adds for a distance",
     "Raffel et al. 2020", NULL},
    .params = params_relative,
    .bias = bias_relative};
