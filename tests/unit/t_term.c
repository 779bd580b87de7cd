/* t_term.c: progress lines are cut to the terminal's width, and keep their last field. */
#include "../../cmd/term.c"
#include "unit/test.h"

static const char *fit(const char *text, int columns) {
    static char line[400];
    snprintf(line, sizeof line, "%s", text);
    tt_cmd_fit(line, columns);
    return line;
}

/* Columns of a whole line. */
static int width(const char *line) {
    int sum = 0;
    for (size_t at = 0, size; line[at]; at += size) sum += columns_of(line + at, &size);
    return sum;
}

int main(void) {
    static const char train[] =
        "epoch 2.08  update 50  loss 8.496  lr 5.00e-05  norm 0.86  4177 tokens/s  left 13m31s";
    static const struct {
        const char *text;
        int columns;
        const char *want;
    } cases[] = {
        {"short", 5, "short"},
        {"short", 4, "shor"},
        {"short", 0, ""},
        {"", 3, ""},
        {train, 100, train},
        {train, 79, "epoch 2.08  update 50  loss 8.496  lr 5.00e-05  norm 0.86  left 13m31s"},
        {train, 40, "epoch 2.08  update 50  left 13m31s"},
        {train, 26, "epoch 2.08  left 13m31s"},
        {train, 20, "epoch 2.08  update 5"},
        {"a very long first field  tail", 14, "a very l  tail"},
        {"\u00e9t\u00e9 \u00e9t\u00e9", 4, "\u00e9t\u00e9 "},
        {"\u65e5\u672c\u8a9e", 5, "\u65e5\u672c"},
        {"e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301"},
        {"\U0001f600x", 2, "\U0001f600"},
        {"ab\xC3", 3, "ab\xC3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = fit(cases[i].text, cases[i].columns);
        CHECK(!strcmp(got, cases[i].want), "%s at %d: %s", cases[i].text, cases[i].columns, got);
    }
    for (int columns = 0; columns < 120; columns++)
        CHECK(width(fit(train, columns)) <= columns, "%d", columns);
    return test_done("t_term");
}
