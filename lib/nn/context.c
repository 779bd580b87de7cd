/* context.c: see context.h. Sentences without a text before leave their rows as they are; those of
 * the others are picked, and put back at the end. The attentions are plain: each pair of a sentence
 * and an earlier text is one of its own, and then each token with its n rows s_1,t … s_n,t.
 */
#include "nn/context.h"

#include <string.h>

static void level(const tt_hyper *h, tt_context_level *l, const char *at, tt_declare *d) {
    const int n = h->dim;
    const size_t before = tt_declare_enter(d, "%s", at);
    tt_declare_param(d, &l->q_w, &(tt_param){"q.w", n, n, .role = TT_MATRIX});
    tt_declare_param(d, &l->q_b, &(tt_param){"q.b", 1, n, .role = TT_BIAS});
    tt_declare_param(d, &l->kv_w, &(tt_param){"kv.w", 2 * n, n, .role = TT_MATRIX, .parts = 2});
    tt_declare_param(d, &l->kv_b, &(tt_param){"kv.b", 1, 2 * n, .role = TT_BIAS});
    tt_declare_param(d, &l->o_w, &(tt_param){"o.w", n, n, .role = TT_MATRIX});
    tt_declare_param(d, &l->o_b, &(tt_param){"o.b", 1, n, .role = TT_BIAS});
    tt_declare_leave(d, before);
}

void tt_context_params(const tt_hyper *h, tt_context *c, tt_declare *d) {
    const size_t at = tt_declare_enter(d, "context.");
    level(h, &c->words, "words.", d);
    level(h, &c->sentences, "sentences.", d);
    tt_declare_param(d, &c->w1, &(tt_param){"ffn.1.w", h->ffn, h->dim, .role = TT_MATRIX});
    tt_declare_param(d, &c->b1, &(tt_param){"ffn.1.b", 1, h->ffn, .role = TT_BIAS});
    tt_declare_param(d, &c->w2, &(tt_param){"ffn.2.w", h->dim, h->ffn, .role = TT_MATRIX});
    tt_declare_param(d, &c->b2, &(tt_param){"ffn.2.b", 1, h->dim, .role = TT_BIAS});
    tt_declare_param(d, &c->gate_h, &(tt_param){"gate.h.w", h->dim, h->dim, .role = TT_MATRIX});
    tt_declare_param(d, &c->gate_d, &(tt_param){"gate.d.w", h->dim, h->dim, .role = TT_MATRIX});
    tt_declare_leave(d, at);
}

const tt_before *tt_context_before(tt_run *run, const tt_hyper *h, const tt_seqs *src) {
    const tt_before *all = src->before;
    if (!h->context || !all || !all->first[src->count]) return NULL;
    const tt_seqs *t = &all->texts;
    const size_t texts = (size_t)t->count, tokens = (size_t)t->off[t->count];
    tt_before *near = tt_run_alloc(run, sizeof *near);
    int32_t *first = tt_run_alloc(run, ((size_t)src->count + 1) * sizeof *first);
    int32_t *off = tt_run_alloc(run, (texts + 1) * sizeof *off);
    int32_t *ids = tt_run_alloc(run, (tokens + 1) * sizeof *ids);
    if (!near || !first || !off || !ids) return NULL;
    int32_t n = 0;
    first[0] = off[0] = 0;
    for (int b = 0; b < src->count; b++) {
        const int32_t end = all->first[b + 1];
        int32_t j = all->first[b];
        if (end - j > h->context) j = end - h->context;
        for (; j < end; j++, n++) {
            const int32_t len = t->off[j + 1] - t->off[j];
            memcpy(ids + off[n], t->ids + t->off[j], (size_t)len * sizeof *ids);
            off[n + 1] = off[n] + len;
        }
        first[b + 1] = n;
    }
    *near = (tt_before){first, {n, off, ids, NULL}};
    return near;
}

/* Which rows go where. A pair is a sentence and one of its earlier texts. */
struct plan {
    int kept, read;              /* rows of sentences without, and with texts before */
    int32_t *kept_at, *read_at;  /* their places in the batch */
    int pairs, rows;             /* rows of all pairs */
    int32_t *query, *pair_off;   /* (rows): the row of read of each; (pairs+1) */
    int32_t *turned, *token_off; /* (rows): from pair after pair to token after token; (read+1) */
    int32_t *token;              /* (read+1): 0, 1, 2, … */
};

static int count_rows(struct plan *p, const tt_seqs *src, const tt_before *before) {
    for (int b = 0; b < src->count; b++) {
        const int32_t n = before->first[b + 1] - before->first[b],
                      tokens = src->off[b + 1] - src->off[b];
        *(n ? &p->read : &p->kept) += tokens;
        p->pairs += n;
        p->rows += n * tokens;
    }
    return p->rows;
}

static struct plan *make_plan(tt_run *run, const tt_seqs *src, const tt_before *before) {
    struct plan *p = tt_run_alloc(run, sizeof *p);
    if (!p) return NULL;
    *p = (struct plan){0};
    const size_t rows = (size_t)count_rows(p, src, before), read = (size_t)p->read;
    int32_t *at = tt_run_alloc(run, ((size_t)p->kept + 3 * read + (size_t)p->pairs + 2 * rows + 3) *
                                        sizeof *at);
    if (!at) return NULL;
    p->kept_at = at;
    p->read_at = p->kept_at + p->kept;
    p->token_off = p->read_at + read;
    p->token = p->token_off + read + 1;
    p->pair_off = p->token + read + 1;
    p->query = p->pair_off + p->pairs + 1;
    p->turned = p->query + rows;
    int32_t kept = 0, token = 0, pair = 0, row = 0, turned = 0;
    p->token_off[0] = p->pair_off[0] = 0;
    for (int b = 0; b < src->count; b++) {
        const int32_t n = before->first[b + 1] - before->first[b],
                      tokens = src->off[b + 1] - src->off[b], from = row;
        for (int32_t j = 0; j < n; j++) {
            for (int32_t t = 0; t < tokens; t++) p->query[row++] = token + t;
            p->pair_off[++pair] = row;
        }
        for (int32_t t = 0; t < tokens; t++) {
            if (!n) {
                p->kept_at[kept++] = src->off[b] + t;
                continue;
            }
            for (int32_t j = 0; j < n; j++) p->turned[turned++] = from + j * tokens + t;
            p->read_at[token] = src->off[b] + t;
            p->token_off[++token] = turned;
        }
    }
    for (int32_t i = 0; i <= p->read; i++) p->token[i] = i;
    return p;
}

/* Each query of q (Nq, D) to its own keys' rows of `of`. */
static tt_tensor *attend(tt_run *run, const tt_hyper *h, tt_context_level *l, tt_tensor *q,
                         tt_tensor *of, int count, const int32_t *q_off, const int32_t *k_off,
                         float *map) {
    tt_spans *spans = tt_run_alloc(run, sizeof *spans);
    tt_tensor *kv = tt_op_linear(run, of, &l->kv_w, &l->kv_b, TT_ACT_NONE);
    if (!spans || !q || !kv) return NULL;
    *spans = (tt_spans){count, q_off, k_off, false, 0};
    tt_tensor *y = tt_op_attend(run, (tt_part){q, 0}, (tt_part){kv, 0}, (tt_part){kv, h->dim}, NULL,
                                h->dim, h->heads, spans, (float)h->attention_dropout, map);
    return tt_op_linear(run, y, &l->o_w, &l->o_b, TT_ACT_NONE);
}

/* λ ∘ h + (1 - λ) ∘ d. */
static tt_tensor *gate(tt_run *run, tt_context *c, tt_tensor *h, tt_tensor *d) {
    tt_tensor *a = tt_op_residual(run, tt_op_linear(run, h, &c->gate_h, NULL, TT_ACT_NONE),
                                  tt_op_linear(run, d, &c->gate_d, NULL, TT_ACT_NONE), 0);
    return tt_op_gate(run, a, h, tt_op_scale(run, a, -1), d);
}

/* The rows that were left out and those that were read, in their places. */
static tt_tensor *put_back(tt_run *run, const struct plan *p, tt_tensor *states, tt_tensor *read) {
    tt_tensor **parts = tt_run_alloc(run, 2 * sizeof(tt_tensor *));
    const int32_t **at = tt_run_alloc(run, 2 * sizeof(int32_t *));
    if (!parts || !at || !states || !read) return NULL;
    parts[0] = tt_op_pick(run, states, p->kept_at, p->kept);
    parts[1] = read;
    at[0] = p->kept_at, at[1] = p->read_at;
    return tt_op_join(run, parts, at, 2, states->rows);
}

tt_tensor *tt_context_run(tt_run *run, const tt_hyper *h, tt_context *c, tt_tensor *states,
                          const tt_seqs *src, tt_tensor *earlier, const tt_before *before,
                          const tt_context_maps *maps) {
    const struct plan *p = make_plan(run, src, before);
    if (!p || !states || !earlier) return NULL;
    tt_tensor *x = tt_op_pick(run, states, p->read_at, p->read);
    tt_tensor *q = tt_op_linear(run, x, &c->words.q_w, &c->words.q_b, TT_ACT_NONE);
    q = tt_op_pick(run, q, p->query, p->rows);
    tt_tensor *s = attend(run, h, &c->words, q, earlier, p->pairs, p->pair_off, before->texts.off,
                          maps ? maps->words : NULL);
    s = tt_op_pick(run, s, p->turned, p->rows);
    q = tt_op_linear(run, x, &c->sentences.q_w, &c->sentences.q_b, TT_ACT_NONE);
    tt_tensor *d = attend(run, h, &c->sentences, q, s, p->read, p->token, p->token_off,
                          maps ? maps->sentences : NULL);
    d = tt_op_linear(run, d, &c->w1, &c->b1, TT_ACT_RELU);
    d = tt_op_residual(run, NULL, d, (float)h->ffn_dropout);
    d = tt_op_linear(run, d, &c->w2, &c->b2, TT_ACT_NONE);
    return put_back(run, p, states,
                    gate(run, c, x, tt_op_residual(run, NULL, d, (float)h->dropout)));
}
