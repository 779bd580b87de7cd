/* sides.c: see sides.h. */
#include "nn/sides.h"

#define RESIDUAL                                                                                   \
    {                                                                                              \
        "residual", "sums around layers from the second on; auto: where there are three or more",  \
            0, 0, 2, 0, "auto|no|yes"                                                              \
    }
#define DECODER                                                                                    \
    RESIDUAL,                                                                                      \
        {"attention",                                                                              \
         "queries from the state before (Bahdanau et al. 2015) or behind (Luong et al. 2015) a "   \
         "step, or none",                                                                          \
         0,                                                                                        \
         0,                                                                                        \
         2,                                                                                        \
         0,                                                                                        \
         "bahdanau|luong|none"},                                                                   \
        {"readout", "what stands before the output layer", 0, 0, 2, 0, "tanh|maxout|none"},        \
        {"context",                                                                                \
         "without attention: the text's vector in every step, or in the first state alone",        \
         0,                                                                                        \
         0,                                                                                        \
         1,                                                                                        \
         0,                                                                                        \
         "every-step|initial"},                                                                    \
        {"feeding", "with luong: each step reads the vector that the last one ended with",         \
         0,         0,                                                                             \
         1,         0,                                                                             \
         "yes|no"},                                                                                \
        {"recurrence",                                                                             \
         "what a step hands on: its state, or its output alone (Jordan 1986), with which all "     \
         "steps are trained at once",                                                              \
         0,                                                                                        \
         0,                                                                                        \
         1,                                                                                        \
         0,                                                                                        \
         "hidden|output"},                                                                         \
    {                                                                                              \
        0                                                                                          \
    }
#define READING                                                                                    \
    {                                                                                              \
        "reading", "order of the text's tokens, the end last (Sutskever et al. 2014)", 0, 0, 1, 0, \
            "forward|reversed"                                                                     \
    }

static const tt_setting enc_rnn[] = {TT_SETTING_RNN, RESIDUAL, READING, {0}},
                        enc_lstm[] = {TT_SETTING_LSTM, RESIDUAL, READING, {0}},
                        enc_gru[] = {TT_SETTING_GRU, RESIDUAL, READING, {0}};
static const tt_setting enc_birnn[] = {TT_SETTING_RNN, RESIDUAL, {0}},
                        enc_bilstm[] = {TT_SETTING_LSTM, RESIDUAL, {0}},
                        enc_bigru[] = {TT_SETTING_GRU, RESIDUAL, {0}};
static const tt_setting dec_rnn[] = {TT_SETTING_RNN, DECODER},
                        dec_lstm[] = {TT_SETTING_LSTM, DECODER},
                        dec_gru[] = {TT_SETTING_GRU, DECODER};

static const tt_side encoders[] = {
    {{"transformer", "self-attention in every layer", "Vaswani et al. 2017", NULL}, NULL, false},
    {{"rnn", "a simple recurrent network", "Elman 1990", enc_rnn}, &tt_cell_rnn, false},
    {{"birnn", "two of them, one from each end", "Schuster and Paliwal 1997", enc_birnn},
     &tt_cell_rnn,
     true},
    {{"lstm", "long short-term memory", "Hochreiter and Schmidhuber 1997", enc_lstm},
     &tt_cell_lstm,
     false},
    {{"bilstm", "two of them, one from each end", "Graves and Schmidhuber 2005", enc_bilstm},
     &tt_cell_lstm,
     true},
    {{"gru", "gated recurrent units", "Cho et al. 2014", enc_gru}, &tt_cell_gru, false},
    {{"bigru", "two of them, one from each end", "Bahdanau et al. 2015", enc_bigru},
     &tt_cell_gru,
     true},
};
static const tt_side decoders[] = {
    {{"transformer", "as --autoreg says, and attention to the text, in every layer",
      "Vaswani et al. 2017", NULL},
     NULL,
     false},
    {{"rnn", "a simple recurrent network", "Elman 1990", dec_rnn}, &tt_cell_rnn, false},
    {{"lstm", "long short-term memory", "Sutskever et al. 2014", dec_lstm}, &tt_cell_lstm, false},
    {{"gru", "gated recurrent units", "Bahdanau et al. 2015", dec_gru}, &tt_cell_gru, false},
};

#define ROW_AT(rows, i)                                                                            \
    ((i) >= 0 && (size_t)(i) < sizeof(rows) / sizeof *(rows) ? &(rows)[i].row : NULL)
static const tt_row *encoder_at(int i) { return ROW_AT(encoders, i); }
static const tt_row *decoder_at(int i) { return ROW_AT(decoders, i); }

const tt_family tt_family_encoder = {"encoder", "what reads the text", encoder_at};
const tt_family tt_family_decoder = {"decoder", "what writes the translation", decoder_at};

int tt_side_check(const tt_pick *decoder, tt_err *e) {
    const tt_side *side = (const tt_side *)decoder->row;
    if (!side->cell || decoder->set[TT_SIDE_RECURRENCE] == TT_RECURRENCE_HIDDEN) return 0;
    if (side->cell != &tt_cell_rnn)
        return tt_fail(e, TT_ECONFIG,
                       "decoder %s is made of its state's recurrence; recurrence=output is for "
                       "decoder rnn",
                       side->row.name);
    if (decoder->set[TT_SIDE_ATTENTION] == TT_RNN_BAHDANAU)
        return tt_fail(
            e, TT_ECONFIG,
            "recurrence=output hands on no state that attention=bahdanau could ask from; "
            "take attention=luong,feeding=no, or attention=none");
    if (decoder->set[TT_SIDE_ATTENTION] == TT_RNN_LUONG &&
        decoder->set[TT_SIDE_FEEDING] == TT_FEEDING_YES)
        return tt_fail(e, TT_ECONFIG,
                       "recurrence=output hands on nothing but the token; take feeding=no with it");
    if (decoder->set[TT_SIDE_ATTENTION] == TT_RNN_NONE &&
        decoder->set[TT_SIDE_CONTEXT] == TT_CONTEXT_INITIAL)
        return tt_fail(e, TT_ECONFIG,
                       "recurrence=output has no first state for context=initial; take "
                       "context=every-step");
    return 0;
}
