/* number.h: a number as text, short and exact. */
#ifndef TT_BASE_NUMBER_H
#define TT_BASE_NUMBER_H

enum { TT_NUMBER_TEXT = 40 }; /* bytes */

/* The shortest of 6 to 17 digits that reads back as x: "0.1", "1e-09", "0.3333333333333333". */
void tt_number_write(char text[TT_NUMBER_TEXT], double x);

#endif
