/* t_temp.c: what is added comes back, read or mapped; no name is left; a folder that is none. */
#include <stdlib.h>
#include <string.h>

#include "io/temp.h"
#include "unit/test.h"

int main(void) {
    tt_err e = {0};
    const char *folder = getenv("TT_TEST_TMP");
    if (!folder) folder = "/tmp";
    static char sent[100000], got[100000];
    for (size_t i = 0; i < sizeof sent; i++) sent[i] = (char)(i * 7 % 251);
    for (size_t buffer = 0; buffer < 5000; buffer += 999) {
        tt_temp *t = tt_temp_open(folder, buffer, &e);
        CHECK(t, "%s", e.msg);
        if (!t) continue;
        for (int turn = 0; turn < 2; turn++) { /* again, once it is cleared */
            size_t at = 0;
            for (size_t n = 0; at + n < sizeof sent; at += n, n = n * 3 / 2 + 1)
                CHECK(!tt_temp_add(t, sent + at, n, &e), "%s", e.msg);
            CHECK(tt_temp_size(t) == at);
            memset(got, 0, sizeof got);
            CHECK(!tt_temp_read(t, got, at, &e) && !memcmp(got, sent, at), "%s", e.msg);
            CHECK(tt_temp_read(t, got, at + 1, &e) == TT_EIO, "behind its end");
            CHECK(!tt_temp_clear(t, &e) && !tt_temp_size(t));
        }
        const void *base;
        CHECK(!tt_temp_add(t, sent, 70000, &e) && !tt_temp_map(t, &base, &e), "%s", e.msg);
        CHECK(!memcmp(base, sent, 70000));
        tt_temp_forget(t);
        CHECK(!memcmp(base, sent, 70000));
        tt_temp_close(t);
    }
    CHECK(!tt_temp_open("/nowhere/at/all", 10, &e) && e.code == TT_ECREATE &&
              strstr(e.msg, "/nowhere/at/all: no temporary file can be made"),
          "%s", e.msg);
    return test_done("t_temp");
}
