/* vocabconvert.c: tt_vocab_convert of ttrans.h: whole files of text to pieces or ids, and back. */
#include "base/log.h"
#include "io/file.h"
#include "io/lines.h"
#include "text/clean.h"
#include "text/vocab.h"

#include <stdio.h>
#include <string.h>

enum { TOLD_EVERY = 8192 }; /* lines from one report of progress to the next */

static int text_to_words(const tt_vocab *v, int how, const char *line, size_t len, tt_arena *a,
                         tt_output *out, size_t *bad, tt_err *e) {
    tt_clean clean;
    int32_t *ids;
    size_t n;
    TT_TRY(tt_clean_line(&clean, line, len, a, e));
    *bad += clean.bad;
    TT_TRY(tt_vocab_encode(v, clean.text, clean.len, 0, a, &ids, &n, e));
    for (size_t i = 0; i < n; i++) {
        char number[16];
        size_t size;
        const char *word = number;
        if (how == TT_VOCAB_TO_PIECES) word = tt_vocab_piece_at(v, ids[i], &size);
        else size = (size_t)snprintf(number, sizeof number, "%d", (int)ids[i]);
        if (i) TT_TRY(tt_output_write(out, " ", 1, e));
        TT_TRY(tt_output_write(out, word, size, e));
    }
    return 0;
}

/* The id that a word stands for, or -1. */
static int32_t word_id(const tt_vocab *v, int how, const char *word, size_t len) {
    if (how == TT_VOCAB_FROM_PIECES) return tt_vocab_find(v, word, len);
    int32_t id = 0;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9' || id >= tt_vocab_size(v)) return -1;
        id = 10 * id + (word[i] - '0');
    }
    return len && id < tt_vocab_size(v) ? id : -1;
}

static int words_to_text(const tt_vocab *v, int how, const char *line, size_t len, tt_arena *a,
                         tt_output *out, tt_err *e) {
    const char *end = line + len;
    int32_t *ids = tt_arena_alloc(a, (len / 2 + 1) * sizeof *ids);
    if (!ids) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
    size_t n = 0;
    for (;;) {
        while (line < end && strchr(" \t\r", *line)) line++;
        if (line == end) break;
        const char *word = line;
        while (line < end && !strchr(" \t\r", *line)) line++;
        size_t size = (size_t)(line - word);
        ids[n] = word_id(v, how, word, size);
        if (ids[n++] < 0)
            return tt_fail(e, TT_EDATA, "'%.*s' is no %s", (int)(size < 40 ? size : 40), word,
                           how == TT_VOCAB_FROM_IDS ? "id of this vocabulary"
                                                    : "piece of this vocabulary");
    }
    char *text;
    size_t size;
    TT_TRY(tt_vocab_decode(v, ids, n, a, &text, &size, e));
    return tt_output_write(out, text, size, e);
}

int tt_vocab_convert(const tt_vocab *v, int how, const char *in, const char *out, const tt_log *log,
                     tt_err *e) {
    int rc = TT_ENOMEM, encode = how == TT_VOCAB_TO_IDS || how == TT_VOCAB_TO_PIECES;
    size_t bad = 0, len;
    const char *line;
    tt_arena *a = tt_arena_open(0, e);
    tt_lines *lines = a ? tt_lines_open(in, 0, e) : NULL;
    tt_output *o = lines ? tt_output_open(out, TT_OUTPUT_ATOMIC, e) : NULL;
    if (!o) {
        rc = e->code;
        goto out;
    }
    while ((rc = tt_lines_next(lines, &line, &len, e)) > 0) {
        rc = encode ? text_to_words(v, how, line, len, a, o, &bad, e)
                    : words_to_text(v, how, line, len, a, o, e);
        if (rc) {
            if (rc == TT_EDATA)
                tt_err_context(e, "%s:%zu", tt_lines_name(lines), tt_lines_number(lines));
            break;
        }
        if ((rc = tt_output_write(o, "\n", 1, e))) break;
        tt_arena_reset(a);
        if (tt_lines_number(lines) % TOLD_EVERY == 0)
            tt_log_progress(log, "%s: %zu lines", tt_lines_name(lines), tt_lines_number(lines));
        if (!tt_lines_ready(lines, 0) && (rc = tt_output_flush(o, e))) break;
    }
    if (rc) tt_output_flush(o, NULL); /* the lines before the bad one are good, in a pipe */
    if (rc) tt_output_abort(o);
    else rc = tt_output_finish(o, e);
    if (bad)
        tt_log_line(log, TT_LOG_WARN, "%s: %zu bad parts of UTF-8 replaced by U+FFFD%s", in, bad,
                    tt_lines_windows_1252(lines) ? "; this looks like Windows-1252: convert it, as "
                                                   "with iconv -f WINDOWS-1252 -t UTF-8"
                                                 : "");
out:
    tt_lines_close(lines);
    tt_arena_close(a);
    return rc;
}
