/* lines.c: a growing buffer over an input stream.
 *
 *     buf:  | given before | rest: next lines, the last one perhaps unfinished | free | 1 |
 *                          start                  seen                       end       cap
 *
 * `seen` is how far the search for a newline has come, so a long line is searched once however many
 * reads it takes. The unfinished rest moves to the front before each read. The spare byte at the
 * end takes the NUL behind a last line without newline.
 *
 * The first bytes of a file wait in `raw` until they say what the file is (kind.h). UTF-8 is then
 * read straight into the buffer; other encodings are read into `raw` and decoded from there.
 */
#include "io/lines.h"

#include "base/clock.h"
#include "base/utf8.h"

#include "io/encoding.h"
#include "io/file.h"
#include "io/kind.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FIRST_SIZE = 1 << 16, /* one full pipe; doubled for a longer line */
    RAW_SIZE = 1 << 16,
    LOOKED_AT = 1 << 16 /* bytes of lines that are looked at for other encodings */
};

struct tt_lines {
    tt_input *in;
    char *buf;
    size_t start, seen, end, cap;
    size_t max, number;
    bool eof;
    tt_err err; /* the first failure; no more lines after it */

    const char *const *paths; /* (n_paths) files that come after this one */
    size_t n_paths;
    int encoding;       /* asked for */
    bool sniffing;      /* it is not known yet what the file is */
    unsigned char *raw; /* (RAW_SIZE) undecoded bytes */
    size_t n_raw;
    tt_decoder decoder;
    int found; /* AUTO: TT_TEXT_UTF8 or _WINDOWS_1252, once a line beyond ASCII has told; negative
                  before */
    char *converted; /* AUTO: a line made UTF-8 */
    size_t converted_cap, looked_at;
    size_t windows_1252,
        utf8; /* of the lines looked at: those that make sense as the one, and as the other only */
};

static tt_lines *open_over(tt_input *in, size_t max_line, int encoding, tt_err *e) {
    if (!in) return NULL;
    tt_lines *ln = calloc(1, sizeof *ln);
    unsigned char *raw = malloc(RAW_SIZE);
    if (!ln || !raw) {
        tt_fail(e, TT_ENOMEM, "%s: out of memory", tt_input_name(in));
        tt_input_close(in);
        free(ln);
        free(raw);
        return NULL;
    }
    ln->in = in;
    ln->max = max_line ? max_line : TT_LINE_MAX;
    ln->encoding = encoding;
    ln->sniffing = true;
    ln->raw = raw;
    ln->found = -1;
    return ln;
}

tt_lines *tt_lines_open(const char *path, size_t max_line, tt_err *e) {
    return tt_lines_open_as(path, max_line, TT_TEXT_UTF8, e);
}

tt_lines *tt_lines_open_as(const char *path, size_t max_line, int encoding, tt_err *e) {
    return open_over(tt_input_open(path, e), max_line, encoding, e);
}

tt_lines *tt_lines_open_fd(int fd, const char *name, size_t max_line, tt_err *e) {
    return open_over(tt_input_open_fd(fd, name, e), max_line, TT_TEXT_UTF8, e);
}

tt_lines *tt_lines_open_all(const char *const *paths, size_t n, size_t max_line, int encoding,
                            tt_err *e) {
    tt_lines *ln = tt_lines_open_as(paths[0], max_line, encoding, e);
    if (!ln) return NULL;
    ln->paths = paths + 1;
    ln->n_paths = n - 1;
    for (size_t i = 1; i < n; i++) { /* a missing one shows now, not in hours */
        tt_input *in = strcmp(paths[i], "-") ? tt_input_open(paths[i], e) : NULL;
        if (!in && strcmp(paths[i], "-")) {
            tt_lines_close(ln);
            return NULL;
        }
        tt_input_close(in);
    }
    return ln;
}

void tt_lines_close(tt_lines *ln) {
    if (!ln) return;
    tt_input_close(ln->in);
    free(ln->buf);
    free(ln->raw);
    free(ln->converted);
    free(ln);
}

bool tt_lines_windows_1252(const tt_lines *ln) { return ln->windows_1252 > 4 * ln->utf8; }

size_t tt_lines_number(const tt_lines *ln) { return ln->number; }
const char *tt_lines_name(const tt_lines *ln) { return tt_input_name(ln->in); }

/* Moves `seen` to the next newline. false: there is none in the buffer. */
static bool find_newline(tt_lines *ln) {
    if (ln->seen == ln->end) return false;
    const char *nl = memchr(ln->buf + ln->seen, '\n', ln->end - ln->seen);
    ln->seen = nl ? (size_t)(nl - ln->buf) : ln->end;
    return nl != NULL;
}

static int too_long(const tt_lines *ln, tt_err *e) {
    return tt_fail(e, TT_EDATA, "%s:%zu: line of more than %zu bytes", tt_lines_name(ln),
                   ln->number + 1, ln->max);
}

/* Moves the unfinished rest to the front and makes room for `more` bytes behind it. */
static int make_room(tt_lines *ln, size_t more, tt_err *e) {
    size_t rest = ln->end - ln->start;
    if (rest > ln->max) return too_long(ln, e);
    if (ln->start > 0) {
        memmove(ln->buf, ln->buf + ln->start, rest);
        ln->start = 0;
        ln->seen = ln->end = rest;
    }
    if (ln->cap - ln->end >= more) return 0;
    size_t cap = ln->cap ? 2 * ln->cap : FIRST_SIZE;
    while (cap - ln->end < more) cap *= 2;
    char *buf = realloc(ln->buf, cap + 1);
    if (!buf)
        return tt_fail(e, TT_ENOMEM, "%s:%zu: out of memory", tt_lines_name(ln), ln->number + 1);
    ln->buf = buf;
    ln->cap = cap;
    return 0;
}

/* Decodes bytes, the last ones of the file at its end, into the buffer. */
static int decode(tt_lines *ln, const unsigned char *bytes, size_t len, tt_err *e) {
    TT_TRY(make_room(ln, 3 * len + 4, e));
    if (ln->decoder.encoding == TT_TEXT_UTF8) {
        if (len) memcpy(ln->buf + ln->end, bytes, len);
        ln->end += len;
    } else {
        ln->end += tt_decode(&ln->decoder, ln->buf + ln->end, bytes, len, ln->eof);
    }
    return 0;
}

/* What the file is, from its first bytes; they are decoded once that is known. */
static int sniff(tt_lines *ln, tt_err *e) {
    tt_kind k = tt_kind_of(ln->raw, ln->n_raw, ln->eof || ln->n_raw == RAW_SIZE);
    if (k.sort == TT_KIND_OPEN) return 0;
    int utf16 = ln->encoding == TT_TEXT_UTF16 && !k.mark ? tt_kind_utf16(ln->raw, ln->n_raw) : 0;
    if (k.sort == TT_KIND_OTHER && !utf16)
        return tt_fail(e, TT_EDATA, "%s: is %s; %s", tt_lines_name(ln), k.what, k.todo);
    int encoding = k.encoding;
    if (ln->encoding == TT_TEXT_UTF16 && !k.mark) encoding = utf16 ? utf16 : TT_TEXT_UTF16LE;
    if (tt_encoding_is_bytes(ln->encoding) && !k.mark) encoding = ln->encoding;
    if (ln->encoding == TT_TEXT_MARKED && encoding == TT_TEXT_UTF8) k.mark = 0;
    if (ln->encoding == TT_TEXT_AUTO && k.mark) ln->found = TT_TEXT_UTF8;
    ln->decoder = (tt_decoder){.encoding = encoding};
    ln->sniffing = false;
    size_t n = ln->n_raw;
    ln->n_raw = 0;
    return decode(ln, ln->raw + k.mark, n - k.mark, e);
}

/* Reads once; the buffer holds no newline. Sets eof at the end. */
static int read_more(tt_lines *ln, tt_err *e) {
    size_t got;
    if (ln->sniffing) {
        TT_TRY(tt_input_read(ln->in, ln->raw + ln->n_raw, &got, RAW_SIZE - ln->n_raw, e));
        ln->n_raw += got;
        ln->eof = got == 0;
        return sniff(ln, e);
    }
    if (ln->decoder.encoding != TT_TEXT_UTF8) {
        TT_TRY(tt_input_read(ln->in, ln->raw, &got, RAW_SIZE, e));
        ln->eof = got == 0;
        return decode(ln, ln->raw, got, e);
    }
    TT_TRY(make_room(ln, 1, e));
    TT_TRY(tt_input_read(ln->in, ln->buf + ln->end, &got, ln->cap - ln->end, e));
    ln->end += got;
    ln->eof = got == 0;
    return 0;
}

/* 1 if another file follows this one, which is at its end. */
static bool is_used_up(const tt_lines *ln) {
    return ln->eof && ln->start == ln->end && ln->n_paths;
}

static int next_file(tt_lines *ln, tt_err *e) {
    tt_input *in = tt_input_open(*ln->paths, e);
    if (!in) return e->code;
    tt_input_close(ln->in);
    ln->in = in;
    ln->paths++;
    ln->n_paths--;
    ln->eof = false;
    ln->sniffing = true;
    ln->number = 0;
    ln->found = -1;
    return 0;
}

int tt_lines_begin(tt_lines *ln, tt_err *e) {
    while (!ln->err.code && ln->sniffing) read_more(ln, &ln->err);
    for (size_t i = 0; i < ln->n_paths && !ln->err.code; i++) {
        if (!strcmp(ln->paths[i], "-")) continue; /* its bytes cannot be put back */
        tt_lines *other = tt_lines_open_as(ln->paths[i], 0, ln->encoding, &ln->err);
        if (other) tt_lines_begin(other, &ln->err);
        tt_lines_close(other);
    }
    if (ln->err.code && e) *e = ln->err;
    return ln->err.code;
}

/* AUTO: the first line beyond ASCII says which of the two encodings the file has. */
static int convert(tt_lines *ln, const char **line, size_t *len, tt_err *e) {
    size_t i = 0;
    while (i < *len && !((unsigned char)(*line)[i] & 0x80)) i++;
    if (i == *len) return 0;
    if (ln->found < 0)
        ln->found = tt_kind_windows_1252((const unsigned char *)*line, *len) ? TT_TEXT_WINDOWS_1252
                                                                             : TT_TEXT_UTF8;
    if (ln->found == TT_TEXT_UTF8) return 0;
    if (ln->converted_cap < 3 * *len + 1) {
        char *more = realloc(ln->converted, 3 * *len + 1);
        if (!more)
            return tt_fail(e, TT_ENOMEM, "%s:%zu: out of memory", tt_lines_name(ln), ln->number);
        ln->converted = more;
        ln->converted_cap = 3 * *len + 1;
    }
    tt_decoder d = {.encoding = TT_TEXT_WINDOWS_1252};
    *len = tt_decode(&d, ln->converted, (const unsigned char *)*line, *len, 1);
    ln->converted[*len] = '\0';
    *line = ln->converted;
    return 0;
}

/* Counts a line beyond ASCII for one encoding or the other. */
static void look_at(tt_lines *ln, const char *line, size_t len) {
    size_t i = 0;
    ln->looked_at += len + 1;
    while (i < len && !((unsigned char)line[i] & 0x80)) i++;
    if (i == len) return;
    if (tt_kind_windows_1252((const unsigned char *)line, len < LOOKED_AT ? len : LOOKED_AT))
        ln->windows_1252++;
    else ln->utf8 += (size_t)tt_utf8_valid(line, len);
}

int tt_lines_next(tt_lines *ln, const char **line, size_t *len, tt_err *e) {
    do {
        if (!ln->err.code && is_used_up(ln)) next_file(ln, &ln->err);
        while (!ln->err.code && !find_newline(ln) && !ln->eof) read_more(ln, &ln->err);
    } while (!ln->err.code && is_used_up(ln));
    if (!ln->err.code && ln->seen - ln->start > ln->max) too_long(ln, &ln->err);
    if (ln->err.code) {
        *e = ln->err;
        return ln->err.code;
    }
    if (ln->start == ln->end) return 0; /* find_newline failed and nothing is left */
    ln->buf[ln->seen] = '\0';
    *line = ln->buf + ln->start;
    *len = ln->seen - ln->start;
    if (ln->seen < ln->end) ln->seen++;
    ln->start = ln->seen;
    ln->number++;
    if (ln->looked_at < LOOKED_AT && ln->decoder.encoding == TT_TEXT_UTF8) look_at(ln, *line, *len);
    if (ln->encoding == TT_TEXT_AUTO) TT_TRY(convert(ln, line, len, e));
    return 1;
}

int tt_lines_ready(tt_lines *ln, int wait_ms) {
    double until = wait_ms > 0 ? tt_clock() + 1e-3 * wait_ms : 0;
    for (;;) {
        if (!ln->err.code && is_used_up(ln)) next_file(ln, &ln->err);
        if (ln->err.code || find_newline(ln) || ln->eof) return 1;
        int left = wait_ms;
        if (wait_ms > 0) {
            double rest = until - tt_clock();
            left = rest > 0 ? (int)(1e3 * rest) : 0;
        }
        if (!tt_input_ready(ln->in, left)) return 0;
        read_more(ln, &ln->err);
    }
}
