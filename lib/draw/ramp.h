/* ramp.h: from a weight to a shade: characters, colours of a terminal, colours of a screen.
 *
 * A weight's place on its scale is x = w / greatest, -1 … 1. Colours go along a line of OKLab
 * (Ottosson 2020), where equal steps look equal: lightness L changes evenly with |x|, hue is blue
 * above 0 and orange below.
 */
#ifndef TT_DRAW_RAMP_H
#define TT_DRAW_RAMP_H

#include "draw/picture.h"

typedef struct tt_rgb {
    unsigned char r, g, b;
} tt_rgb;

/* -1 … 1; 0 for what is no number or has no scale. */
double tt_ramp_place(float w, const tt_scale *s);

/* The nearest of `shades` even steps, 0 … shades-1, of |x|. */
int tt_ramp_step(double x, int shades);

/* dark 0: from almost white to dark; 1: from almost black to light. */
tt_rgb tt_ramp_colour(double x, int dark);

/* Black or white, whichever is read better on the colour. */
tt_rgb tt_ramp_ink(tt_rgb ground);

/* The nearest of a terminal's 256 colours, 16 … 255: the cube of 216 and 24 greys. */
int tt_ramp_256(tt_rgb c);

#endif
