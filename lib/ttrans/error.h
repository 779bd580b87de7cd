/* error.h: errors as values, messages, and what this machine is. The one header that all others of
 * ttrans/ include.
 *
 *     tt_err e;
 *     if (tt_something(..., &e)) fprintf(stderr, "%s\n", e.msg);
 */
#ifndef TTRANS_ERROR_H
#define TTRANS_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TT_C_BEGIN extern "C" {
#define TT_C_END }
#else
#define TT_C_BEGIN
#define TT_C_END
#endif

TT_C_BEGIN

/* name, code, exit status (sysexits(3)), meaning */
#define TT_ERRORS(X)                                                                               \
    X(USAGE, -1, 64, "wrong use of the command line")                                              \
    X(DATA, -2, 65, "input data is wrong")                                                         \
    X(FORMAT, -3, 65, "file is not in the expected format, or damaged")                            \
    X(NOINPUT, -4, 66, "input cannot be opened")                                                   \
    X(INTERNAL, -5, 70, "internal error")                                                          \
    X(DIVERGED, -6, 70, "training diverged")                                                       \
    X(NOMEM, -7, 71, "out of memory or another resource of the system")                            \
    X(CREATE, -8, 73, "output cannot be created")                                                  \
    X(IO, -9, 74, "reading or writing failed")                                                     \
    X(STOPPED, -10, 75, "stopped on request; can be continued")                                    \
    X(CONFIG, -11, 78, "settings contradict each other")

#define TT_ERR_CODE_(name, code, status, meaning) TT_E##name = (code),
enum { TT_ERRORS(TT_ERR_CODE_) };
#undef TT_ERR_CODE_

typedef struct tt_err {
    int code;      /* 0, or negative: TT_EDATA … */
    char msg[500]; /* one line, no newline at the end */
} tt_err;

/* The exit status for a code: 0 for 0, else the sysexits(3) number of its row. */
int tt_err_status(int code);

/* ---- log ----------------------------------------------------------------------------------- */

enum { TT_LOG_ERROR, TT_LOG_WARN, TT_LOG_INFO, TT_LOG_DEBUG };

/* Where messages go: `line` has no newline. A zeroed tt_log is silent. May be called from any
   thread, one call at a time. */
typedef struct tt_log {
    void (*line)(void *ctx, int level, const char *line);
    void *ctx;
    int level; /* messages above this level are dropped before formatting */
    void (*progress)(void *ctx, const char *line); /* how far a long part of the work is: the next
                                                      line takes this one's place; or NULL */
} tt_log;

/* ---- text ---------------------------------------------------------------------------------- */

typedef struct tt_span { /* UTF-8, borrowed, need not end in NUL */
    const char *text;
    size_t len;
} tt_span;

/* ---- processor ----------------------------------------------------------------------------- */

/* Processors this process may run on, at least 1. */
int tt_cpu_count(void);

/* The processor's own name, "" where it has none; cut off at `cap` bytes, of which 64 are enough.
 */
void tt_cpu_name(char *name, size_t cap);

/* The instruction set that arithmetic uses here: `want` ("c", "avx2", …), or the best this CPU has
   for NULL or "". NULL with TT_EUSAGE for one that is unknown or that the CPU lacks. */
const char *tt_isa(const char *want, tt_err *e);

TT_C_END

#endif
