/* log.h: messages to the caller's callback (tt_log of ttrans.h). */
#ifndef TT_BASE_LOG_H
#define TT_BASE_LOG_H

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One line at a level; dropped before formatting when the log is NULL, silent, or less talkative.
 */
void tt_log_line(const tt_log *log, int level, const char *fmt, ...) TT_PRINTF(3, 4);

/* How far a long part is; dropped before formatting where nobody wants to know. */
void tt_log_progress(const tt_log *log, const char *fmt, ...) TT_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
