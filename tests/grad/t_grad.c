/* t_grad.c: every op's way back against central differences.
 *
 * A case builds a scalar L = Σ c ∘ f(inputs) with fixed random c, so that every output counts. For
 * each number x of each input: (L(x+h) - L(x-h)) / 2h, L summed in double, against the gradient of
 * the tape. float32 leaves about 1e-3 of noise in such a quotient for a single number, so a whole
 * input is compared: |g - n| / (|g| + |n|) in the 2-norm, below 1e-2 for an op by itself; a wrong
 * sign, factor or index gives 0.1 to 1. Exactness to 1e-4 is held against stored gradients of
 * another program, in t_torch.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/network.h"
#include "tensor/op.h"
#include "unit/test.h"

enum { MAX_INPUTS = 6 };

struct net {
    tt_tensor in[MAX_INPUTS];
    int inputs;
    tt_tensor *(*build)(tt_run *run, struct net *n);
    float p; /* dropout, for the ops that have it */
    int act;
    const int32_t *ids;
    tt_spans spans;
};

static tt_kernels kernels;

static void fill(tt_tensor *t, int rows, int cols, uint64_t key, double scale) {
    *t = (tt_tensor){.rows = rows, .cols = cols};
    size_t n = tt_tensor_size(t);
    t->data = malloc(n * sizeof(float));
    t->grad = malloc(n * sizeof(float));
    for (size_t i = 0; i < n; i++) t->data[i] = (float)(scale * tt_rand_normal(key, i));
}

static double weigh(const tt_tensor *y) {
    double sum = 0;
    for (size_t i = 0; i < tt_tensor_size(y); i++)
        sum += (double)y->data[i] * (tt_rand_unit(77, i) - 0.3);
    return sum;
}

static double forward(tt_run *run, struct net *n) {
    tt_run_reset(run, NULL);
    run->taped = false;
    return weigh(n->build(run, n));
}

static void check(const char *name, struct net *n) {
    tt_run run;
    tt_err e = {0};
    if (tt_run_open(&run, &kernels, 0, &e)) return;
    run.key = 5;
    run.drop = n->p > 0;
    run.taped = true;
    for (int i = 0; i < n->inputs; i++) n->in[i].has_grad = false;
    tt_tensor *y = n->build(&run, n);
    int how;
    float *dy = tt_run_grad(&run, y, &how);
    for (size_t i = 0; i < tt_tensor_size(y); i++) dy[i] = (float)(tt_rand_unit(77, i) - 0.3);
    tt_run_back(&run);
    for (int i = 0; i < n->inputs; i++) {
        tt_tensor *t = &n->in[i];
        double diff = 0, size = 0;
        for (size_t j = 0; j < tt_tensor_size(t); j++) {
            float x = t->data[j], h = 1e-2f * (1.0f + fabsf(x));
            volatile float up = x + h, down = x - h;
            t->data[j] = up;
            double a = forward(&run, n);
            t->data[j] = down;
            double b = forward(&run, n);
            t->data[j] = x;
            double num = (a - b) / ((double)up - (double)down), g = (double)t->grad[j];
            diff += (num - g) * (num - g);
            size += num * num + g * g;
        }
        double rel = size > 0 ? sqrt(diff / size) : 0;
        CHECK(t->has_grad && size > 0 && rel < 1e-2, "%s, input %d: relative difference %g", name,
              i, rel);
    }
    for (int i = 0; i < n->inputs; i++) free(n->in[i].data), free(n->in[i].grad);
    tt_run_close(&run);
}

static tt_tensor *build_linear(tt_run *run, struct net *n) {
    return tt_op_linear(run, &n->in[0], &n->in[1], n->inputs > 2 ? &n->in[2] : NULL, n->act);
}

static tt_tensor *build_residual(tt_run *run, struct net *n) {
    return tt_op_residual(run, n->inputs > 1 ? &n->in[1] : NULL, &n->in[0], n->p);
}

static tt_tensor *build_twice(tt_run *run, struct net *n) { /* one tensor used three times */
    tt_tensor *y = tt_op_residual(run, &n->in[0], &n->in[0], n->p);
    return tt_op_residual(run, y, tt_op_norm(run, y, &n->in[1], &n->in[2], 1e-6f), n->p);
}

static tt_tensor *build_norm(tt_run *run, struct net *n) {
    return tt_op_norm(run, &n->in[0], &n->in[1], &n->in[2], 1e-6f);
}

static tt_tensor *build_embed(tt_run *run, struct net *n) {
    static const int32_t pos[5] = {0, 1, 2, 0, 1};
    return tt_op_embed(run, &n->in[0], n->inputs > 1 ? &n->in[1] : NULL, n->ids, pos, 5, 3.0f);
}

static tt_tensor *build_ssru(tt_run *run, struct net *n) {
    return tt_op_ssru(run, &n->in[0], n->spans.count, n->spans.q_off);
}

static tt_tensor *build_average(tt_run *run, struct net *n) {
    return tt_op_average(run, &n->in[0], n->spans.count, n->spans.q_off);
}

static tt_tensor *build_gate(tt_run *run, struct net *n) {
    return tt_op_gate(run, &n->in[0], &n->in[1], &n->in[2], &n->in[3]);
}

static tt_tensor *build_self(tt_run *run, struct net *n) {
    tt_tensor *t = &n->in[0];
    return tt_op_attend(run, (tt_part){t, 0}, (tt_part){t, 8}, (tt_part){t, 16},
                        n->inputs > 1 ? &n->in[1] : NULL, 8, 2, &n->spans, n->p, NULL);
}

static tt_tensor *build_cross(tt_run *run, struct net *n) {
    tt_tensor *kv = &n->in[1];
    return tt_op_attend(run, (tt_part){&n->in[0], 0}, (tt_part){kv, 0}, (tt_part){kv, 8}, NULL, 8,
                        2, &n->spans, n->p, NULL);
}

static void check_ops(void) {
    static const int32_t q_off[4] = {0, 2, 3, 7}, k_off[4] = {0, 3, 4, 9},
                         ids[5] = {3, -1, 0, 3, 2};
    for (int act = TT_ACT_NONE; act < TT_ACT_COUNT; act++) {
        struct net n = {.inputs = 3, .build = build_linear, .act = act};
        fill(&n.in[0], 5, 7, 1, 1), fill(&n.in[1], 6, 7, 2, 1), fill(&n.in[2], 1, 6, 3, 1);
        if (act == TT_ACT_RELU) /* keep clear of the kink */
            for (int i = 0; i < 6; i++) n.in[2].data[i] = i % 2 ? 20.0f : -20.0f;
        const tt_row *r = tt_family_activation.row(act);
        char name[64];
        snprintf(name, sizeof name, "linear+%s", r ? r->name : "sigmoid");
        check(name, &n);
    }
    struct net plain = {.inputs = 2, .build = build_linear};
    fill(&plain.in[0], 1, 3, 1, 1), fill(&plain.in[1], 4, 3, 2, 1);
    check("linear without bias", &plain);
    for (int i = 0; i < 2; i++) {
        struct net n = {.inputs = 2, .build = build_residual, .p = i ? 0.4f : 0.0f};
        fill(&n.in[0], 6, 5, 1, 1), fill(&n.in[1], 6, 5, 2, 1);
        check(i ? "residual+dropout" : "residual", &n);
        struct net t = {.inputs = 3, .build = build_twice, .p = i ? 0.4f : 0.0f};
        fill(&t.in[0], 4, 9, 1, 1), fill(&t.in[1], 1, 9, 2, 1), fill(&t.in[2], 1, 9, 3, 1);
        check(i ? "shared input+dropout" : "shared input", &t);
        struct net s = {.inputs = 1,
                        .build = build_self,
                        .p = i ? 0.4f : 0.0f,
                        .spans = {3, q_off, q_off, false, 0}};
        fill(&s.in[0], 7, 24, 1, 1);
        check(i ? "self-attention+dropout" : "self-attention", &s);
        struct net c = {.inputs = 1,
                        .build = build_self,
                        .p = i ? 0.4f : 0.0f,
                        .spans = {3, q_off, q_off, true, 0}};
        fill(&c.in[0], 7, 24, 1, 1);
        check(i ? "causal attention+dropout" : "causal attention", &c);
        struct net w = {.inputs = 2,
                        .build = build_self,
                        .p = i ? 0.4f : 0.0f,
                        .spans = {3, q_off, q_off, i != 0, 0}};
        fill(&w.in[0], 7, 24, 1, 1), fill(&w.in[1], 2, 9, 2, 1);
        check(i ? "biased causal attention+dropout" : "biased attention", &w);
        struct net x = {.inputs = 2,
                        .build = build_cross,
                        .p = i ? 0.4f : 0.0f,
                        .spans = {3, q_off, k_off, false, 0}};
        fill(&x.in[0], 7, 8, 1, 1), fill(&x.in[1], 9, 16, 2, 1);
        check(i ? "cross-attention+dropout" : "cross-attention", &x);
    }
    struct net drop = {.inputs = 1, .build = build_residual, .p = 0.3f};
    fill(&drop.in[0], 6, 5, 1, 1);
    check("dropout", &drop);
    struct net norm = {.inputs = 3, .build = build_norm};
    fill(&norm.in[0], 4, 9, 1, 1), fill(&norm.in[1], 1, 9, 2, 1), fill(&norm.in[2], 1, 9, 3, 1);
    check("norm", &norm);
    struct net embed = {.inputs = 1, .build = build_embed, .ids = ids};
    fill(&embed.in[0], 4, 8, 1, 1);
    check("embed", &embed);
    struct net both = {.inputs = 2, .build = build_embed, .ids = ids};
    fill(&both.in[0], 4, 8, 1, 1), fill(&both.in[1], 3, 8, 2, 1);
    check("embed with learned positions", &both);
    struct net ssru = {.inputs = 1, .build = build_ssru, .spans = {3, q_off, q_off, true, 0}};
    fill(&ssru.in[0], 7, 12, 6, 1);
    check("ssru", &ssru);
    struct net mean = {.inputs = 1, .build = build_average, .spans = {3, q_off, q_off, true, 0}};
    fill(&mean.in[0], 7, 6, 1, 1);
    check("average", &mean);
    struct net gate = {.inputs = 4, .build = build_gate};
    for (int i = 0; i < 4; i++) fill(&gate.in[i], 5, 6, (uint64_t)i + 1, 1);
    check("gate", &gate);
}

/* ---- the loss op and the whole model, along random directions -------------------------------- */

struct whole {
    tt_model *m;
    float *params, *grads;
    size_t size;
    tt_seqs src, tgt;
    float smoothing;
    const float *chance; /* of outputs, or NULL: all */
};

static float left_out;        /* chance of tokens and layers */
static const tt_guide *guide; /* of the last layer; or NULL */
static float span_price, evenness;
static const float *own_weights; /* of the target's rows; or NULL */

static double loss_of(tt_run *run, struct whole *w, bool taped) {
    tt_loss loss = {0};
    tt_run_reset(run, NULL);
    run->taped = taped;
    run->drop = true;
    run->key = 9;
    run->chance = w->chance;
    run->word_drop[0] = run->word_drop[1] = run->layer_drop = left_out;
    run->guide = guide;
    run->span_price = span_price;
    run->evenness = evenness;
    run->row_weights = own_weights;
    tt_model_loss(run, w->m, &w->src, &w->tgt, w->smoothing, &loss, NULL);
    if (taped) tt_run_back(run);
    CHECK(!run->failed && loss.count == w->tgt.off[w->tgt.count], "%s", run->err.msg);
    return loss.loss + run->guide_loss;
}

/* Are there losses that the way back tells? */
static bool beside(void) { return guide || span_price > 0 || evenness > 0; }

struct along {
    struct whole *w;
    tt_run *run;
    const char *setting;
};

static void check_parameter(void *ctx, const tt_param *param, tt_tensor *t, size_t offset) {
    struct along *a = ctx;
    if (param->fixed == t->cols) return; /* not learned */
    size_t n = tt_tensor_size(t);
    float *p = a->w->params + offset, *g = malloc(n * sizeof *g);
    memcpy(g, a->w->grads + offset, n * sizeof *g);
    float *kept = malloc(a->w->size * sizeof *kept); /* a guide's loss is told on the way back */
    memcpy(kept, a->w->grads, a->w->size * sizeof *kept);
    double slope = 0, norm = 0;
    float *dir = malloc(n * sizeof *dir), *old = malloc(n * sizeof *old);
    memcpy(old, p, n * sizeof *old);
    for (size_t i = 0; i < n; i++) norm += (double)g[i] * g[i];
    for (size_t i = 0; i < n;
         i++) { /* mostly along the gradient, so that the slope is not lost in noise */
        dir[i] = (float)((double)g[i] / sqrt(norm + 1e-30) +
                         0.3 * tt_rand_normal(offset, i) / sqrt((double)n));
        slope += (double)dir[i] * g[i];
    }
    double num = 0, err = 1;
    for (double h = 1e-2; err >= 2e-2 && h > 1e-3;
         h /= 4) { /* a kink within reach is none of a smaller step */
        for (size_t i = 0; i < n; i++) p[i] = old[i] + (float)h * dir[i];
        double up = loss_of(a->run, a->w, beside());
        for (size_t i = 0; i < n; i++) p[i] = old[i] - (float)h * dir[i];
        double down = loss_of(a->run, a->w, beside());
        memcpy(p, old, n * sizeof *old);
        num = (up - down) / (2 * h), err = fabs(num - slope) / (fabs(num) + fabs(slope) + 1e-2);
    }
    CHECK(err < 2e-2, "%s, %s: slope %g, by differences %g", a->setting, param->name, slope, num);
    memcpy(a->w->grads, kept, a->w->size * sizeof *kept);
    free(dir);
    free(old);
    free(g);
    free(kept);
}

/* Loss and gradients are the same bits at every instruction set that the processor has. */
static void check_levels(const char *setting, tt_run *run, struct whole *w) {
    const tt_row *level;
    float *grads = malloc(w->size * sizeof *grads);
    tt_model_clear(w->m);
    const double loss = loss_of(run, w, true);
    memcpy(grads, w->grads, w->size * sizeof *grads);
    const tt_kernels *best = run->k;
    for (int i = 0; (level = tt_family_isa.row(i)) != NULL; i++) {
        tt_kernels k;
        tt_err e;
        if (tt_kernels_init(&k, level->name, &e)) continue;
        run->k = &k;
        tt_model_clear(w->m);
        const double other = loss_of(run, w, true);
        CHECK(!memcmp(&other, &loss, sizeof loss) &&
                  !memcmp(grads, w->grads, w->size * sizeof *grads),
              "%s: %s has other bits than %s", setting, level->name, best->name);
    }
    run->k = best;
    tt_model_clear(w->m);
    loss_of(run, w, true);
    free(grads);
}

static void check_model(const char *setting, const char *const *pairs, float smoothing,
                        const float *chance) {
    static const int32_t s_off[4] = {0, 5, 7, 11}, s_ids[11] = {3, 4, 5, 6, 0, 7, 0, 8, 9, 3, 0};
    static const int32_t t_off[4] = {0, 4, 9, 11}, t_ids[11] = {5, 6, 7, 0, 8, 9, 3, 4, 0, 6, 0};
    tt_err e = {0};
    tt_hyper h;
    tt_hyper_init(&h);
    static const char *const sizes[] = {"dim",        "8", "heads",      "2", "ffn",           "12",
                                        "enc-layers", "2", "dec-layers", "2", "max-positions", "16",
                                        NULL};
    for (int i = 0; sizes[i]; i += 2) tt_hyper_set(&h, sizes[i], sizes[i + 1], &e);
    h.activation = TT_ACT_GELU;
    for (int i = 0; pairs[i]; i += 2)
        CHECK(!tt_hyper_set(&h, pairs[i], pairs[i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, 11, &e), "%s", e.msg);
    static const int32_t gram_off[12] = {0, 1, 3, 6, 8, 9, 12, 14, 17, 18, 20, 21},
                         gram_row[21] = {0, 1, 9, 2, 2, 5,  8, 0,     3, 7, 7,
                                         1, 4, 6, 5, 0, 11, 9, 32767, 2, 3};
    static const tt_grams grams = {11, gram_off, gram_row};
    if (h.characters) h.grams = &grams;
    static const int32_t both_off[4] = {0, 6, 10, 17},
                         both_ids[17] = {3, 4, 0, 5, 6, 0, 7, 0, 2, 0, 8, 9, 0, 3, 5, 7, 0};
    /* The second has none before it, the third more than are read. */
    static const int32_t before_first[4] = {0, 1, 1, 4}, before_off[5] = {0, 3, 5, 6, 10},
                         before_ids[10] = {5, 2, 0, 4, 0, 0, 7, 3, 3, 0};
    static const tt_before earlier = {before_first, {4, before_off, before_ids, NULL}};
    const bool both = tt_hyper_texts(&h) == 2;
    struct whole w = {
        .size = tt_model_size(&h),
        .src = {3, both ? both_off : s_off, both ? both_ids : s_ids, h.context ? &earlier : NULL},
        .tgt = {3, t_off, t_ids, NULL},
        .smoothing = smoothing,
        .chance = chance};
    w.params = calloc(w.size, sizeof(float));
    w.grads = calloc(w.size, sizeof(float));
    tt_run run;
    if (tt_model_open(&w.m, &h, w.params, w.grads, &e) || tt_run_open(&run, &kernels, 0, &e)) {
        CHECK(0, "%s", e.msg);
        return;
    }
    tt_model_init(w.m, 3);
    loss_of(&run, &w, true);
    check_levels(setting, &run, &w);
    struct along a = {&w, &run, setting};
    tt_model_walk(w.m, check_parameter, &a);
    tt_model_close(w.m);
    tt_run_close(&run);
    free(w.params);
    free(w.grads);
}

/* Whether the row may stand where the setting says; asked of the settings, which know. */
static int is_legal(const char *setting, const char *row) {
    tt_err e;
    tt_hyper h;
    tt_hyper_init(&h);
    return !tt_hyper_set(&h, "autoreg", "self-attention", &e) &&
           !tt_hyper_set(&h, setting, row, &e) && !tt_hyper_finish(&h, 11, &e);
}

/* A whole model with `setting` at `given`; hidden layers that are relu by default take tanh, for
   the same reason. */
static void check_row(const tt_hyper_setting *s, const tt_row *r, const char *given, int average) {
    char name[160], value[140];
    const char *setting = s->name;
    snprintf(value, sizeof value, "%s", given);
    for (const tt_setting *own = r->settings; own && own->name; own++)
        if (own->words && !strncmp(own->words, "relu|tanh", 9) && !strstr(given, own->name))
            snprintf(value, sizeof value, "%s%s%s=tanh", given, strchr(given, ':') ? "," : ":",
                     own->name);
    snprintf(name, sizeof name, "%s %s", setting, value);
    check_model(name,
                (const char *const[]){"autoreg", average ? "average-attention" : "self-attention",
                                      "aan-dim", "10", "start-token", "2", "init",
                                      strcmp(value, "none") != 0 || average
                                          ? "glorot"
                                          : "t-fixup", /* as it is meant for */
                                      setting, value, NULL},
                0.1f, NULL);
}

/* A setting of a row: each of its words but relu, whose kinks are no place for differences; of a
   number 0, where it may be 0. */
static void check_setting(const tt_hyper_setting *s, const tt_row *r, const tt_setting *own) {
    char value[120];
    const char *word = own->words ? own->words : "0";
    for (size_t n; own->words ? *word != 0 : own->low <= 0 && *word; word += n + (word[n] == '|')) {
        n = strcspn(word, "|");
        snprintf(value, sizeof value, "%s:%s=%.*s", r->name, own->name, (int)n, word);
        if (strncmp(word, "relu", 4) != 0 && is_legal(s->name, value)) check_row(s, r, value, 0);
    }
}

/* A whole model with each row of each family that hyper.def makes a setting of. A row that is added
   is tested without a line here. ReLU's kinks are no place for differences of a whole model;
   check_ops keeps clear of them. */
static void check_variants(void) {
    tt_hyper h;
    tt_hyper_setting s;
    const tt_row *r;
    tt_hyper_init(&h);
    for (int i = 0; tt_hyper_at(&h, i, &s); i++) {
        if (!s.family || s.class != TT_HYPER_MODEL) continue;
        int average = !strncmp(s.name, "aan-", 4);
        for (int k = 0; (r = s.family->row(k)) != NULL; k++) {
            /* hard: its way back is softmax's, which is none of its own; t_dist.c has it */
            if (strstr(r->name, "relu") || strstr(r->name, "reglu") || !strcmp(r->name, "hard") ||
                !is_legal(s.name, r->name))
                continue;
            check_row(&s, r, r->name, average);
            for (const tt_setting *own = r->settings; own && own->name && s.class == TT_HYPER_MODEL;
                 own++)
                check_setting(&s, r, own);
        }
    }
}

/* What stands beside the text: links for a head, weights of rows. */
static void check_beside(void) {
    static const int32_t off[12] = {0, 1, 2, 4, 4, 5, 5, 5, 6, 6, 7, 7},
                         at[7] = {0, 1, 2, 3, 1, 0, 2};
    static const float weights[11] = {1, 0.5f, 2, 1, 0, 0.25f, 1, 3, 1, 1, 0.5f};
    const tt_guide links = {1, 1, off, at, 0.5f, 0}, squares = {0, 0, off, at, 2, 1};
    static const char *const plain[] = {"norm", "pre", NULL};
    own_weights = weights;
    check_model("row weights", plain, 0.1f, NULL);
    guide = &links;
    check_model("guide and row weights", plain, 0.1f, NULL);
    own_weights = NULL;
    check_model("guide", plain, 0.1f, NULL);
    guide = &squares;
    check_model("guide by squares", plain, 0, NULL);
    guide = NULL;
    evenness = 0.7f;
    check_model("a text looked at evenly", plain, 0.1f, NULL);
    evenness = 0;
    span_price = 0.3f;
    check_model("spans that cost",
                (const char *const[]){"reach", "adaptive-span:max=6,ramp=2", NULL}, 0.1f, NULL);
    check_model("spans of queries that cost",
                (const char *const[]){"enc-reach", "dynamic-span:max=7,ramp=2", "enc-align",
                                      "multi-dimensional", NULL},
                0.1f, NULL);
    span_price = 0;
}

int main(void) {
    tt_err e = {0};
    if (tt_kernels_init(&kernels, getenv("TTRANS_ISA"), &e)) {
        printf("%s\n", e.msg);
        return 1;
    }
    check_ops();
    check_beside();
    check_model("pre", (const char *const[]){"norm", "pre", NULL}, 0.1f, NULL);
    check_model("post", (const char *const[]){"norm", "post", NULL}, 0.0f, NULL);
    check_model("untied", (const char *const[]){"tied", "none", "activation", "swish", NULL}, 0.1f,
                NULL);
    check_model("decoder tied",
                (const char *const[]){"tied", "decoder", "dropout", "0.3", "dropout-attention",
                                      "0.2", "dropout-ffn", "0.2", NULL},
                0.1f, NULL);
    check_model("ssru, learned positions",
                (const char *const[]){"autoreg", "ssru", "positions", "learned", "norm", "post",
                                      "embedding-norm", "yes", NULL},
                0.1f, NULL);
    check_model("average attention",
                (const char *const[]){"autoreg", "average-attention", "aan-dim", "10", "dec-ffn",
                                      "9", "dropout-ffn", "0.2", "start-token", "2", NULL},
                0.1f, NULL);
    check_model("average attention without gate",
                (const char *const[]){"autoreg", "average-attention", "aan-gate", "no", "aan-dim",
                                      "10", "top-norm", "no", NULL},
                0.0f, NULL);
    static const float chance[11] = {0.5f, 0.1f, 0.9f, 1, 0.3f, 0.5f, 0.2f, 0.7f, 0.4f, 0.6f, 0.5f};
    check_model("sampled outputs", (const char *const[]){"norm", "pre", "dropout", "0.2", NULL},
                0.1f, chance);
    check_model("sampled outputs, untied", (const char *const[]){"tied", "none", NULL}, 0.0f,
                chance);
    left_out = 0.3f;
    check_model("tokens and layers left out",
                (const char *const[]){"norm", "pre", "dropout", "0.2", NULL}, 0.1f, NULL);
    left_out = 0;
    check_model("output recurrence",
                (const char *const[]){"encoder", "bigru", "decoder",
                                      "rnn:recurrence=output,attention=none", "dropout", "0.2",
                                      NULL},
                0.1f, NULL);
    check_model("output recurrence, attention",
                (const char *const[]){
                    "encoder", "lstm", "decoder",
                    "rnn:recurrence=output,attention=luong,feeding=no,activation=sigmoid", NULL},
                0.1f, NULL);
    check_model("fixed context",
                (const char *const[]){"encoder", "lstm:reading=reversed", "decoder",
                                      "gru:attention=none,context=initial", "dropout", "0.2", NULL},
                0.1f, NULL);
    check_model("fixed context of every step",
                (const char *const[]){"encoder", "bilstm", "decoder",
                                      "lstm:attention=none,readout=maxout", NULL},
                0.1f, NULL);
    check_model(
        "layers combined",
        (const char *const[]){"combine-layers", "yes", "encoder", "gru", "decoder", "lstm", NULL},
        0.1f, NULL);
    check_model("a hidden layer within five, and a Gaussian in step",
                (const char *const[]){"enc-align", "multi-dimensional:activation=tanh5",
                                      "cross-align", "additive:activation=tanh5", "cross-reach",
                                      "local-m:window=2,gaussian=yes", NULL},
                0.1f, NULL);
    check_model(
        "pieces and characters",
        (const char *const[]){"representations", "pieces+characters", "dropout", "0.2", NULL}, 0.1f,
        NULL);
    check_model("pieces and characters, recurrent, layers combined",
                (const char *const[]){"representations", "pieces+characters", "encoder", "bigru",
                                      "decoder", "lstm", "tied", "none", "combine-layers", "yes",
                                      NULL},
                0.1f, NULL);
    check_model("texts before",
                (const char *const[]){"context-lines", "2", "dropout", "0.2", "dropout-attention",
                                      "0.1", NULL},
                0.1f, NULL);
    check_model("texts before, recurrent",
                (const char *const[]){"context-lines", "3", "encoder", "bigru", "decoder", "gru",
                                      "norm-eps", "1e-6", NULL},
                0.0f, NULL);
    check_model(
        "no input feeding",
        (const char *const[]){"encoder", "gru", "decoder", "gru:attention=luong,feeding=no", NULL},
        0.1f, NULL);
    check_variants();
    return test_done("t_grad");
}
