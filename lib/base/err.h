/* err.h: errors are values.
 *
 *     if (size > limit) return tt_fail(e, TT_EFORMAT, "%s: %zu bytes, expected at most %zu", path,
 *       size, limit);
 *     TT_TRY(tt_other(..., e));          // forwards a failure where nothing is owned
 *
 * Where something is owned, use `int rc` and one `out:` label.
 */
#ifndef TT_BASE_ERR_H
#define TT_BASE_ERR_H

#include "ttrans.h"

#if defined(__GNUC__)
#define TT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TT_PRINTF(fmt, args)
#endif

#define TT_TRY(call)                                                                               \
    do {                                                                                           \
        int tt_rc_ = (call);                                                                       \
        if (tt_rc_) return tt_rc_;                                                                 \
    } while (0)

#ifdef __cplusplus
extern "C" {
#endif

/* Leaves code and message in *e and returns the code. Where a handle keeps its first error until it
   is finished (io/file.h, io/modelfile.h), e is NULL, and only the code returns. */
int tt_fail(tt_err *e, int code, const char *fmt, ...) TT_PRINTF(3, 4);

/* As tt_fail, with ": " and the text of errno `num` behind the message. */
int tt_fail_errno(tt_err *e, int code, int num, const char *fmt, ...) TT_PRINTF(4, 5);

/* Puts blanks for characters that a terminal would obey (C0, C1, line ends, marks of direction) and
   question marks for bytes that are not UTF-8; the length stays. */
void tt_text_visible(char *text);

/* Puts "context: " in front of the message in *e and returns its code. */
int tt_err_context(tt_err *e, const char *fmt, ...) TT_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
