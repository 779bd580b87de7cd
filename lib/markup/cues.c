/* cues.c: subtitles, SubRip and WebVTT.
 *
 * A cue is a line with --> and the lines behind it up to a blank one. The text of cues that follow
 * one another closely is read as running text: a sentence that goes on in the next cue is one
 * segment, in which what stands between the cues (blank line, number, times) is a tag, and so is
 * each line end; both come back at their share of the translation. Numbers, times, settings, notes
 * and styles are nobody's text. A dash begins a speaker's line, and a speaker's line a sentence.
 */
#include "markup/gather.h"

#include <stdbool.h>
#include <string.h>

#include "markup/htmlish.h"

/* Sentences reach over so many cues at most, and over no pause of so many milliseconds. */
enum { CUES_MOST = 8, PAUSE = 3000, LINE_MOST = 1 << 16 };

struct cues {
    tt_doc *d;
    tt_gather g;
    int vtt;
    size_t run;      /* cues in the text that is gathered */
    size_t text_end; /* behind the last line of text */
    long ended;      /* when the last cue ended, ms; -1: not known */
    size_t keys[64]; /* of elements that are open */
    tt_span names[64];
    int depth;
};

/* HH:MM:SS,mmm or MM:SS.mmm: milliseconds, and where it ends; -1: none. */
static long read_time(const char *p, size_t len, size_t *at) {
    long part[4] = {0}, n = 0;
    size_t i = *at;
    while (i < len && (p[i] == ' ' || p[i] == '\t')) i++;
    for (; n < 4; n++) {
        size_t from = i;
        while (i < len && p[i] >= '0' && p[i] <= '9' && i - from < 9)
            part[n] = part[n] * 10 + (p[i++] - '0');
        if (i == from) return -1;
        if (i == len || (p[i] != ':' && p[i] != ',' && p[i] != '.')) break;
        i++;
    }
    *at = i;
    if (n == 3) return ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000 + part[3];
    return n == 2 ? (part[0] * 60 + part[1]) * 1000 + part[2] : -1;
}

static void flush(struct cues *c) {
    tt_gather_flush(&c->g);
    c->run = 0;
    c->depth = 0;
}

/* <i>, </i>, <font …>, <v Name>, <c.x>, <00:01.000>, {\an8}: where it ends, or `at`. */
static size_t tag_at(struct cues *c, size_t at, size_t end) {
    const char *p = c->d->bytes;
    const int brace = p[at] == '{';
    if (at + 1 >= end || (brace ? p[at + 1] != '\\'
                                : !(p[at + 1] == '/' || (p[at + 1] | 32) >= 'a' ||
                                    (c->vtt && p[at + 1] >= '0' && p[at + 1] <= '9'))))
        return at;
    const char *stop = memchr(p + at, brace ? '}' : '>', end - at);
    if (!stop) return at;
    size_t past = (size_t)(stop - p) + 1, from = at + 1 + (p[at + 1] == '/'), i = from;
    while (i < past - 1 && p[i] != ' ' && p[i] != '.') i++;
    tt_span name = {p + from, i - from};
    int kind = TT_TAG_ALONE;
    size_t key = TT_NO_KEY;
    if (!brace && (p[from] | 32) >= 'a' && (p[from] | 32) <= 'z') {
        if (p[at + 1] == '/') {
            int k = c->depth;
            while (k && (c->names[k - 1].len != name.len ||
                         memcmp(c->names[k - 1].text, name.text, name.len)))
                k--;
            kind = TT_TAG_CLOSE;
            if (k) key = c->keys[(c->depth = k - 1)];
        } else {
            kind = TT_TAG_OPEN;
            if (c->depth < 64) {
                key = c->keys[c->depth] = at;
                c->names[c->depth++] = name;
            }
        }
    }
    tt_gather_tag(&c->g, kind, at, past, key, 0);
    return past;
}

static void put_line(struct cues *c, size_t begin, size_t end) {
    const char *p = c->d->bytes;
    size_t at = begin;
    for (size_t i = begin; i < end;) {
        if (p[i] == '<' || p[i] == '{') {
            if (c->vtt) tt_htmlish_text(&c->g, at, i);
            else tt_gather_text(&c->g, at, i);
            size_t past = tag_at(c, i, end);
            at = i;
            i = past > i ? past : i + 1;
            if (past > at) at = past;
            continue;
        }
        i++;
    }
    if (c->vtt) tt_htmlish_text(&c->g, at, end);
    else tt_gather_text(&c->g, at, end);
}

/* Length of the dash that begins a speaker's line, with the blanks behind it and the tags before
   it, which stay where they are; 0: none. */
static size_t dash_at(const char *p, size_t len) {
    size_t i = 0;
    while (i < len && p[i] == '<') {
        const char *q = memchr(p + i, '>', len - i);
        if (!q) return 0;
        i = (size_t)(q - p) + 1;
    }
    size_t from = i;
    if (i < len && p[i] == '-') i++;
    else if (len - i > 3 && !memcmp(p + i, "\xe2\x80", 2) && (unsigned char)p[i + 2] >= 0x90 &&
             (unsigned char)p[i + 2] <= 0x95)
        i += 3;
    if (i == from) return 0;
    while (i < len && p[i] == ' ') i++;
    return i;
}

static bool ends_sentence(const tt_gather *g) {
    size_t i = g->len;
    while (i && strchr(" \"')]", g->text[i - 1])) i--;
    return !i || strchr(".!?", g->text[i - 1]) ||
           (i >= 3 && !memcmp(g->text + i - 3, "\xe2\x99\xaa", 3));
}

/* A line of a cue's text; first: of its cue. */
static void text_line(struct cues *c, size_t begin, size_t end, int first) {
    const char *p = c->d->bytes;
    size_t dash = dash_at(p + begin, end - begin);
    if (dash || (first && (c->run >= CUES_MOST || ends_sentence(&c->g)))) flush(c);
    if (c->g.len)
        tt_gather_tag(&c->g, first ? TT_TAG_BREAK : TT_TAG_WRAP, c->text_end, begin, TT_NO_KEY, 0);
    put_line(c, begin + dash, end);
    c->run += (size_t)first;
    c->text_end = end;
}

static bool are_times(const char *p, size_t len, size_t arrow) {
    size_t from = 0, to = arrow + 3;
    return read_time(p, arrow, &from) >= 0 && read_time(p, len, &to) >= 0;
}

/* The line with the times of a cue. */
static void times(struct cues *c, size_t begin, size_t end, const char *arrow) {
    const char *p = c->d->bytes;
    size_t at = begin, to = (size_t)(arrow - p) + 3;
    long from = read_time(p, (size_t)(arrow - p), &at), until = read_time(p, end, &to);
    if (from < 0 || until < 0) tt_doc_note(c->d, begin, "the times of a cue cannot be read");
    if (from < 0 || c->ended < 0 || from - c->ended > PAUSE || from < c->ended - PAUSE) flush(c);
    c->ended = until;
}

static int starts(const tt_doc *d, size_t at, size_t end, const char *what) {
    const size_t n = strlen(what);
    return end - at >= n && !memcmp(d->bytes + at, what, n);
}

static int read(tt_doc *d, int vtt) {
    struct cues c = {.d = d,
                     .vtt = vtt,
                     .ended = -1,
                     .g = {.d = d, .sentences = 1, .form = vtt ? TT_SPELL_XML : TT_SPELL_PLAIN}};
    const char *p = d->bytes;
    enum { BETWEEN, FIRST, INSIDE, NOTE } state = BETWEEN;
    size_t stray = TT_NO_KEY; /* a line between cues that is no number */
    for (size_t at = d->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;
         at < d->len && !d->failed;) {
        const char *nl = memchr(p + at, '\n', d->len - at);
        size_t next = nl ? (size_t)(nl - p) + 1 : d->len, end = nl ? next - 1 : next;
        while (end > at && (p[end - 1] == '\r' || p[end - 1] == ' ' || p[end - 1] == '\t')) end--;
        const char *arrow = NULL;
        for (size_t i = at; i + 3 <= end && end - at < 500; i++)
            if (!memcmp(p + i, "-->", 3)) arrow = p + i;
        if (end == at) {
            state = BETWEEN;
            stray = TT_NO_KEY;
        } else if (arrow && p[at] >= '0' && p[at] <= '9' &&
                   (state == BETWEEN || are_times(p + at, end - at, (size_t)(arrow - p) - at))) {
            times(&c, at, end, arrow);
            state = FIRST;
            stray = TT_NO_KEY;
        } else if (state == BETWEEN) {
            const int keeps = vtt && (starts(d, at, end, "NOTE") || starts(d, at, end, "STYLE") ||
                                      starts(d, at, end, "REGION") || starts(d, at, end, "WEBVTT"));
            if (keeps) state = NOTE;
            else if (!vtt && stray != TT_NO_KEY)
                tt_doc_note(d, stray, "a line that belongs to no cue is left as it is");
            stray = at;
        } else if (state != NOTE) {
            text_line(&c, at, end, state == FIRST);
            state = INSIDE;
        }
        at = next;
    }
    flush(&c);
    return 0;
}

int tt_srt_read(tt_doc *d, tt_err *e) {
    (void)e;
    return read(d, 0);
}

int tt_vtt_read(tt_doc *d, tt_err *e) {
    (void)e;
    if (d->len < 6 ||
        memcmp(d->bytes + (d->len > 8 && (unsigned char)*d->bytes == 0xef ? 3 : 0), "WEBVTT", 6))
        tt_doc_note(d, 0, "does not begin with WEBVTT");
    return read(d, 1);
}
