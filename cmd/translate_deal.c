/* translate_deal.c: `mpirun -n N ttrans translate`: rank 0 reads lines and deals them out in
 * portions, each rank translates its own, and rank 0 writes the answers in order. A portion goes
 * through files, for what translates reads files.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "comm/comm.h"
#include "io/file.h"
#include "io/lines.h"
#include "translate.h"

enum { PORTION = 1000, ANSWER_MOST = 1 << 30 }; /* lines; bytes of an answer */

struct files {
    char in[4096], out[4096];
};

static int make_name(char name[4096], tt_err *e) {
    const char *folder = getenv("TMPDIR");
    snprintf(name, 4096, "%s/ttrans.XXXXXX", folder && *folder ? folder : "/tmp");
    const int fd = mkstemp(name);
    if (fd < 0) return tt_cmd_fail(e, TT_ECREATE, "%s: cannot be made", name);
    close(fd);
    return 0;
}

static int translate(tt_translator *t, const struct files *f, const char *text, size_t len,
                     char **answer, size_t *n, tt_translate_stats *stats, tt_err *e) {
    tt_output *o = tt_output_open(f->in, TT_OUTPUT_PLAIN, e);
    if (!o) return e->code;
    tt_output_write(o, text, len, NULL);
    TT_TRY(tt_output_finish(o, e));
    TT_TRY(tt_translate_file(t, f->in, f->out, NULL, stats, e));
    return tt_file_read(answer, n, f->out, ANSWER_MOST, e);
}

/* A portion of lines, freed by the caller; *len 0: there are no more. */
static int read_portion(tt_lines *in, char **text, size_t *len, tt_err *e) {
    size_t room = 1 << 16, n = 0;
    char *to = malloc(room);
    int rc = to ? 1 : tt_cmd_fail(e, TT_ENOMEM, "out of memory");
    for (int lines = 0; rc > 0 && lines < PORTION; lines++) {
        const char *line;
        size_t bytes;
        rc = tt_lines_next(in, &line, &bytes, e);
        if (rc <= 0) break;
        if (n + bytes + 1 > room) {
            room = 2 * (n + bytes + 1);
            char *more = realloc(to, room);
            if (!more) {
                rc = tt_cmd_fail(e, TT_ENOMEM, "out of memory");
                break;
            }
            to = more;
        }
        memcpy(to + n, line, bytes);
        n += bytes;
        to[n++] = '\n';
    }
    *text = to;
    *len = n;
    return rc < 0 ? rc : 0;
}

/* One round: a portion for each rank, which all answer; the last ones may be empty. *more: was
   there one? */
static int deal_round(tt_translator *t, tt_comm *c, const struct files *f, tt_lines *in,
                      tt_output *out, int *more, tt_translate_stats *stats, tt_err *e) {
    char *own = NULL, *answer = NULL;
    size_t len = 0, n = 0;
    int rc = read_portion(in, &own, &len, e);
    *more = !rc && len > 0;
    if (!rc) rc = tt_comm_same(c, more, sizeof *more, e);
    for (int r = 1; !rc && *more && r < tt_comm_size(c); r++) {
        char *text = NULL;
        size_t bytes;
        rc = read_portion(in, &text, &bytes, e);
        if (!rc) rc = tt_comm_give(c, r, text, bytes, e);
        free(text);
    }
    if (!rc && *more) rc = translate(t, f, own, len, &answer, &n, stats, e);
    free(own);
    for (int r = 0; !rc && *more && r < tt_comm_size(c); r++) {
        if (r) rc = tt_comm_take(c, r, &answer, &n, e);
        if (!rc && n) rc = tt_output_write(out, answer, n, e);
        free(answer);
        answer = NULL;
    }
    free(answer);
    return rc;
}

static int deal(tt_translator *t, tt_comm *c, const struct files *f, const char *input,
                const char *output, tt_translate_stats *stats, tt_err *e) {
    tt_lines *in = tt_lines_open(input, 0, e);
    if (!in) return e->code;
    tt_output *out = tt_output_open(output, TT_OUTPUT_ATOMIC, e);
    int rc = out ? 0 : e->code, more = 1;
    while (!rc && more) rc = deal_round(t, c, f, in, out, &more, stats, e);
    tt_lines_close(in);
    if (rc) tt_output_abort(out);
    return rc ? rc : tt_output_finish(out, e);
}

static int serve(tt_translator *t, tt_comm *c, const struct files *f, tt_translate_stats *stats,
                 tt_err *e) {
    for (int more = 1;;) {
        char *text = NULL, *answer = NULL;
        size_t len, n = 0;
        TT_TRY(tt_comm_same(c, &more, sizeof more, e));
        if (!more) return 0;
        int rc = tt_comm_take(c, 0, &text, &len, e);
        if (!rc && len) rc = translate(t, f, text, len, &answer, &n, stats, e);
        if (!rc) rc = tt_comm_give(c, 0, answer ? answer : "", n, e);
        free(text);
        free(answer);
        if (rc) return rc;
    }
}

int tt_cmd_deal(tt_translator *t, tt_comm *c, const char *input, const char *output,
                tt_translate_stats *stats, tt_err *e) {
    struct files f = {{0}, {0}};
    int rc = make_name(f.in, e);
    if (!rc) rc = make_name(f.out, e);
    if (!rc)
        rc = tt_comm_rank(c) ? serve(t, c, &f, stats, e) : deal(t, c, &f, input, output, stats, e);
    if (*f.in) remove(f.in);
    if (*f.out) remove(f.out);
    return rc;
}
