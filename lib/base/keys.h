/* keys.h: names in a model file that more than one room knows. The whole list of names, with what
 * each means, is in ttrans-model(5). */
#ifndef TT_BASE_KEYS_H
#define TT_BASE_KEYS_H

#define TT_ENTRY_OUT_BIAS "out.b" /* the output layer's bias, in which -infinity closes a token */
#define TT_ENTRY_SHORTLIST "shortlist" /* bytes of a shortlist */
#define TT_ENTRY_SPELLING "spelling"   /* words of the source, as tt_speller_bytes takes them */

/* How names of a training run begin, which a model leaves out. */
#define TT_KEY_RUN "run."
#define TT_ENTRY_OPTIM "optim/"

#endif
