/* ascii.h: classes of single bytes, whatever the locale. A byte of a longer UTF-8 character is in
 * none of them.
 */
#ifndef TT_BASE_ASCII_H
#define TT_BASE_ASCII_H

#include <stdbool.h>

static inline bool tt_ascii_digit(char c) { return c >= '0' && c <= '9'; }

static inline bool tt_ascii_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* Spaces and control characters. */
static inline bool tt_ascii_blank(char c) { return (unsigned char)c <= ' ' || c == 0x7f; }

#endif
