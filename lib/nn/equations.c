/* equations.c: see equations.h. Formulas of alignments, distributions, reaches and cells are the
 * help of their rows. */
#include "nn/equations.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "nn/arch.h"
#include "nn/recurrent.h"

enum { LINE_MOST = 400, SHAPES_AT = 64, LEFT = 10 };

/* Puts a line without the blanks at its end. */
static void put_line(const tt_telling *l, char *line) {
    size_t n = strlen(line);
    while (n && line[n - 1] == ' ') line[--n] = 0;
    l->put(l->ctx, line);
}

void tt_telling_say(const tt_telling *l, const char *shapes, const char *fmt, ...) {
    char line[LINE_MOST] = "  ";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line + 2, sizeof line - 2, fmt, ap);
    va_end(ap);
    size_t n = strlen(line), wide = 0;
    for (size_t i = 0; i < n; i++) wide += !tt_utf8_inside(line[i]);
    if (shapes)
        snprintf(line + n, sizeof line - n, "%*s%s", wide < SHAPES_AT ? (int)(SHAPES_AT - wide) : 2,
                 "", shapes);
    l->put(l->ctx, line);
}

void tt_telling_head(const tt_telling *l, const char *fmt, ...) {
    char line[LINE_MOST];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    l->put(l->ctx, line);
}

static void say_layer(const tt_telling *l, const tt_hyper *h, const tt_layer *layer) {
    for (int j = 0; j < layer->units; j++) {
        const tt_unit *u = &layer->unit[j];
        u->kind->say(h, u->at, l);
        char formula[80]; /* a decoder's states are called y */
        snprintf(formula, sizeof formula, "%s", tt_order_of(h, u->at.site)->formula);
        for (char *p = formula; u->at.site != TT_SITE_ENC && *p; p++)
            if (*p == 'x') *p = 'y';
        tt_telling_say(l, NULL, "%s", formula);
    }
}

static bool have_same_heads(const tt_hyper *h, const tt_layer *a, const tt_layer *b) {
    for (int j = 0; j < a->units; j++)
        if (tt_hyper_attend(h, a->unit[j].at).heads != tt_hyper_attend(h, b->unit[j].at).heads)
            return false;
    return true;
}

static void say_embedding(const tt_telling *l, const tt_hyper *h, const char *name, int vocab,
                          bool recurrent, const char *embedding) {
    char shapes[64];
    snprintf(shapes, sizeof shapes, "E (%d, %d)", vocab, h->dim);
    const bool placed = !recurrent && (tt_hyper_sines(h) || tt_position_at(h->positions)->learned);
    tt_telling_say(l, shapes, "%s_t = %s%s%s%s", name, h->scaled ? "√D " : "", embedding,
                   placed ? " + position t, " : "",
                   placed ? tt_family_positions.row(h->positions)->name : "");
    if (h->emb_norm) tt_telling_say(l, NULL, "%s = norm(%s)", name, name);
}

/* Layers one behind the other that are alike are told once: pruned ones may have other heads. */
static void say_layers(const tt_telling *l, const tt_hyper *h, const tt_layer *layer,
                       bool decoder) {
    const int count = decoder ? h->dec_layers : h->enc_layers;
    for (int from = 0, next; from < count; from = next) {
        for (next = from + 1; next < count; next++)
            if (!have_same_heads(h, &layer[from], &layer[next])) break;
        tt_telling_head(l, "%s layer %d … %d", decoder ? "decoder" : "encoder", from + 1, next);
        say_layer(l, h, &layer[from]);
    }
}

int tt_model_equations(const tt_modelfile *mf, tt_line_fn *put, void *ctx, tt_err *e) {
    const tt_telling l = {put, ctx};
    tt_hyper h;
    TT_TRY(tt_hyper_read(&h, mf, e));
    tt_model *m = tt_model_skeleton(&h, e);
    if (!m) return TT_ENOMEM;
    const bool rnn = tt_hyper_encoder_cell(&h) != NULL;
    tt_telling_head(&l, "encoder, %s, D = %d", h.encoder.row->name, h.dim);
    if (h.characters) {
        char rows[64];
        snprintf(rows, sizeof rows, "E (%d, D), G (%d, D)", h.vocab, TT_GRAM_ROWS);
        tt_telling_say(&l, rows, "x¹_t = E[token t], x²_t = mean of G[its 1 to 3 characters]");
        tt_telling_say(&l, "W (D, D), v, b1, b2 (1, D)", "α = softmax_r(v tanh(W x^r_t + b_r))");
    }
    say_embedding(&l, &h, "x", h.vocab, rnn, h.characters ? "Σ_r α_r x^r_t" : "E[token t]");
    say_layers(&l, &h, m->enc, false);
    if (!rnn && tt_hyper_top_norm(&h)) tt_telling_say(&l, NULL, "x = norm(x) on top");
    if (h.combine)
        tt_telling_say(
            &l, "W (D, D), v (1, D)",
            "x = Σ_l α_l x_l of all layers and the embeddings, α = softmax_l(v tanh(W x_l))");
    if (h.second != TT_SECOND_NONE)
        tt_telling_say(&l, "sides (2, D)",
                       "of two texts X and Y, each by itself, x_t + the vector of its side first");
    if (h.second == TT_SECOND_CO_ATTENTION) {
        tt_telling_say(&l, "Wb, Wx, Wy (D, D), vx, vy (1, D)",
                       "C = tanh(X Wb Yᵀ), Hx = tanh(X Wx + C (Y Wy))");
        tt_telling_say(&l, NULL,
                       "Hy = tanh(Y Wy + Cᵀ (X Wx)), αx = softmax(Hx vx), αy = softmax(Hy vy)");
        tt_telling_say(&l, NULL, "x = [(1 + S1 αx) ∘ norm(X); (1 + S2 αy) ∘ norm(Y)]");
    } else if (h.second != TT_SECOND_NONE) {
        tt_telling_say(&l, NULL, "x = [X; Y]");
    }
    if (h.context) {
        tt_telling_say(&l, "Wq, Wk, Wv, Wo (D, D), of words and of sentences",
                       "of the %d texts before, h^j each by itself: s_j = attention(q = x Wq, h^j) "
                       "Wo",
                       h.context);
        tt_telling_say(&l, NULL,
                       "d_t = W2 relu(W1 attention(q = x_t Wq, s_1t … s_nt) Wo + b1) + b2");
        tt_telling_say(&l, "Wh, Wd (D, D)",
                       "λ = σ(x Wh + d Wd), x = λ ∘ x + (1 - λ) ∘ d; without a text before, x");
    }
    tt_telling_head(&l, "decoder, %s", h.decoder.row->name);
    say_embedding(&l, &h, "y", h.tgt_vocab, !m->arch->placed, "E[token t]");
    if (m->recurrent) {
        tt_recurrent_say(&h, &l);
    } else {
        say_layers(&l, &h, m->dec, true);
        if (tt_hyper_top_norm(&h)) tt_telling_say(&l, NULL, "y = norm(y) on top");
    }
    tt_telling_head(&l, "output");
    char shapes[64];
    snprintf(shapes, sizeof shapes, "E (%d, %d), b (1, %d)%s", h.tgt_vocab, h.dim, h.tgt_vocab,
             h.tied == TT_TIED_NONE ? "" : ", tied");
    tt_telling_say(&l, shapes, "P(token t | tokens before, text) = softmax(y_t Eᵀ + b)");
    tt_model_close(m);
    return 0;
}

/* ---- steps side by side ------------------------------------------------------------------------
 */

/* A row of n cells "name1 … nameN" between arrows. */
static void draw_row(const tt_telling *l, const char *left, const char *name, const char *open,
                     const char *close, const char *arrow, int n) {
    char line[LINE_MOST];
    int width = 0;
    for (const char *p = left; *p; p++) width += !tt_utf8_inside(*p);
    size_t at = (size_t)snprintf(line, sizeof line, "%s%*s", left, LEFT - width, "");
    for (int i = 1; i <= n && at < sizeof line - 32; i++) {
        char one[32];
        snprintf(one, sizeof one, "%s%s%d%s", open, name, i, close);
        int wide = 0;
        for (const char *p = one; *p; p++) wide += !tt_utf8_inside(*p);
        at += (size_t)snprintf(line + at, sizeof line - at, "%*s%s%*s%s", (7 - wide) / 2, "", one,
                               7 - wide - (7 - wide) / 2, "", i < n ? arrow : "");
    }
    put_line(l, line);
}

static void draw_marks(const tt_telling *l, const char *mark, int n) {
    char line[LINE_MOST];
    size_t at = (size_t)snprintf(line, sizeof line, "%*s", LEFT, "");
    for (int i = 1; i <= n && at < sizeof line - 32; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, "   %s   %s", mark, i < n ? "  " : "");
    put_line(l, line);
}

static void draw_encoder(const tt_telling *l, const tt_hyper *h, int n) {
    const tt_side *side = (const tt_side *)h->encoder.row;
    tt_telling_head(l, "encoder, %s, %d step%s", side->row.name, n, n == 1 ? "" : "s");
    if (!side->cell) {
        draw_row(l, "", "h", " ", " ", "  ", n);
        draw_marks(l, "↑", n);
        draw_row(l, "", "a", "[", "]", "──", n);
        draw_marks(l, "↑", n);
    } else {
        draw_row(l, "", "h", " ", " ", "  ", n);
        draw_marks(l, "↑", n);
        if (side->both) draw_row(l, "backward", "b", "[", "]", "←─", n);
        draw_row(l, side->both ? "forward" : "", "s", "[", "]", "─→", n);
        draw_marks(l, "↑", n);
    }
    draw_row(l, "", "x", " ", " ", "  ", n);
}

static void draw_decoder(const tt_telling *l, const tt_hyper *h, int n) {
    const bool rnn = tt_hyper_decoder_cell(h) != NULL, attends = tt_hyper_attends(h, TT_SITE_CROSS);
    const char *between =
        rnn && h->decoder.set[TT_SIDE_RECURRENCE] == TT_RECURRENCE_OUTPUT ? "  " : "─→";
    tt_telling_head(l, "decoder, %s, %d step%s; a step reads the word before", h->decoder.row->name,
                    n, n == 1 ? "" : "s");
    draw_row(l, "", "y", " ", " ", "  ", n);
    draw_marks(l, "↑", n);
    if (!rnn) {
        draw_row(l, "text  ─→", "c", "[", "]", "  ", n);
        draw_marks(l, "↑", n);
        draw_row(l, "", "a", "[", "]", "─→", n);
    } else if (!attends) {
        draw_row(
            l, h->decoder.set[TT_SIDE_CONTEXT] == TT_CONTEXT_EVERY_STEP ? "text C ⇉" : "text C ─→",
            "s", "[", "]", between, n);
    } else if (h->decoder.set[TT_SIDE_ATTENTION] == TT_RNN_LUONG) {
        draw_row(l, "text  ─→", "c", "[", "]", "  ", n);
        draw_marks(l, "↑", n);
        draw_row(l, "", "s", "[", "]", between, n);
    } else {
        draw_row(l, "", "s", "[", "]", "─→", n);
        draw_marks(l, "↑", n);
        draw_row(l, "text  ─→", "c", "[", "]", "  ", n);
    }
    draw_marks(l, "↑", n);
    draw_row(l, "", "y", " ", "⁻", "  ", n);
}

int tt_model_unroll(const tt_modelfile *mf, int steps, tt_line_fn *put, void *ctx, tt_err *e) {
    const tt_telling l = {put, ctx};
    tt_hyper h;
    if (steps < 1 || steps > 20) return tt_fail(e, TT_EUSAGE, "%d steps: expected 1 to 20", steps);
    TT_TRY(tt_hyper_read(&h, mf, e));
    draw_encoder(&l, &h, steps);
    draw_decoder(&l, &h, steps);
    return 0;
}
