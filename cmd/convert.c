/* convert.c: `ttrans convert`, a model file with its weights stored another way. */
#include "cmd.h"

typedef struct opts {
    const char *in, *out;
    int store;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "FILE", NULL, offsetof(opts, out), .help = "model file to write"},
    {TT_OPT_ENUM, "--store", "TYPE", "int8", offsetof(opts, store), .family = "type", .help = "how weights stand in the file; int8 with a scale for each row, biases stay f32"},
    {TT_OPT_STRING, "MODEL", .at = offsetof(opts, in), .help = "model or checkpoint to read"},
    {0}};

static const tt_example examples[] = {
    {"ttrans convert --store int8 -o small.ttm model.ttm", "a quarter of the size"},
    {"ttrans convert --store f32 -o model.ttm model.ttm.ckpt", "the model of an interrupted training run"},
    {NULL, NULL}};

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->out) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    tt_modelfile *in = tt_modelfile_open(o->in, e);
    if (!in) return e->code;
    int rc = tt_modelfile_convert(in, o->out, o->store, (tt_span){NULL, 0}, e);
    tt_modelfile_close(in);
    return rc;
}

const tt_cmd tt_cmd_convert = {"convert", "stores a model's weights another way", "[OPTION...] -o FILE MODEL",
                               "Writes a model file again, or the model inside a training checkpoint, with its matrices stored "
                               "as 32-bit, bfloat16 or half floats, or as 8-bit integers.",
                               rows, sizeof(opts), examples, run};
