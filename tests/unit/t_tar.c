/* t_tar: members of every kind of header are found, and nothing is believed that cannot be. */
#include <stdlib.h>
#include <string.h>

#include "port/tar.h"
#include "test.h"

enum { BLOCK = 512, ROOM = 1 << 16 };

static tt_arena *a;
static unsigned char archive[ROOM];
static size_t used;

/* Sets the checksum of a header. */
static void seal(unsigned char *head) {
    unsigned sum = 0;
    memset(head + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++) sum += head[i];
    snprintf((char *)head + 148, 8, "%06o", sum);
}

static unsigned char *put(const char *name, char type, const char *data, size_t size) {
    unsigned char *head = archive + used;
    memset(head, 0, BLOCK);
    memcpy(head, name, strlen(name));
    snprintf((char *)head + 124, 12, "%011lo", (unsigned long)size);
    head[156] = (unsigned char)type;
    memcpy(head + 257, "ustar\00000", 8);
    seal(head);
    memset(head + BLOCK, 0, (size + BLOCK - 1) / BLOCK * BLOCK);
    memcpy(head + BLOCK, data, size);
    used += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
    return head;
}

static void end(void) {
    memset(archive + used, 0, 2 * (size_t)BLOCK);
    used += 2 * (size_t)BLOCK;
}

static int open_it(tt_tar *t, tt_err *e) {
    *e = (tt_err){0};
    return tt_tar_open(t, archive, used, "t.tar", a, e);
}

static void refuses(const char *message) {
    tt_tar t;
    tt_err e;
    CHECK(open_it(&t, &e) == TT_EFORMAT && strstr(e.msg, message), "%s, not %s", e.msg, message);
    used = 0;
}

static int is(const tt_tar_member *m, const char *name, const char *text) {
    return !strcmp(m->name, name) && m->size == strlen(text) && !memcmp(m->data, text, m->size);
}

static void check_reading(void) {
    tt_tar t;
    tt_err e;
    char deep[301], pax[340];
    memset(deep, 'd', 300);
    deep[149] = '/';
    deep[300] = 0;
    CHECK(!tt_tar_is(archive, BLOCK - 1) && !tt_tar_is(archive, BLOCK));
    put("./", '5', "", 0);
    put("./b", '0', "second", 6);
    unsigned char *h = put("name", 0, "old", 3); /* behind a prefix */
    memcpy(h + 345, "a/b", 3);
    seal(h);
    put("._b", '0', "of macOS", 8);
    put("link", '2', "", 0);
    put("old-folder/", 0, "", 0);
    put("././@LongLink", 'L', deep, 301);
    put("short", '0', "long name", 9);
    snprintf(pax, sizeof pax, "11 size=99\n%d path=p%s\n", 310, deep + 1);
    put("PaxHeaders/x", 'x', pax, strlen(pax));
    put("short", '0', "pax", 3);
    put("c", '0', "", 0);
    h = put("big", '0', "0123456789", 10); /* a size in GNU's bytes */
    memset(h + 124, 0, 12);
    h[124] = 0x80, h[135] = 10;
    seal(h);
    end();
    CHECK(tt_tar_is(archive, used));
    CHECK(!open_it(&t, &e) && t.count == 6, "%s: %zu members", e.msg, t.count);
    CHECK(t.count == 6 && is(&t.member[0], "a/b/name", "old") && is(&t.member[1], "b", "second") &&
          is(&t.member[2], "big", "0123456789") && is(&t.member[3], "c", "") &&
          is(&t.member[4], deep, "long name"));
    deep[0] = 'p';
    CHECK(t.count == 6 && is(&t.member[5], deep, "pax"), "%s",
          t.count == 6 ? t.member[5].name : "");
    used -= 3 * (size_t)BLOCK; /* without its end and the last member's data */
    refuses("the member at byte");
}

static void check_refusing(void) {
    static const char *const names[] = {"../x", "a/../../x", "/etc/x", "a\nb", "c:/x", "a\\b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put("good", '0', "1", 1);
        put(names[i], '0', "2", 1);
        refuses("member 1 has a name that is no path below its folder");
    }
    put("same", '0', "1", 1);
    put("./same", '0', "2", 1);
    refuses("member same is there twice");
    put("one", '0', "1", 1);
    put("two", '0', "2", 1)[0] = 'T'; /* and its checksum stays */
    refuses("the tar header at byte 1024 is malformed");
    unsigned char *h = put("far", '0', "1", 1);
    memcpy(h + 124, "77777777777", 11);
    seal(h);
    refuses("the member at byte 0 is cut off");
    h = put("farther", '0', "1", 1);
    memset(h + 124, 0xFF, 12);
    seal(h);
    refuses("the member at byte 0 is cut off");
}

int main(void) {
    tt_err e;
    a = tt_arena_open(0, &e);
    check_reading();
    check_refusing();
    tt_arena_close(a);
    return test_done("t_tar");
}
