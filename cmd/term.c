/* term.c: messages on stderr, and the progress line that shares the terminal with them.
 *
 * Results go to stdout and everything else comes here. A progress line is drawn over itself with a
 * carriage return; whatever else is printed wipes it first. What it remembers (the command's name,
 * whether a line is drawn) is state of the one terminal there is.
 */
#include "cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *command = "";
static int drawn; /* is a progress line on the screen? */

void tt_cmd_begin(const char *name) {
    command = name;
}

static int dumb(void) {
    const char *term = getenv("TERM");
    return !term || !*term || !strcmp(term, "dumb");
}

int tt_cmd_tty(void) {
    return isatty(STDERR_FILENO) && !dumb();
}

int tt_cmd_colour(FILE *out) {
    const char *no = getenv("NO_COLOR");
    return (!no || !*no) && isatty(fileno(out)) && !dumb();
}

int tt_cmd_columns(FILE *out, int other) {
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col) return other;
    return size.ws_col;
}

void tt_cmd_progress(const char *line) {
    if (line) fprintf(stderr, tt_cmd_tty() ? "\r%s\033[K" : "%s\n", line);
    else if (drawn) fputs("\r\033[K", stderr);
    drawn = line && tt_cmd_tty();
    fflush(stderr);
}

int tt_cmd_fail(tt_err *e, int code, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->msg, sizeof e->msg, fmt, args);
    va_end(args);
    return e->code = code;
}

void tt_cmd_warn(const char *fmt, ...) {
    va_list args;
    char line[1200];
    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    tt_cmd_progress(NULL);
    fprintf(stderr, *command ? "ttrans %s: %s\n" : "ttrans%s: %s\n", command, line);
}

static void log_line(void *ctx, int level, const char *line) {
    (void)ctx;
    if (level <= TT_LOG_WARN) {
        tt_cmd_warn("%s", line);
    } else {
        tt_cmd_progress(NULL);
        fprintf(stderr, "%s\n", line);
    }
}

tt_log tt_cmd_log(int level) {
    return (tt_log){.line = log_line, .level = level};
}
