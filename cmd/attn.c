/* attn.c: `ttrans attn`, what the heads look at: options and input. attn_show.c draws maps,
 * attn_stats.c counts what heads do over a text.
 */
#include "attn.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MOST = 4096 };

#define AT(field) .at = offsetof(tt_attn_opts, field)

static const tt_opt rows[] = {
    {TT_OPT_STRING, "[SENTENCE]", AT(sentence),
     .help = "the sentence; without it, the lines of the input"},
    {TT_OPT_STRING, "-i --input", "FILE", NULL, AT(input), .shown = "-, standard input",
     .help = "lines of text, plain or gzip, or a document; each sentence has its maps"},
    {TT_OPT_ENUM, "--input-format", "FORMAT", "auto", AT(input_format), .allowed = "auto|text",
     .family = "document",
     .help = "of the input: text, a line a sentence, or a document, in which what people read is "
             "looked at; auto: by its suffix, without one text"},
    {TT_OPT_STRING, "-m --model", "FILE", NULL, AT(model), .file = TT_FILE_MODEL,
     .shown = "TTRANS_MODEL, or en-es.ttm", .help = "the model"},
    {TT_OPT_STRING, "-d --direction", "PAIR", NULL, AT(direction), .shown = "en-es",
     .help = "the languages when no model is named: the shipped model of this pair is used, en-es "
             "or es-en"},
    {TT_OPT_STRING, "-t --target", "TEXT", NULL, AT(target),
     .help = "look at this translation, not at the model's own"},
    {TT_OPT_FLAG, "--pairs", AT(pairs),
     .help = "lines are SOURCE TAB TARGET: look at these translations"},
    {TT_OPT_INT, "-b --beam-size", "N", "4", AT(beam), .low = 1, .high = 64,
     .help = "hypotheses followed at a time to find the translation"},
    {TT_OPT_GROUP, .help = "What to show"},
    {TT_OPT_ENUM, "-s --side", "SIDE", "cross", AT(side),
     .allowed = "cross|encoder|decoder|context|co|representations|all",
     .help =
         "translation to sentence, sentence to itself, translation to itself; sentence to those "
         "before it, two texts to each other, tokens to the encoder's layers, where a model has "
         "such; or the first three one after the other"},
    {TT_OPT_STRING, "-l --layer", "LIST", NULL, AT(layers), .allowed = "all",
     .shown = "the last, in HTML all",
     .help = "the layers, from 1: numbers and ranges, such as 1,3-5, or all"},
    {TT_OPT_STRING, "-H --head", "LIST", NULL, AT(heads), .allowed = "mean|all",
     .shown = "mean, in HTML all",
     .help = "the heads, from 1, in the same way; mean for the mean of all"},
    {TT_OPT_ENUM, "--what", "NAME", "weights", AT(what), .family = "map",
     .help = "the numbers shown: weights; products of a query and a key; scores as they become "
             "weights; the place that a query looks around; how far it looks"},
    {TT_OPT_INT, "--feature", "N", "0", AT(feature), .shown = "the mean of all", .low = 0,
     .high = 65536,
     .help = "where each number of a value has weights of its own, those of the N-th of a head"},
    {TT_OPT_FLAG, "-W --words", AT(words),
     .help = "join the tokens of a word: weights are added over a word that is looked at, and "
             "averaged over one that looks"},
    {TT_OPT_FLAG, "--hide-ends", AT(hide_ends),
     .help =
         "leave out ends of sentences and what stands before a text; rows then sum to less than 1"},
    {TT_OPT_FLAG, "--stats", AT(stats),
     .help = "draw nothing, but print what each head does over the whole input; -f csv or json for "
             "other programs"},
    {TT_OPT_STRING, "--importance", "FILE", NULL, AT(importance),
     .help = "with --stats: sentence pairs, SOURCE TAB TARGET, to measure how much their loss and "
             "the BLEU of greedy translations change without each head"},
    {TT_OPT_STRING, "--gold", "FILE", NULL, AT(gold),
     .help = "with --stats and --pairs: hand-made links of each pair, to measure each head's "
             "alignment error rate: a line a pair, as 0-0 1p2, or NAACL's form, a line a link, as "
             "1 1 1 S"},
    {TT_OPT_STRING, "--mark", "FILE", NULL, AT(mark), .file = TT_FILE_REPLACE,
     .help =
         "with --gold: write the model again, with the head of least alignment error as the one "
         "that tells the alignment of words"},
    {TT_OPT_GROUP, .help = "How"},
    {TT_OPT_ENUM, "-f --format", "NAME", "auto", AT(format), .allowed = "auto", .family = "picture",
     .help = "shades of ASCII characters, of Unicode blocks, or colours; weights as a table, JSON, "
             "or an array of NumPy; a "
             "picture; or a page to explore. auto: by the file's suffix, or what the terminal can "
             "show"},
    {TT_OPT_STRING, "-o --output", "FILE", NULL, AT(output), .file = TT_FILE_WRITE,
     .shown = "-, standard output", .help = "where it goes"},
    {TT_OPT_ENUM, "--view", "NAME", "auto", AT(view), .allowed = "auto|whole|grid|small|lines",
     .help = "one map after another, side by side, a row of small maps for each layer, or words "
             "with lines between them; auto: "
             "grid for several maps of one layer or head, small for more"},
    {TT_OPT_FLAG, "--grid", AT(grid), .help = "the same as --view grid"},
    {TT_OPT_INT, "-w --width", "COLUMNS", "0", AT(width), .low = 20, .high = 10000,
     .shown = "the terminal's, else 100", .help = "longest line of text"},
    {TT_OPT_ENUM, "--colours", "N", "auto", AT(colour), .allowed = "auto|256|true",
     .help = "how many colours the terminal has, 256 or 16 million"},
    {TT_OPT_ENUM, "--ground", "NAME", "auto", AT(ground), .allowed = "auto|light|dark",
     .help = "what weights are drawn on; auto: what the terminal says, else dark there and light "
             "in pictures"},
    {0}};

static const tt_example examples[] = {
    {"ttrans attn 'The house is small.'", "which source tokens each target token came from"},
    {"ttrans attn --side encoder --layer 1 --head all 'The house is small.'",
     "every head of the first encoder layer, side by side"},
    {"ttrans attn --side encoder --layer all --head all 'The house is small.'",
     "all heads of a model at a glance"},
    {"ttrans attn --what scores 'The house is small.'",
     "products of queries and keys, before they become weights"},
    {"ttrans attn --side all -o maps.html 'The house is small.'", "a page to explore them"},
    {"ttrans attn --target 'La casa es chica.' --format csv 'The house is small.' > map.csv",
     "a given translation, for a spreadsheet"},
    {"ttrans attn -i page.html -o maps.html", "the sentences of a document"},
    {"ttrans attn --side encoder --stats < text.en", "what each head does over a text"},
    {"ttrans attn --side all --stats --importance dev.tsv < text.en",
     "and what the model loses without it"},
    {0}};

/* ---- one line ------------------------------------------------------------------------------- */

typedef struct work {
    const tt_attn_opts *o;
    tt_translator *t;
    tt_attn_show *show;
    tt_attn_stats *stats;
    const char *input;
    int taken; /* sentences */
} work;

static int take(void *ctx, tt_attention *a, int part, int parts, tt_err *e) {
    work *w = ctx;
    return w->stats ? tt_attn_stats_add(w->stats, a, e)
                    : tt_attn_show_add(w->show, a, part, parts, e);
}

/* A sentence whose translation is given. */
static int take_pair(work *w, const char *line, size_t len, const char *target, size_t target_len,
                     tt_err *e) {
    tt_attention *a = tt_attention_open(w->t, line, len, target, target_len, e);
    if (!a) return e->code;
    int rc = take(w, a, 0, 1, e);
    tt_attention_close(a);
    return rc;
}

static int take_line(work *w, const char *line, size_t len, tt_err *e) {
    if (w->o->target) return take_pair(w, line, len, w->o->target, strlen(w->o->target), e);
    if (!w->o->pairs) return tt_attention_each(w->t, line, len, take, w, e);
    const char *tab = memchr(line, '\t', len);
    if (!tab) return tt_cmd_fail(e, TT_EDATA, "expected SOURCE TAB TARGET, found no TAB");
    const char *to = tab + 1, *next = memchr(to, '\t', len - (size_t)(to - line));
    return take_pair(w, line, (size_t)(tab - line), to, (size_t)((next ? next : line + len) - to),
                     e);
}

/* Nothing but white space: ASCII's, U+00A0, U+3000? */
static bool is_blank(const char *line, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] <= ' ') continue;
        if (len - i >= 2 && !memcmp(line + i, "\xC2\xA0", 2)) i++;
        else if (len - i >= 3 && !memcmp(line + i, "\xE3\x80\x80", 3)) i += 2;
        else return false;
    }
    return true;
}

/* An error of a line, with its place before it. */
static int placed(const char *input, size_t line, int rc, tt_err *e) {
    char why[sizeof e->msg];
    if (rc != TT_EDATA) return rc;
    memcpy(why, e->msg, sizeof why);
    return strcmp(input, "-") ? tt_cmd_fail(e, rc, "%.200s:%zu: %.250s", input, line, why)
                              : tt_cmd_fail(e, rc, "standard input, line %zu: %.400s", line, why);
}

static int take_one(work *w, const char *text, size_t len, size_t line, tt_err *e) {
    if (is_blank(text, len)) tt_attention_begin(w->t); /* a document ends */
    if (is_blank(text, len) && !w->o->gold) return 0;  /* gold links have a line for each */
    w->taken++;
    const int rc = placed(w->input, line, take_line(w, text, len, e), e);
    return rc || !w->show ? rc : tt_attn_show_flush(w->show, e);
}

static int take_segment(void *ctx, const char *text, size_t len, size_t line, tt_err *e) {
    return take_one(ctx, text, len, line, e);
}

static int take_lines(work *w, tt_err *e) {
    const char *line;
    size_t len;
    tt_lines *in = tt_lines_open(w->input, 0, e);
    int rc = in ? 0 : e->code;
    while (!rc && (rc = tt_lines_next(in, &line, &len, e)) > 0)
        rc = take_one(w, line, len, tt_lines_number(in), e);
    tt_lines_close(in);
    return rc;
}

static int take_input(work *w, tt_err *e) {
    const tt_log log = tt_cmd_log(TT_LOG_WARN);
    w->input = w->o->input ? w->o->input : "-";
    const char *format = tt_cmd_format(w->o->input_format, w->input);
    if (format && w->o->pairs)
        return tt_cmd_fail(e, TT_EUSAGE, "--pairs are lines of text, and no document");
    const int rc = format
                       ? tt_document_each(w->input, format, TT_TEXT_AUTO, &log, take_segment, w, e)
                       : take_lines(w, e);
    return rc || w->taken ? rc
                          : tt_cmd_fail(e, TT_EDATA, "%s: has no sentence",
                                        w->o->input ? w->input : "standard input");
}

/* ---- the command --------------------------------------------------------------------------- */

static int check(const tt_attn_opts *o, tt_err *e) {
    tt_attn_list l;
    int rc = 0;
    if (o->target && o->pairs)
        return tt_cmd_fail(e, TT_EUSAGE, "give --target or --pairs, not both");
    if (o->what && o->stats)
        return tt_cmd_fail(e, TT_EUSAGE, "--stats counts weights: leave --what out");
    if (o->what && o->words)
        return tt_cmd_fail(e, TT_EUSAGE, "--words adds up weights: leave it or --what out");
    if (o->words && o->side == TT_ATTENTION_CO)
        return tt_cmd_fail(e, TT_EUSAGE, "--words adds up weights, and C has none: leave it out");
    if (o->stats && o->side > TT_ATTENTION_DECODER && o->side != TT_ATTN_ALL_SIDES)
        return tt_cmd_fail(e, TT_EUSAGE,
                           "--stats counts the heads of cross, encoder and decoder attention");
    if (o->grid && o->view && o->view != TT_VIEW_GRID)
        return tt_cmd_fail(e, TT_EUSAGE, "give --grid or --view, not both");
    if (o->gold && !(o->stats && o->pairs))
        return tt_cmd_fail(e, TT_EUSAGE, "--gold goes with --stats and --pairs");
    if (o->importance && !o->stats)
        return tt_cmd_fail(e, TT_EUSAGE, "--importance goes with --stats");
    if (o->mark && !o->gold)
        return tt_cmd_fail(e, TT_EUSAGE, "--mark goes with --gold, which tells the best head");
    if (o->sentence && o->gold)
        return tt_cmd_fail(e, TT_EUSAGE, "--gold goes with the pairs of the input");
    if (o->sentence && o->input)
        return tt_cmd_fail(e, TT_EUSAGE, "give a sentence or --input, not both");
    if (o->layers && !(rc = tt_attn_list_read(&l, "--layer", o->layers, 0, e)))
        tt_attn_list_free(&l);
    if (!rc && o->heads && !(rc = tt_attn_list_read(&l, "--head", o->heads, 1, e)))
        tt_attn_list_free(&l);
    return rc;
}

static tt_translator *open_model(const tt_attn_opts *o, tt_err *e) {
    char model[PATH_MOST];
    if (tt_cmd_model(model, sizeof model, o->model, o->direction, e)) return NULL;
    tt_translate_options options_of;
    tt_translate_init(&options_of);
    options_of.isa = getenv("TTRANS_ISA");
    options_of.threads = 1;
    options_of.beam = o->beam;
    return tt_translator_open(model, &options_of, e);
}

static int measure(const work *w, tt_err *e) {
    char model[PATH_MOST];
    const int rc = tt_cmd_model(model, sizeof model, w->o->model, w->o->direction, e);
    return rc ? rc : tt_attn_stats_measure(w->stats, model, e);
}

/* The model again, with its best head marked. */
static int mark_best(const work *w, tt_err *e) {
    char model[PATH_MOST];
    int layer, head, rc = tt_cmd_model(model, sizeof model, w->o->model, w->o->direction, e);
    tt_attn_stats_best(w->stats, &layer, &head);
    tt_modelfile *mf = rc ? NULL : tt_modelfile_open(model, e);
    if (!rc) rc = mf ? tt_modelfile_set_alignment(mf, layer, head, w->o->mark, e) : e->code;
    tt_modelfile_close(mf);
    return rc;
}

static int run(void *options, tt_err *e) {
    work w = {.o = options};
    int rc = check(w.o, e);
    if (rc) return rc;
    w.t = open_model(w.o, e);
    if (!w.t) return e->code;
    tt_attention_tell(w.t, w.o->what);
    rc = tt_attention_feature(w.t, w.o->feature, e);
    if (!rc && w.o->stats) w.stats = tt_attn_stats_open(w.o, e);
    else if (!rc) w.show = tt_attn_show_open(w.o, e);
    rc = !w.stats && !w.show ? e->code
         : w.o->sentence     ? take_line(&w, w.o->sentence, strlen(w.o->sentence), e)
                             : take_input(&w, e);
    if (!rc && w.o->importance) rc = measure(&w, e);
    if (!rc && w.stats) rc = tt_attn_stats_print(w.stats, e);
    if (!rc && w.o->mark) rc = mark_best(&w, e);
    if (!rc && w.show) {
        rc = tt_attn_show_finish(w.show, e);
        w.show = NULL;
    }
    tt_attn_show_abort(w.show);
    tt_attn_stats_close(w.stats);
    tt_translator_close(w.t);
    return rc;
}

const tt_cmd tt_cmd_attn = {
    "attn",
    "shows what attention heads look at",
    "[OPTION...] [SENTENCE]",
    "Translates a sentence, or takes the given translation, and draws the attention weights of "
    "layers and heads: a row for each token that looks, a column for each token that is looked at, "
    "darker "
    "where the weight is greater.\n\n"
    "Tokens are subwords; in tables and files they stand as they are in the vocabulary. The rows "
    "of cross and decoder "
    "maps are the tokens about to be produced, and the decoder's columns are what it had read by "
    "then, from <s> on. A line "
    "beyond the model's reach is shown in parts.",
    rows,
    sizeof(tt_attn_opts),
    examples,
    run};
