/* f_eval: whatever the files are, references, systems and sources are read side by side, row by
 * row, with as many of each as there are files or columns, or one line says what is wrong. The
 * first byte chooses options; NUL bytes part the files.
 */
#include "fuzz/memfile.h"

#include "../../cmd/eval_input.c"
#include "../../cmd/term.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    memfile f[4];
    const char *path[4];
    if (!size) return 0;
    const int bits = data[0];
    const uint8_t *at = data + 1, *end = data + size;
    for (int i = 0; i < 4; i++) {
        const uint8_t *stop = i < 3 && at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        if (!stop) stop = end;
        f[i] = memfile_open(at, (size_t)(stop - at));
        path[i] = f[i].path;
        at = stop < end ? stop + 1 : end;
    }
    tt_eval_opts o = {.refs = {path, bits & 1 ? 2 : 1},
                      .inputs = {path + 2, 1},
                      .num_refs = bits & 6 ? 1 + (bits >> 1 & 3) : 1,
                      .missing_refs = bits >> 3 & 1,
                      .replace_bad = bits >> 4 & 1,
                      .quiet = 1};
    if (bits & 32) o.source = path[3];
    if (bits & 64) o.test = path[0], o.refs.count = 0, o.source = NULL;
    const tt_list made = {0};
    tt_err e = {0};
    tt_eval_input *in = tt_eval_input_open(&o, o.test, &made, &e);
    int rc = in ? 1 : e.code;
    size_t lines = 0;
    static tt_eval_row row;
    while (rc == 1) {
        rc = tt_eval_input_next(in, &row, &e);
        if (rc == 1)
            HOLDS(row.line == ++lines && row.n_systems == 1 && row.n_refs >= 1 &&
                  lines <= size + 1);
    }
    if (rc) REFUSED(e, e.code == TT_EDATA || e.code == TT_EUSAGE || e.code == TT_EFORMAT);
    tt_eval_input_close(in);
    for (int i = 0; i < 4; i++) memfile_close(&f[i]);
    return 0;
}
