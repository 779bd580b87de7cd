/* keep.h: what in a text is no language, and has to come out as it went in.
 *
 *     TT_TRY(tt_keep_find(&kept, &n, keep, text, len, arena, e));      // rising, none overlap
 *     text + kept[i].begin … text + kept[i].end
 *
 * Kinds, and examples of each:
 *
 *     CODE         `git add -p`, and words of more than 1,000 bytes
 *     URL          https://example.com/a?b=c   www.example.com
 *     ADDRESS      ann.lee@example.org
 *     PATH         /usr/local/share   ~/.profile   src/main.c   C:\Temp\a.txt
 *     PLACEHOLDER  %s  %-5.2f  %1$d  %(name)s  {0}  {name}  {{x}}  ${x}  $HOME  <br/>  </b>  [[1]]
 *                  ⟦1⟧
 *     NUMBER       1,299.99   6 628   10:30   2026-11-30   5/6   1984
 *     SIGN         emoji, with what joins and colours them; arrows, stars and other pictures
 *     PATTERN      whatever a pattern of the user's matches
 */
#ifndef TT_TEXT_KEEP_H
#define TT_TEXT_KEEP_H

#include "base/arena.h"

enum {
    TT_KEEP_CODE,
    TT_KEEP_URL,
    TT_KEEP_ADDRESS,
    TT_KEEP_PATH,
    TT_KEEP_PLACEHOLDER,
    TT_KEEP_NUMBER,
    TT_KEEP_SIGN,
    TT_KEEP_PATTERN
};

typedef struct tt_kept {
    size_t begin, end;
    int kind;
} tt_kept;

/* Patterns of the user's: POSIX extended regular expressions. Never changed after it was opened:
 * threads may share it. */
typedef struct tt_keep tt_keep;

/* NULL on failure: TT_EUSAGE with the pattern and what is wrong with it; TT_ENOMEM. n may be 0. */
tt_keep *tt_keep_open(const char *const *patterns, int n, tt_err *e);
void tt_keep_close(tt_keep *k);

/* keep NULL: no patterns. The text is valid UTF-8; *kept (n) is in the arena. TT_ENOMEM. */
int tt_keep_find(tt_kept **kept, size_t *n, const tt_keep *k, const char *text, size_t len,
                 tt_arena *a, tt_err *e);

#endif
