/* names.h: tensors by patterns of their names: "emb,enc.*", with *, ? and [a-z] as in a shell,
 * commas between.
 */
#ifndef TT_TRAIN_NAMES_H
#define TT_TRAIN_NAMES_H

#include "nn/model.h"

/* Whether a pattern has the name. patterns NULL: none has. */
bool tt_names_have(const char *patterns, const char *name);

/* TT_ECONFIG, naming the pattern and `option`, where one has no tensor of the model. */
int tt_names_check(const char *patterns, tt_model *m, const char *option, tt_err *e);

#endif
