/* t_number.c: numbers as text: short, and exact. */
#include "base/number.h"
#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static void same(double x, const char *text) {
    char out[TT_NUMBER_TEXT];
    tt_number_write(out, x);
    CHECK(!strcmp(out, text) && !(strtod(out, NULL) < x) && !(strtod(out, NULL) > x), "%s, not %s",
          out, text);
}

int main(void) {
    same(0, "0");
    same(0.1, "0.1");
    same(1e-9, "1e-09");
    same(-2.5, "-2.5");
    same(4096, "4096");
    same(1.0 / 3, "0.3333333333333333");
    same(0.1 + 0.2, "0.30000000000000004");
    same(123456789, "123456789");
    same(1.7976931348623157e308, "1.7976931348623157e+308");
    return test_done("t_number");
}
