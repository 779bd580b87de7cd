/* f_gzip: bytes as an input stream, gzip or plain: the same bytes and the same end in whatever
 * pieces they are asked for; what is not gzip comes as it is; a refusal is one line.
 */
#include "fuzz/memfile.h"
#include "io/file.h"

enum { MOST = 1 << 20 };

/* Reads pieces of at most 1 + i × step % most bytes: how many there were, and how the stream
   ended. */
static size_t read_all(const char *path, uint8_t *to, size_t most, size_t step, int *rc) {
    tt_err e = {0};
    tt_input *in = tt_input_open(path, &e);
    size_t n = 0, got = 1, i = 1;
    HOLDS(in);
    for (*rc = 0; got && !*rc && n < MOST; i++) {
        size_t cap = 1 + i * step % most;
        *rc = tt_input_read(in, to + n, &got, cap < MOST - n ? cap : MOST - n, &e);
        HOLDS(*rc || got <= cap);
        if (!*rc) n += got;
    }
    if (*rc) REFUSED(e, *rc == TT_EFORMAT || *rc == TT_ENOMEM);
    tt_input_close(in);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t whole[MOST], pieces[MOST];
    memfile f = memfile_open(data, size);
    int one, two;
    size_t n = read_all(f.path, whole, 1 << 16, 65521, &one),
           m = read_all(f.path, pieces, 61, 17, &two);
    HOLDS(one == two && (one ? m <= n || n <= m : m == n) && !memcmp(whole, pieces, n < m ? n : m));
    const int gzip = size > 1 && data[0] == 0x1f && data[1] == 0x8b;
    if (!gzip) HOLDS(!one && n == (size < MOST ? size : MOST) && !memcmp(whole, data, n));
    tt_err e = {0};
    char *text;
    size_t len;
    int rc = tt_file_read(&text, &len, f.path, 4096, &e);
    HOLDS(rc ? e.msg[0] != 0 : len <= 4096 && len == n && !text[len] && !memcmp(text, whole, len));
    if (!rc) free(text);
    memfile_close(&f);
    return 0;
}
