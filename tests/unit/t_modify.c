/* t_modify.c: what each modifier makes of a pair; shares; that a pair depends on its key and
 * nothing else. A row that is added needs a line in `cases`.
 */
#include "text/modify.h"
#include "unit/test.h"
#include "unit/tiny.h"

static tt_arena *arena;

static int other(void *ctx, uint64_t key, tt_pair_text *out, tt_arena *a, tt_err *e) {
    (void)ctx, (void)key, (void)a, (void)e;
    *out = (tt_pair_text){{"Yes.", "Sí."}, {4, 4}};
    return 0;
}

static tt_pair_text pair_of(const char *src, const char *tgt) {
    return (tt_pair_text){{src, tgt}, {strlen(src), strlen(tgt)}};
}

/* Both sides of a changed pair, "source|target". */
static const char *change(const char *rows, const char *src, const char *tgt, uint64_t key,
                          int *changed) {
    static char text[2000];
    tt_err e = {0};
    tt_modify *m = tt_modify_open(rows, &e);
    tt_pair_text p = pair_of(src, tgt);
    const tt_pair_source source = {other, NULL};
    CHECK(m && !tt_modify_pair(m, &p, changed, key, &source, arena, &e), "%s: %s", rows, e.msg);
    snprintf(text, sizeof text, "%.*s|%.*s", (int)p.len[0], p.text[0], (int)p.len[1], p.text[1]);
    tt_modify_close(m);
    return text;
}

/* What some keys make of a pair: one of them must be `wanted`, and none may be what it was. */
static void reaches(const char *rows, const char *src, const char *tgt, const char *wanted) {
    int changed, found = 0;
    for (uint64_t key = 0; key < 4000 && !found; key++) {
        found = !strcmp(change(rows, src, tgt, key, &changed), wanted);
        tt_arena_reset(arena);
    }
    CHECK(found, "%s never makes %s", rows, wanted);
}

static void stays(const char *rows, const char *src, const char *tgt) {
    char same[1000];
    int changed, kept = 1;
    snprintf(same, sizeof same, "%s|%s", src, tgt);
    for (uint64_t key = 0; key < 50; key++)
        kept &= !strcmp(change(rows, src, tgt, key, &changed), same) && !changed;
    CHECK(kept, "%s changes %s", rows, same);
}

static const char *terms_path;

static const struct {
    const char *row, *src, *tgt, *wanted;
} cases[] = {
    {"upper:share=1", "I see Ann's 3 dogs.", "Veo los 3 perros de ñu.",
     "I SEE ANN'S 3 DOGS.|VEO LOS 3 PERROS DE ÑU."},
    {"title:share=1", "the (old) éclair's END", "el viejo", "The (Old) Éclair's End|El Viejo"},
    {"lower:share=1", "The END", "El FIN", "the end|El FIN"},
    {"lower:share=1,target=yes", "The END", "El FIN", "the end|el fin"},
    {"end:share=1,drop=1", "Who is it?!", "¿Quién es?", "Who is it|Quién es"},
    {"end:share=1,drop=0", "It is red.", "Es rojo .", "It is red...|Es rojo..."},
    {"end:share=1,drop=0", "Look!", "¡Mira!", "Look!!!|¡Mira!!!"},
    {"typos:share=1,words=1", "house", "casa", "hosue|casa"},
    {"typos:share=1,words=1", "house", "casa", "huse|casa"},
    {"typos:share=1,words=1", "a house", "una casa", "ahouse|una casa"},
    {"typos:share=1,words=1", "house", "casa", "hou se|casa"},
    {"typos:share=1,words=1", "house", "casa", "houuse|casa"},
    {"typos:share=1,words=1", "apple", "casa", "aple|casa"},
    {"typos:share=1,words=1", "ñandú", "casa", "añndú|casa"},
    {"noise:share=1,words=1,letters=1", "a", "b", "5|5"},
    {"noise:share=1,words=1,letters=1", "a", "b", "q|q"},
    {"join:share=1,most=2", "No.", "No.", "No. Yes.|No. Sí."},
    {"join:share=1,most=3", "No.", "No.", "No. Yes. Yes.|No. Sí. Sí."},
    {"tag:share=1", "a b", "c", "<bt> a b|c"},
    {"tag:share=1,text=2es", "a b", "c", "2es a b|c"},
    {"prefix:share=1,most=2", "I like it.", "Me gusta mucho.",
     "__start__ Me gusta __end__ I like it.|Me gusta mucho."},
    {"prefix:share=1,most=1,from=anywhere", "I like it.", "Me gusta mucho.",
     "__start__ mucho. __end__ I like it.|Me gusta mucho."},
    {"prefix:share=1,most=9", "No.", "Sí.", "__start__ Sí. __end__ No.|Sí."},
    {"copy:share=1", "a", "c d", "c d|c d"},
    {"placeholder:share=1", "It costs 30 euros.", "Cuesta 30 euros.",
     "It costs %s euros.|Cuesta %s euros."},
    {"placeholder:share=1", "I see Ann there.", "Allí veo a Ann.",
     "I see {name} there.|Allí veo a {name}."},
};

static void rows(void) {
    int changed;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        reaches(cases[i].row, cases[i].src, cases[i].tgt, cases[i].wanted);
    for (int i = 0; tt_family_modifier.row(i); i++) {
        const char *name = tt_family_modifier.row(i)->name;
        int held = !strcmp(name, "terms"); /* which needs a file */
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
            held |= !strncmp(cases[k].row, name, strlen(name)) && cases[k].row[strlen(name)] == ':';
        CHECK(held, "no case of %s", name);
    }
    stays("end:share=1", "no mark", "sin marca");
    stays("end:share=1", "Well, is it?", "Bueno, ¿es?"); /* what is opened inside would stay open */
    stays("end:share=1", "?", "?");
    stays("placeholder:share=1", "It costs 30 or 30 euros.", "Cuesta 30 euros.");
    stays("placeholder:share=1", "It costs 3 euros.", "Cuesta 30 euros.");
    stays("typos:share=1,words=1", "7 & 8", "7 y 8");
    stays("upper:share=0", "a", "b");
    stays("", "a", "b");
    CHECK(!strcmp(change("copy:share=1,upper:share=1,tag:share=1,text=<x>", "a", "b", 1, &changed),
                  "<x> B|B") &&
              changed,
          "a list");
}

static void terms(void) {
    char row[500];
    static const char list[] =
        "# of a customer\nhouse\tvivienda\nred house\tcasa roja\nhouse\tcasa\n";
    terms_path = tiny_file("terms.tsv", list, sizeof list - 1);
    if (strlen(terms_path) > 90) return; /* of a temporary folder with a long name */
    snprintf(row, sizeof row, "terms:share=1,file=%s", terms_path);
    reaches(row, "the house is red", "la vivienda es roja",
            "the __source__ house __target__ vivienda __done__ is red|la vivienda es roja");
    reaches(row, "the house is red", "la casa es roja",
            "the __source__ house __target__ casa __done__ is red|la casa es roja");
    reaches(row, "red house", "casa roja",
            "__source__ red house __target__ casa roja __done__|casa roja");
    stays(row, "the houses are red", "las casas son rojas");
    stays(row, "the house is red", "las casas son rojas");
}

static void shares(void) {
    int changed, n = 0;
    char once[100], again[100];
    for (uint64_t key = 0; key < 2000; key++) {
        change("upper:share=0.3", "a", "b", tt_key(1, key), &changed);
        n += changed;
        tt_arena_reset(arena);
    }
    CHECK(n > 520 && n < 680, "%d of 2000", n);
    snprintf(once, sizeof once, "%s",
             change("typos:share=1,words=1", "house", "casa", 5, &changed));
    snprintf(again, sizeof again, "%s",
             change("typos:share=1,words=1", "house", "casa", 5, &changed));
    CHECK(!strcmp(once, again), "%s and %s", once, again);
}

static void refused(const char *rows, int code, const char *said) {
    tt_err e = {0};
    tt_modify *m = tt_modify_open(rows, &e);
    CHECK(!m && e.code == code && strstr(e.msg, said), "%s: %s", rows, e.msg);
    tt_modify_close(m);
}

/* Who gives a pair other words says so, even where there are as many. */
static void others(void) {
    int changed;
    change("copy:share=1", "a b", "c d", 1, &changed);
    CHECK(changed == TT_PAIR_OTHER);
    change("noise:share=1,upper:share=1", "a b", "c d", 1, &changed);
    CHECK(changed == TT_PAIR_OTHER);
    change("upper:share=1", "a b", "c d", 1, &changed);
    CHECK(changed == TT_PAIR_CHANGED);
    change("upper:share=1", "A B", "C D", 1, &changed);
    CHECK(!changed);
}

int main(void) {
    tt_err e = {0};
    arena = tt_arena_open(0, &e);
    rows();
    terms();
    shares();
    others();
    refused("loud", TT_EUSAGE, "no modifier is called 'loud'; there are upper, ");
    refused("upper:share=2", TT_EUSAGE, "share is '2', not a number from 0 to 1");
    refused("upper,words=1", TT_EUSAGE, "no modifier is called 'upper,words=1'");
    refused("terms", TT_EUSAGE, "terms needs a file of terms");
    refused("terms:file=/nowhere/x", TT_ENOINPUT, "/nowhere/x");
    tt_arena_close(arena);
    return test_done("t_modify");
}
