/* t_err: messages are one line, whatever they quote, and hold nothing that a terminal obeys. */
#include "base/err.h"
#include "test.h"

#include <string.h>

static void shows(const char *text, const char *as) {
    char copy[100];
    snprintf(copy, sizeof copy, "%s", text);
    tt_text_visible(copy);
    CHECK(!strcmp(copy, as), "'%s', expected '%s'", copy, as);
    tt_err e = {0};
    CHECK(tt_fail(&e, TT_EDATA, "%s", text) == TT_EDATA && !strcmp(e.msg, as), "%s", e.msg);
}

int main(void) {
    shows("", "");
    shows("plain, \xc3\xb1, \xe2\x82\xac, \xf0\x9f\x98\x80",
          "plain, \xc3\xb1, \xe2\x82\xac, \xf0\x9f\x98\x80");
    shows("a\nb\tc\x1b[2Jd\x7f", "a b c [2Jd ");
    shows("\xc2\x9b"
          "2J, \xc2\x85.",
          "  2J,   ."); /* C1: CSI, NEL */
    shows("\x9b"
          "2J, caf\xe9",
          "?2J, caf?"); /* no UTF-8 */
    shows("x\xe2\x80\xaey\xe2\x81\xa6z\xe2\x80\xa8",
          "x   y   z   "); /* marks of direction, a line end */
    shows("cut \xe2\x82", "cut ??");
    shows("\xed\xa0\xc3", "???");
    return test_done("t_err");
}
