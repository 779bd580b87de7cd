/* markup.h: documents as segments of plain text with tags at places in them, and back.
 *
 *     const tt_format *f = tt_format_named("html");                  // or tt_format_of("talk.srt")
 *     TT_TRY(tt_doc_read(&doc, f, bytes, len, arena, e));
 *     for (size_t i = 0; i < doc.count; i++) …                        // translate
 * doc.segments[i].text TT_TRY(tt_doc_write(&doc, renditions, put, ctx, arena, e));     // one
 * rendition a segment
 *
 * A segment is what one sentence or paragraph says: entities and escapes decoded, blanks collapsed,
 * tags taken out and kept as places. Whatever no segment covers is written as it was, byte for
 * byte, and so is a segment whose rendition has the segment's own text. Tags come back where the
 * links between source words and target words say; elements stay nested and none is lost or
 * doubled.
 *
 * Words are what ASCII blanks and control characters divide (tt_words_of).
 * No model here, no recursion on depth; time and memory are linear in the document.
 * Everything lives in the caller's arena; `bytes` is borrowed until the document is written.
 */
#ifndef TT_MARKUP_MARKUP_H
#define TT_MARKUP_MARKUP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/pick.h"

enum {
    TT_TAG_OPEN, /* begins an element; its pair ends it */
    TT_TAG_CLOSE,
    TT_TAG_ALONE, /* stands by itself: goes where the word behind or before it goes */
    TT_TAG_BLANK, /* the same, and stands for a blank: <br>, &nbsp; */
    TT_TAG_WRAP,  /* a line end: stands for a blank, at its share of the text */
    TT_TAG_BREAK, /* a new cue: as a line end, and no element reaches over it */
    TT_TAG_FIXED  /* half of an element whose other half is elsewhere: keeps its order, and nothing
                     reaches over it */
};

typedef struct tt_tag {
    size_t at;         /* stands before this byte of the segment's text */
    size_t begin, end; /* its own bytes in the document */
    size_t key;        /* of a pair, the same in both halves; TT_NO_KEY: has no other half */
    int32_t pair;      /* the number of the other half in the segment, or -1 */
    uint8_t kind;
    uint8_t spaced; /* TT_SPACE_BEFORE, TT_SPACE_BEHIND: has a blank there, beside that of the words
                       around it */
    uint8_t opaque; /* of an opening half: the element is to be copied, its text only helps the
                       translation */
} tt_tag;

enum { TT_SPACE_BEFORE = 1, TT_SPACE_BEHIND = 2 };

#define TT_NO_KEY ((size_t)-1)

/* How text is written in its place. */
enum {
    TT_SPELL_PLAIN,    /* as it is */
    TT_SPELL_HTML,     /* & and < become entities */
    TT_SPELL_XML,      /* and > */
    TT_SPELL_CDATA,    /* ]]> is taken apart */
    TT_SPELL_DOUBLE,   /* an attribute's value in "…" */
    TT_SPELL_SINGLE,   /* in '…' */
    TT_SPELL_BARE,     /* without quotes: it gets them */
    TT_SPELL_MARKDOWN, /* signs that would begin markup get a backslash */
    TT_SPELL_CELL,     /* and | */
    TT_SPELL_JSON,     /* in a JSON string */
    TT_SPELL_PO        /* in a string of gettext */
};

/* A character that the source spells its own way, such as &eacute; or \*: spelt so again. */
typedef struct tt_spelling {
    char text[8]; /* (len) */
    size_t len;
    size_t begin, end; /* the spelling's bytes in the document */
} tt_spelling;

typedef struct tt_segment {
    tt_span text;
    const tt_tag *tags; /* (count) in order */
    size_t count;
    size_t begin, end;            /* the document's bytes that it stands for */
    const tt_spelling *spellings; /* (n_spellings) */
    int n_spellings;
    int form;
    int copied; /* 1: stays in its place as it is; its rendition appears only where an edit says */
} tt_segment;

/* Bytes begin … end-1 become `before`, then the bytes from … to-1 with their segments rendered,
   then `after`. */
typedef struct tt_edit {
    size_t begin, end, from, to;
    const char *before, *after;
} tt_edit;

/* Something wrong in the document. */
typedef struct tt_note {
    size_t line; /* from 1 */
    const char *text;
} tt_note;

enum { TT_NOTES_MOST = 20 };

typedef struct tt_format tt_format;

typedef struct tt_doc {
    const tt_format *format;
    const char *bytes;
    size_t len;
    tt_segment *segments; /* (count) rising; one inside another's tag comes behind it */
    size_t count, cap;
    tt_edit *edits; /* (n_edits) rising */
    size_t n_edits, cap_edits;
    tt_note notes[TT_NOTES_MOST];
    size_t n_notes;    /* found; the first TT_NOTES_MOST are kept */
    size_t seen, line; /* lines are counted up to byte `seen` */
    const char *to;    /* the language to translate to, where a format names it; "es" */
    tt_arena *a;
    int failed; /* memory was out */
} tt_doc;

/* A link between words, both counted from 0. */
typedef struct tt_link {
    int32_t source, target;
} tt_link;

typedef struct tt_rendition {
    tt_span text;         /* one line; NULL: leave the segment as it is */
    const tt_link *links; /* (n_links) in any order; words out of range are passed over */
    size_t n_links;
} tt_rendition;

struct tt_format {
    tt_row row;                        /* "html" */
    const char *suffixes;              /* ".html .htm" */
    int (*read)(tt_doc *d, tt_err *e); /* finds segments and edits */
};

extern const tt_family tt_family_document;

/* NULL: there is none. */
const tt_format *tt_format_named(const char *name);
const tt_format *tt_format_of(const char *path);

/* A broken document is read as far as it makes sense, with notes; only memory can fail. */
int tt_doc_read(tt_doc *d, const tt_format *f, const char *bytes, size_t len, const char *to,
                tt_arena *a, tt_err *e);

typedef int tt_put_fn(void *ctx, const char *p, size_t len, tt_err *e);

int tt_doc_write(const tt_doc *d, const tt_rendition *r, tt_put_fn *put, void *ctx,
                 tt_arena *scratch, tt_err *e);

/* Words of a text: spans[i] up to `most`; returns how many there are. */
size_t tt_words_of(const char *text, size_t len, tt_span *spans, size_t most);

/* The length of the blank at p[0], 0 where there is none. */
size_t tt_blank_at(const char *p, size_t len);

#endif
