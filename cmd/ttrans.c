/* ttrans.c: the program: a table of commands, and main.
 *
 * Main finds the command, has its options parsed into a zeroed struct, runs it, and answers for
 * what every command owes: one line on stderr for an error, results that reached stdout (a full
 * disk shows only when the stream is closed), and the exit status of sysexits(3). A reader that
 * went away ends the program by SIGPIPE, quietly, as Unix tools end.
 */
#include "cmd.h"

#include "comm/comm.h"
#include "config.h"
#include "files.h"

#include "comm/comm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMANDS(X)                                                                                \
    X(translate)                                                                                   \
    X(train)                                                                                       \
    X(convert)                                                                                     \
    X(average)                                                                                     \
    X(prune)                                                                                       \
    X(quantize)                                                                                    \
    X(import)                                                                                      \
    X(export)                                                                                      \
    X(vocab)                                                                                       \
    X(clean)                                                                                       \
    X(shortlist) X(eval) X(attn) X(align) X(plot) X(info) X(list) X(bench) X(help) X(completion)

#define DECLARE(name) extern const tt_cmd tt_cmd_##name;
COMMANDS(DECLARE)
#define ADDRESS(name) &tt_cmd_##name,
const tt_cmd *const tt_cmds[] = {COMMANDS(ADDRESS) NULL};

#ifndef TT_BUILT_WITH
#define TT_BUILT_WITH ""
#endif

const tt_cmd *tt_cmd_find(const char *name, tt_err *e) {
    const char *names[sizeof(tt_cmds) / sizeof(*tt_cmds)] = {NULL}, *near;
    for (size_t i = 0; tt_cmds[i]; i++) {
        if (!strcmp(name, tt_cmds[i]->name)) return tt_cmds[i];
        names[i] = tt_cmds[i]->name;
    }
    near = tt_opt_nearest(name, names);
    if (near) tt_cmd_fail(e, TT_EUSAGE, "unknown command %.60s; did you mean %s?", name, near);
    else tt_cmd_fail(e, TT_EUSAGE, "unknown command %.60s; see ttrans --help", name);
    return NULL;
}

void tt_cmd_overview(FILE *out) {
    fputs("Usage: ttrans COMMAND [OPTION...]\n"
          "Neural translation of text: from training a model to reading its output.\n\nCommands:\n",
          out);
    for (const tt_cmd *const *c = tt_cmds; *c; c++)
        fprintf(out, "  %-12s%s\n", (*c)->name, (*c)->summary);
    fputs("\nttrans COMMAND --help tells more, and so does man ttrans-COMMAND.\n", out);
}

static int version(tt_err *e) {
    const char *isa = tt_isa(getenv("TTRANS_ISA"), e);
    if (!isa) return e->code;
    printf("ttrans %s\ninstruction set: %s\nbuilt with: %s\n", TT_VERSION, isa, TT_BUILT_WITH);
    return 0;
}

/* Flushes stdout and says whether all of it got out. */
static int close_stdout(tt_err *e) {
    errno = 0;
    int bad = ferror(stdout);
    if (fclose(stdout) || bad) {
        int num = errno;
        if (num == EPIPE) raise(SIGPIPE);
        return tt_cmd_fail(e, TT_EIO, "standard output: %s", num ? strerror(num) : "write error");
    }
    return 0;
}

/* Is this the command's ACTION? NULL is any. */
static int does(const tt_cmd *cmd, const void *opts, const char *action) {
    for (const tt_opt *o = cmd->rows; action && o->kind; o++)
        if (o->kind == TT_OPT_ENUM && !strcmp(o->names, "ACTION")) {
            const char *word = o->allowed;
            for (int i = *(const int *)(const void *)((const char *)opts + o->at); i > 0; i--)
                word += strcspn(word, "|") + 1;
            return strlen(action) == strcspn(word, "|") && !strncmp(word, action, strlen(action));
        }
    return !action;
}

/* Commands that read what others made run with nothing else within reach. `bench` measures the
   machine, and looks at it; several ranks need what their launcher gave them. */
static void confine(const tt_cmd *cmd, const void *opts, const tt_uses *uses) {
    static const struct {
        const char *name;
        int more;
        const char *only; /* the ACTION for which this is so */
    } confined[] = {{"translate", 0, NULL},
                    {"train", TT_CONFINE_RUN, NULL},
                    {"convert", 0, NULL},
                    {"average", 0, NULL},
                    {"quantize", TT_CONFINE_RUN, NULL},
                    {"import", TT_CONFINE_PACKAGE, NULL},
                    {"export", 0, NULL},
                    {"vocab", TT_CONFINE_FORKS, "train"},
                    {"vocab", 0, NULL},
                    {"shortlist", 0, NULL},
                    {"eval", 0, NULL},
                    {"attn", 0, NULL},
                    {"align", 0, NULL},
                    {"plot", 0, NULL},
                    {"info", 0, NULL}};
    if (tt_comm_launched() > 1) return; /* ranks talk to each other */
    for (size_t i = 0; i < sizeof confined / sizeof *confined; i++)
        if (!strcmp(cmd->name, confined[i].name) && does(cmd, opts, confined[i].only)) {
            tt_uses_confine(uses, confined[i].more);
            return;
        }
}

/* One of several ranks goes on as ttrans-mpi, which lies beside this program. */
static int become_mpi(const char *cmd, char **argv, tt_err *e) {
    char path[4096 + 8];
    if (tt_comm_launched() < 2 || tt_comm_has_mpi()) return 0;
    if (strcmp(cmd, "train") != 0 && strcmp(cmd, "translate") != 0) return 0;
    const ssize_t n = readlink("/proc/self/exe", path, 4096);
    if (n > 0 && n < 4096) {
        snprintf(path + n, sizeof path - (size_t)n, "-mpi");
        execv(path, argv);
    }
    return tt_cmd_fail(
        e, TT_ECONFIG,
        "%d ranks are started, and there is no ttrans-mpi beside this program: it is "
        "made where mpicc is found; see ttrans-mpi(7)",
        tt_comm_launched());
}

static int run(int argc, char **argv, tt_err *e) {
    if (argc < 2) {
        tt_cmd_overview(stdout);
        return tt_cmd_fail(e, TT_EUSAGE, "a command is missing");
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V") || !strcmp(argv[1], "-v") ||
        !strcmp(argv[1], "version"))
        return version(e);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        tt_cmd_overview(stdout);
        return 0;
    }
    const tt_cmd *cmd = tt_cmd_find(argv[1], e);
    if (!cmd) return e->code;
    tt_cmd_begin(cmd->name);
    if (tt_opt_wants_help(cmd, argc - 1, argv + 1)) {
        tt_opt_help(cmd, stdout);
        return 0;
    }
    if (become_mpi(cmd->name, argv, e)) return e->code;
    void *opts = calloc(1, cmd->size + 1);
    if (!opts) return tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    tt_opt_shared shared = {0};
    tt_config config = {0};
    int rc = tt_opt_parse(cmd, opts, &shared, argc - 1, argv + 1, e);
    if (!rc && shared.config.count)
        rc = tt_config_read(&config, cmd, opts, &shared, argc - 1, argv + 1, e);
    tt_uses uses = {0};
    if (!rc) rc = tt_uses_find(&uses, cmd, opts, &shared, e);
    if (!rc && !shared.dump) rc = tt_uses_check(&uses, e);
    if (!rc && !shared.dump && !shared.open && tt_comm_launched() < 2) confine(cmd, opts, &uses);
    if (!rc)
        rc = shared.dump ? tt_config_print(cmd, opts, shared.dump == TT_CONFIG_FULL, stdout, e)
                         : cmd->run(opts, e);
    tt_uses_free(&uses);
    tt_opt_free(cmd, opts, &shared);
    tt_config_free(&config);
    free(opts);
    return rc;
}

/* Where one of the descriptors 0 to 2 is closed, the next file opened would be in its place, and
   messages would go into it. /dev/null stands there instead, open the wrong way for input and
   results, so that their use is an error still. */
static void fill_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            int null = open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
            if (null >= 0 && null != fd) close(null);
        }
}

/* A mapped file that became shorter: its bytes are not there any more. */
static void on_cut(int number) {
    static const char line[] = "ttrans: a file was cut short while it was read\n";
    (void)number;
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0) errno = 0; /* nobody to tell */
    _exit(tt_err_status(TT_EFORMAT));
}

int main(int argc, char **argv) {
    tt_err e = {0}, late = {0};
    fill_descriptors();
    signal(SIGPIPE, SIG_DFL);
    signal(SIGBUS, on_cut);
    int rc = run(argc, argv, &e);
    if (close_stdout(&late) && !rc) rc = late.code, e = late;
    if (rc && *e.msg) tt_cmd_warn("%s", e.msg);
    else tt_cmd_progress(NULL);
    return tt_err_status(rc);
}
