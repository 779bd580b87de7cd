/* t_label.c: texts measured in columns, and cut to them.
 */
#include "draw/label.h"

#include <string.h>

#include "unit/test.h"

int main(void) {
    tt_err e;
    tt_arena *a = tt_arena_open(0, &e);
    static const struct {
        const char *text;
        int columns;
    } texts[] = {{"", 0},
                 {"casa", 4},
                 {"ni\xc3\xb1o", 4},
                 {"nin\xcc\x83o", 4},
                 {"\xe6\x97\xa5\xe6\x9c\xac", 4},
                 {"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2},
                 {"a\xff", 2}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK(tt_label_columns(texts[i].text) == texts[i].columns, "%s: %d", texts[i].text,
              tt_label_columns(texts[i].text));
    static const struct {
        const char *text;
        int most, ascii;
        const char *want;
    } fits[] = {{"house", 5, 0, "house"},
                {"houses", 5, 0, "hous\xe2\x80\xa6"},
                {"houses", 5, 1, "hous."},
                {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, 1, "\xe6\x97\xa5\xe6\x9c\xac."},
                {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 4, 1, "\xe6\x97\xa5."},
                {"a\tb\x1b\xff", 9, 0, "a?b??"},
                {"house", 1, 1, "."}};
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        const char *got = tt_label_fit(fits[i].text, fits[i].most, fits[i].ascii, a);
        CHECK(got && !strcmp(got, fits[i].want), "%s in %d: %s", fits[i].text, fits[i].most, got);
        CHECK(got && tt_label_columns(got) <= fits[i].most);
    }
    const char *const names[] = {"a", "houses", "bc"};
    int longest;
    const char **cut = tt_labels_fit(names, 3, 4, 1, &longest, a);
    CHECK(cut && longest == 4 && !strcmp(cut[1], "hou.") && !strcmp(cut[2], "bc"));
    tt_arena_close(a);
    return test_done("t_label");
}
