/* stages.h: the file of `ttrans train --stages`: which texts there are, and in which mixtures a run
 * goes through them.
 *
 *     datasets:
 *       clean: clean.tsv.gz            # source TAB target
 *       crawl: crawl.en.xz crawl.es.xz # two files in step
 *     guided-alignment:
 *       clean: clean.links             # beside.h
 *     data-weighting:
 *       crawl: crawl.weights
 *     stages:
 *       - start
 *       - end
 *     start:
 *       - clean 0.8
 *       - crawl 0.2
 *       - until clean 2
 *     end:
 *       - clean 1
 *       - lr 0.5
 *       - restart
 *       - until 20ku
 *     modifiers:
 *       - upper:share=0.05
 *
 * It is the layout that OpusTrainer's files have, whose keywords mean here what they mean there.
 * Paths are beside the file. tests/unit/t_stages.c has an example of each error.
 */
#ifndef TT_TRAIN_STAGES_H
#define TT_TRAIN_STAGES_H

#include "base/arena.h"
#include "text/beside.h"

enum { TT_STAGE_TEXTS = 32, TT_STAGES = 64, TT_STAGE_RULES = 8 };

/* When a stage ends: at the first of its rules that is met. Units: 'u' updates, 't' target tokens,
   'e' epochs, 's' seconds of training, 'v' validations without a better one, each since the stage
   began; 'p' times that `text` was gone through. */
typedef struct tt_until {
    double n;
    char unit;
    int text;
} tt_until;

typedef struct tt_stage {
    const char *name;
    double share[TT_STAGE_TEXTS]; /* of the texts in its mixture */
    tt_until until[TT_STAGE_RULES];
    int rules;             /* 0: goes on until the run ends */
    double rate;           /* by which the learning rate is multiplied */
    int restart;           /* the schedule begins anew */
    const char *modifiers; /* rows, as of --modify; NULL: those of the file */
} tt_stage;

typedef struct tt_stages {
    tt_parallel source[TT_STAGE_TEXTS]; /* weight 1 each */
    const char *text_name[TT_STAGE_TEXTS];
    const char *beside[TT_BESIDE][TT_STAGE_TEXTS]; /* files of links and of weights; NULL: none */
    int texts;
    tt_stage stage[TT_STAGES];
    int stages;
    const char *modifiers; /* "": none */
    const char
        *content; /* its lines without notes and blanks at the end: what makes it the same file */
    tt_arena *arena; /* of all strings */
} tt_stages;

/* NULL: TT_ENOINPUT; TT_ECONFIG, with file and line, for what cannot be understood or cannot be. */
tt_stages *tt_stages_open(const char *path, tt_err *e);
void tt_stages_close(tt_stages *s);

/* Has a text links, or weights? */
bool tt_stages_have(const tt_stages *s, int which);

#endif
