/* named.h: a parameter of a model by its name. Needs test.h before it. */
#ifndef TT_TEST_NAMED_H
#define TT_TEST_NAMED_H

#include <string.h>

#include "nn/model.h"

struct named {
    const char *name;
    tt_tensor *found;
};

static inline void visit_named(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct named *n = ctx;
    (void)offset;
    if (!strcmp(p->name, n->name)) n->found = t;
}

static inline tt_tensor *named_param(tt_model *m, const char *name) {
    struct named n = {name, NULL};
    tt_model_walk(m, visit_named, &n);
    CHECK(n.found != NULL, "no parameter %s", name);
    return n.found;
}

#endif
