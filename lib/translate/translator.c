/* translator.c: opening a translator: options held against each other, models loaded and held
 * against each other, their vocabulary, and what of the search a model itself asks for.
 */
#include "base/clock.h"
#include "translate/translator.h"
#include "translate/standin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "base/keys.h"
#include "io/modelfile.h"
#include "text/gramrows.h"

enum {
    THREADS_MAX = 1024,
    HELPERS_MAX = 7, /* of one batch: more would only wait for memory */
    ROOM = 32 << 20, /* bytes of keys and values that a batch may have in any case: with fewer rows,
                        products wait for weights */
    ROOM_OF_TOKEN = 14, /* and for each token that was asked for, as a power of 2 */
    SHORTEST_REACH = 16 /* tokens; see max_length */
};

/* Where neither an option nor the model says otherwise. The length's exponent is the best for the
   shipped model on its development sets. */
static const struct {
    int beam;
    double normalize, length_factor;
} usual = {4, 0.6, 3};

void tt_translate_init(tt_translate_options *o) {
    *o = (tt_translate_options){.compute = TT_COMPUTE_AUTO,
                                .normalize = -1,
                                .word_penalty = TT_MODEL_SAYS,
                                .allow_unk = -1,
                                .split = -1,
                                .keep = 1,
                                .spelling = 1,
                                .capitals = -1,
                                .min_length = 1,
                                .threshold = 1,
                                .temperature = 1,
                                .top_p = 1,
                                .diversity_groups = 1,
                                .checks = 1,
                                .mini_batch = 64,
                                .mini_batch_words = 1024,
                                .maxi_batch = 16,
                                .cache = 16};
}

/* ---- options --------------------------------------------------------------------------------- */

static int check_sampling(const tt_translate_options *o, tt_err *e) {
    if (!(o->temperature > 0) || o->top_k < 0 || !(o->top_p > 0 && o->top_p <= 1))
        return tt_fail(e, TT_EUSAGE, "temperature, top-k or top-p is out of range");
    if (!o->sampling && (o->temperature != 1 || o->top_k || o->top_p < 1))
        return tt_fail(e, TT_EUSAGE, "temperature, top-k and top-p are for sampling alone");
    if (o->sampling && (o->glossary || o->diversity_groups > 1))
        return tt_fail(e, TT_EUSAGE, "sampling has no beam: no glossary and no groups with it");
    return 0;
}

static int check_pairs(const tt_translate_options *o, tt_err *e) {
    if (!o->pairs && (o->filter || o->targets))
        return tt_fail(e, TT_EUSAGE, "only given pairs can be filtered");
    if (!o->pairs) return 0;
    if (o->n_best || o->scores)
        return tt_fail(e, TT_EUSAGE, "given pairs are scored, not translated: no n-best list");
    if (o->prefix || o->sampling || o->glossary)
        return tt_fail(e, TT_EUSAGE,
                       "given pairs are scored, not translated: no prefix, sampling or glossary");
    return 0;
}

/* What can be said without the model. */
static int check_options(const tt_translate_options *o, tt_err *e) {
    if (o->threads < 0 || o->threads > THREADS_MAX)
        return tt_fail(e, TT_EUSAGE, "threads is %d: expected 0 to %d", o->threads, THREADS_MAX);
    if (o->beam < 0 || o->beam > TT_BEAM_MAX)
        return tt_fail(e, TT_EUSAGE, "beam size is %d: expected 1 to %d", o->beam, TT_BEAM_MAX);
    if (o->max_length_factor < 0 || o->min_length < 0 || !(o->threshold >= 0) ||
        !(o->coverage >= 0) || !(o->diversity_strength >= 0) || o->no_repeat < 0)
        return tt_fail(e, TT_EUSAGE,
                       "length factor, least length, threshold, n-gram, or a strength is negative");
    if (o->mini_batch < 1 || o->mini_batch_words < 1 || o->maxi_batch < 1)
        return tt_fail(e, TT_EUSAGE, "batches are empty: expected 1 sentence and 1 token or more");
    if (o->json && o->targets)
        return tt_fail(e, TT_EUSAGE, "a line of JSON has its own target: no file of targets");
    if (o->split == TT_SPLIT_PARAGRAPH && (o->json || o->pairs || (o->prefix && !o->prefix_text)))
        return tt_fail(e, TT_EUSAGE,
                       "paragraphs are of plain text: no JSON, pairs or prefixes beside the lines");
    if (o->n_more < 0 || o->n_more >= TT_ENSEMBLE_MAX)
        return tt_fail(e, TT_EUSAGE, "%d models: expected 1 to %d", o->n_more + 1, TT_ENSEMBLE_MAX);
    if (o->next < 0 || (o->next && (o->n_more || o->filter || o->links)))
        return tt_fail(e, TT_EUSAGE,
                       "the next tokens are those of one model, below the lines of a text: no "
                       "ensemble, filter or document");
    TT_TRY(check_sampling(o, e));
    return check_pairs(o, e);
}

/* And with it, all defaults filled in. */
static int check_beam(const tt_translate_options *o, tt_err *e) {
    if (o->n_best > (o->sampling ? TT_BEAM_MAX : o->beam))
        return tt_fail(e, TT_EUSAGE, "n-best is %d: expected 1 to the beam size, %d", o->n_best,
                       o->sampling ? TT_BEAM_MAX : o->beam);
    if (o->diversity_groups < 1 || o->diversity_groups > o->beam)
        return tt_fail(e, TT_EUSAGE, "%d groups: expected 1 to the beam size, %d",
                       o->diversity_groups, o->beam);
    return 0;
}

/* Numbers that a model's file may give for the search, as metadata decode.NAME. */
enum { BEAM, NORMALIZE, WORD_PENALTY, LENGTH_FACTOR, ALLOW_UNK, CAPITALS, PLACEHOLDERS, SETTINGS };

static const struct setting {
    const char *key;
    double low, high;
} settings[SETTINGS] = {
    {"decode.beam-size", 1, TT_BEAM_MAX}, {"decode.normalize", 0, 10},
    {"decode.word-penalty", -1e3, 1e3},   {"decode.max-length-factor", 0.01, 100},
    {"decode.allow-unk", 0, 1},           {"decode.capitals", 0, 1},
    {"decode.placeholders", 0, 1}};

static const char SPLIT[] = "decode.split";

static bool read_setting(double *value, const struct setting *s, const char *text) {
    char *end;
    *value = strtod(text, &end);
    return end > text && !*end && *value >= s->low && *value <= s->high;
}

/* What was the model trained on? -1: neither is said. */
static int read_split(const char *text) {
    return !strcmp(text, "none")       ? TT_SPLIT_NONE
           : !strcmp(text, "sentence") ? TT_SPLIT_SENTENCE
                                       : -1;
}

int tt_decode_check(const char *setting, tt_err *e) {
    const size_t group = strlen("decode."), n = strcspn(setting, "=");
    const char *text = setting + n + (setting[n] == '=');
    double ignored;
    if (n == strlen(SPLIT + group) && !strncmp(setting, SPLIT + group, n)) {
        if (read_split(text) >= 0) return 0;
        return tt_fail(e, TT_EUSAGE, "%.60s: expected split=sentence or split=none", setting);
    }
    for (int i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        if (strlen(s->key + group) != n || strncmp(s->key + group, setting, n)) continue;
        if (read_setting(&ignored, s, text)) return 0;
        return tt_fail(e, TT_EUSAGE, "%.60s: expected %s=N, a number from %g to %g", setting,
                       s->key + group, s->low, s->high);
    }
    return tt_fail(e, TT_EUSAGE, "%.60s: no setting of the search", setting);
}

/* *found (SETTINGS) 0: the file does not say. */
static int read_settings(double *value, int *found, const tt_modelfile *mf, tt_err *e) {
    for (int i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        const char *text = tt_modelfile_get(mf, s->key);
        found[i] = text != NULL;
        if (text && !read_setting(&value[i], s, text))
            return tt_fail(e, TT_EFORMAT, "%s: %s is '%.40s': expected a number from %g to %g",
                           tt_modelfile_name(mf), s->key, text, s->low, s->high);
    }
    return 0;
}

static int split_as_told(tt_translate_options *o, const tt_modelfile *mf, tt_err *e) {
    const char *told = tt_modelfile_get(mf, SPLIT);
    const int how = told ? read_split(told) : TT_SPLIT_SENTENCE;
    if (how < 0)
        return tt_fail(e, TT_EFORMAT, "%s: %s is '%.40s': expected sentence or none",
                       tt_modelfile_name(mf), SPLIT, told);
    if (o->split < 0) o->split = how;
    return 0;
}

/* What no option says, the first model says, or the usual holds. */
static int fill_in(tt_translator *t, const tt_modelfile *mf, tt_err *e) {
    tt_translate_options *o = &t->o;
    double v[SETTINGS];
    int found[SETTINGS];
    TT_TRY(read_settings(v, found, mf, e));
    if (!o->beam) o->beam = found[BEAM] ? (int)v[BEAM] : usual.beam;
    if (o->normalize < 0)
        o->normalize = o->pairs ? 0 : found[NORMALIZE] ? v[NORMALIZE] : usual.normalize;
    if (o->word_penalty <= TT_MODEL_SAYS)
        o->word_penalty = found[WORD_PENALTY] && !o->pairs ? v[WORD_PENALTY] : 0;
    if (!(o->max_length_factor > 0))
        o->max_length_factor = found[LENGTH_FACTOR] ? v[LENGTH_FACTOR] : usual.length_factor;
    if (o->allow_unk < 0) o->allow_unk = found[ALLOW_UNK] && v[ALLOW_UNK] > 0;
    if (o->replace_unk) o->allow_unk = 1;
    TT_TRY(split_as_told(o, mf, e));
    if (o->capitals < 0) o->capitals = !(found[CAPITALS] && v[CAPITALS] > 0);
    if (o->keep && !(found[PLACEHOLDERS] && !(v[PLACEHOLDERS] > 0)))
        t->standins = tt_standins_known(t->source) &&
                      (t->target == t->source || tt_standins_known(t->target));
    if (o->json && !o->pairs) o->prefix = 1;
    if (o->n_best < 0) o->n_best = o->beam;
    return check_beam(o, e);
}

/* ---- models ---------------------------------------------------------------------------------- */

/* What of a model's file takes time is shared out: the vocabularies of either side, the shortlist,
   and the weights. */
struct loading {
    const tt_translator *t;
    const tt_modelfile *mf;
    tt_loading *weights;
    tt_model *model;
    tt_vocab *source, *target;
    int wants_list, wants_words;
    char *list; /* bytes of the file's shortlist */
    size_t list_size;
    tt_speller *words;
    tt_err err[3]; /* of the vocabularies; of the shortlist; of the words */
};

/* One vocabulary that is the same on either side is opened once. */
static void open_vocabs(struct loading *l, tt_err *e) {
    static const char *const apart[] = {"source.spm", "target.spm", "source.vocab", "target.vocab"};
    int joint = !tt_modelfile_get(l->mf, "vocab.source-bos") &&
                !tt_modelfile_get(l->mf, "vocab.source-eos");
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        joint = joint && !tt_modelfile_find(l->mf, apart[i]);
    l->source = tt_vocab_open_model(l->mf, TT_VOCAB_SOURCE, e);
    if (l->source) l->target = joint ? l->source : tt_vocab_open_model(l->mf, TT_VOCAB_TARGET, e);
}

/* An entry of bytes, to be freed by the caller. */
static int read_bytes(char **bytes, size_t *len, const struct loading *l, const char *name,
                      tt_err *e) {
    const tt_file_tensor *x = tt_modelfile_find(l->mf, name);
    if (!x || x->type != TT_TYPE_U8)
        return tt_fail(e, TT_EFORMAT, "%s: holds no %s", tt_modelfile_name(l->mf), name);
    *bytes = malloc(x->raw + 1);
    *len = x->raw;
    if (!*bytes)
        return tt_fail(e, TT_ENOMEM, "out of memory for the %s of %s", name,
                       tt_modelfile_name(l->mf));
    return tt_modelfile_read(l->mf, x, *bytes, e);
}

static void read_words(struct loading *l, tt_err *e) {
    char *bytes = NULL;
    size_t len;
    if (read_bytes(&bytes, &len, l, TT_ENTRY_SPELLING, e)) free(bytes);
    else l->words = tt_speller_open(bytes, len, tt_modelfile_name(l->mf), e);
}

/* The longest first. */
enum { VOCABS, WORDS, LIST, WEIGHTS };

static void load_part(void *ctx, size_t part, int worker) {
    struct loading *l = ctx;
    if (part >= WEIGHTS) tt_loading_do(l->weights, part - WEIGHTS, worker);
    else if (part == VOCABS) open_vocabs(l, &l->err[VOCABS]);
    else if (part == WORDS && l->wants_words) read_words(l, &l->err[WORDS]);
    else if (part == LIST && l->wants_list)
        read_bytes(&l->list, &l->list_size, l, TT_ENTRY_SHORTLIST, &l->err[LIST]);
}

static void close_vocabs(tt_vocab *source, tt_vocab *target) {
    if (target != source) tt_vocab_close(target);
    tt_vocab_close(source);
}

static int check_size(const tt_vocab *v, const tt_modelfile *mf, int size, tt_err *e) {
    if (tt_vocab_size(v) == size) return 0;
    return tt_fail(e, TT_EFORMAT, "%s: its vocabulary has %d pieces, its weights are for %d",
                   tt_modelfile_name(mf), tt_vocab_size(v), size);
}

static int same_pieces(const tt_vocab *v, const tt_vocab *w) {
    int n = tt_vocab_size(v),
        same = n == tt_vocab_size(w) && tt_vocab_frame(v) == tt_vocab_frame(w);
    for (int i = 0; same && i < n; i++) same = !strcmp(tt_vocab_piece(v, i), tt_vocab_piece(w, i));
    return same;
}

/* A further model must have the very vocabulary of the first. */
static int check_vocabs(const struct loading *l, tt_err *e) {
    TT_TRY(check_size(l->source, l->mf, tt_model_inputs(l->model), e));
    TT_TRY(check_size(l->target, l->mf, tt_model_outputs(l->model), e));
    if (!l->t->count ||
        (same_pieces(l->t->source, l->source) && same_pieces(l->t->target, l->target)))
        return 0;
    return tt_fail(e, TT_ECONFIG, "%s: its vocabulary is not that of the first model",
                   tt_modelfile_name(l->mf));
}

/* The first model's own list: asked for, or there and not declined. */
static int wants_list(const tt_translator *t, const tt_modelfile *mf) {
    if (t->count || t->o.no_shortlist || t->o.pairs) return 0;
    return t->o.shortlist ? !*t->o.shortlist : tt_modelfile_find(mf, TT_ENTRY_SHORTLIST) != NULL;
}

/* The first model's list of words, if it has one, and text is read as people write it. */
static int wants_words(const tt_translator *t, const tt_modelfile *mf) {
    return !t->count && t->o.spelling && t->o.keep && !t->o.pairs &&
           tt_modelfile_find(mf, TT_ENTRY_SPELLING) != NULL;
}

static int load_parts(tt_translator *t, const tt_modelfile *mf, tt_err *e) {
    struct loading l = {
        .t = t, .mf = mf, .wants_list = wants_list(t, mf), .wants_words = wants_words(t, mf)};
    TT_TRY(tt_loading_open(&l.weights, mf, &t->k, t->o.compute, t->o.threads, e));
    tt_pool_run(t->pool, WEIGHTS + tt_loading_parts(l.weights), load_part, &l);
    int rc = tt_loading_close(&l.model, l.weights, e);
    for (int i = 0; i < WEIGHTS && !rc; i++) {
        rc = l.err[i].code;
        if (rc && e) *e = l.err[i];
    }
    if (!rc) rc = check_vocabs(&l, e);
    if (!rc && tt_model_represents(l.model) && !t->grams) {
        t->grams = tt_grams_open(t->count ? t->source : l.source, e);
        if (!t->grams) rc = e->code;
    }
    if (!rc) {
        tt_model_spell(l.model, t->grams);
        t->models[t->count++] = l.model;
    } else {
        tt_model_close(l.model);
    }
    if (!rc && t->count == 1) {
        t->source = l.source;
        t->target = l.target;
    } else {
        close_vocabs(l.source, l.target);
    }
    if (!rc && l.words) t->spelling = l.words;
    else tt_speller_close(l.words);
    if (!rc && l.wants_list) {
        t->shortlist = tt_shortlist_open_bytes(l.list, l.list_size, tt_modelfile_name(mf),
                                               t->source, t->target, 0, 0, e);
        if (!t->shortlist) rc = e->code;
    }
    free(l.list);
    return rc;
}

static void set_reach(tt_translator *t, const tt_modelfile *mf) {
    const char *trained = tt_modelfile_get(mf, "train.max-length");
    int first = t->count == 1, most = tt_model_longest(t->models[t->count - 1]);
    long reach = most, seen = trained ? strtol(trained, NULL, 10) : 0;
    /* untried positions translate badly */
    if (seen >= SHORTEST_REACH && seen < reach) reach = seen;
    if (t->o.max_length > 0 && t->o.max_length < reach) reach = t->o.max_length;
    if (reach < SHORTEST_REACH) reach = SHORTEST_REACH;
    if (first || reach < t->limit) t->limit = (int)reach;
    if (first || most < t->reach) t->reach = most;
}

/* A second text, which may be a draft of the translation, would be found suspect: no checks. */
static int set_texts(tt_translator *t, const char *path, tt_err *e) {
    const int texts = tt_model_texts(t->models[t->count - 1]);
    if (t->count > 1 && texts != t->texts)
        return tt_fail(e, TT_ECONFIG, "%s: reads %d text%s a line, the first model %d", path, texts,
                       texts == 1 ? "" : "s", t->texts);
    t->texts = texts;
    if (texts == 2) t->o.checks = 0;
    const int context = tt_model_context(t->models[t->count - 1]);
    if (context > t->context) t->context = context;
    return 0;
}

static int load(tt_translator *t, const char *path, tt_err *e) {
    tt_modelfile *mf = tt_modelfile_open(path, e);
    if (!mf) return e->code;
    int rc = load_parts(t, mf, e);
    if (!rc && t->count == 1) rc = fill_in(t, mf, e);
    if (!rc) set_reach(t, mf);
    if (!rc) rc = set_texts(t, path, e);
    tt_modelfile_close(mf);
    return rc;
}

static int load_all(tt_translator *t, const char *first, tt_err *e) {
    TT_TRY(load(t, first, e));
    for (int i = 0; i < t->o.n_more; i++) TT_TRY(load(t, t->o.more_models[i], e));
    for (int i = 0; t->o.weights && i < t->count; i++) t->weights[i] = t->o.weights[i];
    if (t->o.shortlist && *t->o.shortlist) { /* else it was inside the first model's file */
        t->shortlist = tt_shortlist_open(t->o.shortlist, t->source, t->target, 0, 0, e);
        if (!t->shortlist) return e->code;
    }
    const tt_translate_options *o = &t->o;
    if ((o->alignment != TT_ALIGN_NONE || o->coverage > 0 || o->replace_unk) &&
        !tt_model_maps_of(t->models[0], TT_SITE_CROSS))
        return tt_fail(e, TT_ECONFIG,
                       "the model's decoder does not attend to the sentence, so it has no "
                       "alignment; leave the option out");
    t->wellformed = tt_wellformed_open(t->target, e);
    if (!t->wellformed) return TT_ENOMEM;
    if (!t->o.glossary && (!t->o.json || t->o.pairs)) return 0;
    /* lines of JSON have their own */
    t->glossary = tt_glossary_open(t->o.glossary, t->target, t->o.from, t->o.to, e);
    return t->glossary ? 0 : e->code;
}

/* Which faults of a translation have it searched again. */
static unsigned suspected(const tt_translate_options *o) {
    if (o->pairs || o->sampling || o->n_best > 1) return 0;
    return o->checks ? (1u << TT_FAULT_COUNT) - 1 : o->retry_loops ? 1u << TT_FAULT_REPEATS : 0;
}

static void settle(tt_translator *t) {
    const tt_translate_options *o = &t->o;
    tt_vocab_info info;
    tt_vocab_describe(t->target, &info);
    tt_search_opts *s = &t->search;
    tt_search_init(s, info.eos);
    s->n_best = o->n_best ? o->n_best : 1;
    s->beam = o->sampling ? s->n_best : o->beam;
    s->normalize = o->normalize;
    s->word_penalty = o->word_penalty;
    s->max_length_factor = o->max_length_factor;
    s->min_length = o->min_length;
    s->wellformed = t->wellformed;
    s->want_scores = o->glossary || o->scores || o->word_scores || o->n_best || o->json;
    s->want_alignment = o->alignment != TT_ALIGN_NONE || o->coverage > 0 || o->replace_unk ||
                        o->glossary || o->links;
    s->coverage = o->coverage;
    s->no_repeat = o->no_repeat;
    s->groups = o->diversity_groups;
    s->diversity = o->diversity_strength;
    s->sampling = o->sampling;
    s->temperature = o->temperature;
    s->top_k = o->top_k;
    s->top_p = o->top_p;
    const int never[3] = {o->allow_unk ? -1 : info.unk, info.bos, info.pad};
    for (int i = 0; i < 3; i++)
        if (never[i] >= 0 && never[i] != info.eos) t->barred[s->barred_count++] = never[i];
    s->barred = t->barred;
    t->how = (tt_job_how){.models = {t->models, o->weights ? t->weights : NULL, t->count},
                          .search = s,
                          .pairs = o->pairs,
                          .faults = suspected(o),
                          .repeats_alone = !o->checks,
                          .source = t->source,
                          .target = t->target,
                          .replace_unk = o->replace_unk,
                          .shortlist = t->shortlist};
    t->layout =
        (tt_layout){.source = t->source,
                    .target = t->target,
                    .search = s,
                    .n_best = o->n_best,
                    .pairs = o->pairs,
                    .json = o->json,
                    .scores = o->scores,
                    .word_scores = o->word_scores,
                    .next = o->next < tt_vocab_size(t->target) ? o->next : tt_vocab_size(t->target),
                    .alignment = o->alignment,
                    .pieces = o->alignment_pieces,
                    .replace_unk = o->replace_unk,
                    .threshold = o->threshold};
}

/* The cost of a source token: one for each hypothesis, but at most the cost of 16 KiB of keys and
   values. */
static void share_out(tt_translator *t) {
    const tt_translate_options *o = &t->o;
    t->width = o->pairs ? 1 : !o->sampling ? o->beam : o->n_best ? o->n_best : 1;
    t->share = o->mini_batch_words > t->width ? (size_t)(o->mini_batch_words / t->width) : 1;
    t->room = (size_t)o->mini_batch_words << ROOM_OF_TOKEN;
    if (t->room < ROOM) t->room = ROOM;
}

size_t tt_translator_room(const tt_translator *t, size_t tokens) {
    size_t sum = 0;
    for (int i = 0; i < t->count && !t->o.pairs; i++)
        sum += tt_model_bytes(t->models[i], (int)tokens, t->width);
    return sum;
}

/* Refuses batches that would not fit into memory when full: what is counted are keys and values, of
   which few rows may have twice as many. */
static int check_room(const tt_translator *t, tt_err *e) {
    const double have = (double)tt_cpu_memory(), threads = t->o.threads, mib = 1 << 20;
    const double longest = (double)tt_translator_room(t, (size_t)t->limit);
    const double full =
        fmax(longest, fmin(2 * (double)t->room,
                           longest * fmin(t->o.mini_batch, (double)t->share / t->limit)));
    if (have <= 0 || full * threads <= have) return 0;
    return tt_fail(e, TT_EUSAGE,
                   "batches of %d words for %d thread%s and a beam of %d need %.0f MiB, and the "
                   "memory here is %.0f "
                   "MiB: expected a smaller mini-batch or fewer threads",
                   t->o.mini_batch_words, t->o.threads, t->o.threads == 1 ? "" : "s", t->width,
                   full * threads / mib, have / mib);
}

static int start(tt_translator *t, tt_err *e) {
    t->workers = calloc((size_t)t->o.threads, sizeof *t->workers);
    if (!t->workers) return tt_fail(e, TT_ENOMEM, "out of memory for %d threads", t->o.threads);
    for (int i = 0; i < t->o.threads; i++) {
        TT_TRY(tt_run_open(&t->workers[i].run, &t->k, 0, e));
        t->workers[i].arena = tt_arena_open(0, e);
        if (!t->workers[i].arena) return TT_ENOMEM;
    }
    t->arena = tt_arena_open(0, e);
    for (int i = 0; t->arena && t->o.threads > 1 && i < t->o.threads; i++) {
        t->workers[i].team =
            tt_team_open(t->o.threads - 1 < HELPERS_MAX ? t->o.threads - 1 : HELPERS_MAX, e);
        if (!t->workers[i].team) return TT_ENOMEM;
    }
    return t->arena ? 0 : TT_ENOMEM;
}

tt_translator *tt_translator_open(const char *model, const tt_translate_options *o, tt_err *e) {
    double begun = tt_clock();
    if (check_options(o, e)) return NULL;
    tt_translator *t = calloc(1, sizeof *t);
    if (!t) {
        tt_fail(e, TT_ENOMEM, "out of memory for a translator");
        return NULL;
    }
    t->o = *o;
    if (!o->threads) t->o.threads = tt_cpu_count();
    int rc = tt_kernels_init(&t->k, o->isa, e);
    if (!rc) rc = (t->pool = tt_pool_open(t->o.threads, e)) ? 0 : TT_ENOMEM;
    if (!rc && o->n_patterns)
        rc = (t->patterns = tt_keep_open(o->patterns, o->n_patterns, e)) ? 0
             : e                                                         ? e->code
                                                                         : TT_EUSAGE;
    if (!rc) rc = load_all(t, model, e);
    if (!rc) share_out(t);
    if (!rc) rc = check_room(t, e);
    if (!rc) rc = start(t, e);
    if (rc) {
        tt_translator_close(t);
        return NULL;
    }
    settle(t);
    /* Drawn translations differ; what is asked of a sentence beside its text is not recalled, nor
       what depends on those before. */
    const int recalls = o->cache > 0 && !o->pairs && !o->sampling && !t->context;
    if ((t->context && !(t->history = tt_history_open(t->context, e))) ||
        (recalls && !(t->recall = tt_recall_open((size_t)o->cache << 20, e)))) {
        tt_translator_close(t);
        return NULL;
    }
    t->load_seconds = tt_clock() - begun;
    return t;
}

void tt_translator_close(tt_translator *t) {
    if (!t) return;
    tt_pool_close(t->pool);
    for (int i = 0; t->workers && i < t->o.threads; i++) {
        tt_run_close(&t->workers[i].run);
        tt_arena_close(t->workers[i].arena);
        tt_team_close(t->workers[i].team);
    }
    free(t->workers);
    tt_arena_close(t->arena);
    for (int i = 0; i < t->count; i++) tt_model_close(t->models[i]);
    tt_grams_close(t->grams);
    tt_glossary_close(t->glossary);
    tt_shortlist_close(t->shortlist);
    tt_keep_close(t->patterns);
    tt_speller_close(t->spelling);
    tt_recall_close(t->recall);
    tt_history_close(t->history);
    tt_wellformed_close(t->wellformed);
    close_vocabs(t->source, t->target);
    free(t);
}

tt_translator_parts tt_translator_view(tt_translator *t) {
    return (tt_translator_parts){t->models[0], t->source, t->target, &t->workers[0].run, &t->search,
                                 t->limit,     t->texts,  t->told,   t->history};
}

void tt_translator_begin(tt_translator *t) {
    if (t->history) tt_history_end(t->history);
}

tt_translator_plan tt_translator_ask(const tt_translator *t) {
    return (tt_translator_plan){(size_t)t->o.mini_batch * (size_t)t->o.maxi_batch,
                                t->o.pairs,
                                t->o.prefix && !t->o.prefix_text,
                                t->o.json,
                                t->o.split == TT_SPLIT_PARAGRAPH,
                                t->o.filter,
                                t->texts,
                                t->o.links,
                                t->o.targets,
                                t->load_seconds,
                                &t->o};
}
