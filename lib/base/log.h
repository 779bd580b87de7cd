/* log.h: messages to the caller's callback (tt_log of ttrans.h). */
#ifndef TT_BASE_LOG_H
#define TT_BASE_LOG_H

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line at a level; dropped before formatting when the log is NULL, silent, or less talkative. */
void tt_log_line(const tt_log *log, int level, const char *fmt, ...) TT_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
