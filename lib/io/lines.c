/* lines.c: a growing buffer over an input stream.
 *
 *     buf:  | given before | rest: next lines, the last one perhaps unfinished | free | 1 |
 *                          start                  seen                       end       cap
 *
 * `seen` is how far the search for a newline has come, so a long line is searched once however many
 * reads it takes. The unfinished rest moves to the front before each read. The spare byte at the
 * end takes the NUL behind a last line without newline.
 */
#include "io/lines.h"

#include "io/file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_SIZE = 1 << 16 }; /* one full pipe; doubled for a longer line */

struct tt_lines {
    tt_input *in;
    char *buf;
    size_t start, seen, end, cap;
    size_t max, number;
    bool eof;
    tt_err err; /* the first failure; no more lines after it */
};

static tt_lines *open_over(tt_input *in, size_t max_line, tt_err *e) {
    if (!in) return NULL;
    tt_lines *ln = calloc(1, sizeof *ln);
    if (!ln) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", tt_input_name(in));
        tt_input_close(in);
        return NULL;
    }
    ln->in = in;
    ln->max = max_line ? max_line : TT_LINE_MAX;
    return ln;
}

tt_lines *tt_lines_open(const char *path, size_t max_line, tt_err *e) {
    return open_over(tt_input_open(path, e), max_line, e);
}

tt_lines *tt_lines_open_fd(int fd, const char *name, size_t max_line, tt_err *e) {
    return open_over(tt_input_open_fd(fd, name, e), max_line, e);
}

void tt_lines_close(tt_lines *ln) {
    if (!ln) return;
    tt_input_close(ln->in);
    free(ln->buf);
    free(ln);
}

size_t tt_lines_number(const tt_lines *ln) { return ln->number; }
const char *tt_lines_name(const tt_lines *ln) { return tt_input_name(ln->in); }

/* Moves `seen` to the next newline. false: there is none in the buffer. */
static bool find_newline(tt_lines *ln) {
    if (ln->seen == ln->end) return false;
    const char *nl = memchr(ln->buf + ln->seen, '\n', ln->end - ln->seen);
    ln->seen = nl ? (size_t)(nl - ln->buf) : ln->end;
    return nl != NULL;
}

static int too_long(const tt_lines *ln, tt_err *e) {
    return tt_fail(e, TT_EDATA, "%s:%zu: line of more than %zu bytes", tt_lines_name(ln),
                   ln->number + 1, ln->max);
}

/* Reads once; the buffer holds no newline. Sets eof at the end. */
static int read_more(tt_lines *ln, tt_err *e) {
    size_t rest = ln->end - ln->start;
    if (rest > ln->max) return too_long(ln, e);
    if (ln->start > 0) {
        memmove(ln->buf, ln->buf + ln->start, rest);
        ln->start = 0;
        ln->seen = ln->end = rest;
    }
    if (ln->end == ln->cap) {
        size_t cap = ln->cap ? 2 * ln->cap : FIRST_SIZE;
        char *buf = realloc(ln->buf, cap + 1);
        if (!buf)
            return tt_fail(e, TT_ENOMEM, "%s:%zu: out of memory", tt_lines_name(ln),
                           ln->number + 1);
        ln->buf = buf;
        ln->cap = cap;
    }
    size_t got;
    TT_TRY(tt_input_read(ln->in, ln->buf + ln->end, &got, ln->cap - ln->end, e));
    ln->end += got;
    ln->eof = got == 0;
    return 0;
}

int tt_lines_next(tt_lines *ln, const char **line, size_t *len, tt_err *e) {
    while (!ln->err.code && !find_newline(ln) && !ln->eof) read_more(ln, &ln->err);
    if (!ln->err.code && ln->seen - ln->start > ln->max) too_long(ln, &ln->err);
    if (ln->err.code) {
        if (e) *e = ln->err;
        return ln->err.code;
    }
    if (ln->start == ln->end) return 0; /* find_newline failed and nothing is left */
    ln->buf[ln->seen] = '\0';
    *line = ln->buf + ln->start;
    *len = ln->seen - ln->start;
    if (ln->seen < ln->end) ln->seen++;
    ln->start = ln->seen;
    ln->number++;
    return 1;
}

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int tt_lines_ready(tt_lines *ln, int wait_ms) {
    long until = wait_ms > 0 ? now_ms() + wait_ms : 0;
    for (;;) {
        if (ln->err.code || find_newline(ln) || ln->eof) return 1;
        int left = wait_ms;
        if (wait_ms > 0) {
            long rest = until - now_ms();
            left = rest > 0 ? (int)rest : 0;
        }
        if (!tt_input_ready(ln->in, left)) return 0;
        read_more(ln, &ln->err);
    }
}
