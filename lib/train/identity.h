/* identity.h: the options that a run must keep to be continued: every row of train/options.def of
 * class SAME, and every row of nn/hyper.def.
 *
 *     tt_identity id = {.o = o, .h = &hyper, .text = tt_corpus_hash(corpus), .corpus = corpus};
 *     TT_TRY(tt_identity_write(&id, writer, e));       // into a checkpoint
 *     // TT_ECONFIG names the first option that differs
 *     TT_TRY(tt_identity_check(&id, checkpoint, e));
 */
#ifndef TT_TRAIN_IDENTITY_H
#define TT_TRAIN_IDENTITY_H

#include "nn/hyper.h"
#include "text/beside.h"

/* A file that an option of class CONTENT names. */
typedef struct tt_content {
    const char *option; /* its first long name without dashes; borrowed */
    uint64_t hash;      /* of what is in the file; 0: the option is not given */
} tt_content;

typedef struct tt_identity {
    const tt_train_options *o; /* borrowed */
    const tt_hyper *h;         /* borrowed; finished */
    uint64_t text;             /* hash of the training text */
    const tt_corpus *corpus;   /* borrowed: what is told of the text when it is another one; NULL:
                                  nothing */
    const tt_beside
        *beside;        /* borrowed: links and weights that the file of stages names, or NULL */
    const char *stages; /* borrowed: content of the file of stages, or NULL */
    const tt_content *contents; /* (n_contents), borrowed */
    int n_contents;
} tt_identity;

/* Metadata run.identity, run.option.NAME for each option of class SAME, defaults too, and
   run.content.NAME for each of class CONTENT that is given: hash and name of its file. The
   model's settings are not written: they stand in the file as model.NAME. */
int tt_identity_write(const tt_identity *id, tt_modelwriter *w, tt_err *e);

/* Compares the run of a checkpoint with this one. An option that the checkpoint does not have had
   its default. A checkpoint without any (of version 0.1.0) is compared by the seven values of
   run.identity, and by its model's settings. TT_ECONFIG, naming option and both values; TT_EFORMAT
   for what is no checkpoint. */
int tt_identity_check(const tt_identity *id, const tt_modelfile *mf, tt_err *e);

#endif
