/* t_consoleview.c: small maps and lines of text, held as text.
 */
#include "unit/test.h"

#include "unit/drawn.h"

static void test_small(void) {
    tt_picture s = drawn_picture(2, 3), p = drawn_picture(1, 1);
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 60}, &s, 1, NULL),
             "cross attention, 3 by 4\n"
             "        1    2    3\n"
             "layer 1 @*-.|*-..|-..*\n"
             "          -%| -%@|-%@.\n"
             "\n"
             "layer 2 ..*-|.*-%|*-%@\n"
             "        %@. |@. .|. ..\n"
             "        from ' ' 0 to '@' its greatest weight, for each map\n");
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 20}, &s, 1, NULL),
             "cross attention, 3 by 4\n"
             "        1  2  3\n"
             "layer 1 @%|*@|%@\n"
             "\n"
             "layer 2 @*|@%|*@\n"
             "        from ' ' 0 to '@' its greatest weight, for each map\n");
    drawn_is(drawn(TT_FORM_COLOUR,
                   (tt_draw_style){.view = TT_VIEW_SMALL, .width = 60, .colours = 256, .utf8 = 1},
                   &p, 1, NULL),
             "cross attention, 3 by 4\n"
             "        1\n"
             "layer 1 "
             "\x1b[38;5;17m\x1b[48;5;254m\xe2\x96\x80\x1b[38;5;255m\x1b[48;5;61m\xe2\x96\x80\x1b["
             "38;5;231m\x1b[48;5;146m\xe2\x96\x80\x1b[38;5;255m\x1b[48;5;231m\xe2\x96\x80\x1b[0m\n"
             "        "
             "\x1b[38;5;231m\xe2\x96\x80\x1b[38;5;231m\xe2\x96\x80\x1b[38;5;146m\xe2\x96\x80\x1b["
             "38;5;24m\xe2\x96\x80\x1b[0m\n"
             "        from 0 \x1b[48;5;231m \x1b[48;5;254m \x1b[48;5;146m \x1b[48;5;110m "
             "\x1b[48;5;103m \x1b[48;5;67m \x1b[48;5;60m \x1b[48;5;24m \x1b[48;5;17m \x1b[0m to "
             "its greatest weight, for each map\n");
}

static void test_lines(void) {
    tt_picture p = drawn_picture(1, 1);
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.view = TT_VIEW_LINES, .width = 20}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "  la --------- the\n"
             "casa --------- house\n"
             "</s> --------- h\xc3\xbct\n"
             "         ----- </s>\n"
             "     lines: weights from 0.180 to 0.900\n");
    drawn_is(drawn(TT_FORM_BLOCKS, (tt_draw_style){.view = TT_VIEW_LINES, .width = 24, .utf8 = 1},
                   &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "  la "
             "\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4"
             "\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4 the\n"
             "casa "
             "\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa3\xa4\xe2\xa3\xa4\xe2\xa3\xa4\xe2\xa1\xa4"
             "\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4 house\n"
             "</s> "
             "\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa0\xa4\xe2\xa3\xa4\xe2\xa3\xa4\xe2\xa3\xa4\xe2\xa1\xad"
             "\xe2\xa0\xad\xe2\xa0\xad\xe2\xa0\xbd\xe2\xa0\xb6\xe2\xa0\xb6\xe2\xa0\xb6 h\xc3\xbct\n"
             "           "
             "\xe2\xa0\x89\xe2\xa0\x89\xe2\xa0\x89\xe2\xa0\x99\xe2\xa0\x92\xe2\xa0\x92\xe2\xa0\xb2 "
             "</s>\n"
             "     lines: weights from 0.180 to 0.900\n");
}

int main(void) {
    test_small();
    test_lines();
    return test_done("t_consoleview");
}
