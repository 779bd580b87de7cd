/* sentence.c: see sentence.h. Most lines fit, so a line is encoded whole first and split only when
 * it turns out too long; the splitter then counts tokens by encoding what it considers.
 */
#include "search/sentence.h"

#include <limits.h>
#include <string.h>

#include "text/clean.h"
#include "text/split.h"

/* A text of more bytes is split without asking whether it would fit whole: it never does, unless it
   is nearly all white space, and then little is lost. Below what the vocabulary takes at once. */
enum { WHOLE_MOST = 1 << 20 };

struct counting {
    const tt_vocab *v;
    tt_arena *a;
    tt_err *e;
};

static long count_tokens(void *ctx, const char *text, size_t len) {
    struct counting *c = ctx;
    if (len > WHOLE_MOST) return LONG_MAX;
    tt_mark mark = tt_arena_mark(c->a);
    int32_t *ids;
    size_t n;
    int rc = tt_vocab_encode(c->v, text, len, 0, c->a, &ids, &n, c->e);
    tt_arena_rewind(c->a, mark);
    return rc ? rc : (long)n;
}

size_t tt_sentence_words(const char *text, size_t len) {
    size_t n = 0;
    int inside = 0;
    for (size_t i = 0; i < len; i++) {
        int space = text[i] == ' ' || text[i] == '\t';
        n += !space && !inside;
        inside = !space;
    }
    return n;
}

/* The part text[0 … len-1], after the token `tag` unless that is negative; *made 0 when nothing of it is left to
   translate. */
static int encode(tt_sentence *s, int *made, const tt_vocab *v, int32_t tag, const char *text, size_t len,
                  int limit, tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    int32_t *ids;
    size_t n;
    TT_TRY(tt_vocab_encode(v, text, len, TT_VOCAB_EOS, a, &ids, &n, e));
    if (tag >= 0 && n > (size_t)tt_vocab_frame(v)) {
        size_t lead = tt_vocab_frame(v) > 1;
        int32_t *more = tt_arena_alloc(a, (n + 1) * sizeof *more);
        if (!more) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
        memcpy(more, ids, lead * sizeof *ids);
        more[lead] = tag;
        memcpy(more + lead + 1, ids + lead, (n - lead) * sizeof *ids);
        ids = more;
        n++;
    }
    if (n > (size_t)limit) { /* one character that becomes a whole line, such as U+FDFA */
        int32_t last = ids[n - 1];
        stats->cut++;
        n = (size_t)limit;
        if (tt_vocab_frame(v)) ids[n - 1] = last;
    }
    *s = (tt_sentence){ids, (int)n, "", 0, text, len};
    *made = n > (size_t)tt_vocab_frame(v);
    if (*made) {
        stats->sentences++;
        stats->source_tokens += n;
    }
    return 0;
}

static int split(tt_sentence **parts, size_t *n, const tt_vocab *v, const tt_clean *line, int limit,
                 tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    struct counting c = {v, a, e};
    tt_part *cuts;
    size_t count, done = 0, end = 0; /* of the part made last */
    int32_t tag = -1; /* the language that the whole line asks for */
    int extra = tt_vocab_tag(v, line->text, line->len, &tag) > 0;
    if (!extra) tag = -1;
    TT_TRY(tt_split_text(line->text, line->len, limit - 1 - extra, count_tokens, &c, a, &cuts, &count, e));
    tt_sentence *s = tt_arena_alloc(a, count * sizeof *s);
    if (!s) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", line->len);
    for (size_t i = 0; i < count; i++) {
        int made = 0;
        TT_TRY(encode(&s[done], &made, v, i ? tag : -1, line->text + cuts[i].begin, cuts[i].end - cuts[i].begin,
                      limit, a, stats, e));
        if (!made) continue;
        if (done) {
            s[done - 1].gap = line->text + end;
            s[done - 1].gap_len = cuts[i].begin - end;
        }
        end = cuts[i].end;
        done++;
    }
    stats->split++;
    *parts = s;
    *n = done;
    return 0;
}

int tt_sentences_make(tt_sentence **parts, size_t *n, const tt_vocab *v, const char *text,
                      size_t len, int limit, tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    tt_clean line;
    TT_TRY(tt_clean_line(&line, text, len, a, e));
    stats->bad_utf8 += line.bad;
    stats->nul += line.nul;
    stats->words += tt_sentence_words(line.text, line.len);
    *n = 0;
    *parts = NULL;
    if (!line.len) return 0;
    if (line.len > WHOLE_MOST) return split(parts, n, v, &line, limit, a, stats, e);
    tt_mark mark = tt_arena_mark(a);
    int32_t *ids;
    size_t count;
    TT_TRY(tt_vocab_encode(v, line.text, line.len, TT_VOCAB_EOS, a, &ids, &count, e));
    if (count > (size_t)limit) {
        tt_arena_rewind(a, mark);
        return split(parts, n, v, &line, limit, a, stats, e);
    }
    if (count <= (size_t)tt_vocab_frame(v)) return 0;
    *parts = tt_arena_alloc(a, sizeof **parts);
    if (!*parts) return tt_fail(e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
    **parts = (tt_sentence){ids, (int)count, "", 0, line.text, line.len};
    *n = 1;
    stats->sentences++;
    stats->source_tokens += count;
    return 0;
}

int tt_sentence_whole(tt_sentence *s, const tt_vocab *v, const char *text, size_t len, int limit,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    tt_clean line;
    *s = (tt_sentence){NULL, 0, "", 0, NULL, 0};
    TT_TRY(tt_clean_line(&line, text, len, a, e));
    stats->bad_utf8 += line.bad;
    stats->nul += line.nul;
    if (line.len > WHOLE_MOST) return 0;
    int32_t *ids;
    size_t n;
    TT_TRY(tt_vocab_encode(v, line.text, line.len, TT_VOCAB_EOS, a, &ids, &n, e));
    if (n <= (size_t)limit) *s = (tt_sentence){ids, (int)n, "", 0, line.text, line.len};
    return 0;
}
