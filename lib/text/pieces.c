/* pieces.c: a SentencePiece model as a tokeniser for the scores of ttrans.h. Each line has its own
 * arena, so that threads may share the model.
 */
#include "io/file.h"
#include "text/spm.h"

#include <stdlib.h>

struct tt_pieces {
    tt_spm *spm;
};

tt_pieces *tt_pieces_open(const char *path, tt_err *e) {
    char *bytes;
    size_t len;
    if (tt_file_read(&bytes, &len, path, TT_SPM_FILE_MAX, e)) return NULL;
    tt_pieces *p = calloc(1, sizeof *p);
    if (!p) tt_fail(e, TT_ENOMEM, "%s: out of memory", path);
    else if (!(p->spm = tt_spm_open(bytes, len, e))) tt_err_context(e, "%s", path);
    free(bytes);
    if (p && p->spm) return p;
    tt_pieces_close(p);
    return NULL;
}

void tt_pieces_close(tt_pieces *p) {
    if (!p) return;
    tt_spm_close(p->spm);
    free(p);
}

int tt_pieces_cut(void *pieces, tt_span line, tt_token_fn *token, void *token_ctx, tt_err *e) {
    const tt_pieces *p = pieces;
    tt_arena *arena = tt_arena_open(0, e);
    tt_span *found;
    size_t n;
    if (!arena) return TT_ENOMEM;
    int rc = tt_spm_pieces(p->spm, line.text, line.len, arena, &found, &n, e);
    for (size_t i = 0; !rc && i < n; i++) rc = token(token_ctx, found[i]);
    tt_arena_close(arena);
    return rc;
}
