/* t_drawing.c: forms by name and suffix, the view that is chosen, and files that cannot be written.
 */
#include "unit/test.h"

#include "unit/drawn.h"

int main(void) {
    CHECK(tt_form_of_path("a/b.svg") == TT_FORM_SVG && tt_form_of_path("B.PNG") == TT_FORM_PNG &&
          tt_form_of_path("m.htm") == TT_FORM_HTML);
    CHECK(tt_form_of_path("a.svg/b") == -1 && tt_form_of_path("x.bmp") == -1 &&
          tt_form_of_path("") == -1);
    for (int i = 0; tt_form_name(i); i++)
        CHECK(tt_family_place(&tt_family_picture, tt_form_name(i), strlen(tt_form_name(i))) == i);
    CHECK(!tt_form_name(TT_FORM_COUNT) && !tt_form_name(-1));
    const tt_draw_style none = {0}, lines = {.view = TT_VIEW_LINES};
    static const int views[3][3] = {
        {1, 1, TT_VIEW_WHOLE}, {1, 3, TT_VIEW_GRID}, {2, 3, TT_VIEW_SMALL}};
    for (int i = 0; i < 3; i++) {
        tt_picture p = drawn_picture(views[i][0], views[i][1]);
        CHECK(tt_view_of(&none, &p) == views[i][2] && tt_view_of(&lines, &p) == TT_VIEW_LINES);
    }
    tt_err e;
    CHECK(!tt_drawing_open("/", TT_FORM_SVG, &none, &e) && e.code == TT_ECREATE, "%s", e.msg);
    CHECK(!tt_drawing_open("/nowhere/x.svg", TT_FORM_SVG, &none, &e) && e.code == TT_ECREATE, "%s",
          e.msg);
    tt_picture p = drawn_picture(1, 1);
    p.rows = 0;
    for (int form = 0; form < TT_FORM_COUNT; form++) {
        tt_drawing *d = tt_drawing_open("/dev/full", form, &none, &e);
        CHECK(d && tt_drawing_add(d, &p, &e) == TT_EINTERNAL);
        p.rows = 3;
        CHECK(!tt_drawing_add(d, &p, &e) || e.code == TT_EIO);
        CHECK(tt_drawing_finish(d, &e) == TT_EIO, "%s on a full disk: %s", tt_form_name(form),
              e.msg);
        p.rows = 0;
    }
    tt_drawing_abort(NULL);
    return test_done("t_drawing");
}
