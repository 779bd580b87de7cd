/* prune.c: `ttrans prune`: what each attention head is worth, and a model without the least of
 * them.
 */
#include "cmd.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct opts {
    const char *in, *out, *without, *tsv;
    int heads, by, threads, csv, quiet;
    double share, most_loss;
} opts;

enum { BY_LOSS, BY_BLEU };
enum { WORD_MOST = 60 };

#define AT(field) .at = offsetof(opts, field)

static const tt_opt rows[] = {
    {TT_OPT_STRING, "MODEL", AT(in), .help = "model or checkpoint to read"},
    {TT_OPT_STRING, "-o --output", "FILE", NULL, AT(out), .file = TT_FILE_REPLACE,
     .help = "model file to write; without it the heads are only judged"},
    {TT_OPT_STRING, "--tsv", "FILE", NULL, AT(tsv),
     .help = "sentence pairs to judge by, source TAB target, plain or .gz, - for standard input"},
    {TT_OPT_GROUP, .help = "Which heads go"},
    {TT_OPT_INT, "-n --heads", "N", "0", AT(heads), .low = 0, .high = 24576, .shown = "0",
     .help = "so many, those that are missed least"},
    {TT_OPT_DOUBLE, "--share", "PART", "0", AT(share), .low = 0, .high = 1, .shown = "0",
     .help = "this part of all heads"},
    {TT_OPT_DOUBLE, "--most-loss", "NATS", "0", AT(most_loss), .low = 0, .high = 100, .shown = "0",
     .help = "one after the other, as long as the loss of the pairs rises by no more in all"},
    {TT_OPT_STRING, "--without", "LIST", NULL, AT(without),
     .help = "these, and nothing is judged: encoder:2.3,cross:1.4 is the third head of the "
             "encoder's second layer, and the fourth of the first that looks at the text"},
    {TT_OPT_ENUM, "--by", "NAME", "loss", AT(by), .allowed = "loss|bleu",
     .help = "what tells how much a head is missed: the loss of the pairs, or BLEU of greedy "
             "translations, which takes far longer; the other decides between equals"},
    {TT_OPT_GROUP, .help = "How"},
    {TT_OPT_FLAG, "--csv", AT(csv), .help = "print the table with commas"},
    {TT_OPT_INT, "--threads --cpu-threads", "N", "0", AT(threads), .low = 0, .high = 1024,
     .shown = "all processors", .help = "threads; the figures do not depend on them"},
    {TT_OPT_FLAG, "-q --quiet", AT(quiet), .help = "print nothing but warnings"},
    {0}};

static const tt_example examples[] = {
    {"ttrans prune --tsv dev.tsv model.ttm", "what the model loses with each head"},
    {"ttrans prune --tsv dev.tsv --share 0.25 -o smaller.ttm model.ttm",
     "a quarter of the heads taken away"},
    {"ttrans prune --without encoder:1.2,cross:2.1 -o smaller.ttm model.ttm",
     "these two taken away"},
    {NULL, NULL}};

static const char *const sides[] = {[TT_ATTENTION_CROSS] = "cross",
                                    [TT_ATTENTION_ENCODER] = "encoder",
                                    [TT_ATTENTION_DECODER] = "decoder"};

typedef struct judged {
    tt_head_name name;
    size_t at;        /* its number to the pruner */
    double missed[2]; /* by loss and by BLEU: more is worse */
    double order[2];  /* the same, the one that decides first */
} judged;

typedef struct work {
    const opts *o;
    tt_modelfile *mf;
    tt_pruner *pruner;
    judged *head; /* (count), those that are missed least first */
    size_t count;
    tt_pruner_figures whole;
} work;

/* ---- heads by name --------------------------------------------------------------------------- */

static int read_name(tt_head_name *name, const char *word, size_t len, tt_err *e) {
    for (int i = 0; i < 3; i++) {
        char text[WORD_MOST], rest;
        const size_t n = strlen(sides[i]);
        if (len <= n + 1 || len >= WORD_MOST || memcmp(word, sides[i], n) != 0 || word[n] != ':')
            continue;
        memcpy(text, word + n + 1, len - n - 1);
        text[len - n - 1] = 0;
        name->side = i;
        if (sscanf(text, "%4d.%4d%c", &name->layer, &name->head, &rest) == 2) return 0;
    }
    return tt_cmd_fail(e, TT_EUSAGE,
                       "--without: '%.*s' names no head: expected encoder:LAYER.HEAD, decoder:… or "
                       "cross:…, from 1",
                       len < WORD_MOST ? (int)len : WORD_MOST, word);
}

static int prune_named(work *w, tt_err *e) {
    const char *at = w->o->without;
    tt_head_name *gone = malloc((strlen(at) + 1) * sizeof *gone);
    if (!gone) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for a list of heads");
    size_t n = 0;
    int rc = 0;
    while (!rc && at) {
        const size_t len = strcspn(at, ",");
        rc = read_name(&gone[n++], at, len, e);
        at = at[len] ? at + len + 1 : NULL;
    }
    if (!rc) rc = tt_modelfile_prune(w->mf, gone, n, w->o->out, e);
    free(gone);
    return rc;
}

/* ---- judging --------------------------------------------------------------------------------- */

static int less_missed(const void *a, const void *b) {
    const judged *x = a, *y = b;
    for (int i = 0; i < 2; i++)
        if (x->order[i] < y->order[i] || x->order[i] > y->order[i])
            return x->order[i] < y->order[i] ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int judge_head(work *w, size_t i, int bleu, tt_err *e) {
    judged *j = &w->head[i];
    tt_pruner_figures without;
    *j = (judged){.name = *tt_pruner_head(w->pruner, i), .at = i};
    tt_pruner_mask(w->pruner, i, 1);
    int rc = tt_pruner_measure(w->pruner, bleu, &without, e);
    tt_pruner_mask(w->pruner, i, 0);
    if (rc) return rc;
    j->missed[BY_LOSS] = without.loss - w->whole.loss;
    j->missed[BY_BLEU] = bleu ? w->whole.bleu - without.bleu : 0;
    j->order[0] = j->missed[w->o->by];
    j->order[1] = j->missed[!w->o->by];
    return 0;
}

static int judge_all(work *w, tt_err *e) {
    const int bleu = w->o->by == BY_BLEU, show = tt_cmd_tty() && !w->o->quiet;
    while (tt_pruner_head(w->pruner, w->count)) w->count++;
    w->head = calloc(w->count + 1, sizeof *w->head);
    if (!w->head) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu heads", w->count);
    int rc = tt_pruner_measure(w->pruner, bleu, &w->whole, e);
    for (size_t i = 0; !rc && i < w->count; i++) {
        char line[80];
        snprintf(line, sizeof line, "head %zu of %zu", i + 1, w->count);
        if (show) tt_cmd_progress(line);
        rc = judge_head(w, i, bleu, e);
    }
    if (show) tt_cmd_progress(NULL);
    if (rc) return rc;
    qsort(w->head, w->count, sizeof *w->head, less_missed);
    return 0;
}

static void print_heads(const work *w) {
    const int bleu = w->o->by == BY_BLEU, csv = w->o->csv;
    printf(csv ? "side,layer,head,loss%s\n" : "side    layer head     loss%s\n", !bleu ? ""
                                                                                 : csv
                                                                                     ? ",bleu"
                                                                                     : "    BLEU");
    for (size_t i = 0; i < w->count; i++) {
        const judged *j = &w->head[i];
        printf(csv ? "%s,%d,%d,%.6g" : "%-7s %5d %4d %+8.4f", sides[j->name.side], j->name.layer,
               j->name.head, j->missed[BY_LOSS]);
        if (bleu) printf(csv ? ",%.6g" : " %+7.2f", -j->missed[BY_BLEU]);
        putchar('\n');
    }
}

/* ---- taking away ----------------------------------------------------------------------------- */

/* Would the head leave its layer without any? */
static bool is_last(const work *w, const unsigned char *gone, size_t i) {
    const tt_head_name *a = &w->head[i].name;
    for (size_t k = 0; k < w->count; k++) {
        const tt_head_name *b = &w->head[k].name;
        if (k != i && !gone[k] && a->side == b->side && a->layer == b->layer) return false;
    }
    return true;
}

/* The heads that go, marked in gone (count), masked in the pruner; *after: what the rest
   achieves. */
static int choose(work *w, unsigned char *gone, size_t *n, tt_pruner_figures *after, tt_err *e) {
    const opts *o = w->o;
    const size_t most = o->heads       ? (size_t)o->heads
                        : o->share > 0 ? (size_t)(o->share * (double)w->count + 0.5)
                                       : w->count;
    const double limit = w->whole.loss + o->most_loss;
    for (size_t i = 0; i < w->count && *n < most; i++) {
        const tt_head_name *name = &w->head[i].name;
        tt_err why = {0};
        if (is_last(w, gone, i)) continue;
        if (tt_head_may_go(w->mf, name, &why)) continue; /* the alignment's own */
        tt_pruner_mask(w->pruner, w->head[i].at, 1);
        if (o->most_loss > 0) {
            int rc = tt_pruner_measure(w->pruner, 0, after, e);
            if (rc) return rc;
            if (after->loss > limit) {
                tt_pruner_mask(w->pruner, w->head[i].at, 0);
                break;
            }
        }
        gone[i] = 1;
        ++*n;
    }
    return tt_pruner_measure(w->pruner, 1, after, e);
}

/* The size of the file at path; 0: there is none to be measured. */
static double size_of(const char *path) {
    tt_err none;
    tt_modelfile *mf = tt_modelfile_open(path, &none);
    const double size = mf ? (double)tt_modelfile_size(mf) : 0;
    tt_modelfile_close(mf);
    return size;
}

static int prune_judged(work *w, tt_err *e) {
    unsigned char *gone = calloc(w->count + 1, 1);
    tt_head_name *name = calloc(w->count + 1, sizeof *name);
    tt_pruner_figures after = w->whole;
    size_t n = 0, at = 0;
    int rc = gone && name ? 0 : tt_cmd_fail(e, TT_ENOMEM, "out of memory for %zu heads", w->count);
    const double before = (double)tt_modelfile_size(w->mf);
    if (!rc && w->o->by == BY_LOSS) rc = tt_pruner_measure(w->pruner, 1, &w->whole, e);
    if (!rc) rc = choose(w, gone, &n, &after, e);
    for (size_t i = 0; !rc && i < w->count; i++)
        if (gone[i]) name[at++] = w->head[i].name;
    if (!rc) rc = tt_modelfile_prune(w->mf, name, n, w->o->out, e);
    if (!rc && !w->o->quiet)
        printf("%s%zu of %zu heads taken away: loss %.4f to %.4f, BLEU %.2f to %.2f, %.0f to %.0f "
               "bytes\n",
               w->o->csv ? "# " : "\n", n, w->count, w->whole.loss, after.loss, w->whole.bleu,
               after.bleu, before, size_of(w->o->out));
    free(gone);
    free(name);
    return rc;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int check(const opts *o, tt_err *e) {
    const int asked = (o->heads > 0) + (o->share > 0) + (o->most_loss > 0) + (o->without != NULL);
    if (asked > 1)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "give one of --heads, --share, --most-loss and --without, not several");
    if (asked && !o->out) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    if (!asked && o->out)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "say which heads go: --heads, --share, --most-loss or --without");
    if (!o->without && !o->tsv)
        return tt_cmd_fail(e, TT_EUSAGE, "no pairs to judge by: name a file with --tsv FILE");
    return 0;
}

static int run_with(work *w, tt_err *e) {
    const opts *o = w->o;
    if (o->without) return prune_named(w, e);
    const tt_parallel pairs = {o->tsv, NULL, 1};
    const tt_log log = tt_cmd_log(TT_LOG_WARN);
    w->pruner = tt_pruner_open(w->mf, &pairs, o->threads, getenv("TTRANS_ISA"), &log, e);
    int rc = w->pruner ? judge_all(w, e) : e->code;
    if (rc) return rc;
    if (!o->quiet) print_heads(w);
    return o->out ? prune_judged(w, e) : 0;
}

static int run(void *options, tt_err *e) {
    work w = {.o = options};
    int rc = check(w.o, e);
    if (rc) return rc;
    w.mf = tt_modelfile_open(w.o->in, e);
    rc = w.mf ? run_with(&w, e) : e->code;
    tt_pruner_close(w.pruner);
    tt_modelfile_close(w.mf);
    free(w.head);
    return rc;
}

const tt_cmd tt_cmd_prune = {
    "prune",
    "takes attention heads away that a model does not need",
    "[OPTION...] [-o FILE] MODEL",
    "Judges each head by what the model loses on sentence pairs when the head's output counts as "
    "nothing, and writes a model without those that are missed least. It is smaller and a little "
    "quicker, translates as the model does with these heads masked, and can be trained on, which "
    "wins back what was lost.\n\n"
    "The table tells how much the loss rises, in nats a target token, and BLEU changes; heads with "
    "a minus before the loss are better gone.",
    rows,
    sizeof(opts),
    examples,
    run};
