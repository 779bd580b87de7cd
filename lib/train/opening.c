/* opening.c: a training run from its options to the state that it begins with. What is wrong is
 * found before hours go into a run: outputs are tried, and texts are looked at, first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rng.h"
#include "train/chance.h"
#include "train/loop.h"

int tt_loop_check(const tt_train_options *o, tt_err *e) {
    if (!o->model) return tt_fail(e, TT_EUSAGE, "no model file is named");
    if (!o->n_sources && !o->stages) return tt_fail(e, TT_EUSAGE, "no training text is named");
    if (o->n_sources && o->stages)
        return tt_fail(e, TT_EUSAGE, "training text is named, and the stages have their own");
    if (!o->vocab && !o->from) return tt_fail(e, TT_EUSAGE, "no vocabulary is named");
    if (o->vocab && o->from)
        return tt_fail(e, TT_EUSAGE,
                       "a vocabulary is named, but the starting model brings its own");
    int stdin_uses = 0;
    for (int i = 0; i < o->n_sources; i++)
        stdin_uses += !strcmp(o->sources[i].src, "-") +
                      (o->sources[i].tgt && !strcmp(o->sources[i].tgt, "-"));
    if (o->valid)
        stdin_uses += !strcmp(o->valid->src, "-") + (o->valid->tgt && !strcmp(o->valid->tgt, "-"));
    if (stdin_uses && tt_comm_size(o->comm) > 1)
        return tt_fail(e, TT_EUSAGE, "every rank reads the text, which standard input does not allow");
    if (stdin_uses > 1)
        return tt_fail(e, TT_EUSAGE, "standard input is named %d times", stdin_uses);
    return 0;
}

static int open_optimizer(struct loop *l, int dim, tt_err *e) {
    const tt_train_options *o = l->o;
    TT_TRY(tt_pick_read(&l->optimizer, &tt_family_optimizer, o->optimizer, e));
    l->opt = (const tt_optimizer *)l->optimizer.row;
    TT_TRY(tt_rate_open(&l->plan, o, dim, e));
    if (l->opt->warms_up && l->plan.tau > 0)
        tt_log_line(o->log, TT_LOG_WARN, "--optimizer %s needs no warm-up, and is given one",
                    l->opt->row.name);
    return l->opt->check ? l->opt->check(o, e) : 0;
}

static int open_vocab(struct loop *l, const tt_modelfile *from, tt_err *e) {
    l->vocab = from ? tt_vocab_open_model(from, TT_VOCAB_SOURCE, e) : tt_vocab_open(l->o->vocab, e);
    if (!l->vocab) return e->code;
    if (from && (!tt_vocab_is_spm(l->vocab) || tt_modelfile_find(from, "source.spm")))
        return tt_fail(
            e, TT_ECONFIG,
            "%s: training goes on from models with one SentencePiece vocabulary for both sides",
            tt_modelfile_name(from));
    return 0;
}

static int open_settings(struct loop *l, tt_hyper *h, tt_modelfile *from, tt_err *e) {
    if (from)
        TT_TRY(tt_hyper_read(h, from, e));
    else
        tt_hyper_init(h);
    for (int i = 0; i < l->o->n_settings; i++)
        TT_TRY(tt_hyper_set(h, l->o->settings[2 * i], l->o->settings[2 * i + 1], e));
    TT_TRY(tt_hyper_finish(h, tt_vocab_size(l->vocab), e));
    if (l->o->teacher_forcing < 1 && !tt_hyper_decoder_cell(h))
        return tt_fail(e, TT_ECONFIG,
                       "--teacher-forcing %g is for a recurrent decoder, whose steps follow each "
                       "other; leave it out, or take --decoder gru",
                       l->o->teacher_forcing);
    return from ? tt_model_fits(h, from, e) : 0;
}

/* Fails if no model can be written to this file. Asked before hours go into one. */
static int try_output(const char *path, tt_err *e) {
    tt_modelwriter *w = tt_modelwriter_open(path, e);
    if (!w) return e->code;
    tt_modelwriter_abort(w);
    return 0;
}

static int name_checkpoint(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    int n = snprintf(l->checkpoint, sizeof l->checkpoint, "%s.ckpt", o->model);
    if (n < 0 || (size_t)n >= sizeof l->checkpoint)
        return tt_fail(e, TT_ECREATE, "%.400s: name too long", o->model);
    return 0;
}

/* What will be written, before anything is read. */
static int check_outputs(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    TT_TRY(try_output(o->model, e));
    TT_TRY(try_output(l->checkpoint, e));
    if (!o->restart && access(l->checkpoint, F_OK) && !access(o->model, F_OK))
        return tt_fail(e, TT_ECREATE,
                       "%s exists and has no checkpoint beside it; --restart writes over it",
                       o->model);
    return 0;
}

int tt_loop_seek(struct loop *l, tt_err *e) {
    if (l->course) return tt_course_begin(l->course, &l->s, e);
    return tt_batcher_seek(l->batcher, (uint64_t)l->s.epoch, (size_t)l->s.index, e);
}

/* The state: from the checkpoint if there is one, else fresh or from a model. */
static int open_state(struct loop *l, const tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    l->id = (tt_identity){
        .o = o, .h = &l->s.h, .text = tt_corpus_hash(l->corpus), .corpus = l->corpus};
    const uint64_t terms = l->course ? tt_course_hash(l->course)
                           : l->modify ? tt_modify_hash(l->modify)
                                       : 0;
    if (terms) l->id.text = tt_key(l->id.text, terms);
    if (l->stages) l->id.stages = l->stages->content;
    l->kept = -1;
    int resumes = !o->restart && !access(l->checkpoint, F_OK);
    TT_TRY(tt_comm_same(o->comm, &resumes, sizeof resumes, e));
    if (resumes) {
        const int rc = tt_state_load(&l->s, l->checkpoint, &l->id, e);
        TT_TRY(tt_comm_agree(o->comm, rc, e));
        tt_log_line(o->log, TT_LOG_INFO, "going on from %s, update %ld", l->checkpoint,
                    l->s.update);
        l->begun = l->s.update;
        if (!l->s.rise.high) l->kept = l->begun;
        return tt_loop_seek(l, e);
    }
    tt_model_init(l->s.model, o->seed);
    if (from) TT_TRY(tt_model_read(l->s.model, from, e));
    tt_state_start(&l->s);
    return l->course ? tt_course_begin(l->course, &l->s, e) : 0;
}

/* Two runs for one model file would write over each other's checkpoints. */
static int lock_run(struct loop *l, tt_err *e) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s.lock", l->o->model);
    if (n < 0 || (size_t)n >= sizeof path)
        return tt_fail(e, TT_ECREATE, "%s: name too long", l->o->model);
    l->lock = tt_lock_take(path, e);
    return l->lock ? 0 : e->code;
}

static int open_outputs(struct loop *l, tt_err *e) {
    TT_TRY(check_outputs(l, e));
    return lock_run(l, e);
}

/* Ranks that read different texts would learn different things. */
static int same_text(struct loop *l, tt_err *e) {
    uint64_t mine = tt_corpus_hash(l->corpus), first = mine;
    TT_TRY(tt_comm_same(l->o->comm, &first, sizeof first, e));
    return tt_comm_agree(l->o->comm,
                         mine == first ? 0
                                       : tt_fail(e, TT_EDATA, "rank %d reads another text than rank 0",
                                                 tt_comm_rank(l->o->comm)),
                         e);
}

static int open_modifiers(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    if (o->stages) {
        l->stages = tt_stages_open(o->stages, e);
        if (!l->stages) return e->code;
        l->sources = l->stages->source;
        l->n_sources = l->stages->texts;
        if (*o->modifiers && *l->stages->modifiers)
            return tt_fail(e, TT_EUSAGE, "%s has modifiers, and --modify is given, too", o->stages);
    } else if (*o->modifiers) {
        l->modify = tt_modify_open(o->modifiers, e);
        if (!l->modify) return e->code;
    }
    return 0;
}

static int open_batches(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    const tt_ready_opts ready = {l->vocab, l->pool, l->longest};
    const tt_batch_opts b = {o->seed, o->batch_tokens, o->window, o->shards,
                             l->modify || l->stages ? &ready : NULL};
    l->batcher = tt_batcher_open(l->corpus, &b, e);
    if (!l->batcher) return e->code;
    if (l->stages) {
        l->course = tt_course_open(l->stages, l->batcher,
                                   *o->modifiers ? o->modifiers : l->stages->modifiers, e);
        return l->course ? 0 : e->code;
    }
    return l->modify ? tt_batcher_follow(l->batcher, &(tt_recipe){.modify = l->modify}, e) : 0;
}

static int open_rest(struct loop *l, tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_hyper h;
    TT_TRY(open_vocab(l, from, e));
    TT_TRY(open_settings(l, &h, from, e));
    TT_TRY(open_optimizer(l, h.dim, e));
    l->sources = o->sources, l->n_sources = o->n_sources;
    TT_TRY(open_modifiers(l, e));
    TT_TRY(tt_validations_read(l->metric, &l->metrics, o->valid_metrics, e));
    TT_TRY(name_checkpoint(l, e));
    TT_TRY(tt_comm_agree(o->comm, l->head ? open_outputs(l, e) : 0, e));
    TT_TRY(tt_corpus_check(l->sources, l->n_sources, e));
    if (o->valid && l->head) {
        l->valid = tt_valid_open(o->valid, l->vocab, h.max_length, tt_hyper_texts(&h), l->pool,
                                 &l->k, o->log, e);
        if (!l->valid) return e->code;
    }
    l->longest = o->max_tokens < h.max_length ? o->max_tokens : h.max_length;
    tt_corpus_limits limits = {l->longest, o->max_ratio, tt_hyper_texts(&h)};
    l->corpus = tt_corpus_open(l->sources, l->n_sources, l->vocab, l->pool, &limits, o->log, e);
    TT_TRY(tt_comm_agree(o->comm, l->corpus ? 0 : e->code, e));
    TT_TRY(same_text(l, e));
    TT_TRY(open_batches(l, e));
    TT_TRY(tt_state_open(&l->s, &h, &l->optimizer, o->ema > 0, e));
    if (l->stages) l->s.texts = l->stages->texts;
    TT_TRY(open_state(l, from, e));
    tt_log_line(o->log, TT_LOG_INFO,
                "model: %zu parameters, width %d, %d+%d layers, %d heads, ffn %d, vocabulary %d",
                tt_model_params(l->s.model), h.dim, h.enc_layers, h.dec_layers, h.heads, h.ffn,
                h.vocab);
    l->grads = tt_grads_open(&l->s, l->opt, o->shards, &l->k, l->pool, o->comm, e);
    if (!l->grads) return e->code;
    tt_grads_feed(l->grads, (float)(1 - o->teacher_forcing));
    if (o->sampled_softmax) {
        l->chance = tt_chance_make(l->corpus, h.vocab, o->sampled_softmax, e);
        if (!l->chance) return e->code;
        tt_grads_sample(l->grads, l->chance);
    }
    if (o->log_norms || o->log_histograms) {
        l->watch = tt_watch_open(&l->s, l->pool, &l->k, e);
        if (!l->watch) return e->code;
    }
    l->shards = calloc((size_t)o->shards, sizeof *l->shards);
    l->arena = tt_arena_open(0, e);
    return l->shards && l->arena ? 0 : tt_fail(e, TT_ENOMEM, "out of memory");
}

int tt_loop_open(struct loop *l, const tt_train_options *o, tt_err *e) {
    l->o = o;
    l->head = !tt_comm_rank(o->comm);
    tt_modelfile *from = NULL;
    int rc = tt_kernels_init(&l->k, o->isa, e);
    if (!rc) {
        l->pool = tt_pool_open(o->threads, e);
        if (!l->pool) rc = e->code;
    }
    if (!rc && o->from) {
        from = tt_modelfile_open(o->from, e);
        if (!from) rc = e->code;
    }
    if (!rc) rc = open_rest(l, from, e);
    tt_modelfile_close(from);
    return rc;
}

void tt_loop_close(struct loop *l) {
    free(l->shards);
    tt_arena_close(l->arena);
    tt_valid_close(l->valid);
    tt_watch_close(l->watch);
    tt_grads_close(l->grads);
    free(l->chance);
    tt_state_close(&l->s);
    tt_batcher_close(l->batcher);
    tt_modify_close(l->modify);
    tt_course_close(l->course);
    tt_stages_close(l->stages);
    tt_corpus_close(l->corpus);
    tt_vocab_close(l->vocab);
    tt_pool_close(l->pool);
    tt_lock_drop(l->lock);
}
