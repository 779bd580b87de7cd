/* learning.h: what a training run does beyond fitting pairs of text: what regularises it, what
 * teaches it, what it takes over and what it leaves as it is. A part of tt_train_options; zeros do
 * nothing. Patterns are names of tensors with * and ?, commas between: "emb,enc.*" (ttrans info
 * --tensors).
 */
#ifndef TTRANS_LEARNING_H
#define TTRANS_LEARNING_H

/* Of --guided-alignment-cost and --data-weighting-type, in their order. */
enum { TT_GUIDE_CE, TT_GUIDE_MSE };
enum { TT_WEIGHTING_SENTENCE, TT_WEIGHTING_WORD };

typedef struct tt_learning {
    const char *subwords[2]; /* rows of their family: how sources and targets are cut into pieces */
    const char *guided;      /* files of word links, one a text with commas between, which the
                             alignment's head learns, too; or NULL */
    double guided_weight;    /* of these against the text */
    int guided_cost;         /* TT_GUIDE_… */
    const char *weighting;   /* files of weights, likewise; or NULL */
    int weighting_type;      /* TT_WEIGHTING_… */
    int on_disk;             /* 1: the text is shuffled in files, in place of memory */
    long shuffle_memory;     /* bytes for that, about */
    const char *temp_dir;    /* where these files are; NULL: beside the model */
    double dropout_src, dropout_tgt; /* chance that the embedding of a token is left out */
    double layer_drop;               /* chance that a layer is left out (Fan et al. 2020) */
    double doubly_stochastic; /* what a text costs that cross-attention looks at unevenly (Xu et al.
 2015) */
    double
        span_loss; /* what a key of a learned span costs, of each query (Sukhbaatar et al. 2019) */
    int kernel_redraw; /* updates after which random features are drawn anew; 0: never */
    double r_drop;     /* weight of the difference between two passes with other dropout (Wu et al.
                      2021) */
    const char *teacher;    /* a model whose distributions are learned, too; or NULL */
    double teacher_weight;  /* of these against the text, 0 … 1 */
    const char *freeze;     /* patterns of tensors that are not learned; or NULL */
    const char *from_names; /* patterns of what is taken from `from`; NULL: all */
    int from_partial;       /* 1: what `from` lacks or has otherwise begins afresh; 0: an error */
    int recompute; /* 1: layers are computed again on the way back, in place of kept: the same
                         weights, less memory */
    const char *precision; /* a row of its family: numbers in the products of passes; NULL: f32 */
    int int8_aware; /* 1: passes see the weights rounded as in an int8 file (train/rounded.h) */
    int valid_beam; /* hypotheses in validation; 0, 1: greedy */
    const char *valid_output; /* where the translations of the development set go; or NULL */
} tt_learning;

#endif
