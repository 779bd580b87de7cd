/* f_opt.c: options never crash the parser, and a refusal is one printable line with the right code.
 * The input is the words of a command line, a NUL or newline after each.
 */
#include "../../cmd/opt.c"
#include "../../cmd/optvalue.c"

#include <stdint.h>

typedef struct opts {
    int flag, number, word;
    size_t size;
    double real, time;
    tt_amount amount;
    const char *text, *operand;
    tt_list list, keys, rest;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_FLAG, "-f --flag", .at = offsetof(opts, flag), .help = "h"},
    {TT_OPT_INT, "-i --int", "N", "4", offsetof(opts, number), .low = 1, .high = 64, .help = "h"},
    {TT_OPT_SIZE, "-s --size", "N", "2k", offsetof(opts, size), .help = "h"},
    {TT_OPT_DOUBLE, "-d --double", "X", NULL, offsetof(opts, real), .bare = "1", .help = "h"},
    {TT_OPT_ENUM, "-e --enum", "W", NULL, offsetof(opts, word), .allowed = "one|two|three",
     .bare = "one", .help = "h"},
    {TT_OPT_DURATION, "-t --time", "T", NULL, offsetof(opts, time), .help = "h"},
    {TT_OPT_AMOUNT, "-a --amount", "A", NULL, offsetof(opts, amount), .allowed = "ute",
     .help = "h"},
    {TT_OPT_STRING, "-m --model -mod", "F", NULL, offsetof(opts, text), .help = "h"},
    {TT_OPT_LIST, "-l --list", "L", NULL, offsetof(opts, list), .low = 1, .high = 3, .help = "h"},
    {TT_OPT_KEY, "-k --key", "K", NULL, offsetof(opts, keys), .help = "h"},
    {TT_OPT_STRING, "[ONE]", .at = offsetof(opts, operand), .help = "h"},
    {TT_OPT_LIST, "[REST...]", .at = offsetof(opts, rest), .help = "h"},
    {0}};
static const tt_cmd cmd = {"try", "is tried", "[ONE]", NULL, rows, sizeof(opts), NULL, NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[4096];
    char *argv[258] = {NULL};
    int argc = 1, start = 1;
    opts o = {0};
    tt_err e = {0};
    if (size >= sizeof(text)) size = sizeof(text) - 1;
    if (size) memcpy(text, data, size);
    text[size] = 0;
    for (size_t i = 0; i < size && argc < 256; i++) {
        if (start) argv[argc++] = text + i;
        start = text[i] == '\n' || !text[i];
        if (start) text[i] = 0;
    }
    tt_opt_shared shared = {0};
    int rc = tt_opt_parse(&cmd, &o, &shared, argc, argv, &e);
    if (rc && (rc != TT_EUSAGE || e.code != rc || !e.msg[0])) abort();
    for (const char *p = rc ? e.msg : ""; *p; p++)
        if (iscntrl((unsigned char)*p)) abort();
    if (!rc && (o.number < 1 || o.number > 64 || o.word < 0 || o.word > 2 || !isfinite(o.real)))
        abort();
    tt_opt_free(&cmd, &o, &shared);
    return 0;
}
