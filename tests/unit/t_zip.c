/* t_zip: what is written is read, and nothing is believed that cannot be. */
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/modeldata.h"
#include "port/zip.h"
#include "test.h"
#include "tiny.h"

static tt_arena *a;

static void refuses(const unsigned char *data, size_t size, const char *message) {
    tt_err e = {0};
    tt_zip z;
    CHECK(tt_zip_open(&z, data, size, "t.zip", a, &e) == TT_EFORMAT);
    CHECK(strstr(e.msg, message), "%s", e.msg);
}

int main(void) {
    tt_err e = {0};
    const char *path = tiny_path("t.zip");
    a = tt_arena_open(0, &e);
    tt_zipwriter *w = tt_zipwriter_open(path, &e);
    CHECK(w && !tt_zipwriter_add(w, "b/two", (tt_zip_part[]){{"he", 2}, {"llo", 3}}, 2, &e));
    CHECK(!tt_zipwriter_add(w, "a", NULL, 0, &e) && !tt_zipwriter_finish(w, &e), "%s", e.msg);
    char *bytes;
    size_t size;
    CHECK(!tt_file_read(&bytes, &size, path, 1 << 20, &e) && tt_zip_is(bytes, size));
    tt_zip z;
    CHECK(!tt_zip_open(&z, bytes, size, "t.zip", a, &e) && z.count == 2, "%s", e.msg);
    const unsigned char *data;
    CHECK(!strcmp(z.member[0].name, "a") && z.member[0].size == 0 && !tt_zip_read(&z, &z.member[0], &data, &e));
    CHECK(!strcmp(z.member[1].name, "b/two") && !tt_zip_read(&z, &z.member[1], &data, &e) && !memcmp(data, "hello", 5));

    unsigned char *p = (unsigned char *)bytes;
    p[z.member[1].offset] = 'j';
    CHECK(tt_zip_read(&z, &z.member[1], &data, &e) == TT_EFORMAT && strstr(e.msg, "checksum of member b/two"));
    p[z.member[1].offset] = 'h';
    size_t central = 0;
    while (tt_le_get(p + central, 4) != 0x02014b50) central++;
    struct {
        size_t at;
        unsigned value, bytes;
        const char *message;
    } bad[] = {{8, 1, 2, "b/two is encrypted"},
               {10, 12, 2, "packed by method 12"},
               {24, 6, 4, "cannot be"},
               {20, 6, 4, "cannot be"},
               {42, 1, 4, "not where the directory says"},
               {46, '/', 1, "no path below its folder"},
               {47, '\\', 1, "no path below its folder"},
               {46, 'x', 1, "another name in its own header"},
               {0, 0, 4, "directory is malformed"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unsigned char copy[1024];
        memcpy(copy, p, size);
        tt_le_put(copy + central + bad[i].at, bad[i].value, (int)bad[i].bytes);
        refuses(copy, size, bad[i].message);
    }
    refuses(p, size - 1, "no end of a ZIP file");
    refuses(p, 3, "too few");
    free(bytes);
    tt_arena_close(a);
    return test_done("t_zip");
}
