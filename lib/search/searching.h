/* searching.h: the state of a search, which beam.c keeps and choose.c reads. Both files only.
 *
 * All memory lies in the run's arena; what is read of the caller is borrowed until the search ends.
 */
#ifndef TT_SEARCH_SEARCHING_H
#define TT_SEARCH_SEARCHING_H

#include <stdbool.h>

#include "search/ensemble.h"
#include "search/steer.h"
#include "search/subvocab.h"

struct node {
    int32_t token, parent; /* parent: a node, -1 at the start */
    int32_t depth;         /* tokens up to here */
    float logp;
};

struct finished {
    double score, path, penalty;
    int32_t node;
    int met; /* terms; more of them come before a better score */
};

struct beam {
    int sentence, group;   /* whose; which of its groups or samples */
    int first, rows;       /* its rows in the current step */
    int width;             /* its share less what has finished */
    int limit;             /* tokens at most, eos counted */
    int source;            /* S */
    int done;              /* finished hypotheses kept */
    struct finished *best; /* (n_best), best first */
};

/* One row a hypothesis; two sets take turns. */
struct rows {
    int32_t *prev, *parent, *sentence, *node;
    double *path;
    uint8_t *state; /* of its last character (wellformed.h) */
};

/* What steering needs. */
struct steering {
    tt_steer_row row[TT_BEAM_MAX];
    int32_t *tokens[TT_BEAM_MAX]; /* (most tokens) of each row */
    uint16_t *terms[TT_BEAM_MAX]; /* and the terms looked at */
    int32_t taken[TT_BEAM_MAX];   /* by the groups of `sentence` before, at `step` */
    int taken_count, sentence, step;
    float *work;    /* (V) */
    int32_t *order; /* (V) */
};

struct search {
    tt_run *run;
    const tt_search_in *in;
    const tt_search_opts *o;
    tt_ensemble models;
    int vocab;
    struct beam *s;  /* (B × groups) */
    int groups;      /* of each sentence; its samples */
    int32_t *active; /* beams still searched */
    int active_count;
    struct steering *steering; /* NULL: nothing to steer for */
    tt_subvocab *subvocab;     /* NULL: all tokens may be chosen */
    tt_greatest *picked;       /* a step's rows' best, when nothing else is asked; or NULL */
    float *logits;             /* else those of rows `from` …: (looked, V or subvocab's count) */
    int from, looked;
    float *peaks; /* of the blocks of a row */
    struct rows now, next;
    struct node *nodes;
    int32_t node_count;
    uint16_t *node_term; /* the term looked at when a node was chosen (terms.h); NULL: no terms */
    float *alignment;    /* of node i at align_at[i], (S), where its sentence is aligned */
    size_t *align_at, align_used;
    float *heads; /* a step's weights: row r's (H, S) at r * map; afterwards its alignment (S) */
    size_t map;
    float **row_maps; /* of each row of a step: its weights, or NULL; NULL: no row's are wanted */
};

/* Whether nothing is asked of a step but each row's best token: a beam of one, without scores. */
bool tt_search_picks(const struct search *x);

/* Logits with one maximum, which `peaks` of a search holds. */
enum { TT_SEARCH_BLOCK = 256 };

/* The best continuations of a beam's rows, best first; at most its width. */
int tt_search_choose(struct search *x, const struct beam *s, int step, tt_continuation *list);

#endif
