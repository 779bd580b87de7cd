/* t_html.c: the page is whole, loads nothing, and its packed weights are the picture's.
 */
#include <math.h>

#include "unit/test.h"

#include "unit/drawn.h"
#include "draw/html.h"

static const char digits[] =
    "#$%'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}!";

/* Decodes one string of weights as the page's script does; returns how many there were. */
static int unpack(float *w, const char *text, float greatest, int is_signed) {
    int n = 0;
    for (; *text != '"'; text += 2) {
        if (*text == '~') {
            for (int k = (int)(strchr(digits, text[1]) - digits) + 1; k; k--) w[n++] = 0;
            continue;
        }
        const double q = (double)(strchr(digits, text[0]) - digits) * 89 +
                         (double)(strchr(digits, text[1]) - digits);
        double x = q / 7920;
        if (is_signed) x = 2 * x - 1;
        w[n++] = (float)(copysign(x * x, x) * (double)greatest);
    }
    return n;
}

static void test_weights(int is_signed) {
    tt_picture p = drawn_picture(2, 3);
    float w[12];
    if (is_signed) {
        drawn_weights[0][1] = -0.4f;
        p = drawn_picture(2, 3);
    }
    const char *page = drawn(TT_FORM_HTML, (tt_draw_style){0}, &p, 1, NULL),
               *at = page ? strstr(page, "\"maps\":[") : NULL;
    CHECK(at && strstr(page, is_signed ? "\"signed\":1" : "\"signed\":0"));
    double worst = 0;
    int all = 0;
    for (int m = 0; at && m < 6; m++) {
        at = strchr(at + (m ? 0 : 8), '"');
        const int n = unpack(w, at + 1, 0.9f, is_signed);
        for (int i = 0; i < 12 && i < n; i++)
            worst = fmax(worst, fabs((double)(w[i] - drawn_weights[m][i])));
        all += n;
        at = strchr(at + 1, '"') + 1;
    }
    CHECK(all == 72 && worst < (is_signed ? 3e-4 : 1.5e-4), "%d weights, off by %g", all, worst);
    drawn_weights[0][1] = 0.05f;
}

static void test_page(void) {
    tt_picture p[2] = {drawn_picture(2, 3), drawn_picture(1, 1)};
    static const char *const rows[] = {"</script><b>", "\"'&", "\xff"};
    p[1].row_names = rows;
    const char *page = drawn(TT_FORM_HTML, (tt_draw_style){0}, p, 2, NULL);
    CHECK(page && !strncmp(page, "<!DOCTYPE html>\n<html lang=\"en\">", 32) &&
          !strcmp(page + strlen(page) - 16, "</body>\n</html>\n"));
    CHECK(drawn_count(page, "class=\"picture\"") == 2 && drawn_count(page, "<script") == 3 &&
          drawn_count(page, "</script>") == 3);
    CHECK(strstr(page, "\\u003c/script>\\u003cb>") && strstr(page, "\\\"'&") &&
          !strchr(page, '\xff'));
    CHECK(strstr(page, "name=\"viewport\"") && strstr(page, "prefers-color-scheme: dark") &&
          strstr(page, "<noscript>"));
    CHECK(strstr(page, "default-src 'none'") && !strstr(page, "http:") && !strstr(page, "https:") &&
          !strstr(page, "src=\""));
    CHECK(strstr(page, "\"down\":{\"what\":\"layer\",\"of\":6,\"number\":[1,2]}") != NULL);
}

static void test_size(void) { /* 6 layers of 8 heads, 45 tokens: below 300 KB */
    enum { N = 45, MAPS = 48 };
    static float w[N * N];
    static const float *maps[MAPS];
    static const char *names[N];
    static const int numbers[] = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < N * N; i++) w[i] = 1.0f / (float)(3 + i % 97); /* none is 0 */
    for (int i = 0; i < N; i++) names[i] = "a-longer-word";
    for (int i = 0; i < MAPS; i++) maps[i] = w;
    const tt_picture p = {.title = "encoder attention",
                          .rows = N,
                          .cols = N,
                          .row_names = names,
                          .col_names = names,
                          .down = {"layer", 6, numbers, 6},
                          .across = {"head", 8, numbers, 8},
                          .maps = maps};
    size_t len = 0;
    CHECK(drawn(TT_FORM_HTML, (tt_draw_style){0}, &p, 1, &len) && len < 300 * 1000, "%zu bytes",
          len);
}

int main(void) {
    test_weights(0);
    test_weights(1);
    test_page();
    test_size();
    return test_done("t_html");
}
