/* term.c: messages on stderr, and the progress line that shares the terminal with them.
 *
 * Results go to stdout and everything else comes here. A progress line is drawn over itself with a
 * carriage return; whatever else is printed wipes it first. What it remembers (the command's name,
 * whether a line is drawn) is state of the one terminal there is.
 */
#include "base/err.h"
#include "base/utf8.h"
#include "cmd.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *command = "";
static int drawn; /* is a progress line on the screen? */

void tt_cmd_begin(const char *name) { command = name; }

static bool dumb(void) {
    const char *term = getenv("TERM");
    return !term || !*term || !strcmp(term, "dumb");
}

bool tt_cmd_tty(void) { return isatty(STDERR_FILENO) && !dumb(); }

bool tt_cmd_colour(FILE *out) {
    const char *no = getenv("NO_COLOR");
    return (!no || !*no) && isatty(fileno(out)) && !dumb();
}

int tt_cmd_columns(FILE *out, int other) {
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col) return other;
    return size.ws_col;
}

/* Columns of the first character of a text, whose bytes go to *size: 2 for those of East Asian
   scripts and emoji, 0 for those that join the one before. */
static int columns_of(const char *text, size_t *size) {
    const uint32_t c = tt_utf8_at(text, strnlen(text, 4), 0, size);
    if ((c >= 0x300 && c < 0x370) || (c >= 0x200B && c < 0x2010) || (c >= 0xFE00 && c < 0xFE10))
        return 0;
    return (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) ||
                   (c >= 0xAC00 && c < 0xD7A4) || (c >= 0xF900 && c < 0xFB00) ||
                   (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) ||
                   (c >= 0x1F300 && c < 0x20000) || (c >= 0x20000 && c < 0x40000)
               ? 2
               : 1;
}

/* Bytes of the text that `columns` columns hold. */
static size_t bytes_in(const char *text, int columns) {
    size_t at = 0, size;
    while (text[at] && (columns -= columns_of(text + at, &size)) >= 0) at += size;
    return at;
}

void tt_cmd_fit(char *line, int columns) {
    size_t len = strlen(line), room = bytes_in(line, columns);
    if (room == len) return;
    char *tail =
        NULL; /* the last field, with the two blanks before it: usually the time that is left */
    for (char *p = line; (p = strstr(p, "  ")) != NULL; p += 2) tail = p;
    int tail_columns = 0;
    for (size_t at = 0, size; tail && tail[at]; at += size)
        tail_columns += columns_of(tail + at, &size);
    if (!tail || tail_columns > columns / 2) {
        line[room] = 0;
        return;
    }
    char *end = line; /* of the fields that stay: as many as fit, at least a part of the first */
    size_t head = bytes_in(line, columns - tail_columns);
    for (char *p = line; (p = strstr(p, "  ")) != NULL && (size_t)(p - line) <= head; p += 2)
        end = p;
    if (end == line) end = line + head;
    memmove(end, tail, strlen(tail) + 1);
}

void tt_cmd_progress(const char *line) {
    char cut[1200];
    if (line && tt_cmd_tty()) {
        snprintf(cut, sizeof cut, "%s", line);
        tt_text_visible(cut);
        tt_cmd_fit(cut, tt_cmd_columns(stderr, 80) -
                            1); /* some terminals wrap when the last column is written */
        fprintf(stderr, "\r%s\033[K", cut);
    } else if (line) {
        snprintf(cut, sizeof cut, "%s", line);
        tt_text_visible(cut);
        fprintf(stderr, "%s\n", cut);
    } else if (drawn) {
        fputs("\r\033[K", stderr);
    }
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
    tt_text_visible(line);
    tt_cmd_progress(NULL);
    fprintf(stderr, *command ? "ttrans %s: %s\n" : "ttrans%s: %s\n", command, line);
}

static void log_line(void *ctx, int level, const char *line) {
    (void)ctx;
    if (level <= TT_LOG_WARN) {
        tt_cmd_warn("%s", line);
    } else {
        char shown[1200];
        snprintf(shown, sizeof shown, "%s", line);
        tt_text_visible(shown);
        tt_cmd_progress(NULL);
        fprintf(stderr, "%s\n", shown);
    }
}

static void log_progress(void *ctx, const char *line) {
    (void)ctx;
    tt_cmd_progress(line);
}

tt_log tt_cmd_log(int level) {
    return (tt_log){.line = log_line,
                    .level = level,
                    .progress = level >= TT_LOG_INFO && tt_cmd_tty() ? log_progress : NULL};
}
