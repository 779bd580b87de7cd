/* state.c: see state.h. A checkpoint is a .ttm file: the model stored as f32, the optimiser's
 * blocks as optim/0, optim/1, and the record as metadata; doubles are written as hexadecimal, to
 * the bit.
 *
 * The blocks of an optimiser are laid out as the weights are. Those of one that takes tensors whole
 * and has a state of another shape are laid end to end, each at a multiple of 16 floats.
 */
#include "train/state.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

/* key, kind, field: the record, once, for both ways. Older checkpoints lack the NEW ones, which are
 * 0 then. */
#define RECORD(INTEGER, REAL, NEW_INTEGER, NEW_REAL)                                               \
    INTEGER("run.update", update)                                                                  \
    INTEGER("run.epoch", epoch)                                                                    \
    INTEGER("run.index", index)                                                                    \
    REAL("run.epochs", epochs)                                                                     \
    REAL("run.elapsed", elapsed)                                                                   \
    INTEGER("run.tokens", tokens)                                                                  \
    INTEGER("run.bad", bad)                                                                        \
    REAL("run.best", best)                                                                         \
    INTEGER("run.best-update", best_update)                                                        \
    INTEGER("run.validated", validated)                                                            \
    INTEGER("run.stall", stall)                                                                    \
    REAL("run.sum-loss", sum_loss)                                                                 \
    REAL("run.sum-nll", sum_nll)                                                                   \
    REAL("run.sum-norm", sum_norm)                                                                 \
    INTEGER("run.sum-tokens", sum_tokens)                                                          \
    INTEGER("run.sum-updates", sum_updates)                                                        \
    NEW_REAL("run.mean-loss", rise.mean)                                                           \
    NEW_REAL("run.least-loss", rise.least)                                                         \
    NEW_INTEGER("run.high", rise.high)                                                             \
    NEW_INTEGER("run.drops", drops)                                                                \
    NEW_INTEGER("run.stall-drop", stall_drop)                                                      \
    NEW_INTEGER("run.halvings", halvings)                                                          \
    NEW_INTEGER("run.stage", stage)                                                                \
    NEW_INTEGER("run.stage-update", stage_update)                                                  \
    NEW_INTEGER("run.stage-tokens", stage_tokens)                                                  \
    NEW_INTEGER("run.stage-stall", stage_stall)                                                    \
    NEW_REAL("run.stage-epochs", stage_epochs)                                                     \
    NEW_REAL("run.stage-elapsed", stage_elapsed)                                                   \
    NEW_INTEGER("run.restart-update", restart_update)                                              \
    NEW_INTEGER("run.restart-tokens", restart_tokens)                                              \
    NEW_REAL("run.restart-epochs", restart_epochs)                                                 \
    NEW_REAL("run.usual-loss", usual_loss)                                                         \
    NEW_REAL("run.sum-weight", sum_weight)                                                         \
    ALSO(NEW_INTEGER, NEW_REAL, 0)                                                                 \
    ALSO(NEW_INTEGER, NEW_REAL, 1)                                                                 \
    ALSO(NEW_INTEGER, NEW_REAL, 2)                                                                 \
    ALSO(NEW_INTEGER, NEW_REAL, 3)

/* Of further metrics, in their order. */
#define ALSO(INTEGER, REAL, i)                                                                     \
    REAL("run.also-best-" #i, also[i].best)                                                        \
    INTEGER("run.also-best-update-" #i, also[i].update)
_Static_assert(TT_STATE_METRICS == 4, "the record has a line for each");

static float *block(size_t floats) {
    float *p = tt_pages_alloc(floats * sizeof *p);
    if (p) memset(p, 0, floats * sizeof *p);
    return p;
}

static void visit_list(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)p;
    tt_state *s = ctx;
    if (s->tensors)
        s->tensors[s->n_tensors] =
            (tt_state_tensor){.at = offset, .rows = t->rows, .cols = t->cols};
    s->n_tensors++;
}

static int list_tensors(tt_state *s) {
    tt_model_walk(s->model, visit_list, s);
    s->tensors = calloc((size_t)s->n_tensors + 1, sizeof *s->tensors);
    if (!s->tensors) return 0;
    s->n_tensors = 0;
    tt_model_walk(s->model, visit_list, s);
    return 1;
}

/* Block i of the state: its size and the places of the tensors in it. */
static void lay_out_state(tt_state *s, const tt_optimizer *opt, const double *set, int i) {
    size_t end = 0;
    for (int k = 0; k < s->n_tensors; k++) {
        tt_state_tensor *t = &s->tensors[k];
        t->state[i] = end;
        end += (tt_optimizer_state(opt, set, i, t->rows, t->cols) + 15) / 16 * 16;
    }
    const bool own_shape = opt->tensor && opt->state;
    for (int k = 0; k < s->n_tensors && !own_shape; k++) s->tensors[k].state[i] = s->tensors[k].at;
    s->moment_size[i] = own_shape || !end ? end : s->size;
}

static int open_blocks(tt_state *s, const tt_pick *optimizer, bool average, tt_err *e) {
    const tt_optimizer *opt = (const tt_optimizer *)optimizer->row;
    s->params = block(s->size);
    if (!s->params) return tt_fail(e, TT_ENOMEM, "out of memory for %zu weights", s->size);
    TT_TRY(tt_model_open(&s->model, &s->h, s->params, NULL, e));
    int ok = list_tensors(s);
    for (int i = 0; i < TT_OPTIM_STATES && ok; i++) {
        lay_out_state(s, opt, optimizer->set, i);
        if (s->moment_size[i]) ok = (s->moments[i] = block(s->moment_size[i])) != NULL;
    }
    if (average && ok) ok = (s->average = block(s->size)) != NULL;
    if (!ok)
        return tt_fail(e, TT_ENOMEM, "out of memory for %zu weights and their optimiser", s->size);
    return average ? tt_model_open(&s->averaged, &s->h, s->average, NULL, e) : 0;
}

int tt_state_open(tt_state *s, const tt_hyper *h, const tt_pick *optimizer, bool average,
                  tt_err *e) {
    memset(s, 0, sizeof *s);
    s->h = *h;
    s->size = tt_model_size(h);
    int rc = open_blocks(s, optimizer, average, e);
    if (rc) tt_state_close(s);
    return rc;
}

void tt_state_start(tt_state *s) {
    if (s->average) memcpy(s->average, s->params, s->size * sizeof *s->params);
}

tt_model *tt_state_kept(const tt_state *s) { return s->averaged ? s->averaged : s->model; }

void tt_state_close(tt_state *s) {
    tt_model_close(s->model);
    tt_model_close(s->averaged);
    free(s->params);
    free(s->average);
    free(s->tensors);
    for (int i = 0; i < TT_OPTIM_STATES; i++) free(s->moments[i]);
    memset(s, 0, sizeof *s);
}

/* What belongs to a run alone. Block i of the optimiser's state, or the average. */
static const char AVERAGE[] = "optim/average";

static const char *moment_name(char name[24], int i) {
    snprintf(name, 24, "optim/%d", i);
    return name;
}

static int write_block(tt_modelwriter *w, const char *name, const float *x, size_t size,
                       tt_err *e) {
    return tt_modelwriter_add(w, name, TT_TYPE_F32, 1, size, x, TT_CODEC_STORED, e);
}

struct storing {
    tt_modelwriter *w;
    tt_err *e;
    int rc;
};

static void visit_store(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    (void)offset;
    struct storing *s = ctx;
    if (!s->rc)
        s->rc = tt_modelwriter_add(s->w, p->name, TT_TYPE_F32, (size_t)t->rows, (size_t)t->cols,
                                   t->data, TT_CODEC_STORED, s->e);
}

/* Pairs drawn of each text, blanks between. */
static const char DRAWN[] = "run.drawn";

static int write_drawn(const tt_state *s, tt_modelwriter *w, tt_err *e) {
    char text[24 * TT_STATE_TEXTS];
    size_t n = 0;
    for (int i = 0; i < s->texts; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%ld", i ? " " : "", s->drawn[i]);
    return s->texts ? tt_modelwriter_set(w, DRAWN, text, e) : 0;
}

static int read_drawn(tt_state *s, const tt_modelfile *mf, tt_err *e) {
    const char *text = tt_modelfile_get(mf, DRAWN);
    for (int i = 0; i < s->texts; i++) {
        char *end;
        s->drawn[i] = text ? strtol(text, &end, 10) : -1;
        if (s->drawn[i] < 0 || s->drawn[i] > LONG_MAX / 4 || end == text)
            return tt_fail(e, TT_EFORMAT, "%s: %s is not a number for each of %d texts",
                           tt_modelfile_name(mf), DRAWN, s->texts);
        text = end;
    }
    return 0;
}

static int write_record(const tt_state *s, tt_modelwriter *w, tt_err *e) {
    char text[64];
    TT_TRY(write_drawn(s, w, e));
#define INTEGER(key, field)                                                                        \
    snprintf(text, sizeof text, "%ld", s->field);                                                  \
    TT_TRY(tt_modelwriter_set(w, key, text, e));
#define REAL(key, field)                                                                           \
    snprintf(text, sizeof text, "%a", s->field);                                                   \
    TT_TRY(tt_modelwriter_set(w, key, text, e));
    RECORD(INTEGER, REAL, INTEGER, REAL)
#undef INTEGER
#undef REAL
    return 0;
}

int tt_state_save(const tt_state *s, const char *path, const tt_identity *id, const tt_vocab *v,
                  tt_err *e) {
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    struct storing st = {w, e, 0};
    char name[24];
    int rc = tt_identity_write(id, w, e);
    if (!rc) rc = tt_hyper_write(&s->h, w, e);
    if (!rc) rc = write_record(s, w, e);
    if (!rc) tt_model_walk(s->model, visit_store, &st);
    if (!rc) rc = st.rc;
    for (int i = 0; !rc && i < TT_OPTIM_STATES && s->moments[i]; i++)
        rc = write_block(w, moment_name(name, i), s->moments[i], s->moment_size[i], e);
    if (!rc && s->average) rc = write_block(w, AVERAGE, s->average, s->size, e);
    if (!rc) rc = tt_vocab_write(v, w, e);
    if (rc) {
        tt_modelwriter_abort(w);
        return rc;
    }
    return tt_modelwriter_finish(w, e);
}

static int read_record(tt_state *s, const tt_modelfile *mf, tt_err *e) {
    const char *text;
    char *end;
#define READ(key, expr)                                                                            \
    text = tt_modelfile_get(mf, key);                                                              \
    if (!text) return tt_fail(e, TT_EFORMAT, "%s: %s is missing", tt_modelfile_name(mf), key);     \
    expr;                                                                                          \
    if (end == text || *end)                                                                       \
        return tt_fail(e, TT_EFORMAT, "%s: %s is '%.40s', not a number", tt_modelfile_name(mf),    \
                       key, text);
#define INTEGER(key, field) READ(key, s->field = strtol(text, &end, 10))
#define REAL(key, field) READ(key, s->field = strtod(text, &end))
#define NEW_INTEGER(key, field)                                                                    \
    if (tt_modelfile_get(mf, key)) {                                                               \
        INTEGER(key, field)                                                                        \
    }
#define NEW_REAL(key, field)                                                                       \
    if (tt_modelfile_get(mf, key)) {                                                               \
        REAL(key, field)                                                                           \
    }
    RECORD(INTEGER, REAL, NEW_INTEGER, NEW_REAL)
#undef NEW_INTEGER
#undef NEW_REAL
#undef INTEGER
#undef REAL
#undef READ
    return 0;
}

/* Numbers that no run arrives at would have it go on into nonsense. */
static int check_record(const tt_state *s, const tt_modelfile *mf, tt_err *e) {
    const char *bad = NULL;
    const long most = LONG_MAX / 4; /* what is counted up from here stays a long */
#define INTEGER(key, field)                                                                        \
    if (!bad && (s->field < 0 || s->field > most)) bad = key;
#define REAL(key, field)                                                                           \
    if (!bad && !isfinite(s->field)) bad = key;
    RECORD(INTEGER, REAL, INTEGER, REAL)
#undef INTEGER
#undef REAL
    if (!bad && (s->epochs < 0 || s->epochs > 1e15)) bad = "run.epochs";
    if (!bad && (s->elapsed < 0 || s->elapsed > 1e15)) bad = "run.elapsed";
    if (!bad && s->best_update > s->update) bad = "run.best-update";
    if (!bad && s->validated > s->update) bad = "run.validated";
    if (!bad && s->sum_updates > s->update) bad = "run.sum-updates";
    if (!bad && s->bad > s->update) bad = "run.bad";
    if (!bad && s->halvings > 1000) bad = "run.halvings";
    return bad ? tt_fail(e, TT_EFORMAT, "%s: %s is %.40s, which cannot be", tt_modelfile_name(mf),
                         bad, tt_modelfile_get(mf, bad))
               : 0;
}

static int read_block(const tt_modelfile *mf, const char *name, float *x, size_t size, tt_err *e) {
    const tt_file_tensor *t = tt_modelfile_find(mf, name);
    if (!t || t->rows * t->cols != size)
        return tt_fail(e, TT_EFORMAT, "%s: %s is missing or of a wrong size", tt_modelfile_name(mf),
                       name);
    return tt_modelfile_read_f32(mf, t, x, e);
}

static int load(tt_state *s, const tt_modelfile *mf, const tt_identity *id, tt_err *e) {
    char name[24];
    TT_TRY(tt_identity_check(id, mf, e));
    TT_TRY(tt_model_read(s->model, mf, e));
    for (int i = 0; i < TT_OPTIM_STATES && s->moments[i]; i++)
        TT_TRY(read_block(mf, moment_name(name, i), s->moments[i], s->moment_size[i], e));
    if (s->average) TT_TRY(read_block(mf, AVERAGE, s->average, s->size, e));
    TT_TRY(read_record(s, mf, e));
    TT_TRY(read_drawn(s, mf, e));
    if (!tt_modelfile_get(mf, "run.sum-weight")) s->sum_weight = (double)s->sum_tokens;
    return check_record(s, mf, e);
}

int tt_state_load(tt_state *s, const char *path, const tt_identity *id, tt_err *e) {
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    int rc = load(s, mf, id, e);
    tt_modelfile_close(mf);
    return rc;
}
