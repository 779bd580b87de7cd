/* ramp.c: see ramp.h. OKLab to linear sRGB (matrices of Ottosson 2020), then the transfer curve of
 * IEC 61966-2-1.
 */
#include "draw/ramp.h"

#include <math.h>

/* Hues in radians: blue 260°, orange 55°. Chroma stays within sRGB at every lightness of the line.
 */
static const double blue = 4.537856055185257, orange = 0.9599310885968813, chroma = 0.11;

double tt_ramp_place(float w, const tt_scale *s) {
    if (!isfinite(w) || !(s->greatest > 0)) return 0;
    double x = (double)w / (double)s->greatest;
    return x > 1 ? 1 : x < -1 ? -1 : x;
}

int tt_ramp_step(double x, int shades) { return (int)(fabs(x) * (shades - 1) + 0.5); }

static unsigned char encode(double linear) {
    double x = linear <= 0 ? 0 : linear >= 1 ? 1 : linear;
    x = x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055;
    return (unsigned char)(255 * x + 0.5);
}

static tt_rgb from_lab(double l, double a, double b) {
    double lms[3] = {l + 0.3963377774 * a + 0.2158037573 * b,
                     l - 0.1055613458 * a - 0.0638541728 * b,
                     l - 0.0894841775 * a - 1.2914855480 * b};
    for (int i = 0; i < 3; i++) lms[i] = lms[i] * lms[i] * lms[i];
    return (tt_rgb){encode(4.0767416621 * lms[0] - 3.3077115913 * lms[1] + 0.2309699292 * lms[2]),
                    encode(-1.2684380046 * lms[0] + 2.6097574011 * lms[1] - 0.3413193965 * lms[2]),
                    encode(-0.0041960863 * lms[0] - 0.7034186147 * lms[1] + 1.7076147010 * lms[2])};
}

tt_rgb tt_ramp_colour(double x, int dark) {
    double t = fabs(x), l = dark ? 0.20 + 0.70 * t : 0.985 - 0.685 * t, hue = x < 0 ? orange : blue;
    double c = chroma * sqrt(t) * (dark ? 1 : fmin(1, 0.4 + t));
    return from_lab(l, c * cos(hue), c * sin(hue));
}

static double decode(unsigned char v) {
    double x = v / 255.0;
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

tt_rgb tt_ramp_ink(tt_rgb c) {
    /* relative luminance at which black and white have the same contrast (WCAG 2): (Y + 0.05)²
     * = 1.05 · 0.05 */
    double y = 0.2126 * decode(c.r) + 0.7152 * decode(c.g) + 0.0722 * decode(c.b);
    return y > 0.179 ? (tt_rgb){0, 0, 0} : (tt_rgb){255, 255, 255};
}

int tt_ramp_256(tt_rgb c) {
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    int best = 16, least = 3 * 255 * 255 + 1;
    for (int i = 16; i < 256; i++) {
        int grey = 8 + 10 * (i - 232), k = i - 16;
        int r = i < 232 ? level[k / 36] : grey, g = i < 232 ? level[k / 6 % 6] : grey,
            b = i < 232 ? level[k % 6] : grey;
        int d = (r - c.r) * (r - c.r) + (g - c.g) * (g - c.g) + (b - c.b) * (b - c.b);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}
