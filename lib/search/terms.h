/* terms.h: translations that contain given words where the source words are translated: constrained
 * beam search with dynamic beam allocation (Post and Vilar 2018), whose terms begin where the
 * attention says.
 *
 * A term has forms (as it stands in the glossary, with a capital, behind an opening mark, …); any
 * of them will do, as whole words. A hypothesis begins one at a step at which it looks at the
 * term's source tokens, more than at those of any other term that is open; elsewhere only where the
 * model itself finds the word likeliest. Hypotheses of a step compete only with those that have
 * said as much of their terms: the beam is shared out to these banks. A form that is left half
 * said, or that is not followed by the end of a word, does not count; nor does a term whose source
 * tokens are looked at for a second word. A hypothesis that lacks a term ends where its likeliest
 * token is the end, and is worth less than one that lacks fewer: a term for which no place was
 * found is left out, and not tacked on.
 */
#ifndef TT_SEARCH_TERMS_H
#define TT_SEARCH_TERMS_H

#include "search/beam.h"

struct tt_steer;
struct tt_steer_row;
struct tt_continuation;

enum {
    TT_TERMS_MAX = 256,  /* in one sentence */
    TT_FORMS_MAX = 1024, /* of them all */
    TT_LOOKED_AGAIN =
        0x8000, /* and a term's number from 0: at the source tokens of one that was said */
    TT_LOOKED_ANY = 0xffff /* in place of a term's number: any term may begin */
};

/* What a token is at its ends, in bits. */
enum {
    TT_EDGE_BEGINS = 1, /* a word begins with it, behind a blank */
    TT_EDGE_MARK = 2,   /* its first character is of no word */
    TT_EDGE_AFTER = 4,  /* its last character is of no word: what follows begins one */
    TT_EDGE_OPENS = 8,  /* that is an opening mark: what follows does so without a blank */
    TT_EDGE_SHORT = 16  /* it may be a whole word of four letters or fewer */
};

typedef struct tt_term_form {
    const int32_t *ids; /* (count), not empty */
    int count, term;
    int bare;  /* 1: its word begins without a blank */
    int where; /* TT_FORM_…: where in the translation a search begins it; found it is anywhere */
} tt_term_form;

enum { TT_FORM_ANYWHERE, TT_FORM_FIRST, TT_FORM_LATER }; /* as the first word or not */

typedef struct tt_term {
    int from, to;     /* its source tokens, from … to-1; none: anywhere will do */
    int length;       /* of the longest of its forms */
    const char *name; /* for messages, borrowed */
    int words;        /* of its source side; 0 counts as 1 */
} tt_term;

/* What a translation must contain. Borrowed. */
typedef struct tt_terms {
    const tt_term *term;      /* (count) */
    const tt_term_form *form; /* (forms) */
    const uint8_t *edge;      /* (V) of the target's tokens; NULL: each is a word */
    int count, forms;         /* 1 … TT_TERMS_MAX, … TT_FORMS_MAX */
    int tokens;               /* Σ length */
    int left_out;             /* terms of the sentence beyond these limits */
} tt_terms;

/* Which terms stand in ids (count, without the end) as whole words: found[i] of each becomes 1 or
   0, and at[2 i] … at[2 i + 1] - 1 are its tokens; at may be NULL. Returns how many. */
int tt_terms_find(const tt_terms *t, const int32_t *ids, int count, unsigned char *found,
                  int32_t *at);

/* 1 if the form's word may come behind the tokens. */
int tt_terms_fits(const tt_terms *t, const tt_term_form *form, const int32_t *ids, int count);

/* The beam that a sentence with these terms needs: every bank has a place, as far as TT_BEAM_MAX
 * goes. */
int tt_terms_width(const tt_terms *t, int beam);

/* As tt_steer_choose, for rows that hold log p and have no token left that may not be chosen. */
int tt_terms_choose(struct tt_continuation *list, const struct tt_steer *s,
                    const struct tt_steer_row *rows, int count);

#endif
