/* letter.h: what kind of character a code point is, and its other case.
 *
 *     if (tt_is_letter(c)) …
 *     tt_text_case(out, text, len, TT_CASE_SMALL);      // "ÉL VE 3" -> "él ve 3", as many bytes
 *
 * Letters are those of every script in use, by blocks of the Unicode Standard 15; cases are known
 * for Latin, Greek, Cyrillic and Armenian, where the other letter is one code point of as many
 * bytes. Others have no case here.
 */
#ifndef TT_TEXT_LETTER_H
#define TT_TEXT_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool tt_is_letter(uint32_t c);
bool tt_is_word(uint32_t c); /* a letter, a digit of ASCII or _ */
bool tt_is_small(uint32_t c);
bool tt_is_capital(uint32_t c);

/* The other case, or c itself where it has none. */
uint32_t tt_to_small(uint32_t c);
uint32_t tt_to_capital(uint32_t c);

/* 1 if the text has a letter. UTF-8, bad parts are none. */
bool tt_text_has_letter(const char *text, size_t len);

enum { TT_CASE_SMALL, TT_CASE_CAPITAL };

/* The text in one case, into out (len): as many bytes. */
void tt_text_case(char *out, const char *text, size_t len, int to);

#endif
