/* translator.h: what an open translator holds, for translator.c, which opens and closes it, and
 * window.c, which works with it.
 */
#ifndef TT_TRANSLATE_TRANSLATOR_H
#define TT_TRANSLATE_TRANSLATOR_H

#include "base/pool.h"
#include "translate/glossary.h"
#include "translate/history.h"
#include "translate/recall.h"
#include "lexical/shortlist.h"
#include "translate/job.h"
#include "translate/layout.h"
#include "translate/window.h"
#include "text/wellformed.h"
#include "tensor/team.h"
#include "text/keep.h"
#include "text/speller.h"

struct line {
    tt_span lead;       /* copied before the first part */
    tt_sentence *parts; /* (count) */
    tt_hyps *hyps;      /* (count) */
    unsigned *faults;   /* (count) */
    size_t count;
    struct tt_inset *inset; /* the document that the line is; or NULL */
    tt_sentence target;     /* of a pair; or the beginning that was asked for */
    const tt_terms **terms; /* (count); NULL without a glossary */
    tt_earlier *before; /* (count, context) sentences before each part, n_before[p] of them; NULL:
                               the model reads none */
    int *n_before;
};

struct batch {
    size_t first, count; /* of the sorted jobs */
};

struct worker {
    tt_run run;
    tt_team *team;   /* who has no batch left helps with this one's; NULL with one thread */
    tt_arena *arena; /* what it makes for a window */
    tt_translate_stats stats;
    tt_err err;  /* the first failure in this window */
    size_t item; /* what it worked at then */
};

struct tt_translator {
    tt_translate_options o; /* every default filled in */
    tt_kernels k;
    tt_model *models[TT_ENSEMBLE_MAX];
    double weights[TT_ENSEMBLE_MAX];
    int count;
    tt_vocab *source, *target; /* vocabularies of either side */
    tt_grams *grams;           /* of the source's pieces, for models that look into them; or NULL */
    tt_glossary *glossary;     /* or NULL */
    tt_shortlist *shortlist;   /* or NULL */
    tt_keep *patterns;         /* or NULL */
    tt_speller *spelling;      /* or NULL */
    tt_recall *recall;         /* or NULL: each sentence is searched */
    tt_wellformed *wellformed; /* of the target vocabulary */
    int texts;                 /* of a source, 1 or 2 */
    int context;               /* sentences that models read with each, at most */
    tt_history *history;       /* of these; NULL: none */
    int standins;              /* 1: reserved pieces stand for what is held */
    tt_pool *pool;
    struct worker *workers;
    tt_search_opts search;
    tt_job_how how;
    tt_layout layout;
    int32_t barred[3];
    tt_tell told; /* what attention maps are of */
    int limit;    /* source tokens of a part, eos counted */
    int reach;    /* tokens that every model can take */
    int width;    /* hypotheses of a sentence at a time */
    size_t share; /* source tokens of a batch, where sentences are not too long for it; */
    size_t room;  /* and bytes of its keys and values */
    double load_seconds;
    /* the window at work */
    tt_arena *arena;
    tt_item *items;
    struct line *lines;
    tt_job *jobs; /* of all parts, first those to be searched, then those that equal one of them; or
                     those searched again */
    size_t jobs_count, searched;
    struct batch *batches;
    _Atomic size_t unfinished; /* batches */
    int turn;                  /* of searching again; -1: the first search */
};

/* Bytes of keys and values that a sentence of so many tokens usually takes; those of pairs are not
   kept. */
size_t tt_translator_room(const tt_translator *t, size_t tokens);

#endif
