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

/* More members than 16 bits can count: the end of the directory is told in 64 bits, and believed
   only as far as it agrees. */
static void test_wide(void) {
    enum { MANY = 65536, END = 22, LOCATOR = 20, END64 = 56 };
    tt_err e = {0};
    const char *path = tiny_path("wide.zip");
    tt_zipwriter *w = tt_zipwriter_open(path, &e);
    int rc = w ? 0 : -1;
    for (int i = 0; i < MANY && !rc; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        rc = tt_zipwriter_add(w, name, NULL, 0, &e);
    }
    CHECK(!rc && !tt_zipwriter_finish(w, &e), "%s", e.msg);
    char *bytes;
    size_t size;
    CHECK(!tt_file_read(&bytes, &size, path, (size_t)1 << 26, &e), "%s", e.msg);
    tt_zip z;
    CHECK(!tt_zip_open(&z, bytes, size, "t.zip", a, &e) && z.count == MANY, "%s", e.msg);
    unsigned char *locator = (unsigned char *)bytes + size - END - LOCATOR,
                  *end64 = locator - END64;
    CHECK(tt_le_get(locator + LOCATOR + 10, 2) == UINT16_MAX && tt_le_get(end64 + 32, 8) == MANY);
    const struct {
        unsigned char *at;
        uint64_t value;
        int bytes;
        const char *message;
    } bad[] = {{locator + 8, size, 8, "directory is malformed"},
               {locator + 8, UINT64_MAX, 8, "directory is malformed"},
               {end64, 0, 4, "directory is malformed"},
               {end64 + 16, 1, 4, "several disks"},
               {end64 + 20, 1, 4, "several disks"},
               {end64 + 32, MANY + 1, 8, "directory is malformed"},
               {end64 + 32, UINT64_MAX, 8, "directory is malformed"},
               {end64 + 40, size, 8, "directory is malformed"},
               {end64 + 48, UINT64_MAX, 8, "directory is malformed"},
               {locator, 0, 4, "directory is malformed"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t was = tt_le_get(bad[i].at, bad[i].bytes);
        tt_le_put(bad[i].at, bad[i].value, bad[i].bytes);
        refuses((unsigned char *)bytes, size, bad[i].message);
        tt_le_put(bad[i].at, was, bad[i].bytes);
    }
    free(bytes);
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
    CHECK(!strcmp(z.member[0].name, "a") && z.member[0].size == 0 &&
          !tt_zip_read(&z, &z.member[0], &data, &e));
    CHECK(!strcmp(z.member[1].name, "b/two") && !tt_zip_read(&z, &z.member[1], &data, &e) &&
          !memcmp(data, "hello", 5));

    unsigned char *p = (unsigned char *)bytes;
    p[z.member[1].offset] = 'j';
    CHECK(tt_zip_read(&z, &z.member[1], &data, &e) == TT_EFORMAT &&
          strstr(e.msg, "checksum of member b/two"));
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
    test_wide();
    tt_arena_close(a);
    return test_done("t_zip");
}
