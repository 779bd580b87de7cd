/* t_file: streams plain and gzip, whole files, maps, and the output writer under every mishap that
 * can be staged: missing, directory, too large, cut off, full disk, closed pipe, killed.
 */
#include "io/file.h"
#include "unit/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

static bool holds(const char *path, const char *text) {
    char *data;
    size_t len;
    tt_err e = {0};
    if (tt_file_read(&data, &len, path, 1 << 20, &e)) return false;
    bool same = len == strlen(text) && !memcmp(data, text, len);
    free(data);
    return same;
}

/* Runs `child` in a process of its own; returns its wait status. */
static int in_child(void (*child)(void *ctx), void *ctx) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        child(ctx);
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static size_t gzip(unsigned char *dst, size_t cap, const char *text, size_t size) {
    z_stream z = {0};
    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)size;
    z.next_out = dst;
    z.avail_out = (uInt)cap;
    deflate(&z, Z_FINISH);
    size_t n = cap - z.avail_out;
    deflateEnd(&z);
    return n;
}

static void check_fails(const char *path, size_t max, int code, const char *words) {
    char *data;
    size_t len;
    tt_err e = {0};
    int rc = tt_file_read(&data, &len, path, max, &e);
    CHECK(rc == code && e.code == code && !data, "%s: %d %s", path, rc, e.msg);
    CHECK(strstr(e.msg, words) && strstr(e.msg, path), "%s", e.msg);
}

static void test_read(void) {
    put(PATH("plain"), "one\0two", 7);
    char *data;
    size_t len;
    tt_err e = {0};
    CHECK(!tt_file_read(&data, &len, PATH("plain"), 7, &e) && len == 7, "%s", e.msg);
    CHECK(!memcmp(data, "one\0two", 8), "the bytes and a NUL behind");
    free(data);

    put(PATH("empty"), "", 0);
    CHECK(!tt_file_read(&data, &len, PATH("empty"), 7, &e) && len == 0 && *data == 0, "%s", e.msg);
    free(data);

    put(PATH("one"), "\x1f", 1); /* the first byte of gzip's magic, and no second */
    CHECK(holds(PATH("one"), "\x1f"), "lone 0x1f");

    check_fails(PATH("plain"), 6, TT_EDATA, "more than 6 bytes");
    check_fails(PATH("nothing"), 6, TT_ENOINPUT, "No such file");
    check_fails(folder, 6, TT_ENOINPUT, "is a directory");
    put(PATH("plain.gz"), "text", 4);
    check_fails(PATH("plain.gz"), 6, TT_EFORMAT, "not gzip data");
}

static void test_gzip(void) {
    size_t size = 300000;
    char *text = malloc(size + 1);
    unsigned char *packed = malloc(2 * size);
    for (size_t i = 0; i < size; i++) text[i] = "abc de\n"[i * i % 7 + i / 1000 % 1];
    text[size] = '\0';
    size_t first = gzip(packed, 2 * size, text, 100000);
    size_t n = first + gzip(packed + first, 2 * size - first, text + 100000, size - 100000);
    put(PATH("two"), packed, n); /* two members, and found without a .gz */
    char *data;
    size_t len;
    tt_err e = {0};
    int rc = tt_file_read(&data, &len, PATH("two"), 1 << 20, &e);
    CHECK(!rc && len == size && !memcmp(data, text, size), "%zu %s", len, e.msg);
    free(data);
    check_fails(PATH("two"), 100, TT_EDATA, "more than 100 bytes");

    memset(packed + n, 0, 512);
    put(PATH("padded.gz"), packed, n + 512);
    CHECK(holds(PATH("padded.gz"), text), "zeros behind gzip data");
    put(PATH("behind.gz"), memcpy(packed + n, "text", 4) ? packed : packed, n + 4);
    check_fails(PATH("behind.gz"), 1 << 20, TT_EFORMAT, "something else follows");
    put(PATH("cut.gz"), packed, n - 5);
    check_fails(PATH("cut.gz"), 1 << 20, TT_EFORMAT, "cut off");
    put(PATH("head.gz"), packed, 5);
    check_fails(PATH("head.gz"), 1 << 20, TT_EFORMAT, "cut off");
    packed[n - 6] ^= 1; /* in the CRC */
    put(PATH("crc.gz"), packed, n);
    check_fails(PATH("crc.gz"), 1 << 20, TT_EFORMAT, "damaged");
    packed[12] ^= 0x55;
    put(PATH("bits.gz"), packed, n);
    check_fails(PATH("bits.gz"), 1 << 20, TT_EFORMAT, "damaged");
    free(text);
    free(packed);
}

static void test_stream(void) {
    int p[2];
    tt_err e = {0};
    CHECK(!pipe(p), "pipe");
    tt_input *in = tt_input_open_fd(p[0], "a pipe", &e);
    char buf[16];
    size_t got;
    CHECK(!tt_input_ready(in, 0) && !tt_input_ready(in, 10), "nothing there yet");
    CHECK(write(p[1], "ab", 2) == 2 && tt_input_ready(in, 0), "two bytes");
    CHECK(!tt_input_read(in, buf, &got, 1, &e) && got == 1 && buf[0] == 'a', "a short buffer");
    CHECK(tt_input_ready(in, 0), "one left");
    CHECK(!tt_input_read(in, buf, &got, 16, &e) && got == 1 && buf[0] == 'b', "a short read");
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    CHECK(write(p[1], "c", 1) == 1, "write");
    CHECK(!tt_input_read(in, buf, &got, 16, &e) && got == 1, "without blocking");
    close(p[1]);
    CHECK(tt_input_ready(in, 0), "the end is an answer");
    CHECK(!tt_input_read(in, buf, &got, 16, &e) && got == 0, "end");
    CHECK(!tt_input_read(in, buf, &got, 16, &e) && got == 0, "and again");
    tt_input_close(in);
    close(p[0]);

    in = tt_input_open_fd(-1, "closed", &e);
    CHECK(tt_input_read(in, buf, &got, 16, &e) == TT_EIO && strstr(e.msg, "closed: "), "%s", e.msg);
    tt_input_close(in);
    tt_input_close(NULL);
}

static void test_map(void) {
    tt_mapped m;
    tt_err e = {0};
    put(PATH("map"), "0123", 4);
    CHECK(!tt_mapped_open(&m, PATH("map"), &e) && m.size == 4 && !memcmp(m.data, "0123", 4), "%s",
          e.msg);
    tt_mapped_close(&m);
    tt_mapped_close(&m);
    CHECK(!tt_mapped_open(&m, PATH("empty"), &e) && m.size == 0 && !m.data, "%s", e.msg);
    CHECK(tt_mapped_open(&m, folder, &e) == TT_ENOINPUT && strstr(e.msg, "directory"), "%s", e.msg);
    CHECK(tt_mapped_open(&m, "/dev/null", &e) == TT_ENOINPUT && strstr(e.msg, "regular"), "%s",
          e.msg);
    CHECK(tt_mapped_open(&m, PATH("nothing"), &e) == TT_ENOINPUT && !m.data, "%s", e.msg);
    CHECK(!mkfifo(PATH("fifo"), 0600), "mkfifo");
    CHECK(tt_mapped_open(&m, PATH("fifo"), &e) == TT_ENOINPUT && strstr(e.msg, "regular"),
          "at once: %s", e.msg);
    CHECK(!unlink(PATH("fifo")), "unlink");
}

/* Is there no other file whose name begins so? */
static bool alone_with(const char *name) {
    DIR *d = opendir(folder);
    int n = 0;
    for (struct dirent *x; d && (x = readdir(d));) n += !strncmp(x->d_name, name, strlen(name));
    if (d) closedir(d);
    return n == 1;
}

static int write_text(const char *path, int mode, const char *text, tt_err *e) {
    tt_output *o = tt_output_open(path, mode, e);
    if (!o) return e->code;
    tt_output_write(o, text, strlen(text), NULL);
    return tt_output_finish(o, e);
}

static void test_write(void) {
    tt_err e = {0};
    struct stat st;
    for (int mode = TT_OUTPUT_PLAIN; mode <= TT_OUTPUT_ATOMIC; mode++) {
        CHECK(!write_text(PATH("out"), mode, "first", &e) && holds(PATH("out"), "first"), "%s",
              e.msg);
        chmod(PATH("out"), 0640);
        CHECK(!write_text(PATH("out"), mode, "2nd", &e) && holds(PATH("out"), "2nd"), "%s", e.msg);
        CHECK(!stat(PATH("out"), &st) && (st.st_mode & 0777) == 0640, "keeps its mode");
        CHECK(write_text(folder, mode, "", &e) == TT_ECREATE && strstr(e.msg, "is a directory"),
              "%s", e.msg);
        CHECK(write_text(PATH("no/where"), mode, "", &e) == TT_ECREATE && strstr(e.msg, "No such"),
              "%s", e.msg);
        CHECK(!write_text("/dev/null", mode, "gone", &e), "%s", e.msg);
        CHECK(write_text("/dev/full", mode, "text", &e) == TT_EIO && strstr(e.msg, "No space"),
              "%s", e.msg);
        CHECK(!stat("/dev/null", &st) && S_ISCHR(st.st_mode), "a device stays one");
    }
    CHECK(alone_with("out"), "nothing left over");

    CHECK(!symlink("out", PATH("link")), "symlink");
    CHECK(!write_text(PATH("link"), TT_OUTPUT_ATOMIC, "by link", &e), "%s", e.msg);
    CHECK(holds(PATH("out"), "by link") && !lstat(PATH("link"), &st) && S_ISLNK(st.st_mode),
          "the link stays, its target is new");

    tt_output *o = tt_output_open(PATH("out"), TT_OUTPUT_ATOMIC, &e);
    char big[100000];
    memset(big, 'x', sizeof big);
    CHECK(!tt_output_write(o, "head", 4, &e) && !tt_output_write(o, big, sizeof big, &e), "%s",
          e.msg);
    CHECK(tt_output_size(o) == sizeof big + 4, "size");
    CHECK(tt_output_can_patch(o));
    CHECK(!tt_output_patch(o, 1, "EA", 2, &e) && !tt_output_write(o, "tail", 4, &e), "%s", e.msg);
    CHECK(holds(PATH("out"), "by link"), "the old one until finish");
    CHECK(!tt_output_finish(o, &e), "%s", e.msg);
    char *data;
    size_t len;
    CHECK(!tt_file_read(&data, &len, PATH("out"), 1 << 20, &e) && len == sizeof big + 8 &&
              !memcmp(data, "hEAd", 4) && !memcmp(data + 4, big, sizeof big) &&
              !memcmp(data + len - 4, "tail", 4),
          "%s", e.msg);
    free(data);

    o = tt_output_open(PATH("out2"), TT_OUTPUT_ATOMIC, &e);
    tt_output_write(o, "x", 1, NULL);
    tt_output_abort(o);
    CHECK(stat(PATH("out2"), &st) != 0 && alone_with("out2") == false, "nothing left");
    tt_output_abort(NULL);
}

static void fill_disk(void *path) {
    tt_err e = {0};
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {100000, 100000};
    setrlimit(RLIMIT_FSIZE, &limit);
    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, &e);
    char data[5000] = {0};
    int early = 0;
    for (int i = 0; i < 50; i++) early = tt_output_write(o, data, sizeof data, &e);
    tt_err late = {0};
    int rc = tt_output_finish(o, &late);
    bool said = early == TT_EIO && rc == TT_EIO && strstr(late.msg, "File too large") &&
                !strcmp(e.msg, late.msg);
    _exit(said ? 0 : 1);
}

static void die_writing(void *path) {
    tt_err e;
    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, &e);
    tt_output_write(o, "half", 4, &e);
    tt_output_flush(o, &e);
    raise(SIGKILL);
}

static void write_beside(void *path) {
    tt_err e = {0};
    _exit(write_text(path, TT_OUTPUT_ATOMIC, "theirs", &e) || !holds(path, "theirs"));
}

static void test_mishaps(void) {
    tt_err e = {0};
    struct stat st;
    char *path = (char *)(uintptr_t)PATH("precious");
    put(path, "old", 3);
    CHECK(in_child(fill_disk, path) == 0, "full disk is said, early and late");
    CHECK(holds(path, "old") && alone_with("precious"), "and the old file is there");

    int status = in_child(die_writing, path);
    CHECK(WIFSIGNALED(status) && holds(path, "old"), "a killed writer leaves the old file");
    CHECK(alone_with("precious"), "and nothing else");

    put(PATH("precious.part"), "mine", 4); /* what others call so is theirs */
    CHECK(!write_text(path, TT_OUTPUT_ATOMIC, "new", &e) && holds(path, "new"), "%s", e.msg);
    CHECK(holds(PATH("precious.part"), "mine") && !unlink(PATH("precious.part")),
          "a file of the user's");
    CHECK(!lstat(path, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1, "a file with one name");

    tt_output *o = tt_output_open(path, TT_OUTPUT_ATOMIC, &e);
    CHECK(in_child(write_beside, path) == 0, "two writers at once: both write whole files");
    tt_output_write(o, "mine", 4, &e);
    CHECK(!tt_output_finish(o, &e) && holds(path, "mine") && alone_with("precious"), "%s", e.msg);

    int p[2];
    CHECK(!pipe(p), "pipe");
    signal(SIGPIPE, SIG_IGN);
    close(p[0]);
    o = tt_output_open_fd(p[1], "a pipe", &e);
    CHECK(!tt_output_write(o, "x", 1, &e), "buffered");
    CHECK(tt_output_flush(o, &e) == TT_EIO && strstr(e.msg, "a pipe: ") && strstr(e.msg, "pipe"),
          "%s", e.msg);
    CHECK(!tt_output_can_patch(o), "a descriptor of the caller's, or a pipe");
    CHECK(tt_output_write(o, "x", 1, &e) == TT_EIO && tt_output_patch(o, 0, "x", 1, &e) == TT_EIO,
          "kept");
    CHECK(tt_output_finish(o, &e) == TT_EIO, "to the end");
    CHECK(fcntl(p[1], F_GETFD) >= 0, "a borrowed descriptor stays open");
    close(p[1]);
}

/* Asked beforehand: what can be read and written says so and stays as it was, and pipes are not
   touched. */
static void test_try(void) {
    tt_err e = {0};
    put(PATH("precious"), "gold", 4);
    CHECK(!tt_input_try(PATH("precious"), &e) && !tt_output_try(PATH("precious"), &e) &&
              holds(PATH("precious"), "gold"),
          "%s", e.msg);
    CHECK(!tt_output_try(PATH("new"), &e) && access(PATH("new"), F_OK) &&
              access(PATH("new.part"), F_OK),
          "%s", e.msg);
    CHECK(tt_input_try(PATH("new"), &e) == TT_ENOINPUT && strstr(e.msg, "new"), "%s", e.msg);
    CHECK(tt_input_try(PATH("."), &e) == TT_ENOINPUT && tt_output_try(PATH("."), &e) == TT_ECREATE,
          "%s", e.msg);
    CHECK(tt_output_try(PATH("no/where"), &e) == TT_ECREATE && strstr(e.msg, "no/where"), "%s",
          e.msg);
    CHECK(!tt_input_try("-", &e) && !tt_output_try("-", &e), "%s", e.msg);
    CHECK(!mkfifo(PATH("fifo"), 0600) && !tt_input_try(PATH("fifo"), &e) &&
              !tt_output_try(PATH("fifo"), &e),
          "%s", e.msg); /* or they wait */
    remove(PATH("fifo"));
}

int main(void) {
    in_new_folder("t_file");
    test_read();
    test_gzip();
    test_stream();
    test_map();
    test_write();
    test_mishaps();
    test_try();
    static const char *const names[] = {"plain",     "empty",     "one",    "plain.gz", "two",
                                        "padded.gz", "behind.gz", "cut.gz", "head.gz",  "crc.gz",
                                        "bits.gz",   "map",       "out",    "link",     "precious"};
    in_the_end(names, sizeof names / sizeof *names);
    return test_done("t_file");
}
