/* opening.c: a training run from its options to the state that it begins with. What is wrong is
 * found before hours go into a run: outputs are tried, and texts are looked at, first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/pages.h"
#include "base/rng.h"
#include "nn/stack.h"
#include "text/documents.h"
#include "train/adopt.h"
#include "train/chance.h"
#include "train/fit.h"
#include "train/loop.h"
#include "train/names.h"
#include "train/suits.h"

int tt_loop_check(const tt_train_options *o, tt_err *e) {
    if (!o->model) return tt_fail(e, TT_EUSAGE, "no model file is named");
    if (!o->n_sources && !o->stages) return tt_fail(e, TT_EUSAGE, "no training text is named");
    if (o->n_sources && o->stages)
        return tt_fail(e, TT_EUSAGE, "training text is named, and the stages have their own");
    if (!o->vocab && !o->from) return tt_fail(e, TT_EUSAGE, "no vocabulary is named");
    if (!o->from && (o->also.from_names || o->also.from_partial))
        return tt_fail(e, TT_EUSAGE, "--from-%s needs a model to start from: name one with --from",
                       o->also.from_names ? "names" : "partial");
    if (o->also.teacher && o->also.r_drop > 0)
        return tt_fail(e, TT_ECONFIG, "--teacher and --r-drop: one of the two at a time");
    if ((o->also.guided || o->also.weighting) && o->stages)
        return tt_fail(e, TT_ECONFIG,
                       "--%s is for texts of the command line; with --stages, name %s in the file "
                       "of stages, in a section %s",
                       tt_beside_options[!o->also.guided], o->also.guided ? "links" : "weights",
                       tt_beside_options[!o->also.guided]);
    if (o->sampled_softmax && (o->also.teacher || o->also.r_drop > 0))
        return tt_fail(
            e, TT_ECONFIG,
            "--sampled-softmax does not compute all outputs, which --%s needs; leave one "
            "of the two out",
            o->also.teacher ? "teacher" : "r-drop");
    int stdin_uses = 0;
    for (int i = 0; i < o->n_sources; i++)
        stdin_uses += !strcmp(o->sources[i].src, "-") +
                      (o->sources[i].tgt && !strcmp(o->sources[i].tgt, "-"));
    if (o->valid)
        stdin_uses += !strcmp(o->valid->src, "-") + (o->valid->tgt && !strcmp(o->valid->tgt, "-"));
    if (stdin_uses && tt_comm_size(o->comm) > 1)
        return tt_fail(e, TT_EUSAGE,
                       "every rank reads the text, which standard input does not allow");
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
    const char *named = l->o->vocab;
    l->vocab = named ? tt_vocab_open(named, e) : tt_vocab_open_model(from, TT_VOCAB_SOURCE, e);
    if (!l->vocab) return e->code;
    const bool two =
        named ? l->o->vocab_tgt != NULL : tt_modelfile_find(from, "target.spm") != NULL;
    tt_vocab *tgt = !two    ? NULL
                    : named ? tt_vocab_open(l->o->vocab_tgt, e)
                            : tt_vocab_open_model(from, TT_VOCAB_TARGET, e);
    if (two && !tgt) return e->code;
    if (tgt) tt_vocab_join(l->vocab, tgt);
    if (!tt_vocab_is_spm(l->vocab) || (tgt && !tt_vocab_is_spm(tgt)))
        return tt_fail(e, TT_ECONFIG,
                       "%s: training reads SentencePiece vocabularies; name another with -v",
                       named ? named : tt_modelfile_name(from));
    if (named && from && (two || tt_modelfile_find(from, "target.spm")))
        return tt_fail(e, TT_ECONFIG,
                       "--from takes rows over into another vocabulary where both models have one "
                       "for both sides; leave -v out, or --from");
    return 0;
}

/* Is a setting given? */
static bool says(const tt_train_options *o, const char *name) {
    for (int i = 0; i < o->n_settings; i++)
        if (!strcmp(o->settings[2 * i], name)) return true;
    return false;
}

/* Has any text links? */
static bool is_guided(const struct loop *l) {
    return l->o->also.guided || (l->stages && tt_stages_have(l->stages, TT_BESIDE_LINKS));
}

/* Is the model of --from taken whole, with its vocabulary? */
static bool is_whole(const tt_train_options *o) {
    return !o->vocab && !o->also.from_names && !o->also.from_partial;
}

static int open_settings(struct loop *l, tt_hyper *h, tt_modelfile *from, tt_err *e) {
    if (from) TT_TRY(tt_hyper_read(h, from, e));
    else tt_hyper_init(h);
    if (from && l->o->vocab) h->tied = h->vocab == h->tgt_vocab ? h->tied : TT_TIED_NONE;
    for (int i = 0; i < l->o->n_settings; i++)
        TT_TRY(tt_hyper_set(h, l->o->settings[2 * i], l->o->settings[2 * i + 1], e));
    const tt_vocab *tgt = tt_vocab_side(l->vocab, TT_VOCAB_TARGET);
    if (tgt != l->vocab && h->tied == TT_TIED_ALL) {
        if (says(l->o, "tied"))
            return tt_fail(e, TT_ECONFIG,
                           "--tied all needs one vocabulary, and -v names two; "
                           "take --tied decoder");
        h->tied = TT_TIED_DECODER;
    }
    TT_TRY(tt_hyper_finish_two(h, tt_vocab_size(l->vocab), tt_vocab_size(tgt), e));
    if (h->characters) {
        h->grams = l->grams = tt_grams_open(l->vocab, e);
        if (!l->grams) return e->code;
    }
    TT_TRY(tt_suits_check(l->o, is_guided(l), h, e));
    tt_err why;
    if (!from || !is_whole(l->o) || !tt_model_fits(h, from, &why)) return 0;
    return tt_fail(e, why.code, "%.380s; --from-partial yes begins what does not fit afresh",
                   why.msg);
}

/* The weights of --from, as far as they are wanted and fit. */
static int take_from(struct loop *l, const tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    if (is_whole(o)) return tt_model_read(l->s.model, from, e);
    tt_vocab *old = o->vocab ? tt_vocab_open_model(from, TT_VOCAB_SOURCE, e) : l->vocab;
    if (!old) return e->code;
    const tt_adoption how = {old, l->vocab, o->also.from_names, o->also.from_partial};
    tt_adopted told;
    const int rc = tt_adopt(l->s.model, from, &how, &told, e);
    if (old != l->vocab) tt_vocab_close(old);
    if (rc) return rc;
    tt_log_line(o->log, TT_LOG_INFO, "from %s: %d tensors taken, %d begin afresh",
                tt_modelfile_name(from), told.taken, told.afresh);
    if (o->vocab)
        tt_log_line(o->log, TT_LOG_INFO,
                    "vocabulary: %d of %d pieces as they were, %d from those that spell them",
                    told.pieces, tt_vocab_size(l->vocab), told.spelt);
    return 0;
}

/* Of settings and tensors: what a model computes, whatever its file is called. */
static uint64_t model_hash(const tt_modelfile *mf) {
    uint64_t h = 0;
    for (size_t i = 0; i < tt_modelfile_meta_count(mf); i++) {
        const char *key, *value;
        tt_modelfile_meta(mf, i, &key, &value);
        if (strncmp(key, "model.", 6) != 0) continue;
        h = tt_hash_bytes(tt_hash_bytes(h, key, strlen(key)), value, strlen(value));
    }
    for (size_t i = 0; i < tt_modelfile_count(mf); i++) {
        const tt_file_tensor *t = tt_modelfile_entry(mf, i);
        h = tt_hash_add(tt_hash_bytes(h, t->name, strlen(t->name)), t->crc);
    }
    return h ? h : 1;
}

/* Has the teacher the run's vocabulary of a side? */
static int check_taught(const struct loop *l, const tt_modelfile *mf, int side, tt_err *e) {
    size_t ours, theirs;
    tt_vocab *v = tt_vocab_open_model(mf, side ? TT_VOCAB_TARGET : TT_VOCAB_SOURCE, e);
    if (!v) return e->code;
    const void *a = tt_vocab_bytes(
                   tt_vocab_side(l->vocab, side ? TT_VOCAB_TARGET : TT_VOCAB_SOURCE), &ours),
               *b = tt_vocab_bytes(v, &theirs);
    const int same = b && ours == theirs && !memcmp(a, b, ours);
    tt_vocab_close(v);
    return same ? 0
                : tt_fail(e, TT_ECONFIG, "--teacher %s: has another vocabulary than this run",
                          l->o->also.teacher);
}

/* The teacher, which must have the run's vocabulary. */
static int open_teacher(struct loop *l, const tt_hyper *own, tt_err *e) {
    tt_hyper h;
    tt_modelfile *mf = tt_modelfile_open(l->o->also.teacher, e);
    if (!mf) return e->code;
    int rc = tt_hyper_read(&h, mf, e);
    if (!rc) rc = tt_model_fits(&h, mf, e);
    if (!rc && h.characters && !l->grams) {
        l->grams = tt_grams_open(l->vocab, e);
        if (!l->grams) rc = e->code;
    }
    h.grams = l->grams;
    for (int side = 0; side < 2 && !rc; side++) rc = check_taught(l, mf, side, e);
    if (!rc && (tt_hyper_texts(&h) != tt_hyper_texts(own) || h.context > own->context))
        rc = tt_fail(e, TT_ECONFIG,
                     "--teacher %s: reads %s with each, which this run's model does not; give both "
                     "the same --second-source and --context-lines",
                     l->o->also.teacher, h.context > own->context ? "texts before" : "other texts");
    if (!rc) {
        const size_t size = tt_model_size(&h);
        l->teacher_weights = tt_pages_alloc(size * sizeof *l->teacher_weights);
        rc = l->teacher_weights
                 ? tt_model_open(&l->teacher, &h, l->teacher_weights, NULL, e)
                 : tt_fail(e, TT_ENOMEM, "out of memory for the teacher's %zu weights", size);
    }
    if (!rc) rc = tt_model_read(l->teacher, mf, e);
    if (!rc) l->teacher_hash = model_hash(mf);
    tt_modelfile_close(mf);
    return rc;
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
    l->id =
        (tt_identity){.o = o, .h = &l->s.h, .text = tt_corpus_hash(l->corpus), .corpus = l->corpus};
    const uint64_t terms = l->course   ? tt_course_hash(l->course)
                           : l->modify ? tt_modify_hash(l->modify)
                                       : 0;
    if (terms) l->id.text = tt_key(l->id.text, terms);
    if (l->stages) l->id.stages = l->stages->content;
    l->contents[0] = (tt_content){"teacher", l->teacher_hash};
    for (int i = 0; i < TT_BESIDE; i++)
        l->contents[1 + i] =
            (tt_content){tt_beside_options[i], l->stages ? 0 : tt_beside_hash(l->beside, i)};
    if (l->stages) l->id.beside = l->beside;
    l->id.contents = l->contents, l->id.n_contents = 3;
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
    if (from) TT_TRY(take_from(l, from, e));
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
    uint64_t mine = tt_corpus_hash(l->corpus);
    for (int i = 0; i < TT_BESIDE; i++) mine = tt_key(mine, tt_beside_hash(l->beside, i));
    uint64_t first = mine;
    TT_TRY(tt_comm_same(l->o->comm, &first, sizeof first, e));
    return tt_comm_agree(l->o->comm,
                         mine == first
                             ? 0
                             : tt_fail(e, TT_EDATA, "rank %d reads another text than rank 0",
                                       tt_comm_rank(l->o->comm)),
                         e);
}

/* The texts, and what is changed in them. */
static int open_sources(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    l->sources = o->sources, l->n_sources = o->n_sources;
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

/* Where the text is shuffled: beside the model, where nothing is said. */
static void name_folder(struct loop *l) {
    const tt_train_options *o = l->o;
    const char *slash = strrchr(o->model, '/');
    if (!o->also.on_disk) return;
    if (o->also.temp_dir) snprintf(l->folder, sizeof l->folder, "%s", o->also.temp_dir);
    else if (!slash) snprintf(l->folder, sizeof l->folder, ".");
    else
        snprintf(l->folder, sizeof l->folder, "%.*s", (int)(slash - o->model + (slash == o->model)),
                 o->model);
}

/* Files of links and weights are tried, and told of when they have been read. */
static int open_beside(struct loop *l, tt_err *e) {
    const tt_learning *also = &l->o->also;
    tt_beside_files files = {.lists = {also->guided, also->weighting},
                             .by_word = also->weighting_type == TT_WEIGHTING_WORD};
    bool any = also->guided || also->weighting;
    for (int i = 0; l->stages && i < TT_BESIDE; i++) {
        files.names[i] = l->stages->beside[i];
        any |= tt_stages_have(l->stages, i);
    }
    if (!any) return 0;
    l->beside = tt_beside_open(&files, l->n_sources, l->vocab, e);
    return l->beside ? tt_beside_check(l->beside, e) : e->code;
}

static void tell_beside(const struct loop *l) {
    const size_t lost = l->beside ? tt_beside_lost(l->beside) : 0;
    if (lost)
        tt_log_line(l->o->log, TT_LOG_INFO,
                    "%zu pairs have other words for the vocabulary than between blanks, and so no "
                    "links or weights of words",
                    lost);
}

/* What a model that reads documents makes of the texts: how many there are, and whether they are
   any. */
static int tell_documents(const struct loop *l, tt_err *e) {
    for (int i = 0; l->context && i < l->n_sources; i++) {
        const char *name = l->sources[i].src;
        tt_kin kin;
        TT_TRY(tt_documents_look(&kin, l->corpus, i, tt_vocab_size(l->vocab), e));
        const size_t pairs = tt_corpus_first(l->corpus, i + 1) - tt_corpus_first(l->corpus, i),
                     n = tt_corpus_documents(l->corpus, i);
        tt_log_line(l->o->log, TT_LOG_INFO, "%s: %zu document%s, of %.1f pairs in the mean", name,
                    n, n == 1 ? "" : "s", n ? (double)pairs / (double)n : 0);
        if (tt_documents_are_shuffled(&kin))
            tt_log_line(
                l->o->log, TT_LOG_WARN,
                "%s: lines have as little in common with the line before as with any other "
                "(%ld and %ld rare tokens), as if shuffled: --context-lines wants documents "
                "in their order",
                name, kin.near, kin.far);
    }
    return 0;
}

static int open_batches(struct loop *l, tt_err *e) {
    const tt_train_options *o = l->o;
    const tt_ready_opts ready = {l->vocab, l->pool, l->longest, {l->subwords[0], l->subwords[1]}};
    const bool changes =
        l->modify || l->stages || l->subwords[0] || l->subwords[1] || o->also.on_disk;
    const tt_batch_opts b = {.seed = o->seed,
                             .batch_tokens = o->batch_tokens,
                             .window = o->window,
                             .shards = o->shards,
                             .context = l->context,
                             .ready = changes ? &ready : NULL,
                             .beside = l->beside,
                             .folder = *l->folder ? l->folder : NULL,
                             .memory = (size_t)o->also.shuffle_memory};
    l->batcher = tt_batcher_open(l->corpus, &b, e);
    if (!l->batcher) return e->code;
    if (l->stages) {
        l->course = tt_course_open(l->stages, l->batcher,
                                   *o->modifiers ? o->modifiers : l->stages->modifiers, e);
        return l->course ? 0 : e->code;
    }
    return l->modify ? tt_batcher_follow(l->batcher, &(tt_recipe){.modify = l->modify}, e) : 0;
}

/* Floats of what a run keeps beside gradients: weights, their average, the optimiser's. */
static size_t state_floats(const struct loop *l, const tt_hyper *h) {
    const size_t size = tt_model_size(h);
    size_t n = size * (1u + (l->o->ema > 0) + (l->o->also.int8_aware != 0));
    for (int i = 0; i < TT_OPTIM_STATES; i++)
        n += i < l->opt->blocks || l->opt->state ? size : 0; /* at most */
    return n;
}

/* Threads and layers as --memory wants them. */
static int fit_memory(struct loop *l, const tt_hyper *h, tt_err *e) {
    const tt_train_options *o = l->o;
    const int longest = o->max_tokens < h->max_length ? o->max_tokens : h->max_length;
    tt_fit fit;
    TT_TRY(tt_fit_memory(&fit, o, h, state_floats(l, h), o->shards / tt_comm_size(o->comm), longest,
                         tt_pool_size(l->pool), &l->k, e));
    l->own = *o;
    l->own.threads = fit.threads;
    l->own.also.recompute = fit.recompute;
    l->o = &l->own;
    tt_log_line(o->log, TT_LOG_INFO, "memory: %.1f MB of %.1f, with %d thread%s%s",
                (double)(fit.fixed + (size_t)fit.threads * fit.thread) * 1e-6,
                (double)o->memory * 1e-6, fit.threads, fit.threads > 1 ? "s" : "",
                fit.recompute ? ", layers computed again" : "");
    if (fit.threads == tt_pool_size(l->pool)) return 0;
    tt_pool_close(l->pool);
    l->pool = tt_pool_open(fit.threads, e);
    return l->pool ? 0 : e->code;
}

static int open_rest(struct loop *l, tt_modelfile *from, tt_err *e) {
    const tt_train_options *o = l->o;
    tt_hyper h;
    TT_TRY(open_vocab(l, from, e));
    TT_TRY(open_sources(l, e)); /* settings depend on whether texts have links */
    TT_TRY(open_settings(l, &h, from, e));
    TT_TRY(open_optimizer(l, h.dim, e));
    if (o->memory > 0) {
        TT_TRY(fit_memory(l, &h, e));
        o = l->o;
    }
    for (int side = 0; side < 2; side++)
        if (tt_subwords_open(&l->subwords[side], o->also.subwords[side],
                             tt_vocab_side(l->vocab, side ? TT_VOCAB_TARGET : TT_VOCAB_SOURCE), e))
            return tt_err_context(e, "--subwords-%s", side ? "tgt" : "src");
    if (tt_hyper_texts(&h) == 2 && (l->modify || l->stages))
        return tt_fail(
            e, TT_ECONFIG,
            "--%s changes sources of one text, and --second-source gives them two; leave "
            "one of the two out",
            l->modify ? "modify" : "stages");
    TT_TRY(tt_validations_read(l->metric, &l->metrics, o->valid_metrics, e));
    if (o->also.teacher) TT_TRY(open_teacher(l, &h, e));
    if (!o->valid && o->also.valid_output)
        return tt_fail(e, TT_EUSAGE,
                       "--valid-translations needs a development set: name one with --valid");
    TT_TRY(name_checkpoint(l, e));
    TT_TRY(tt_comm_agree(o->comm, l->head ? open_outputs(l, e) : 0, e));
    TT_TRY(tt_corpus_check(l->sources, l->n_sources, e));
    if (o->valid && l->head) {
        l->valid = tt_valid_open(o->valid, l->vocab, h.max_length, tt_hyper_texts(&h), l->pool,
                                 &l->k, o->log, e);
        if (!l->valid) return e->code;
        tt_valid_search(l->valid, o->also.valid_beam, o->also.valid_output);
    }
    l->longest = o->max_tokens < h.max_length ? o->max_tokens : h.max_length;
    TT_TRY(open_beside(l, e));
    name_folder(l);
    const tt_corpus_limits limits = {
        l->longest, o->max_ratio, tt_hyper_texts(&h), h.context, *l->folder ? l->folder : NULL,
        l->beside};
    l->context = h.context;
    l->corpus = tt_corpus_open(l->sources, l->n_sources, l->vocab, l->pool, &limits, o->log, e);
    TT_TRY(tt_comm_agree(o->comm, l->corpus ? 0 : e->code, e));
    TT_TRY(same_text(l, e));
    tell_beside(l);
    TT_TRY(tell_documents(l, e));
    TT_TRY(open_batches(l, e));
    TT_TRY(tt_state_open(&l->s, &h, &l->optimizer, o->ema > 0, e));
    if (l->stages) l->s.texts = l->stages->texts;
    TT_TRY(open_state(l, from, e));
    tt_log_line(o->log, TT_LOG_INFO,
                "model: %zu parameters, width %d, %d+%d layers, %d heads, ffn %d, vocabulary %d",
                tt_model_params(l->s.model), h.dim, h.enc_layers, h.dec_layers, h.heads, h.ffn,
                h.vocab);
    TT_TRY(tt_names_check(o->also.freeze, l->s.model, "--freeze", e));
    const tt_grads_how how = {&o->also, l->teacher};
    l->grads = tt_grads_open(&l->s, l->opt, o->shards, &how, &l->k, l->pool, o->comm, e);
    if (!l->grads) return e->code;
    tt_grads_feed(l->grads, (float)(1 - o->teacher_forcing));
    if (is_guided(l))
        tt_grads_guide(l->grads, &(tt_guide){.layer = tt_stack_align_layer(l->s.model),
                                             .head = h.align_head,
                                             .weight = (float)o->also.guided_weight,
                                             .cost = o->also.guided_cost});
    if (o->sampled_softmax) {
        l->chance = tt_chance_make(l->corpus, h.tgt_vocab, o->sampled_softmax, e);
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
    tt_model_close(l->teacher);
    free(l->teacher_weights);
    tt_state_close(&l->s);
    tt_batcher_close(l->batcher);
    tt_modify_close(l->modify);
    for (int side = 0; side < 2; side++) tt_subwords_close(l->subwords[side]);
    tt_course_close(l->course);
    tt_stages_close(l->stages);
    tt_corpus_close(l->corpus);
    tt_beside_close(l->beside);
    tt_grams_close(l->grams);
    tt_vocab_close(l->vocab);
    tt_pool_close(l->pool);
    tt_lock_drop(l->lock);
}
