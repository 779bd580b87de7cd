/* attn_show.c: from attention maps to a drawing: which form, which maps, how wide.
 *
 * A sentence is one picture for each side that is looked at. Its maps are copied, because the
 * library joins and averages in one buffer.
 */
#include "attn.h"
#include "base/arena.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tt_attn_show {
    const tt_attn_opts *o;
    int form;
    tt_draw_style style;
    tt_attn_list layers, heads;
    tt_drawing *drawing;
    tt_arena *a; /* of one picture */
};

static const char *const titles[TT_ATTENTION_SIDES] = {
    "cross attention",   "encoder attention",
    "decoder attention", "attention to the sentences before",
    "two texts",         "what a token is read from"};

/* ---- form and style ------------------------------------------------------------------------ */

static bool is_utf8(void) {
    const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return strstr(v, "UTF-8") || strstr(v, "utf8") || strstr(v, "UTF8") ||
                   strstr(v, "utf-8");
    }
    return false;
}

static int has(const char *name, const char *part) {
    const char *v = getenv(name);
    return v && strstr(v, part);
}

/* 1 if the terminal says that its ground is light. COLORFGBG is "ink;ground", colours 0 … 15. */
static bool is_light(void) {
    const char *v = getenv("COLORFGBG"), *ground = v ? strrchr(v, ';') : NULL;
    return ground && (!strcmp(ground, ";15") || !strcmp(ground, ";7"));
}

static int choose_form(tt_attn_show *s, tt_err *e) {
    const tt_attn_opts *o = s->o;
    const int to_file = o->output && strcmp(o->output, "-"),
              tty = !to_file && isatty(STDOUT_FILENO);
    s->form = o->format - 1;
    if (o->format == TT_ATTN_AUTO_FORM && to_file) {
        s->form = tt_form_of_path(o->output);
        if (s->form < 0)
            return tt_cmd_fail(e, TT_EUSAGE,
                               "--output %.200s: no form has this suffix: expected .txt, .csv, "
                               ".tsv, .json, .npy, .svg, .png or "
                               ".html, or -f",
                               o->output);
    } else if (o->format == TT_ATTN_AUTO_FORM) {
        const int colours =
            tt_cmd_colour(stdout) &&
            (has("TERM", "256color") || has("COLORTERM", "truecolor") || has("COLORTERM", "24bit"));
        s->form = colours && is_utf8() ? TT_FORM_COLOUR
                  : tty && is_utf8()   ? TT_FORM_BLOCKS
                                       : TT_FORM_ASCII;
    }
    if (tty && (s->form == TT_FORM_PNG || s->form == TT_FORM_NPY))
        return tt_cmd_fail(e, TT_EUSAGE, "%s is no text for a terminal: name a file with -o",
                           tt_form_name(s->form));
    return 0;
}

static void choose_style(tt_attn_show *s) {
    const tt_attn_opts *o = s->o;
    const int console = s->form <= TT_FORM_COLOUR;
    s->style = (tt_draw_style){
        .view = o->grid ? TT_VIEW_GRID : o->view,
        .width = o->width                              ? o->width
                 : o->output && strcmp(o->output, "-") ? 100
                                                       : tt_cmd_columns(stdout, 100),
        .colours = o->colour ? (o->colour == 1 ? 256 : 0)
                   : has("COLORTERM", "truecolor") || has("COLORTERM", "24bit") ? 0
                                                                                : 256,
        .dark = o->ground ? o->ground == 2 : console && !is_light(),
        .utf8 = s->form == TT_FORM_BLOCKS || s->form == TT_FORM_COLOUR};
}

static int open_all(tt_attn_show *s, tt_err *e) {
    const tt_attn_opts *o = s->o;
    int rc = choose_form(s, e);
    if (rc) return rc;
    choose_style(s);
    const int page = s->form == TT_FORM_HTML; /* where layer and head are chosen by its reader */
    if (o->layers || page)
        rc = tt_attn_list_read(&s->layers, "--layer", o->layers ? o->layers : "all", 0, e);
    if (!rc)
        rc = tt_attn_list_read(&s->heads, "--head",
                               o->heads ? o->heads
                               : page   ? "all"
                                        : "mean",
                               1, e);
    if (rc) return rc;
    s->a = tt_arena_open(0, e);
    s->drawing = s->a ? tt_drawing_open(o->output ? o->output : "-", s->form, &s->style, e) : NULL;
    return s->drawing ? 0 : e->code;
}

tt_attn_show *tt_attn_show_open(const tt_attn_opts *o, tt_err *e) {
    tt_attn_show *s = calloc(1, sizeof *s);
    if (!s) {
        tt_cmd_fail(e, TT_ENOMEM, "out of memory");
        return NULL;
    }
    s->o = o;
    if (!open_all(s, e)) return s;
    tt_attn_show_abort(s);
    return NULL;
}

/* ---- pictures ------------------------------------------------------------------------------ */

/* The numbers of an axis for a model that has `of`. */
static int axis(tt_axis *x, const char *what, const tt_attn_list *l, int of, tt_arena *a,
                tt_err *e) {
    int n = 0, *number = tt_arena_alloc(a, ((size_t)l->count + (size_t)of + 1) * sizeof *number);
    if (!number) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for the maps");
    for (int i = 0; i < l->count; i++) number[n++] = l->number[i];
    for (int i = 1; l->all && i <= of; i++) number[n++] = i;
    if (!n) number[n++] = of; /* the last */
    *x = (tt_axis){what, n, number, of};
    return 0;
}

static const char *caption(tt_attn_show *s, tt_attention *a, int part, int parts) {
    const char *from = tt_attention_source(a), *to = tt_attention_target(a);
    const size_t cap = strlen(from) + strlen(to) + 64;
    char *text = tt_arena_alloc(s->a, cap);
    if (!text) return NULL;
    int n = snprintf(text, cap, "%s \xe2\x86\x92 %s", from, to);
    if (parts > 1) snprintf(text + n, cap - (size_t)n, " (part %d of %d)", part + 1, parts);
    return text;
}

/* Pieces as people read them: the mark of a word's beginning goes, what continues a word is behind
   a +. Without such marks every token is a word. */
static const char *const *readable(const char *const *names, int n, tt_arena *a) {
    static const char mark[] =
        "\xe2\x96\x81"; /* U+2581, SentencePiece's mark of a word's beginning */
    const char **out = tt_arena_alloc(a, (size_t)n * sizeof *out);
    int pieces = 0;
    for (int i = 0; i < n; i++) pieces |= !strncmp(names[i], mark, strlen(mark));
    if (!out || !pieces) return names;
    for (int i = 0; i < n; i++) {
        const char *from = names[i];
        const size_t len = strlen(from);
        char *to = tt_arena_alloc(a, len + 2), *at = to;
        if (!to) return names;
        if (!strncmp(from, mark, strlen(mark))) from += strlen(mark);
        else if (!(len && from[0] == '<' && from[len - 1] == '>')) *at++ = '+';
        if (!*from) *at++ = '_';
        while (*from) {
            const int inside = !strncmp(from, mark, strlen(mark));
            *at++ = inside ? '_' : *from;
            from += inside ? strlen(mark) : 1;
        }
        *at = 0;
        out[i] = to;
    }
    return out;
}

/* Copies the maps of a picture whose axes are known, and draws it. */
static int add_maps(tt_attn_show *s, tt_attention *a, int side, tt_picture *p, tt_err *e) {
    tt_attention_map m;
    const size_t n = (size_t)p->rows * (size_t)p->cols,
                 count = (size_t)p->down.count * (size_t)p->across.count;
    const float **maps = tt_arena_alloc(s->a, count * sizeof *maps);
    if (!maps) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu maps", count);
    p->maps = maps;
    for (size_t i = 0; i < count; i++) {
        float *w = tt_arena_alloc(s->a, n * sizeof *w);
        int rc = tt_attention_get(a, &m, side, p->down.number[i / (size_t)p->across.count],
                                  p->across.number[i % (size_t)p->across.count], e);
        if (rc) return rc;
        if (!w)
            return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu maps of %d by %d", count,
                               m.rows, m.cols);
        memcpy(w, m.weights, n * sizeof *w);
        maps[i] = w;
    }
    return tt_drawing_add(s->drawing, p, e);
}

/* A picture for each run of layers that have as many heads: pruned ones may differ. */
static int add_layers(tt_attn_show *s, tt_attention *a, int side, tt_picture *p, tt_err *e) {
    tt_attention_map m;
    const tt_axis all = p->down;
    int rc = 0, next;
    for (int i = 0; !rc && i < all.count; i = next) {
        rc = tt_attention_get(a, &m, side, all.number[i], 0, e);
        const int heads = m.heads;
        for (next = i + 1; !rc && next < all.count; next++)
            if ((rc = tt_attention_get(a, &m, side, all.number[next], 0, e)) || m.heads != heads)
                break;
        p->down.number = all.number + i;
        p->down.count = next - i;
        if (!rc) rc = axis(&p->across, "head", &s->heads, heads, s->a, e);
        if (!rc) rc = add_maps(s, a, side, p, e);
    }
    return rc;
}

/* "attention to the sentences before (0.31 0.69)": how much to each. */
static const char *context_title(tt_attn_show *s, tt_attention *a) {
    int n;
    const float *weights = tt_attention_before(a, &n);
    const char *plain = titles[TT_ATTENTION_CONTEXT];
    const size_t cap = strlen(plain) + 16 + 16 * (size_t)n;
    char *text = tt_arena_alloc(s->a, cap);
    if (!text) return plain;
    size_t at = (size_t)snprintf(text, cap, "%s (", plain);
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, cap - at, i ? " %.2f" : "%.2f", (double)weights[i]);
    snprintf(text + at, cap - at, ")");
    return text;
}

static int add_side(tt_attn_show *s, tt_attention *a, int side, const char *said, tt_err *e) {
    tt_attention_map m;
    tt_picture p = {.title = titles[side],
                    .row_what = side == TT_ATTENTION_CROSS ? "target" : "looks",
                    .col_what = side == TT_ATTENTION_CROSS ? "source" : "is looked at"};
    int rc = tt_attention_get(a, &m, side, 0, 0, e);
    if (rc) return rc;
    if (side == TT_ATTENTION_CONTEXT) p.title = context_title(s, a);
    if (s->form >= TT_FORM_JSON && s->form != TT_FORM_NPY) p.caption = said;
    const int data =
        s->form >= TT_FORM_CSV && s->form <= TT_FORM_NPY; /* names as they are in the vocabulary */
    p.rows = m.rows, p.cols = m.cols;
    p.row_names = data ? m.row_names : readable(m.row_names, m.rows, s->a);
    p.col_names = data ? m.col_names : readable(m.col_names, m.cols, s->a);
    if (!m.rows || !m.cols)
        return tt_cmd_fail(e, TT_EDATA, "without ends of sentences nothing is left to show");
    rc = axis(&p.down, "layer", &s->layers, m.layers, s->a, e);
    return rc ? rc : add_layers(s, a, side, &p, e);
}

int tt_attn_show_add(tt_attn_show *s, tt_attention *a, int part, int parts, tt_err *e) {
    tt_attention_map m;
    tt_arena_reset(s->a);
    tt_attention_shape(a, s->o->words, !s->o->hide_ends);
    const char *said = caption(s, a, part, parts);
    int before; /* the first of a document has nothing to show */
    if (s->o->side == TT_ATTENTION_CONTEXT && !s->o->sentence && tt_attention_before(a, &before) &&
        !before)
        return 0;
    if (s->o->side != TT_ATTN_ALL_SIDES) return add_side(s, a, s->o->side, said, e);
    for (int i = 0; i < 3; i++) {
        static const int order[] = {TT_ATTENTION_CROSS, TT_ATTENTION_ENCODER, TT_ATTENTION_DECODER};
        tt_err none;
        if (order[i] == TT_ATTENTION_DECODER && tt_attention_get(a, &m, order[i], 0, 0, &none))
            continue; /* it has none */
        int rc = add_side(s, a, order[i], said, e);
        if (rc) return rc;
    }
    return 0;
}

int tt_attn_show_flush(tt_attn_show *s, tt_err *e) {
    return s->o->output && strcmp(s->o->output, "-") ? 0 : tt_drawing_flush(s->drawing, e);
}

int tt_attn_show_finish(tt_attn_show *s, tt_err *e) {
    int rc = tt_drawing_finish(s->drawing, e);
    s->drawing = NULL;
    tt_attn_show_abort(s);
    return rc;
}

void tt_attn_show_abort(tt_attn_show *s) {
    if (!s) return;
    tt_drawing_abort(s->drawing);
    tt_attn_list_free(&s->layers);
    tt_attn_list_free(&s->heads);
    tt_arena_close(s->a);
    free(s);
}
