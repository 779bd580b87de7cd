/* variants.c: see variants.h. The presets' sizes: tiny for tests and toys; small as the usual
 * low-resource setting; base and big as in Vaswani et al. 2017; student as the tiny students of Kim
 * et al. 2019.
 */
#include "nn/variants.h"

static const tt_row projections[] = {
    {"yes", "queries, keys and values are products of the states, and so is the result",
     "Vaswani et al. 2017", NULL},
    {"no", "queries, keys and values are the states themselves", "Bloem 2019", NULL}};

static const tt_row *projection_at(int i) {
    return i >= 0 && (size_t)i < sizeof projections / sizeof *projections ? &projections[i] : NULL;
}

const tt_family tt_family_projections = {
    "projections", "whether matrices stand before and behind attention", projection_at};

static const tt_preset presets[] = {
    {{"tiny", "for tests and toys", NULL, NULL}, 128, 4, 512, 2, 2, TT_AUTOREG_ATTENTION},
    {{"small", "for some million pairs", NULL, NULL}, 256, 4, 1024, 3, 3, TT_AUTOREG_ATTENTION},
    {{"base", "the paper's usual size", "Vaswani et al. 2017", NULL},
     512,
     8,
     2048,
     6,
     6,
     TT_AUTOREG_ATTENTION},
    {{"big", "the paper's large size", "Vaswani et al. 2017", NULL},
     1024,
     16,
     4096,
     6,
     6,
     TT_AUTOREG_ATTENTION},
    {{"student", "a deep encoder under a shallow recurrent decoder, small and fast",
      "Kim et al. 2019", NULL},
     256,
     8,
     1536,
     6,
     2,
     TT_AUTOREG_SSRU},
};
TT_FAMILY_ROWS(presets)
const tt_family tt_family_preset = {"preset", "sizes that fill in what is not given", row_at};

static const tt_row seconds[] = {
    {"none", "there is one text", NULL, NULL},
    {"concatenate", "both texts, each by itself in the encoder, are attended to as one", NULL,
     NULL},
    {"co-attention", "and each weighs its tokens by the other's: C = tanh(X Wb Yᵀ)",
     "Lu et al. 2016", NULL}};

static const tt_row *second_at(int i) {
    return i >= 0 && (size_t)i < sizeof seconds / sizeof *seconds ? &seconds[i] : NULL;
}

const tt_family tt_family_second = {"second-source", "what becomes of a second text of a source",
                                    second_at};
