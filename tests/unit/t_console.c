/* t_console.c: maps of text, held as text.
 */
#include "draw/label.h"

#include "unit/test.h"

#include "unit/drawn.h"

static void test_whole(void) {
    tt_picture p = drawn_picture(1, 1);
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 60}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "         h\n"
             "         o     <\n"
             "      t  u  h  /\n"
             "      h  s  \xc3\xbc  s\n"
             "      e  e  t  >\n"
             "  la |@@@...   ...|\n"
             "casa |...***---   |\n"
             "</s> |      ---%%%|\n"
             "     from ' ' 0 to '@' 0.900\n");
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 10}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "      h\n"
             "      o <\n"
             "     tuh/\n"
             "     hs\xc3\xbcs\n"
             "     eet>\n"
             " la |@. .|\n"
             "ca. |.*- |\n"
             "</. |  -%|\n"
             "    from ' ' 0 to '@' 0.900\n");
    drawn_is(
        drawn(TT_FORM_BLOCKS, (tt_draw_style){.width = 20, .utf8 = 1}, &p, 1, NULL),
        "cross attention, layer 1 of 6, head 1 of 8\n"
        "         h\n"
        "         o     <\n"
        "      t  u  h  /\n"
        "      h  s  \xc3\xbc  s\n"
        "      e  e  t  >\n"
        "  la |\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88         |\n"
        "casa |   \xe2\x96\x93\xe2\x96\x93\xe2\x96\x93\xe2\x96\x91\xe2\x96\x91\xe2\x96\x91   |\n"
        "</s> |      \xe2\x96\x91\xe2\x96\x91\xe2\x96\x91\xe2\x96\x93\xe2\x96\x93\xe2\x96\x93|\n"
        "     from ' ' 0 to '\xe2\x96\x88' 0.900\n");
}

static void test_colours(void) {
    tt_picture p = drawn_picture(1, 1);
    drawn_is(drawn(TT_FORM_COLOUR,
                   (tt_draw_style){.width = 60, .colours = 256, .dark = 1, .utf8 = 1}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "         h\n"
             "         o     <\n"
             "      t  u  h  /\n"
             "      h  s  \xc3\xbc  s\n"
             "      e  e  t  >\n"
             "  la |\x1b[38;5;16m\x1b[48;5;153m90 \x1b[38;5;231m\x1b[48;5;234m 5 \x1b[48;5;233m   "
             "\x1b[38;5;231m\x1b[48;5;234m 5 \x1b[0m|\n"
             "casa |\x1b[38;5;231m\x1b[48;5;235m10 \x1b[38;5;16m\x1b[48;5;104m60 "
             "\x1b[38;5;231m\x1b[48;5;240m30 \x1b[48;5;233m   \x1b[0m|\n"
             "</s> |\x1b[48;5;233m   \x1b[48;5;233m   \x1b[38;5;231m\x1b[48;5;239m25 "
             "\x1b[38;5;16m\x1b[48;5;111m75 \x1b[0m|\n"
             "     from 0 \x1b[48;5;233m \x1b[48;5;236m \x1b[48;5;238m \x1b[48;5;60m \x1b[48;5;61m "
             "\x1b[48;5;67m \x1b[48;5;110m \x1b[48;5;111m \x1b[48;5;153m \x1b[0m to 0.900\n");
    drawn_is(drawn(TT_FORM_COLOUR, (tt_draw_style){.width = 14, .utf8 = 1}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "       h\n"
             "       o <\n"
             "      tuh/\n"
             "      hs\xc3\xbcs\n"
             "      eet>\n"
             "  la |\x1b[48;2;6;42;100m \x1b[48;2;233;238;246m \x1b[48;2;250;250;250m "
             "\x1b[48;2;233;238;246m \x1b[0m|\n"
             "casa |\x1b[48;2;218;225;238m \x1b[48;2;76;107;159m \x1b[48;2;159;177;206m "
             "\x1b[48;2;250;250;250m \x1b[0m|\n"
             "</s> |\x1b[48;2;250;250;250m \x1b[48;2;250;250;250m \x1b[48;2;174;189;214m "
             "\x1b[48;2;41;74;129m \x1b[0m|\n"
             "     from 0 \x1b[48;2;250;250;250m \x1b[48;2;214;222;236m \x1b[48;2;181;195;218m "
             "\x1b[48;2;148;168;201m \x1b[48;2;116;142;184m \x1b[48;2;85;116;167m "
             "\x1b[48;2;58;91;144m \x1b[48;2;32;66;122m \x1b[48;2;6;42;100m \x1b[0m to 0.900\n");
}

static void test_signed(void) {
    float w[12];
    const float *map = w;
    tt_picture p = drawn_picture(1, 1);
    for (int i = 0; i < 12; i++) w[i] = drawn_weights[0][i] * (i % 2 ? -1.0f : 1.0f);
    p.maps = &map;
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 60}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\n"
             "         h\n"
             "         o     <\n"
             "      t  u  h  /\n"
             "      h  s  \xc3\xbc  s\n"
             "      e  e  t  >\n"
             "  la |@@@111   111|\n"
             "casa |...666---   |\n"
             "</s> |      ---888|\n"
             "     from ' ' 0 to '@' 0.900; below 0: digits, tenths of it\n");
}

static void test_grid(void) {
    tt_picture p = drawn_picture(1, 3);
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 60}, &p, 1, NULL),
             "cross attention, layer 1 of 6\n"
             "      head 1       head 2       head 3\n"
             "         h            h            h\n"
             "         o     <      o     <      o     <\n"
             "      t  u  h  /   t  u  h  /   t  u  h  /\n"
             "      h  s  \xc3\xbc  s   h  s  \xc3\xbc  s   h  s  \xc3\xbc  s\n"
             "      e  e  t  >   e  e  t  >   e  e  t  >\n"
             "  la |@@@...   ...|...   ......|   ......***|\n"
             "casa |...***---   |***---      |---         |\n"
             "</s> |      ---%%%|   ---%%%@@@|---%%%@@@...|\n"
             "     from ' ' 0 to '@' 0.900\n");
    drawn_is(drawn(TT_FORM_ASCII, (tt_draw_style){.width = 20}, &p, 1, NULL),
             "cross attention, layer 1 of 6\n"
             "      hea. hea.\n"
             "       h    h\n"
             "       o <  o <\n"
             "      tuh/ tuh/\n"
             "      hs\xc3\xbcs hs\xc3\xbcs\n"
             "      eet> eet>\n"
             "  la |@. .|. ..|\n"
             "casa |.*- |*-  |\n"
             "</s> |  -%| -%@|\n"
             "      hea.\n"
             "       h\n"
             "       o <\n"
             "      tuh/\n"
             "      hs\xc3\xbcs\n"
             "      eet>\n"
             "  la | ..*|\n"
             "casa |-   |\n"
             "</s> |-%@.|\n"
             "     from ' ' 0 to '@' 0.900\n");
}

/* Columns that do not fit stand in bands; no line is wider than asked for, whatever the labels. */
static void test_widths(void) {
    enum { N = 70 };
    static float w[N * N];
    static const char *names[N];
    const float *map = w, *two[2] = {w, w};
    for (int i = 0; i < N; i++)
        names[i] = i % 3 ? "\xe6\x97\xa5\xe6\x9c\xac" : i % 2 ? "internationalisation" : "a";
    for (int i = 0; i < N * N; i++) w[i] = (float)(i % 11) / 10;
    tt_picture p = drawn_picture(1, 1);
    p.title = "map";
    p.rows = p.cols = N, p.row_names = p.col_names = names, p.maps = &map;
    for (int width = 20; width < 120; width += 7)
        for (int heads = 1; heads <= 2; heads++) {
            p.across.count = heads;
            if (heads == 2) p.maps = two;
            const char *text = drawn(TT_FORM_ASCII, (tt_draw_style){.width = width}, &p, 1, NULL);
            int rows = 0, wide = 0;
            for (const char *line = text, *end; line && (end = strchr(line, '\n'));
                 line = end + 1) {
                char copy[4000];
                snprintf(copy, sizeof copy, "%.*s", (int)(end - line), line);
                const int columns = end > line && end[-1] == '|' ? tt_label_columns(copy) : 0;
                rows += end > line && end[-1] == '|';
                wide = columns > wide ? columns : wide;
            }
            CHECK(wide <= width && rows >= N && rows % N == 0, "%d columns, %d rows in %d", wide,
                  rows, width);
            p.maps = &map;
        }
}

int main(void) {
    test_whole();
    test_colours();
    test_signed();
    test_grid();
    test_widths();
    return test_done("t_console");
}
