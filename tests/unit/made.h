/* made.h: a model with random weights of settings that are given as name and value by turns, NULL
 * behind the last. Needs test.h before it.
 */
#ifndef TT_TEST_MADE_H
#define TT_TEST_MADE_H

#include <stdlib.h>

#include "nn/model.h"

/* Settings as an argument. */
#define SETTINGS(...)                                                                              \
    (const char *const[]) { __VA_ARGS__, NULL }

/* *params is the caller's, who closes the model, too. more: further settings, or NULL. NULL: the
   settings were refused, which is counted. */
static inline tt_model *made_model(float **params, int vocab, const char *const *settings,
                                   const char *const *more) {
    const char *const *const all[] = {settings, more};
    tt_err e = {0};
    tt_hyper h;
    tt_model *m = NULL;
    tt_hyper_init(&h);
    for (int k = 0; k < 2; k++)
        for (int i = 0; all[k] && all[k][i]; i += 2)
            CHECK(!tt_hyper_set(&h, all[k][i], all[k][i + 1], &e), "%s", e.msg);
    CHECK(!tt_hyper_finish(&h, vocab, &e), "%s", e.msg);
    *params = calloc(tt_model_size(&h), sizeof **params);
    CHECK(*params && !tt_model_open(&m, &h, *params, NULL, &e), "%s", e.msg);
    if (m) tt_model_init(m, 5);
    return m;
}

#endif
