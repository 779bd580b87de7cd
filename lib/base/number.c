/* number.c: see number.h. */
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>

void tt_number_write(char text[TT_NUMBER_TEXT], double x) {
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, TT_NUMBER_TEXT, "%.*g", digits, x);
        if (strtod(text, NULL) == x) return;
    }
}
