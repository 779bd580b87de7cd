/* t_svg.c: an SVG has each map once, its cells in units of cells, and its text escaped; the whole
 * of a small one is held.
 */
#include "unit/test.h"

#include "unit/drawn.h"

/* Every tag that is opened is closed; only these are used. */
static int is_balanced(const char *text) {
    int open = 0;
    for (const char *p = text; (p = strchr(p, '<')); p++) {
        const char *end = strchr(p, '>');
        if (!end) return 0;
        if (p[1] == '/') open--;
        else if (end[-1] != '/') open++;
        if (open < 0) return 0;
    }
    return open == 0;
}

static int has_cell(const char *svg, const char *cell) { return strstr(svg, cell) != NULL; }

int main(void) {
    tt_picture p = drawn_picture(1, 1);
    const char *svg = drawn(TT_FORM_SVG, (tt_draw_style){0}, &p, 1, NULL);
    CHECK(svg && !strncmp(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", 47) &&
          is_balanced(svg));
    CHECK(drawn_count(svg, "<g ") == 1 && drawn_count(svg, "scale(12)") == 1);
    CHECK(has_cell(svg, "M0 0h1v1h-1z") && has_cell(svg, "M3 2h1v1h-1z"), "cells of 0.9 and 0.75");
    CHECK(!has_cell(svg, "M2 0h1"), "a weight of 0 is the ground's");
    CHECK(strstr(svg, ">&lt;/s&gt;</text>") && strstr(svg, ">h\xc3\xbct</text>") &&
          !strstr(svg, "</s>"));
    CHECK(strstr(svg, ">0.900</text>") &&
          strstr(svg, "cross attention, layer 1 of 6, head 1 of 8"));
    CHECK(strstr(svg, "<path fill=\"#062a64\" d=\"M0 0h1v1h-1z\"/>") != NULL, "the darkest");

    p = drawn_picture(2, 3);
    p.caption = "a < b & \"c\"";
    svg = drawn(TT_FORM_SVG, (tt_draw_style){.dark = 1}, &p, 1, NULL);
    CHECK(svg && is_balanced(svg) && drawn_count(svg, "<g ") == 6, "%d maps",
          drawn_count(svg, "<g "));
    CHECK(strstr(svg, "a &lt; b &amp; &quot;c&quot;") &&
          strstr(svg, "<title>layer 2, head 3</title>"));
    svg = drawn(TT_FORM_SVG, (tt_draw_style){.view = TT_VIEW_LINES}, &p, 1, NULL);
    CHECK(svg && is_balanced(svg) && drawn_count(svg, "stroke-width=\"3\"") == 6,
          "the greatest weight of each map");
    const tt_picture two[2] = {drawn_picture(1, 1), drawn_picture(1, 2)};
    svg = drawn(TT_FORM_SVG, (tt_draw_style){0}, two, 2, NULL);
    CHECK(svg && is_balanced(svg) && drawn_count(svg, "<g ") == 3 &&
          drawn_count(svg, "<svg ") == 1);
    return test_done("t_svg");
}
