/* lines.h: text line by line.
 *
 *     tt_lines *in = tt_lines_open("corpus.en.gz", 0, e);         // "-": standard input
 *     const char *line; size_t len; int rc;
 *     while ((rc = tt_lines_next(in, &line, &len, e)) > 0) …      // rc 0: end, negative: error
 *     tt_lines_close(in);
 *
 * A line is what stands before a newline, or before the end of the input if anything stands there.
 * Its bytes are left alone: NUL, CR, bad UTF-8; but UTF-16 and UTF-32 with their marks become
 * UTF-8, the mark of UTF-8 goes, and what is no text is refused (kind.h). Short reads are normal,
 * so pipes and terminals give each line as soon as it is there. A filter asks tt_lines_ready
 * between lines: it goes on collecting a batch while that says 1 and works off what it has when it
 * says 0.
 */
#ifndef TT_IO_LINES_H
#define TT_IO_LINES_H

#include <stdbool.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TT_LINE_MAX ((size_t)64 << 20) /* default cap on a line's bytes: max_line 0 */

/* What is told to everyone stands in ttrans.h: tt_lines_open (NULL on failure), tt_lines_close,
   tt_lines_number, tt_lines_name, and tt_lines_next, which leaves a NUL behind the line and fails
   with TT_EDATA for a line above the cap (name and line number in the message), TT_EIO or
   TT_EFORMAT, and again on each later call. */

/* Over an open descriptor, which stays the caller's. */
tt_lines *tt_lines_open_fd(int fd, const char *name, size_t max_line, tt_err *e);

/* 1 if tt_lines_next has its answer (a whole line, the end, or an error) without waiting longer
   than `wait_ms` milliseconds for input; 0 if it would wait. Reads ahead what is there, so the
   line borrowed last is gone. */
int tt_lines_ready(tt_lines *in, int wait_ms);

/* Several files as one text: the next one begins a line. The paths are borrowed until close. */
tt_lines *tt_lines_open_all(const char *const *paths, size_t n, size_t max_line, int encoding,
                            tt_err *e);

/* Waits for the first bytes of the input and looks at those of all files: 0, or TT_EDATA for one
   that is no text. For those who must know before they write anything; who does not ask is told by
   tt_lines_next. */
int tt_lines_begin(tt_lines *in, tt_err *e);

/* Did the first 64 KiB that were given hold what is no UTF-8, and makes sense as Windows-1252? */
bool tt_lines_windows_1252(const tt_lines *in);

#ifdef __cplusplus
}
#endif
#endif
