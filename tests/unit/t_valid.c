/* t_valid.c: the names of what makes a model the best; each row points at a figure of its own. */
#include <string.h>

#include "train/valid.h"
#include "unit/test.h"

static void refused(const char *names, const char *part) {
    const tt_validation *which[TT_VALIDATIONS];
    tt_err e = {0};
    int n;
    CHECK(tt_validations_read(which, &n, names, &e) == TT_EUSAGE && strstr(e.msg, part), "%s: %s",
          names, e.msg);
}

int main(void) {
    const tt_validation *which[TT_VALIDATIONS];
    const tt_scores s = {.loss = 1, .perplexity = 2, .bleu = 3, .chrf = 4, .ter = 5};
    tt_err e = {0};
    int n;
    CHECK(!tt_validations_read(which, &n, "chrf", &e) && n == 1 &&
              tt_validation_figure(which[0], &s) == 4 && !which[0]->less,
          "%s", e.msg);
    CHECK(!tt_validations_read(which, &n, "ter, loss bleu,perplexity,chrf", &e) && n == 5, "%s",
          e.msg);
    static const double figures[] = {5, 1, 3, 2, 4};
    static const bool less[] = {true, true, false, true, false};
    for (int i = 0; i < n; i++)
        CHECK(tt_validation_figure(which[i], &s) == figures[i] && which[i]->less == less[i], "%s",
              which[i]->row.name);
    refused("", "is not one of bleu, chrf, ter, loss, perplexity");
    refused(" , ", "is not one of");
    refused("bleu,blue", "'blue' is not one of");
    refused("bleu,loss,bleu", "bleu is named twice");
    return test_done("t_valid");
}
