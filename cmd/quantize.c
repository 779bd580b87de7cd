/* quantize.c: `ttrans quantize`, a model with short weights, and what that did to each of them. The
 * work is tt_modelfile_convert's, as with `ttrans convert`; here both files are then held side by
 * side.
 */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct opts {
    const char *in, *out, *shortlist, *spelling;
    int type, json;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "FILE", NULL, offsetof(opts, out), .file = TT_FILE_REPLACE,
     .help = "model file to write"},
    {TT_OPT_ENUM, "--type", "TYPE", "int8", offsetof(opts, type), .family = "type",
     .help = "of the matrices, while biases stay f32"},
    {TT_OPT_STRING, "--shortlist", "FILE", NULL, offsetof(opts, shortlist),
     .help = "put this list of likely translations, made for the model's vocabulary by ttrans "
             "shortlist, into the file: ttrans "
             "translate then uses it"},
    {TT_OPT_STRING, "--spelling", "FILE", NULL, offsetof(opts, spelling),
     .help = "put this list of words of the source, WORD TAB COUNT a line in small letters, into "
             "the file: ttrans translate then reads slips of the finger as what was meant"},
    {TT_OPT_FLAG, "--json", .at = offsetof(opts, json),
     .help = "print the report as one JSON object"},
    {TT_OPT_STRING, "MODEL", .at = offsetof(opts, in), .help = "model or checkpoint to read"},
    {0}};

static const tt_example examples[] = {
    {"ttrans quantize -o small.ttm model.ttm", "8-bit weights, and the error of each tensor"},
    {"ttrans quantize --type bf16 -o half.ttm model.ttm | tail -n 2", "the totals alone"},
    {"ttrans quantize --json -o small.ttm model.ttm",
     "the report for a program: shares of 1 instead of per cent"},
    {"ttrans quantize --shortlist lex.bin -o fast.ttm model.ttm", "with a shortlist inside"},
    {NULL, NULL}};

typedef struct totals {
    int json;
    size_t tensors;
    double worst, numbers;
    const char *name;
    size_t row;
} totals;

static int one_row(totals *sum, int width, const tt_modelfile *in, const tt_modelfile *out,
                   const tt_file_tensor *u, tt_err *e) {
    tt_change c;
    const tt_file_tensor *t = tt_modelfile_find(in, u->name);
    int rc = tt_modelfile_change(&c, in, t, out, u, e);
    if (rc) return rc;
    if (sum->json) {
        printf(sum->tensors ? ",\n {\"name\": " : "\n {\"name\": ");
        tt_cmd_json_string(stdout, u->name);
        printf(", \"rows\": %zu, \"columns\": %zu, \"error\": %.6g, \"worst\": %.6g, \"row\": %zu}",
               u->rows, u->cols, c.error, c.worst, c.row);
    } else {
        printf("%-*s %8zu %8zu %9.4f %9.4f %8zu\n", width, u->name, u->rows, u->cols,
               100.0 * c.error, 100.0 * c.worst, c.row);
    }
    sum->tensors++;
    sum->numbers += (double)u->rows * (double)u->cols;
    if (c.worst >= sum->worst) sum->worst = c.worst, sum->name = u->name, sum->row = c.row;
    return 0;
}

/* A line for each tensor stored anew; what stayed as it was has nothing to tell. */
static int report(const tt_modelfile *in, const tt_modelfile *out, int type, int json, tt_err *e) {
    totals sum = {.name = "", .json = json};
    const tt_file_tensor *u;
    int width = 6, rc = 0;
    for (size_t i = 0; (u = tt_modelfile_entry(out, i)) != NULL; i++) {
        if (u->type == type && (int)strlen(u->name) > width) width = (int)strlen(u->name);
    }
    if (json) printf("{\"type\": \"%s\", \"tensors\": [", tt_type_name(type));
    else
        printf("%-*s %8s %8s %9s %9s %8s\n", width, "tensor", "rows", "columns", "error %",
               "worst %", "in row");
    for (size_t i = 0; !rc && (u = tt_modelfile_entry(out, i)) != NULL; i++) {
        if (u->type == type) rc = one_row(&sum, width, in, out, u, e);
    }
    if (rc) return rc;
    const double before = (double)tt_modelfile_size(in), after = (double)tt_modelfile_size(out);
    if (json) {
        printf("],\n\"numbers\": %.0f, \"before\": %.0f, \"after\": %.0f}\n", sum.numbers, before,
               after);
        return 0;
    }
    printf("\n%zu tensors of %.0f numbers as %s; the worst row is %zu of %s: %.4f %%\n",
           sum.tensors, sum.numbers, tt_type_name(type), sum.row, sum.name, 100.0 * sum.worst);
    printf("%.0f bytes before, %.0f after: %.1f %%\n", before, after, 100.0 * after / before);
    return 0;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->out) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    struct stat st; /* the report reads what was written */
    if (!stat(o->out, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return tt_cmd_fail(e, TT_ECREATE, "%.300s: not a regular file", o->out);
    tt_modelfile *in = tt_modelfile_open(o->in, e), *out = NULL;
    if (!in) return e->code;
    char *list = NULL, *words = NULL;
    size_t list_len = 0, words_len = 0;
    int rc = o->shortlist ? tt_shortlist_bytes(&list, &list_len, o->shortlist, in, e) : 0;
    if (!rc && o->spelling) rc = tt_speller_bytes(&words, &words_len, o->spelling, e);
    const tt_modelfile_more more = {{list, list_len}, {words, words_len}};
    if (!rc) rc = tt_modelfile_convert(in, o->out, o->type, &more, e);
    free(list);
    free(words);
    if (!rc) {
        out = tt_modelfile_open(o->out, e);
        rc = out ? report(in, out, o->type, o->json, e) : e->code;
    }
    tt_modelfile_close(out);
    tt_modelfile_close(in);
    return rc;
}

const tt_cmd tt_cmd_quantize = {
    "quantize",
    "makes a model's weights short and says what that costs",
    "[OPTION...] -o FILE MODEL",
    "Writes a model again with its matrices as 8-bit integers, each row with a scale of its own "
    "so that its greatest weight becomes 127, or as bfloat16 or half floats.\n\n"
    "The report has a line for each tensor: how far its numbers moved, as a share of their own "
    "size (both Euclidean), and the row that moved furthest. A weight that is not finite or "
    "beyond the type's range is refused, with its tensor and row.",
    rows,
    sizeof(opts),
    examples,
    run};
