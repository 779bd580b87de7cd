/* markdown.h: between the two files of Markdown: blocks (markdown.c) and what stands in a paragraph
 * (inline.c).
 */
#ifndef TT_MARKUP_MARKDOWN_H
#define TT_MARKUP_MARKDOWN_H

#include "markup/gather.h"

/* A paragraph: its text without the prefixes of its lines. */
typedef struct tt_para {
    char *text;  /* (len of cap), '\n' between lines */
    size_t *at;  /* (len) the byte of the document that each is; of '\n': where the line before it
                    ends */
    size_t *end; /* (len) behind it; of '\n': where the next line's text begins */
    size_t len, cap;
    int form;
} tt_para;

/* Its segments. */
void tt_para_read(tt_doc *d, const tt_para *p);

#endif
