/* average.c: `ttrans average`, the mean of several models. */
#include "cmd.h"

#include <stdlib.h>

typedef struct opts {
    const char *out;
    tt_list in;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "FILE", NULL, offsetof(opts, out), .file = TT_FILE_REPLACE,
     .help = "model file to write"},
    {TT_OPT_LIST, "MODEL...", .at = offsetof(opts, in),
     .help = "models or checkpoints to read, all of the same settings and vocabulary"},
    {0}};

static const tt_example examples[] = {
    {"ttrans average -o mean.ttm old.ttm new.ttm", "the mean of two models"}, {NULL, NULL}};

static int average(const opts *o, tt_modelfile **in, tt_err *e) {
    for (int i = 0; i < o->in.count; i++)
        if (!(in[i] = tt_modelfile_open(o->in.item[i], e))) return e->code;
    return tt_modelfile_average(in, (size_t)o->in.count, o->out, e);
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->out) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    tt_modelfile **in = calloc((size_t)o->in.count + 1, sizeof(tt_modelfile *));
    if (!in) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    int rc = average(o, in, e);
    for (int i = 0; i < o->in.count; i++) tt_modelfile_close(in[i]);
    free(in);
    return rc;
}

const tt_cmd tt_cmd_average = {"average",
                               "makes the mean of several models",
                               "-o FILE MODEL...",
                               "Writes a model whose weights are the mean of those of several "
                               "models of the same settings, tensors "
                               "and vocabulary, as 32-bit floats.",
                               rows,
                               sizeof(opts),
                               examples,
                               run};
