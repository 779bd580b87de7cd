/* gather.h: for the formats: text and tags, one after the other, become segments.
 *
 *     tt_gather g = {.d = d, .form = TT_SPELL_HTML};
 *     tt_gather_text(&g, begin, end);            // bytes of the document as they are
 *     tt_gather_char(&g, begin, end, "é", 2);    // an entity: spelt the same way again
 *     tt_gather_blank(&g, begin, end);           // white space: one blank, none at the ends
 *     tt_gather_tag(&g, TT_TAG_OPEN, begin, end, key, opaque);
 *     tt_gather_flush(&g);                       // a segment ends here
 *
 * Tags at either end that belong to no word inside stay outside the segment, as do blanks. A
 * segment without a letter is none. A long one is cut. Calls go up through the document. Memory
 * that is out shows in d->failed.
 */
#ifndef TT_MARKUP_GATHER_H
#define TT_MARKUP_GATHER_H

#include "markup/markup.h"

typedef struct tt_gather {
    tt_doc *d;
    int form;
    int copied;    /* of the segments */
    int whole;     /* 1: cut none; a segment too long for that is left as it is */
    int sentences; /* 1: each sentence is a segment */
    /* the segment that is being gathered */
    char *text;   /* (len of cap) */
    size_t *from; /* (len of cap) the byte of the document that each came from, */
    size_t *past; /* and the first behind it */
    size_t len, cap;
    tt_tag *tags;
    size_t count, cap_tags, words;
    tt_spelling spellings[16];
    int n_spellings;
    int inside; /* a word */
} tt_gather;

void tt_gather_text(tt_gather *g, size_t begin, size_t end);
void tt_gather_char(tt_gather *g, size_t begin, size_t end, const char *text, size_t len);
void tt_gather_blank(tt_gather *g, size_t begin, size_t end);
void tt_gather_tag(tt_gather *g, int kind, size_t begin, size_t end, size_t key, int opaque);
void tt_gather_flush(tt_gather *g);

/* Adds an edit; `before` and `after` are borrowed or in the arena. */
void tt_doc_edit(tt_doc *d, size_t begin, size_t end, size_t from, size_t to, const char *before,
                 const char *after);

/* Something is wrong at the byte `at`: a line of text, at most 99 bytes. Rising. */
void tt_doc_note(tt_doc *d, size_t at, const char *fmt, ...) TT_PRINTF(3, 4);

/* One more of `size` bytes in *p (count of *cap), doubled when full; NULL: memory is out, d->failed
   is set. */
void *tt_doc_more(tt_doc *d, void *p, size_t count, size_t *cap, size_t size);

/* An entity or character reference at p[0] == '&': its length and, in text[8] (*n), its UTF-8; 0:
   none that is known. */
size_t tt_entity_at(const char *p, size_t len, char *text, size_t *n);

/* ---- the readers ----------------------------------------------------------------------------- */

int tt_html_read(tt_doc *d, tt_err *e);
int tt_xml_read(tt_doc *d, tt_err *e);
int tt_xliff_read(tt_doc *d, tt_err *e);
int tt_tmx_read(tt_doc *d, tt_err *e);
int tt_markdown_read(tt_doc *d, tt_err *e);
int tt_srt_read(tt_doc *d, tt_err *e);
int tt_vtt_read(tt_doc *d, tt_err *e);
int tt_po_read(tt_doc *d, tt_err *e);
int tt_json_strings_read(tt_doc *d, tt_err *e);

#endif
