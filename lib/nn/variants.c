/* variants.c: see variants.h. The presets' sizes: tiny for tests and toys; small as the usual
 * low-resource setting; base and big as in Vaswani et al. 2017; student as the tiny students of Kim
 * et al. 2019.
 */
#include "nn/variants.h"

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
