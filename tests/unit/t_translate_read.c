/* t_translate_read.c: the words of --sampling, as Marian has them. */
#include "../../cmd/translate_read.c"
#include "../../cmd/term.c"
#include "unit/test.h"

/* Reads up to three words into a fresh set of options. */
static int reads(tt_translate_options *t, tt_err *e, const char *a, const char *b, const char *c) {
    const char *words[] = {a, b, c};
    tt_list list = {words, (a != NULL) + (b != NULL) + (c != NULL)};
    tt_translate_init(t);
    *e = (tt_err){0};
    return tt_cmd_read_sampling(t, &list, e);
}

int main(void) {
    tt_translate_options t;
    tt_err e;
    CHECK(!reads(&t, &e, NULL, NULL, NULL) && !t.sampling);
    CHECK(!reads(&t, &e, "full", NULL, NULL) && t.sampling && t.top_k == 0 && t.temperature == 1);
    CHECK(!reads(&t, &e, "full", "0.5", NULL) && t.temperature == 0.5);
    CHECK(!reads(&t, &e, "topk", NULL, NULL) && t.sampling && t.top_k == 10);
    CHECK(!reads(&t, &e, "topk", "7", NULL) && t.top_k == 7 && t.temperature == 1);
    CHECK(!reads(&t, &e, "topk", "7", "0.7") && t.top_k == 7 && t.temperature == 0.7);
    CHECK(!reads(&t, &e, "topp", "0.9", "2") && t.top_p == 0.9 && t.temperature == 2);
    CHECK(!reads(&t, &e, "temperature", "0.3", NULL) && t.sampling && t.temperature == 0.3);
    CHECK(!reads(&t, &e, "0.3", NULL, NULL) && t.sampling && t.temperature == 0.3);

    CHECK(reads(&t, &e, "topk", "7.5", NULL) == TT_EUSAGE && strstr(e.msg, "not 7.5"), "%s", e.msg);
    CHECK(reads(&t, &e, "topk", "-1", NULL) == TT_EUSAGE);
    CHECK(reads(&t, &e, "topp", "1.5", NULL) == TT_EUSAGE);
    CHECK(reads(&t, &e, "topp", "0", NULL) == TT_EUSAGE);
    CHECK(reads(&t, &e, "full", "0", NULL) == TT_EUSAGE && strstr(e.msg, "temperature"), "%s",
          e.msg);
    CHECK(reads(&t, &e, "full", "topk", NULL) == TT_EUSAGE);
    CHECK(reads(&t, &e, "full", "1", "2") == TT_EUSAGE && strstr(e.msg, "not 2"), "%s", e.msg);
    CHECK(reads(&t, &e, "temperature", NULL, NULL) == TT_EUSAGE);
    CHECK(reads(&t, &e, "0.3", "0.4", NULL) == TT_EUSAGE);

    static const struct {
        const char *direction, *model, *target, *from, *to; /* NULL: not said */
    } cases[] = {
        {NULL, "/x/en-es.ttm", NULL, "en", "es"}, {"es-en", "m.ttm", NULL, "es", "en"},
        {NULL, "es-en", NULL, "es", "en"},        {"es-en", "en-es.ttm", "pt", "es", "pt"},
        {NULL, "model.ttm", NULL, NULL, NULL},    {NULL, "en-best.ttm", NULL, NULL, NULL},
        {NULL, "en-es2.ttm", NULL, NULL, NULL},   {NULL, "eng-spa.base.ttm", NULL, "eng", "spa"},
        {NULL, "e-es", "es-MX", NULL, "es-MX"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char from[LANGUAGE_MOST + 1], to[LANGUAGE_MOST + 1];
        tt_translate_init(&t);
        tt_cmd_read_languages(&t, from, to, cases[i].direction, cases[i].model, cases[i].target);
        CHECK(!t.from == !cases[i].from && (!t.from || !strcmp(t.from, cases[i].from)),
              "case %zu: from", i);
        CHECK(!t.to == !cases[i].to && (!t.to || !strcmp(t.to, cases[i].to)), "case %zu: to", i);
    }
    return test_done("t_translate_read");
}
