/* score_driver.c: lib/score without the program around it, for the fuzzer that holds it against
 * sacreBLEU (score_fuzz.py compiles it).
 *
 *     score_driver score METRIC REFS [OPTION=VALUE...]    exact score of each segment, then of all
 *     score_driver words METRIC 0 [OPTION=VALUE...]       each line's words with blanks between
 *     score_driver trials METRIC REFS SYSTEMS ci|bs|ar COUNT SEED THREADS [OPTION=VALUE...]
 *
 * Input: fields, a NUL behind each: hypothesis (of every system), references; "\1" is a missing
 * one.
 */
#include "ttrans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 40, FIELD_MAX = 1 << 22 };

static tt_err e;

static void die(const char *what) {
    fprintf(stderr, "score_driver: %s: %s\n", what, e.msg);
    exit(1);
}

/* NAME=VALUE into the options. */
static void set(tt_score_options *o, const char *arg, double *value) {
    const struct {
        const char *name;
        int *at;
    } ints[] = {{"lowercase", &o->lowercase},
                {"effective", &o->effective_order},
                {"order", &o->max_order},
                {"chars", &o->char_order},
                {"words", &o->word_order},
                {"beta", &o->beta},
                {"space", &o->whitespace},
                {"eps", &o->eps_smoothing},
                {"chrf_lowercase", &o->chrf_lowercase},
                {"normalized", &o->ter_normalized},
                {"no_punct", &o->ter_no_punct},
                {"asian", &o->ter_asian},
                {"case", &o->ter_case_sensitive}};
    const char *is = strchr(arg, '=');
    size_t len = is ? (size_t)(is - arg) : 0;
    if (!is) die(arg);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        if (strlen(ints[i].name) == len && !memcmp(arg, ints[i].name, len)) {
            *ints[i].at = (int)strtol(is + 1, NULL, 10);
            return;
        }
    if (!strncmp(arg, "tokenize=", 9)) {
        o->tokenize = is + 1;
    } else if (!strncmp(arg, "smooth=", 7)) {
        o->smooth = is + 1;
    } else if (!strncmp(arg, "value=", 6)) {
        *value = strtod(is + 1, NULL);
        o->smooth_value = value;
    } else if (!strncmp(arg, "pieces=", 7)) {
        o->cut = tt_pieces_cut;
        o->cut_ctx = tt_pieces_open(is + 1, &e);
        if (!o->cut_ctx) die(arg);
    } else {
        die(arg);
    }
}

/* The fields of a segment; 0 at the end. */
static int next(tt_span *fields, char **room, int n) {
    for (int f = 0; f < n; f++) {
        size_t len = 0;
        int c;
        while ((c = getchar()) > 0 && len < FIELD_MAX) room[f][len++] = (char)c;
        if (c == EOF) return 0;
        fields[f] = (tt_span){room[f], len};
        if (len == 1 && room[f][0] == 1) fields[f].text = NULL;
    }
    return 1;
}

static int print(void *ctx, tt_span word) {
    int *words = ctx;
    if ((*words)++) putchar(' ');
    fwrite(word.text, 1, word.len, stdout);
    return 0;
}

static void print_trials(tt_score **s, int systems, const char *kind, tt_trials t) {
    tt_certainty c[FIELDS];
    if (!strcmp(kind, "ar")) t.kind = TT_TRIALS_RANDOMISATION;
    if (strcmp(kind, "ci") ? tt_score_compare((const tt_score *const *)s, systems, &t, c, &e)
                           : tt_score_confidence(s[0], &t, c, &e))
        die(kind);
    for (int i = 0; i < systems; i++) printf("%.17g %.17g %.17g\n", c[i].mean, c[i].ci, c[i].p);
}

int main(int argc, char **argv) {
    if (argc < 4) return 64;
    int trials = !strcmp(argv[1], "trials"), words = !strcmp(argv[1], "words");
    int refs = (int)strtol(argv[3], NULL, 10),
        systems = trials ? (int)strtol(argv[4], NULL, 10) : 1;
    tt_score_options o = {.keep = trials};
    double value;
    for (int i = trials ? 9 : 4; i < argc; i++) set(&o, argv[i], &value);
    char *room[FIELDS];
    tt_score *s[FIELDS];
    tt_span fields[FIELDS];
    for (int f = 0; f < systems + refs; f++)
        if (!(room[f] = malloc(FIELD_MAX))) die("memory");
    for (int k = 0; k < systems; k++)
        if (!(s[k] = tt_score_open(argv[2], &o, refs ? refs : 1, &e))) die(argv[2]);
    tt_score_result r;
    while (next(fields, room, systems + refs)) {
        if (words) {
            int n = 0;
            if (tt_score_words(s[0], fields[0], print, &n, &e)) die("words");
            putchar(0);
            continue;
        }
        for (int k = 0; k < systems; k++)
            if (tt_score_add(s[k], fields[k], fields + systems, &e)) die("add");
        tt_score_get_last(s[0], &r);
        if (!trials) printf("%a %s\n", r.score, r.signature);
    }
    if (trials)
        print_trials(s, systems, argv[5],
                     (tt_trials){.count = (int)strtol(argv[6], NULL, 10),
                                 .seed = argv[7],
                                 .threads = (int)strtol(argv[8], NULL, 10)});
    for (int k = 0; k < systems && !words; k++) {
        tt_score_get(s[k], &r);
        printf("%a %s %s %s\n", r.score, r.signature, r.name, r.verbose);
    }
    return 0;
}
