/* tags.h: the tokens of HTML and XML, and which tags belong together.
 *
 *     TT_TRY(tt_tags_scan(&t, d, TT_TAGS_HTML, e));
 *     t.token[i].kind, .begin, .end, .name, .pair
 *
 * Tokens cover the document without a gap. Mistakes become notes: a tag that does not end, an
 * element that is not closed, an end without a beginning. What cannot be read is one token of kind
 * TT_TOKEN_OTHER.
 */
#ifndef TT_MARKUP_TAGS_H
#define TT_MARKUP_TAGS_H

#include <stdbool.h>

#include "markup/markup.h"

enum {
    TT_TOKEN_TEXT,
    TT_TOKEN_OPEN,
    TT_TOKEN_CLOSE,
    TT_TOKEN_EMPTY, /* <br/>, and in HTML <br> */
    TT_TOKEN_CDATA, /* with its brackets */
    TT_TOKEN_OTHER  /* comments, declarations, instructions, and what is broken */
};

enum { TT_TAGS_XML, TT_TAGS_HTML };

typedef struct tt_token {
    size_t begin, end;
    size_t name; /* where the name begins, */
    size_t pair; /* the other half's number, or TT_NO_KEY */
    uint32_t name_len;
    uint8_t kind;
} tt_token;

typedef struct tt_tokens {
    tt_token *token; /* (count) */
    size_t count, cap;
} tt_tokens;

int tt_tags_scan(tt_tokens *t, tt_doc *d, int how, tt_err *e);

/* 1 if the token's name is one of `names`, which blanks divide. HTML's in any case of letters. */
bool tt_token_is(const tt_doc *d, const tt_token *t, const char *names);

/* The value of an attribute, without quotes; len 0 and text NULL: not there. *quote: " or ' or
   0. */
tt_span tt_token_attribute(const tt_doc *d, const tt_token *t, const char *name, char *quote);

/* Steps through the attributes of a tag: 1 with the next one, 0 at the end. *at: 0 at first. */
int tt_token_next(const tt_doc *d, const tt_token *t, size_t *at, tt_span *name, tt_span *value,
                  char *quote);

bool tt_same_name(tt_span a, const char *name); /* in any case of letters */

#endif
