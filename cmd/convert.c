/* convert.c: `ttrans convert`, a model file with its weights stored another way. */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct opts {
    const char *in, *out;
    int store;
    tt_list decode;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_STRING, "-o --output", "FILE", NULL, offsetof(opts, out), .file = TT_FILE_REPLACE,
     .help = "model file to write"},
    {TT_OPT_ENUM, "--store", "TYPE", "int8", offsetof(opts, store), .family = "type",
     .help = "how weights stand in the file; int8 with a scale for each row, biases stay f32"},
    {TT_OPT_LIST, "--decode", "NAME=VALUE", NULL, offsetof(opts, decode), .shown = "",
     .help = "what the file tells ttrans translate, unless an option does: beam-size, normalize, "
             "word-penalty, "
             "max-length-factor, allow-unk (0, 1), split (sentence, none: what the model was "
             "trained on), capitals (1: it "
             "was trained on sentences in capitals), placeholders (0: it was not trained on the "
             "reserved pieces that its vocabulary has); may be given again"},
    {TT_OPT_STRING, "MODEL", .at = offsetof(opts, in), .help = "model or checkpoint to read"},
    {0}};

static const tt_example examples[] = {
    {"ttrans convert --store int8 -o small.ttm model.ttm", "a quarter of the size"},
    {"ttrans convert --store f32 -o model.ttm model.ttm.ckpt",
     "the model of an interrupted training run"},
    {"ttrans convert --decode split=none --decode beam-size=2 -o told.ttm model.ttm",
     "a model of whole paragraphs, two hypotheses at a time"},
    {NULL, NULL}};

/* NAME=VALUE as metadata decode.NAME: VALUE; text of both in `text`, owned by the caller. */
static int read_notes(tt_modelfile_note *notes, char **text, const tt_list *decode, tt_err *e) {
    static const char group[] = "decode.";
    for (int i = 0; i < decode->count; i++) {
        const char *setting = decode->item[i];
        const size_t room = sizeof group + strlen(setting);
        tt_err wrong;
        if (tt_decode_check(setting, &wrong))
            return tt_cmd_fail(e, wrong.code, "--decode %s", wrong.msg);
        text[i] = malloc(room);
        if (!text[i]) return tt_cmd_fail(e, TT_ENOMEM, "out of memory for the options");
        snprintf(text[i], room, "%s%s", group, setting);
        char *value = strchr(text[i], '=');
        *value = 0;
        notes[i] = (tt_modelfile_note){text[i], value + 1};
    }
    return 0;
}

static int convert(const opts *o, int type, const tt_modelfile_note *notes, tt_err *e) {
    tt_modelfile *in = tt_modelfile_open(o->in, e);
    if (!in) return e->code;
    int rc = tt_modelfile_convert_noted(in, o->out, type, NULL, notes, (size_t)o->decode.count, e);
    tt_modelfile_close(in);
    return rc;
}

static int run(void *options, tt_err *e) {
    const opts *o = options;
    if (!o->out) return tt_cmd_fail(e, TT_EUSAGE, "no output: name a file with -o FILE");
    const size_t n = (size_t)o->decode.count + 1;
    tt_modelfile_note *notes = calloc(n, sizeof *notes);
    char **text = calloc(n, sizeof *text);
    int rc = notes && text ? read_notes(notes, text, &o->decode, e)
                           : tt_cmd_fail(e, TT_ENOMEM, "out of memory for the options");
    if (!rc) rc = convert(o, o->store, notes, e);
    for (size_t i = 0; text && i < n; i++) free(text[i]);
    free(text);
    free(notes);
    return rc;
}

const tt_cmd tt_cmd_convert = {"convert",
                               "stores a model's weights another way",
                               "[OPTION...] -o FILE MODEL",
                               "Writes a model file again, or the model inside a training "
                               "checkpoint, with its matrices stored "
                               "as 32-bit, bfloat16 or half floats, or as 8-bit integers.",
                               rows,
                               sizeof(opts),
                               examples,
                               run};
