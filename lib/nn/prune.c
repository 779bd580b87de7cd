/* prune.c: a model file without some of its attention heads, or with another one for the alignment;
 * see tt_modelfile_prune. What a head
 * reads and writes stands in blocks of its own, so taking the head away leaves out these blocks: of
 * queries, keys and values rows, of the product that joins the heads columns (param.h). Nothing
 * else changes. One tensor is in memory at a time.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/keys.h"
#include "nn/model.h"
#include "ttrans/pruning.h"

enum { HEADS_MOST = 128 };

struct pruning {
    const tt_modelfile *in;
    tt_hyper h; /* of the model as it is */
    unsigned char gone[TT_SITES][TT_LAYERS_MOST][HEADS_MOST];
    tt_modelwriter *w;
    tt_err *e;
    int rc;
};

static const struct {
    const char *name, *setting;
} sites[TT_SITES] = {[TT_SITE_ENC] = {"encoder", "enc-heads"},
                     [TT_SITE_DEC] = {"decoder", "dec-heads"},
                     [TT_SITE_CROSS] = {"cross", "cross-heads"}};

static int site_of(int side) {
    return side == TT_ATTENTION_ENCODER   ? TT_SITE_ENC
           : side == TT_ATTENTION_DECODER ? TT_SITE_DEC
                                          : TT_SITE_CROSS;
}

static int align_layer(const tt_hyper *h) {
    return h->align_layer < 0 ? h->dec_layers - 1 : h->align_layer;
}

/* ---- which heads ----------------------------------------------------------------------------- */

static int mark_head(struct pruning *p, const tt_head_name *name, tt_err *e) {
    const int site = site_of(name->side), layer = name->layer - 1, head = name->head - 1;
    const tt_hyper *h = &p->h;
    const char *side = sites[site].name, *file = tt_modelfile_name(p->in);
    if (!tt_hyper_attends(h, site) || (site != TT_SITE_ENC && tt_hyper_decoder_cell(h)))
        return tt_fail(e, TT_ECONFIG, "%s: %s has no layers of attention", file, side);
    if (layer < 0 || layer >= tt_hyper_layers(h, site))
        return tt_fail(e, TT_EUSAGE, "%s: %s:%d.%d: there are layers 1 to %d", file, side,
                       name->layer, name->head, tt_hyper_layers(h, site));
    if (!tt_hyper_projects(h))
        return tt_fail(e, TT_ECONFIG,
                       "%s: without projections heads are columns of the states, and stay", file);
    const tt_attend a = tt_hyper_attend(h, (tt_spot){site, layer});
    if (head < 0 || head >= a.heads)
        return tt_fail(e, TT_EUSAGE, "%s: %s:%d.%d: the layer has heads 1 to %d", file, side,
                       name->layer, name->head, a.heads);
    if (tt_attend_is_numbered(&a))
        return tt_fail(e, TT_ECONFIG, "%s: %s:%d.%d: what a head sees there depends on its number",
                       file, side, name->layer, name->head);
    if (site == TT_SITE_CROSS && layer == align_layer(h) && head == h->align_head)
        return tt_fail(e, TT_ECONFIG, "%s: %s:%d.%d is the alignment's head", file, side,
                       name->layer, name->head);
    p->gone[site][layer][head] = 1;
    return 0;
}

static int kept(const struct pruning *p, int site, int layer) {
    int n = tt_hyper_attend(&p->h, (tt_spot){site, layer}).heads;
    const int heads = n;
    for (int i = 0; i < heads; i++) n -= p->gone[site][layer][i];
    return n;
}

static int mark_all(struct pruning *p, const tt_head_name *gone, size_t n, tt_err *e) {
    for (size_t i = 0; i < n; i++) TT_TRY(mark_head(p, &gone[i], e));
    for (size_t i = 0; i < n; i++)
        if (!kept(p, site_of(gone[i].side), gone[i].layer - 1))
            return tt_fail(e, TT_ECONFIG, "%s: %s:%d.%d is the last head of its layer",
                           tt_modelfile_name(p->in), sites[site_of(gone[i].side)].name,
                           gone[i].layer, gone[i].head);
    return 0;
}

int tt_head_may_go(const tt_modelfile *mf, const tt_head_name *name, tt_err *e) {
    struct pruning *p = calloc(1, sizeof *p);
    if (!p) return tt_fail(e, TT_ENOMEM, "out of memory for a list of heads");
    p->in = mf;
    int rc = tt_hyper_read(&p->h, mf, e);
    if (!rc) rc = mark_all(p, name, 1, e);
    free(p);
    return rc;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* "8,6,8", of one site; 0: no layer there has lost a head. */
static bool write_list(const struct pruning *p, int site, char text[TT_HYPER_VALUE]) {
    const int layers = tt_hyper_attends(&p->h, site) ? tt_hyper_layers(&p->h, site) : 0;
    size_t n = 0;
    int fewer = 0;
    for (int i = 0; i < layers && n < TT_HYPER_VALUE; i++) {
        const int heads = kept(p, site, i);
        fewer |= heads != p->h.heads;
        n += (size_t)snprintf(text + n, TT_HYPER_VALUE - n, i ? ",%d" : "%d", heads);
    }
    return fewer && n < TT_HYPER_VALUE;
}

static int copy_settings(struct pruning *p, tt_err *e) {
    const char *name, *value;
    for (size_t i = 0; i < tt_modelfile_meta_count(p->in); i++) {
        tt_modelfile_meta(p->in, i, &name, &value);
        if (strncmp(name, TT_KEY_RUN, strlen(TT_KEY_RUN)) != 0)
            TT_TRY(tt_modelwriter_set(p->w, name, value, e));
    }
    return 0;
}

static int write_settings(struct pruning *p, tt_err *e) {
    char text[TT_HYPER_VALUE], key[64];
    int count = 0, before = 0;
    TT_TRY(copy_settings(p, e));
    for (int site = 0; site < TT_SITES; site++) {
        snprintf(key, sizeof key, "model.%s", sites[site].setting);
        if (write_list(p, site, text)) TT_TRY(tt_modelwriter_set(p->w, key, text, e));
    }
    const unsigned char *gone = p->gone[TT_SITE_CROSS][align_layer(&p->h)];
    if (p->h.align_head >= 0) {
        for (int i = 0; i < p->h.align_head; i++) before += gone[i];
        snprintf(text, sizeof text, "%d", p->h.align_head - before);
        TT_TRY(tt_modelwriter_set(p->w, "model.alignment-head", text, e));
    }
    for (size_t i = 0; i < sizeof p->gone; i++) count += ((unsigned char *)p->gone)[i];
    const char *earlier = tt_modelfile_get(p->in, "train.pruned-heads");
    snprintf(text, sizeof text, "%ld", count + (earlier ? strtol(earlier, NULL, 10) : 0));
    return tt_modelwriter_set(p->w, "train.pruned-heads", text, e);
}

/* ---- tensors --------------------------------------------------------------------------------- */

static int copy_raw(struct pruning *p, const tt_file_tensor *t, tt_err *e) {
    void *raw = malloc(t->raw + 1);
    if (!raw) return tt_fail(e, TT_ENOMEM, "out of memory for %s", t->name);
    int rc = tt_modelfile_read(p->in, t, raw, e);
    if (!rc) rc = tt_modelwriter_raw(p->w, t->name, t->type, t->rows, t->cols, raw, t->codec, e);
    free(raw);
    return rc;
}

/* Leaves the blocks of heads that are gone out of x, in place: `count` runs of blocks of `block`
   numbers, one for each head. */
static void squeeze(float *x, size_t count, int heads, size_t block, const unsigned char *gone) {
    float *to = x;
    const float *from = x;
    for (size_t i = 0; i < count * (size_t)heads; i++, from += block) {
        if (gone[i % (size_t)heads]) continue;
        memmove(to, from, block * sizeof *x);
        to += block;
    }
}

static int write_squeezed(struct pruning *p, const tt_param *par, const tt_file_tensor *t,
                          tt_err *e) {
    const size_t n = t->rows * t->cols;
    const int heads = par->heads, left = kept(p, par->spot.site, par->spot.layer);
    float *x = malloc((n + 1) * sizeof *x);
    if (!x) return tt_fail(e, TT_ENOMEM, "out of memory for tensor %s", t->name);
    int rc = tt_modelfile_read_f32(p->in, t, x, e);
    if (!rc) rc = tt_modelfile_check_finite(p->in, t, x, 0, t->rows, false, e);
    const size_t count = par->across ? t->rows : (size_t)par->groups;
    squeeze(x, count, heads, n / count / (size_t)heads, p->gone[par->spot.site][par->spot.layer]);
    const int by_column = par->across || t->rows == 1;
    const size_t rows = by_column ? t->rows : t->rows / (size_t)heads * (size_t)left,
                 cols = by_column ? t->cols / (size_t)heads * (size_t)left : t->cols;
    if (!rc) rc = tt_modelwriter_add(p->w, t->name, t->type, rows, cols, x, t->codec, e);
    free(x);
    return rc;
}

static void visit(void *ctx, const tt_param *par, tt_tensor *of, size_t offset) {
    struct pruning *p = ctx;
    (void)of, (void)offset;
    if (p->rc) return;
    const tt_file_tensor *t = tt_model_entry(p->in, par, p->e);
    const int changed = t && par->heads && kept(p, par->spot.site, par->spot.layer) < par->heads;
    p->rc = !t ? TT_EFORMAT : changed ? write_squeezed(p, par, t, p->e) : copy_raw(p, t, p->e);
}

/* All entries, or those that are plain bytes: vocabularies and the like. A checkpoint's optimiser
   stays behind. */
static int write_others(struct pruning *p, bool all, tt_err *e) {
    for (size_t i = 0; i < tt_modelfile_count(p->in); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(p->in, i);
        if ((all || t->type == TT_TYPE_U8) &&
            strncmp(t->name, TT_ENTRY_OPTIM, strlen(TT_ENTRY_OPTIM)) != 0)
            TT_TRY(copy_raw(p, t, e));
    }
    return 0;
}

static int write_all(struct pruning *p, tt_err *e) {
    tt_model *m = tt_model_skeleton(&p->h, e);
    if (!m) return e->code;
    p->rc = write_settings(p, e);
    tt_model_walk(m, visit, p);
    tt_model_close(m);
    return p->rc ? p->rc : write_others(p, false, e);
}

int tt_modelfile_prune(const tt_modelfile *mf, const tt_head_name *gone, size_t n, const char *path,
                       tt_err *e) {
    struct pruning *p = calloc(1, sizeof *p);
    if (!p) return tt_fail(e, TT_ENOMEM, "out of memory for a list of heads");
    p->in = mf, p->e = e;
    int rc = tt_hyper_read(&p->h, mf, e);
    if (!rc) rc = tt_model_fits(&p->h, mf, e);
    if (!rc) rc = mark_all(p, gone, n, e);
    if (!rc && !(p->w = tt_modelwriter_open(path, e))) rc = e->code;
    if (!rc) {
        rc = write_all(p, e);
        if (rc) tt_modelwriter_abort(p->w);
        else rc = tt_modelwriter_finish(p->w, e);
    }
    free(p);
    return rc;
}

static int write_alignment(struct pruning *p, int layer, int head, tt_err *e) {
    char text[24];
    TT_TRY(copy_settings(p, e));
    snprintf(text, sizeof text, "%d", layer - 1);
    TT_TRY(tt_modelwriter_set(p->w, "model.alignment-layer", text, e));
    snprintf(text, sizeof text, "%d", head - 1);
    TT_TRY(tt_modelwriter_set(p->w, "model.alignment-head", text, e));
    return write_others(p, true, e);
}

int tt_modelfile_set_alignment(const tt_modelfile *mf, int layer, int head, const char *path,
                               tt_err *e) {
    struct pruning p = {.in = mf};
    const char *file = tt_modelfile_name(mf);
    TT_TRY(tt_hyper_read(&p.h, mf, e));
    const int layers = tt_hyper_decoder_cell(&p.h) ? 1 : p.h.dec_layers;
    if (!tt_hyper_attends(&p.h, TT_SITE_CROSS))
        return tt_fail(e, TT_EUSAGE, "%s: the decoder does not look at the text", file);
    if (layer < 1 || layer > layers)
        return tt_fail(e, TT_EUSAGE, "%s: layer %d: the decoder has 1 to %d", file, layer, layers);
    const int heads = tt_hyper_attend(&p.h, (tt_spot){TT_SITE_CROSS, layer - 1}).heads;
    if (head < 1 || head > heads)
        return tt_fail(e, TT_EUSAGE, "%s: head %d: layer %d has 1 to %d", file, head, layer, heads);
    if (!(p.w = tt_modelwriter_open(path, e))) return e->code;
    const int rc = write_alignment(&p, layer, head, e);
    if (!rc) return tt_modelwriter_finish(p.w, e);
    tt_modelwriter_abort(p.w);
    return rc;
}
