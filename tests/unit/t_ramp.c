/* t_ramp.c: shades get darker (or lighter) by even steps, and their nearest terminal colours are
 * near.
 */
#include "draw/ramp.h"

#include <math.h>
#include <stdlib.h>

#include "unit/test.h"

static double lightness(tt_rgb c) { /* of CIE L*, from relative luminance */
    const unsigned char v[3] = {c.r, c.g, c.b};
    static const double part[3] = {0.2126, 0.7152, 0.0722};
    double y = 0;
    for (int i = 0; i < 3; i++) {
        double x = v[i] / 255.0;
        y += part[i] * (x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116 * cbrt(y) - 16 : 903.3 * y;
}

int main(void) {
    const tt_scale s = {0.5f, 1}, none = {0, 0};
    CHECK(tt_ramp_place(0.25f, &s) == 0.5 && tt_ramp_place(-2, &s) == -1 &&
          tt_ramp_place(NAN, &s) == 0);
    CHECK(tt_ramp_place(1, &none) == 0);
    CHECK(tt_ramp_step(0, 5) == 0 && tt_ramp_step(0.12, 5) == 0 && tt_ramp_step(0.13, 5) == 1 &&
          tt_ramp_step(-1, 5) == 4);
    for (int dark = 0; dark < 2; dark++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double before = lightness(tt_ramp_colour(0, dark)), least = 100, most = 0;
            for (int i = 1; i <= 10; i++) {
                const double now = lightness(tt_ramp_colour(sign * i / 10.0, dark)),
                             step = dark ? now - before : before - now;
                if (step < least) least = step;
                if (step > most) most = step;
                before = now;
            }
            CHECK(least > 3 && most < 12, "steps of %.2f to %.2f L*, dark %d, sign %d", least, most,
                  dark, sign);
        }
    const tt_rgb above = tt_ramp_colour(1, 0), below = tt_ramp_colour(-1, 0);
    CHECK(above.b > above.r && below.r > below.b, "blue above 0, orange below");
    CHECK(tt_ramp_ink((tt_rgb){255, 255, 255}).r == 0 && tt_ramp_ink((tt_rgb){0, 0, 60}).r == 255);
    CHECK(tt_ramp_256((tt_rgb){255, 255, 255}) == 231 && tt_ramp_256((tt_rgb){8, 8, 8}) == 232 &&
          tt_ramp_256((tt_rgb){95, 135, 175}) == 67);
    int different = 0;
    for (int i = 1, last = tt_ramp_256(tt_ramp_colour(0, 1)); i <= 10; i++) {
        const int now = tt_ramp_256(tt_ramp_colour(i / 10.0, 1));
        different += now != last;
        last = now;
    }
    CHECK(different >= 8, "of 10 steps %d differ in 256 colours", different);
    return test_done("t_ramp");
}
