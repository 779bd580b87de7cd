/* log.c: see log.h. A line longer than the buffer is cut. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void tt_log_line(const tt_log *log, int level, const char *fmt, ...) {
    if (!log || !log->line || level > log->level) return;
    char text[1000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log->line(log->ctx, level, text);
}

void tt_log_progress(const tt_log *log, const char *fmt, ...) {
    if (!log || !log->progress) return;
    char text[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log->progress(log->ctx, text);
}
