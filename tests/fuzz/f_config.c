/* f_config: whatever a file of options says, it is refused with one printable line, or its options,
 * printed, read back as the same.
 */
#include "../../cmd/opt.c"
#include "../../cmd/optvalue.c"
#include "../../cmd/config.c"
#include "../../cmd/term.c"
#include "fuzz/holds.h"

#include <stdint.h>
#include <unistd.h>

typedef struct opts {
    int flag, on, number, word;
    size_t size;
    double real, time;
    tt_amount amount;
    const char *text, *begin, *file;
    tt_list list, pairs, keys;
} opts;

static const tt_opt rows[] = {
    {TT_OPT_FLAG, "-f --flag", .at = offsetof(opts, flag), .help = "h"},
    {TT_OPT_FLAG, "--on", .def = "1", .at = offsetof(opts, on), .help = "h"},
    {TT_OPT_INT, "-i --int", "N", "4", offsetof(opts, number), .low = 1, .high = 64, .help = "h"},
    {TT_OPT_SIZE, "-s --size", "N", "2k", offsetof(opts, size), .help = "h"},
    {TT_OPT_DOUBLE, "-d --double", "X", NULL, offsetof(opts, real), .bare = "1", .help = "h"},
    {TT_OPT_ENUM, "-e --enum", "W", NULL, offsetof(opts, word), .allowed = "one|two|three",
     .bare = "one", .help = "h"},
    {TT_OPT_DURATION, "-t --time", "T", NULL, offsetof(opts, time), .help = "h"},
    {TT_OPT_AMOUNT, "-a --amount", "A", "1u", offsetof(opts, amount), .allowed = "ute",
     .help = "h"},
    {TT_OPT_STRING, "-m --model", "F", NULL, offsetof(opts, text), .help = "h"},
    {TT_OPT_STRING, "--prefix", "T", NULL, offsetof(opts, begin), .bare = "", .help = "h"},
    {TT_OPT_STRING, "--shortlist", "F", NULL, offsetof(opts, file), .numbers = 3, .help = "h"},
    {TT_OPT_LIST, "-l --list", "L", NULL, offsetof(opts, list), .low = 1, .high = 3, .help = "h"},
    {TT_OPT_LIST, "--pairs", "A B", NULL, offsetof(opts, pairs), .low = 2, .high = 2, .help = "h"},
    {TT_OPT_KEY, "-k --key", "K", NULL, offsetof(opts, keys), .help = "h"},
    {TT_OPT_KEY, "--tied", .at = offsetof(opts, keys), .help = "h"},
    {0}};
static const tt_cmd cmd = {"try", "is tried", "", NULL, rows, sizeof(opts), NULL, NULL};

/* Reads the file of options and prints it: the code, and the text in *printed, the caller's to
   free. */
static int round_trip(const void *data, size_t size, char **printed) {
    char path[] = "/tmp/f_config.XXXXXX";
    int fd = mkstemp(path);
    HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size && !close(fd));
    char *argv[] = {"try", "-c", path, NULL};
    opts o = {0};
    tt_opt_shared shared = {0};
    tt_config config = {0};
    tt_err e = {0};
    size_t len;
    int rc = tt_opt_parse(&cmd, &o, &shared, 3, argv, &e);
    HOLDS(!rc);
    rc = tt_config_read(&config, &cmd, &o, &shared, 3, argv, &e);
    HOLDS(rc == 0 || ((rc == TT_EUSAGE || rc == TT_EFORMAT || rc == TT_EDATA) && e.msg[0] &&
                      !strchr(e.msg, '\n')));
    *printed = NULL;
    if (!rc) {
        FILE *f = open_memstream(printed, &len);
        HOLDS(f && !tt_config_print(&cmd, &o, 0, f, &e) && !fclose(f));
        HOLDS(o.number >= 1 && o.number <= 64 && o.word >= 0 && o.word <= 2 &&
              o.pairs.count % 2 == 0);
    }
    tt_opt_free(&cmd, &o, &shared);
    tt_config_free(&config);
    unlink(path);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *first, *second;
    if (size > 1 && data[0] == 0x1F && data[1] == 0x8B)
        return 0; /* gzip has a fuzzer's worth of failures of its own */
    if (round_trip(data, size, &first)) return 0;
    HOLDS(!round_trip(first, strlen(first), &second));
    HOLDS(!strcmp(first, second));
    free(first);
    free(second);
    return 0;
}
