/* t_data.c: tables, JSON and arrays hold the numbers of a picture.
 */
#include "unit/test.h"

#include "unit/drawn.h"

static void test_tables(void) {
    tt_picture p = drawn_picture(1, 2);
    static const char *const rows[] = {"a\"b", "c,d", "e\tf"};
    p.row_names = rows;
    drawn_is(
        drawn(TT_FORM_CSV, (tt_draw_style){0}, &p, 1, NULL),
        "\"cross attention, layer 1 of 6, head 1 of 8\",\"the\",\"house\",\"h\xc3\xbct\",\"</s>\"\n"
        "\"a\"\"b\",0.9,0.05,0,0.05\n\"c,d\",0.1,0.6,0.3,0\n\"e\tf\",0,0,0.25,0.75\n"
        "\n"
        "\"cross attention, layer 1 of 6, head 2 of 8\",\"the\",\"house\",\"h\xc3\xbct\",\"</s>\"\n"
        "\"a\"\"b\",0.05,0,0.05,0.1\n\"c,d\",0.6,0.3,0,0\n\"e\tf\",0,0.25,0.75,0.9\n");
    p = drawn_picture(1, 1);
    p.row_names = rows;
    drawn_is(drawn(TT_FORM_TSV, (tt_draw_style){0}, &p, 1, NULL),
             "cross attention, layer 1 of 6, head 1 of 8\tthe\thouse\th\xc3\xbct\t</s>\n"
             "a\"b\t0.9\t0.05\t0\t0.05\nc,d\t0.1\t0.6\t0.3\t0\ne f\t0\t0\t0.25\t0.75\n");
}

static void test_json(void) {
    tt_picture p[2] = {drawn_picture(1, 1), drawn_picture(1, 1)};
    p[0].caption = "a\\b\n";
    p[1].across.number = drawn_numbers + 3; /* the mean */
    drawn_is(drawn(TT_FORM_JSON, (tt_draw_style){0}, p, 2, NULL),
             "{\"title\":\"cross "
             "attention\",\"caption\":\"a\\\\b\\u000a\",\"rows\":[\"la\",\"casa\",\"\\u003c/s>\"],"
             "\"columns\":[\"the\",\"house\",\"h\xc3\xbct\",\"\\u003c/"
             "s>\"],\"maps\":[{\"layer\":1,\"head\":1,"
             "\"weights\":[[0.9,0.05,0,0.05],[0.1,0.6,0.3,0],[0,0,0.25,0.75]]}]}\n"
             "{\"title\":\"cross attention\",\"rows\":[\"la\",\"casa\",\"\\u003c/s>\"],"
             "\"columns\":[\"the\",\"house\",\"h\xc3\xbct\",\"\\u003c/"
             "s>\"],\"maps\":[{\"layer\":1,\"head\":null,"
             "\"weights\":[[0.9,0.05,0,0.05],[0.1,0.6,0.3,0],[0,0,0.25,0.75]]}]}\n");
}

static void test_npy(void) {
    tt_picture p = drawn_picture(2, 3);
    size_t len;
    const char *b = drawn(TT_FORM_NPY, (tt_draw_style){0}, &p, 1, &len);
    CHECK(b && !memcmp(b, "\x93NUMPY\x01\x00", 8));
    const size_t head = (size_t)(unsigned char)b[8] + 256 * (size_t)(unsigned char)b[9] + 10;
    CHECK(head % 64 == 0 && b[head - 1] == '\n' && strstr(b + 10, "'shape': (2, 3, 3, 4)") &&
          strstr(b + 10, "'<f4'"));
    CHECK(len == head + 6 * 12 * 4, "%zu bytes", len);
    for (int m = 0; m < 6; m++)
        CHECK(!memcmp(b + head + (size_t)m * 48, drawn_weights[m], 48), "map %d",
              m); /* on a machine of low bytes first */
    tt_err e;
    tt_drawing *d = tt_drawing_open("/dev/null", TT_FORM_NPY, &(tt_draw_style){0}, &e);
    CHECK(!tt_drawing_add(d, &p, &e) && tt_drawing_add(d, &p, &e) == TT_EDATA);
    tt_drawing_abort(d);
}

int main(void) {
    test_tables();
    test_json();
    test_npy();
    return test_done("t_data");
}
