/* sentence.c: see sentence.h. A line is cut at TABs and line ends first; each field is cleaned, cut
 * into sentences, and a sentence that is too long into parts: the splitter then counts tokens by
 * encoding what it considers.
 */
#include "translate/sentence.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "translate/amount.h"
#include "translate/holds.h"
#include "translate/standin.h"
#include "text/clean.h"
#include "text/letter.h"
#include "text/split.h"
#include "text/texts.h"

/* A text of more bytes is split without asking whether it would fit whole: it never does, unless it
   is nearly all white space, and then little is lost. Below what the vocabulary takes at once. */
enum {
    WHOLE_MOST = 1 << 20,
    WRECK_LEAST = 4, /* bad characters of a text that is not translated, */
    WRECK_SHARE = 8  /* and at least one of so many is bad */
};

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

/* ---- words ----------------------------------------------------------------------------------- */

int tt_words_next(const tt_word_count *w, const char *text, size_t len) {
    return w->words - (w->inside && len && !tt_ascii_blank(*text));
}

void tt_words_count(tt_word_count *w, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const int inside = !tt_ascii_blank(text[i]);
        w->words += inside && !w->inside;
        w->inside = inside;
    }
}

size_t tt_sentence_words(const char *text, size_t len) {
    tt_word_count w = {0, 0};
    tt_words_count(&w, text, len);
    return (size_t)w.words;
}

/* ---- a line being cut ------------------------------------------------------------------------ */

struct cutter {
    const tt_cutting *how;
    tt_arena *a;
    tt_translate_stats *stats;
    tt_err *e;
    tt_sentence *parts; /* (n of room) */
    size_t n, room;
    tt_span around; /* seen since the last part */
    tt_word_count words;
    int32_t tag; /* the language that the whole line asks for, or -1 */
};

/* Adds to what stands around: most often the pieces lie side by side, or are the only one. */
static int put_around(struct cutter *c, const char *text, size_t len) {
    if (!len) return 0;
    tt_words_count(&c->words, text, len);
    if (!c->around.len) {
        c->around = (tt_span){text, len};
    } else if (c->around.text + c->around.len == text) {
        c->around.len += len;
    } else {
        char *both = tt_arena_alloc(c->a, c->around.len + len);
        if (!both) return tt_fail(c->e, TT_ENOMEM, "out of memory for a line of %zu bytes", len);
        memcpy(both, c->around.text, c->around.len);
        memcpy(both + c->around.len, text, len);
        c->around = (tt_span){both, c->around.len + len};
    }
    return 0;
}

/* Hands over what stood around to the part before it, or to the line. */
static void close_gap(struct cutter *c, tt_span *lead) {
    if (!c->n) {
        *lead = c->around;
    } else {
        c->parts[c->n - 1].gap = c->around.text;
        c->parts[c->n - 1].gap_len = c->around.len;
    }
    c->around = (tt_span){"", 0};
}

static int push(struct cutter *c, const tt_sentence *s) {
    if (c->n == c->room) {
        const size_t room = c->room ? 2 * c->room : 4;
        tt_sentence *more = tt_arena_alloc(c->a, room * sizeof *more);
        if (!more) return tt_fail(c->e, TT_ENOMEM, "out of memory for %zu parts of a line", room);
        if (c->n) memcpy(more, c->parts, c->n * sizeof *more);
        c->parts = more;
        c->room = room;
    }
    c->parts[c->n++] = *s;
    return 0;
}

/* Puts the line's tag before the tokens of a later part. */
static int put_tag(struct cutter *c, int32_t **ids, size_t *n) {
    const size_t before = tt_vocab_frame(c->how->vocab) > 1;
    int32_t *more = tt_arena_alloc(c->a, (*n + 1) * sizeof *more);
    if (!more) return tt_fail(c->e, TT_ENOMEM, "out of memory for a part of %zu tokens", *n);
    memcpy(more, *ids, before * sizeof *more);
    more[before] = c->tag;
    memcpy(more + before + 1, *ids + before, (*n - before) * sizeof *more);
    *ids = more;
    ++*n;
    return 0;
}

/* What the model would be given for a text; *n 0: nothing. */
static int encode(struct cutter *c, const char *text, size_t len, int32_t **ids, size_t *n) {
    const tt_vocab *v = c->how->vocab;
    TT_TRY(tt_vocab_encode(v, text, len, TT_VOCAB_EOS, c->a, ids, n, c->e));
    if (*n <= (size_t)tt_vocab_frame(v)) *n = 0;
    else if (c->tag >= 0 && c->n) TT_TRY(put_tag(c, ids, n));
    return 0;
}

/* What the model reads of a text. *all 1: the vocabulary knows no letter of it. */
static int make_plain(struct cutter *c, tt_plain *p, const char *text, size_t len, int *all) {
    *all = 0;
    *p = (tt_plain){.text = text, .len = len, .line = {text, len}};
    if (!c->how->keep) return 0;
    TT_TRY(tt_holds_take(p, c->how->patterns, c->how->capitals, text, len, c->a, c->e));
    TT_TRY(tt_amounts_take(p, c->how->vocab, c->a, c->e));
    if (c->how->capitals) TT_TRY(tt_holds_title(p, c->how->vocab, c->a, c->e));
    p->kept = 1;
    return tt_holds_opening(p, c->how->vocab, c->a, c->e);
}

/* 1 if there is a letter outside what is held. */
static bool language_left(const tt_plain *p) {
    size_t from = 0;
    for (int i = 0; i < p->count; from = p->holds[i++].end)
        if (tt_text_has_letter(p->text + from, p->holds[i].begin - from)) return true;
    return tt_text_has_letter(p->text + from, p->len - from);
}

/* Finds the words that it cannot spell, or has hardly seen the letters of, if text or tokens tell
   that there may be any. */
static int find_strange(struct cutter *c, tt_plain *p, const int32_t *ids, size_t n, int *all) {
    const tt_vocab *v = c->how->vocab;
    if (!c->how->keep) return 0;
    for (size_t i = 0; i < p->len; i++) {
        uint32_t letter = 0;
        if ((unsigned char)p->text[i] < 0xc2) continue; /* ASCII, or inside a character */
        tt_utf8_next(p->text + i, p->len - i, &letter);
        if (!tt_vocab_is_familiar(v, letter) || tt_is_capital(letter))
            return tt_holds_unknown(p, v, all, c->a, c->e);
    }
    for (size_t i = 0; i < n; i++)
        if (ids[i] == tt_vocab_unk(v) || tt_vocab_is_spelt(v, ids[i]))
            return tt_holds_unknown(p, v, all, c->a, c->e);
    return 0;
}

/* Reserved pieces for what is held, where the model knows them. */
static int stand_in(struct cutter *c, tt_plain *p, int32_t **ids, size_t *n) {
    int taken = 0;
    if (c->how->standins && p->count) TT_TRY(tt_standins_take(p, &taken, c->a, c->e));
    return taken ? encode(c, p->text, p->len, ids, n) : 0;
}

/* 1 if so much of the text is beyond repair (U+FFFD) that there is nothing to be translated.
   Searching such a text takes twenty times as long as good text of its size, and says nothing. */
static bool is_wreck(const char *text, size_t len) {
    size_t bad = 0, all = 0;
    for (size_t i = 0; i < len; i++) {
        all += !tt_utf8_inside(text[i]);
        bad += len - i > 2 && !memcmp(text + i, "\xef\xbf\xbd", 3);
    }
    return bad >= WRECK_LEAST && bad * WRECK_SHARE >= all;
}

/* The text with these tokens is a part, or, where the model would be given nothing, copied. */
static int put_part(struct cutter *c, tt_span *lead, const tt_plain *p, int32_t *ids, size_t n) {
    const size_t limit = (size_t)c->how->limit;
    if (!n) return put_around(c, p->line.text, p->line.len);
    if (n > limit) { /* one character that becomes a whole line, such as U+FDFA */
        const int32_t last = ids[n - 1];
        n = limit;
        if (tt_vocab_frame(c->how->vocab)) ids[n - 1] = last;
        c->stats->cut++;
    }
    close_gap(c, lead);
    const tt_sentence s = {ids, (int)n, "",
                           0,   *p,     tt_words_next(&c->words, p->line.text, p->line.len)};
    TT_TRY(push(c, &s));
    tt_words_count(&c->words, p->line.text, p->line.len);
    c->stats->sentences++;
    c->stats->source_tokens += n;
    return 0;
}

/* A sentence that is too long, as several parts. */
static int put_parts(struct cutter *c, tt_span *lead, const char *text, size_t len) {
    struct counting counting = {c->how->vocab, c->a, c->e};
    const long room = c->how->limit - tt_vocab_frame(c->how->vocab) - (c->tag >= 0);
    tt_cut *cuts;
    size_t count, n, end = 0;
    int32_t *ids;
    TT_TRY(tt_split_text(text, len, room > 1 ? room : 1, count_tokens, &counting, c->a, &cuts,
                         &count, c->e));
    for (size_t i = 0; i < count; i++) {
        const char *part = text + cuts[i].begin;
        const size_t size = cuts[i].end - cuts[i].begin;
        tt_plain p;
        int all;
        TT_TRY(put_around(c, text + end, cuts[i].begin - end));
        end = cuts[i].end;
        if (c->how->keep && is_wreck(part, size)) {
            TT_TRY(put_around(c, part, size));
            continue;
        }
        TT_TRY(make_plain(c, &p, part, size, &all));
        TT_TRY(encode(c, p.text, p.len, &ids, &n));
        TT_TRY(find_strange(c, &p, ids, n, &all));
        TT_TRY(stand_in(c, &p, &ids, &n));
        p.opens = !i && c->how->keep && tt_holds_is_opening(text, len);
        TT_TRY(all ? put_around(c, part, size) : put_part(c, lead, &p, ids, n));
    }
    return put_around(c, text + end, len - end);
}

static int put_sentence(struct cutter *c, tt_span *lead, const char *text, size_t len) {
    int32_t *ids;
    size_t n;
    tt_plain p;
    int all;
    if (c->how->keep && (!tt_text_has_letter(text, len) || is_wreck(text, len)))
        return put_around(c, text, len);
    if (len > WHOLE_MOST) return put_parts(c, lead, text, len);
    const tt_mark mark = tt_arena_mark(c->a);
    TT_TRY(make_plain(c, &p, text, len, &all));
    if (c->how->keep && p.count && !language_left(&p)) return put_around(c, text, len);
    TT_TRY(encode(c, p.text, p.len, &ids, &n));
    TT_TRY(find_strange(c, &p, ids, n, &all));
    if (all) return put_around(c, text, len);
    TT_TRY(stand_in(c, &p, &ids, &n));
    if (n > (size_t)c->how->limit) {
        tt_arena_rewind(c->a, mark);
        return put_parts(c, lead, text, len);
    }
    p.opens = c->how->keep && tt_holds_is_opening(text, len);
    return put_part(c, lead, &p, ids, n);
}

/* Bytes of what makes a text an item of a list: "- ", "\u2022 ", "3. ", "b) ", "(4) ", "> ", blanks
   behind counted. */
static size_t list_mark(const char *text, size_t len) {
    static const char *const bullets[] = {"-",
                                          "*",
                                          "+",
                                          ">",
                                          "#",
                                          "\xe2\x80\xa2",
                                          "\xc2\xb7",
                                          "\xe2\x97\xa6",
                                          "\xe2\x96\xaa",
                                          "\xe2\x80\x93",
                                          "\xe2\x80\x94"};
    size_t i = 0, digits = 0;
    for (size_t k = 0; k < sizeof bullets / sizeof *bullets && !i; k++)
        while (len - i > strlen(bullets[k]) && !memcmp(text + i, bullets[k], strlen(bullets[k])))
            i += strlen(bullets[k]);
    if (!i) {
        const int open = text[0] == '(';
        i += (size_t)open;
        while (i + digits < len && text[i + digits] >= '0' && text[i + digits] <= '9') digits++;
        if (!digits && i + 1 < len && text[i] >= 'a' && text[i] <= 'h' && text[i + 1] == ')')
            digits = 1;
        i += digits;
        if (!digits || digits > 3 || i >= len || (text[i] != ')' && (open || text[i] != '.')))
            return 0;
        i++;
    }
    if (i >= len || text[i] != ' ') return 0;
    while (i < len && text[i] == ' ') i++;
    return i;
}

/* A text without TABs and line ends: white space, sentences, white space. */
static int put_field(struct cutter *c, tt_span *lead, const char *text, size_t len) {
    tt_clean clean;
    tt_cut *sentences;
    size_t count, end = 0, before = 0;
    TT_TRY(tt_clean_line(&clean, text, len, c->a, c->e));
    c->stats->bad_utf8 += clean.bad;
    c->stats->nul += clean.nul;
    while (before < len && (text[before] == ' ' || text[before] == '\t')) before++;
    if (!clean.len) return put_around(c, text, before == len ? len : before);
    TT_TRY(put_around(c, text, before));
    const size_t mark = !c->how->keep ? 0 : list_mark(clean.text, clean.len);
    TT_TRY(put_around(c, clean.text, mark));
    clean.text += mark;
    clean.len -= mark;
    if (c->how->split == TT_SPLIT_NONE) {
        TT_TRY(put_sentence(c, lead, clean.text, clean.len));
    } else {
        TT_TRY(tt_split_sentences(clean.text, clean.len, c->a, &sentences, &count, c->e));
        for (size_t i = 0; i < count; i++) {
            TT_TRY(put_around(c, clean.text + end, sentences[i].begin - end));
            TT_TRY(put_sentence(c, lead, clean.text + sentences[i].begin,
                                sentences[i].end - sentences[i].begin));
            end = sentences[i].end;
        }
        TT_TRY(put_around(c, clean.text + end, clean.len - end));
    }
    size_t after = len;
    while (after && (text[after - 1] == ' ' || text[after - 1] == '\t')) after--;
    return put_around(c, text + after, len - after);
}

static bool is_wall(char c) { return c == '\t' || (c >= '\n' && c <= '\r'); }

int tt_sentences_make(tt_sentences *line, const tt_cutting *how, const char *text, size_t len,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    struct cutter c = {.how = how, .a = a, .stats = stats, .e = e, .around = {"", 0}, .tag = -1};
    int32_t tag;
    *line = (tt_sentences){.lead = {"", 0}};
    if (tt_vocab_tag(how->vocab, text, len, &tag)) c.tag = tag;
    for (size_t i = 0; i < len;) {
        size_t end = i, next;
        while (end < len && !is_wall(text[end])) end++;
        if (how->split == TT_SPLIT_NONE) end = len;
        for (next = end; next < len && is_wall(text[next]);) next++;
        TT_TRY(put_field(&c, &line->lead, text + i, end - i));
        TT_TRY(put_around(&c, text + end, next - end));
        i = next;
    }
    close_gap(&c, &line->lead);
    line->parts = c.parts;
    line->count = c.n;
    stats->words += (size_t)c.words.words;
    stats->split += c.n > 1;
    return 0;
}

int tt_sentence_whole(tt_sentence *s, const tt_vocab *v, const char *text, size_t len, int limit,
                      tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    tt_clean line;
    *s = (tt_sentence){.gap = ""};
    TT_TRY(tt_clean_line(&line, text, len, a, e));
    stats->bad_utf8 += line.bad;
    stats->nul += line.nul;
    if (line.len > WHOLE_MOST) return 0;
    int32_t *ids;
    size_t n;
    TT_TRY(tt_vocab_encode(v, line.text, line.len, TT_VOCAB_EOS, a, &ids, &n, e));
    if (n <= (size_t)limit)
        *s = (tt_sentence){
            ids, (int)n, "", 0, {.text = line.text, .len = line.len, .line = {line.text, line.len}},
            0};
    return 0;
}

int tt_sentences_both(tt_sentences *line, const tt_vocab *v, const char *text, size_t len,
                      int limit, tt_arena *a, tt_translate_stats *stats, tt_err *e) {
    tt_texts t;
    *line = (tt_sentences){.lead = {text, len}};
    if (len > TT_VOCAB_TEXT_MAX)
        return tt_fail(e, TT_EDATA, "a line of %zu bytes: expected at most %zu", len,
                       TT_VOCAB_TEXT_MAX);
    TT_TRY(tt_texts_encode(&t, v, text, len, a, e));
    if (!t.parts) return 0;
    if (t.parts == 1)
        return tt_fail(e, TT_EDATA, "no TAB: the model reads two texts, FIRST TAB SECOND");
    stats->bad_utf8 += t.bad;
    stats->nul += t.nul;
    if (t.n > (size_t)limit) {
        t.ids[limit - 1] = t.ids[t.n - 1];
        t.n = (size_t)limit;
        stats->cut++;
    }
    line->lead = (tt_span){"", 0};
    line->parts = tt_arena_alloc(a, sizeof *line->parts);
    if (!line->parts) return tt_fail(e, TT_ENOMEM, "out of memory for a line");
    line->count = 1;
    line->parts[0] = (tt_sentence){
        t.ids, (int)t.n, "", 0, {.text = t.text, .len = t.len, .line = {t.text, t.len}}, 0};
    stats->words += tt_sentence_words(t.text, t.len);
    stats->sentences++;
    stats->source_tokens += t.n;
    return 0;
}
