/* cells.c: the rows of cell.h. Gradients, δ being those of the sums below an activation:
 *   rnn    δ = dh ∘ φ',  dh⁻ = δ Uᵀ
 *   lstm   τ = tanh c:  dc += dh ∘ o (1 - τ²),  δ_o = dh τ o (1-o),  δ_f = dc c⁻ f (1-f),  δ_i = dc
 *          c̃ i (1-i),  δ_c = dc i (1 - c̃²),
 *          dc⁻ = dc f
 *   gru    δ_n = dh (1-z) (1 - h̃²),  δ_z = dh (h⁻ - h̃) z (1-z).  before: ρ = δ_n U_nᵀ, δ_r = ρ h⁻
 *          r (1-r), dh⁻ = dh z + ρ r + …;
 *          after: δ_u = δ_n r, δ_r = δ_n (h⁻ U_n + b') r (1-r), dh⁻ = dh z + δ_u U_nᵀ + …
 */
#include "tensor/cell.h"

#include <string.h>

#include "tensor/product.h"

/* y (rows, out) += x (rows, k) wᵀ, or = where fresh. ready: w packed, or NULL. */
static void multiply(tt_run *run, float *y, ptrdiff_t ldy, const float *x, int rows,
                     const tt_tensor *w, const float *ready, bool fresh) {
    const int out = w->rows, k = w->cols;
    if (!w->packed && !ready) {
        run->gemm(y, ldy, x, k, 1, w->data, 1, k, fresh ? TT_GEMM_SET : TT_GEMM_ADD, NULL, rows,
                  out, k, run->work);
        return;
    }
    if (ready && fresh) {
        run->k->gemm_packed(y, ldy, x, k, ready, NULL, TT_ACT_NONE, rows, out, k);
        return;
    }
    tt_mark mark = tt_arena_mark(run->arena);
    float *product = tt_run_alloc(run, (size_t)rows * (size_t)out * sizeof *product);
    if (!product) return;
    if (ready) run->k->gemm_packed(product, out, x, k, ready, NULL, TT_ACT_NONE, rows, out, k);
    else if (tt_product_run(run, product, x, rows, w, NULL, TT_ACT_NONE)) return;
    for (int r = 0; r < rows; r++) {
        float *to = y + r * ldy;
        const float *from = product + (size_t)r * (size_t)out;
        if (fresh) memcpy(to, from, (size_t)out * sizeof *to);
        else run->k->add(to, to, from, (size_t)out);
    }
    tt_arena_rewind(run->arena, mark);
}

/* dx (rows, k) = dy (rows, out) w. ready: w packed for this, or NULL. */
static void turn_back(tt_run *run, float *dx, const float *dy, ptrdiff_t ldy, int rows,
                      const tt_tensor *w, const float *ready) {
    const int out = w->rows, k = w->cols;
    if (ready) run->k->gemm_packed(dx, k, dy, ldy, ready, NULL, TT_ACT_NONE, rows, k, out);
    else run->gemm(dx, k, dy, ldy, 1, w->data, k, 1, TT_GEMM_SET, NULL, rows, k, out, run->work);
}

/* The gradient of w += dyᵀ x. */
static void learn_matrix(tt_run *run, tt_tensor *w, const float *dy, ptrdiff_t ldy, const float *x,
                         int rows) {
    if (!w->grad) return;
    run->gemm(w->grad, w->cols, dy, 1, ldy, x, w->cols, 1, TT_GEMM_ADD, NULL, w->rows, w->cols,
              rows, run->work);
}

static float *pack_one(tt_run *run, const tt_tensor *w, bool turned) {
    const int n = turned ? w->cols : w->rows, k = turned ? w->rows : w->cols;
    float *to = tt_run_alloc(run, run->k->pack_size(n, k) * sizeof *to);
    if (to) run->k->pack(to, w->data, turned ? w->cols : 1, turned ? 1 : w->cols, n, k);
    return to;
}

void tt_cell_pack(tt_run *run, const tt_cell_use *u, bool back, tt_cell_ready *r) {
    const tt_tensor *w[] = {&u->par->u, &u->par->un};
    for (int i = 0; i < TT_CELL_MATRICES; i++) {
        const bool packs = w[i]->data && !w[i]->packed;
        r->ahead[i] = packs ? pack_one(run, w[i], false) : NULL;
        r->back[i] = packs && back ? pack_one(run, w[i], true) : NULL;
    }
}

static const float *ahead(const tt_cell_use *u, int i) {
    return u->ready ? u->ready->ahead[i] : NULL;
}

static const float *back(const tt_cell_use *u, int i) {
    return u->ready ? u->ready->back[i] : NULL;
}

/* ---- rnn ------------------------------------------------------------------------------------- */

enum { TANH, RELU };
static const tt_setting rnn_settings[] = {TT_SETTING_RNN, {0}};

static void rnn_params(const tt_cell_use *u, tt_declare *d) {
    tt_declare_param(d, &u->par->u,
                     &(tt_param){"u", u->k, u->k, .role = TT_MATRIX, .orthogonal = true});
}

int tt_cell_rnn_act(const double *set) {
    return set[0] == TANH ? TT_ACT_TANH : set[0] == RELU ? TT_ACT_RELU : TT_ACT_SIGMOID;
}

static void rnn_step(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x) {
    const size_t n = (size_t)x->rows * (size_t)u->k;
    multiply(run, x->a, u->k, x->h0, x->rows, &u->par->u, ahead(u, 0), false);
    run->k->act(x->h, x->a, tt_cell_rnn_act(u->set), n);
}

static void rnn_back(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x, const float *dh,
                     float *dc, float *da, float *dh0) {
    (void)dc;
    for (size_t i = 0; i < (size_t)x->rows * (size_t)u->k; i++) {
        const float h = x->h[i];
        da[i] = dh[i] * (u->set[0] == TANH   ? 1 - h * h
                         : u->set[0] == RELU ? (h > 0 ? 1.0f : 0.0f)
                                             : h * (1 - h));
    }
    turn_back(run, dh0, da, u->k, x->rows, &u->par->u, back(u, 0));
}

static void rnn_learn(tt_run *run, const tt_cell_use *u, int rows, const float *a, const float *da,
                      const float *h0) {
    (void)a;
    learn_matrix(run, &u->par->u, da, u->k, h0, rows);
}

/* ---- lstm ------------------------------------------------------------------------------------ */

static const tt_setting lstm_settings[] = {TT_SETTING_LSTM, {0}};

static void lstm_params(const tt_cell_use *u, tt_declare *d) {
    tt_declare_param(
        d, &u->par->u,
        &(tt_param){"u", 4 * u->k, u->k, .role = TT_MATRIX, .parts = 4, .orthogonal = true});
}

static void lstm_step(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x) {
    const size_t k = (size_t)u->k;
    multiply(run, x->a, 4 * u->k, x->h0, x->rows, &u->par->u, ahead(u, 0), false);
    for (size_t r = 0; r < (size_t)x->rows; r++) {
        float *a = x->a + 4 * r * k, *c = x->c + r * k, *h = x->h + r * k;
        const float *c0 = x->c0 + r * k;
        run->k->act(a, a, TT_ACT_SIGMOID, 2 * k);
        tt_tanh(run->k, a + 2 * k, a + 2 * k, k);
        run->k->act(a + 3 * k, a + 3 * k, TT_ACT_SIGMOID, k);
        for (size_t j = 0; j < k; j++) c[j] = a[k + j] * c0[j] + a[j] * a[2 * k + j];
        tt_tanh(run->k, h, c, k);
        for (size_t j = 0; j < k; j++) h[j] *= a[3 * k + j];
    }
}

static void lstm_back(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x, const float *dh,
                      float *dc, float *da, float *dh0) {
    const size_t k = (size_t)u->k;
    float *tau = tt_run_alloc(run, k * sizeof *tau);
    if (!tau) return;
    for (size_t r = 0; r < (size_t)x->rows; r++) {
        const float *a = x->a + 4 * r * k, *c0 = x->c0 + r * k;
        float *d = da + 4 * r * k;
        tt_tanh(run->k, tau, x->c + r * k, k);
        for (size_t j = 0; j < k; j++) {
            const float i = a[j], f = a[k + j], g = a[2 * k + j], o = a[3 * k + j], t = tau[j],
                        up = dh[r * k + j];
            const float m = dc[r * k + j] + up * o * (1 - t * t);
            d[j] = m * g * i * (1 - i);
            d[k + j] = m * c0[j] * f * (1 - f);
            d[2 * k + j] = m * i * (1 - g * g);
            d[3 * k + j] = up * t * o * (1 - o);
            dc[r * k + j] = m * f;
        }
    }
    turn_back(run, dh0, da, 4 * u->k, x->rows, &u->par->u, back(u, 0));
}

static void lstm_learn(tt_run *run, const tt_cell_use *u, int rows, const float *a, const float *da,
                       const float *h0) {
    (void)a;
    learn_matrix(run, &u->par->u, da, 4 * u->k, h0, rows);
}

/* ---- gru ------------------------------------------------------------------------------------- */

enum { BEFORE, AFTER };
static const tt_setting gru_settings[] = {TT_SETTING_GRU, {0}};

static void gru_params(const tt_cell_use *u, tt_declare *d) {
    tt_declare_param(
        d, &u->par->u,
        &(tt_param){"u", 2 * u->k, u->k, .role = TT_MATRIX, .parts = 2, .orthogonal = true});
    tt_declare_param(d, &u->par->un,
                     &(tt_param){"un", u->k, u->k, .role = TT_MATRIX, .orthogonal = true});
    if (u->set[0] == AFTER)
        tt_declare_param(d, &u->par->bn, &(tt_param){"bn", 1, u->k, .role = TT_BIAS});
}

/* h⁻ U_n + b' into q (rows, k). */
static void gru_after(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x, float *q) {
    multiply(run, q, u->k, x->h0, x->rows, &u->par->un, ahead(u, 1), true);
    for (int r = 0; r < x->rows; r++)
        run->k->add(q + (size_t)r * (size_t)u->k, q + (size_t)r * (size_t)u->k, u->par->bn.data,
                    (size_t)u->k);
}

static void gru_step(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x) {
    const size_t k = (size_t)u->k, rows = (size_t)x->rows;
    tt_mark mark = tt_arena_mark(run->arena);
    float *q = tt_run_alloc(run, rows * k * sizeof *q); /* r ∘ h⁻, or h⁻ U_n + b' */
    if (!q) return;
    multiply(run, x->a, 3 * u->k, x->h0, x->rows, &u->par->u, ahead(u, 0), false);
    for (size_t r = 0; r < rows; r++)
        run->k->act(x->a + 3 * r * k, x->a + 3 * r * k, TT_ACT_SIGMOID, 2 * k);
    if (u->set[0] == AFTER) gru_after(run, u, x, q);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < k; j++) {
            float *a = x->a + 3 * r * k;
            if (u->set[0] == AFTER) a[2 * k + j] += a[j] * q[r * k + j];
            else q[r * k + j] = a[j] * x->h0[r * k + j];
        }
    if (u->set[0] == BEFORE)
        multiply(run, x->a + 2 * k, 3 * u->k, q, x->rows, &u->par->un, ahead(u, 1), false);
    for (size_t r = 0; r < rows; r++) {
        float *a = x->a + 3 * r * k, *n = a + 2 * k;
        tt_tanh(run->k, n, n, k);
        for (size_t j = 0; j < k; j++)
            x->h[r * k + j] = a[k + j] * x->h0[r * k + j] + (1 - a[k + j]) * n[j];
    }
    tt_arena_rewind(run->arena, mark);
}

static void gru_back(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x, const float *dh,
                     float *dc, float *da, float *dh0) {
    const size_t k = (size_t)u->k, rows = (size_t)x->rows, size = rows * k;
    const bool after = u->set[0] == AFTER;
    (void)dc;
    float *q = tt_run_alloc(run, 2 * size * sizeof *q);
    if (!q) return;
    float *rho = q + size; /* as in step; δ_u, or ρ */
    if (after) gru_after(run, u, x, q);
    for (size_t row = 0; row < rows; row++) {
        const float *r = x->a + 3 * row * k, *z = r + k, *n = z + k, *h0 = x->h0 + row * k,
                    *up = dh + row * k, *qr = q + row * k;
        float *dr = da + 3 * row * k, *dz = dr + k, *dn = dz + k, *du = rho + row * k;
        for (size_t j = 0; j < k; j++) {
            dn[j] = up[j] * (1 - z[j]) * (1 - n[j] * n[j]);
            dz[j] = up[j] * (h0[j] - n[j]) * z[j] * (1 - z[j]);
        }
        if (!after) continue;
        for (size_t j = 0; j < k; j++) {
            du[j] = dn[j] * r[j];
            dr[j] = dn[j] * qr[j] * r[j] * (1 - r[j]);
        }
    }
    if (after) turn_back(run, dh0, rho, u->k, x->rows, &u->par->un, back(u, 1));
    else turn_back(run, rho, da + 2 * k, 3 * u->k, x->rows, &u->par->un, back(u, 1));
    for (size_t row = 0; row < rows && !after; row++) {
        const float *r = x->a + 3 * row * k, *h0 = x->h0 + row * k, *p = rho + row * k;
        float *dr = da + 3 * row * k, *to = dh0 + row * k;
        for (size_t j = 0; j < k; j++) {
            dr[j] = p[j] * h0[j] * r[j] * (1 - r[j]);
            to[j] = p[j] * r[j];
        }
    }
    turn_back(run, q, da, 3 * u->k, x->rows, &u->par->u, back(u, 0));
    for (size_t row = 0; row < rows; row++) {
        const float *z = x->a + 3 * row * k + k, *up = dh + row * k, *p = q + row * k;
        float *to = dh0 + row * k;
        for (size_t j = 0; j < k; j++) to[j] = to[j] + up[j] * z[j] + p[j];
    }
}

static void gru_learn(tt_run *run, const tt_cell_use *u, int rows, const float *a, const float *da,
                      const float *h0) {
    const size_t k = (size_t)u->k, n = (size_t)rows;
    const bool after = u->set[0] == AFTER;
    float *q = tt_run_alloc(run, n * k * sizeof *q); /* δ_u, or r ∘ h⁻ */
    if (!q) return;
    for (size_t row = 0; row < n; row++) {
        const float *r = a + 3 * row * k, *with = after ? da + 3 * row * k + 2 * k : h0 + row * k;
        for (size_t j = 0; j < k; j++) q[row * k + j] = r[j] * with[j];
    }
    if (after) learn_matrix(run, &u->par->un, q, u->k, h0, rows);
    else learn_matrix(run, &u->par->un, da + 2 * k, 3 * u->k, q, rows);
    if (after && u->par->bn.grad) run->k->add_rows(u->par->bn.grad, q, n, k);
    learn_matrix(run, &u->par->u, da, 3 * u->k, h0, rows);
}

/* ---- the rows -------------------------------------------------------------------------------- */

const tt_cell tt_cell_rnn = {{"rnn", "h = φ(x W + h⁻ U + b)", "Elman 1990", rnn_settings},
                             1,
                             false,
                             rnn_params,
                             rnn_step,
                             rnn_back,
                             rnn_learn};
const tt_cell tt_cell_lstm = {{"lstm", "c = f ∘ c⁻ + i ∘ c̃, h = o ∘ tanh c",
                               "Hochreiter and Schmidhuber 1997", lstm_settings},
                              4,
                              true,
                              lstm_params,
                              lstm_step,
                              lstm_back,
                              lstm_learn};
const tt_cell tt_cell_gru = {{"gru", "h = z ∘ h⁻ + (1 - z) ∘ h̃", "Cho et al. 2014", gru_settings},
                             3,
                             false,
                             gru_params,
                             gru_step,
                             gru_back,
                             gru_learn};

const tt_cell *const tt_cells[TT_CELLS] = {&tt_cell_rnn, &tt_cell_lstm, &tt_cell_gru};

static const tt_row *row_at(int i) { return i >= 0 && i < TT_CELLS ? &tt_cells[i]->row : NULL; }

const tt_family tt_family_cell = {"cell", "how a recurrent network makes a state", row_at};

void tt_cell_input(const tt_cell_use *u, int in, tt_tensor *w, tt_tensor *b, tt_declare *d) {
    const int wide = u->cell->gates * u->k;
    tt_param bias = {"b", 1, wide, .role = TT_BIAS};
    if (u->cell == &tt_cell_lstm)
        bias.start = u->set[0], bias.start_at = u->k, bias.start_to = 2 * u->k;
    tt_declare_param(d, w, &(tt_param){"w", wide, in, .role = TT_MATRIX, .parts = u->cell->gates});
    tt_declare_param(d, b, &bias);
}

void tt_cell_params(const tt_cell_use *u, int in, tt_tensor *w, tt_tensor *b, tt_declare *d) {
    tt_cell_input(u, in, w, b, d);
    u->cell->params(u, d);
}
