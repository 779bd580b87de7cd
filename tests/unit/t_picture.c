/* t_picture.c: names and scales of a picture.
 */
#include "draw/picture.h"

#include <math.h>
#include <string.h>

#include "unit/test.h"

#include "unit/drawn.h"

int main(void) {
    char name[TT_AXIS_NAME_MOST], whole[300];
    static const int numbers[] = {2, 0};
    const tt_axis a = {"head", 2, numbers, 8};
    tt_axis_name(name, &a, 0, 1);
    CHECK(!strcmp(name, "head 2 of 8"));
    tt_axis_name(name, &a, 1, 1);
    CHECK(!strcmp(name, "mean of 8 heads"));
    tt_axis_name(name, &a, 0, 0);
    CHECK(!strcmp(name, "head 2"));
    tt_axis_name(name, &a, 1, 0);
    CHECK(!strcmp(name, "mean"));

    tt_picture p = drawn_picture(2, 3);
    CHECK(tt_picture_count(&p) == 6 && tt_picture_map(&p, 1, 2) == drawn_weights[5]);
    tt_picture_name(whole, sizeof whole, &p, 1, 2);
    CHECK(!strcmp(whole, "cross attention, layer 2 of 6, head 3 of 8"), "%s", whole);
    tt_err e;
    CHECK(!tt_picture_check(&p, &e));
    p.rows = 0;
    CHECK(tt_picture_check(&p, &e) == TT_EINTERNAL);

    const float w[] = {0.25f, -0.5f, NAN, INFINITY};
    tt_scale s = tt_scale_of(w, 4);
    CHECK(s.greatest == 0.5f && s.is_signed, "%g", (double)s.greatest);
    s = tt_scale_of(w, 1);
    CHECK(s.greatest == 0.25f && !s.is_signed);
    s = tt_picture_scale(
        &(tt_picture){.rows = 3, .cols = 4, .down = p.down, .across = p.across, .maps = p.maps});
    CHECK(s.greatest == 0.9f && !s.is_signed);
    return test_done("t_picture");
}
