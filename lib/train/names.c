/* names.c: see names.h. */
#include "train/names.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PATTERN_MOST = 100 };

/* The pattern at *at, whose end *at is then; 0: there is none. */
static bool next_pattern(const char **at, char pattern[PATTERN_MOST]) {
    const char *p = *at ? *at + strspn(*at, ", ") : "";
    const size_t n = strcspn(p, ", ");
    snprintf(pattern, PATTERN_MOST, "%.*s", n < PATTERN_MOST ? (int)n : PATTERN_MOST - 1, p);
    *at = p + n;
    return n > 0;
}

bool tt_names_have(const char *patterns, const char *name) {
    char pattern[PATTERN_MOST];
    for (const char *at = patterns; at && next_pattern(&at, pattern);)
        if (!fnmatch(pattern, name, 0)) return true;
    return false;
}

struct search {
    const char *pattern;
    bool found;
};

static void visit(void *ctx, const tt_param *p, tt_tensor *t, size_t offset) {
    struct search *s = ctx;
    (void)t, (void)offset;
    if (!fnmatch(s->pattern, p->name, 0)) s->found = true;
}

int tt_names_check(const char *patterns, tt_model *m, const char *option, tt_err *e) {
    char pattern[PATTERN_MOST];
    for (const char *at = patterns; at && next_pattern(&at, pattern);) {
        struct search s = {pattern, false};
        tt_model_walk(m, visit, &s);
        if (!s.found)
            return tt_fail(e, TT_ECONFIG,
                           "%s: no tensor of the model is called '%s'; ttrans info --tensors tells "
                           "the names",
                           option, pattern);
    }
    return 0;
}
