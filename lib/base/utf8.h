/* utf8.h: characters of UTF-8, one at a time, as RFC 3629 has them: shortest form, no surrogates,
 * at most U+10FFFF. */
#ifndef TT_BASE_UTF8_H
#define TT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the character at the start of text (len > 0): 1 … 4, or minus the length of the maximal
   bad part, which Unicode §3.9 replaces by one U+FFFD. *code (may be NULL) gets the character's
   number, U+FFFD when bad. */
int tt_utf8_next(const char *text, size_t len, uint32_t *code);

/* The character at byte i < len, a bad part being U+FFFD, and how many bytes it has. */
uint32_t tt_utf8_at(const char *text, size_t len, size_t i, size_t *size);

/* Where the character before byte i begins; 0 where there is none. */
size_t tt_utf8_before(const char *text, size_t i);

/* 1 if the whole text is UTF-8. */
int tt_utf8_valid(const char *text, size_t len);

/* 1 if the byte stands inside a character, behind its first byte. */
static inline bool tt_utf8_inside(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

/* Bytes of a character of a number up to U+10FFFF. */
static inline size_t tt_utf8_size(uint32_t code) {
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/* Writes a character of a number up to U+10FFFF; the bytes written, at most 4. */
size_t tt_utf8_put(char *out, uint32_t code);

#endif
