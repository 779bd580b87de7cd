/* cell.h: recurrent cells, one row each: a state of width k from an input and the state before.
 * What comes from the input is one product for all tokens, z = x W_x + b (N, G k) with the gates
 * side by side; a cell adds what comes from the state.
 *
 *   rnn   G = 1       h = φ(z + h⁻ U), φ = tanh, relu or σ
 *         (Elman 1990)
 *   lstm  G = 4       i, f, c̃, o of z + h⁻ U;  c = f ∘ c⁻ + i ∘ c̃,  h = o ∘ tanh c
 *         (Hochreiter and
 *                     Schmidhuber 1997, Gers et al. 2000)
 *   gru   G = 3       r, z of z + h⁻ U;  reset before: h̃ = tanh(z_n + (r ∘ h⁻) U_n), after:
 *         tanh(z_n + r ∘ (h⁻ U_n + b'));
 *                     h = z ∘ h⁻ + (1 - z) ∘ h̃
 *                       (Cho et al. 2014)
 *
 *     tt_cell_use use = {cell, settings, par, k};
 *     tt_tensor *h = tt_op_scan(run, &use, z, spans->count, spans->q_off, TT_SCAN_FORWARD);
 *       // whole sequences from 0
 *     tt_cell_state s = tt_op_cell(run, &use, z, before);
 *       // one step of many rows
 */
#ifndef TT_CELL_H
#define TT_CELL_H

#include "base/pick.h"
#include "tensor/op.h"
#include "tensor/param.h"

/* The cells' own settings, for families whose rows have a cell inside. */
#define TT_SETTING_RNN                                                                             \
    { "activation", "of the state", 0, 0, 2, 0, "tanh|relu|sigmoid" }
#define TT_SETTING_LSTM                                                                            \
    { "forget-bias", "first bias of the forget gate (Gers et al. 2000)", 1, -100, 100, 0, NULL }
#define TT_SETTING_GRU                                                                             \
    {                                                                                              \
        "reset", "whether the reset gate stands before or after the product", 0, 0, 1, 0,          \
            "before|after"                                                                         \
    }

/* What a cell learns beside W_x and b. */
typedef struct tt_cell_par {
    tt_tensor u, un, bn; /* (G k, k); of a GRU (2 k, k), (k, k) and, reset after, (1, k) */
} tt_cell_par;

/* U and U_n packed for the products of many steps, and for those of the way back. */
enum { TT_CELL_MATRICES = 2 };
typedef struct tt_cell_ready {
    const float *ahead[TT_CELL_MATRICES], *back[TT_CELL_MATRICES];
} tt_cell_ready;

struct tt_cell;
typedef struct tt_cell_use {
    const struct tt_cell *cell;
    const double *set; /* the cell's own settings */
    tt_cell_par *par;
    int k;
    const tt_cell_ready *ready; /* or NULL */
} tt_cell_use;

/* Rows of one step, all (rows, k) but a (rows, G k): z before, the gates afterwards. */
typedef struct tt_cell_rows {
    int rows;
    float *a;
    const float *h0, *c0; /* the states before */
    float *h, *c;         /* c: lstm */
} tt_cell_rows;

typedef struct tt_cell {
    tt_row row;
    int gates;
    bool memory; /* has c */
    void (*params)(const tt_cell_use *u, tt_declare *d);
    void (*step)(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x);
    /* From dh and dc (rows, k), those of h and c: da (rows, G k), the gradients of z; dh0, and dc
       becomes that of c0. */
    void (*back)(tt_run *run, const tt_cell_use *u, const tt_cell_rows *x, const float *dh,
                 float *dc, float *da, float *dh0);
    /* Adds to the gradients of the parameters, which are open, what rows of any steps tell: gates a
       and da (rows, G k), h0 (rows, k). */
    void (*learn)(tt_run *run, const tt_cell_use *u, int rows, const float *a, const float *da,
                  const float *h0);
} tt_cell;

/* Packs what the cell learns, in the run's arena; what a decoding model has packed stays as it is.
 * back: for the way back, too. */
void tt_cell_pack(tt_run *run, const tt_cell_use *u, bool back, tt_cell_ready *r);

enum { TT_CELLS = 3 };
extern const tt_cell tt_cell_rnn, tt_cell_lstm, tt_cell_gru;
extern const tt_cell *const tt_cells[TT_CELLS];
extern const tt_family tt_family_cell;

/* Declares W_x (G k, in) as w and b (1, G k) as b. */
void tt_cell_input(const tt_cell_use *u, int in, tt_tensor *w, tt_tensor *b, tt_declare *d);

/* The activation φ of an rnn with these settings, TT_ACT_…. */
int tt_cell_rnn_act(const double *set);

/* Declares W_x and b, and what the cell itself learns. */
void tt_cell_params(const tt_cell_use *u, int in, tt_tensor *w, tt_tensor *b, tt_declare *d);

/* Numbers of sequences, off (count+1), by falling length, equal ones by number. */
int32_t *tt_sort_sequences(tt_run *run, int count, const int32_t *off);

/* The order in which a scan takes the rows of a sequence; the last one leaves the last row last. */
enum { TT_SCAN_FORWARD, TT_SCAN_BACKWARD, TT_SCAN_REVERSED };

/* States h (N, k) of sequences, off (count+1), each from 0; way: TT_SCAN_…. */
tt_tensor *tt_op_scan(tt_run *run, const tt_cell_use *u, tt_tensor *z, int count,
                      const int32_t *off, int way);

typedef struct tt_cell_state {
    tt_tensor *h, *c; /* (rows, k); c NULL without one */
} tt_cell_state;

/* One step of the rows of z (rows, G k), from the first rows of `before`. */
tt_cell_state tt_op_cell(tt_run *run, const tt_cell_use *u, tt_tensor *z, tt_cell_state before);

#endif
