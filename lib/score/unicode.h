/* unicode.h: categories and lower case of characters, as Python and its module regex have them,
 * because the figures must agree with a program that asks those two. Text is valid UTF-8.
 */
#ifndef TT_SCORE_UNICODE_H
#define TT_SCORE_UNICODE_H

#include "base/arena.h"

/* 'N' number, 'P' punctuation, 'S' symbol (first letter of the general category), or 0. */
int tt_unicode_category(uint32_t c);

/* The line in lower case by the full mapping: U+0130 becomes two characters, a capital sigma at the
   end of a word the final one. The line itself where it has no capitals of ASCII alone, else in the
   arena. 0 or TT_ENOMEM. */
int tt_unicode_lower(tt_span *line, tt_arena *arena);

#endif
